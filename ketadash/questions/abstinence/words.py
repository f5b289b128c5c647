"""Abstinence by day in sentences."""

from __future__ import annotations

from ketadash.core.numbers import percent
from ketadash.questions.shared.words import last_day
from ketadash.results import BinaryOutcome

# --- answers ---------------------------------------------------------------------------------------------------------


def answer(result: BinaryOutcome, chosen: int | None = None) -> str:
    """Who was abstinent on more days, by how much on the last day, or on the `chosen` one, and how sure."""
    control, active = result.arms
    shares = result.percent_days
    first, last = result.window
    share, other = percent(shares[active]), percent(shares[control])
    if first < last:
        opening = (
            f"Over days {first}–{last}, {active} participants were abstinent on {share} of days against {other} with "
            f"{control}"
        )
    else:
        opening = f"On day {first}, {share} of {active} participants were abstinent against {other} with {control}"
    if not result.difference:
        return f"{opening}. The model has no finite answer here: see why below."
    return f"{opening}. {last_day(result, chosen)}"
