"""The daily column: which it is, what it says, and whether days without a row are days of none."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import Check, CheckFailedError, counted, listed, short
from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.people import followed
from ketadash.trial.recipe import Recipe, Shape
from ketadash.trial.recognise import ABSTINENT, AMOUNTS, READING, SYNONYMS, USES, near, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes

_DAILY = re.compile(r"drink|drk|alc|tlfb|sdu|unit|use|heroin|opioid|cocaine|smok|cig", re.IGNORECASE)
_FORM = re.compile(r"(tlfb|diary|daily|ema|alcohol|alc)_")
_SHORT = {
    "alc_sd": "standard_drinks",
    "sd": "standard_drinks",
    "alc_std": "standard_drinks",
    "std": "standard_drinks",
    "alc_drinks": "drinks",
    "alc_units": "units",
    "alc_grams": "grams",
}
_VALUES = ("aval", "avalc")  # what a CDISC analysis data set calls it


def of_parameter(table: Table, notes: Notes) -> Table:
    """The rows of one parameter of a CDISC analysis data set, without those that an analysis derived."""
    column = find(table, READING["parameter"], notes.recipe.column("parameter"))
    who = find(table, SYNONYMS["participant_id"], notes.recipe.column("participant_id"))
    if column is None or who is None or find(table, _VALUES, notes.recipe.column("amount")) is None:
        return table
    codes = [t for t in reshape.texts(table.frame[column]) if t.strip()]
    chosen = notes.recipe.parameter or _parameter(table, column, codes)
    if chosen not in codes:
        raise CheckFailedError(
            "recipe",
            f"{table.name} has no parameter '{short(chosen)}'{near(chosen, codes)}; it "
            f"has {listed(map(short, codes), most=12)}",
        )
    notes.decide(parameter=chosen, shape=notes.recipe.shape or Shape.LONG)
    notes.say("parameter", f"A CDISC analysis data set: the daily outcome is {column} {short(chosen)}")
    keep = (table.frame[column] == chosen).to_numpy()
    if not keep.all():
        notes.left_out(int((~keep).sum()), f"{table.name}: {counted(int((~keep).sum()), 'row')} of other parameters")
    derived = find(table, ("dtype",))
    if derived is not None:
        drawn = keep & ~reshape.emptied(table.frame[derived])
        if drawn.any():
            notes.left_out(
                int(drawn.sum()),
                f"{table.name}: {counted(int(drawn.sum()), 'row')} that an analysis "
                f"derived ({derived} says how) rather than reported",
                reshape.lines_of(table.frame, drawn, table.row),
            )
            keep &= ~drawn
    return replace(table, frame=table.frame[keep].drop(columns=[c for c in (column, derived) if c]))


def _parameter(table: Table, column: str, codes: list[str]) -> str:
    """The one parameter, or the one that sounds like daily use."""
    words = dict.fromkeys(codes, "")
    long_name = find(table, ("param",))
    if long_name is not None:
        pairs = table.frame[[column, long_name]].drop_duplicates().astype(str)
        words |= dict(zip(pairs[column], pairs[long_name], strict=True))
    daily = [c for c in codes if _DAILY.search(c) or _DAILY.search(words.get(c, ""))]
    for candidates in (codes, daily):
        if len(candidates) == 1:
            return candidates[0]
    raise CheckFailedError(
        "recipe",
        f"{table.name} has {counted(len(codes), 'parameter')} "
        f"({listed(map(short, codes), most=12)}); choose the one that is the daily "
        "outcome",
    )


def header(table: Table, recipe: Recipe) -> str | None:
    """The header of the daily column, by the recipe, by name, or by label."""
    names = (*AMOUNTS, *USES, *ABSTINENT)
    named = find(table, names, recipe.column("amount")) or _of_a_form(table)
    collected = find(table, (*(_VALUES if recipe.parameter or find(table, ("usubjid",)) else ()), "sudose"))
    return named or collected


def _of_a_form(table: Table) -> str | None:
    """The one column whose name is an amount's after the name of its form (``tlfb_alc_sd``)."""
    headers = [str(c) for c in table.frame.columns if _base(str(c)) is not None]
    return headers[0] if len(headers) == 1 else None


def _base(header: str) -> str | None:
    """What a column of a form counts: ``standard_drinks`` for ``tlfb_alc_sd``; None if it is no amount."""
    form = _FORM.match(snake(header))
    if form is None:
        return None
    name = snake(header)[form.end() :]
    return name if name in AMOUNTS else _SHORT.get(name)


def kept_name(value: str | None, recipe: Recipe) -> str | None:
    """What the daily column is called from now on: its own tidy name, and an AVAL by its parameter."""
    if value is None:
        return None
    if snake(value) in _VALUES and recipe.parameter:
        return "drinks" if re.search(r"drink", recipe.parameter, re.IGNORECASE) else snake(recipe.parameter) or "drinks"
    if snake(value) in (*_VALUES, "sudose"):
        return "drinks"
    return _base(value) or snake(value)


def with_days_of_none(
    frame: pd.DataFrame, value: str, table: Table, people: Table | None, notes: Notes
) -> pd.DataFrame:
    """The frame with a row of no use for each day without one, up to the end of each participant's follow-up."""
    if not {"participant_id", "day"} <= set(frame.columns):
        return frame  # the missing columns are reported together with everything else that is missing
    end, frame = followed(frame, table, people, notes)
    day = cells.numbers(frame["day"], False)[0] if "day" in frame else np.array([])
    first = int(min(1, np.nanmin(day))) if np.isfinite(day).any() else 1
    frame, n, lost = reshape.filled(frame, value, first, end, reshape.NO_ROW)
    notes.say(
        "shape",
        f"A day without a row, from day {first} to the end of each participant's follow-up, is a day "
        f"without use: {counted(n, 'such day')}",
    )
    if lost:
        notes.checks.append(
            Check(
                "reading",
                "warning",
                f"{counted(len(lost), 'participant')} without an end of "
                f"follow-up ({listed(lost)}): their other days are missing",
                len(lost),
                tuple(lost[:5]),
            )
        )
    return frame
