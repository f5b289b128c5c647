"""What do you want to take away?"""

from ketadash.ui import page

page.run("report")
