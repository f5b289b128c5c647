"""Curves of the share without the event as a chart that office software can edit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from ketadash.core.choices.endpoint import definition_of
from ketadash.core.numbers import level
from ketadash.questions.relapse import figure as survival_figure
from ketadash.questions.shared.office_chart import Chart, Series, arm_names, day_axis, days_of, percent_axis
from ketadash.questions.shared.theme import ArmInk
from ketadash.results import SurvivalPoint, TimeToEvent


def survival(result: TimeToEvent) -> Chart:
    """Steps, censoring marks, the interval as thin steps, and the numbers at risk as a table."""
    arms = (result.arms[0].arm, result.arms[1].arm)
    series: list[Series] = []
    for arm, ink in arm_names(arms).items():
        points = [p for p in result.curve if p.arm == arm]
        for end in ("low", "high"):
            series += _step_edges(points, f"{arm}, {level(result.confidence)} {end}", end, ink)
        x, y = steps(points)
        series.append(Series(arm, x, y, "line", ink.colour, ink.dash, ink.symbol, label=arm))
        left = [p for p in points if p.censored]
        if left:
            series.append(
                Series(
                    f"{arm}, censored",
                    days_of(left),
                    tuple(p.survival for p in left),
                    "points",
                    ink.colour,
                    symbol="plus",
                )
            )
    axis_title = definition_of(result.endpoint).still_free
    axis_title = axis_title.format(without=result.terms.without, heavy=result.terms.heavy_day)
    first, last = survival_figure.days_of(result)
    key = f"Steps: {result.method}; thin steps: {level(result.confidence)}; plus signs: censored."
    axis = day_axis(first, last)
    days = list(range(first, last + 1, int(axis.step or 1)))
    return Chart(axis, percent_axis(axis_title), tuple(series), key, counts=_counts(result, arms, days))


def steps(points: Sequence[SurvivalPoint]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The corners of a step curve: level to the next day, then down."""
    x, y = [float(points[0].day)] if points else [], [points[0].survival] if points else []
    for before, now in pairwise(points):
        x += [float(now.day), float(now.day)]
        y += [before.survival, now.survival]
    return tuple(x), tuple(y)


def _step_edges(points: Sequence[SurvivalPoint], name: str, end: str, ink: ArmInk) -> list[Series]:
    """A limit of the band as steps, one series for each unbroken run of days on which it exists."""
    cells = [(a.day, b.day, getattr(a, f"ci_{end}")) for a, b in pairwise(points)]
    edges = []
    for known, run in groupby(cells, key=lambda cell: cell[2] is not None):
        if known:
            flat = [(float(day), value) for start, stop, value in run for day in (start, stop)]
            edges.append(Series(name, tuple(d for d, _ in flat), tuple(v for _, v in flat), "edge", ink.colour))
    return edges


def _counts(result: TimeToEvent, arms: tuple[str, str], days: list[int]) -> tuple[tuple[str, ...], ...]:
    """Rows of the table of numbers at risk, headed by the days."""
    rows = [("At risk", *map(str, days))]
    for arm in arms:
        at_risk = survival_figure.at_risk_table(result.curve, arm, days)
        rows.append((arm, *(f"{n:.0f}" if float(n).is_integer() else f"{n:.1f}" for n, *_ in at_risk)))
    return tuple(rows)
