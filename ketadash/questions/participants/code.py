"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import PEOPLE, Number
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """Who stayed and the standardised differences, as the Code tab lists them."""
    r = analyse.participants_result(trial, spec)
    rows = [(k, row) for k, row in enumerate(r.table.rows) if row.standardised_difference is not None]
    arms = [
        Number(
            f"Known to the last day, {arm.arm}",
            f"{PEOPLE}.flow.arms[{k}]",
            ("completed", "randomised"),
            "participants",
            f".participants.flow.arms[{k}]",
            ("completed", "randomised"),
            "completed",
            "",
            k,
        )
        for k, arm in enumerate(r.flow.arms)
    ]
    return (
        *arms,
        *(
            Number(
                f"{row.label}: standardised difference",
                f"{PEOPLE}.table.rows[{k}].standardised_difference",
                (),
                "participants",
                f".participants.table1[{k}].standardised_difference",
                (),
            )
            for k, row in rows
        ),
    )
