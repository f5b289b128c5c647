"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from dataclasses import replace

from ketadash import analyse
from ketadash.core.choices.endpoint import definition_of
from ketadash.core.findings import lowered
from ketadash.core.spec import AnalysisSpec, DropoutRule
from ketadash.questions.relapse import proportional
from ketadash.questions.shared.code_numbers import EVENTS, INTERVAL, Number, adjusted_numbers, quoted, tests
from ketadash.results import TimeToEvent
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """Tests, hazard ratios and restricted means of every endpoint, as the Code tab lists them."""
    every = analyse.time_to_event(trial, spec).items()
    return tuple(number for name, r in every if r is not None for number in _of_endpoint(trial, spec, name, r))


def _of_endpoint(trial: Trial, spec: AnalysisSpec, name: str, r: TimeToEvent) -> list[Number]:
    base, path, label = f"{EVENTS}[{name!r}]", f".time_to_event.{name}", definition_of(name).label.capitalize()
    numbers_of_endpoint = tests(label, base, path, name, r.test, DropoutRule(r.dropout))
    if r.cox.proportional is not None and r.cox.proportional.p is not None:
        numbers_of_endpoint.append(
            Number(
                f"{label}: {lowered(proportional.ROW)}",
                f"{base}.cox.proportional",
                ("chi2", "p"),
                "time_to_event",
                f"{path}.cox.proportional",
                ("chi2", "p"),
                "zph",
                name,
                dropout=DropoutRule(r.dropout),
            )
        )
    rmst = Number(
        f"{label}: restricted mean, difference in days to day {r.rmst.tau}",
        f"{base}.rmst.difference",
        (*INTERVAL, "p"),
        "time_to_event",
        f"{path}.rmst.difference",
        (*INTERVAL, "p"),
        "rmst",
        name,
        dropout=DropoutRule(r.dropout),
    )
    gap = Number(
        f"{label}: difference in shares by day {r.window[1]}",
        f"{base}.difference",
        INTERVAL,
        "time_to_event",
        f"{path}.difference_on_last_day",
        INTERVAL,
        "incidence",
        name,
        dropout=DropoutRule(r.dropout),
    )
    medians = [
        Number(
            f"{label}: median day, {a.arm}",
            f"{base}.arms[{k}].median",
            (),
            "time_to_event",
            f"{path}.arms[{quoted(a.arm)}].median",
            (),
            "median",
            name,
            k,
            DropoutRule(r.dropout),
        )
        for k, a in enumerate(r.arms)
    ]
    return [*numbers_of_endpoint, rmst, gap, *medians, *_adjusted(trial, spec, name, label, DropoutRule(r.dropout))]


def _adjusted(trial: Trial, spec: AnalysisSpec, name: str, label: str, dropout: DropoutRule) -> tuple[Number, ...]:
    """The share with the event and the hazard ratio, within strata and adjusted, where such are chosen."""
    result = analyse.adjusted_events(trial, spec).get(name)
    call, path = f"analyse.adjusted_events(trial, spec)[{name!r}]", f".time_to_event.{name}.adjusted"
    shares = tuple(
        replace(number, label=f"{label}: {lowered(number.label)}")
        for number in adjusted_numbers(result, call, path, "time_to_event", dropout)
    )
    if result is None or result.hazard is None or result.hazard.cox.hr is None:
        return shares
    hazard = Number(
        f"{label}: adjusted hazard ratio (Cox)",
        f"{call}.hazard.cox",
        ("hr", "ci_low", "ci_high", "p"),
        "time_to_event",
        f"{path}.hazard_ratio",
        (*INTERVAL, "p"),
        "adjusted hazard",
        name,
        dropout=dropout,
    )
    return (*shares, hazard)
