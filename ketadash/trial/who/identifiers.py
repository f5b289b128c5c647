"""One participant, one identifier: across the files, and within the days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ketadash.core.findings import Check, counted, listed, short
from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.recipe import Recipe
from ketadash.trial.recognise import SYNONYMS
from ketadash.trial.roles import Assigned, find
from ketadash.trial.understood import Notes
from ketadash.trial.who.spellings import NOBODY, alike, matched, one_spelling


def aligned(assigned: Assigned, notes: Notes) -> Assigned:
    """The tables with their identifiers in one spelling, as far as that is certain.

    Certain are marks that nobody sees and a trailing ``.0``; and, between the days and another table, whatever else
    pairs an identifier that only the one has with one that only the other has.
    """
    days = [(t, find(t, SYNONYMS["participant_id"], notes.recipe.column("participant_id"))) for t in assigned.days]
    others = {r: (t, _who(t, notes.recipe)) for r, t in assigned.others.items()}
    held = [(t, c) for t, c in [*days, *others.values()] if c is not None]
    spelt = one_spelling(_counts(held))
    spelt = {t: "" if s.lower() in NOBODY and not _initials(s, spelt) else s for t, s in spelt.items()}
    _note_merged({t: s for t, s in spelt.items() if s and t.strip() != s and s in spelt}, "read as one", notes)
    in_days = {spelt[t] for table, c in days if c is not None for t in _filled(table, c)}
    renamed = [(_respelt(t, c, spelt) if c is not None else t) for t, c in days]
    rest = dict[str, Table]()
    for role, (table, column) in others.items():
        if column is None:
            rest[role] = table
            continue
        of_days = matched({spelt[t] for t in _filled(table, column)}, in_days)
        _note_merged(of_days, f"of {table.name} read as those of the days", notes)
        rest[role] = _respelt(table, column, {t: of_days.get(s, s) for t, s in spelt.items()})
    return replace(assigned, days=tuple(renamed), others=rest)


def _who(table: Table, recipe: Recipe) -> str | None:
    return find(table, SYNONYMS["participant_id"], recipe.column("participant_id"))


def _filled(table: Table, column: str) -> list[str]:
    """The different identifiers of a column that any row has."""
    used = np.unique(table.frame[column].cat.codes)
    words = reshape.texts(table.frame[column])
    return [words[code] for code in used if code >= 0 and words[code].strip()]


def _counts(held: Sequence[tuple[Table, str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for table, column in held:
        n = np.bincount(table.frame[column].cat.codes.to_numpy() + 1)[1:]
        for text, k in zip(reshape.texts(table.frame[column]), n, strict=False):
            counts[text] = counts.get(text, 0) + int(k)
    return counts


def _initials(text: str, every: dict[str, str]) -> bool:
    """Whether NA is somebody's initials: the other identifiers are words of two or three letters too."""
    words = {s for s in every.values() if s}
    return text.isalpha() and len(words) > 1 and all(w.isalpha() and len(w) <= 3 for w in words)


def _respelt(table: Table, column: str, spelt: dict[str, str]) -> Table:
    texts = reshape.texts(table.frame[column])
    if all(spelt.get(t, t) == t for t in texts):
        return table
    renamed = table.frame[column].map({t: spelt.get(t, t) for t in texts}).astype(str).astype("category")
    return replace(table, frame=table.frame.assign(**{column: renamed.where(table.frame[column].notna(), "")}))


def _note_merged(pairs: dict[str, str], what: str, notes: Notes) -> None:
    """Note the identifiers merged by the spelling kept; a spelling that is dropped would not be masked later."""
    if pairs:
        kept = listed([short(b, 30) for b in sorted(set(pairs.values()))], most=3)
        notes.say("participant_id", f"{counted(len(pairs), 'identifier')} in another spelling {what}: {kept}")


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """Identifiers of the days that may be one person's: the groups that may be merged, and those that cannot be."""

    mergeable: tuple[tuple[str, ...], ...]
    apart: tuple[tuple[str, ...], ...]


