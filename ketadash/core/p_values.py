"""p-values, and how they are shown: as they are, marked as one of many looks, or not at all.

A p-value is a `PValue` in every result, and stays one in words: what `p_text` and `p_cell` write is unreadable
until `shown` turns it into text, which is the last thing that happens to a text, a table or a document before it is
seen.  Sentences that speak of one are wrapped by `about_p`.  So a page that forgets to ask shows no p-value at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isnan
from typing import Any, ClassVar

from ketadash.core.view import PValues

MARK, HIDDEN = "†", "p\u00a0hidden"
HIDDEN_CELL = "hidden"
_NOTE = {
    PValues.SHOWN: "",
    PValues.LABELLED: "A p-value marked † is outside {}: one of many looks, it does not keep its error rate.",
    PValues.HIDDEN: "p-values are hidden: this is not {}.",
}
GONE = "Left out here: it would tell a p-value, and p-values are hidden."


def note(how: PValues, analysis: str) -> str:
    """What the mark of a p-value, or the word in its place, means; `analysis`: ``the published analysis``."""
    return _NOTE[how].format(analysis)


class PValue(float):
    """A p-value, or a number that gives one away, such as its Monte Carlo error."""

    __slots__ = ()


class Statistic(PValue):
    """A test's statistic (F, t, χ², z), from which p can be looked up: it is hidden with p, and never marked."""

    __slots__ = ()


def as_p(p: float | None) -> PValue | None:
    """A number as the p-value that it is; None stays None."""
    return None if p is None else PValue(p)


def keep_p(result: Any, *names: str) -> None:
    """Make p-values of the fields `names` of a frozen result, whatever number it was made with."""
    for name in names:
        object.__setattr__(result, name, as_p(getattr(result, name)))


def keep_statistics(result: Any, *names: str) -> None:
    """The same of a test's statistics, which give its p-value away."""
    for name in names:
        value = getattr(result, name)
        object.__setattr__(result, name, None if value is None else Statistic(value))


class HoldsP:
    """A frozen result whose field `p` is a p-value, and whose fields `STATISTICS` would tell it."""

    __slots__ = ()
    STATISTICS: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        keep_p(self, "p")
        keep_statistics(self, *self.STATISTICS)


# A p-value within a text is written with characters of no script, one for each sign; `_ABOUT` stands around sentences.
# No file can smuggle anything in by them: what they may say is `_READABLE`.
_SIGNS = "p\u00a0<>.0123456789–=−∞"
_FIRST = 0x10FE00
_TOKEN = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + len(_SIGNS) - 1)}]+")
_READABLE = re.compile(r"(p\u00a0)?(?:[<>]\u00a0)?\d*\.\d+|–|=−?(?:\d+(?:\.\d+)?|∞)")
_STATISTIC = "="  # how a statistic that fills a cell begins, unread: what tells it from a p-value
_OPEN, _CLOSE = "\ufdd2", "\ufdd3"
_ABOUT = re.compile(f" ?{_OPEN}[^{_CLOSE}]*(?:{_CLOSE}|$)")
_HAS_ANY = re.compile(f"{_TOKEN.pattern}|[{_OPEN}{_CLOSE}]")


def p_text(p: float | None) -> str:
    """``p .04``, ``p .007``, ``p < .001``: two digits, three where it matters; ``p not estimable`` for None."""
    return "p not estimable" if p is None or isnan(p) else _written(_rounded(p))


def p_cell(p: float | None) -> str:
    """The same for a column headed p: ``.04``, ``< .001``, a dash for None."""
    return _written("–" if p is None or isnan(p) else _rounded(p).removeprefix("p").strip())


def about_p(text: str) -> str:
    """A whole sentence, or a cell, that speaks of a p-value: it is left out where they are hidden."""
    return f"{_OPEN}{text}{_CLOSE}"


def with_statistic(name: str, statistic: str, p: float | None) -> str:
    """A test as a sentence has it: ``log-rank χ² 4.2, p .04``, and ``log-rank p hidden``.

    The statistic gives its p-value away and says nothing else, so the two are hidden together.  The `name` may be
    empty.
    """
    space = " " if name else ""
    both_hidden = about_p(f"{space}{statistic},{'' if name else ' '}")
    return f"{name}{both_hidden}{space}{p_text(p)}"


