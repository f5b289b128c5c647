"""A daily yes/no outcome: observed proportions with the modelled curve over them, and the difference by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ketadash.core.spec import Estimand, ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.difference import by_day
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.grouped_points import CUMULATIVE, DAILY, WEEKLY, shares
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import BinaryOutcome, CurvePoint

# What each outcome is called on an axis, and whether more of it is better.
AXIS_TITLES = {"abstinence": "Participants abstinent", "heavy": "Participants with a {heavy}"}
TYPICAL_TITLES = {"abstinence": "Abstinent: share, and chance", "heavy": "{heavy}: share, and chance"}
GOOD = {"abstinence": True, "heavy": False}
LAYERS = ("{}, bars {}", "; lines: {}", ", {} band")  # what the key says, step by step
REPORTED, UNDER_THE_RULE = "as reported", "as counted"  # the points without, and with, days that nobody reported
CROWDED = 45  # days, beyond which error bars would hide the curve at full ink


def plot(
    result: BinaryOutcome, view: ViewSpec, *, day_zero: str | None = None, step: int = 3, way: str = DAILY
) -> Figure:
    """Observed points with their intervals and the modelled curve with its interval, by arm and day.

    Parameters
    ----------
    result
        Observed and modelled probabilities, fractions.
    view
        Appearance.
    day_zero
        What happened on day 0 (``"Infusion"``), marked when given and the window begins on day 1 at the latest.
    step
        Of the build in front of a room: 1 the observed points, 2 the modelled lines too, 3 the bands too.
    way
        How the observed points are grouped: daily, weekly, or all days so far, beside which there is no model.

    Returns
    -------
    Figure
        Per arm, control first: band, points, line; ``y`` holds the result's own fractions.
    """
    data = [
        trace
        for place, arm in enumerate(result.arms)
        for trace in _arm(result, arm, view, shift=(-0.1, 0.1)[place], way=way)
    ]
    if step < len(LAYERS):
        data = [trace | {"visible": _layer(trace) <= step} for trace in data]
    height = theme.tall(380, view)
    margin = (44, 14, parts.KEYED_PX, 46) if view.narrow else (56, 150, parts.HEAD_PX, 50)
    mark = day_zero is not None and 0 <= result.window[0] <= 1
    low = -0.6 if mark else None
    notes = parts.headed(_heading(result, way), _key(result, view, step, way), view, left=margin[0])
    ends = {p.arm: p.proportion for p in result.observed if p.proportion is not None}  # each arm's last day
    if way == CUMULATIVE:
        ends = {arm: s.share for arm in result.arms for s in shares(result, arm, way)[-1:]}
    else:
        ends |= {p.arm: p.probability for p in result.modelled}
    notes += parts.arm_labels(ends, result.arms, result.window[1], view, plot_px=height - margin[2] - margin[3])
    shapes = []
    if mark and day_zero is not None:
        shapes.append(parts.upright(0, view))
        notes.append(_day_zero_note(result, day_zero, view))
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=height,
            margin=margin,
            annotations=notes,
            shapes=shapes,
            meta=parts.can_hide(result.arms, view),
            xaxis=theme.day_axis(view, result.window, low=low),
            yaxis=parts.percent_axis(view),
        ),
    }


def _day_zero_note(result: BinaryOutcome, day_zero: str, view: ViewSpec) -> dict[str, Any]:
    """What happened on day 0, where the first days' points are not: abstinence starts high, heavy days low."""
    end = {"y": 0, "yanchor": "bottom"} if GOOD.get(result.outcome) else {"y": 1, "yanchor": "top"}
    place = {"x": 0, "yref": "paper", "xanchor": "left", "xshift": 4}
    return theme.note(theme.safe(day_zero, 24), view, **place, font=parts.muted(view), **end)


def _layer(trace: Trace) -> int:
    if trace["mode"] == "markers":
        return 1
    return 3 if "fill" in trace else 2


def difference(result: BinaryOutcome, view: ViewSpec, *, chosen: int | None = None) -> Figure:
    """The modelled difference, active minus control, by day, with its interval and the line of no difference.

    The `chosen` day, if any, is marked.
    """
    return by_day(
        result.difference,
        result.arms,
        result.window,
        view,
        confidence=result.confidence,
        good=GOOD.get(result.outcome, True),
        marked=chosen,
    )


