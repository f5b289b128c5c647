"""How many to treat for one more abstinent participant?"""

from ketadash.ui import page

page.run("nnt")
