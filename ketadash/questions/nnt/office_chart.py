"""The number needed to treat as a chart that office software can edit."""

from __future__ import annotations

from ketadash.core.numbers import level
from ketadash.questions.nnt import words
from ketadash.questions.shared import theme
from ketadash.questions.shared.office_chart import PERCENT, Axis, Chart, Series, whole_tenths
from ketadash.results import NntResult


def nnt(result: NntResult) -> Chart:
    """Three risk differences with their intervals, each with its number needed to treat in words."""
    rows = [n for n in (result.observed, result.observed_last_day, result.modelled) if n.risk_difference is not None]
    text = theme.LIGHT.text
    at = [float(len(rows) - i) for i in range(len(rows))]
    ends = [v for n in rows for v in (n.ci_low, n.ci_high, n.risk_difference) if v is not None]
    low, high = whole_tenths(min([*ends, -0.1]), max([*ends, 0.1]))
    points = Series(
        "Risk difference",
        tuple(n.risk_difference or 0.0 for n in rows),
        tuple(at),
        "points",
        text,
        symbol="diamond",
        minus=tuple(
            (n.risk_difference or 0.0) - (n.ci_low if n.ci_low is not None else n.risk_difference or 0.0) for n in rows
        ),
        plus=tuple(
            (n.ci_high if n.ci_high is not None else n.risk_difference or 0.0) - (n.risk_difference or 0.0)
            for n in rows
        ),
        along="x",
    )
    labels = Series(
        "What it is",
        (low,) * len(rows),
        tuple(a + 0.3 for a in at),
        "texts",
        text,
        texts=tuple(f"{n.what.capitalize()}: {n.text}" for n in rows),
    )
    control, active = result.arms
    key = f"Right of 0%: more abstinent with {active}. Bars: {level(result.confidence)}; NNT = 1 / risk difference."
    return Chart(
        Axis(words.difference_axis(active, control), low, high, 0.1 if high - low <= 1 else 0.2, PERCENT),
        Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True),
        (points, labels),
        key,
        zero=0.0,
    )
