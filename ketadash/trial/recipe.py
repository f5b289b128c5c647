"""How a file is to be read: what is said here wins, what is not is recognised.

The same recipe is a small TOML file (`ketadash analyze --recipe`), a piece of the link, and the form on the Data page.
It holds names of columns, sheets and arms and a handful of choices, never a participant or a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ketadash.core.errors import SpecError
from ketadash.core.findings import listed, short
from ketadash.trial import toml
from ketadash.trial.answers import QUESTIONS
from ketadash.trial.units import UNITS


class Shape(StrEnum):
    """What one row of the days is."""

    LONG = "long"  # one participant and day
    WIDE = "wide"  # one participant, a column a day
    USE_DAYS = "use days"  # one day of use; a day without a row is a day without use


class DateOrder(StrEnum):
    """What 03/04/2024 means."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


class Mark(StrEnum):
    """What separates the decimals."""

    POINT = "point"
    COMMA = "comma"


class Outcome(StrEnum):
    """What the daily column holds."""

    AMOUNT = "amount"
    USE = "use"  # yes or 1: used
    ABSTINENT = "abstinent"  # yes or 1: did not use


# The columns that reading itself needs; every other keeps its name.
COLUMNS = (
    "participant_id",
    "arm",
    "day",
    "date",
    "start",
    "end",
    "amount",
    "parameter",
    "sex",
    "baseline",
    "etg_positive",
)
_PAIRS = ("columns", "arms", "answers")
_LISTS = ("days", "unknown")
LONGEST_LINK, _MOST_FIELDS = 4_000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One reading of one trial's files; None or empty where it is left to recognition.

    Attributes
    ----------
    shape
        What one row of the days is.
    days, participants, visits, adverse_events
        The sheets or files that hold them; several sheets of days are one an arm, or one below the other.
    columns
        (`COLUMNS` name, header in the file) pairs.
    parameter
        The PARAMCD of the daily outcome in a CDISC analysis data set.
    outcome
        Whether the daily column holds amounts, use, or abstinence.
    start_date, start_day
        The date on which treatment started where it is one for all; and the number of that day, 0 or 1.
    date_order, decimal
        How dates and decimals are written.
    unknown
        Values of the daily column that mean that nothing is known, such as -9.
    unit
        What the amounts are counted in: a key of `units.UNITS`.
    substance
        What is used, if it is not alcohol.
    arms
        (name in the file, name meant) pairs.
    answers
        (key, answer) pairs: what a person said where the file could be read in two ways; keys of `QUESTIONS`.
    """

    shape: Shape | None = None
    days: tuple[str, ...] = ()
    participants: str | None = None
    visits: str | None = None
    adverse_events: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    parameter: str | None = None
    outcome: Outcome | None = None
    start_date: date | None = None
    start_day: int | None = None
    date_order: DateOrder | None = None
    decimal: Mark | None = None
    unknown: tuple[str, ...] = ()
    unit: str | None = None
    substance: str | None = None
    arms: tuple[tuple[str, str], ...] = field(default=())
    answers: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        strange = [c for c, _ in self.columns if c not in COLUMNS]
        if strange:
            raise SpecError(f"the recipe maps {listed(map(short, strange))}; the columns are {', '.join(COLUMNS)}")
        strange = [key for key, _ in self.answers if key not in QUESTIONS]
        if strange:
            raise SpecError(
                f"the recipe answers {listed(map(short, strange))}, which nobody asks; a recipe may answer "
                f"{', '.join(QUESTIONS)}"
            )
        if self.unit is not None and self.unit not in UNITS:
            raise SpecError(f"the recipe's unit '{short(self.unit)}' is not known; choose {', '.join(UNITS)}")
        if self.start_day not in (None, 0, 1):
            raise SpecError(f"the recipe numbers the day treatment started {self.start_day}; choose 0 or 1")

    def column(self, name: str) -> str | None:
        """The header in the file that the recipe gives for `name`."""
        return dict(self.columns).get(name)

    def answer(self, key: str) -> str | None:
        """What a person said when asked `key`."""
        return dict(self.answers).get(key)

    def with_answer(self, key: str, value: str) -> Recipe:
        """The recipe with one more answer, or with another one.

        Raises
        ------
        SpecError
            For a key that nobody asks.
        """
        return replace(self, answers=tuple({**dict(self.answers), key: value}.items()))

    def without_answer(self, key: str) -> Recipe:
        """The recipe in which `key` is open again."""
        return replace(self, answers=tuple(pair for pair in self.answers if pair[0] != key))

    def to_toml(self) -> str:
        """The recipe as a small text, to be kept beside the data."""
        top, tables = list[str](), list[str]()
        for key, value in _plain(self).items():
            if isinstance(value, dict):
                tables += [
                    "",
                    f"[{key}]",
                    *(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()),
                ]
            else:
                top.append(f"{key} = {_toml(value)}")
        head = "# How ketadash is to read this trial's files: ketadash analyze FILES --recipe recipe.toml"
        return "\n".join([head, *top, *tables]) + "\n"

    def to_link(self) -> str:
        """The recipe as a piece of a link; empty if it says nothing."""
        pairs = list[tuple[str, str]]()
        for key, value in _plain(self).items():
            if isinstance(value, dict):
                pairs += [(f"{key}.{k}", v) for k, v in value.items()]
            else:
                pairs += [(key, str(v)) for v in (value if isinstance(value, list) else [value])]
        return urlencode(pairs)


def from_toml(text: str, name: str = "the recipe") -> Recipe:
    """Read what `to_toml` wrote, or what somebody wrote like it.

    Raises
    ------
    SpecError
        For text that is no TOML, and for keys or values that a recipe does not have.
    """
    try:
        entries = toml.loads(text)
    except ValueError as error:
        raise SpecError(toml.not_valid(name, error)) from None
    return _recipe(entries, name)


def from_file(path: str | Path) -> Recipe:
    """Read a recipe that lies on disk.

    Raises
    ------
    SpecError
        As `from_toml`, and if there is no such file or it is no text.
    """
    name = Path(path).name
    try:
        return from_toml(Path(path).read_text(encoding="utf-8"), name)
    except OSError as error:
        raise SpecError(f"cannot read the recipe {name}: {error.strerror}; check the path") from None
    except UnicodeDecodeError:
        raise SpecError(f"the recipe {name} is no text in UTF-8; download it again from the Data page") from None


def from_link(text: str) -> Recipe:
    """Read what `to_link` wrote; nothing in it is ever evaluated.

    Raises
    ------
    SpecError
        As `from_toml`, and for one that is absurdly long.
    """
    if len(text) > LONGEST_LINK:
        raise SpecError(f"the link's recipe is longer than {LONGEST_LINK} characters; give it as a file")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise SpecError(f"the link's recipe has more than {_MOST_FIELDS} fields; give it as a file") from None
    entries: dict[str, Any] = {}
    for key, value in pairs:
        table, dot, inner = key.partition(".")
        if dot:
            entries[table] = {**_if(dict, entries.get(table)), inner: value}
        elif key in _LISTS:
            entries[key] = [*_if(list, entries.get(key)), value]
        else:
            entries[key] = int(value) if key == "start_day" and value in ("0", "1") else value
    return _recipe(entries, "the link's recipe")


def _if(kind: type, value: Any) -> Any:
    """`value` if it is of the kind, else an empty one: a link may say one key in two ways."""
    return value if isinstance(value, kind) else kind()


def _plain(recipe: Recipe) -> dict[str, Any]:
    """What the recipe says, as strings, lists and tables."""
    entries: dict[str, Any] = {}
    for f in fields(recipe):
        value = getattr(recipe, f.name)
        if value is None or value == ():
            continue
        if f.name in _PAIRS:
            entries[f.name] = dict(value)
        elif isinstance(value, tuple):
            entries[f.name] = list(value)
        else:
            entries[f.name] = (
                value.isoformat() if isinstance(value, date) else value if f.name == "start_day" else str(value)
            )
    return entries


def _toml(value: Any) -> str:
    # A TOML basic string is a JSON string, except that TOML wants DEL escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


_KINDS: dict[str, Any] = {"shape": Shape, "outcome": Outcome, "date_order": DateOrder, "decimal": Mark}


def _recipe(entries: Mapping[str, Any], name: str) -> Recipe:
    known = {f.name for f in fields(Recipe)}
    strange = sorted(set(entries) - known)
    if strange:
        raise SpecError(
            f"{name} says {listed(map(short, strange))}, which means nothing here; it may say {_all(known)}"
        )
    return Recipe(**{key: _value(key, value, name) for key, value in entries.items()})


def _value(key: str, value: Any, name: str) -> Any:
    if key in _PAIRS:
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            example = {"columns": 'arm = "…"', "arms": '"…" = "…"', "answers": 'blank = "…"'}[key]
            raise SpecError(f"{name}: under [{key}] write {example}, text in quotes")
        return tuple((str(k), v) for k, v in value.items())
    if key in _LISTS:
        values = [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else value
        if not isinstance(values, list) or not all(isinstance(v, str | int | float) for v in values):
            raise SpecError(f'{name}: {key} must be a list of texts, such as ["a", "b"]')
        return tuple(str(v) for v in values)
    if key == "start_day":
        if value not in (0, 1) or type(value) is not int:
            raise SpecError(f"{name}: start_day is the number of the day treatment started: 0 or 1")
        return value
    if key == "start_date":
        return _date(value, name)
    if not isinstance(value, str):
        raise SpecError(f"{name}: {key} must be text in quotes")
    if key in _KINDS:
        try:
            return _KINDS[key](value)
        except ValueError:
            raise SpecError(f"{name}: {key} is one of {', '.join(_KINDS[key])}, not '{short(value)}'") from None
    return value


def _date(value: Any, name: str) -> date:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise SpecError(f"{name}: start_date is a date such as 2024-03-01")


def _all(names: set[str]) -> str:
    return ", ".join(f.name for f in fields(Recipe) if f.name in names)
