"""A report as one HTML file: interactive, works without a network, prints to A4 and Letter.

Everything that it needs is in it, plotly.js included, once.  A content security policy in the file itself keeps it from
asking anybody for anything, whatever names the data carry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from html import escape

import pandas as pd

from ketadash.export import plotly_js
from ketadash.export.provenance import HEADING, Stamp
from ketadash.export.report_style import CSS, PRINT_PX
from ketadash.export.sections import Picture, Section, Table
from ketadash.questions.shared.methods import Methods

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "toImageButtonOptions": {"filename": "ketadash", "scale": 3},
}
# Drawn at the width that the window has, and anew when that changes, and at the paper's width while printing.
DRAW = """
const figures = JSON.parse(document.getElementById('figures').textContent);
const config = JSON.parse(document.getElementById('config').textContent);
function draw(node, width) {
  const [wide, narrow] = figures[node.id];
  const figure = width < (wide.layout.meta?.narrowBelow ?? 520) ? narrow : wide;
  const staticPlot = figure.layout.meta?.static === true;
  node.style.height = figure.layout.height + 'px';
  return Plotly.newPlot(node, figure.data, { ...figure.layout, width, autosize: false }, { ...config, staticPlot });
}
const nodes = [...document.querySelectorAll('.plot')];
let drawn = Promise.resolve();
function all(width) {
  drawn = Promise.all(nodes.map((n) => draw(n, width ?? n.clientWidth)));
  return drawn.then(() => { document.body.dataset.drawn = String(nodes.length); });
}
all();
let waiting;
addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(all, 150); });
addEventListener('beforeprint', () => { all(PRINT_PX); });
addEventListener('afterprint', () => { all(); });
"""


def report(
    made: Sequence[Section],
    origin: Stamp,
    methods: Methods,
    *,
    brief: bool = False,
    notes: Sequence[str] = (),
    step: Callable[[], None] = lambda: None,
) -> bytes:
    """The sections as one HTML file.

    Parameters
    ----------
    made
        What to show, in order.
    origin, methods
        Where it comes from, and the methods paragraph with its references.
    brief
        Leave out tables for specialists, legends and the methods paragraph.
    notes
        What the reader must know of the whole, such as what was left out.
    step
        Called after each section; may raise to stop.
    """
    figures: dict[str, tuple[object, object]] = {}
    parts = []
    for number, section in enumerate(made):
        parts.append("".join(_section(section, number, figures, brief)))
        step()
    if not brief:
        parts.append(_methods(methods))
    parts.append(_origin(origin))
    body = "".join([_head(origin, notes), _contents(made, brief), *parts])
    return _document(origin.title, body, figures).encode("utf-8", "replace")


def _document(title: str, body: str, figures: dict[str, tuple[object, object]]) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head><body>{body}"
        f'<script type="application/json" id="figures">{_json(figures)}</script>'
        f'<script type="application/json" id="config">{_json(CONFIG)}</script>'
        f"<script>{_plotly()}</script><script>{DRAW.replace('PRINT_PX', str(PRINT_PX))}</script></body></html>"
    )


def _json(value: object) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")


def _plotly() -> str:
    """plotly.js, so that no other host is asked for it."""
    return plotly_js.SCRIPT.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _head(origin: Stamp, notes: Sequence[str]) -> str:
    mark = f'<p><span class="badge">{escape(origin.mark)}</span></p>' if origin.mark else ""
    arms = ", ".join(f"{n:,} {arm}" for arm, n in reversed(origin.arms))
    everybody = f"{sum(n for _, n in origin.arms):,} participants ({escape(arms)})"
    doubts = "".join(f'<p class="doubt">{escape(note)}</p>' for note in notes)
    return (
        f"<header><h1>{escape(origin.title)}</h1>{mark}"
        f'<p class="quiet">{escape(origin.status)} · {everybody} · '
        f"{escape(origin.when)}</p>{doubts}</header>"
    )


def _contents(made: Sequence[Section], brief: bool) -> str:
    items = [f'<li><a href="#part-{i}">{escape(s.question)}</a></li>' for i, s in enumerate(made)]
    if not brief:
        items.append('<li><a href="#methods">Methods</a></li>')
    items.append(f'<li><a href="#origin">{HEADING}</a></li>')
    return f'<nav aria-label="Contents"><h3>Contents</h3><ol>{"".join(items)}</ol></nav>'


def _section(section: Section, number: int, figures: dict[str, tuple[object, object]], brief: bool) -> Iterator[str]:
    yield f'<section class="part" id="part-{number}"><div class="keep"><h2>{escape(section.question)}</h2>'
    yield f'<p class="answer">{escape(section.answer)}</p></div>'
    for k, picture in enumerate(section.pictures):
        yield _figure(picture, f"figure-{number}-{k}", figures, brief)
    yield f'<p class="quiet"><strong>What this rests on.</strong> {escape(section.rests_on)}</p>'
    for doubt in section.doubts:
        yield f'<p class="doubt">{escape(doubt)}</p>'
    for table in section.tables:
        if not (brief and table.deep):
            yield _table(table)
    yield "</section>"


def _figure(picture: Picture, name: str, figures: dict[str, tuple[object, object]], brief: bool) -> str:
    figures[name] = (picture.figure, picture.narrow)
    height = int(picture.figure["layout"]["height"])
    legend = "" if brief else f"<figcaption>{escape(picture.legend)}</figcaption>"
    return (
        f'<figure><div class="plot" id="{name}" role="img" aria-label="{escape(picture.alt)}" '
        f'style="height:{height}px"></div>{legend}</figure>'
    )


def _table(table: Table) -> str:
    if table.shown.empty:
        return ""
    return f'<div class="scroll">{table_html(table.shown, table.caption)}</div>'


def table_html(frame: pd.DataFrame, caption: str) -> str:
    """A table as HTML, every text escaped."""
    head = "".join(f'<th scope="col">{escape(str(c))}</th>' for c in frame.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(x))}</td>" for x in row) + "</tr>" for row in frame.itertuples(index=False)
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _methods(methods: Methods) -> str:
    text = "".join(f"<p>{escape(p)}</p>" for p in methods.paragraphs)
    references = "".join(f"<li>{escape(r)}</li>" for r in methods.references)
    listed = f'<h3>References</h3><ol class="references">{references}</ol>' if references else ""
    return f'<section class="part" id="methods"><h2>Methods</h2>{text}{listed}</section>'


def _origin(origin: Stamp) -> str:
    pairs = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in origin.lines())
    return f'<section id="origin"><h2>{HEADING}</h2><dl>{pairs}</dl></section>'
