"""What if the missing days were otherwise?"""

from ketadash.ui import page

page.run("missing_days")
