"""Do we get what was printed?"""

from ketadash.ui import page

page.run("paper")
