"""How is it computed?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash.questions.question import Block, Discloses, Group, Material, Question, WebOnly


def blocks(_: Material) -> Iterator[Block]:
    """One method: its formula, our answer beside R's, what could mislead, its source."""
    yield WebOnly("one_method")


METHODS = Question(
    key="methods",
    title="How is it computed?",
    name="Methods",
    group=Group.YOURS,
    path="how-computed",
    icon="menu_book",
    help="Formula, source and check against R of every method.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    in_report=False,
    without_trial=True,
)
