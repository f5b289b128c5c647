"""How many to treat for one more abstinent participant?"""
