"""What do the usual endpoints say?"""
