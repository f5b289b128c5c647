"""Who responded?"""

from ketadash.ui import page

page.run("responders")
