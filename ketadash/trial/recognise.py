"""Which column is which: names that mean the same, and words that mean a control arm, a sex or a test result."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from itertools import islice

from ketadash.core.findings import COLUMNS_SHOWN, listed, short

# Canonical name first; among several present the earliest listed wins and the rest stay ordinary columns.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "participant_id": (
        "participant_id",
        "participant",
        "participantid",
        "subject_id",
        "subject",
        "subjectid",
        "usubjid",
        "subjid",
        "patient_id",
        "patient",
        "record_id",
        "pid",
        "ptid",
        "id",
        "study_id",
        "subject_no",
        "subject_number",
        "participant_no",
        "participant_number",
        "patient_no",
        "patient_number",
        "subj",
        "case_id",
    ),
    "arm": (
        "arm",
        "treatment",
        "treatment_arm",
        "treatment_group",
        "study_arm",
        "trt",
        "trt01p",
        "trtp",
        "group",
        "condition",
        "allocation",
        "randomized_arm",
        "randomised_arm",
        "randomized_group",
        "randomised_group",
        "randomization",
        "randomisation",
        "randomization_arm",
        "randomisation_arm",
        "rand_arm",
        "randomized_to",
        "randomised_to",
        "assigned_arm",
        "assigned_treatment",
        "assigned_group",
        "allocated_arm",
        "allocated_to",
        "treatment_assigned",
        "treatment_name",
        "arm_name",
        "intervention",
        "study_drug",
        "drug",
        "trt01a",
        "trta",
    ),
    "day": ("day", "study_day", "studyday", "day_number", "dayno", "day_no", "dy", "ady", "tlfb_day", "sudy", "sustdy"),
    "sex": ("sex", "gender"),
    "etg_positive": ("etg_positive", "etg_result", "etg_pos"),
    "baseline_heavy_days": ("baseline_heavy_days", "baseline_heavy_drinking_days", "baseline_hdd"),
}
# What only the reading needs: when a calendar date is day 0, and until when somebody was followed.
READING: dict[str, tuple[str, ...]] = {
    # Names that say on which day somebody drank come before those that may be the day on which it was told.
    "date": (
        "drinking_date",
        "date_of_drinking",
        "drink_date",
        "use_date",
        "date_of_use",
        "tlfb_date",
        "tlfb_dt",
        "diary_date",
        "day_date",
        "date",
        "calendar_date",
        "adt",
        "dt",
        "sustdtc",
        "sudtc",
    ),
    "start": (
        "infusion_date",
        "date_of_infusion",
        "treatment_start_date",
        "treatment_start",
        "treatment_date",
        "first_dose_date",
        "dose_date",
        "dosing_date",
        "trtsdt",
        "randomization_date",
        "randomisation_date",
        "date_randomized",
        "date_randomised",
        "rand_date",
        "rfxstdtc",
        "rfstdtc",
        "start_date",
        "day_0_date",
        "day0_date",
    ),
    "end": (
        "followup_end",
        "follow_up_end",
        "end_of_followup",
        "end_of_follow_up",
        "last_followup_day",
        "last_follow_up_day",
        "last_day",
        "last_observed_day",
        "end_day",
        "days_followed",
        "days_observed",
        "end_date",
        "followup_end_date",
        "follow_up_end_date",
        "last_contact_date",
        "last_contact",
        "eosdt",
        "rfpendtc",
    ),
    "parameter": ("paramcd", "parameter_code", "parameter"),
}
AMOUNTS = (
    "drinks",
    "standard_drinks",
    "n_drinks",
    "num_drinks",
    "number_of_drinks",
    "drinks_per_day",
    "std_drinks",
    "total_drinks",
    "alcohol_drinks",
    "tlfb_drinks",
    "drinks_consumed",
    "units",
    "alcohol_units",
    "units_of_alcohol",
    "units_consumed",
    "units_per_day",
    "total_units",
    "uk_units",
    "sdu",
    "grams",
    "grams_alcohol",
    "grams_of_alcohol",
    "alcohol_grams",
    "alcohol_g",
    "ethanol_g",
    "ounces",
    "ounces_of_alcohol",
    "alcohol_ounces",
    "alcohol_oz",
    "drinks_oz",
    "oz",
    "ml_of_alcohol",
    "alcohol_ml",
)
# A daily yes or no, taken where there is no amount.
USES = ("used", "any_use", "use_day", "drank", "any_drinking", "drinking_day", "any_alcohol", "drank_alcohol")
ABSTINENT = ("abstinent", "abstinence", "abstinent_day", "sober", "no_use", "no_drinking")
UNKNOWN_AMOUNT = "use_of_unknown_amount"  # the column that marks days of use whose amount nobody knows, 1 and empty
EVENTS = ("event", "adverse_event", "ae", "ae_term", "aeterm", "aedecod", "preferred_term", "term")
UNIT_OF = {"units": "uk", "grams": "grams"}  # a word in the amount's name → what it counts
_BASELINES = ("baseline_{}", "baseline_{}_days", "{}_baseline")
_DRINK_BASELINES = ("baseline_drinks", "baseline_standard_drinks", "drinks_baseline", "baseline_drinks_per_day")
_CONTROL = re.compile(
    r"placebo|control|midazolam|saline|sham|usual|comparator|dummy|vehicle|wait|(^|[^a-z])(tau|pbo|standard)([^a-z]|$)"
)
EMPTY = frozenset(("", "na", "n/a", "nan", "null", "none", "."))  # R writes NA, SAS a point
SEXES = {
    **dict.fromkeys(("f", "female", "woman", "women", "femme", "femenino", "mujer", "w", "weiblich", "frau"), "F"),
    **dict.fromkeys(("m", "male", "man", "men", "homme", "masculino", "hombre", "männlich", "mann"), "M"),
}
UNKNOWN_WORDS = re.compile(
    r"missing|unknown|refus|declin|withheld|forgot|unsure|illegible|\bskip|unable to|prefer(s|red)? not|"
    r"(do(es)?|did|can|could|would)( not|n.?t|not) (know|recall|remember|answer|say|respond|report)|don.?t know|"
    r"not (done|known|asked|applicable|available|reported|assessed|answered|recorded|sure|stated|collected|given|"
    r"completed|obtained|ascertained|determined)|no (answer|data|response|information|reply|recall|report)",
    re.IGNORECASE,
)  # value labels, and words in place of a number, that mean nothing known
NOT_AN_ARM = re.compile(r"screen.?fail|not (randomi[sz]ed|assigned|treated)|unassigned", re.IGNORECASE)
TESTS = {
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "positive", "pos", "+", "ja", "oui", "si", "sí"), 1.0),
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "negative", "neg", "-", "nein", "non", "nee"), 0.0),
}


_COMPARED = 1_000  # names with which one is compared to find the like
_ORDERED = 200  # characters of an identifier in which numbers are looked for


def snake(name: str) -> str:
    """A column name in one form: ``" Standard Drinks"`` → ``"standard_drinks"``."""
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


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


def near(name: str, present: Iterable[str], cutoff: float = 0.6) -> str:
    """``" (did you mean 'x'?)"`` when a name like `name` is there, else an empty text."""
    compared = [p[:200] for p in islice(present, _COMPARED)]
    close = difflib.get_close_matches(name[:200], compared, n=1, cutoff=cutoff)
    return f" (did you mean '{short(close[0])}'?)" if close else ""


def no_column(name: str, what: str, present: Sequence[str]) -> str:
    """That a column which `what` needs is not there, and what there is."""
    columns = listed(present, most=COLUMNS_SHOWN)
    return f"there is no column '{short(name)}' for {what}; there are: {columns}{near(name, present)}"


def natural_order(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts P2 before P10, and P01 before P1 wherever they stand."""
    parts = re.split(r"([0-9]+)", text[:_ORDERED])
    # Numbers by length and digits: int() refuses to read one of 5,000 digits.
    keys = ((0, len(p.lstrip("0")), p.lstrip("0")) if p.isdigit() and p.isascii() else (1, 0, p) for p in parts if p)
    return (*keys, (-1, 0, text))
