"""What a slide says: the answer's first sentence as its headline, and what the build has revealed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ketadash.core.numbers import level, plain_number
from ketadash.results import Sensitivity, SensitivityRow

# A sentence ends before a capital or a digit; "p .04" and "1.14" do not end one.
_END = re.compile(r"(?<=[a-z)%\d∞][.?!]) (?=[A-Z0-9])")
NO_SLIDE = "This page is not part of a presentation, so it is shown as usual."
BEGIN, BEGIN_SAYS = "Present", "Full screen, for a room: arrow keys turn the pages and build the picture, Esc ends it."
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


def assumptions(every: Sensitivity) -> str:
    """How far the answer moves with what the missing days are taken to be, the bounds apart."""
    known = [r for r in every.rows if r.failed is None and r.difference.estimate is not None]
    usual, bounds = [r for r in known if r.kind != "bound"], [r for r in known if r.kind == "bound"]
    if not usual:
        return NOTHING
    clear = sum((r.difference.ci_low or 0) > 0 or (r.difference.ci_high or 0) < 0 for r in usual)
    control, active = every.arms
    sentence = (
        f"Whatever the missing days are taken to be, the difference in abstinence on day {every.last_day} runs from "
        f"{_range(usual)} percentage points, {active} minus {control}. In {clear} of {len(usual)} readings the "
        f"{level(every.confidence)} excludes no difference."
    )
    return f"{sentence} The bounds, which nobody believes, run from {_range(bounds)}." if bounds else sentence


def _range(rows: Sequence[SensitivityRow]) -> str:
    points = [100 * (r.difference.estimate or 0.0) for r in rows]
    return f"{plain_number(min(points), 0)} to {plain_number(max(points), 0)}"
