"""Does the answer depend on our choices?"""
