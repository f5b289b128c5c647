"""Who did better, by how much, and how sure are we?"""
