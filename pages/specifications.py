"""Does the answer depend on our choices?"""

from ketadash.ui import page

page.run("specifications")
