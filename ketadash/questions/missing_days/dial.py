"""Along the dial of one arm's missing days, and the curve it moves over the one it started from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from ketadash.core.spec import ViewSpec
from ketadash.core.terms import Terms
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.sensitivity import TippingMap

HEIGHT, LANE_PX = 420, 36
NARROW_BELOW = 640  # pixels: eleven stops and their words need more than a curve over days
WORDS = {0.0: "missing =<br>{use}", 1.0: "like<br>reported", math.inf: "missing =<br>abstinent"}
SHOWN = (0, 3, 5, 7, 10)  # the stops that a phone has room to name
SHORT = {0.0: "= {use}", 1.0: "as reported", math.inf: "= abstinent"}


# --- stops -----------------------------------------------------------------------------------------------------------


def stop_name(ratio: float) -> str:
    """``0.05``, ``1``, ``∞``."""
    return "∞" if ratio == math.inf else f"{ratio:g}"


def stop_labels(stops: Sequence[float], view: ViewSpec, terms: Terms, *, beside: bool = False) -> list[str]:
    """The stops as tick labels, with what the ends and the middle mean below them (`beside` an upright axis)."""
    longer = {s: short.replace("= ", "missing = ").replace("as ", "like ") for s, short in SHORT.items()}
    words = WORDS if not beside else SHORT if view.narrow else longer
    skipped = stops[1::2] if view.narrow and not beside else ()
    return [
        f"{stop_name(s)}<br>{words[s].format(use=terms.use)}" if s in words else "" if s in skipped else stop_name(s)
        for s in stops
    ]


def ratio_title(arm: str, view: ViewSpec) -> str:
    """What an axis of stops shows."""
    what = "odds ratio, missing ÷ reported" if view.narrow else "odds of abstinence if missing ÷ if reported"
    return f"{theme.label(arm, view)}: {what}"


def place(stops: Sequence[float], ratio: float) -> float:
    """Where an odds ratio stands among the stops: even between them on the logarithmic scale, and in the ratio itself
    beside 0 and in its inverse beside ∞, where there is no logarithm.
    """
    for k, (a, b) in enumerate(pairwise(stops)):
        if a <= ratio <= b:
            if ratio == b:
                return k + 1.0
            if a == 0:
                return k + ratio / b
            if b == math.inf:
                return k + 1 - a / ratio
            return k + math.log(ratio / a) / math.log(b / a)
    return 0.0 if ratio < stops[0] else len(stops) - 1.0


def ratio_text(stops: Sequence[float], x: float) -> str:
    """The odds ratio at a place between stops, as `place` has it: ``at 0.72``; beside 0 and ∞ only on which side."""
    k = min(int(x), len(stops) - 2)
    a, b = stops[k], stops[k + 1]
    if a == 0:
        return f"below {b:g}"
    return f"above {a:g}" if b == math.inf else f"at {a * (b / a) ** (x - k):.2g}"


def difference_text(estimate: float, low: float, high: float, confidence: float) -> str:
    """``Difference +30.1 points<br>95% interval −2.0 to +62.0`` for a hover."""
    e, a, b = (f"{100 * v:+.1f}".replace("-", "−") for v in (estimate, low, high))
    return f"Difference {e} points<br>{parts.percent(confidence)} interval {a} to {b}"


# --- one arm ---------------------------------------------------------------------------------------------------------


def one_arm(tm: TippingMap, view: ViewSpec, *, odds_ratios: tuple[float, float] | None = None) -> Figure:
    """The difference along the stops of the only arm with missing days, with the share of them taken as abstinent.

    The first trace holds the differences, ``customdata`` the places among the stops (control, active).
    """
    arm = 0 if tm.varies[0] else 1
    estimate, low, high = (_along(grid, arm) for grid in (tm.estimate, tm.ci_low, tm.ci_high))
    margin = (60, 26, 50, 96) if view.narrow else (100, 34, 32, 96)
    inner = HEIGHT - margin[2] - margin[3]
    ends = np.concatenate([estimate, low, high])
    reach = parts.padded(
        min(np.nanmin(ends), 0.0) if np.isfinite(ends).any() else -0.1,
        max(np.nanmax(ends), 0.0) if np.isfinite(ends).any() else 0.1,
        least=0.05,
    )
    lane = (reach[1] - reach[0]) * LANE_PX / (inner - 2 * LANE_PX)
    frame = (reach[0] - lane, reach[1] + lane)  # a lane above and one below, for labels that nothing crosses
    n, points = len(tm.stops), _differences(tm, arm, estimate, low, high, view)
    notes, shapes = _heads(tm, view, left=margin[0]), [parts.level(0, view)]
    stripe = _last_week(tm, arm, view, frame, lane)
    tips = _tips(tm, arm, view, frame, lane, _along(tm.margin, arm))
    now = _now(tm, arm, view, odds_ratios, estimate)
    return {
        "data": [points, *_bands(estimate, low, high, view), tips[0], *now],
        "layout": theme.layout(
            view,
            height=HEIGHT,
            margin=margin,
            annotations=notes + stripe[1] + tips[1] + _row_names(view, margin[0]),
            shapes=shapes + stripe[0] + tips[2],
            meta={"narrowBelow": NARROW_BELOW},
            xaxis=theme.axis(
                view,
                range=[-0.4, n - 0.6],
                showgrid=False,
                showline=True,
                ticks="outside",
                fixedrange=True,
                tickangle=0,
                tickvals=list(range(n)),
                ticktext=_stops(tm, arm, view),
                tickfont={"size": 11 if view.narrow else 12, "color": theme.ink(view).muted},
                title=theme.title(ratio_title(tm.arms[arm], view), view),
            ),
            yaxis=theme.axis(view, range=list(frame), tickformat="~%", nticks=6),
        ),
    }


def _differences(
    tm: TippingMap, arm: int, estimate: np.ndarray, low: np.ndarray, high: np.ndarray, view: ViewSpec
) -> Trace:
    """The differences, a point a stop, joined by a line."""
    n, middle = len(tm.stops), tm.stops.index(1.0)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "difference",
        "x": list(range(n)),
        "y": [_finite(v) for v in estimate],
        "connectgaps": False,
        "customdata": [[k, middle] if arm == 0 else [middle, k] for k in range(n)],
        "line": {"color": theme.ink(view).text, "width": 2.5},
        "marker": {"size": 8, "color": theme.ink(view).text},
        "error_y": _alone(estimate, low, high, view),
        "hovertext": [_hover(tm, arm, k, estimate, low, high) for k in range(n)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _along(grid: np.ndarray, arm: int) -> np.ndarray:
    """The grid along one arm's stops; the other's make no difference."""
    line: np.ndarray = grid[:, 0] if arm == 0 else grid[0, :]
    return line


def _finite(v: float) -> float | None:
    return float(v) if math.isfinite(v) else None


def _hover(tm: TippingMap, arm: int, k: int, estimate: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    share = tm.implied[arm][k]
    taken = "" if math.isnan(share) else f": {share:.0%} of its missing days abstinent"
    where = f"{theme.safe(tm.arms[arm], 40)}, odds ratio {stop_name(tm.stops[k])}{taken}"
    return f"{where}<br>{difference_text(float(estimate[k]), float(low[k]), float(high[k]), tm.confidence)}"


def _runs(estimate: np.ndarray) -> list[list[int]]:
    """Unbroken runs of stops that are known."""
    known = groupby(range(len(estimate)), key=lambda k: bool(np.isfinite(estimate[k])))
    return [list(run) for is_known, run in known if is_known]


def _bands(estimate: np.ndarray, low: np.ndarray, high: np.ndarray, view: ViewSpec) -> list[Trace]:
    colour = theme.ink(view).neutral_band
    return [parts.closed(run, low[run].tolist(), high[run].tolist(), colour) for run in _runs(estimate) if len(run) > 1]


def _alone(estimate: np.ndarray, low: np.ndarray, high: np.ndarray, view: ViewSpec) -> dict[str, Any]:
    """Intervals as bars for stops whose neighbours are not known yet, where no band shows them."""
    alone = {run[0] for run in _runs(estimate) if len(run) == 1}
    ends = (
        (float(low[k]), float(estimate[k]), float(high[k])) if k in alone else (None, None, None)
        for k in range(len(estimate))
    )
    return error_bars(ends, theme.ink(view).zero)


def _stops(tm: TippingMap, arm: int, view: ViewSpec) -> list[str]:
    """Each stop, the share of missing days it takes as abstinent, and what the ends and the middle mean."""
    labels = []
    for k, s in enumerate(tm.stops):
        shown = not view.narrow or k in SHOWN
        share = "" if math.isnan(tm.implied[arm][k]) else f"{tm.implied[arm][k]:.0%}"
        means = f"<br>{WORDS[s].format(use=tm.terms.use)}" if s in WORDS else ""
        labels.append(f"{stop_name(s)}<br>{share or '–'}{means}" if shown else "")
    return labels


def _row_names(view: ViewSpec, left: int) -> list[dict[str, Any]]:
    """What the two rows of numbers under the axis are."""
    size = 11 if view.narrow else 12
    odds_label = "Odds ratio<br>" + ("Abstinent" if view.narrow else "Days abstinent")
    return [
        theme.note(
            odds_label,
            view,
            xref="paper",
            x=0,
            xanchor="left",
            xshift=2 - left,
            yref="paper",
            y=0,
            yanchor="top",
            yshift=-7,
            align="left",
            font={"size": size, "color": theme.ink(view).muted},
        )
    ]


def _heads(tm: TippingMap, view: ViewSpec, *, left: int) -> list[dict[str, Any]]:
    control, active = (theme.label(a, view) for a in tm.arms)
    if view.narrow:
        favours = theme.above(f"↑ favours {active}", view, left=left - 2, up=6, font=parts.muted(view))
        return [theme.heading(f"Day {tm.last_day}, {active} − {control}", view, left=left - 2, up=25), favours]
    favours = theme.note(
        f"↑ favours {active}",
        view,
        xref="paper",
        x=1,
        xanchor="right",
        yref="paper",
        y=1,
        yanchor="bottom",
        yshift=8,
        font=parts.muted(view),
    )
    what = f"Abstinence on day {tm.last_day}, {active} − {control}"
    return [theme.heading(what, view, left=left - 2), favours]


def _last_week(
    tm: TippingMap, arm: int, view: ViewSpec, frame: tuple[float, float], lane: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A pale stripe where missing days are as abstinent as those people's last reported week was."""
    share, implied = tm.records[arm].last_week, np.array(tm.implied[arm])
    if share is None or np.isnan(implied).any():
        return [], []
    x = float(np.interp(share, implied, np.arange(len(implied))))
    stripe = {
        "type": "line",
        "x0": x,
        "x1": x,
        "y0": frame[0] + lane,
        "y1": frame[1],
        "layer": "below",
        "line": {"color": theme.ink(view).neutral_band, "width": 10},
    }
    note = f"as in their last{'<br>' if view.narrow else ' '}reported week: {share:.0%}"
    return [stripe], [_lane_note(note, x, frame[1] - lane / 2, view, len(tm.stops), off=9)]


