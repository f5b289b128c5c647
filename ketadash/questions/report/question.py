"""What do you want to take away?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash.questions.question import Answer, Block, Discloses, Group, Material, Question, WebOnly

PROMISE = (
    "Choose what goes in. It is made here, section by section, and kept in this session's memory only; it carries the "
    "data's fingerprint, every choice, versions, date and the link."
)


def blocks(_: Material) -> Iterator[Block]:
    """What goes into a report, for whom, in which files; how far it is; the files."""
    yield Answer(PROMISE)
    yield WebOnly("report")


REPORT = Question(
    key="report",
    title="What do you want to take away?",
    name="Report",
    group=Group.YOURS,
    path="take-away",
    icon="download",
    help="Slides, a report and tables to take away.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    in_report=False,
)
