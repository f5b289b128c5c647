"""Everything in one HTML file that asks nobody for anything: what `supplement.js` shows, that script, and plotly.js."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from html import escape
from pathlib import Path
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, PValues, ViewSpec
from ketadash.export import catalogue, plotly_js
from ketadash.export.printable import as_json, printable
from ketadash.export.provenance import HEADING, Stamp
from ketadash.export.report import CONFIG
from ketadash.export.report_style import PRINT_PX
from ketadash.export.sections import Material
from ketadash.export.small_cells import SUPPRESSION_NOTE
from ketadash.export.supplement.content import METHODS, Order, statuses
from ketadash.export.supplement.made import Made
from ketadash.export.supplement.pool import Pool
from ketadash.export.supplement.states import Option, Plan
from ketadash.questions.shared import theme, words
from ketadash.trial import Trial

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; "
    "form-action 'none'"
)
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b|rgba\([^)]*\)")
NO_SCRIPT = "This file needs JavaScript: it holds every state of the analysis, and shows the one that is chosen."
TOO_OLD = "This browser cannot unpack the file (it has no DecompressionStream); any browser since 2023 can."


def document(trial: Trial, spec: AnalysisSpec, plan: Plan, order: Order, origin: Stamp, done: Made) -> bytes:
    """The file, from what every page says in every state."""
    pool, shown = Pool(done.text), {page for made in done.states.values() for page in made}
    pages = [page for page in (*order.pages, METHODS) if page in shown]
    states: dict[str, Any] = {}
    of_pages: dict[str, dict[str, int]] = {}  # the status of a page that a choice of its own makes exploratory
    for state in plan.states:
        if state.refused:
            states[state.place] = printable(state.refused)
            continue
        made = done.states[state.place]
        texts = statuses(trial, state.spec, {*pages, METHODS})
        status = {page: pool.add(json.dumps(printable(text))) for page, text in texts.items()}
        states[state.place] = [status[METHODS], *(pool.named(made[page]) if page in made else -1 for page in pages)]
        for page, place in status.items():
            if place != status[METHODS]:
                of_pages.setdefault(page, {})[state.place] = place
    held = {
        "title": origin.title,
        "mark": origin.mark,
        "arms": ", ".join(f"{n} {arm}" for arm, n in reversed(origin.arms)),
        "n": sum(n for _, n in origin.arms),
        "origin": origin.lines(),
        "heading": HEADING,
        "foot": origin.foot(),
        "note": SUPPRESSION_NOTE if order.suppress else "",
        "axes": [_as_json(asdict(axis)) for axis in plan.axes],
        "dials": [asdict(dial) for dial in plan.dials],
        "dial": _option(plan.dial) if plan.dial else None,
        "pages": [{"key": page, "title": _title(trial, spec, page)} for page in pages],
        "states": states,
        "statuses": of_pages,
        "declared": printable(words.status((), trial.declared.analysis_name)),
        "dark": dark_colours(trial, spec, order),
        "config": CONFIG,
        "print": PRINT_PX,
    }
    text = as_json(held, separators=(",", ":"))
    return _html(origin, f'{{"held":{text},"pool":{pool.text()}}}').encode("utf-8", "replace")


def _as_json(axis: dict[str, Any]) -> dict[str, Any]:
    options = [{"label": option["label"], "link": option["link"]} for option in axis["options"]]
    return axis | {"options": options}


def _option(option: Option) -> dict[str, Any]:
    return {"label": option.label, "link": option.link}


def _title(trial: Trial, spec: AnalysisSpec, page: str) -> str:
    if page == METHODS:
        return "Methods"
    return analyse.terms(trial, spec).worded(catalogue.chapter(page).title)


def dark_colours(trial: Trial, spec: AnalysisSpec, order: Order) -> dict[str, str]:
    """What each colour of the figures becomes on a dark screen: the same figures drawn for one, side by side."""
    pairs: dict[str, str] = {}
    for page in order.pages:
        made = [
            [
                picture.figure
                for section in catalogue.sections_of(page, m, for_office=False)
                for picture in section.pictures
            ]
            for m in (_material(trial, spec, order, dark=False), _material(trial, spec, order, dark=True))
        ]
        for light, dark in zip(*made, strict=True):
            for one, other in zip(_texts(light), _texts(dark), strict=False):
                pairs |= dict(zip(COLOUR.findall(one), COLOUR.findall(other), strict=False))
    return {light: dark for light, dark in pairs.items() if light != dark}


def _material(trial: Trial, spec: AnalysisSpec, order: Order, *, dark: bool) -> Material:
    return Material(trial, spec, PValues.SHOWN, order.suppress, look=replace(ViewSpec(), dark=dark))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a figure, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _html(origin: Stamp, data: str) -> str:
    css = (HERE / "supplement.css").read_text(encoding="utf-8")
    for name, ink in (("light", theme.LIGHT), ("dark", theme.DARK)):
        for part in ("paper", "text", "muted", "grid"):
            css = css.replace(f"{{{name}.{part}}}", getattr(ink, part))
    script = (HERE / "supplement.js").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(printable(origin.title))}</title><style>{css.replace('{font}', theme.FONT)}</style></head>"
        f'<body><noscript>{NO_SCRIPT}</noscript><p id="too-old" hidden>{TOO_OLD}</p><div id="app"></div>'
        f"<!--{_licence()}-->"
        f'<script type="application/gzip" id="data">{_packed(data)}</script>'
        f'<script type="application/gzip" id="plotly">{_packed(plotly_js.SCRIPT.read_text(encoding="utf-8"))}</script>'
        f"<script>{script}</script></body></html>"
    )


def _licence() -> str:
    """The notice that plotly.js asks to be kept."""
    text = plotly_js.LICENCE.read_text(encoding="utf-8")
    return f" This file contains plotly.js. {text} ".replace("--", "- -")


def _packed(text: str) -> str:
    return b64encode(gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0)).decode("ascii")
