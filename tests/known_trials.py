"""Trials that many tests look at and none changes: in each process one of a kind, with what was computed of it."""

from functools import cache

from ketadash.core import paths
from ketadash.trial import Trial, load, load_sample


@cache
def sample_trial() -> Trial:
    """The sample trial: `load_sample()` gives one nobody has seen."""
    return load_sample()


@cache
def xbot() -> Trial:
    """The real example."""
    return load(paths.example_folder("xbot"))
