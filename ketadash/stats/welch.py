"""Welch's comparison of two means, pooled over imputations where there are several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketadash.results import Estimate
from ketadash.stats import ends_of_shares
from ketadash.stats.pooling import Scalars, pool_each
from ketadash.stats.wald import t_test

Array = NDArray[np.float64]
FEW = 5  # people in an arm: with fewer its spread, and so the interval, is hardly known
ROUGH = (
    "only {n} participants in the {arm} arm have the outcome: how far people differ is hardly known from so few, so "
    "that the interval is rough"
)


def pooled_difference(active: Array, control: Array) -> Scalars | None:
    """Difference of means, pooled over imputations, with the variance that `welch` takes; arguments as there.

    None where an arm has fewer than two participants, or nobody of either arm differs from the others of theirs.
    """
    if min(active.shape[1], control.shape[1]) < 2:
        return None
    parts = [values.var(axis=1, ddof=1) / values.shape[1] for values in (active, control)]
    variance = parts[0] + parts[1]
    if (variance <= 0).any():
        return None
    df = variance**2 / sum(v**2 / (x.shape[1] - 1) for v, x in zip(parts, (active, control), strict=True))
    return pool_each((active.mean(axis=1) - control.mean(axis=1))[:, None], variance[:, None], float(df.mean()))


def welch(
    active: Array,
    control: Array,
    confidence: float,
    labels: tuple[str, str] = ("active", "control"),
    *,
    shares: bool = False,
) -> tuple[Estimate, tuple[str, ...]]:
    """Difference of means, active minus control, with Welch's interval and p; and why there is none.

    Parameters
    ----------
    active, control : (m, n1), (m, n0)
        The values of each participant in each of m imputations, or in the one data set (m = 1).
    labels
        What the two arms are called in messages.
    shares
        Whether the values are shares, of 0 to 1, whose difference has ends.

    Notes
    -----
    Welch (1947): variance s1²/n1 + s0²/n0, Satterthwaite's degrees of freedom (their mean over imputations is what
    Barnard and Rubin take for complete data).
    """
    for values, label in ((active, labels[0]), (control, labels[1])):
        if values.shape[1] < 2:
            few = "nobody" if values.shape[1] == 0 else "one participant"
            return Estimate(None, None, None), (f"{few} in the {label} arm has the outcome: no comparison of means",)
    pooled = pooled_difference(active, control)
    if pooled is None:
        return Estimate(float((active.mean(axis=1) - control.mean(axis=1)).mean()), None, None), (
            "within each arm everybody has the same value: the difference has no standard error",
        )
    estimate, se = float(pooled.estimate[0]), float(pooled.se[0])
    _, p, low, high = t_test(estimate, se, float(pooled.df[0]), confidence)
    n, arm = min((values.shape[1], label) for values, label in ((active, labels[0]), (control, labels[1])))
    doubt = () if n >= FEW else (ROUGH.format(n=n, arm=arm),)
    low, high, was_cut = ends_of_shares.cut(low, high) if shares else (low, high, ())
    return Estimate(estimate, low, high, p, se), (*doubt, *was_cut)
