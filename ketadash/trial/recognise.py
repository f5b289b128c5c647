"""Which column is which: names that mean the same, and words that mean a control arm, a sex or a test result."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

# Canonical name first; among several present the earliest listed wins and the rest stay ordinary columns.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "participant_id": ("participant_id", "participant", "participantid", "subject_id", "subject", "subjectid",
                       "usubjid", "subjid", "patient_id", "patient", "record_id", "pid", "ptid", "id"),
    "arm": ("arm", "treatment", "treatment_arm", "treatment_group", "study_arm", "trt", "trt01p", "group", "condition",
            "allocation"),
    "day": ("day", "study_day", "studyday", "day_number", "dayno", "dy", "ady"),
    "sex": ("sex", "gender"),
    "etg_positive": ("etg_positive", "etg_result", "etg_pos"),
    "baseline_heavy_days": ("baseline_heavy_days", "baseline_heavy_drinking_days", "baseline_hdd"),
}  # fmt: skip
AMOUNTS = ("drinks", "standard_drinks", "n_drinks", "num_drinks", "number_of_drinks", "drinks_per_day", "std_drinks",
           "total_drinks", "alcohol_drinks", "tlfb_drinks", "drinks_consumed")  # fmt: skip
_BASELINES = ("baseline_{}", "baseline_{}_days", "{}_baseline")
_DRINK_BASELINES = ("baseline_drinks", "baseline_standard_drinks", "drinks_baseline", "baseline_drinks_per_day")
_CONTROL = re.compile(
    r"placebo|control|midazolam|saline|sham|usual|comparator|dummy|vehicle|wait|(^|[^a-z])(tau|pbo|standard)([^a-z]|$)"
)
EMPTY = frozenset(("", "na", "n/a", "nan", "null", "none", "."))  # R writes NA, SAS a point
SEXES = {"f": "F", "female": "F", "woman": "F", "women": "F", "m": "M", "male": "M", "man": "M", "men": "M"}
TESTS = {**dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "positive", "pos", "+"), 1.0),
         **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "negative", "neg", "-"), 0.0)}  # fmt: skip


def snake(name: str) -> str:
    """A column name in one form: ``" Standard Drinks"`` → ``"standard_drinks"``."""
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


def renaming(columns: Iterable[str]) -> dict[str, str]:
    """``{column in the file: canonical name}`` for every column recognised under another name."""
    present = list(columns)
    found = {}
    for canonical, names in SYNONYMS.items():
        name = next((n for n in names if n in present), canonical)
        if name in present and name != canonical:
            found[name] = canonical
    return found


def amount_column(columns: Iterable[str]) -> str | None:
    """The column of daily amounts, or None if no name is recognised."""
    present = set(columns)
    return next((n for n in AMOUNTS if n in present), None)


def baseline_column(columns: Iterable[str], amount: str) -> str | None:
    """The baseline covariate that goes with `amount`, or None if no name is recognised."""
    present = set(columns)
    names = [b.format(amount) for b in _BASELINES]
    # Baseline drinks adjust a trial of drinks, whatever its column is called, but not one of opioid days.
    names += _DRINK_BASELINES if amount in AMOUNTS else ()
    return next((n for n in names if n in present), None)


def control_arm(arms: Iterable[str]) -> str | None:
    """The one arm whose name says that it is the control; None if none or several do."""
    named = [arm for arm in arms if _CONTROL.search(arm.lower())]
    return named[0] if len(named) == 1 else None


def near(name: str, present: Iterable[str]) -> str:
    """``" (did you mean 'x'?)"`` when a name like `name` is there, else an empty text."""
    close = difflib.get_close_matches(name, list(present), n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


def natural_order(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts P2 before P10."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((0, int(p), "") if p.isdigit() and p.isascii() else (1, 0, p) for p in parts if p)
