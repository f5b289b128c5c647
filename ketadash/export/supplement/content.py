"""What each page says in each state, as plain values; made once for all states that the page cannot tell apart."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ketadash import analyse
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.export import catalogue
from ketadash.export.printable import as_json
from ketadash.export.provenance import Stamp
from ketadash.export.sections import Material, Section, Table, methods_of
from ketadash.export.supplement.watched_spec import looked_at, watched
from ketadash.questions.registry import question
from ketadash.questions.shared import words
from ketadash.trial import Trial

Json = Any
DIGITS = 6  # of numbers in a figure: a pixel in a million
METHODS = "methods"


@dataclass(frozen=True, slots=True)
class Order:
    """What a file is made of: pages, how p-values are shown outside the declared analysis, small counts."""

    pages: tuple[str, ...]
    p_values: PValues
    suppress: bool


@dataclass(slots=True)
class _Known:
    """What a page said where it had looked at some choices, with their values then."""

    values: dict[str, Any]
    how: PValues
    text: bytes  # compressed: a file has some 100 MB of texts, and a worker that grows by 300 MB is ended as leaking


@dataclass(slots=True)
class Pages:
    """What the pages of a trial say, remembered by the choices that each of them looked at."""

    trial: Trial
    order: Order
    origin: Stamp
    n_made: int = 0
    _known: dict[str, list[_Known]] = field(default_factory=dict)

    def of(self, spec: AnalysisSpec) -> dict[str, str]:
        """Every page in the state `spec`, each as JSON; a page that has nothing to show is left out."""
        differs = analyse.exploratory(self.trial, spec)
        every = {
            page: self._page(page, spec, self.order.p_values if differs or own_departure(page, spec) else PValues.SHOWN)
            for page in (*self.order.pages, METHODS)
        }
        return {page: text for page, text in every.items() if text}

    def _page(self, page: str, spec: AnalysisSpec, how: PValues) -> str:
        known = self._known.setdefault(page, [])
        for one in known:
            if one.how is how and all(getattr(spec, name) == value for name, value in one.values.items()):
                return zlib.decompress(one.text).decode("utf-8", "surrogatepass")
        seen = watched(spec)
        text = self._made(page, Material(self.trial, seen, how, self.order.suppress))
        self.n_made += 1
        packed = zlib.compress(text.encode("utf-8", "surrogatepass"), 1)
        known.append(_Known({name: getattr(spec, name) for name in looked_at(seen)}, how, packed))
        return text

    def _made(self, page: str, m: Material) -> str:
        if page == METHODS:
            return self._methods(m)
        try:
            sections = [_section(one) for one in catalogue.sections_of(page, m, for_office=False)]
        except KetadashError as error:  # as the page says it: a state that cannot be estimated is a state
            title = analyse.terms(m.trial, m.spec).worded(catalogue.chapter(page).title)
            sections = [
                {"question": title, "answer": "", "rests": "", "doubts": [str(error)], "pictures": [], "tables": []}
            ]
        return as_json(sections) if sections else ""

    def _methods(self, m: Material) -> str:
        topics = [topic for page in self.order.pages for topic in _topics(page)]
        made = methods_of(m, [Section(METHODS, METHODS, "", "", "", topic=tuple(topics))], self.origin)
        return as_json({"paragraphs": made.paragraphs, "references": made.references})


def _topics(page: str) -> Iterator[str]:
    yield from question(page).topic


def _section(section: Section) -> dict[str, Json]:
    return {
        "question": section.question,
        "answer": section.answer,
        "cards": [asdict(card) for card in section.cards],
        "rests": section.rests_on,
        "doubts": list(section.doubts),
        "pictures": [
            {
                "wide": _rounded(picture.figure),
                "narrow": _rounded(picture.narrow),
                "alt": picture.alt,
                "legend": picture.legend,
            }
            for picture in section.pictures
        ],
        "tables": [_table(table) for table in section.tables if not table.shown.empty],
    }


def _table(table: Table) -> dict[str, Json]:
    rows = [list(map(str, row)) for row in table.shown.astype(object).to_numpy().tolist()]
    return {"caption": table.caption, "head": [str(c) for c in table.shown.columns], "rows": rows, "deep": table.deep}


def _rounded(value: Json) -> Json:
    """A figure with its numbers as exact as a screen can show them."""
    kind = type(value)
    if kind is str or kind is bool or kind is int or value is None:  # first, since nearly all are one of these
        return value
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        rounded = float(f"{value:.{DIGITS}g}")
        if rounded != rounded or rounded in (float("inf"), float("-inf")):
            return None
        return int(rounded) if rounded.is_integer() and abs(rounded) < 1e9 else rounded
    if hasattr(value, "tolist"):
        return _rounded(value.tolist())
    return value


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
