"""Ink shared by every figure: colours, dashes, markers, fonts, axes and text safe to hand to plotly.

A figure is a plain ``{"data": [...], "layout": {...}}``, not a ``plotly.graph_objects.Figure``: building the
latter costs 8 ms and buys nothing here (the tests validate every figure through it).  Lean for the same
reason: fixed margins, no automargin, no legend.
"""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass
from typing import Any

from ketadash.core.spec import ViewSpec

Figure = dict[str, Any]
Trace = dict[str, Any]

# The page's own font, papers and text, as in .streamlit/config.toml (a test keeps them one).
FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CLEAR = "rgba(0,0,0,0)"
LABEL_PX = 17  # the height one line of label text needs
LONGEST = 120  # characters of a name in a plot's hover text
ACCENTS = 3  # accents on one letter: no script needs more, and a heap of them covers the lines around


@dataclass(frozen=True, slots=True)
class ArmInk:
    """How one arm is drawn; the dash and the marker tell arms apart without colour."""

    colour: str
    band: str
    dash: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of one appearance, arms in order control, active."""

    paper: str
    text: str
    muted: str
    grid: str
    zero: str
    neutral_band: str
    arms: tuple[ArmInk, ArmInk]


# Vermilion and blue stay apart under every common colour blindness; each has a contrast of at least 4.5 with
# its paper, since the arm's name is written in it.
LIGHT = Ink(
    paper="#ffffff",
    text="#1a2a33",
    muted="#5A616B",
    grid="#E4E9EC",
    zero="#7A828C",
    neutral_band="rgba(90,97,107,0.16)",
    arms=(
        ArmInk("#C04A18", "rgba(200,80,30,0.14)", "5px,3px", "square"),
        ArmInk("#0067A5", "rgba(0,103,165,0.14)", "solid", "circle"),
    ),
)
DARK = Ink(
    paper="#10191f",
    text="#e6edf0",
    muted="#A7AEB8",
    grid="#263640",
    zero="#8C949F",
    neutral_band="rgba(167,174,184,0.20)",
    arms=(
        ArmInk("#F28C5F", "rgba(242,140,95,0.18)", "5px,3px", "square"),
        ArmInk("#5EB3EC", "rgba(94,179,236,0.18)", "solid", "circle"),
    ),
)


def ink(view: ViewSpec) -> Ink:
    """The colours for this view."""
    return DARK if view.dark else LIGHT


def arm_ink(view: ViewSpec, arms: tuple[str, str]) -> dict[str, ArmInk]:
    """Map each arm's name, control first, to how it is drawn."""
    return dict(zip(arms, ink(view).arms, strict=True))


def safe(text: str, most: int = LONGEST) -> str:
    """Make text from the data harmless in plotly's pseudo-HTML and templates, cut to `most` characters.

    Plotly reads tags (``<b>``, ``<a href>``) and entities in every text, and ``%{…}`` in hover templates.
    Line breaks and invisible direction marks become spaces or vanish.
    """
    flat = _flat(text)
    if len(flat) > most:
        flat = flat[: most - 1].rstrip() + "…"
    for raw, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("%{", "&#37;{"), ("$", "&#36;")):
        flat = flat.replace(raw, entity)
    return flat


def label(text: str, view: ViewSpec, most: int | None = None) -> str:
    """An arm's name short enough to stand beside its line, of `most` letters; the hover has it in full.

    Cut in the middle: arms that begin alike ("ketamine + therapy", "ketamine + education") end differently.
    """
    flat, most = _flat(text), most or (13 if view.narrow else 16)
    if len(flat) > most:
        head = (most - 1) // 2
        flat = flat[:head].rstrip() + "…" + flat[head + 1 - most :].lstrip()
    return safe(flat)


def _flat(text: str) -> str:
    """`text` on one line, without the invisible marks that could turn or hide it, nor heaps of accents."""
    kept, accents = list[str](), 0
    for c in text:
        kind = unicodedata.category(c)
        accents = accents + 1 if kind in ("Mn", "Me") else 0
        if (kind not in ("Cc", "Cf") or c.isspace()) and accents <= ACCENTS:
            kept.append(c)
    return " ".join("".join(kept).split())


def wrapped(text: str, width: int, lines: int) -> str:
    """`text` made safe and broken into at most `lines` lines of `width` characters."""
    broken = textwrap.wrap(_flat(text), width, max_lines=lines, placeholder="…")
    return "<br>".join(safe(line) for line in broken)


