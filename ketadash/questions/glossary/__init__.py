"""What do the words mean?"""
