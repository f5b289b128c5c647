"""Whether one hazard ratio describes all days: the test in words, and the log-log picture."""

from __future__ import annotations

import math

from ketadash.core.numbers import number
from ketadash.core.p_values import about_p, p_text
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.theme import Figure
from ketadash.results import SurvivalPoint, TimeToEvent

ALPHA = 0.05
ROW = "One hazard ratio for all days (Schoenfeld)"
Points = list[tuple[float, float]]


def fails(result: TimeToEvent) -> bool:
    """Whether the test speaks against one hazard ratio."""
    test = result.cox.proportional
    return test is not None and test.p is not None and test.p < ALPHA


def sentence(result: TimeToEvent) -> str:
    """What the test says, after a space; "" without a hazard ratio."""
    test = result.cox.proportional
    if test is None:
        return ""
    if test.p is None:
        return f" {test.message[:1].upper()}{test.message[1:]}."
    says = "speaks against it" if fails(result) else "shows nothing against it, which is no proof that it holds"
    test_says = f"Schoenfeld's test, {p_text(test.p)}, {says}"
    return f" {about_p(f'The hazard ratio presumes that it is the same on all days: {test_says}.')}"


def doubt(result: TimeToEvent) -> tuple[str, ...]:
    """What to read where the test speaks against one hazard ratio."""
    test = result.cox.proportional
    if not fails(result) or test is None or test.slope is None:
        return ()
    way = "rises" if test.slope > 0 else "falls"
    shown_by = f"Schoenfeld χ² {number(test.chi2, 1)}, {p_text(test.p)}"
    text = (
        f"the hazard ratio {way} over the days ({shown_by}), so one number does not describe it: read the difference "
        f"in event-free days up to day {result.rmst.tau} instead"
    )
    return (about_p(text),)


def legend(result: TimeToEvent) -> str:
    """What the picture shows and how it is read."""
    arms = arm_sizes([(a.arm, a.n) for a in result.arms])
    return (
        f"Complementary log-log of the share without the event ({result.estimator}; {arms}) by day on a logarithmic "
        "axis. Where one hazard ratio holds for all days, the two lines are the same distance apart throughout."
    )


def plot(result: TimeToEvent, view: ViewSpec) -> Figure:
    """log(−log share) by log day, an arm a line of steps; the day before the window is time 0 and has no place."""
    arms = (result.arms[0].arm, result.arms[1].arm)
    inks, origin = theme.arm_ink(view, arms), result.window[0] - 1
    lines = {arm: _line([p for p in result.curve if p.arm == arm], origin) for arm in arms}
    margin = (64, 14, parts.KEYED_PX, 44) if view.narrow else (64, 150, parts.HEAD_PX, 44)
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": theme.safe(arm),
            "x": [x for x, _ in lines[arm]],
            "y": [y for _, y in lines[arm]],
            "line": {"color": inks[arm].colour, "dash": inks[arm].dash, "width": 2, "shape": "hv"},
            "hovertemplate": f"<b>{theme.safe(arm)}</b><br>%{{x}} days<br>%{{y:.2f}}<extra></extra>",
        }
        for arm in arms
    ]
    ends = {arm: line[-1][1] for arm, line in lines.items() if line}
    heights = [y for line in lines.values() for _, y in line] or [-1.0, 1.0]
    last = max([x for line in lines.values() for x, _ in line], default=2.0)
    notes = parts.headed("log(−log share without the event)", "Parallel where one ratio holds", view, left=margin[0])
    if view.narrow:
        notes += parts.arm_labels(ends, arms, 0, view, plot_px=200)
    else:
        notes += [
            theme.note(
                theme.label(arm, view),
                view,
                xref="paper",
                x=1,
                y=y,
                xanchor="left",
                xshift=8,
                font={"size": 13, "color": inks[arm].colour},
            )
            for arm, y in zip(ends, _apart(list(ends.values()), heights), strict=True)
        ]
    ticks = [t for t in (1, 2, 5, 10, 20, 50, 100, 200, 500) if t <= max(last, 2)]
    air = 0.08 * (max(heights) - min(heights) + 0.5)
    axes = {
        "xaxis": theme.axis(
            view,
            type="log",
            range=[0, math.log10(max(last, 2)) + 0.02],
            tickvals=ticks,
            ticktext=[str(t) for t in ticks],
            showline=True,
            ticks="outside",
            title=theme.title("Days since the start", view),
        ),
        "yaxis": theme.axis(view, range=[min(heights) - air, max(heights) + air]),
    }
    return {"data": data, "layout": theme.layout(view, height=320, margin=margin, annotations=notes, **axes)}


def _line(points: list[SurvivalPoint], origin: int) -> Points:
    return [(p.day - origin, math.log(-math.log(p.survival))) for p in points if 0 < p.survival < 1 and p.day > origin]


def _apart(ends: list[float], heights: list[float]) -> list[float]:
    low, high = min(heights), max(heights)
    return theme.dodge(ends, 0.09 * (high - low + 0.5), low - 0.2, high + 0.2)


def alt(result: TimeToEvent) -> str:
    """The picture for someone who does not see it."""
    return f"Log-log curves of the two arms by day.{sentence(result)}"
