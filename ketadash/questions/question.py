"""What a question is: one description that the web page, the slide, the report, the JSON and the Code tab render.

A question's `blocks` say, in the order of the page, what there is to read and to see.  Who renders them decides how:
the web page (`ketadash.ui.page`), the slide (`ketadash.ui.slides`) and the files (`ketadash.export.from_blocks`) read
the same blocks, so that a sentence, a title or a caption is written once and cannot differ between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, TypeVar

import pandas as pd

from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.material import Material as Material
from ketadash.questions.shared.answerable import always
from ketadash.questions.shared.code_numbers import Number
from ketadash.questions.shared.document import Document
from ketadash.questions.shared.office_chart import Chart
from ketadash.questions.shared.rule_matters import Idle, it_matters
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome
from ketadash.trial import Trial
from ketadash.trial.population import AnalysisSet


class Group(Enum):
    """The headings of the navigation."""

    RESULTS = "Results"
    HOW_SURE = "How sure"
    THE_TRIAL = "The trial"
    YOURS = "Yours"


class Discloses(Enum):
    """Whether small counts in a table could point at people: such a table is left out while they are suppressed."""

    NOBODY = "nobody"
    PEOPLE = "people"


class Place(Enum):
    """Where the web page shows a table or a picture: in the page, or in a tab below it.  Files show all of them."""

    PAGE = "page"
    FOLDED = "folded"  # a table in the page, under its caption until it is unfolded
    TABLE_TAB = "table"
    MODEL_TAB = "model"
    FILES_ONLY = "files"


Result = TypeVar("Result")


def needed(result: Result | None) -> Result:
    """A result that heavy days are needed for; KetadashError if the amounts cannot tell them."""
    if result is None:
        raise KetadashError("the amounts cannot tell heavy days")
    return result


# --- blocks ----------------------------------------------------------------------------------------------------------

Draw = Callable[[AnalysisSpec, ViewSpec], Figure]
MakeTable = Callable[[], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Part:
    """Begins a part with a question of its own: a section of a report, a heading of the page if `heading`.

    Blocks before the first part belong to the question itself.  `topic` names the sentences of the methods paragraph
    that the part calls for; `discloses` says whether the whole part is left out while small counts are suppressed.
    """

    key: str
    title: str
    discloses: Discloses
    topic: tuple[str, ...] = ()
    heading: bool = True


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the page inside a part; files need none, since the part's answers stand together there."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer in plain sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The answers of all parts in short, above them on the page; files have each part's own."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Why there is nothing to show here."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence beside a table, in the page or in one of its tabs."""

    text: str
    place: Place = Place.PAGE


@dataclass(frozen=True, slots=True)
class Holds:
    """On which assumptions the answer depends."""

    text: str


