"""Which sections there are, page by page, and how they are made one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from ketadash.core.errors import SpecError
from ketadash.core.p_values import GONE
from ketadash.core.view import PValues
from ketadash.export.from_blocks import sections
from ketadash.export.sections import Maker, Material, Section, guarded
from ketadash.questions.registry import QUESTIONS, question
from ketadash.questions.shared import words


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of the dashboard as part of a report; `usual` if a report has it unasked."""

    page: str
    title: str
    make: Maker
    usual: bool


CHAPTERS = tuple(
    Chapter(one.key, one.name, partial(sections, one), one.usual_in_report) for one in QUESTIONS if one.in_report
)
USUAL = tuple(chapter.page for chapter in CHAPTERS if chapter.usual)
SUPPRESSED = (
    "Small counts are suppressed, so participants, responders at every cut, WHO levels, who carries a result, adverse "
    "events, CADSS and late follow-up are left out."
)


def chapter(page: str) -> Chapter:
    """The chapter of a page; SpecError for a page that has none."""
    for one in CHAPTERS:
        if one.page == page:
            return one
    raise SpecError(f"'{page}' is no part of a report; there are {', '.join(c.page for c in CHAPTERS)}")


def sections_of(page: str, m: Material, *, for_office: bool = True) -> list[Section]:
    """A page's sections, p-values shown as the page shows them, small counts left out if asked.

    Not `for_office`, without what only office files take.
    """
    if question(page).departure(m.spec) and m.p_values is PValues.SHOWN:
        m = replace(m, p_values=m.p_values_outside)
    analysis = words.analysis(m.trial.declared.analysis_name)
    made = (guarded(section, m.p_values, analysis) for section in chapter(page).make(m, for_office=for_office))
    # a section that says nothing but p-values is left out where they are hidden
    return [s for s in made if s.answer != GONE]


def every(pages: Iterable[str], m: Material) -> Iterator[Section]:
    """The sections of several pages in the dashboard's order."""
    wanted = set(pages)
    for one in CHAPTERS:
        if one.page in wanted:
            yield from sections_of(one.page, m)
