"""Rows of several substances in one table: which substance is the outcome."""

from __future__ import annotations

import re
from dataclasses import replace

from ketadash.core.findings import counted, listed, short
from ketadash.files import Table
from ketadash.trial import reshape
from ketadash.trial.recognise import EMPTY, snake
from ketadash.trial.understood import Notes

_COLUMN = re.compile(
    r"(^|_)(substance|substances|drug|drug_type|drug_name|drug_used|product|substance_type|"
    r"what_used|type_of_drug)($|_)"
)
_KNOWN = {
    "alcohol": r"alcohol|ethanol|etoh|drink|beer|wine|liquor|spirits",
    "tobacco": r"tobacco|nicotine|cigar|smok|vap",
    "cannabis": r"cannabis|marijuana|\bthc\b|weed|hash",
    "cocaine": r"cocaine|crack",
    "opioids": r"opioid|opiate|heroin|fentanyl|oxycod|morphine|methadone",
    "stimulants": r"amphet|meth\b|stimulant|mdma|ecstasy",
    "sedatives": r"benzo|sedative|hypnotic|barbit",
    "caffeine": r"caffeine|coffee",
}
_ALL = "all"


def of_one_substance(table: Table, arm: str | None, notes: Notes) -> Table:
    """The rows of one substance, as asked; the table as it is where it has no column of several substances."""
    column = next((str(c) for c in table.frame.columns if _COLUMN.search(snake(str(c))) and c != arm), None)
    if column is None:
        return table
    words = table.codes.get(column, {})
    given = [t for t in reshape.texts(table.frame[column]) if t.strip().lower() not in EMPTY]
    kinds = {t: _kind(words.get(t, t)) for t in given}
    if len({k for k in kinds.values() if k}) < 2:
        return table
    several = dict.fromkeys(sorted((kinds[t] or words.get(t, t).strip() for t in given), key=lambda k: k != "alcohol"))
    chosen = notes.ask(
        "substance",
        f"'{short(column)}' of {table.name} has rows of {listed(several, most=8)}. Which of them is the outcome?",
        {**{k: f"only the rows of {k}" for k in list(several)[:8]}, _ALL: "all rows, whatever the substance"},
    )
    if chosen == _ALL:
        return table
    if chosen != "alcohol" and notes.recipe.substance is None:
        notes.decide(substance=chosen)
    mine = [t for t in given if (kinds[t] or words.get(t, t).strip()) == chosen]
    keep = (table.frame[column].isin(mine) | reshape.emptied(table.frame[column])).to_numpy()
    if not keep.all():
        notes.left_out(int((~keep).sum()), f"{table.name}: {counted(int((~keep).sum()), 'row')} of other substances")
    return replace(table, frame=table.frame[keep])


def _kind(word: str) -> str | None:
    """The substance that a word names; None for one that is not known."""
    return next((kind for kind, pattern in _KNOWN.items() if re.search(pattern, word, re.IGNORECASE)), None)
