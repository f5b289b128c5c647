"""Every arm of a trial with more than two: a picture of all, a table of each against the control, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from ketadash import analyse
from ketadash.core.numbers import level, percent, points_beside, points_interval, points_text, with_points
from ketadash.core.p_values import about_p, p_cell
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.question import Answer, Block, Discloses, Material, Part, Picture, Place, RestsOn, Table
from ketadash.questions.shared import estimand, parts, theme
from ketadash.questions.shared.theme import Figure
from ketadash.results.arms import AgainstControl, EveryArm
from ketadash.trial import Trial


def blocks(m: Material) -> Iterator[Block]:
    """A part of the page for a trial of more than two arms; nothing for one of two."""
    result = analyse.every_arm(m.trial, m.spec)
    if result is None:
        return
    yield Part("every_arm", "How do all arms compare?", Discloses.NOBODY, ("abstinence",))
    yield Answer(answer(result))
    yield Picture(
        "every_arm",
        "every-arm",
        lambda s, view: plot(analyse.every_arm(m.trial, s) or result, view),
        alt=f"Observed share abstinent by day in every arm. {answer(result)}",
        legend=legend(result),
    )
    yield RestsOn(rests_on(result), estimand.named("each arm's mean percent of days abstinent less the control's."))
    yield Table(
        "every-arm",
        f"Each arm against {result.control.arm}",
        lambda: table(result),
        Discloses.NOBODY,
        place=Place.PAGE,
    )


def answer(result: EveryArm) -> str:
    """Each arm's difference from the control."""
    first, last = result.window
    rows = "; ".join(_row(one, result) for one in result.others)
    return f"Percent of days {first} to {last} abstinent, less that of {result.control.arm}: {rows}."


def _row(one: AgainstControl, result: EveryArm) -> str:
    gap = one.difference
    if gap.estimate is None:
        return f"{one.arm} not compared ({one.message})"
    return (
        f"{one.arm} {with_points(points_text(gap.estimate, gap.ci_low, gap.ci_high))} ({level(result.confidence)} "
        f"{points_interval(gap.ci_low, gap.ci_high)})"
    )


def rests_on(result: EveryArm) -> str:
    """What is compared, and what several comparisons do to p-values."""
    n = len(result.others)
    adjusted = about_p(
        f"With {n} arms compared with {result.control.arm}, one small p is likelier by chance: the table has p-values "
        "adjusted by Holm's method beside those of each pair alone."
    )
    return (
        f"{adjusted} Every other page compares {result.chosen[1]} with {result.chosen[0]} only, and speaks of "
        "that pair alone. Each participant's percent of days is compared by Welch's method, relapse by the log-rank "
        "test."
    )


def legend(result: EveryArm) -> str:
    """Who is drawn how."""
    return (
        f"Observed share abstinent by day in every arm; strong lines: {result.chosen[1]} and {result.chosen[0]}, the "
        "pair that the pages compare; pale lines: the other arms."
    )


def table(result: EveryArm) -> pd.DataFrame:
    """The control, then each arm against it."""
    at = level(result.confidence)
    rows = []
    for one in (result.control, *result.others):
        gap = one.difference
        rows.append(
            {
                "Arm": one.arm,
                "n": str(one.n),
                "Days abstinent": percent(one.mean),
                f"Less the control's, points ({at})": "–"
                if gap.estimate is None
                else points_beside(gap.estimate, gap.ci_low, gap.ci_high),
                "p": p_cell(gap.p),
                "p, Holm": p_cell(one.p_holm),
                "Relapsed": percent(one.relapsed),
                "Log-rank p": p_cell(one.relapse_p),
                "Log-rank p, Holm": p_cell(one.relapse_p_holm),
            }
        )
    return pd.DataFrame(rows)


def plot(result: EveryArm, view: ViewSpec) -> Figure:
    """Lines of every arm; the pair of the pages in its own inks, the others pale."""
    inks, colours = theme.arm_ink(view, result.chosen), theme.ink(view)
    arms = [result.control.arm, *(one.arm for one in result.others)]
    margin = (52, 14, parts.KEYED_PX, 44) if view.narrow else (60, 150, parts.HEAD_PX, 44)
    data, ends = [], dict[str, float]()
    for arm in sorted(arms, key=lambda name: name in inks):  # the pair that the pages compare is drawn above the others
        points = [p for p in result.daily if p.arm == arm and p.proportion is not None]
        if not points:
            continue
        own = inks.get(arm)
        ends[arm] = points[-1].proportion or 0.0
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": theme.safe(arm),
                "x": [p.day for p in points],
                "y": [p.proportion for p in points],
                "opacity": 1.0 if own else 0.55,
                "line": {
                    "color": own.colour if own else colours.zero,
                    "dash": own.dash if own else "solid",
                    "width": 2.5 if own else 1.5,
                },
                "hovertemplate": f"<b>{theme.safe(arm)}</b><br>Day %{{x}}: %{{y:.0%}}<extra></extra>",
            }
        )
    notes = parts.headed("Abstinent, observed", "Every arm of the trial", view, left=margin[0])
    notes += _names(ends, {a: i.colour for a, i in inks.items()}, view)
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=340,
            margin=margin,
            annotations=notes,
            xaxis=theme.day_axis(view, result.window),
            yaxis=parts.percent_axis(view),
        ),
    }


def _names(ends: dict[str, float], colour_of: dict[str, str], view: ViewSpec) -> list[dict[str, Any]]:
    """Each arm's name at its line's end; on a phone above the picture."""
    muted = theme.ink(view).muted
    if view.narrow:
        key = " &nbsp; ".join(
            f'<span style="color:{colour_of.get(arm, muted)}">{theme.label(arm, view)}</span>' for arm in ends
        )
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 6}
        return [theme.note(key, view, **place)]
    heights = theme.dodge(list(ends.values()), 0.08, 0.02, 1.0)
    return [
        theme.note(
            theme.label(arm, view),
            view,
            xref="paper",
            x=1,
            y=y,
            xanchor="left",
            xshift=8,
            font={"size": 13, "color": colour_of.get(arm, muted)},
        )
        for arm, y in zip(ends, heights, strict=True)
    ]


TWO_ARMS = "the trial has two arms, which every other part compares"


def document(trial: Trial, spec: AnalysisSpec) -> dict[str, Any]:
    """Its part of the JSON; null for a trial of two arms."""
    result = analyse.every_arm(trial, spec)
    if result is None:
        return {"arms": None, "null_because": {"arms": TWO_ARMS}}
    rows = [asdict(one) for one in result.others]
    return {
        "arms": {
            "control": asdict(result.control),
            "against_control": rows,
            "adjustment": f"Holm, {len(rows)} comparisons with {result.control.arm}",
            "daily": [asdict(point) for point in result.daily],
        }
    }
