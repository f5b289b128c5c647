"""ketadash: a two-arm alcohol trial's results, live, under every assumption about its missing days."""

__version__ = "0.1.0"
