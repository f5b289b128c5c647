"""Use my own trial."""

from __future__ import annotations

from collections.abc import Iterator

from ketadash.questions.data import words
from ketadash.questions.question import Answer, Block, Discloses, Group, Material, Question, WebOnly


def blocks(_: Material) -> Iterator[Block]:
    """Drop a file, see what was read in it, change how, know what is doubtful."""
    yield Answer(words.PROMISE)
    yield WebOnly("own_trial")


DATA = Question(
    key="data",
    title="Use my own trial",
    name="Data",
    group=Group.YOURS,
    path="your-trial",
    icon="upload_file",
    help="Use your own trial, and see what we read in it.",
    blocks=blocks,
    discloses=Discloses.PEOPLE,
    in_report=False,
    without_trial=True,
)
