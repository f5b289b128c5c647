"""A daily outcome's difference with strata and further covariates, and without them, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from ketadash.core.numbers import level, percent, point_ends, points_text
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.question import Discloses, Material, Place, Table
from ketadash.questions.shared import words
from ketadash.questions.shared.heads import DIFFERENCE_POINTS
from ketadash.results import BinaryOutcome
from ketadash.trial import Trial

Outcome = Callable[[Trial, AnalysisSpec], BinaryOutcome | None]


def _without(trial: Trial, spec: AnalysisSpec, outcome: Outcome) -> BinaryOutcome | None:
    """The outcome without strata and further covariates; None where neither is chosen."""
    if not spec.strata and not spec.adjust_for:
        return None
    return outcome(trial, spec.replace(strata=(), adjust_for=()))


def beside(m: Material, result: BinaryOutcome, outcome: Outcome, key: str) -> Iterator[Table]:
    """The table, where strata or covariates are chosen."""
    if not m.spec.strata and not m.spec.adjust_for:
        return
    yield Table(
        f"{key}-covariates",
        "Last day with and without strata and covariates",
        lambda: _table(m, result, outcome),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
    )


def _table(m: Material, result: BinaryOutcome, outcome: Outcome) -> pd.DataFrame:
    each = [r for r in (result, _without(m.trial, m.spec, outcome)) if r is not None]
    return pd.DataFrame([_row(r, m) for r in each])


def _row(r: BinaryOutcome, m: Material) -> dict[str, str]:
    shares = {c.arm: c.probability for c in r.modelled if c.day == r.window[1]}
    model = words.adjusted(r.model, m.terms)
    row = {"Model": f"{model[:1].upper()}{model[1:]}"} | {arm: percent(shares.get(arm), 1) for arm in r.arms}
    if not r.difference:
        return row | {DIFFERENCE_POINTS: "–", level(r.confidence): "–"}
    gap = r.difference[-1]
    return row | {
        DIFFERENCE_POINTS: points_text(gap.probability, gap.ci_low, gap.ci_high),
        level(r.confidence): point_ends(gap.ci_low, gap.ci_high),
    }


def document(trial: Trial, spec: AnalysisSpec, outcome: Outcome) -> dict[str, Any]:
    """The JSON's part: the last day's difference without them; nothing where neither is chosen."""
    plain = _without(trial, spec, outcome)
    if plain is None or not plain.difference:
        return {}
    return {"without_covariates": {"difference_on_last_day": asdict(plain.difference[-1])}}
