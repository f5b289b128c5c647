"""The numbers of each page as code gives them."""

from __future__ import annotations

from collections.abc import Callable

from ketadash.core.spec import AnalysisSpec
from ketadash.questions.abstinence import code as abstinence
from ketadash.questions.dropout import code as dropout
from ketadash.questions.heavy_drinking import code as heavy_drinking
from ketadash.questions.missing_days import code as missing_days
from ketadash.questions.nnt import code as nnt
from ketadash.questions.participants import code as participants
from ketadash.questions.relapse import code as relapse
from ketadash.questions.safety import code as safety
from ketadash.questions.shared.code_numbers import Number
from ketadash.trial import Trial

OF_PAGE: dict[str, Callable[[Trial, AnalysisSpec], tuple[Number, ...]]] = {
    "abstinence": abstinence.numbers,
    "heavy_drinking": heavy_drinking.numbers,
    "relapse": relapse.numbers,
    "nnt": nnt.numbers,
    "missing_days": missing_days.numbers,
    "dropout": dropout.numbers,
    "participants": participants.numbers,
    "safety": safety.numbers,
}


def numbers_of(page: str, trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The numbers of a page (the key of its tabs) for a resolved spec, the most prominent first."""
    if page == "overview":
        return tuple(
            n for of in ("abstinence", "heavy_drinking", "relapse", "nnt") for n in numbers_of(of, trial, spec)[:1]
        )
    return OF_PAGE[page](trial, spec) if page in OF_PAGE else ()
