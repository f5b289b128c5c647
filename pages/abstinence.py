"""Were people abstinent on more days?"""

from ketadash.ui import page

page.run("abstinence")
