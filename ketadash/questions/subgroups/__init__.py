"""Does the effect differ between kinds of people?"""