def _arm(result: BinaryOutcome, arm: str, view: ViewSpec, *, shift: float, way: str) -> list[Trace]:
    """Band, points and line of one arm; points are moved aside by `shift` days so that bars do not hide each other."""
    style = theme.arm_ink(view, result.arms)[arm]
    name, level = theme.safe(arm), parts.percent(result.confidence)
    model = _points_of_arm(result.modelled, arm)
    seen = [p for p in result.observed if p.arm == arm]
    crowded, capital = len(seen) > CROWDED, counted(result).capitalize()
    size = (5 if crowded else 8) - (2 if view.narrow else 0)
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": f"{name}, modelled",
        "x": [p.day for p in model],
        "y": [p.probability for p in model],
        "customdata": [[p.ci_low, p.ci_high] for p in model],
        "line": {"color": style.colour, "width": 2.5, "dash": style.dash},
        "hovertemplate": f"<b>{name}</b>, day %{{x}}<br>Modelled %{{y:.4~%}}<br>{level} interval "
        "%{customdata[0]:.4~%} to %{customdata[1]:.4~%}<extra></extra>",
    }
    if way != DAILY:
        grouped = _grouped(result, arm, view, way)
        return parts.of_arm(arm, [parts.band(model, style.band), grouped, line] if way == WEEKLY else [grouped])
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}, {counted(result)}",
        "x": [p.day + shift for p in seen],
        "y": [p.proportion for p in seen],
        "customdata": [[p.day, p.ci_low, p.n, p.n_missing, p.ci_high] for p in seen],
        "error_y": error_bars(
            ((p.ci_low, p.proportion, p.ci_high) for p in seen), style.band if crowded else style.colour, thickness=1
        ),
        "marker": {"color": style.colour, "symbol": style.symbol, "size": size},
        "hovertemplate": f"<b>{name}</b>, day %{{customdata[0]}}<br>{capital} %{{y:.4~%}}<br>{level} interval "
        "%{customdata[1]:.4~%} to %{customdata[4]:.4~%}<br>%{customdata[2]} counted, %{customdata[3]} not reported"
        "<extra></extra>",
    }
    return parts.of_arm(arm, [parts.band(model, style.band), points, line])


def _grouped(result: BinaryOutcome, arm: str, view: ViewSpec, way: str) -> Trace:
    """An arm's shares by week, at the middle of each, or of all days so far, joined by a line."""
    style, name, groups = theme.arm_ink(view, result.arms)[arm], theme.safe(arm), shares(result, arm, way)
    return {
        "type": "scatter",
        "mode": "markers" if way == WEEKLY else "lines+markers",
        "name": f"{name}, {way}",
        "x": [(s.first + s.last) / 2 if way == WEEKLY else s.last for s in groups],
        "y": [s.share for s in groups],
        "customdata": [[s.first, s.last, s.days, s.n] for s in groups],
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 9 if way == WEEKLY else 5},
        "line": {"color": style.colour, "width": 2, "dash": style.dash},
        "hovertemplate": f"<b>{name}</b>, days %{{customdata[0]}} to %{{customdata[1]}}<br>%{{y:.4~%}} of "
        "%{customdata[2]} days counted<br>of up to %{customdata[3]} participants<extra></extra>",
    }


def counted(result: BinaryOutcome) -> str:
    """What the points are: as reported, or with days filled in by the missing-day rule."""
    return UNDER_THE_RULE if result.counts.n_filled else REPORTED


def _points_of_arm(points: Sequence[CurvePoint], arm: str) -> list[CurvePoint]:
    return [p for p in points if p.arm == arm]


def lines(result: BinaryOutcome) -> str:
    """What the modelled lines are."""
    return "typical participant" if result.estimand == Estimand.TYPICAL else "model"


def _key(result: BinaryOutcome, view: ViewSpec, step: int, way: str) -> str:
    if way != DAILY:
        return _key_of_groups(result, view, way)
    at = parts.percent(result.confidence)
    text = "".join(LAYERS[: step if result.modelled else 1]).format(counted(result), at, lines(result), at)
    return text if view.narrow else f"points: {text}"


def _key_of_groups(result: BinaryOutcome, view: ViewSpec, way: str) -> str:
    """What the points are when they are not single days, of how many people, and that they have no intervals."""
    many = {arm: max((s.n for s in shares(result, arm, way)), default=0) for arm in result.arms}
    named = ", ".join(f"{theme.label(arm, view)} n = {n:,}" for arm, n in many.items())
    short = f"n = {', '.join(f'{n:,}' for n in many.values())}"  # the arms are named below
    of = short if view.narrow else f"{counted(result)}, without intervals ({named})"
    if way == CUMULATIVE:
        return of
    return f"points: {of}; lines: {lines(result)}" if result.modelled else f"points: {of}"


def _heading(result: BinaryOutcome, way: str) -> str:
    """What the axis shows: shares of people by day, or of days."""
    if way == DAILY:
        return _axis_title(result)
    what = "Days abstinent" if result.outcome == "abstinence" else f"Days that were a {result.terms.heavy_day}"
    if way == CUMULATIVE:
        return f"{what}, of all so far"
    chance = ", and chance" if result.estimand == Estimand.TYPICAL and result.modelled else ""
    return f"{what}, by week{chance}"


def _axis_title(result: BinaryOutcome) -> str:
    return axis_title(result) if result.outcome in AXIS_TITLES else theme.safe(result.outcome, 40)


def axis_title(result: BinaryOutcome) -> str:
    """What the axis of shares shows; with the curve of a typical participant, that it is not a share of people."""
    titles = TYPICAL_TITLES if result.estimand == Estimand.TYPICAL and result.modelled else AXIS_TITLES
    return titles.get(result.outcome, result.outcome).format(heavy=result.terms.heavy_day)
