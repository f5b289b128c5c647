"""How long until relapse?"""

from ketadash.ui import page

page.run("relapse")
