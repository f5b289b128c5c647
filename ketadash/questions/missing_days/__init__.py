"""What if missing days were counted differently?"""
