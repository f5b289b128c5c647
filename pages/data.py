"""Use my own trial."""

from ketadash.ui import page

page.run("data")
