"""The analysis set: who of the two arms is analysed, which sets a trial offers, and what is said of one."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from ketadash.core.choices.population import KNOWN, in_words, parts
from ketadash.core.errors import DataError, SpecError
from ketadash.core.findings import LONGEST, listed, short
from ketadash.core.spec import AnalysisSpec
from ketadash.trial.levels import MOST_LEVELS, levels_of, measured, written
from ketadash.trial.model import Trial
from ketadash.trial.recognise import no_column, snake

# The flags of populations of ADaM's ADSL (implementation guide 1.3, section 3.2.5), Y for whoever is in the set.
FLAGS = {
    "ittfl": "intention-to-treat set",
    "fasfl": "full analysis set",
    "saffl": "safety set",
    "pprotfl": "per-protocol set",
    "complfl": "completers",
    "randfl": "randomised set",
    "enrlfl": "enrolled set",
}
UNLIKE = 3.29  # standard errors: one set in a thousand differs so between arms that chance made
FEWEST = 2  # people in an arm that a comparison needs
# What such names tell is known only after treatment has begun.
_AFTER = re.compile(
    r"dose|induct|infus|receiv|complet|adher|complian|protocol|pprot|complfl|saffl|attend|drop|withdr|discontin|"
    r"respond|relaps|abstin|follow|reason|(^|_)(last|end|exit|week|visit)"
)


@dataclass(frozen=True, slots=True)
class AnalysisSet:
    """Who is analysed of those randomised: each arm as (name, in the set, randomised), control first.

    `name` says what the set is; `late` why it may be of after randomisation, empty where nothing says so.
    """

    name: str
    arms: tuple[tuple[str, int, int], ...]
    late: str = ""

    @property
    def n(self) -> int:
        """Participants in it, both arms together."""
        return sum(inside for _, inside, _ in self.arms)

    @property
    def randomised(self) -> int:
        """Participants of both arms, in it or not."""
        return sum(every for _, _, every in self.arms)

    @property
    def sentence(self) -> str:
        """What the set is, whom it leaves of those randomised, and what that does to the comparison."""
        if self.n == self.randomised:
            return f"The analysis set {self.name} leaves nobody out: all {self.n:,} randomised are analysed."
        counts = " and ".join(
            f"{inside:,} of {every:,} with {short(arm)}" for arm, inside, every in reversed(self.arms)
        )
        text = (
            f"Supplementary: analysed are only participants with {self.name}, {self.n:,} of {self.randomised:,} "
            f"randomised ({counts})."
        )
        if not self.late:
            return text
        return f"{text} {self.late[:1].upper()}{self.late[1:]}, so the arms may differ by more than their treatment."

    @property
    def badge(self) -> str:
        """The same as few words."""
        if self.n == self.randomised:
            return f"Analysis set: {self.name} (everyone randomised)"
        return f"Supplementary: only {self.name} ({self.n:,} of {self.randomised:,})"

    @property
    def whom(self) -> str:
        """Who is analysed, inside a sentence."""
        if self.n == self.randomised:
            return f"all {self.n:,} randomised"
        return f"the {self.n:,} of {self.randomised:,} randomised with {self.name}"


def people_of(trial: Trial, spec: AnalysisSpec) -> pd.DataFrame:
    """The rows of the participants of the two arms of a resolved spec, and of its analysis set."""
    people = trial.participants[trial.participants["arm"].isin([spec.control, spec.active])]
    return people if spec.population is None else people[_inside(people, spec.population)]


def analysis_set(trial: Trial, spec: AnalysisSpec) -> AnalysisSet | None:
    """The set of a resolved spec; None where none is chosen, so that everyone randomised is analysed."""
    if spec.population is None or spec.control is None or spec.active is None:
        return None
    everyone = people_of(trial, spec.replace(population=None))
    chosen = people_of(trial, spec)
    arms = tuple(
        (str(arm), int((chosen["arm"] == arm).sum()), int((everyone["arm"] == arm).sum()))
        for arm in (spec.control, spec.active)
    )
    column, value = parts(spec.population)
    label = FLAGS.get(column) if value.upper() == "Y" else None
    named = f"{label} ({in_words(spec.population)})" if label else in_words(spec.population)
    return AnalysisSet(named, arms, _late(column, arms))


def checked(trial: Trial, population: str | None, arms: tuple[str, str]) -> str | None:
    """A set with its column as the data have it.

    Raises
    ------
    SpecError
        For a column or a value that is not there, and for a set that changes within participants.
    DataError
        For one that leaves fewer than two people in an arm.
    """
    if population is None:
        return None
    column, value = parts(population)
    people, name = trial.participants, column_of_people(trial, column, "an analysis set")
    inside = _inside(people, f"{name}={value}")
    if not inside.any():
        levels = levels_of(people[name])
        shown = f"it has: {listed(map(short, levels), most=MOST_LEVELS)}" if levels else "it is empty"
        raise SpecError(f"nobody has {in_words(f'{name}={short(value)}')}, so the analysis set is empty; {shown}")
    for arm in arms:
        n = int((inside & (people["arm"] == arm).to_numpy()).sum())
        if n < FEWEST:
            left = "nobody" if not n else "one participant"
            raise DataError(
                f"the analysis set {in_words(f'{name}={short(value)}')} leaves {left} in the arm '{short(arm)}'; a "
                "comparison needs at least two in each arm: choose another set, or everyone randomised"
            )
    return f"{name}={value}"


def column_of_people(trial: Trial, column: str, what: str) -> str:
    """A column of one value a participant as the data have it; `what` needs it, in the words of a refusal.

    Raises
    ------
    SpecError
        For a column that is not there, or that changes within participants, and for the arm.
    """
    present = list(trial.participants.columns[2:])
    name = next((c for c in (column, snake(column)) if c in present), None)
    if name is not None:
        return name
    if column in ("arm", "participant_id"):
        says = "who is in which arm" if column == "arm" else "who is who"
        raise SpecError(f"'{column}' says {says}; {what} needs a characteristic of the participants")
    if any(c in trial.days for c in (column, snake(column))):
        raise SpecError(f"'{short(column)}' changes within participants; {what} needs a column of one value each")
    raise SpecError(no_column(column, what, present))


def offered(trial: Trial) -> tuple[str, ...]:
    """The sets that the columns offer: ADaM's flags first, then whoever has a value, then each of a few values."""
    if trial not in _offered:
        _offered[trial] = _sets(trial.participants)
    return _offered[trial]


