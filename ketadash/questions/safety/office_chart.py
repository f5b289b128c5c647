"""Events, scores, measures and follow-up as charts that office software can edit."""

from __future__ import annotations

from ketadash.core.numbers import level, percent
from ketadash.questions.safety.words import ABSTINENT_OF_REACHED, drawn
from ketadash.questions.shared.office_chart import Axis, Chart, Series, arm_names, nice, percent_axis, whole_tenths
from ketadash.questions.shared.office_chart_daily import points_and_lines
from ketadash.questions.shared.office_chart_forest import SHARE, TEXT, interval_ends
from ketadash.results.safety import AdverseEvents, Dissociation, EventArm, FollowUp, Measure


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
    m, series = drawn(m), list[Series]()
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
    key = points_and_lines("observed means", "± 1 SE", "model" if m.modelled else "", m.confidence)
    return Chart(Axis("Week", 0, last, 1.0, "0"), y, tuple(series), key)


def follow_up(result: FollowUp) -> Chart:
    """Abstinence among those reached, with exact intervals."""
    inks = arm_names((result.arms[0].arm, result.arms[1].arm))
    series = []
    for k, arm in enumerate(result.arms, 1):
        if arm.proportion.estimate is None:
            continue
        values, minus, plus = interval_ends([arm.proportion])
        ink = inks[arm.arm]
        series.append(
            Series(
                arm.arm, values, (float(k),), "points", ink.colour, symbol=ink.symbol, minus=minus, plus=plus, along="x"
            )
        )
    labels = tuple(
        f"{a.arm}: {a.abstinent} of {a.reached} reached ({percent(a.proportion.estimate)}); {a.n - a.reached} "
        f"of {a.n} not reached"
        for a in result.arms
    )
    names = Series("Arm", (0.0, 0.0), (1.32, 2.32), "texts", TEXT, texts=labels)
    return Chart(
        percent_axis(ABSTINENT_OF_REACHED),
        Axis("", 0.4, 2.8, 1.0, hidden=True),
        (*series, names),
        f"Bars: exact {level(result.confidence)} among those reached.",
    )
