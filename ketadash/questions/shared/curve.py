"""A daily yes/no outcome: observed proportions with the modelled curve over them, and the difference by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ketadash.core.spec import Estimand, ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.difference import by_day
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import BinaryOutcome, CurvePoint

# How each outcome is called on an axis, and whether more of it is better.
AXIS_TITLES = {"abstinence": "Participants abstinent", "heavy": "Participants with a {heavy}"}
TYPICAL_TITLES = {"abstinence": "Abstinent: share, and chance", "heavy": "{heavy}: share, and chance"}
GOOD = {"abstinence": True, "heavy": False}
LAYERS = ("points: {}, bars {}", "; lines: {}", ", {} band")  # what the key says, step by step
REPORTED, UNDER_THE_RULE = "as reported", "as counted"  # whether days without a report are among them
CROWDED = 45  # days, beyond which error bars would hide the curve at full ink


def plot(result: BinaryOutcome, view: ViewSpec, *, day_zero: str | None = None, step: int = 3) -> Figure:
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

    Returns
    -------
    Figure
        Per arm, control first: band, points, line; ``y`` holds the result's own fractions.
    """
    data = [
        trace for place, arm in enumerate(result.arms) for trace in _arm(result, arm, view, shift=(-0.1, 0.1)[place])
    ]
    if step < len(LAYERS):
        data = [trace | {"visible": _layer(trace) <= step} for trace in data]
    height = theme.tall(380, view)
    margin = (44, 14, parts.KEYED_PX, 46) if view.narrow else (56, 150, parts.HEAD_PX, 50)
    mark = day_zero is not None and 0 <= result.window[0] <= 1
    low = -0.6 if mark else None
    notes = parts.headed(_axis_title(result), _key(result, view, step), view, left=margin[0])
    ends = {p.arm: p.proportion for p in result.observed if p.proportion is not None}  # each arm's last day
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


def difference(result: BinaryOutcome, view: ViewSpec) -> Figure:
    """The modelled difference, active minus control, by day, with its interval and the line of no difference."""
    return by_day(
        result.difference,
        result.arms,
        result.window,
        view,
        confidence=result.confidence,
        good=GOOD.get(result.outcome, True),
    )


def _arm(result: BinaryOutcome, arm: str, view: ViewSpec, *, shift: float) -> list[Trace]:
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
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}, {counted(result)}",
        "x": [p.day + shift for p in seen],
        "y": [p.proportion for p in seen],
        "customdata": [[p.day, p.ci_low, p.n, p.n_missing, p.ci_high] for p in seen],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [length(p.proportion, p.ci_high) for p in seen],
            "arrayminus": [length(p.ci_low, p.proportion) for p in seen],
            "thickness": 1,
            "width": 0,
            "color": style.band if crowded else style.colour,
        },
        "marker": {"color": style.colour, "symbol": style.symbol, "size": size},
        "hovertemplate": f"<b>{name}</b>, day %{{customdata[0]}}<br>{capital} %{{y:.4~%}}<br>{level} interval "
        "%{customdata[1]:.4~%} to %{customdata[4]:.4~%}<br>%{customdata[2]} counted, %{customdata[3]} not reported"
        "<extra></extra>",
    }
    return parts.of_arm(arm, [parts.band(model, style.band), points, line])


def counted(result: BinaryOutcome) -> str:
    """What the points are: as reported, or with days filled in by the missing-day rule."""
    return UNDER_THE_RULE if result.counts.n_filled else REPORTED


def length(low: float | None, high: float | None) -> float:
    """Of a bar from one to the other."""
    return 0.0 if low is None or high is None else high - low


def _points_of_arm(points: Sequence[CurvePoint], arm: str) -> list[CurvePoint]:
    return [p for p in points if p.arm == arm]


def lines(result: BinaryOutcome) -> str:
    """What the modelled lines are."""
    return "typical participant" if result.estimand == Estimand.TYPICAL else "model"


def _key(result: BinaryOutcome, view: ViewSpec, step: int) -> str:
    at = parts.percent(result.confidence)
    text = "".join(LAYERS[: step if result.modelled else 1]).format(counted(result), at, lines(result), at)
    return text.removeprefix("points: ") if view.narrow else text


def _axis_title(result: BinaryOutcome) -> str:
    return axis_title(result) if result.outcome in AXIS_TITLES else theme.safe(result.outcome, 40)


def axis_title(result: BinaryOutcome) -> str:
    """What the axis of shares shows; with the curve of a typical participant, that it is not a share of people."""
    titles = TYPICAL_TITLES if result.estimand == Estimand.TYPICAL and result.modelled else AXIS_TITLES
    return titles.get(result.outcome, result.outcome).format(heavy=result.terms.heavy_day)