def lookalikes(frame: pd.DataFrame) -> Lookalikes:
    """Spellings that are most likely one identifier, by whether one person's days could be theirs.

    Two identifiers with the same day, or in two arms, are two people.
    """
    if "participant_id" not in frame or "day" not in frame:
        return Lookalikes((), ())
    groups = alike(t for t in sorted(set(cells.texts(frame["participant_id"]))) if t)
    if not groups:
        return Lookalikes((), ())
    group_of = {t: k for k, group in enumerate(groups) for t in group}
    ids = cells.texts(frame["participant_id"])
    rows = pd.DataFrame(
        {
            "group": pd.Series(ids).map(group_of),
            "id": ids,
            "day": cells.numbers(frame["day"], False)[0],
            "arm": cells.labels(frame["arm"]) if "arm" in frame else "",
        }
    )
    rows = rows[rows["group"].notna()]
    both = rows.drop_duplicates(["group", "id", "day"])
    shared = set(both.loc[both.duplicated(["group", "day"]), "group"])
    arms = rows[rows["arm"] != ""].groupby("group")["arm"].nunique()
    apart = shared | set(arms.index[arms > 1])
    return Lookalikes(
        tuple(g for k, g in enumerate(groups) if k not in apart), tuple(g for k, g in enumerate(groups) if k in apart)
    )


def one_person_one_identifier(frame: pd.DataFrame, known: set[str], notes: Notes) -> dict[str, str]:
    """Identifier in the days → the one that stands for it, as asked; `known` are those of the file of participants.

    Where that file has one of the spellings only, they are one without a question.
    """
    groups = lookalikes(frame)
    if groups.apart:
        names = listed(["/".join(map(short, group)) for group in groups.apart], most=3)
        n = counted(len(groups.apart), "group")
        text = f"{n} of identifiers that look alike are other participants each (same days, or other arms): {names}"
        notes.checks.append(Check("identifiers", "warning", text, len(groups.apart)))
    certain = [g for g in groups.mergeable if sum(t in known for t in g) == 1]
    doubtful = [g for g in groups.mergeable if g not in certain and len(known.intersection(g)) < len(g)]
    if certain:
        chosen = _best(certain, frame, known)
        _note_merged({t: best for t, best in chosen.items() if t not in known}, "read as one", notes)
    if doubtful:
        names = listed([" and ".join(map(short, group)) for group in doubtful], most=4)
        count = sum(len(g) for g in doubtful)
        meant = notes.ask(
            "same_person",
            f"{count} identifiers differ from another only in case, zeros, spaces or hyphens, and share no day: "
            f"{names}. Are they one participant?",
            {"one": "yes, one participant each", "apart": "no, different participants"},
            count=count,
        )
        certain += doubtful if meant == "one" else []
    return _best(certain, frame, known) if certain else {}


def _best(groups: Sequence[tuple[str, ...]], frame: pd.DataFrame, known: set[str]) -> dict[str, str]:
    """Each spelling → that of its group which the participants' file has, else the one written as most others are."""
    counts = dict(frame["participant_id"].value_counts())
    forms: dict[str, int] = {}
    for text in reshape.texts(frame["participant_id"]):
        forms[_form(text)] = forms.get(_form(text), 0) + 1
    chosen: dict[str, str] = {}
    for group in groups:
        best = max(group, key=lambda t: (t in known, forms.get(_form(t), 0), int(counts.get(t, 0)), t))
        chosen |= dict.fromkeys(group, best)
    return chosen


def _form(text: str) -> str:
    """The pattern of letters and digits: P02 and P11 are written alike, p2 is not."""
    return "".join("9" if c.isdigit() else "A" if c.isupper() else "a" if c.islower() else c for c in text.strip())


def respelt(frame: pd.DataFrame, spelt: Mapping[str, str]) -> pd.DataFrame:
    """A table with its identifiers as `spelt` says; any other stays."""
    if not spelt or "participant_id" not in frame:
        return frame
    column = frame["participant_id"]
    spelling_of = {t: spelt.get(t.strip(), t) for t in reshape.texts(column)}
    return frame.assign(participant_id=column.map(spelling_of).astype(str).astype("category"))
