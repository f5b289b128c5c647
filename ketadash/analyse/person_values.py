"""Everybody's endpoints read off the days, which days each takes, and why one is not given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.memo import remembered
from ketadash.analyse.person_days import People, Read, person_days
from ketadash.core.choices.person_endpoint import ENDPOINTS as EVERY
from ketadash.core.choices.person_endpoint.definition import Definition, PersonDays
from ketadash.core.choices.person_endpoint.who_levels import level_after
from ketadash.core.families import ENDPOINTS
from ketadash.core.findings import counted
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Panel, Trial

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Each participant's endpoints by key, (k, G), NaN where not known; the same with unknown amounts set either way.

    `known_days` (k, G) are those with an amount, `days_of_amounts` (k, G) these and those of an unknown one; `after`
    (k, G) and `before` (G,) are WHO levels; `boundless` (G,) tells who has a missing day there that counts as use.
    """

    panel: Panel
    people: People
    values: dict[str, Array]
    lowest: dict[str, Array] | None
    highest: dict[str, Array] | None
    eligible: dict[str, NDArray[np.bool_]]
    known_days: Array
    days_of_amounts: Array
    after: Array
    before: Array
    n_unmeasured: int
    n_without_amount: int
    boundless: NDArray[np.bool_]
    trouble: str = ""


@remembered(ENDPOINTS)
def values_of(trial: Trial, spec: AnalysisSpec) -> Values:
    """Everybody's endpoints."""
    return read_off(person_days(trial, spec))


def read_off(read: Read) -> Values:
    """Everybody's endpoints from their days."""
    days = read.days
    missing = np.isnan(read.panel.amount)
    return Values(
        read.panel,
        read.people,
        _each(days),
        None if read.lowest is None else _each(read.lowest),
        None if read.highest is None else _each(read.highest),
        {key: d.eligible(days) for key, d in EVERY.items()},
        np.isfinite(days.amount).sum(axis=-1).astype(float),
        (np.isfinite(days.amount) | days.unmeasured).sum(axis=-1).astype(float),
        level_after(days),
        days.before,
        int(read.panel.overridden.sum()),
        int((missing & np.isinf(days.amount[0])).sum()),
        np.asarray(np.isinf(days.amount[..., -days.assessed :]).any(axis=(0, -1))),
        read.trouble,
    )


def _each(days: PersonDays) -> dict[str, Array]:
    return {key: np.asarray(d.value(days), dtype=float) for key, d in EVERY.items()}


def words(p: Panel, window: tuple[int, int], v: Values) -> dict[str, str]:
    """What stands in the texts of a definition."""
    before = v.people.before.days
    return {
        "day": p.terms.day,
        "heavy": p.terms.heavy_day,
        "use": p.terms.use,
        "many": p.terms.many,
        "days": _span(window),
        "before": "the days before treatment" if before is None else _span(before),
    }


def in_words(d: Definition, p: Panel, spec: AnalysisSpec, v: Values) -> dict[str, str]:
    """The same for one definition; the days that it would need where the window has fewer."""
    texts = words(p, window_of(d, p, spec), v)
    return texts | {"days": f"the last {d.last} days"} if d.last > len(p.days) else texts


def _span(window: tuple[int, int]) -> str:
    text = f"days {window[0]} to {window[1]}" if window[1] > window[0] else f"day {window[0]}"
    return text.replace("-", "\u2212")


def window_of(d: Definition, p: Panel, spec: AnalysisSpec) -> tuple[int, int]:
    """The first and the last day that an endpoint takes."""
    n, first = len(p.days), 0
    if d.last:
        first = max(n - d.last, 0)
    if d.assesses and spec.assessment_days:
        first = max(n - spec.assessment_days, 0)
    if d.forgives:
        first = max(first, spec.grace)
    return int(p.days[first]), int(p.days[-1])


def withheld(d: Definition, v: Values, spec: AnalysisSpec) -> str:
    """Why an endpoint is not given; "" where it is."""
    p = v.panel
    if d.heavy and not p.can_tell_heavy:
        return f"not given: the amounts cannot tell a {p.terms.heavy_day}"
    if d.amounts and not p.can_tell_heavy:
        return f"not given: '{spec.amount}' says whether there was use, not how much"
    if d.baseline and not p.terms.alcohol:
        return f"not given: WHO risk levels are not defined for {p.terms.many}"
    if d.baseline and v.people.before.days is None:
        return f"not given: no day before treatment has an amount in '{spec.amount}', so nobody's level before is known"
    if d.last > len(p.days):
        return f"not given: the window has {counted(len(p.days), 'day')}, fewer than {d.last}"
    return f"not given: {v.trouble}" if v.trouble else ""
