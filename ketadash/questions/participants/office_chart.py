"""Who stayed, as a chart that office software can edit."""

from __future__ import annotations

from itertools import pairwise

from ketadash.questions.participants.words import STILL_REPORTING
from ketadash.questions.shared.office_chart import Chart, Series, arm_names, day_axis, percent_axis
from ketadash.results.people import Participants


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
        percent_axis(STILL_REPORTING),
        tuple(series),
        "Steps: known on that day or a later one.",
    )
