"""How is it computed?"""
