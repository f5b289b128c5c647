"""The `participants` section of the JSON: Table 1, flow and retention; nothing about any one person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.document import Document
from ketadash.results.people import ArmFlow, Characteristic, Participants, Share, Summary
from ketadash.trial import Trial


def participants(result: Participants) -> dict[str, Any]:
    """Proportions are of those whose value is known; the standardised difference is active minus control."""
    return {
        "table1": [_row(row) for row in result.table.rows],
        "standardised_difference_by_chance": result.table.by_chance,
        "flow": {
            "screened": result.flow.screened,
            "enrolled": result.flow.enrolled,
            "randomised": result.flow.randomised,
            "not_in_analysis_set": result.flow.outside_set,
            "arms": [_arm(arm) for arm in result.flow.arms],
        },
        "retention": [asdict(point) for point in result.retention],
    }


def _row(row: Characteristic) -> dict[str, Any]:
    numeric = row.kind == "continuous"
    levels = [{"level": v.value, "label": v.label, **_by_arm(v.shares)} for v in row.levels]
    return {
        "name": row.name,
        "label": row.label,
        "kind": row.kind,
        "standardised_difference": row.standardised_difference,
        **_by_arm(row.summaries, None if numeric else ("n", "n_missing")),
        **({} if numeric else {"levels": levels}),
    }


def _by_arm(parts: tuple[Summary, ...] | tuple[Share, ...], names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """All participants as `total`, then the arms as a list."""
    whole, *arms = ({k: v for k, v in asdict(p).items() if names is None or k in (*names, "arm")} for p in parts)
    del whole["arm"]
    return {"total": whole, "arms": arms}


def _arm(arm: ArmFlow) -> dict[str, Any]:
    left = [{"reason": leaving.reason, "n": len(leaving.days), "days": list(leaving.days)} for leaving in arm.left]
    return asdict(arm) | {
        "left": left,
        "n_left": arm.n_left,
        "returned": arm.randomised - arm.never_reported,
        "dropouts": arm.never_reported + arm.n_left,
    }


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Table 1, the flow and who stayed."""
    result = analyse.participants_result(trial, spec)
    return {"participants": participants(result)}, list(result.warnings)
