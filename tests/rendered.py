"""Every sentence that the questions' blocks write in a state, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ketadash.core.errors import KetadashError
from ketadash.core.p_values import shown
from ketadash.questions import question as q
from ketadash.questions.question import Material
from ketadash.questions.registry import QUESTIONS, Question

SLOW = ("paper", "data", "report", "compare", "methods", "glossary")  # without a result, or a computation of minutes


def texts(block: Any) -> Iterator[str]:
    """What a block says."""
    match block:
        case q.Answer(text=text) | q.Summary(text=text) | q.Notice(text=text) | q.Note(text=text) | q.Holds(text=text):
            yield text
        case q.RestsOn():
            yield block.whole
        case q.Heading(text=text):
            yield text
        case q.Part(title=title):
            yield title
        case q.Doubts(messages=messages):
            yield from messages
        case q.Picture():
            yield block.alt
            yield block.legend
            yield block.sentence
        case q.Row(pictures=pictures):
            for one in pictures:
                yield from texts(one)
        case q.Cards(cards=cards):
            for card in cards:
                yield f"{card.title}: {card.number}"
                yield card.text
                yield card.standing
                yield card.holds
        case q.Table(caption=caption):
            yield caption


def blocks_of(question: Question, m: Material) -> Iterator[Any]:
    """The blocks, with those of what grows, once made."""
    for block in question.blocks(m):
        if isinstance(block, q.Growing):
            if block.make is not None:
                yield from block.blocks(block.make())
        elif isinstance(block, q.Later):
            yield from block.blocks()
        else:
            yield block


def statements(m: Material, only: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """(question, kind of block, text as it is read) triples of a state; a question that fails says so in words."""
    made: list[tuple[str, str, str]] = []
    for question in QUESTIONS:
        if question.key in SLOW or (only and question.key not in only):
            continue
        try:
            for block in blocks_of(question, m):
                kind = type(block).__name__
                made += [(question.key, kind, shown(text, m.p_values)) for text in texts(block) if text]
        except KetadashError as error:
            made.append((question.key, "Error", str(error)))
    return made


def sentences(m: Material, only: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """The same without the kinds."""
    return [(key, text) for key, _, text in statements(m, only)]
