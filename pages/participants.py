"""Who were they, and who stayed?"""

from ketadash.ui import page

page.run("participants")
