"""Numbers needed to treat in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.document import Document
from ketadash.results import Nnt
from ketadash.trial import Trial


def number_needed(nnt: Nnt) -> dict[str, Any]:
    """One number needed to treat as the JSON has it, with the reason of each null."""
    rest = {k: v for k, v in asdict(nnt).items() if k not in ("name", "what", "unknown")}
    if nnt.risk_difference_bounds is None:
        del rest["risk_difference_bounds"]
    return {"definition": nnt.definition, **rest, "null_because": _reasons(nnt)}


MODELLED_SHARES = "modelled probabilities have no counts"
NO_DIFFERENCE = "the shares are the same, so the number is infinite"
NO_ERROR = "the difference has no standard error, so no interval"


def _reasons(nnt: Nnt) -> dict[str, str]:
    """Why numbers are null; where there is no estimate, `text` says why."""
    known = nnt.risk_difference is not None
    shares, ends = ("risk_active", "risk_control", "risk_difference"), ("ci_low", "ci_high")
    reasons = dict.fromkeys(shares, nnt.text) | dict.fromkeys(ends, NO_ERROR if known else nnt.text)
    reasons |= {"nnt": NO_DIFFERENCE if known else nnt.text, "counts": MODELLED_SHARES}
    return {name: why for name, why in reasons.items() if getattr(nnt, name) is None}


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """The three numbers, each under its name."""
    result = analyse.nnt_result(trial, spec)
    three = (result.observed, result.observed_last_day, result.modelled)
    return {"nnt": {number.name: number_needed(number) for number in three}}, list(result.doubts)
