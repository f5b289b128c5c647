"""What do the usual endpoints say?"""

from ketadash.ui import page

page.run("endpoints")
