"""Who responded, by every usual definition?"""
