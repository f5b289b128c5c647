"""A trial, from files to the table of participants × days."""

from ketadash.core.findings import Check
from ketadash.trial.load import Reading, attempt, load, load_sample, outside, validate
from ketadash.trial.model import Declared, Described, Trial
from ketadash.trial.panel import Panel, panel
from ketadash.trial.recipe import Recipe
from ketadash.trial.resolve import amount_columns, baseline_columns, resolve, test_column, test_columns

__all__ = [
    "Check",
    "Declared",
    "Described",
    "Panel",
    "Reading",
    "Recipe",
    "Trial",
    "amount_columns",
    "attempt",
    "baseline_columns",
    "load",
    "load_sample",
    "outside",
    "panel",
    "resolve",
    "test_column",
    "test_columns",
    "validate",
]
