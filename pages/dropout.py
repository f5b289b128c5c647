"""What if dropout is not relapse?"""

from ketadash.ui import page

page.run("dropout")