def dodge(values: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move `values` as little as need be so that neighbours are `gap` apart within ``low … high``.

    Order is kept (ties in the order given).  If the range cannot hold them all, the gap shrinks.
    """
    if len(values) < 2:
        return [min(max(v, low), high) for v in values]
    gap = min(gap, (high - low) / (len(values) - 1))
    order = sorted(range(len(values)), key=values.__getitem__)
    # With the k-th value lowered by k gaps, "at least a gap apart" reads "never falling": pool the adjacent
    # violators to their mean, the least-squares answer.
    pools: list[list[float]] = []
    for k, i in enumerate(order):
        pools.append([values[i] - k * gap])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    flat = [_mean(pool) for pool in pools for _ in pool]
    top = high - (len(values) - 1) * gap
    placed = [0.0] * len(values)
    for k, i in enumerate(order):
        placed[i] = min(max(flat[k], low), top) + k * gap
    return placed


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def day_ticks(first: int, last: int, view: ViewSpec) -> list[int]:
    """Days to label: the first and last day and round steps between, far enough apart to be read."""
    most = 5 if view.narrow else 9
    span = max(last - first, 1)
    step = next((s for s in (1, 2, 7, 14, 28, 56, 84, 168, 364) if span / s <= most), span)
    inner = [d for d in range(first - first % step, last + 1, step) if first < d < last]
    kept = [d for d in inner if d - first >= 0.6 * step and last - d >= 0.6 * step]
    return sorted({first, *kept, last})


def tall(px: int, view: ViewSpec, share: float = 0.75) -> int:
    """A height; on a slide a `share` of it, since there the whole figure is enlarged, type and lines with it."""
    return round(share * px) if view.presenting else px


def spread(candidates: list[float], low: float, high: float, least: float) -> list[float]:
    """Those of `candidates` (most wanted first) within the range and at least `least` from those already kept."""
    kept: list[float] = []
    for c in candidates:
        if low <= c <= high and all(abs(c - k) >= least for k in kept):
            kept.append(c)
    return sorted(kept)


def axis(view: ViewSpec, **changes: Any) -> dict[str, Any]:
    """An axis with thin grid lines and no automargin."""
    colours = ink(view)
    base = {
        "automargin": False,
        "zeroline": False,
        "showline": False,
        "gridcolor": colours.grid,
        "linecolor": colours.zero,
        "tickcolor": colours.zero,
        "tickfont": {"color": colours.muted, "size": 12 if view.narrow else 13},
        "ticks": "",
    }
    return base | changes


def day_axis(view: ViewSpec, window: tuple[int, int], *, low: float | None = None, **changes: Any) -> dict[str, Any]:
    """The axis of days of `window`, from `low` (half a day before the first by default)."""
    first, last = window
    ticks = day_ticks(first, last, view)
    reach = {"range": [first - 0.5 if low is None else low, last + 0.5], "tickvals": ticks, "showgrid": False}
    return axis(view, showline=True, ticks="outside", title=title("Day", view), **(reach | changes))


def title(text: str, view: ViewSpec) -> dict[str, Any]:
    """An axis title; `text` must be safe already."""
    return {"text": text, "standoff": 6, "font": {"color": ink(view).muted, "size": 12 if view.narrow else 13}}


def note(text: str, view: ViewSpec, **changes: Any) -> dict[str, Any]:
    """An annotation without an arrow; `text` must be safe already."""
    size = 12 if view.narrow else 13
    base = {"text": text, "showarrow": False, "font": {"color": ink(view).text, "size": size}}
    return base | changes


def heading(text: str, view: ViewSpec, *, left: int, up: int = 8) -> dict[str, Any]:
    """What the vertical axis shows, written level above it: easier to read than turned, and costs no width."""
    return above(f"<b>{text}</b>", view, left=left, up=up, align="left")


def above(text: str, view: ViewSpec, *, up: int, left: int = 0, **changes: Any) -> dict[str, Any]:
    """A `note` above the plot: `up` pixels over it, from `left` pixels before its left edge on."""
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    return note(text, view, **place, xshift=-left, yshift=up, **changes)


def layout(view: ViewSpec, *, height: int, margin: tuple[int, int, int, int], **changes: Any) -> dict[str, Any]:
    """The layout all figures share; `margin` is (left, right, top, bottom) in pixels.

    ``uirevision`` keeps the reader's zoom when only data change.  A narrow figure does not drag: a finger on a
    phone means to scroll the page.
    """
    colours = ink(view)
    left, right, top, bottom = margin
    base = {
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "paper_bgcolor": colours.paper,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": 13, "color": colours.text},
        "hoverlabel": {
            "align": "left",
            "bgcolor": colours.paper,
            "bordercolor": colours.zero,
            "font": {"family": FONT, "size": 13, "color": colours.text},
        },
        "hovermode": "closest",
        "dragmode": False if view.narrow else "zoom",
        "showlegend": False,
        "uirevision": "kept",
    }
    return base | changes
