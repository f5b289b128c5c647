"""Parts of a page that no file can have, such as dials and forms, and the long work that a page starts."""
