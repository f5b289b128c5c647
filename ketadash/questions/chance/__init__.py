"""Could chance alone have given this?"""
