"""Do we get what was printed?"""
