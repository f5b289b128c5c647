"""What if missing days were counted differently?"""

from ketadash.ui import page

page.run("missing_days")
