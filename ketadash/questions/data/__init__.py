"""Use my own trial."""
