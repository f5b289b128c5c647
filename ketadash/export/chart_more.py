"""Native charts of the sensitivity analyses, of who stayed, and of what else happened."""

from __future__ import annotations

from itertools import pairwise

from ketadash.export.chart import Axis, Chart, Series, arm_names, day_axis, nice, percent_axis, whole_tenths
from ketadash.figures import theme
from ketadash.results import Estimate, Sensitivity, SensitivityRow
from ketadash.results_people import Participants
from ketadash.results_safety import AdverseEvents, Dissociation, EventArm, FollowUp, Measure
from ketadash.results_sensitivity import Missingness, SpecificationCurve
from ketadash.words import interval, level, number, percent

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
        ("Declared analysis", [(a, r) for a, r in zip(at, rows, strict=True) if r.published], TEXT, "diamond"),
    ):
        if kept:
            values, minus, plus = _ends([r.difference for _, r in kept])
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
            tuple(a + 0.32 for a in at),
            "texts",
            TEXT,
            texts=tuple(_said(r) for r in rows),
        )
    )
    control, active = result.arms
    x = Axis(
        f"Difference on day {result.last_day}, {active} − {control}", low, high, 0.1 if high - low <= 1 else 0.2, "0%"
    )
    key = f"Bars: {level(result.confidence)}. Diamond: the declared analysis; grey: bounds that nobody believes."
    return Chart(x, Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True), tuple(series), key, zero=0.0)


def _said(row: SensitivityRow) -> str:
    """A rule with its numbers in words: ``drinking: 30 points (9 to 51)``."""
    low, high = (None if v is None else 100 * v for v in (row.difference.ci_low, row.difference.ci_high))
    points = number(100 * (row.difference.estimate or 0.0), 0)
    return f"{row.label.split(' · ')[0].removeprefix('missing = ')}: {points} points ({interval(low, high, 0)})"


def agreement(result: Sensitivity) -> Chart:
    """The last day's difference under every specification in rising order."""
    rows = sorted(
        (r for r in result.rows if r.difference.estimate is not None), key=lambda r: r.difference.estimate or 0.0
    )
    named = [("published" if r.published else r.kind, r.difference) for r in rows]
    return _in_order(named, result.arms, result.confidence)


