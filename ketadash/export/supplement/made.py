"""What is made of a file: each state's pages by the fingerprint of what they say, and each text once.

A text names others, ``{"$": fingerprint}``: a figure, a table or a grid of numbers that many pages have would else be
in all of them.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

MARK = "$"  # the key of what stands for a text, or for a part of the file
_NAMED = re.compile(r'\{"\$": "([0-9a-f]{32})"\}')


@dataclass(frozen=True, slots=True)
class Made:
    """States and texts; texts are packed, since a file has some 100 MB of them.

    `named` are the texts that a text names, where it names any.
    """

    states: dict[str, dict[str, str]] = field(default_factory=dict)
    packed: dict[str, bytes] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def keep(self, text: str, *named: str) -> str:
        """Keep a text, which names others that are kept; its fingerprint."""
        written = text.encode("utf-8", "surrogatepass")
        mark = hashlib.sha256(written).hexdigest()[:32]
        if mark not in self.packed:
            self.packed[mark] = zlib.compress(written, 1)
            if named:
                self.named[mark] = tuple(dict.fromkeys(named))
        return mark

    def text(self, mark: str) -> str:
        """A text as it is kept."""
        return zlib.decompress(self.packed[mark]).decode("utf-8", "surrogatepass")

    def whole(self, mark: str) -> str:
        """A text with those that it names in their places."""
        text = self.text(mark)
        return _NAMED.sub(lambda named: self.whole(named[1]), text) if mark in self.named else text

    def page(self, place: str, page: str) -> str:
        """What a page says in a state."""
        return self.whole(self.states[place][page])

    def holds(self, marks: Iterable[str]) -> bool:
        """Whether the texts of some fingerprints are here, and those that they name."""
        return all(mark in self.packed and self.holds(self.named.get(mark, ())) for mark in marks)

    def take(self, other: Made, place: str, pages: dict[str, str]) -> None:
        """A state, whose texts are another's."""
        self.states[place] = pages
        self._take_texts(other, pages.values())

    def _take_texts(self, other: Made, marks: Iterable[str]) -> None:
        for mark in marks:
            if mark not in self.packed:
                self.packed[mark] = other.packed[mark]
                if mark in other.named:
                    self.named[mark] = other.named[mark]
                    self._take_texts(other, other.named[mark])

    def add(self, other: Made) -> None:
        """All that another has."""
        self.states.update(other.states)
        self.packed.update(other.packed)
        self.named.update(other.named)


def naming(mark: str) -> dict[str, str]:
    """What stands for a text in one that names it."""
    return {MARK: mark}
