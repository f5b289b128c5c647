"""Its numbers as Python, the JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import INTERVAL, Number
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """Each rung's difference, and each measure's shift."""
    who, call = analyse.responders(trial, spec), "analyse.responders(trial, spec)"
    fields = (*INTERVAL, "p")
    rungs = [
        Number(
            f"{r.label}, or a rung above",
            f"{call}.ladder.rungs[{k}].difference",
            fields,
            "endpoints",
            f".responder_ladder.rungs[{k}].difference",
            fields,
            "rung",
            r.key,
        )
        for k, r in enumerate(who.ladder.rungs)
        if r.difference.estimate is not None
    ]
    shifts = [
        Number(
            f"{c.label}: Hodges–Lehmann shift",
            f"{call}.curves[{k}].shift",
            INTERVAL,
            "endpoints",
            f".responder_curve.measures.{c.measure}.shift",
            INTERVAL,
            "shift",
            c.measure,
        )
        for k, c in enumerate(who.curves)
        if c.shift.estimate is not None
    ]
    return (*rungs, *shifts)
