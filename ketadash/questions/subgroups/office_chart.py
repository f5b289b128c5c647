"""The forest of subgroups as a chart that office software can edit."""

from __future__ import annotations

from ketadash.core.numbers import level
from ketadash.questions.shared.office_chart import Axis, Chart, Series, whole_tenths
from ketadash.questions.shared.office_chart_forest import TEXT, interval_ends
from ketadash.questions.subgroups import words
from ketadash.results.subgroups import Subgroups


def forest(result: Subgroups) -> Chart:
    """The difference of each level, one a row; a diamond for everyone."""
    rows = [(one, one.level) for one in (*result.levels, result.overall) if one.shown]
    ends = [v for one, _ in rows for v in (one.difference.ci_low, one.difference.ci_high) if v is not None]
    low, high = whole_tenths(min([*ends, -0.1]), max([*ends, 0.1]))
    at = [float(len(rows) - i) for i in range(len(rows))]
    series = []
    for name, kept, symbol in (
        ("Levels", [(a, one) for a, (one, _) in zip(at, rows, strict=True) if one is not result.overall], "circle"),
        ("Everyone", [(a, one) for a, (one, _) in zip(at, rows, strict=True) if one is result.overall], "diamond"),
    ):
        if kept:
            values, minus, plus = interval_ends([one.difference for _, one in kept])
            places = tuple(a for a, _ in kept)
            series.append(
                Series(name, values, places, "points", TEXT, symbol=symbol, minus=minus, plus=plus, along="x")
            )
    texts = tuple(f"{named}: {words.effect(one, result)}" for one, named in rows)
    series.append(Series("Level", (low,) * len(rows), tuple(a + 0.32 for a in at), "texts", TEXT, texts=texts))
    control, active = result.arms
    title = f"Difference in {words.what(result)}, {active} − {control}"
    x = Axis(title, low, high, 0.1 if high - low <= 1 else 0.2, "0%")
    key = f"Bars: {level(result.confidence)}. Diamond: everyone analysed."
    return Chart(x, Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True), tuple(series), key, zero=0.0)
