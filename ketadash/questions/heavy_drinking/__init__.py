"""How likely was a heavy drinking day?"""
