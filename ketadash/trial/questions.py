"""Questions about a file: what each answer would give, and which questions need not be asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ketadash.core.errors import KetadashError
from ketadash.core.findings import Answer, Check
from ketadash.trial.examine import Parsed, daily_amounts
from ketadash.trial.recipe import Recipe
from ketadash.trial.recognise import UNKNOWN_AMOUNT

MOST_CELLS = 1_000_000  # of the days as laid out: beyond, what each answer would give is not tried
MOST_READINGS = 24  # of one file, for all of its questions together
TOO_LARGE = "the file is too large to try every answer: choose one to see what it gives"

Read = Callable[[Recipe], tuple[Parsed | None, list[Check]]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a reading gives: two readings with the same `mark` give the same numbers everywhere."""

    participants: int
    days: int
    abstinent_share: float | None
    mark: str


def settled(parsed: Parsed | None, checks: Sequence[Check], recipe: Recipe, read: Read) -> list[Check]:
    """The checks, each question with the result of every answer; questions whose answers all give the same are dropped.

    Parameters
    ----------
    parsed, checks
        The reading with the first answer to every question, and what it found.
    asked
        The recipe that it was read with.
    read
        Reads the same files with another recipe; called at most `MOST_READINGS` times.
    """
    kept, left = list[Check](), MOST_READINGS
    for check in checks:
        if check.severity != "question":
            kept.append(check)
            continue
        large = parsed is not None and parsed.tables["days"].frame.size > MOST_CELLS
        if large or len(check.answers) > left:
            kept.append(replace(check, answers=tuple(replace(a, trouble=TOO_LARGE) for a in check.answers)))
            continue
        left -= len(check.answers)
        tried = [_tried(a, recipe.with_answer(check.key, a.value), read) for a in check.answers]
        marks = {mark for _, mark in tried}
        if len(marks) > 1 or None in marks:
            kept.append(replace(check, answers=tuple(answer for answer, _ in tried)))
    return kept


def _tried(answer: Answer, recipe: Recipe, read: Read) -> tuple[Answer, str | None]:
    """An answer with the participants and days that it gives, and their fingerprint (None: cannot be read so)."""
    try:
        parsed, checks = read(recipe)
    except KetadashError as error:
        return replace(answer, trouble=f"cannot be read so: {error}"), None
    errors = [c.message for c in checks if c.severity == "error"]
    if parsed is None or errors:
        return replace(answer, trouble=f"cannot be read so: {errors[0]}" if errors else "cannot be read so"), None
    figures = numbers(parsed)
    answer = replace(
        answer, participants=figures.participants, days=figures.days, abstinent_share=figures.abstinent_share
    )
    return answer, figures.mark


def numbers(parsed: Parsed) -> Numbers:
    """Participants, known days of the window and the share of them without use, of a reading."""
    rows, amounts = parsed.rows["days"], _with_unknown_amounts(parsed)
    known = np.zeros(len(rows.ids), dtype=bool) if amounts is None else ~np.isnan(amounts)
    window = parsed.declared.days
    inside = (rows.day >= window.first) & (rows.day <= window.last) if window is not None else rows.day >= 1
    used = known & inside
    share = float((amounts[used] == 0).mean()) if amounts is not None and used.any() else None
    return Numbers(len(parsed.arm_of), int(used.sum()), share, _mark(parsed, amounts))


def _with_unknown_amounts(parsed: Parsed) -> np.ndarray | None:
    """The daily amounts (n rows,), with infinity on days of use whose amount is not known."""
    amounts, marked = daily_amounts(parsed), parsed.others["days"].get(UNKNOWN_AMOUNT)
    if amounts is None or marked is None or marked.dtype.kind != "f":
        return amounts
    return np.where(np.isnan(amounts) & (marked == 1), np.inf, amounts)


def _mark(parsed: Parsed, amounts: np.ndarray | None) -> str:
    """A fingerprint of everything that a result could come from."""
    rows = parsed.rows["days"]
    values = np.full(len(rows.ids), np.nan) if amounts is None else amounts
    frame = pd.DataFrame({"id": rows.ids, "arm": rows.arms, "day": rows.day, "amount": values})
    frame = frame[frame["amount"].notna() | frame["day"].isna()].sort_values(["id", "day", "amount"])
    heavy = parsed.declared.published
    people = sorted(parsed.arm_of.items())
    parts = repr((people, parsed.declared.control, parsed.declared.unit, heavy.heavy_men, heavy.heavy_women))
    digest = hashlib.sha256(parts.encode("utf-8", "surrogatepass"))
    for name in ("id", "arm"):
        digest.update("\0".join(map(str, frame[name])).encode("utf-8", "surrogatepass"))
    for name in ("day", "amount"):
        digest.update(frame[name].to_numpy(float).tobytes())
    return digest.hexdigest()
