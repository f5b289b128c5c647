"""What a slide says: the answer's first sentence as its headline, and what the build has revealed."""

from __future__ import annotations

import re

# A sentence ends before a capital or a digit; "p .04" and "1.14" do not end one.
_END = re.compile(r"(?<=[a-z)%\d∞][.?!]) (?=[A-Z0-9])")
NO_SLIDE = "This page is not part of a presentation, so it is shown as usual."
BEGIN, BEGIN_HELP = "Present", "Full screen, for a room: arrow keys turn the pages and build the picture, Esc ends it."
KEYS = "Arrow keys or space turn the pages, Esc ends the presentation"
NOTHING = "This trial's data hold nothing that would answer it."
COMPUTING = "Hundreds of fits are being computed: their answer will stand here."
ON_THE_PAGE = "The picture grows as they are done."
AGREE = ("Section", "Numbers", "Agree")


def headline(answer: str) -> tuple[str, str]:
    """The first sentence, and what follows it.

    >>> headline("It did. On day 21 it was 81% against 50%.")
    ('It did.', 'On day 21 it was 81% against 50%.')
    """
    first, *rest = _END.split(answer, maxsplit=1)
    return first, rest[0] if rest else ""


def brief(text: str, most: int = 230) -> str:
    """The first sentences of a text, as many as `most` characters hold; one at least.

    >>> brief("A day counts. Another does not.", 20)
    'A day counts.'
    """
    kept, rest = headline(text)
    while rest:
        following, rest = headline(rest)
        if len(kept) + len(following) >= most:
            break
        kept = f"{kept} {following}"
    return kept
