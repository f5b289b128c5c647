"""What a result estimates (ICH E9 addendum R1), from the current choices: attribute by attribute, and in a line."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import definition_of
from ketadash.core.choices.missing import missing_day
from ketadash.core.choices.person_endpoint import ENDPOINTS
from ketadash.core.spec import Estimand, ReadingOfTests
from ketadash.questions.material import Material
from ketadash.questions.shared.words import adjusted
from ketadash.results import BinaryOutcome, TimeToEvent

NONE_MISSING = "no day is missing"
ABSTINENCE, HEAVY, RELAPSE = "abstinence", "heavy", "relapse"  # what a trial may declare as primary


def estimand(m: Material) -> tuple[tuple[str, str], ...]:
    """(attribute, what it is here) pairs."""
    spec, terms = m.spec, m.terms
    assert spec.days is not None
    averaged = (
        "population-averaged: over everybody analysed"
        if spec.estimand is Estimand.POPULATION
        else "of a typical participant (random effect 0), not of the population"
    )
    adjustment = f"adjusted for {terms.baseline}" if spec.adjust else "unadjusted"
    tests = f"a positive {terms.test} overrides reports"
    if not spec.etg:
        tests = f"{terms.test}s are not used"
    elif spec.tested is not ReadingOfTests.DAYS:
        tests = f"a {terms.test} overrides no report"
    return (
        ("Population", f"{_whom(m)[:1].upper()}{_whom(m)[1:]} to the two arms"),
        ("Treatments", f"{spec.active} against {spec.control}, as randomised"),
        ("Endpoint", f"Abstinence ({terms.nothing}) on day {spec.days.last}, modelled over days {spec.days}; {tests}"),
        ("Leaving the study", spec.missing.about.strategy.format(use=terms.use)),
        (
            "Summary measure",
            f"Difference in the probability of abstinence, {averaged}; {adjustment}, {spec.trend.value} in time",
        ),
    )


def of_abstinence(m: Material, result: BinaryOutcome) -> str:
    """Of the modelled difference in abstinence on the last day."""
    how = "difference in the share abstinent"
    if result.estimand == Estimand.TYPICAL:
        how = "difference in a typical participant's chance"
    endpoint = f"abstinence on day {result.window[1]}"
    line = _line(m, ABSTINENCE, endpoint, _missing(m), f"{how}, {adjusted(result.model, result.terms)}")
    return line if m.another_day is None else f"{line} Day {m.another_day} is only looked at."


def of_every_day(m: Material, result: BinaryOutcome) -> str:
    """Of the number needed to treat: observed over all days, modelled on the last."""
    first, last = result.window
    n = last - first + 1
    endpoint = f"abstinence on all {n} days (observed) and on day {last} (modelled)"
    if n == 1:
        endpoint = f"abstinence on day {last} (observed and modelled)"
    return _line(m, ABSTINENCE, endpoint, _missing(m), "difference in the share, and the number needed to treat")


def of_heavy_days(m: Material, result: BinaryOutcome) -> str:
    """Of the arms' trends of heavy days."""
    first, last = result.window
    endpoint = f"a {result.terms.heavy_day} on days {first} to {last}"
    how = f"ratio of the arms' odds ratios per day for one participant, {adjusted(result.model, result.terms)}"
    return _line(m, HEAVY, endpoint, _missing(m, m.terms.heavy_use), how)


def of_times(m: Material, result: TimeToEvent) -> str:
    """Of the time to an event."""
    label = definition_of(result.endpoint).label
    way = DropoutRule(result.dropout).about.way or "followed by imputed days"
    how = f"difference in mean days without it up to day {result.rmst.tau}, and the hazard ratio"
    return _line(m, RELAPSE if result.endpoint == RELAPSE else "", f"days to {label}", f"dropout is {way}", how)


def of_dropout(m: Material, last: int) -> str:
    """Of relapse under each reading of dropout."""
    how = f"difference in the share relapsed by day {last}"
    return _line(m, RELAPSE, "days to relapse", "dropout is taken each way in turn", how)


def of_endpoints(m: Material) -> str:
    """Of the endpoints of each participant, one of which the trial may declare."""
    declared = m.trial.declared.primary
    outcome = declared if declared in ENDPOINTS else ""
    named_text = ENDPOINTS[outcome].key.replace("_", " ") if outcome else "each endpoint in turn"
    return _line(m, outcome or "", named_text, _missing(m), "difference in shares or means, or a ratio of rates")


def of_responders(m: Material) -> str:
    """Of the ladder of responder definitions."""
    return _line(m, "", "the highest rung reached", _missing(m), "difference in the share at a rung or above")


def of_subgroups(m: Material, endpoint: str) -> str:
    """Of the effect within each level of a characteristic."""
    how = "difference within each level; no level is the trial's own question"
    return _line(m, "", endpoint, "missing days and dropout as elsewhere", how)


def of_events(m: Material) -> str:
    """Of adverse events."""
    return _line(m, "", "an adverse event at least once", "events as reported", "difference in the share")


def of_measures(m: Material) -> str:
    """Of the visit measures."""
    how = "weeks without a visit are taken to be like others of the same record"
    return _line(m, "", "each measure by week", how, "difference in the change per week")


VARIED = "each choice makes one of its own; those called supplementary ask another question than the main analysis."
SHARP_NULL = "none: shuffling tests whether anybody's outcome depends on the arm at all."


def named(text: str) -> str:
    """A line that is no single estimand."""
    return f"Estimand: {text}"


def _missing(m: Material, use: str | None = None) -> str:
    spec = m.spec
    if not analyse.panel_of(m.trial, spec).n_missing:
        return NONE_MISSING
    return missing_day(spec.missing, use or m.terms.use).format(control=spec.control, active=spec.active)


def _line(m: Material, outcome: str, endpoint: str, missing: str, how: str) -> str:
    """``Estimand (primary outcome): all 40 randomised; ketamine against midazolam; …``"""
    spec = m.spec
    return (
        f"Estimand ({_primary(m, outcome)}): {_whom(m)}; {spec.active} against {spec.control}, as randomised; "
        f"{endpoint}; {missing}; {how}."
    )


def _primary(m: Material, outcome: str) -> str:
    declared = m.trial.declared.primary
    if declared is None:
        return "the trial declares no primary outcome"
    return "primary outcome" if outcome == declared else "not the primary outcome"


def _whom(m: Material) -> str:
    chosen = m.analysis_set
    return chosen.whom if chosen else f"all {sum(k for _, k in m.arms):,} randomised"
