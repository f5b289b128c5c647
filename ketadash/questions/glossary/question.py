"""What do the words mean?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash.questions.question import Block, Discloses, Group, Material, Question, WebOnly


def blocks(_: Material) -> Iterator[Block]:
    """Every term, by letter, found by a word or by a link."""
    yield WebOnly("glossary")


GLOSSARY = Question(
    key="glossary",
    title="What do the words mean?",
    name="Glossary",
    group=Group.YOURS,
    path="what-words-mean",
    icon="dictionary",
    help="Every term, in words a clinician uses.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    in_report=False,
    without_trial=True,
)
