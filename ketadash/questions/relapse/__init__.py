"""How long until relapse?"""