@dataclass(frozen=True, slots=True)
class RestsOn:
    """Assumption, n and model behind the answer, what matters most first: a page folds what follows two lines.

    `estimand` says in a line what is estimated; `of_set`: it is about the analysis set chosen now, which is named.
    """

    text: str
    estimand: str = ""
    of_set: bool = True

    def with_set(self, chosen: AnalysisSet | None, several: str = "") -> RestsOn:
        """The same, after who is analysed where that is not everyone randomised, and with what is said of `several`
        arms.
        """
        if not self.of_set:
            return self
        before = "" if chosen is None else f"{chosen.sentence} "
        return replace(self, text=f"{before}{self.text}{f' {several}' if several else ''}")

    @property
    def whole(self) -> str:
        """All of it."""
        return f"{self.text} {self.estimand}".rstrip()


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """What speaks against the result; for `fit`, the page offers the way out where there is one."""

    messages: tuple[str, ...]
    fit: BinaryOutcome | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A figure for any choices and any look, its text alternative and legend.

    Attributes
    ----------
    key, name
        What it is called in the page and among the exported pictures.
    draw
        Draws it; with other choices too, if `moves`: it is then sent ahead of a choice so as to follow the hand.
    click
        What a click on a point does in the page, by its name in `ketadash.ui.page`.
    result
        What it is drawn from, where a click asks for more than the figure says.
    charts
        The same for a slide, editable.
    sentence
        What it shows, where that is not the part's answer.
    """

    key: str
    name: str
    draw: Draw
    alt: str
    legend: str
    charts: Callable[[], Sequence[Chart]] = tuple
    sentence: str = ""
    moves: bool = True
    place: Place = Place.PAGE
    click: str = ""
    result: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Pictures side by side; without `widths` as many in a row as there is room for."""

    pictures: tuple[Picture, ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as printed.

    Attributes
    ----------
    key, caption
        Its name and what stands above it.
    make
        Makes it: a tab out of sight costs nothing.
    discloses
        Whether its counts could point at people; without a default, so that a new table is thought about.
    deep
        For specialists: a brief report leaves it out.
    long
        A row a day: it scrolls in a box of its own.
    in_files
        Whether files show it too: not where another question's part has it already.
    """

    key: str
    caption: str
    make: MakeTable
    discloses: Discloses
    place: Place = Place.TABLE_TAB
    deep: bool = False
    long: bool = False
    in_files: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """A table in full precision: in the workbook of a report and, if `offered`, in the page's Download tab."""

    key: str
    make: MakeTable
    discloses: Discloses
    offered: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A question in short, as the Overview shows it: `draw` draws its small picture; `text` is why there is none.

    `standing` says how it stands under other ways to be sure, `holds` on which assumptions it depends.
    """

    question: str
    title: str
    number: str
    text: str
    draw: Draw
    standing: str = ""
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """The questions in short, side by side; a page makes each when it draws it, so that none waits for the others."""

    makers: tuple[Callable[[], Card], ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """All of them."""
        return tuple(make() for make in self.makers)


@dataclass(frozen=True, slots=True)
class WebOnly:
    """A part that only a web page can have, such as a dial or a form: `component` names it in `ketadash.ui.page`."""

    component: str


@dataclass(frozen=True, slots=True, eq=False)
class Growing:
    """What a long computation gives: the page shows it as far as it is, a file once it is there.

    Attributes
    ----------
    key
        The computation's name in `Material.ready`, and in `ketadash.ui.page` what goes on with it in the background.
    blocks
        What its result is shown as, complete or not.
    make
        Computes it where it is not there yet; None if that takes too long to be waited for.
    """

    key: str
    blocks: Callable[[Any], Iterator[Block]]
    make: Callable[[], Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """What takes fits of its own: a page keeps its place and tells it once the first picture is there."""

    blocks: Callable[[], Iterator[Block]]


@dataclass(frozen=True, slots=True)
class Tabs:
    """Where the page has its tabs, if not at its end."""


Text = Part | Heading | Answer | Summary | Notice | Note | Holds | RestsOn | Doubts
Block = Text | Picture | Row | Table | Data | Cards | WebOnly | Growing | Later | Tabs


@dataclass(frozen=True, slots=True)
class SlidePlan:
    """Which of the blocks a slide shows: the part, the picture in it, and whether the picture is built step by step."""

    part: str = ""
    picture: int = 0
    builds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """One question: what it is called, where it stands, and what answers it.

    Attributes
    ----------
    key
        Its folder's and its page's name.
    title, name
        The question, and its name in the navigation; "drinking" becomes what the trial counts.
    path, icon, help
        The page's address, its icon and the sentence beside it.
    blocks
        What answers it, in the order of the page.
    methods
        The methods pages that say how its numbers are computed.
    discloses
        Whether its first part is left out while small counts are suppressed.
    topic
        The sentences of the methods paragraph that it calls for.
    card, numbers
        It in short, for the Overview; its numbers for the Code tab.
    document, only
        Its parts of the JSON, and the name behind `--only` that they belong to; `documents` are further parts, each
        by its name: long ones, computed only where they are named.
    answerable
        Whether the trial has what it asks for (`ketadash.questions.shared.answerable`); its slide is skipped if not.
    looks
        The daily outcome of which its page offers how points are grouped and, where there is a model, which day's
        difference is told.
    choice, beside, unmoved
        The page's own control (`ketadash.ui.page_controls`), for `part`; fields whose controls are above its picture;
        fields that change nothing on it, whose controls are under More choices.
    rule_idle
        Why the missing-day rule changes nothing on the page in a state; "" where it does.
    in_report, usual_in_report
        Whether a report offers it, and, if so, unasked.
    exploratory
        The choice that makes whatever it shows exploratory, as all that this choice changes is here.
    without_trial
        Whether the page makes sense while no trial can be analysed; the blocks then read nothing of the material.
    """

    key: str
    title: str
    name: str
    group: Group
    path: str
    icon: str
    help: str
    blocks: Callable[[Material], Iterator[Block]]
    discloses: Discloses
    methods: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    card: Callable[[Material], Card] | None = None
    numbers: Callable[[Trial, AnalysisSpec], tuple[Number, ...]] | None = None
    document: Callable[..., Document] | None = None
    only: str = ""
    documents: Mapping[str, Callable[..., Document]] = field(default_factory=dict)
    answerable: Callable[[Trial, AnalysisSpec, bool], bool] = always
    looks: Callable[[Trial, AnalysisSpec], BinaryOutcome | None] | None = None
    choice: str = ""
    beside: tuple[str, ...] = ()
    unmoved: tuple[str, ...] = ()
    rule_idle: Idle = it_matters
    slide: SlidePlan = SlidePlan()
    in_report: bool = True
    usual_in_report: bool = True
    exploratory: str = ""
    without_trial: bool = False

    def departure(self, spec: AnalysisSpec) -> tuple[str, ...]:
        """The choice that makes only this page exploratory, in words, where it is made."""
        made = self.exploratory and getattr(spec, self.exploratory) is not None
        return (spec.describe(self.exploratory),) if made else ()
