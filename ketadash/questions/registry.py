"""Which questions there are, in their order: the navigation, reports, slides and the Code tab follow it."""

from __future__ import annotations

from ketadash.core.errors import SpecError
from ketadash.questions.abstinence.question import ABSTINENCE
from ketadash.questions.chance.question import CHANCE
from ketadash.questions.compare.question import COMPARE
from ketadash.questions.data.question import DATA
from ketadash.questions.dropout.question import DROPOUT
from ketadash.questions.endpoints.question import ENDPOINTS
from ketadash.questions.glossary.question import GLOSSARY
from ketadash.questions.heavy_drinking.question import HEAVY_DRINKING
from ketadash.questions.methods.question import METHODS
from ketadash.questions.missing_days.question import MISSING_DAYS
from ketadash.questions.nnt.question import NNT
from ketadash.questions.overview.question import OVERVIEW
from ketadash.questions.paper.question import PAPER
from ketadash.questions.participants.question import PARTICIPANTS
from ketadash.questions.question import Question
from ketadash.questions.relapse.question import RELAPSE
from ketadash.questions.report.question import REPORT
from ketadash.questions.responders.question import RESPONDERS
from ketadash.questions.safety.question import SAFETY
from ketadash.questions.specifications.question import SPECIFICATIONS
from ketadash.questions.subgroups.question import SUBGROUPS

QUESTIONS: tuple[Question, ...] = (
    OVERVIEW,
    ABSTINENCE,
    HEAVY_DRINKING,
    RELAPSE,
    NNT,
    ENDPOINTS,
    RESPONDERS,
    MISSING_DAYS,
    DROPOUT,
    SPECIFICATIONS,
    SUBGROUPS,
    CHANCE,
    COMPARE,
    PARTICIPANTS,
    SAFETY,
    PAPER,
    DATA,
    REPORT,
    METHODS,
    GLOSSARY,
)


def question(key: str) -> Question:
    """The question of that name.

    Raises
    ------
    SpecError
        If there is none.
    """
    for one in QUESTIONS:
        if one.key == key:
            return one
    raise SpecError(f"'{key}' is no question; there are {', '.join(q.key for q in QUESTIONS)}")
