"""The steps of a reading that have one concept each: what a kind of export does, and how it is undone."""
