"""How is it computed?"""

from ketadash.ui import page

page.run("methods")
