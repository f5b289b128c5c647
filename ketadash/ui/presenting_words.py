"""What a slide says: the answer's first sentence as its headline, and what the build has revealed."""

from __future__ import annotations

import re

# A sentence ends before a capital or a digit; "p .04" and "1.14" do not end one.
_END = re.compile(r"(?<=[a-z)%\d∞][.?!]) (?=[A-Z0-9])")
NO_SLIDE = "This page is not part of a presentation, so it is shown as usual."
BEGIN = "Present"
BEGIN_HELP = "Slides for a room: arrow keys turn the pages and build the picture, ? lists the keys, Esc ends it."
BUTTONS = {
    "rule": "Flip the missing days: left out, and back (M)",
    "previous": "Previous (left arrow)",
    "next": "Next (right arrow or space)",
    "list": "Slides (L)",
    "full": "Full screen (F)",
    "keys": "Keys (?)",
    "blank": "Blank screen: any key shows the slide again",
    "leave": "End (Esc)",
    "to": "Slide",
    "none": "No such slide",
    "no_rule": "Missing days: no other rule to show here",
    "no_full": "This browser allows no full screen",
}
KEYS = (
    ("→  Space  Page down", "On: the picture is built, then the next slide"),
    ("←  Page up", "Back"),
    ("Home  End", "First slide, last slide"),
    ("1 2 3 …  Enter", "The slide of that number"),
    ("L", "List of slides"),
    ("M", "Missing days: left out, and back"),
    ("B", "Blank screen"),
    ("F", "Full screen"),
    ("?", "These keys"),
    ("Esc", "Closes what is open, then full screen, then the presentation"),
)
NOTHING = "This trial's data hold nothing that would answer it, or a choice that it needs is not made."
IMPUTING = "The missing days are being imputed. The answer will stand here once they are."
COMPUTING = "This takes hundreds of fits. The answer will stand here when all are done."
ON_THE_PAGE = "The picture grows as they are done."
AGREE = ("Section", "Numbers", "Agree")


def rule(short: str) -> str:
    """The missing-day rule that holds, on the button that flips it."""
    return f"Missing days: {short}"


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
