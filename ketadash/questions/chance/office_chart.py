"""Shuffles, the models' days and who carries a result as charts that office software can edit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ketadash.core.numbers import level
from ketadash.questions.chance import figure, words
from ketadash.questions.shared import theme
from ketadash.questions.shared.office_chart import Axis, Chart, Series, nice
from ketadash.questions.shared.office_chart_forest import MUTED, TEXT, interval_ends
from ketadash.results.chance import Contrast, Influence, ModelCheck, ModelMeasure, Randomisation

BESIDE, ABOVE = 0.42, 0.6  # how far above its row a text stands, and above a histogram's foot: over its low tail
MOST_RATIO = 8.0  # a ratio further out is drawn at the edge
ARM = theme.LIGHT.arms


def shuffles(r: Randomisation) -> Chart:
    """For each comparison the outline of its histogram, and a diamond where the observed value lies."""
    shown = [c for c in r.contrasts if c.statistic is not None]
    series = list[Series]()
    for k, c in enumerate(reversed(shown), 1):
        x, y = _outline(c, float(k))
        statistic = _inside(c.statistic or 0.0)
        series.append(Series(f"{c.label}, shuffles", x, y, "line", MUTED))
        series.append(
            Series(f"{c.label}, observed", (statistic,), (float(k),), "points", ARM[1].colour, symbol="diamond")
        )
    at = tuple(float(len(shown) - k) + ABOVE for k in range(len(shown)))
    texts = tuple(f"{c.label[:1].upper()}{c.label[1:]}: {words.out_of_100(c)} in 100" for c in shown)
    series.append(Series("Comparison", (-figure.FURTHEST,) * len(shown), at, "texts", TEXT, texts=texts))
    control, active = r.arms
    return Chart(
        Axis(figure.difference_axis(active, control), -figure.FURTHEST, figure.FURTHEST, 1.0, "0"),
        Axis("", 0.9, len(shown) + 1.0, 1.0, hidden=True),
        tuple(series),
        f"Lines: {r.n_done:,} shuffles; diamond: observed; how many in 100 shuffles are as large.",
        zero=0.0,
    )


def _inside(value: float) -> float:
    return float(np.clip(value, -figure.FURTHEST, figure.FURTHEST))


def _outline(c: Contrast, base: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The corners of a histogram that stands on `base`."""
    known = c.draws[~np.isnan(c.draws)]
    counts, edges = np.histogram(np.clip(known, -figure.FURTHEST, figure.FURTHEST), figure.BINS)
    highs = base + figure.TALLEST * counts / max(int(counts.max(initial=0)), 1)
    x = np.repeat(edges, 2)
    y = np.concatenate([[base], np.repeat(highs, 2), [base]])
    return tuple(map(float, x)), tuple(map(float, y))


def model_check(rows: Sequence[tuple[ModelCheck, ModelMeasure, str]]) -> Chart:
    """What was observed over what the model expects, a row a measure, and where the model's own days lie."""
    ratios = [tuple(min(v, MOST_RATIO) for v in figure.ratios(m)) for _, m, _ in rows]
    _, high_end, step = nice(0.0, max([v for three in ratios for v in three] + [1.5]))
    series = list[Series]()
    for k, ((_, _, label), (observed, low, high)) in enumerate(zip(rows, ratios, strict=True)):
        at, outside = float(len(rows) - k), not low <= observed <= high
        colour = ARM[0].colour if outside else TEXT
        series.append(Series(f"{label}, the model's own", (low, high), (at, at), "line", MUTED))
        series.append(Series(f"{label}, observed", (observed,), (at,), "points", colour, symbol="diamond"))
    texts = tuple(f"{label}: {words.value(m, m.observed)} v {words.value(m, m.expected)}" for _, m, label in rows)
    at_rows = tuple(len(rows) - k + BESIDE for k in range(len(rows)))
    series.append(Series("Measure", (0.0,) * len(rows), at_rows, "texts", TEXT, texts=texts))
    return Chart(
        Axis(figure.RATIO_AXIS, 0.0, high_end, step),
        Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True),
        tuple(series),
        "Lines: where the model's own days lie 95 of 100 times. Diamonds: observed, in colour where outside.",
        zero=1.0,
    )


def influence(r: Influence) -> Chart:
    """The estimates without each participant, sorted, and the one with everybody as a line."""
    shown = [w for w in r.without if w.estimate.estimate is not None]
    shown.sort(key=lambda w: float(w.estimate.estimate or 0.0))
    ratio = r.null == 1.0
    series = list[Series]()
    for changes, name, symbol, colour in (
        (False, "Without one participant", "circle", MUTED),
        (True, "Without one participant, and the conclusion changes", "diamond", ARM[0].colour),
    ):
        kept = [(k, w) for k, w in enumerate(shown, 1) if (w.participant in r.changes_conclusion) == changes]
        if kept:
            values, minus, plus = interval_ends([w.estimate for _, w in kept])
            x = tuple(float(k) for k, _ in kept)
            series.append(Series(name, x, values, "points", colour, symbol=symbol, minus=minus, plus=plus))
    if r.full.estimate is not None:
        x, y = (0.0, len(shown) + 1.0), (r.full.estimate, r.full.estimate)
        series.append(Series("With everybody", x, y, "line", ARM[1].colour, "5px,3px"))
    ends = [v for s in series for v in s.y]
    ends += [y - low for s in series for y, low in zip(s.y, s.minus, strict=False)]
    ends += [y + high for s in series for y, high in zip(s.y, s.plus, strict=False)]
    low, high, step = nice(min([*ends, r.null]), max([*ends, r.null]))
    return Chart(
        Axis("Left out, sorted", 0, len(shown) + 1, None, "0"),
        Axis(f"{r.label[:1].upper()}{r.label[1:]}", low, high, step, "General" if ratio else "0%"),
        tuple(series),
        f"Bars: {level(r.confidence)}. Dashed line: with everybody. Diamonds: the conclusion changes.",
        zero=r.null,
    )
