"""What a slide says: the answer's first sentence as its headline, and what the build has revealed."""

from __future__ import annotations

import re

# A sentence ends before a capital or a digit; "p .04" and "1.14" do not end one.
_END = re.compile(r"(?<=[a-z)%\d∞][.?!]) (?=[A-Z0-9])")
STEPS = (
    "Points: observed, ± 1 SE",
    "lines: modelled",
    "bands: {} interval",
)
NO_SLIDE = "This page is not part of a presentation, so it is shown as usual."
BEGIN, BEGIN_SAYS = "Present", "Full screen, for a room: arrow keys turn the pages and build the picture, Esc ends it."
KEYS = "Arrow keys or space turn the pages, Esc ends the presentation"
NOTHING = "This trial's data hold nothing that would answer it."
COMPUTING = "Not computed yet."
ON_THE_PAGE = "Once computed here or on its page, the answer stands here."
AGREE = ("Section", "Numbers", "Agree")


def headline(answer: str) -> tuple[str, str]:
    """The first sentence, and what follows it.

    >>> headline("It did. On day 21 it was 81% against 50%.")
    ('It did.', 'On day 21 it was 81% against 50%.')
    """
    first, *rest = _END.split(answer, maxsplit=1)
    return first, rest[0] if rest else ""


def revealed(step: int, level: str) -> str:
    """What the picture shows at a step of the build: ``Points: observed, ± 1 SE · lines: modelled``."""
    return " · ".join(STEPS[:step]).format(level)
