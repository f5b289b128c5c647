"""A trial, from files to the table of participants × days."""

from ketadash.findings import Check
from ketadash.trial.load import load, load_sample, validate
from ketadash.trial.model import Declared, Described, Trial
from ketadash.trial.panel import Panel, panel
from ketadash.trial.resolve import amount_columns, baseline_columns, resolve

__all__ = [
    "Check",
    "Declared",
    "Described",
    "Panel",
    "Trial",
    "amount_columns",
    "baseline_columns",
    "load",
    "load_sample",
    "panel",
    "resolve",
    "validate",
]
