"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import NNT, Number, capital
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The differences and numbers needed to treat, as the Code tab lists them."""
    r = analyse.nnt_result(trial, spec)
    fields = ("risk_difference", "ci_low", "ci_high", "nnt")
    return tuple(
        Number(
            f"{capital(n.what)}: difference and NNT",
            f"{NNT}.{n.name}",
            fields,
            "nnt",
            f".nnt.{n.name}",
            fields,
            what,
            n.name,
        )
        for n, what in ((r.observed, "count"), (r.observed_last_day, "count"), (r.modelled, "modelled nnt"))
        if n.risk_difference is not None
    )
