"""Who did better, by how much, and how sure are we?"""

from ketadash.ui import page

page.run("overview")
