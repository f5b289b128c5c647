"""The numbers of each page as code gives them."""

from __future__ import annotations

from ketadash.core.spec import AnalysisSpec
from ketadash.questions.registry import QUESTIONS
from ketadash.questions.shared.code_numbers import Number
from ketadash.trial import Trial

OF_PAGE = {one.key: one.numbers for one in QUESTIONS if one.numbers is not None}


def numbers_of(page: str, trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The numbers of a page (the key of its tabs) for a resolved spec, the most prominent first."""
    return OF_PAGE[page](trial, spec) if page in OF_PAGE else ()
