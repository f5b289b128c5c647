"""Did the chance of a heavy drinking day grow?"""

from ketadash.ui import page

page.run("heavy_drinking")
