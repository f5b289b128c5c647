"""The endpoints as a chart that office software can edit: those that are shares, on one scale."""

from __future__ import annotations

from ketadash.core.numbers import level
from ketadash.questions.endpoints import words
from ketadash.questions.shared import theme
from ketadash.questions.shared.office_chart import Axis, Chart, Series, whole_tenths
from ketadash.questions.shared.office_chart_forest import interval_ends
from ketadash.results.endpoints import Endpoints


def endpoints(result: Endpoints) -> tuple[Chart, ...]:
    """The shares of people and days, a row each; none where no share is given."""
    rows = [e for e in result.each if e.unit == "percent" and e.difference.estimate is not None]
    if not rows:
        return ()
    gaps = [e.difference for e in rows]
    ends = [v for gap in gaps for v in (gap.ci_low, gap.ci_high, gap.estimate) if v is not None]
    low, high = whole_tenths(min([*ends, -0.1]), max([*ends, 0.1]))
    at = tuple(float(len(rows) - i) for i in range(len(rows)))
    values, minus, plus = interval_ends(gaps)
    text = theme.LIGHT.text
    points = Series("Difference", values, at, "points", text, symbol="circle", minus=minus, plus=plus, along="x")
    labels = Series(
        "Endpoint",
        (low,) * len(rows),
        tuple(a + 0.32 for a in at),
        "texts",
        text,
        texts=tuple(f"{e.label}: {words.gap_text(e)}" for e in rows),
    )
    control, active = result.arms
    step = 0.1 if high - low <= 1 else 0.2
    return (
        Chart(
            Axis(f"Difference, {active} − {control}", low, high, step, "0%"),
            Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True),
            (points, labels),
            f"Bars: {level(result.confidence)}. Amounts are in the table.",
            zero=0.0,
        ),
    )
