"""Show a figure in the page.

`st.plotly_chart` builds its node anew for every changed figure and so forgets the reader's zoom.  This component
hands the figure to ``Plotly.react`` instead (`plot.js`), from the plotly.js that the package carries
(`ketadash.export.plotly_js`), served by Streamlit itself: no other host is asked, nothing is copied, and it works from
an installed wheel.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from ketadash import __version__, analyse
from ketadash.core.p_values import shown
from ketadash.export import plotly_js, provenance
from ketadash.questions.shared import words
from ketadash.questions.shared.theme import Figure
from ketadash.ui import ASSETS, PLOTLY_AS, state
from ketadash.ui.server.streamlit_seams.starting import serve_folder

# What the reader may do with a picture; it is saved by the menu below it, which writes where it comes from.  The last
# two keep plotly 7 from offering to send it to a cloud.
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "responsive": False,  # plot.js watches the node itself, which also changes width without the window
    "modeBarButtonsToRemove": ["toImage", "select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "showSendToCloud": False,
    "plotlyServerURL": "",
}
_LIBRARY = f"/{PLOTLY_AS}"
_CSS = """
.ketadash-plot { width: 100%; min-height: 60px; overflow: hidden; color: var(--st-text-color); }
.ketadash-foot { display: flex; justify-content: space-between; gap: 8px; height: 24px; line-height: 24px; }
.ketadash-foot:not(:has(> :not([hidden]))), .st-key-slide .ketadash-foot { display: none; }
.ketadash-arms { display: flex; gap: 4px; min-width: 0; overflow: hidden; }
.ketadash-arms[hidden] { display: none; }
.ketadash-arms button { font: inherit; font-size: 12px; line-height: 22px; padding: 0 6px; cursor: pointer;
  white-space: nowrap; color: var(--st-text-color); background: none; border: 1px solid transparent;
  border-radius: 4px; }
.ketadash-arms button:hover { border-color: var(--st-border-color); }
.ketadash-arms button:focus-visible { outline: 2px solid currentColor; outline-offset: -2px; }
.ketadash-arms [aria-pressed=false] { text-decoration: line-through; }
.ketadash-save { position: relative; margin-left: auto; text-align: right; }
.ketadash-save summary { display: inline-block; cursor: pointer; font-size: 12px; color: var(--st-text-color);
  opacity: .8; padding: 0 4px; list-style: none; }
.ketadash-save summary::after { content: " ▾"; }
.ketadash-save[open] > div { position: absolute; right: 0; bottom: 26px; z-index: 5; display: grid; gap: 4px;
  grid-template-columns: auto auto; padding: 8px; width: max-content; max-width: calc(100vw - 2rem);
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 6px; }
.ketadash-save button { font: inherit; font-size: 13px; text-align: left; padding: 2px 8px; cursor: pointer;
  color: var(--st-text-color); background: transparent; border: 1px solid var(--st-border-color); border-radius: 4px; }
.ketadash-save button:hover { border-color: var(--st-primary-color); }
.ketadash-plot .js-plotly-plot, .ketadash-plot .plot-container { width: 100%; }
"""
_LONGEST_ALT = 3_000  # characters: it may name arms, and those may be called anything
_HTML = """<div class="ketadash-plot"></div>
<div class="ketadash-foot"><div class="ketadash-arms" role="group" aria-label="Arms shown" hidden></div>
<details class="ketadash-save" hidden><summary>Save picture</summary><div role="group"></div></details></div>"""
SAVE_PX = 26  # the menu's line under a figure


def serve_plotly() -> bool:
    """Let Streamlit serve plotly.js as a component's asset; False where it has no such way."""
    return serve_folder(ASSETS, plotly_js.FOLDER, plotly_js.BUNDLE)


_component = st.components.v2.component(
    "ketadash_plot",
    html=_HTML,
    css=_CSS,
    js="\n".join(
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("hidden_arm.js", "save.js", "plot.js")
    ),
    isolate_styles=False,  # plotly styles the document, not a shadow root
)


