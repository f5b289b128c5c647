"""What do you want to take away?"""
