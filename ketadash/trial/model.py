"""What a trial is once read: `Trial`, what its `trial.toml` declared, and the outcome of one check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ketadash.core.findings import Check
from ketadash.core.spec import AnalysisSpec, Window
from ketadash.trial.recipe import Recipe
from ketadash.trial.understood import Line


@dataclass(frozen=True, slots=True)
class Described:
    """A row of Table 1 as `trial.toml` describes it: its label (None: the column's name), levels as (value, label)."""

    column: str
    label: str | None
    levels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """What `trial.toml` says about the trial; None where it says nothing."""

    control: str | None = None
    active: str | None = None
    days: Window | None = None
    amount: str | None = None
    baseline: str | None = None
    event: str | None = None
    links: tuple[tuple[str, str], ...] = ()  # (visit measure, "log" or "identity")
    published: AnalysisSpec = field(default_factory=AnalysisSpec)  # the published or pre-specified analysis
    analysis_name: str | None = None  # "published" or "pre-specified"; None where the file declares none
    strict: bool = False  # whether p-values of any other analysis are hidden
    screened: int | None = None  # before randomisation, which the data cannot know
    enrolled: int | None = None
    table1: tuple[Described, ...] = ()
    unit: str | None = None  # what amounts are counted in: a key of `units.UNITS`
    substance: str | None = None  # what is used, if it is not alcohol
    tests: str | None = None  # the column of test results, in days or visits
    primary: str | None = None  # the outcome laid down as primary: abstinence, heavy or relapse


@dataclass(frozen=True, eq=False)
class Trial:
    """A trial as read: every row and every column, cells turned into numbers where they are numbers.

    Attributes
    ----------
    source
        Whose data these are, as `trial.toml` says it for every page and file; None where it says nothing.
    sha256
        Fingerprint of the bytes of every file read, with their roles; the key of every cached result.
    days
        One row a participant-day: `participant_id` (str), `arm` (str), `day` (int64), then every other
        column of the file.  The index is the line of the file.
    participants
        One row a participant, in natural order of the ids: `participant_id`, `arm`, then every column that
        has one value a participant.  Someone without a single day is here too: they were randomised.
    visits, adverse_events
        As read, `participant_id` as str and a visit's `day` as int64; None if there is no such file.
    day_file, decimal_comma
        Name of the file of days, and whether its numbers may carry a decimal comma.
    published
        Text of `published.toml` beside the data: the printed numbers of the trial's report
        (`ketadash.questions.paper.printed`).
    recipe, lines
        How the files were read, completely, and the same in sentences.
    recipe_given
        The part of the recipe that came from the user or a link, not from the files; None if all was recognised.
    checks
        Every finding about the files, warnings and notes.
    computed
        Columns of `participants` that are in no file: baselines computed from the days before treatment.
    masks
        (identifier shown, identifier in the file) where `masked` has replaced them, else empty.
    """

    title: str
    sha256: str
    synthetic: bool
    days: pd.DataFrame = field(repr=False)
    participants: pd.DataFrame = field(repr=False)
    visits: pd.DataFrame | None = field(repr=False)
    adverse_events: pd.DataFrame | None = field(repr=False)
    declared: Declared
    warnings: tuple[str, ...]
    day_file: str = "the file"
    decimal_comma: bool | None = None
    published: str | None = field(default=None, repr=False)
    recipe: Recipe = field(default_factory=Recipe, repr=False)
    recipe_given: Recipe | None = field(default=None, repr=False)
    lines: tuple[Line, ...] = field(default=(), repr=False)
    checks: tuple[Check, ...] = field(default=(), repr=False)
    computed: tuple[str, ...] = ()
    masks: Mapping[str, str] = field(default_factory=dict, repr=False)
    source: str | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """Every arm's name, in alphabetical order."""
        return tuple(sorted(self.participants["arm"].unique()))

    def id_in_file(self, shown: str) -> str:
        """The identifier by which the file knows a participant: what order and random streams go by."""
        return self.masks.get(shown, shown)
