"""Effects by subgroup in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.document import Document
from ketadash.questions.subgroups.words import EXPLORATORY
from ketadash.results import Estimate
from ketadash.results.subgroups import SubgroupLevel, Subgroups
from ketadash.trial import Trial

NOT_CHOSEN = "no column of subgroups is chosen; --subgroup names one"


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Null where no column is chosen; else every level, everyone, and the one test."""
    result = analyse.subgroups_result(trial, spec)
    if result is None:
        return {"subgroups": None, "null_because": {"subgroups": NOT_CHOSEN}}, []
    everywhere = analyse.panel_of(trial, spec).warnings
    doubts = [result.trouble, result.late, *(w for w in result.warnings if w not in everywhere)]
    return {"subgroups": _subgroups(result)}, [f"subgroups: {doubt}" for doubt in doubts if doubt]


def _subgroups(result: Subgroups) -> dict[str, Any]:
    return {
        "column": result.column,
        "cut": result.cut or None,
        "endpoint": result.endpoint,
        "definition": result.definition,
        "levels": [_level(one) for one in result.levels],
        "overall": _level(result.overall),
        "interaction": asdict(result.interaction),
        "n_unknown": result.n_unknown,
        "warning": result.trouble or EXPLORATORY,
    }


def _level(one: SubgroupLevel) -> dict[str, Any]:
    return {
        "level": one.level,
        "arms": {arm.arm: {"n": arm.n, "events": arm.events, "mean": arm.mean} for arm in one.arms},
        "difference": _interval(one.difference),
        "odds_ratio": None if one.odds_ratio is None else _interval(one.odds_ratio),
        "message": one.message,
    }


def _interval(estimate: Estimate) -> dict[str, Any]:
    return {"estimate": estimate.estimate, "ci_low": estimate.ci_low, "ci_high": estimate.ci_high}
