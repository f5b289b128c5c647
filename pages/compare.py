"""What does it change?"""

from ketadash.ui import page

page.run("compare")
