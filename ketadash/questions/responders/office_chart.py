"""Responders as a chart that office software can edit: the share at each rung or above, with its interval."""

from __future__ import annotations

import itertools

from ketadash.core.numbers import level, percent
from ketadash.questions.responders import words
from ketadash.questions.shared.office_chart import Axis, Chart, Series, arm_names, percent_axis
from ketadash.questions.shared.office_chart_forest import interval_ends
from ketadash.results import Estimate
from ketadash.results.endpoints import Ladder, ResponderCurve


def ladder(result: Ladder) -> tuple[Chart, ...]:
    """A point a rung and arm; none without a rung."""
    if not result.rungs:
        return ()
    series, rows = list[Series](), len(result.rungs)
    for k, (arm, ink) in enumerate(arm_names(result.arms).items()):
        each = [r.arms[k] for r in result.rungs]
        shares = [Estimate(a.value or 0.0, a.ci_low, a.ci_high) for a in each]
        values, minus, plus = interval_ends(shares)
        at = tuple(rows - i + (0.12 if k else -0.12) for i in range(rows))
        series.append(
            Series(arm, values, at, "points", ink.colour, symbol=ink.symbol, minus=minus, plus=plus, along="x")
        )
    texts = tuple(f"{r.label}: {' v '.join(percent(a.value) for a in reversed(r.arms))}" for r in result.rungs)
    at = tuple(rows - i + 0.4 for i in range(rows))
    series.append(
        Series("Rung", (0.0,) * rows, at, "texts", arm_names(result.arms)[result.arms[1]].colour, texts=texts)
    )
    key = f"Share at the rung or above; bars: {level(result.confidence)}."
    return (Chart(percent_axis("Participants"), Axis("", 0.4, rows + 0.8, 1.0, hidden=True), tuple(series), key),)


def curve(c: ResponderCurve) -> tuple[Chart, ...]:
    """The share at every cut, as corners of a step curve."""
    series = []
    for (arm, ink), steps in zip(arm_names(c.arms).items(), c.curves, strict=True):
        x, y = [steps[0].cut], [steps[0].share]
        for before, now in itertools.pairwise(steps):
            x += [now.cut, now.cut] if not c.good else [before.cut, now.cut]
            y += [before.share, now.share] if not c.good else [now.share, now.share]
        series.append(Series(arm, tuple(x), tuple(y), "line", ink.colour, dash=ink.dash, label=arm))
    top = max((s.cut for steps in c.curves for s in steps), default=1.0) or 1.0
    form = "0%" if c.unit == "percent" else "General"
    x_axis = Axis(words.curve_axis(c), 0.0, top, None, form)
    return (Chart(x_axis, percent_axis("Participants"), tuple(series), words.curve_legend(c)),)
