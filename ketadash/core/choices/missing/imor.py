"""A missing day is drawn from the model of the reported days, its odds multiplied by what the reader assumes."""

from __future__ import annotations

from ketadash.core.choices.entry import Entry
from ketadash.core.choices.missing.rule import Rule, leave_unknown

RULE = Rule(
    word="imor",
    link="dial",
    label="imputed (like reported)",
    stop="like reported (MAR)",
    own_button=True,
    help="drawn from the model, more or less often abstinent than reported days.",
    missing_day="missing days are imputed from the model",
    assumes="A day without a report is drawn from the model of the reported days, its odds of {good} multiplied by "
    "{imor_control} in the control arm and {imor_active} in the active arm (1: unreported days were like reported "
    "ones, given the rest of the person's record)",
    strategy="Hypothetical: what would have been, had people gone on reporting, if their odds of abstinence on "
    "unreported days were the dial's multiples of what their record says (missing at random at 1). Multiple "
    "imputation.",
    methods=". The odds of {good} on a missing day were those on a like known day of the same participant multiplied "
    "by an informative-missingness odds ratio of {imor_control} with {control} and {imor_active} with "
    "{active}{at_random} {{imor}}.",
    fill=leave_unknown,
    r="y[d$missing] <- NA  # missing days are drawn below",
    sas="",
    glossary=Entry(
        "Informative-missingness odds ratio (IMOR)",
        "How the odds of abstinence on a missing day compare with those on a reported day of the same person: 0 is "
        "drinking, 1 alike, infinity abstinent.",
        ("IMOR", "informative-missingness odds ratio"),
        "imputation",
    ),
    imputed=True,
    dial=("1", "1"),
)
