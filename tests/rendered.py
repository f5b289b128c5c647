"""Every sentence that the questions' blocks write in a state, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ketadash.core.errors import KetadashError
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
        case q.Table(caption=caption):
            yield caption


def blocks_of(question: Question, m: Material) -> Iterator[Any]:
    """The blocks, with those of what grows, once made."""
    for block in question.blocks(m):
        if isinstance(block, q.Growing):
            if block.make is not None:
                yield from block.blocks(block.make())
        else:
            yield block


def sentences(m: Material, only: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(question, sentence) pairs of a state; a question that has an error says so in words."""
    said: list[tuple[str, str]] = []
    for question in QUESTIONS:
        if question.key in SLOW or (only and question.key not in only):
            continue
        try:
            said += [(question.key, text) for block in blocks_of(question, m) for text in texts(block) if text]
        except KetadashError as error:
            said.append((question.key, str(error)))
    return said
