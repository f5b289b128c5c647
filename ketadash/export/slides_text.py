"""How much text a slide holds: lines are reckoned with Arial's widths, so that nothing runs out of its box.

Whoever opens the slides sets the text anew; what is reckoned here leaves room for that.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

SMALLEST = 14.0  # points of any text on a slide: less is not read in a room
LINE = 1.2  # height of a line, in sizes of its type
THE_REST = "The rest is in the report."
BOLD = 1.09  # how much wider bold type is, at most
# Widths in thousandths of the size.
_WIDTHS = {
    letter: wide
    for letters, wide in (
        ("'|ijl", 225),
        (" !,./:;I[]\\ft·", 280),
        ('()-r`"', 345),
        ("*^cksvxyz", 500),
        ("?_abdeghnopqu0123456789#$LJ–", 560),
        ("+<=>~FTZ−×÷", 615),
        ("&ABEKPSVXY", 670),
        ("CDHNRUw", 725),
        ("GOQ", 780),
        ("mM", 835),
        ("%W", 945),
        ("@…—", 1015),
    )
    for letter in letters
}
_OTHER, _WIDE = 700, 1050  # any other letter; those that are as wide as high
_SENTENCES = re.compile(r"(?<=[.!?]) +(?=[A-Z0-9])")
INTERVAL = re.compile(r"\bCI\b")


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is on one line, in points."""
    return sum(map(_width, text)) * size * (BOLD if bold else 1.0) / 1000


def _width(letter: str) -> int:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0xFFFF else _OTHER


def lines(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """How many lines a text takes in a box `room` points wide."""
    return sum(_lines(paragraph, size, room, bold) for paragraph in text.split("\n"))


def _lines(paragraph: str, size: float, room: float, bold: bool) -> int:
    space, taken, used = width(" ", size, bold=bold), 1, 0.0
    for word in paragraph.split(" "):
        wide = width(word, size, bold=bold)
        if used and used + space + wide > room:
            taken, used = taken + 1, 0.0
        else:
            used += space if used else 0.0
        if wide > room:  # broken wherever its line ends
            taken += math.ceil((used + wide) / room) - 1
            wide = (used + wide) % room - used
        used += wide
    return taken


def height(text: str, size: float, room: float, *, bold: bool = False) -> float:
    """How high a text is in a box `room` points wide, in points."""
    return lines(text, size, room, bold=bold) * size * LINE


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [one for one in _SENTENCES.split(" ".join(text.split())) if one]


def held(text: str | Sequence[str], size: float, room: float, most: int, *, bold: bool = False) -> str:
    """The first sentences of a text that `most` lines hold; a first one that they do not hold is cut at a word.

    >>> held("One two. Three four.", 10, 60, 1)
    'One two.'
    """
    kept, *rest = (sentences(text) if isinstance(text, str) else list(text)) or [""]
    if lines(kept, size, room, bold=bold) > most:
        return cut(kept, size, room, most, bold=bold)
    for sentence in rest:
        if lines(f"{kept} {sentence}", size, room, bold=bold) > most:
            break
        kept = f"{kept} {sentence}"
    return kept


def cut(text: str, size: float, room: float, most: int = 1, *, bold: bool = False) -> str:
    """A text without what `most` lines do not hold, cut at a word where there is one.

    >>> cut("One two three four", 10, 60)
    'One two…'
    """
    if lines(text, size, room, bold=bold) <= most:
        return text
    low, high = 0, len(text)
    while low < high:  # find the longest beginning that fits
        middle = (low + high + 1) // 2
        if lines(f"{text[:middle]}…", size, room, bold=bold) <= most:
            low = middle
        else:
            high = middle - 1
    at_word = text.rfind(" ", 0, low + 1)
    return f"{text[: at_word if at_word > low / 2 else low].rstrip(' ,;:')}…"


def inside(text: str, size: float, room: float) -> str:
    """A label of one line: what does not go in is left out of its middle, since numbers stand at its end."""
    text = " ".join(text.split())
    if width(text, size) <= room:
        return text
    keep = len(text)
    while keep > 2 and width(_without_middle(text, keep), size) > room:
        keep = min(keep - 1, int(keep * 0.95))
    return _without_middle(text, keep)


def _without_middle(text: str, keep: int) -> str:
    end = keep // 2
    return f"{text[: keep - end]}…{text[len(text) - end :] if end else ''}"


def pages(paragraphs: Sequence[str], size: float, room: float, tall: float) -> list[list[str]]:
    """Paragraphs, an empty line between them, on as many slides as they need; one higher than a slide is cut."""
    most = int(tall / (size * LINE))
    made: list[list[str]] = [[]]
    used = 0
    for paragraph in paragraphs:
        shown = cut(paragraph, size, room, most)
        taken = lines(shown, size, room)
        if made[-1] and used + 1 + taken > most:
            made.append([])
            used = 0
        made[-1].append(shown)
        used += taken + (1 if len(made[-1]) > 1 else 0)
    return made
