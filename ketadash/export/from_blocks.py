"""A question's blocks → the sections that every format of an export turns into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pandas as pd

from ketadash.export.reproduction import reproduced
from ketadash.export.sections import Card, Picture, Section, Table
from ketadash.questions import question as blocks
from ketadash.questions.paper.question import REPRODUCED
from ketadash.questions.question import Discloses, Material, Part, Question
from ketadash.trial.several_arms import multiplicity

# What a question needs from the JSON document, which only exports can make.
FROM_THE_DOCUMENT: dict[str, Callable[[Material], object]] = {
    REPRODUCED: lambda m: reproduced(m.trial, m.trial.declared.published),
}


class _Growing:
    """A section while its blocks come in."""

    def __init__(self, part: Part, page: str, material: Material, *, for_office: bool) -> None:
        self.part, self.page, self.material, self._for_office = part, page, material, for_office
        self.answers: list[str] = []
        self.rests: list[str] = []
        self.pictures: list[Picture] = []
        self.tables: list[Table] = []
        self.doubts: list[str] = []
        self.full: dict[str, pd.DataFrame] = {}
        self.cards: list[Card] = []

    def take(self, block: blocks.Block) -> None:
        """Add what a block has for a file; notices and parts that only a web page can have add nothing."""
        match block:
            case blocks.Answer(text=text):
                self.answers.append(text)
            case blocks.Holds(text=text):
                self.rests.insert(0, text)
            case blocks.RestsOn():
                named = block if self.rests else self._with_context(block)
                self.rests.append(named.whole)
            case blocks.Cards(cards=cards):
                self.cards += [Card(c.title, c.number, c.text) for c in cards]
            case blocks.Doubts(messages=messages):
                self.doubts += messages
            case blocks.Picture():
                self.pictures.append(self._picture(block))
            case blocks.Row(pictures=pictures):
                self.pictures += [self._picture(one) for one in pictures]
            case blocks.Table() if block.in_files and self._may_show(block.discloses):
                self.tables.append(Table(block.key, block.caption, _with_index(block.make()), block.deep))
            case blocks.Data() if self._for_office and self._may_show(block.discloses):
                self.full[block.key] = block.make()

    def _with_context(self, block: blocks.RestsOn) -> blocks.RestsOn:
        m = self.material
        return block.with_set(m.analysis_set, multiplicity(m.trial, m.spec))

    def _may_show(self, discloses: Discloses) -> bool:
        return not self.material.suppress or discloses is Discloses.NOBODY

    def _picture(self, block: blocks.Picture) -> Picture:
        m = self.material
        wide, narrow = (block.draw(m.spec, view) for view in (m.view, replace(m.view, narrow=True)))
        charts = tuple(block.charts()) if self._for_office else ()
        return Picture(block.name, wide, narrow, block.alt, block.legend, charts, block.sentence)

    @property
    def empty(self) -> bool:
        return not (self.answers or self.pictures or self.tables)

    def section(self) -> Section:
        return Section(
            self.part.key,
            self.page,
            self.part.title,
            " ".join(self.answers),
            " ".join(self.rests),
            tuple(self.pictures),
            tuple(self.tables),
            tuple(dict.fromkeys(self.doubts)),
            self.full,
            self.part.topic,
            tuple(self.cards),
        )


def sections(question: Question, m: Material, *, for_office: bool = True) -> Iterator[Section]:
    """The sections of a question, one for each of its parts that has something to show.

    While small counts are suppressed, parts that disclose them are left out.  Not `for_office`, they lack what only
    office files take: tables in full precision, and charts that can be edited.
    """
    first = Part(question.key, question.title, question.discloses, question.topic)
    growing = _Growing(_worded(first, m), question.key, m, for_office=for_office)
    for block in flat(question.blocks(m), m):
        if isinstance(block, Part):
            yield from _finished(growing)
            growing = _Growing(_worded(block, m), question.key, m, for_office=for_office)
        else:
            growing.take(block)
    yield from _finished(growing)


def _worded(part: Part, m: Material) -> Part:
    return replace(part, title=m.terms.worded(part.title))


def _finished(growing: _Growing) -> Iterator[Section]:
    left_out = growing.material.suppress and growing.part.discloses is Discloses.PEOPLE
    if not growing.empty and not left_out:
        yield growing.section()


def flat(given: Iterable[blocks.Block], m: Material) -> Iterator[blocks.Block]:
    """Long computations as the blocks of what they have: nothing where they have nothing yet."""
    for block in given:
        if isinstance(block, blocks.Later):
            yield from flat(block.blocks(), m)
            continue
        if not isinstance(block, blocks.Growing):
            yield block
            continue
        result = m.ready.get(block.key)
        if result is None and block.make is not None:
            result = block.make()
        if result is None and block.key in FROM_THE_DOCUMENT:
            result = FROM_THE_DOCUMENT[block.key](m)
        if result is not None:
            yield from flat(block.blocks(result), m)


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose rows have names, with the names as its first column: files show columns alone."""
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.rename_axis("").reset_index()
