"""A table as HTML that is read aloud as one: its name, its column heads, its row heads, and reached by keyboard.

Not `st.table`: that has no caption, leaves the corner above row names an empty heading, cannot be scrolled by keyboard
on a phone, and takes every cell for Markdown (4 ms a row to paint).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

LONG, SENTENCE = 22, 40  # characters of a cell, beyond which it wraps, and beyond which it is read as a sentence


def html(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str | None = None,
    named: bool = False,
    long: bool = False,
) -> str:
    """The table; every text must be safe in HTML already, but for the caption.

    Parameters
    ----------
    heads
        One for each column; with `named`, the first is that of the row names and may be empty.
    rows
        Cells; with `named`, the first is the row's name.
    caption
        What the table is.
    named
        Whether each row begins with its name.
    long
        Whether to scroll it in a box.
    """
    top = "".join(f'<th scope="col"{_kind(head)}>{head}</th>' if head else "<td></td>" for head in heads)
    body = "".join(f"<tr>{_row(row, named)}</tr>" for row in rows)
    caption_html = f"<caption><span>{escape(caption)}</span></caption>" if caption else ""
    # the box takes the keyboard: what is wider than a phone or longer than the box is scrolled by arrow keys
    box = "ketadash-wide ketadash-long" if long else "ketadash-wide"
    label = f"Table: {caption}" if caption else "Table"
    return (
        f'<div class="{box}" tabindex="0" role="group" aria-label="{escape(label)}">'
        f'<table class="ketadash-table">{caption_html}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(row: Sequence[str], named: bool) -> str:
    return "".join(
        f'<th scope="row">{cell}</th>' if named and not i else f"<td{_kind(cell)}>{cell}</td>"
        for i, cell in enumerate(row)
    )


def _kind(cell: str) -> str:
    """What is long gets room: squeezed into a narrow column it would make a row as high as a phone."""
    if cell.startswith("<") or len(cell) <= LONG:
        return ""
    return ' class="ketadash-said"' if len(cell) > SENTENCE else ' class="ketadash-some"'
