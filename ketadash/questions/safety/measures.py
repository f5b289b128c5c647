"""A visit measure by week: observed means with the modelled mean over them, small enough to stand among others."""

from __future__ import annotations

from typing import Any

from ketadash.core.p_values import p_text, shown
from ketadash.core.spec import ViewSpec
from ketadash.questions.safety import words
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.safety import MeanPoint, Measure

HEIGHT, MARGIN = 250, (40, 96, 46, 42)


def panel(result: Measure, view: ViewSpec) -> Figure:
    """Per arm, control first: band, points ± 1 SE, line.  Week 0, the baseline, has a point but no line.

    The same at every width: several of them share a page's width.
    """
    unsure = bool(result.modelled) and not words.drawn(result).modelled
    result = words.drawn(result)
    low, high = _reach(result)
    first = 0 if any(p.week == 0 and p.mean is not None for p in result.observed) else min(result.weeks, default=1)
    last = max(result.weeks, default=1)
    test = result.model.test("week:arm")
    difference = "not modelled" if test is None or test.p is None else f"week × arm {p_text(test.p)}"
    difference = words.UNSURE if unsure else shown(difference, view.p_values)
    label = theme.safe(result.label.capitalize(), 22)
    heading = f'<b>{label}</b> <span style="color:{theme.ink(view).muted}">{theme.safe(difference)}</span>'
    notes = [
        theme.above(
            heading, view, left=MARGIN[0], up=14, align="left", font={"size": 13, "color": theme.ink(view).text}
        )
    ]
    notes += _names(result, (low, high), last, view)
    ticks = [first, *(w for w in result.weeks if w != first)] if len(result.weeks) < 6 else [first, last]
    weeks = {"tickvals": ticks, "ticktext": ["before" if t == 0 else str(t) for t in ticks]}
    data = [
        trace for place, arm in enumerate(result.arms) for trace in _arm(result, arm, view, shift=(-0.05, 0.05)[place])
    ]
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=HEIGHT,
            margin=MARGIN,
            annotations=notes,
            xaxis=theme.axis(
                view,
                range=[first - 0.3, last + 0.2],
                showgrid=False,
                showline=True,
                ticks="outside",
                title=theme.title("Week", view),
                **weeks,
            ),
            yaxis=theme.axis(view, range=[low, high], nticks=4),
        ),
    }


def _arm(result: Measure, arm: str, view: ViewSpec, *, shift: float) -> list[Trace]:
    style = theme.arm_ink(view, result.arms)[arm]
    name, level = theme.safe(arm), parts.percent(result.confidence)
    model = [p for p in result.modelled if p.arm == arm]
    seen = [p for p in result.observed if p.arm == arm and p.mean is not None]
    low, high = [p.ci_low or 0.0 for p in model], [p.ci_high or 0.0 for p in model]
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}, observed",
        "x": [p.week + shift for p in seen],
        "y": [p.mean for p in seen],
        "customdata": [[_when(p), p.se, p.n] for p in seen],
        "error_y": {
            "type": "data",
            "array": [p.se or 0 for p in seen],
            "thickness": 1,
            "width": 0,
            "color": style.colour,
        },
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 7},
        "hovertemplate": f"<b>{name}</b>, %{{customdata[0]}}<br>Observed mean %{{y:.4~g}}, SE %{{customdata[1]:.3~g}}"
        "<br>%{customdata[2]} participants<extra></extra>",
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": f"{name}, modelled",
        "x": [p.week for p in model],
        "y": [p.mean for p in model],
        "customdata": [[p.ci_low, p.ci_high] for p in model],
        "line": {"color": style.colour, "width": 2.5, "dash": style.dash},
        "hovertemplate": f"<b>{name}</b>, week %{{x}}<br>Modelled mean %{{y:.4~g}}<br>{level} interval "
        "%{customdata[0]:.4~g} to %{customdata[1]:.4~g}<extra></extra>",
    }
    return [parts.closed([p.week for p in model], low, high, style.band), points, line]


def _when(p: MeanPoint) -> str:
    return "before treatment" if p.week == 0 else f"week {p.week}"


def _reach(result: Measure) -> tuple[float, float]:
    """A range that holds every point with its error bar and every band."""
    ends = [v for p in result.modelled for v in (p.ci_low, p.ci_high) if v is not None]
    ends += [v for p in result.observed if p.mean is not None for v in (p.mean - (p.se or 0), p.mean + (p.se or 0))]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    air = 0.06 * (high - low) or 1.0
    return low - air, high + air


def _names(result: Measure, reach: tuple[float, float], last: int, view: ViewSpec) -> list[dict[str, Any]]:
    """Each arm's name at its line's end (its last point's, where nothing is modelled), moved apart."""
    ends = {p.arm: p.mean for p in (*result.observed, *result.modelled) if p.mean is not None}
    names = [arm for arm in result.arms if arm in ends]
    low, high = reach
    gap = theme.LABEL_PX / (HEIGHT - MARGIN[2] - MARGIN[3]) * (high - low)
    heights = theme.dodge([float(ends[a] or 0) for a in names], gap, low + gap / 2, high - gap / 2)
    inks = theme.arm_ink(view, result.arms)
    short = ViewSpec(dark=view.dark, narrow=True)
    return [
        theme.note(
            theme.label(arm, short),
            view,
            x=last + 0.2,
            y=y,
            xanchor="left",
            yanchor="middle",
            xshift=4,
            font={"size": 12, "color": inks[arm].colour},
        )
        for arm, y in zip(names, heights, strict=True)
    ]
