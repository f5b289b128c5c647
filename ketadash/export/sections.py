"""What an export is made of: sections of question, answer, pictures and tables, and the list of them.

Each format (HTML, slides, Word, LaTeX, Excel) turns the same sections into a file, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd

from ketadash import analyse
from ketadash.core.p_values import HIDDEN_CELL, MARK, note, shown
from ketadash.core.spec import PValues, ViewSpec
from ketadash.core.terms import BASELINE, BASELINE_HEAVY
from ketadash.export.provenance import Stamp
from ketadash.questions.question import Material
from ketadash.questions.shared import tables, words
from ketadash.questions.shared.methods import Facts, Methods, methods
from ketadash.questions.shared.office_chart import Chart
from ketadash.questions.shared.theme import Figure
from ketadash.trial import test_column


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A figure, wide and narrow, its text alternative and legend; `charts` are the same for a slide, editable.

    `message` is the sentence that the figure supports, where that is not the section's answer.
    """

    name: str
    figure: Figure
    narrow: Figure
    alt: str
    legend: str
    charts: tuple[Chart, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as printed, with its caption; one for specialists (`deep`) is left out of a brief report."""

    name: str
    caption: str
    shown: pd.DataFrame
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """Another question in short: its title, its number, a sentence.

    How far it holds, and whether chance could give it, is what a page has computed so far: a file has none of that.
    """

    title: str
    number: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One question with its answer.

    Attributes
    ----------
    key, page
        Its own name, and the page of the dashboard that it belongs to.
    full
        Its tables in full precision by name, for Excel.
    topic
        Which sentences of the methods paragraph it calls for.
    cards
        Other questions in short; only a file with toggles shows them.
    """

    key: str
    page: str
    question: str
    answer: str
    rests_on: str
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    doubts: tuple[str, ...] = ()
    full: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    topic: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()


def picture(
    name: str,
    draw: Callable[[ViewSpec], Figure],
    m: Material,
    alt: str,
    legend: str,
    charts: tuple[Chart, ...] = (),
    message: str = "",
) -> Picture:
    """A picture drawn as an export shows it, for a wide page and for a phone."""
    return Picture(name, draw(m.view), draw(replace(m.view, narrow=True)), alt, legend, charts, message)


Maker = Callable[..., Iterable[Section]]  # of a material, and whether for office files


def guarded(section: Section, how: PValues, analysis: str) -> Section:
    """The section as it is read: with p-values as they are, marked, or left out, wherever they stand.

    The note that says so names the trial's `analysis`, as ``the published analysis``.
    """

    def guard(text: str) -> str:
        return shown(text, how)

    made = Section(
        section.key,
        section.page,
        section.question,
        guard(section.answer),
        guard(section.rests_on),
        tuple(replace(p, alt=guard(p.alt), legend=guard(p.legend), message=guard(p.message)) for p in section.pictures),
        tuple(Table(t.name, guard(t.caption), tables.guarded(t.shown, how), t.deep) for t in section.tables),
        tuple(map(guard, section.doubts)),
        {name: tables.without_p(frame, how) for name, frame in section.full.items()},
        section.topic,
        tuple(Card(*(guard(getattr(card, f.name)) for f in fields(Card))) for card in section.cards),
    )
    if not _not_plain(made, how):
        return made
    return replace(made, rests_on=f"{made.rests_on} {note(how, analysis)}".strip())


def _not_plain(made: Section, how: PValues) -> bool:
    """Whether a reader meets the mark of a p-value, or the word in its place, and has to be told what it means."""
    if how is PValues.SHOWN:
        return False
    cells = (str(cell) for table in made.tables for row in table.shown.itertuples(index=False) for cell in row)
    texts = (made.answer, made.rests_on, *made.doubts, *(one.legend for one in made.pictures), *cells)
    sign = MARK if how is PValues.LABELLED else HIDDEN_CELL
    return any(sign in text for text in texts)


def facts(m: Material, origin: Stamp) -> Facts:
    """What the methods paragraph says of the trial."""
    trial, spec = m.trial, m.spec
    p = analyse.panel_of(trial, spec)
    tests = test_column(trial, spec) is not None
    heavy = analyse.heavy_result(trial, spec) if p.can_tell_heavy and spec.adjust else None
    terms_of_heavy = {c.term for c in heavy.model.coefficients} if heavy else set()
    covariate = next((name for name in (BASELINE_HEAVY, BASELINE) if name in terms_of_heavy), None)
    versions = dict(origin.versions)
    software = f"ketadash {versions.get('ketadash', '')} (Python {versions.get('python', '')}; " + ", ".join(
        f"{name} {versions[name]}" for name in ("numpy", "scipy", "statsmodels") if name in versions
    )
    return Facts(
        n_control=int((~p.active).sum()),
        n_active=int(p.active.sum()),
        n_missing=int(np.isnan(p.amount).sum()),
        event=trial.declared.event,
        tested=tests,
        can_tell_heavy=p.can_tell_heavy,
        filled_baseline=p.baseline_filled,
        heavy_baseline=covariate and p.terms.covariate(covariate),
        log_measures=tuple(r.label for r in analyse.measures_result(trial, spec) if r.link == "log"),
        exploratory=analyse.exploratory(trial, spec),
        declared=words.analysis(trial.declared.analysis_name),
        synthetic=trial.synthetic,
        terms=p.terms,
        software=f"{software})",
        p_hidden=m.p_values is PValues.HIDDEN,
    )


def methods_of(m: Material, made: Iterable[Section], origin: Stamp) -> Methods:
    """The methods paragraph for the sections made."""
    return methods(m.spec, facts(m, origin), [topic for section in made for topic in section.topic])
