"""Who were they, and who stayed?"""