def _ends(found: list[Estimate]) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Estimates and the lengths of their intervals below and above."""
    values = tuple(e.estimate or 0.0 for e in found)
    low = tuple(v - (e.ci_low if e.ci_low is not None else v) for v, e in zip(values, found, strict=True))
    high = tuple((e.ci_high if e.ci_high is not None else v) - v for v, e in zip(values, found, strict=True))
    return values, low, high


def specifications(result: SpecificationCurve) -> Chart:
    """Every estimate with its interval in rising order."""
    rows = [(r.kind, r.difference) for r in result.rows if r.difference.estimate is not None]
    return _in_order(rows, result.arms, result.confidence)


def _in_order(rows: list[tuple[str, Estimate]], arms: tuple[str, str], confidence: float) -> Chart:
    """Estimates of many specifications side by side, the declared analysis as a diamond."""
    ends = [v for _, e in rows for v in (e.ci_low, e.ci_high, e.estimate) if v is not None]
    series = []
    for name, declared, colour, symbol in (
        ("Other specifications", False, MUTED, "circle"),
        ("Declared analysis", True, TEXT, "diamond"),
    ):
        kept = [(float(i), e) for i, (kind, e) in enumerate(rows, 1) if (kind == "published") is declared]
        if kept:
            values, minus, plus = _ends([e for _, e in kept])
            series.append(
                Series(name, tuple(i for i, _ in kept), values, "points", colour, symbol=symbol, minus=minus, plus=plus)
            )
    y = percent_axis(f"{arms[1]} − {arms[0]}", *whole_tenths(min([*ends, -0.1]), max([*ends, 0.1])))
    x = Axis("Specifications, in rising order", 0, len(rows) + 1, None, "0")
    return Chart(x, y, tuple(series), f"Bars: {level(confidence)}. Diamond: the declared analysis.", zero=0.0)


def missing(result: Missingness) -> Chart:
    """The share of each arm that did not report, by day."""
    series = []
    for arm, ink in arm_names(result.arms).items():
        days = [d for d in result.days if d.arm == arm and d.n]
        series.append(
            Series(
                arm,
                tuple(float(d.day) for d in days),
                tuple(1 - d.reported / d.n for d in days),
                "line",
                ink.colour,
                ink.dash,
                ink.symbol,
                label=arm,
            )
        )
    top = max((v for s in series for v in s.y), default=0.1)
    y = percent_axis("Participants without a report", 0, max(whole_tenths(0, top * 1.05)[1], 0.1))
    return Chart(day_axis(*result.window), y, tuple(series), "Lines: share of the arm's participants.")


def retention(result: Participants) -> Chart:
    """The share of each arm still reporting, as steps."""
    series = []
    for arm, ink in arm_names(result.arms).items():
        points = [p for p in result.retention if p.arm == arm]
        x, y = [float(points[0].day)], [points[0].proportion]
        for before, now in pairwise(points):
            x += [float(now.day), float(now.day)]
            y += [before.proportion, now.proportion]
        series.append(Series(arm, tuple(x), tuple(y), "line", ink.colour, ink.dash, ink.symbol, label=arm))
    first, last = result.flow.window
    return Chart(
        day_axis(first - 1, last),
        percent_axis("Participants still reporting"),
        tuple(series),
        "Steps: known on that day or a later one.",
    )


def events(result: AdverseEvents) -> Chart:
    """The share of each arm with each event, two dots a row, the most frequent on top."""
    rows = result.events
    at = [float(len(rows) - i) for i in range(len(rows))]
    series = []
    for k, (arm, ink) in enumerate(arm_names(result.arms).items()):
        shares = tuple(e.arms[k].participants / e.arms[k].n if e.arms[k].n else 0.0 for e in rows)
        series.append(Series(arm, shares, tuple(at), "points", ink.colour, symbol=ink.symbol))
    names = Series(
        "Event",
        (0.0,) * len(rows),
        tuple(a + 0.32 for a in at),
        "texts",
        TEXT,
        texts=tuple(f"{e.event}: {_counts(e.arms[1])}, {_counts(e.arms[0])}" for e in rows),
    )
    top = max((v for s in series for v in s.x), default=0.1)
    x = percent_axis("Participants with the event", 0, max(whole_tenths(0, top * 1.05)[1], 0.1))
    shown = " and ".join(
        f"{a} ({'circles' if i.symbol == 'circle' else 'squares'})" for a, i in arm_names(result.arms).items()
    )
    return Chart(x, Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True), (*series, names), f"Shares of {shown}.")


def _counts(arm: EventArm) -> str:
    return f"{arm.participants}/{arm.n} {arm.arm}"


def scores(result: Dissociation) -> Chart:
    """Every score by arm, equal ones stacked, and the median as a diamond."""
    series = []
    inks = arm_names((result.arms[0].arm, result.arms[1].arm))
    for k, arm in enumerate(result.arms):
        ink, seen = inks[arm.arm], dict[float, int]()
        heights = []
        for value in arm.values:
            seen[value] = seen.get(value, 0) + 1
            heights.append(k + 1 + 0.08 * (seen[value] - 1))
        series.append(Series(arm.arm, arm.values, tuple(heights), "points", ink.colour, symbol=ink.symbol))
        if arm.median is not None and arm.q1 is not None and arm.q3 is not None:
            series.append(
                Series(
                    f"{arm.arm}, median and quartiles",
                    (arm.median,),
                    (k + 0.85,),
                    "points",
                    TEXT,
                    symbol="diamond",
                    minus=(arm.median - arm.q1,),
                    plus=(arm.q3 - arm.median,),
                    along="x",
                )
            )
    names = Series("Arm", (0.0, 0.0), (1.55, 2.55), "texts", TEXT, texts=tuple(a.arm for a in result.arms))
    most = max((v for a in result.arms for v in a.values), default=1.0)
    return Chart(
        Axis("CADSS score", 0, most * (1 + SHARE) or 1.0, None, "0"),
        Axis("", 0.5, 3.0, 1.0, hidden=True),
        (*series, names),
        "Each mark is a participant; diamonds: median and quartiles.",
    )


def measure(m: Measure) -> Chart:
    """Observed means ± SE by week, and the modelled means with their interval as two thin lines."""
    series: list[Series] = []
    for arm, ink in arm_names(m.arms).items():
        model = [p for p in m.modelled if p.arm == arm and p.mean is not None]
        seen = [p for p in m.observed if p.arm == arm and p.mean is not None]
        weeks = tuple(float(p.week) for p in model)
        for end in ("low", "high"):
            if model:
                values = tuple(float(getattr(p, f"ci_{end}") or 0.0) for p in model)
                series.append(Series(f"{arm}, {level(m.confidence)} {end}", weeks, values, "edge", ink.colour))
        se = tuple(p.se or 0.0 for p in seen)
        series.append(
            Series(
                f"{arm}, observed ± 1 SE",
                tuple(float(p.week) for p in seen),
                tuple(p.mean or 0.0 for p in seen),
                "points",
                ink.colour,
                ink.dash,
                ink.symbol,
                se,
                se,
                label=None if model else arm,
            )
        )
        if model:
            series.append(
                Series(
                    f"{arm}, modelled",
                    weeks,
                    tuple(p.mean or 0.0 for p in model),
                    "line",
                    ink.colour,
                    ink.dash,
                    ink.symbol,
                    label=arm,
                )
            )
    ends = [v for s in series for v in s.y] + [v + e for s in series for v, e in zip(s.y, s.plus, strict=False)]
    last = max(m.weeks, default=1)
    y = Axis(m.label.capitalize(), *nice(min(ends, default=0.0), max(ends, default=1.0)), "General")
    key = f"Points: observed ± 1 SE. Lines: modelled, thin lines its {level(m.confidence)}."
    return Chart(Axis("Week", 0, last, 1.0, "0"), y, tuple(series), key)


def follow_up(result: FollowUp) -> Chart:
    """Abstinence among those reached, with exact intervals."""
    inks = arm_names((result.arms[0].arm, result.arms[1].arm))
    series = []
    for k, arm in enumerate(result.arms, 1):
        if arm.proportion.estimate is None:
            continue
        values, minus, plus = _ends([arm.proportion])
        ink = inks[arm.arm]
        series.append(
            Series(
                arm.arm, values, (float(k),), "points", ink.colour, symbol=ink.symbol, minus=minus, plus=plus, along="x"
            )
        )
    said = tuple(
        f"{a.arm}: {a.abstinent} of {a.reached} reached ({percent(a.proportion.estimate)}); {a.n - a.reached} "
        f"of {a.n} not reached"
        for a in result.arms
    )
    names = Series("Arm", (0.0, 0.0), (1.32, 2.32), "texts", TEXT, texts=said)
    return Chart(
        percent_axis("Abstinent of those reached"),
        Axis("", 0.4, 2.8, 1.0, hidden=True),
        (*series, names),
        f"Bars: exact {level(result.confidence)} among those reached.",
    )
