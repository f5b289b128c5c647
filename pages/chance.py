"""Could chance alone have given this?"""

from ketadash.ui import page

page.run("chance")
