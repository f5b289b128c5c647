"""Every error that ketadash raises on purpose.

A message says what is wrong, where, and what to do about it; it names participants and days, never their values.
"""


class KetadashError(Exception):
    """Base of all errors that a reader of the page or the command line is meant to see."""


class DataError(KetadashError):
    """The file, or what it holds, cannot be analysed as it is."""


class SpecError(KetadashError):
    """The chosen options contradict each other or the data."""


class FitError(KetadashError):
    """A model could not be estimated at all (never raised for a fit that merely has doubts)."""


class StoppedError(KetadashError):
    """Work was given up on purpose: its reader pressed Stop, or left."""