def _lane_note(text: str, x: float, y: float, view: ViewSpec, n: int, *, off: int) -> dict[str, Any]:
    """A label in a lane, on the side of its place that has more room."""
    right = x < (n - 1) / 2
    return theme.note(
        text,
        view,
        x=x,
        xanchor="left" if right else "right",
        xshift=off if right else -off,
        y=y,
        yanchor="middle",
        align="left" if right else "right",
        bgcolor=theme.ink(view).paper,
        borderpad=0,
        font={"size": 12, "color": theme.ink(view).text},
    )


def tipping_points(margin: np.ndarray) -> list[float]:
    """Places among the stops where the interval reaches no difference: where its margin changes sign."""
    places = []
    for k, (a, b) in enumerate(pairwise(margin.tolist())):
        if (a > 0) != (b > 0) and math.isfinite(a) and math.isfinite(b):
            places.append(k + a / (a - b))
    return places


def _tips(
    tm: TippingMap, arm: int, view: ViewSpec, frame: tuple[float, float], lane: float, margin: np.ndarray
) -> tuple[Trace, list[dict[str, Any]], list[dict[str, Any]]]:
    """Where the interval reaches no difference: a mark on its line, a leader down to the label of the first."""
    at, implied = tipping_points(margin), np.array(tm.implied[arm])
    shares = [float(np.interp(x, np.arange(len(implied)), implied)) for x in at]
    closer = next((p for p in tm.points if p.arm == tm.arms[arm]), None)
    if at and closer is not None and closer.odds_ratio is not None and closer.share_abstinent is not None:
        # so that the point drawn is the one that the answer tells
        at[0], shares[0] = place(tm.stops, closer.odds_ratio), closer.share_abstinent
    hover = [
        f"Tips {ratio_text(tm.stops, x)}" + ("" if math.isnan(s) else f", {s:.0%} of missing days abstinent")
        for x, s in zip(at, shares, strict=True)
    ]
    ink = theme.ink(view)
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": "tipping point",
        "x": at,
        "y": [0.0] * len(at),
        "marker": {"symbol": "diamond", "size": 12, "color": ink.text, "line": {"width": 1.5, "color": ink.paper}},
        "customdata": hover,
        "hovertemplate": "Interval reaches zero<br>%{customdata}<extra></extra>",
    }
    if not at:
        return trace, [], []
    leader = {
        "type": "line",
        "x0": at[0],
        "x1": at[0],
        "y0": frame[0] + 0.2 * lane,
        "y1": 0,
        "layer": "below",
        "line": {"color": ink.muted, "width": 1, "dash": "dot"},
    }
    text = f"tips {ratio_text(tm.stops, at[0])}"
    if not math.isnan(shares[0]):
        text += f":{'<br>' if view.narrow else ' '}{shares[0]:.0%} {'' if view.narrow else 'of missing days '}abstinent"
    return trace, [_lane_note(text, at[0], frame[0] + lane / 2, view, len(tm.stops), off=6)], [leader]


def _now(
    tm: TippingMap, arm: int, view: ViewSpec, odds_ratios: tuple[float, float] | None, estimate: np.ndarray
) -> list[Trace]:
    """A ring on the curve where the dial stands."""
    if odds_ratios is None:
        return []
    x = place(tm.stops, odds_ratios[arm])
    known = np.isfinite(estimate)
    y = float(np.interp(x, np.flatnonzero(known), estimate[known])) if known.any() else 0.0
    ink, right = theme.ink(view), x < len(tm.stops) - 1.5
    return [
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": "now",
            "x": [x],
            "y": [y],
            "text": ["<b>now</b>"],
            "textposition": "top right" if right else "top left",
            "textfont": {"size": 13, "color": ink.text},
            "marker": {"symbol": "circle-open", "size": 16, "color": ink.text, "line": {"width": 2.5}},
            "hoverinfo": "skip",
        }
    ]
