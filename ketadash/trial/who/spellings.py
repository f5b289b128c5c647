"""Spellings of one identifier: what may differ between two texts that name one person.

Texts are grouped by a key, never compared pair by pair, so that 20,000 identifiers take no longer than they must.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_WHOLE = re.compile(r"(\d+)\.0+")  # 421001.0, as some programs write a whole number
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_MARKS = re.compile(r"[\W_]+")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
NOBODY = frozenset(("", "na", "n/a", "nan", "null", "none", ".", "<na>"))


def visible(text: str) -> str:
    """A text without marks that nobody sees: zero-width characters, hard spaces, full-width letters, doubled spaces."""
    if text.isascii() and "\x00" not in text:
        return " ".join(text.split())
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return " ".join("".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n\r").split())


def exact_key(text: str) -> str:
    """The same for two texts that can only be one identifier: invisible marks and a trailing ``.0`` apart."""
    word = visible(text)
    whole = _WHOLE.fullmatch(word)
    return whole[1] if whole else word


def loose_key(text: str) -> str:
    """The same for two texts that are most likely one identifier: also case, leading zeros, spaces and hyphens apart.

    A mark between two digits stays one: 1-11 is not 11-1.
    """
    word = _BETWEEN_DIGITS.sub("~", exact_key(text).casefold())
    word = "~".join(_MARKS.sub("", part) for part in word.split("~"))
    return _ZEROS.sub("", word)


def one_spelling(texts: Mapping[str, int]) -> dict[str, str]:
    """Text → the text that stands for it, of those that can only be one identifier; counts say which is usual."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(exact_key(text), []).append(text)
    return {t: _chosen(key, group, texts) for key, group in groups.items() for t in group}


def _chosen(key: str, group: list[str], counts: Mapping[str, int]) -> str:
    if len(group) == 1:
        return visible(group[0])
    return key if key in group else visible(max(group, key=lambda t: (counts[t], t)))


def alike(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of two or more texts that are most likely one identifier each."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(loose_key(text), []).append(text)
    return [tuple(sorted(group)) for group in groups.values() if len(group) > 1]


def matched(texts: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Texts that are not `known` → the one known text that is most likely the same identifier.

    Only where it is one to one: a key that two texts or two known ones share tells nothing.  A known text that also
    stands among `texts` is taken already.
    """
    given, present = set(texts), set(known)
    free, strange = _by_key(present - given), _by_key(given - present)
    return {one[0]: free[key][0] for key, one in strange.items() if len(one) == 1 and len(free.get(key, ())) == 1}


def _by_key(texts: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(loose_key(text), []).append(text)
    return groups
