"""Printed numbers beside ours, in words."""

from __future__ import annotations

from ketadash.core.spec import PValues
from ketadash.questions.paper.printed import Reproduced

HOW = (
    "Each printed number is recomputed under the published analysis, whatever else is chosen, and agrees if it "
    "comes out to the printed digit (or as described, where the report gives only words)."
)

NO_REPORT = (
    "This page compares a report's printed numbers with ours. Your trial brings no list of them. Put a published.toml "
    "beside its files (the sample trial's shows how) and every number in it is recomputed here."
)


def answer(rows: tuple[Reproduced, ...], how: PValues = PValues.SHOWN) -> str:
    """How many of the printed numbers come out, and which do not."""
    missed = [r for r in rows if not r.agrees]
    opening = f"{len(rows) - len(missed)} of {len(rows)} printed numbers come out to the printed digit"
    if not missed:
        return f"{opening}."
    named = "; ".join(
        f"{r.printed.what}: hidden"
        if how is PValues.HIDDEN and r.is_p
        else f"{r.printed.what}: {r.printed.printed} printed, {r.shown} here"
        for r in missed[:4]
    )
    more = f"; and {len(missed) - 4} more" if len(missed) > 4 else ""
    return f"{opening}. Not so: {named}{more}."


def difference(r: Reproduced) -> str:
    """Ours minus printed, where both are numbers compared for equality to the nearest digit."""
    if r.ours is None or r.printed.value is None or r.printed.rule != "=" or r.printed.rounded != "nearest":
        return ""
    gap = r.ours - r.printed.value
    return f"{gap:+.{max(r.printed.digits + 2, 2)}f}".replace("-", "−")


def mark(r: Reproduced) -> str:
    """A tick, or the word why not."""
    return "✓" if r.agrees else (r.why or "differs")