_offered: WeakKeyDictionary[Trial, tuple[str, ...]] = WeakKeyDictionary()


def _sets(people: pd.DataFrame) -> tuple[str, ...]:
    flags, known, values = list[str](), list[str](), list[str]()
    for column in people.columns[2:]:
        levels = levels_of(people[column])
        if column in FLAGS and "Y" in levels:
            flags.append(f"{column}=Y")
            continue
        if levels and "" in written(people[column]):
            known.append(f"{column}={KNOWN}")
        few = 1 < len(levels) <= (2 if measured(people[column]) else MOST_LEVELS)
        if few and max(map(len, levels)) <= LONGEST:
            values += [f"{column}={level}" for level in levels]
    return (*flags, *known, *values)


def _inside(people: pd.DataFrame, population: str) -> np.ndarray:
    """(n,) bool: whose cell is the value, read as a number where both are numbers, whatever its capitals."""
    column, value = parts(population)
    cells = np.array([text.casefold() for text in written(people[column])], dtype=object)
    if value == KNOWN:
        return np.asarray(cells != "", dtype=bool)
    same = np.asarray(cells == value.casefold(), dtype=bool)
    if is_numeric_dtype(people[column]):
        with suppress(ValueError):
            same |= people[column].to_numpy(dtype=float) == float(value)
    return same


def late_by_name(column: str) -> str:
    """Why a column may be of after randomisation, by what it is called; empty where its name says nothing."""
    return f"'{column}' seems to be known only after treatment began" if _AFTER.search(column) else ""


def _late(column: str, arms: tuple[tuple[str, int, int], ...]) -> str:
    """Why a set may be of after randomisation: its column's name, or another share of each arm than chance gives."""
    if by_name := late_by_name(column):
        return by_name
    (first, k, n), (second, j, m) = arms
    share = (k + j) / (n + m)
    spread = (share * (1 - share) * (1 / n + 1 / m)) ** 0.5
    if spread and abs(k / n - j / m) > UNLIKE * spread:
        return f"the arms are not alike in '{column}': {k} of {n} {first} and {j} of {m} {second} have it"
    return ""
