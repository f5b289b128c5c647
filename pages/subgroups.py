"""Does the effect differ between kinds of people?"""

from ketadash.ui import page

page.run("subgroups")
