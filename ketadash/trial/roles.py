"""Which table holds the days, which the participants, the visits, the adverse events; and which is not needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from ketadash.core.findings import CheckFailedError, listed, short
from ketadash.files import Table
from ketadash.files.formats.registry import endings
from ketadash.trial.read.groups import Kind, groups
from ketadash.trial.recipe import Recipe
from ketadash.trial.recognise import ABSTINENT, AMOUNTS, EVENTS, READING, SYNONYMS, USES, near, snake
from ketadash.trial.wide_days import dated_columns

ROLES = ("days", "participants", "visits", "adverse_events")
_NAMES = {
    "days": ("days", "tlfb", "daily", "diary", "drinking", "drinking_days", "participant_days", "su"),
    "participants": (
        "participants",
        "subjects",
        "patients",
        "people",
        "demographics",
        "adsl",
        "dm",
        "enrolment",
        "enrollment",
        "randomisation",
        "randomization",
        "randomisation_list",
        "randomization_list",
        "unblinding",
        "unblinding_list",
        "allocation",
        "allocations",
        "allocation_list",
        "arms",
        "groups",
        "treatment_assignment",
        "treatment_assignments",
        "assignments",
        "treatments",
    ),
    "visits": ("visits", "measures", "assessments"),
    "adverse_events": ("adverse_events", "adverseevents", "ae", "adae", "aes", "safety"),
}
ABSENT = "-"  # what a recipe says for a table that is not to be used
SUFFIXES = (".gz", ".bz2", ".xz", *endings())


@dataclass(frozen=True, eq=False)
class Assigned:
    """Tables by role; `days` may be several, and `by_arm` says that each is one arm's."""

    days: tuple[Table, ...]
    others: dict[str, Table]
    unused: tuple[Table, ...]
    by_arm: bool


def table_name(table: Table) -> str:
    """How recipes and messages call a table: its sheet where there are several, else its file without endings."""
    return table.sheet if table.sheet is not None else stem(table.file)


def stem(file: str) -> str:
    """A file's name without the endings that formats have."""
    name = PurePosixPath(file).name
    while suffix := next((s for s in SUFFIXES if name.lower().endswith(s)), ""):
        name = name[: -len(suffix)]
    return name or file


def by_name(name: str) -> str | None:
    """The role that a file's or sheet's name says."""
    return next((role for role, names in _NAMES.items() if snake(name) in names), None)


def find(table: Table, names: Iterable[str], header: str | None = None) -> str | None:
    """The column that the recipe names (`header`) if the table has it, else one whose name or label is in `names`."""
    present = {snake(str(c)): str(c) for c in reversed(table.frame.columns)}
    if header is not None:
        for known in (header, present.get(snake(header))):
            if known is not None and known in table.frame.columns:
                return known
    by_label = {snake(label): c for c, label in table.labels.items() if c in table.frame.columns}
    return next((where[n] for where in (present, by_label) for n in names if n in where), None)


def assign(tables: list[Table], recipe: Recipe) -> Assigned:
    """Every table's role.

    Raises
    ------
    DataError
        When no table can be the days, when several can and nothing tells which, or when the recipe names one that is
        not there.
    """
    usable = [t for t in tables if t.trouble is None]
    roles = {role: _named(usable, getattr(recipe, role), role) for role in ROLES[1:] if getattr(recipe, role)}
    named = [_named(tables, name, "days") for name in dict.fromkeys(recipe.days)]
    chosen = list({id(t): t for t in named}.values())
    taken = {id(t) for t in [*roles.values(), *chosen] if t is not None}
    by_content = dict[str, list[Table]]()
    for t in usable:
        if id(t) not in taken:
            by_content.setdefault(_role(t, recipe), []).append(t)
    days = [t for t in chosen if t is not None] or _days(by_content, tables)
    others = {role: t for role, t in roles.items() if t is not None}
    for role in ROLES[1:]:
        candidates = by_content.get(role, [])
        if getattr(recipe, role) is None and len(candidates) == 1 and candidates[0] not in days:
            others[role] = candidates[0]
    for t in days:
        if t.trouble is not None:
            raise CheckFailedError("columns", t.trouble)
    used = {id(t) for t in [*days, *others.values()]}
    armed = any(find(t, SYNONYMS["arm"], recipe.column("arm")) for t in [*days, *others.values()])
    return Assigned(tuple(days), others, tuple(t for t in tables if id(t) not in used), len(days) > 1 and not armed)


def _named(tables: list[Table], name: str, role: str) -> Table | None:
    if name == ABSENT:
        return None
    for same in (
        lambda t: table_name(t) == name,
        lambda t: snake(table_name(t)) == snake(name),
        lambda t: t.file == name,
    ):
        matching = [t for t in tables if same(t)]
        if matching:
            return matching[0]
    names = [short(table_name(t)) for t in tables]
    raise CheckFailedError(
        "recipe",
        f"the recipe takes {role} from '{short(name)}', but there is only {listed(names)}"
        f"{near(name, names)}; correct the recipe",
    )


def _role(table: Table, recipe: Recipe) -> str:
    """The role of a table by its name, else by its content; "" for none."""
    named = by_name(table_name(table)) or (by_name(stem(table.file)) if table.sheet is None else None)
    if named is not None:
        return named
    who = find(table, SYNONYMS["participant_id"], recipe.column("participant_id"))
    parameter = find(table, READING["parameter"], recipe.column("parameter"))
    timed = find(table, SYNONYMS["day"], recipe.column("day")) or find(table, READING["date"], recipe.column("date"))
    value = find(table, (*AMOUNTS, *USES, *ABSTINENT), recipe.column("amount"))
    if (who and parameter) or (timed and value):
        return "days"
    if find(table, EVENTS) and who:
        return "adverse_events"
    kinds = {group.kind for group in groups(table)}
    if Kind.DAYS in kinds or dated_columns(table, recipe.date_order) is not None:
        return "days"
    if who is None:
        return "maybe days" if kinds else ""
    alone = len(set(table.frame[who].cat.codes)) == len(table.frame)
    if kinds and not (find(table, READING["start"]) or find(table, READING["end"]) or find(table, SYNONYMS["sex"])):
        return "maybe days"  # weeks, or numbered columns of no name
    return "participants" if alone else "maybe days" if timed else ""


def _days(by_role: dict[str, list[Table]], tables: list[Table]) -> list[Table]:
    """The tables of days: those that look like it, else the only one that might."""
    days = by_role.get("days") or by_role.get("maybe days") or []
    if not days and len(tables) == 1:
        return tables  # what the table lacks is reported of it
    if not days:
        names = listed([short(table_name(t)) for t in tables])
        raise CheckFailedError(
            "files",
            f"no table looks like participant-days (found: {names}); name the file or "
            "sheet 'days', or say in the recipe which it is",
        )
    named = [t for t in days if by_name(table_name(t)) == "days"]
    if named:
        if len(named) > 1:
            raise CheckFailedError("files", f"{named[0].name} and {named[1].name} are both the file of days; keep one")
        return named
    if len(days) > 1 and not _alike(days):
        names = listed([short(table_name(t)) for t in days])
        raise CheckFailedError(
            "files",
            f"several tables look like participant-days ({names}); say in the recipe which to take, or load one",
        )
    return days


def _alike(tables: list[Table]) -> bool:
    """Whether tables have most of their columns in common: sheets of one trial, an arm or a site each."""
    sets = [{snake(str(c)) for c in t.frame.columns} for t in tables]
    shared, every = set.intersection(*sets), set.union(*sets)
    return bool(np.divide(len(shared), max(1, len(every))) >= 0.6)