def statistic_in_cell(kind: str, value: float | None, after: str = "") -> str:
    """The same in a table: ``χ² 4.20 on 1 df``, and ``χ² hidden on 1 df``."""
    return "–" if value is None or isnan(value) else f"{kind} {_written(f'{value:.2f}')}{after}"


def cell_of_statistic(value: str) -> str:
    """A statistic that fills a cell, as printed: ``2.04``, and ``hidden``; a dash stays one."""
    return value if value == "–" else _written(f"{_STATISTIC}{value}")


def _rounded(p: float) -> str:
    if p < 0.001:
        return "p\u00a0<\u00a0.001"
    if p > 0.995:
        return "p\u00a0>\u00a0.99"
    digits = 3 if p < 0.01 or 0.045 <= p < 0.055 else 2
    return f"p {p:.{digits}f}".replace("0.", ".", 1).replace(" ", "\u00a0")


def _written(text: str) -> str:
    return "".join(chr(_FIRST + _SIGNS.index(sign)) for sign in text)


def _signs(token: re.Match[str]) -> str:
    return "".join(_SIGNS[ord(sign) - _FIRST] for sign in token[0])


def _read(token: re.Match[str]) -> str:
    text = _signs(token)
    return text.removeprefix(_STATISTIC) if _READABLE.fullmatch(text) else ""


def shown(text: str, how: PValues) -> str:
    """A text as it is read: its p-values as they are, marked, or hidden with the sentences that speak of one."""
    if not _HAS_ANY.search(text):
        return text
    if how is not PValues.HIDDEN:
        mark = MARK if how is PValues.LABELLED else ""
        plain = text.replace(_OPEN, "").replace(_CLOSE, "")
        return _TOKEN.sub(lambda token: (p := _read(token)) + (mark if p.startswith("p") else ""), plain)
    kept = _ABOUT.sub("", text).replace(_CLOSE, "").strip() if _OPEN in text else text
    return _TOKEN.sub(lambda token: HIDDEN if _read(token).startswith("p") else HIDDEN_CELL, kept) or GONE


def is_cell_of_p(cell: object) -> bool:
    """Whether a table's cell is a p-value or a number about one, so that all its column is; a statistic is none."""
    if isinstance(cell, PValue):
        return not isinstance(cell, Statistic)
    if not isinstance(cell, str):
        return False
    token = _TOKEN.match(cell)
    if token is None or _signs(token).startswith(_STATISTIC):
        return cell.startswith(_OPEN)
    return not _read(token).startswith("p")


def gives_p_away(cell: object) -> bool:
    """Whether it is one of those, or a test's statistic in full precision."""
    return isinstance(cell, PValue) or is_cell_of_p(cell)


_PLAIN = {float, int, bool, type(None)}


def everywhere(value: Any, how: PValues) -> Any:
    """A result as plain values, such as the JSON has it, as it is read; a p-value that is hidden is None."""
    if type(value) in _PLAIN:  # most of a large result
        return value
    if isinstance(value, Mapping):
        return {key: everywhere(inner, how) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([everywhere(inner, how) for inner in value])
    if isinstance(value, PValue):
        return None if how is PValues.HIDDEN else value
    return shown(value, how) if isinstance(value, str) else value


# --- what others wrote -----------------------------------------------------------------------------------------------

# A p-value as a report prints it, and sentences that speak of one: on which side of a limit it lies, where it stands.
_PRINTED = re.compile(r"\bp[\s\u00a0]*(?:[=<>≤≥][\s\u00a0]*)?0?\.\d+")
_SPOKEN_OF = re.compile(
    r"\bp[\s\u00a0]+(?:is|stays|stands|below|above|under|over|between)\b|\bp[\s\u00a0]*[<>=≤≥]|\bexact p\b"
    r"|\bp-values?\b"
)
_END = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")


def of_prose(text: str) -> str:
    """A text that somebody wrote for a file, with its sentences that hold or speak of a p-value as such."""
    sentences = _END.split(text)
    return " ".join(about_p(s) if _PRINTED.search(s) or _SPOKEN_OF.search(s) else s for s in sentences)
