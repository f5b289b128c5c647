"""Steps of reading a file, one module each: what a program that exports files does to days, and how it is undone."""
