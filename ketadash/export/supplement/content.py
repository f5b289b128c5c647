"""What each page says in each state, as plain values; made once for all states that the page cannot tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from math import isfinite
from typing import Any

from ketadash import analyse
from ketadash.core.errors import KetadashError, without_options
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.export import catalogue
from ketadash.export.printable import as_json
from ketadash.export.provenance import Stamp
from ketadash.export.sections import Material, Section, Table, methods_of
from ketadash.export.supplement.made import Made, naming
from ketadash.export.supplement.watched_spec import looked_at, watched
from ketadash.questions.registry import question
from ketadash.questions.shared import words
from ketadash.trial import Trial

Json = Any
DIGITS = 6  # of numbers in a figure: a pixel in a million
A_GRID = 2_000  # cells of one that is kept by itself: a large trial's strip of 20,000 stands on hundreds of pages
MOST_GRIDS = 16
_AS_THEY_ARE = frozenset({str, bool, int, type(None)})  # nearly all that a figure has are one of these, or a float
METHODS = "methods"


@dataclass(frozen=True, slots=True)
class Order:
    """What a file is made of: pages, how p-values are shown outside the declared analysis, small counts."""

    pages: tuple[str, ...]
    p_values: PValues
    suppress: bool


Remembered = dict[tuple[PValues, tuple[Any, ...]], str]  # a text's fingerprint, by the values of the choices looked at


@dataclass(slots=True)
class Pages:
    """What the pages of a trial say, remembered by the choices that each of them looked at."""

    trial: Trial
    order: Order
    origin: Stamp
    n_made: int = 0
    made: Made = field(default_factory=Made)
    _known: dict[str, dict[tuple[str, ...], Remembered]] = field(default_factory=dict)
    _grids: dict[int, tuple[Json, str]] = field(default_factory=dict)

    def of(self, spec: AnalysisSpec) -> dict[str, str]:
        """Every page in the state `spec`, each as JSON; a page that has nothing to show is left out."""
        return {page: self.made.whole(mark) for page, mark in self.marks(spec).items()}

    def marks(self, spec: AnalysisSpec) -> dict[str, str]:
        """The same by the fingerprints of their texts, which `made` keeps."""
        differs = analyse.exploratory(self.trial, spec)
        every = {
            page: self._page(page, spec, self.order.p_values if differs or own_departure(page, spec) else PValues.SHOWN)
            for page in (*self.order.pages, METHODS)
        }
        return {page: mark for page, mark in every.items() if mark}

    def _page(self, page: str, spec: AnalysisSpec, how: PValues) -> str:
        known = self._known.setdefault(page, {})
        for names, marks in known.items():
            mark = marks.get((how, tuple(getattr(spec, name) for name in names)))
            if mark is not None:
                return mark
        seen, named = watched(spec), list[str]()
        text = self._made(page, Material(self.trial, seen, how, self.order.suppress), named)
        self.n_made += 1
        mark = self.made.keep(text, *named) if text else ""
        names = tuple(sorted(looked_at(seen)))
        known.setdefault(names, {})[how, tuple(getattr(spec, name) for name in names)] = mark
        return mark

    def _made(self, page: str, m: Material, named: list[str]) -> str:
        if page == METHODS:
            return self._methods(m)
        try:
            made = catalogue.sections_of(page, m, for_office=False)
            sections = [_section(one, partial(self._apart, named)) for one in made]
        except KetadashError as error:  # as the page says it: a state that cannot be estimated is a state
            title = analyse.terms(m.trial, m.spec).worded(catalogue.chapter(page).title)
            sections = [
                {
                    "question": title,
                    "answer": "",
                    "rests": "",
                    "doubts": [without_options(str(error))],
                    "pictures": [],
                    "tables": [],
                }
            ]
        return as_json(sections) if sections else ""

    def _apart(self, named: list[str], part: Json) -> dict[str, str]:
        """A figure or a table by its fingerprint: pages of other states have the same."""
        inside: list[str] = []
        named.append(self.made.keep(as_json(_rounded(part, partial(self._grid, inside))), *inside))
        return naming(named[-1])

    def _grid(self, named: list[str], grid: Json) -> dict[str, str]:
        """A grid of numbers by its fingerprint; the last few, which pages share as objects, are written once."""
        kept = self._grids.get(id(grid))
        if kept is None or kept[0] is not grid:
            kept = grid, self.made.keep(as_json([_rounded(row) for row in grid]))
            self._grids[id(grid)] = kept
            while len(self._grids) > MOST_GRIDS:
                del self._grids[next(iter(self._grids))]
        named.append(kept[1])
        return naming(kept[1])

    def _methods(self, m: Material) -> str:
        topics = [topic for page in self.order.pages for topic in _topics(page)]
        made = methods_of(m, [Section(METHODS, METHODS, "", "", "", topic=tuple(topics))], self.origin)
        return as_json({"paragraphs": made.paragraphs, "references": made.references})


def _topics(page: str) -> Iterator[str]:
    yield from question(page).topic


def _section(section: Section, apart: Callable[[Json], Json]) -> dict[str, Json]:
    return {
        "question": section.question,
        "answer": section.answer,
        "cards": [asdict(card) for card in section.cards],
        "rests": section.rests_on,
        "doubts": list(section.doubts),
        "pictures": [
            {
                "wide": apart(picture.figure),
                "narrow": apart(picture.narrow),
                "alt": picture.alt,
                "legend": picture.legend,
            }
            for picture in section.pictures
        ],
        "tables": [apart(_table(table)) for table in section.tables if not table.shown.empty],
    }


def _table(table: Table) -> dict[str, Json]:
    rows = [list(map(str, row)) for row in table.shown.astype(object).to_numpy().tolist()]
    return {"caption": table.caption, "head": [str(c) for c in table.shown.columns], "rows": rows, "deep": table.deep}


def _rounded(value: Json, grid: Callable[[Json], Json] | None = None) -> Json:
    """A figure with its numbers as exact as a screen can show them, and its large grids as `grid` has them."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is float:
        return _number(value)
    if isinstance(value, dict):
        return {key: _rounded(inner, grid) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        if grid is not None and value and isinstance(value[0], list) and len(value) * len(value[0]) >= A_GRID:
            return grid(value)
        return [inner if type(inner) in _AS_THEY_ARE else _rounded(inner, grid) for inner in value]
    if isinstance(value, float):
        return _number(value)
    if hasattr(value, "tolist"):
        return _rounded(value.tolist(), grid)
    return value


def _number(value: float) -> Json:
    rounded = float(f"{value:.{DIGITS}g}")
    if not isfinite(rounded):
        return None
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e9 else rounded


def statuses(trial: Trial, spec: AnalysisSpec, pages: Iterable[str]) -> dict[str, str]:
    """Whether each page shows the declared analysis in a state (default, where none is), or in what it differs."""
    differs = analyse.exploratory(trial, spec)
    name = trial.declared.analysis_name
    return {page: words.status((*differs, *own_departure(page, spec)), name) for page in pages}


def own_departure(page: str, spec: AnalysisSpec) -> tuple[str, ...]:
    """The choice that makes only this page exploratory, where it is made."""
    return () if page == METHODS else question(page).departure(spec)


def usual_pages(named: Sequence[str] | None = None) -> tuple[str, ...]:
    """The pages of a file: those of a report if none are named.

    Raises
    ------
    SpecError
        For a page that is no part of a report.
    """
    if named is None:
        return catalogue.USUAL
    return tuple(catalogue.chapter(page).page for page in named)
