"""What do the words mean?"""

from ketadash.ui import page

page.run("glossary")
