"""What does it change?  Two states side by side."""

from __future__ import annotations

from collections.abc import Iterator

from ketadash.questions.compare import words
from ketadash.questions.question import Block, Discloses, Group, Material, Question, RestsOn, WebOnly


def blocks(_: Material) -> Iterator[Block]:
    """Two states of the choices: in what they differ, and what that changes."""
    yield WebOnly("two_states")
    yield RestsOn(words.RESTS_ON, of_set=False)


COMPARE = Question(
    key="compare",
    title="What does it change?",
    name="Compare",
    group=Group.HOW_SURE,
    path="two-states",
    icon="compare_arrows",
    help="Two states of the choices side by side.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    in_report=False,
)
