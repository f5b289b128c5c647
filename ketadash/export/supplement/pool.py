"""Every part of what the pages say kept once: a table or a curve that many states share takes no room twice.

A value is written as itself where it is short, and else as ``{"$": n}``, the n-th part of the pool; parts are made of
parts, and a text that a page names (`made`) is one.  Parts of a kind stand together, since what is compressed is a
fifth smaller where like stands beside like: n is the place among its kind times the number of kinds, plus the kind.
`supplement.js` reads it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ketadash.export.supplement.made import MARK

KINDS = 5
SHORT = 24  # letters of JSON that are not worth a place of their own
Json = Any
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_spaced = json.JSONEncoder(ensure_ascii=False).encode


class Pool:
    """Parts, each once, by kind in the order in which they came; `text_of` gives a text named by its fingerprint."""

    def __init__(self, text_of: Callable[[str], str] | None = None) -> None:
        self.parts: list[list[str]] = [[] for _ in range(KINDS)]
        self._places: dict[str, int] = {}
        self._named: dict[str, int] = {}
        self._strings: dict[str, Json] = {}  # the same few words and colours stand everywhere
        self._text_of = text_of

    def add(self, text: str) -> int:
        """The place of a value given as JSON."""
        return self._place(self._inside(json.loads(text)))

    def named(self, mark: str) -> int:
        """The place of the text of a fingerprint."""
        assert self._text_of is not None, "a pool of texts that are named has been told where they are"
        if mark not in self._named:
            self._named[mark] = self.add(self._text_of(mark))
        return self._named[mark]

    def _place(self, written: Json) -> int:
        text = _written(written)
        if text not in self._places:
            kind = _kind(written)
            self._places[text] = len(self.parts[kind]) * KINDS + kind
            self.parts[kind].append(text)
        return self._places[text]

    def _inside(self, value: Json) -> Json:
        """A value with its parts in the pool."""
        if isinstance(value, dict):
            return {key: self._kept(inner) for key, inner in value.items()}
        if isinstance(value, list) and any(isinstance(inner, dict | list | str) for inner in value):
            return [self._kept(inner) for inner in value]
        return value

    def _kept(self, value: Json) -> Json:
        if isinstance(value, str):
            kept = self._strings.get(value)
            if kept is None:
                short = len(value) + 2 <= SHORT and len(_spaced(value)) <= SHORT
                kept = self._strings[value] = value if short else {MARK: self._place(value)}
            return kept
        if not isinstance(value, dict | list):
            return value
        if isinstance(value, dict) and MARK in value:
            return {MARK: self.named(value[MARK])}
        inside = self._inside(value)
        if len(inside) < SHORT and len(_spaced(inside)) <= SHORT:  # an item takes a letter at least
            return inside
        return {MARK: self._place(inside)}

    def text(self) -> str:
        """All parts as one JSON list, of a list for each kind."""
        lists = (f"[{','.join(parts)}]" for parts in self.parts)
        return f"[{','.join(lists)}]"


def _kind(written: Json) -> int:
    """What a part is like: a text, a thing with names, or a list of parts, of words or of numbers."""
    if not isinstance(written, list):
        return 1 if isinstance(written, dict) else 0
    for kind, like in ((2, dict), (3, str)):
        if any(isinstance(inner, like) for inner in written):
            return kind
    return 4
