"""Finds terms of the glossary: those that hold a search word, and those that stand in a line on screen."""

from __future__ import annotations

import re

from ketadash.questions.shared.glossary_terms import TERMS, Term, slug

MOST = 6  # terms explained beside one line; more would fill the page


def matching(query: str) -> tuple[Term, ...]:
    """The terms in which a query occurs, in their alphabetical order; all of them for an empty one."""
    query_folded = query.strip().casefold()
    ordered = sorted(TERMS, key=lambda t: slug(t.name))
    return tuple(t for t in ordered if query_folded in " ".join((t.name, *t.also, t.means)).casefold())


def explained(text: str) -> str | None:
    """What to show beside a line: its terms with their meanings, in order of appearance; None where it has none.

    A longer term goes before a shorter one inside it ("missing days" before "day").
    """
    places: list[tuple[int, Term]] = []
    taken = [False] * len(text)
    small = text.lower()
    for inside, pattern, term in _SPELLINGS:
        for match in pattern.finditer(text) if inside in small else ():
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                places.append((match.start(), term))
    terms = list(dict.fromkeys(t for _, t in sorted(places, key=lambda pair: pair[0])))[:MOST]
    return "\n\n".join(f"**{t.name}**: {t.means}" for t in terms) or None


def _flags(spelling: str) -> int:
    """Abbreviations are met as they are written: "SE" is not "se"."""
    return 0 if spelling.isupper() or len(spelling) < 4 else re.IGNORECASE


# each spelling in small letters, a quick test of whether a text can hold it, and the pattern that finds it as a whole
# word
_SPELLINGS = [
    (spelling.lower(), re.compile(rf"(?<!\w){re.escape(spelling)}(?!\w)", _flags(spelling)), term)
    for spelling, term in sorted(
        ((spelling, term) for term in TERMS for spelling in (term.name, *term.also)), key=lambda pair: -len(pair[0])
    )
]
