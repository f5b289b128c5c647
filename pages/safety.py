"""What else happened?"""

from ketadash.ui import page

page.run("safety")
