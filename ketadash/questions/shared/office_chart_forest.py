"""Rows of estimates with intervals as charts that office software can edit."""

from __future__ import annotations

from ketadash.core.numbers import level, points_interval, points_text, with_points
from ketadash.core.terms import Terms
from ketadash.questions.shared import theme
from ketadash.questions.shared.office_chart import Axis, Chart, Series, percent_axis, whole_tenths
from ketadash.questions.shared.words import DIAMOND
from ketadash.results import Estimate, Sensitivity, SensitivityRow

TEXT, MUTED = theme.LIGHT.text, theme.LIGHT.zero
SHARE = 0.05  # of a range, left free beyond its ends


def forest(result: Sensitivity) -> Chart:
    """The last day's difference under every rule, one a row; hollow the bounds, a square the declared analysis."""
    rows = [r for r in result.rows if r.difference.estimate is not None]
    ends = [
        v for r in rows for v in (r.difference.ci_low, r.difference.ci_high, r.difference.estimate) if v is not None
    ]
    low, high = whole_tenths(min([*ends, -0.1]), max([*ends, 0.1]))
    at = [float(len(rows) - i) for i in range(len(rows))]
    series = []
    for name, kept, colour, symbol in (
        (
            "Sensitivity",
            [(a, r) for a, r in zip(at, rows, strict=True) if not r.published and r.kind != "bound"],
            TEXT,
            "circle",
        ),
        (
            "Bound",
            [(a, r) for a, r in zip(at, rows, strict=True) if r.kind == "bound" and not r.published],
            MUTED,
            "circle",
        ),
        ("Main analysis", [(a, r) for a, r in zip(at, rows, strict=True) if r.published], TEXT, "diamond"),
    ):
        if kept:
            values, minus, plus = interval_ends([r.difference for _, r in kept])
            series.append(
                Series(
                    name,
                    values,
                    tuple(a for a, _ in kept),
                    "points",
                    colour,
                    symbol=symbol,
                    minus=minus,
                    plus=plus,
                    along="x",
                )
            )
    series.append(
        Series(
            "Missing days are",
            (low,) * len(rows),
            tuple(a + 0.42 for a in at),
            "texts",
            TEXT,
            texts=tuple(row_label(r, result.terms) for r in rows),
        )
    )
    control, active = result.arms
    x = Axis(
        f"Difference on day {result.last_day}, {active} − {control}", low, high, 0.1 if high - low <= 1 else 0.2, "0%"
    )
    diamond = "Diamond: the main analysis; g" if any(row.published for row in rows) else "G"
    key = f"Bars: {level(result.confidence)}. {diamond}rey: extremes, to show how far it could go."
    return Chart(x, Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True), tuple(series), key, zero=0.0)


def row_label(row: SensitivityRow, terms: Terms) -> str:
    """A rule with its numbers, called as on the page: ``drinking: 30 points (9–51)``."""
    d = row.difference
    points = points_text(d.estimate or 0.0, d.ci_low, d.ci_high)
    ends = points_interval(d.ci_low, d.ci_high)
    return f"{terms.worded(row.label)}: {with_points(points)} ({ends})"


def agreement(result: Sensitivity) -> Chart:
    """The last day's difference under every specification in rising order."""
    rows = sorted(
        (r for r in result.rows if r.difference.estimate is not None), key=lambda r: r.difference.estimate or 0.0
    )
    named = [("published" if r.published else r.kind, r.difference) for r in rows]
    return in_order(named, result.arms, result.confidence)


def interval_ends(estimates: list[Estimate]) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Estimates and the lengths of their intervals below and above."""
    values = tuple(e.estimate or 0.0 for e in estimates)
    low = tuple(v - (e.ci_low if e.ci_low is not None else v) for v, e in zip(values, estimates, strict=True))
    high = tuple((e.ci_high if e.ci_high is not None else v) - v for v, e in zip(values, estimates, strict=True))
    return values, low, high


def in_order(rows: list[tuple[str, Estimate]], arms: tuple[str, str], confidence: float) -> Chart:
    """Estimates of many specifications side by side, the declared analysis as a diamond."""
    ends = [v for _, e in rows for v in (e.ci_low, e.ci_high, e.estimate) if v is not None]
    series = []
    for name, declared, colour, symbol in (
        ("Other specifications", False, MUTED, "circle"),
        ("Main analysis", True, TEXT, "diamond"),
    ):
        kept = [(float(i), e) for i, (kind, e) in enumerate(rows, 1) if (kind == "published") is declared]
        if kept:
            values, minus, plus = interval_ends([e for _, e in kept])
            series.append(
                Series(name, tuple(i for i, _ in kept), values, "points", colour, symbol=symbol, minus=minus, plus=plus)
            )
    y = percent_axis(f"{arms[1]} − {arms[0]}", *whole_tenths(min([*ends, -0.1]), max([*ends, 0.1])))
    x = Axis("Specifications, in rising order", 0, len(rows) + 1, None, "0")
    diamond = f" {DIAMOND}" if any(kind == "published" for kind, _ in rows) else ""
    return Chart(x, y, tuple(series), f"Bars: {level(confidence)}.{diamond}", zero=0.0)
