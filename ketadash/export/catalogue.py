"""Which sections there are, page by page, and how they are made one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from ketadash.core.errors import SpecError
from ketadash.core.p_values import GONE
from ketadash.export import sections_results, sections_sure, sections_trial
from ketadash.export.from_blocks import sections
from ketadash.export.sections import Maker, Material, Section, guarded
from ketadash.export.small_cells import OPEN_SECTIONS
from ketadash.questions.registry import question


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of the dashboard as part of a report."""

    page: str
    title: str
    make: Maker


def _of(key: str) -> Chapter:
    one = question(key)
    return Chapter(one.key, one.name, partial(sections, one))


CHAPTERS = (
    Chapter("overview", "Overview", sections_results.overview),
    *map(_of, ("abstinence", "heavy_drinking", "relapse", "nnt")),
    Chapter("missing_days", "Missing days", sections_sure.missing),
    _of("dropout"),
    Chapter("specifications", "Every specification", sections_sure.specifications),
    Chapter("participants", "Participants", sections_trial.participants),
    Chapter("safety", "Safety and measures", sections_trial.what_else),
    Chapter("paper", "Paper and app", sections_trial.paper),
)
SMALL = ("participants", "events", "cadss", "follow_up")  # sections with counts that may point at people
# What is not known to be without such counts is left out too (`small_cells.OPEN_SECTIONS`).
SUPPRESSED = "Small counts are suppressed, so participants, adverse events, CADSS and late follow-up are left out."
USUAL = ("overview", "abstinence", "heavy_drinking", "relapse", "nnt", "missing_days", "dropout", "participants")


def chapter(page: str) -> Chapter:
    """The chapter of a page; SpecError for a page that has none."""
    for one in CHAPTERS:
        if one.page == page:
            return one
    raise SpecError(f"'{page}' is no part of a report; there are {', '.join(c.page for c in CHAPTERS)}")


def sections_of(page: str, m: Material) -> list[Section]:
    """A page's sections, p-values shown as the page shows them, small counts left out if asked."""
    found = [s for s in chapter(page).make(m) if not m.suppress or s.key in OPEN_SECTIONS]
    # what speaks of nothing but hidden p-values is left out
    return [s for s in (guarded(section, m.p_values) for section in found) if s.answer != GONE]


def every(pages: Iterable[str], m: Material) -> Iterator[Section]:
    """The sections of several pages in the dashboard's order."""
    wanted = set(pages)
    for one in CHAPTERS:
        if one.page in wanted:
            yield from sections_of(one.page, m)
