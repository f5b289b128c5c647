"""Abstinent on each of the last days of the window: what the endpoints of 7 and of 28 days share."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.definition import (
    ONE_DECIDES,
    R_EVERY_DAY,
    SAS_EVERY_DAY,
    Definition,
    Kind,
    all_of,
)


def abstinent_at_the_end(n: int) -> Definition:
    """Abstinent on each of the last `n` days."""
    return Definition(
        key=f"abstinent_last_{n}_days",
        label=f"Abstinent on the last {n} days",
        kind=Kind.COUNT,
        definition="Abstinent on each of {days}.",
        formula=f"each of the last {n} days is known, or filled by the rule, and all are abstinent",
        unknown=ONE_DECIDES.replace("{bad}", "{day} among them"),
        value=lambda d: all_of(d.abstinent[..., max(d.grace, d.abstinent.shape[-1] - n) :]),
        good=True,
        unit="percent",
        last=n,
        forgives=True,
        r=R_EVERY_DAY.replace("<<bad>>", f"!tail(d$abstinent, {n})"),
        sas=SAS_EVERY_DAY.replace("<<bad>>", "1 - abstinent"),
    )
