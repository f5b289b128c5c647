"""Percent of days abstinent, person by person: a comparison of the arms that rests on no model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.binary import abstinence_draws, panel_of
from ketadash.analyse.design import Outcomes
from ketadash.analyse.filled_days import abstinent_days, complete, not_imputed
from ketadash.analyse.memo import remembered
from ketadash.core.errors import FitError
from ketadash.core.families import ABSTINENCE_PERSONS
from ketadash.core.spec import AnalysisSpec
from ketadash.results import Estimate
from ketadash.results.means import ArmMean, PercentDays
from ketadash.stats.welch import welch
from ketadash.trial import Trial

Array = NDArray[np.float64]


@remembered(ABSTINENCE_PERSONS)
def percent_days_abstinent(trial: Trial, spec: AnalysisSpec) -> PercentDays:
    """Each participant's share of days abstinent, as the missing-day rule has them; the arms' means by Welch's test.

    Under rules that leave missing days out, the share is of a participant's known days, and somebody without one is
    counted as unknown.
    """
    p = panel_of(trial, spec)
    shares, trouble = shares_of_people(trial, spec)
    known = ~np.isnan(shares).any(axis=0)
    each = [shares[:, known & (p.active == k)] for k in (0, 1)]
    control, active = (
        ArmMean(arm, values.shape[1], int((~known & (p.active == k)).sum()), *_mean_and_sd(values))
        for k, (arm, values) in enumerate(zip(p.arms, each, strict=True))
    )
    messages: tuple[str, ...]
    if trouble:
        gap, messages = Estimate(None, None, None), (trouble,)  # days that could not be filled have no mean
    else:
        gap, messages = welch(each[1], each[0], spec.confidence, labels=(p.arms[1], p.arms[0]), shares=True)
    return PercentDays(
        arms=(control, active),
        window=(int(p.days[0]), int(p.days[-1])),
        confidence=spec.confidence,
        difference=gap,
        method="Welch's t" if len(shares) == 1 else "Welch's t, pooled over imputations",
        messages=messages,
    )


def shares_of_people(trial: Trial, spec: AnalysisSpec) -> tuple[Array, str]:
    """(m, G) each participant's share of days abstinent, in each of m imputations; and why days could not be filled."""
    p = panel_of(trial, spec)
    outcome, trouble = abstinent_days(p, spec), ""
    try:
        ys = complete(p, spec, outcome, lambda: abstinence_draws(trial, spec)).ys
    except FitError as error:
        ys, trouble = outcome.known.y[None], not_imputed(error)
    return shares_of_days(ys), trouble


def shares_of_days(ys: Outcomes) -> Array:
    """Share of known days with the outcome, (k, G, T) to (k, G); NaN for somebody without a known day."""
    known = (~np.isnan(ys)).sum(axis=2)
    return np.where(known > 0, np.nansum(ys, axis=2) / np.maximum(known, 1), np.nan)


def _mean_and_sd(values: Array) -> tuple[float | None, float | None]:
    """Over participants, averaged over imputations; None where there are too few people."""
    n = values.shape[1]
    mean = float(values.mean()) if n else None
    return mean, float(values.std(axis=1, ddof=1).mean()) if n > 1 else None
