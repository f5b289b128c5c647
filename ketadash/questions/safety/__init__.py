"""What else happened?"""
