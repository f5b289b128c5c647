"""Which counts enter a method here, and how our answer compares with R's, in words."""

from __future__ import annotations

from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import percent
from ketadash.questions.nnt.words import NAME as NNT_NAME
from ketadash.results import BinaryOutcome, Counts, Nnt, TimeToEvent
from ketadash.results.comparison_with_r import Comparison

# Each method's name, and its page under docs/methods.
METHODS = {
    "Outcomes": "outcomes",
    "Logistic mixed model": "logistic-mixed-model",
    "Random slopes": "random-slopes",
    "RSPL": "rspl",
    "Separation and the penalised fit": "separation",
    "Population-averaged curves": "population-average",
    "Degrees of freedom": "containment-df",
    "Uncertainty": "uncertainty",
    "Strata and covariates": "strata",
    "Time to event": "time-to-event-definitions",
    "Kaplan–Meier": "kaplan-meier",
    "Log-rank": "log-rank",
    "Cox": "cox",
    "Restricted mean": "rmst",
    NNT_NAME: "nnt",
    "Endpoints": "endpoints",
    "Responders": "responders",
    "Imputation of missing days": "imputation",
    "Tipping points": "tipping",
    "Specification curve": "specification-curve",
    "Competing risks": "competing-risks",
    "Subgroups": "subgroups",
    "More than two arms": "several-arms",
    "Table 1": "table-1",
    "Participant flow": "participant-flow",
    "Visit measures": "visit-measures",
    "Adverse events": "adverse-events",
    "Dissociation": "cadss",
    "Late follow-up": "follow-up",
    "Printed numbers beside ours": "reproduction",
}
NONE = "No comparison is shown for this method; the paragraph below says what it was checked against."


def comparison(c: Comparison) -> str:
    """What the table beside the formula is."""
    apart = sum(not row.agrees for row in c.rows)
    verdict = (
        "Every number is within its tolerance."
        if not apart
        else f"{apart} of {len(c.rows)} numbers are further apart than they may be: do not rely on this installation."
    )
    return f"{c.against}; data: {c.data} ({c.script}). Ours was computed just now. {verdict}"


def binary(result: BinaryOutcome) -> str:
    """Rows, participants and imputations behind a model, and the days of each arm."""
    shares = "; ".join(
        f"{arm} {events(round(sum((o.proportion or 0) * o.n for o in result.observed if o.arm == arm), 1))} of "
        f"{sum(o.n for o in result.observed if o.arm == arm):,} days "
        f"({percent(result.percent_days[arm], 1)})"
        for arm in result.arms
    )
    what = "Abstinent" if result.outcome == "abstinence" else "Heavy"
    m = result.model
    pooled = "" if m.n_imputations is None else f", {m.n_imputations} imputations"
    return (
        f"{what}: {shares}. The model has {m.n_observations:,} rows of {m.n_participants:,} participants{pooled}; "
        f"{filled(result.counts)}; degrees of freedom {m.df}."
    )


def filled(c: Counts) -> str:
    """How many days were filled in, and how many are missing."""
    return f"{c.n_missing:,} days were not reported, {c.n_filled:,} of them filled in"


def survival(result: TimeToEvent) -> str:
    """Events, censored and competing by arm."""
    arms = "; ".join(
        f"{a.arm}: {events(a.events)} events, {events(a.censored)} censored"
        + (f", {a.competing} dropped out first" if a.competing else "")
        + f", of {a.n}"
        for a in result.arms
    )
    return f"{arms}. {result.definition[:1].upper()}{result.definition[1:]}."


def nnt(numbers: tuple[Nnt, ...]) -> str:
    """The counts behind each observed risk difference."""
    sentences = [
        f"{n.what}: " + "; ".join(f"{r.arm} {events(r.events)} of {r.n}" for r in n.counts)
        for n in numbers
        if n.counts is not None
    ]
    return ". ".join(s[:1].upper() + s[1:] for s in sentences) + "."
