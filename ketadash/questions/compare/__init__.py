"""How do two states of the analysis compare?"""
