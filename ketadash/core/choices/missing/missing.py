"""A missing day is left out."""

from __future__ import annotations

from ketadash.core.choices.entry import Entry
from ketadash.core.choices.missing.rule import Rule, leave_unknown

RULE = Rule(
    word="missing",
    link="missing",
    label="missing",
    stop="left out (MAR)",
    own_button=True,
    help="left out of the analysis.",
    missing_day="missing days are left out",
    assumes="A day without a report is left out: right if unreported days were like reported ones, given the rest of "
    "the person's record",
    strategy="Hypothetical: what would have been, had people gone on reporting, if whoever did not report was like "
    "others with the same arm, baseline and record (missing at random; by likelihood).",
    methods="Missing days were left out; the models then assume that they were missing at random given the arm, the "
    "day, the covariates and the participant's reported days.",
    fill=leave_unknown,
    r="y[d$missing] <- NA  # missing days are left out",
    sas="  if missing then y = .;  /* missing days are left out */",
    glossary=Entry(
        "Missing at random (MAR)",
        "An assumption: missing days are like reported ones, given the rest of that person's record.",
        ("MAR", "missing at random"),
        "imputation",
    ),
    fills=False,
)
