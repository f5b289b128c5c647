"""What if the missing days were otherwise?"""
