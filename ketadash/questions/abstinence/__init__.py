"""Were people abstinent on more days?"""
