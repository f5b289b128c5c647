"""A fitted model's coefficients and Type III tests, with the degrees of freedom of each contrast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ketadash.results import Coefficient, EffectTest, ModelFit
from ketadash.stats.pooling import barnard_rubin
from ketadash.stats.wald import contrast_variance, f_tail, t_test

Array = NDArray[np.float64]


def coefficients(model: ModelFit, names: Sequence[str], confidence: float) -> tuple[Coefficient, ...]:
    """The table of fixed effects with intervals at a level."""
    table = []
    for k, name in enumerate(names):
        contrast = np.eye(len(names))[k]
        df = df_for(model, contrast)
        if not model.usable:
            table.append(Coefficient(name, None, None, None, df, None, None, None))
            continue
        se = float(np.sqrt(model.covariance[k, k]))
        t, p, low, high = t_test(float(model.beta[k]), se, df, confidence)
        table.append(Coefficient(name, float(model.beta[k]), se, t, df, p, low, high, monte_carlo_se(model, contrast)))
    return tuple(table)


def type_iii_tests(model: ModelFit, names: tuple[str, ...]) -> list[EffectTest]:
    """Type III tests, one degree of freedom each.

    With the arm a class and the day continuous, Type III tests the day's slope averaged over the two arms
    (SAS/STAT, "The four types of estimable functions"): day + ½ day:arm in this coding.
    """
    tests = []
    for k, name in enumerate(names[1:], start=1):
        contrast = np.zeros(len(names))
        contrast[k] = 1
        if name == "day":
            contrast[names.index("day:arm")] = 0.5
        df = df_for(model, contrast)
        if not model.usable:
            tests.append(EffectTest(name, None, 1, df, None))
            continue
        variance = contrast_variance(contrast, model.fixed_covariance)
        if not variance > 0:  # where all people are alike there is no variance to test against
            tests.append(EffectTest(name, None, 1, df, None))
            continue
        f = float(contrast @ model.beta) ** 2 / variance
        tests.append(EffectTest(name, f, 1, df, f_tail(f, df)))
    return tests


def df_for(model: ModelFit, contrast: Array) -> float:
    """Degrees of freedom of a contrast (p,) of the coefficients: by containment, or between participants where they are
    the clusters; pooled by Barnard & Rubin.
    """
    if model.between is None or model.n_imputations is None:
        return model.df
    total, between = (_variance(contrast, c) for c in (model.covariance, model.between))
    return barnard_rubin(total, between, model.n_imputations - model.n_failed, model.df)


def monte_carlo_se(model: ModelFit, contrast: Array) -> float | None:
    """How far a contrast lies from what infinitely many imputations would give (SE); None if not pooled."""
    if model.between is None or model.n_imputations is None:
        return None
    between = _variance(contrast, model.between)
    return float(np.sqrt(max(between, 0.0) / (model.n_imputations - model.n_failed)))


def _variance(contrast: Array, covariance: Array) -> float:
    """Of a contrast (p,) of the coefficients, the first p of what a covariance is over."""
    p = len(contrast)
    return contrast_variance(contrast, covariance[:p, :p])
