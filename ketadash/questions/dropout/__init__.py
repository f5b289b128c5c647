"""What if dropout is not relapse?"""
