"""Parts that only a web page can have, and what goes on in the background for a page."""