def plot(
    figure: Figure,
    *,
    key: str,
    alt: str,
    narrow: Figure | None = None,
    height: int | None = None,
    clicks: bool = False,
    light: tuple[Figure, Figure] | None = None,
) -> dict[str, Any] | None:
    """Show `figure`, keeping the reader's zoom when only its data change.

    Parameters
    ----------
    figure
        Data and layout; the layout's ``height`` is kept free from the start so that nothing jumps.
    key
        Stable name of this picture on its page.
    alt
        The picture in a sentence, for those who do not see it.
    narrow
        The same figure built for ``ViewSpec(narrow=True)``, as high, drawn where less than 520 px (or
        the layout's ``meta["narrowBelow"]``) are to be had.
    height
        Pixels, when other than the figure's own.
    light
        On a dark page, the wide and the narrow figure in the light: what is saved as a picture.
    clicks
        Whether a click on a point runs the page again.

    Returns
    -------
    dict or None
        In the run that a click brought about ``{"trace": …, "point": …}``, plotly's ``curveNumber`` and
        ``pointNumber`` ([row, column] in a heatmap).
    """
    if height is not None:
        figure, narrow = _tall(figure, height), narrow and _tall(narrow, height)
    alt = _described(alt)
    if not serve_plotly():
        st.plotly_chart(figure, key=key, config=CONFIG, theme=None)
        return None
    listening: dict[str, Any] = {"on_clicked_change": _nothing} if clicks else {}
    static = (figure["layout"].get("meta") or {}).get("static") is True
    origin = None if static else _origin(key)
    data = {
        "figure": figure,
        "narrow": narrow,
        "alt": alt,
        "plotly": _LIBRARY,
        "config": CONFIG,
        "clicks": clicks,
        "origin": origin,
        "light": light,
    }
    # in a list: Streamlit looks for a table in each part of a dictionary, a twentieth of what a page took
    sent = _component(
        key=key, data=[data], height=figure["layout"]["height"] + (SAVE_PX if origin is not None else 0), **listening
    )
    return point(sent.get("clicked")) if clicks else None


def point(clicked: Any) -> dict[str, Any] | None:
    """What the browser says of a click, if it is what `plot.js` says: anybody may send anything."""
    if not isinstance(clicked, dict) or not _is_place(clicked.get("trace")):
        return None
    which = clicked.get("point")
    places = which if isinstance(which, list) else [which]
    return {"trace": clicked["trace"], "point": which} if places and all(map(_is_place, places)) else None


def _is_place(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def fitted(figure: Figure, narrow: Figure, *, key: str, alt: str) -> None:
    """Show `figure` as large as the room it has: drawn for a smaller one, then enlarged with all its type and lines.

    On a screen held upright it is `narrow`, the same built for ``ViewSpec(narrow=True)``.
    """
    if not serve_plotly():
        st.plotly_chart(figure, key=key, config=CONFIG, theme=None)
        return
    data = {
        "figure": figure,
        "narrow": narrow,
        "alt": _described(alt),
        "plotly": _LIBRARY,
        "config": CONFIG,
        "clicks": False,
        "origin": None,
        "light": None,
        "fit": True,
    }
    _component(key=key, data=[data], height="stretch")


def _described(alt: str) -> str:
    """A picture in words, its p-values hidden or marked where they must be, and not without end."""
    text = shown(alt, state.p_values())
    return text if len(text) <= _LONGEST_ALT else text[: _LONGEST_ALT - 1] + "…"


def _origin(key: str) -> dict[str, str] | None:
    """What a saved picture carries below it, and its file's name; None on a page without a trial."""
    now = st.session_state.get(state.CURRENT)
    if now is None:
        return None
    state_of_analysis = analyse.exploratory(now.trial, now.spec), now.trial.declared.analysis_name
    parts = (
        provenance.mark_of(now.trial) or "",
        now.trial.title,
        words.status(*state_of_analysis),
        f"data {now.trial.sha256[: provenance.LETTERS]}",
        f"ketadash {__version__}",
    )
    return {
        "line": " · ".join(part for part in parts if part),
        "file": f"ketadash-{provenance.slug(key)}-{provenance.state_slug(*state_of_analysis)}",
    }


def _nothing() -> None:
    """A trigger must have a callback to be known; the value is read from what the component returns."""


def _tall(figure: Figure, height: int) -> Figure:
    return figure | {"layout": figure["layout"] | {"height": height}}


def is_dark() -> bool:
    """Whether the reader's page is dark, for `ViewSpec.dark`."""
    return st.context.theme.type == "dark"
