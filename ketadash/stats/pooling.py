"""Rubin's rules: one answer from the analyses of several imputed data sets.

Rubin (1987), section 3.1, for the total variance; Barnard & Rubin (1999), Biometrika 86:948, for degrees of freedom
that do not exceed the complete data's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from ketadash.results import Estimate

Array = NDArray[np.float64]

SAME = 1e-24  # between-imputation variance below this share of the total is rounding: every imputation says the same
NOISE = 1e-12  # a difference of two means this small is the computer's arithmetic


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Estimates (k,), their total and between-imputation covariances (k, k), from m imputations."""

    estimate: Array
    total: Array
    between: Array
    m: int

    def monte_carlo_se(self) -> Array:
        """Standard error (k,) of the estimates themselves, for the imputations being m and not infinitely many."""
        return np.sqrt(np.diag(self.between) / self.m)


def pool(estimates: Array, covariances: Array) -> Pooled:
    """Pool m estimates (m, k) with their covariances (m, k, k).

    T = W + (1 + 1/m) B, W the mean covariance, B the covariance of the estimates.  A single imputation has no B: T is
    then W, which leaves the imputation's uncertainty out, and the caller must say so.
    """
    m, k = estimates.shape
    between = np.zeros((k, k))
    if m > 1:
        gap = estimates - estimates.mean(axis=0)
        between = gap.T @ gap / (m - 1)
    return Pooled(estimates.mean(axis=0), covariances.mean(axis=0) + (1 + 1 / m) * between, between, m)


def barnard_rubin(total: float, between: float, m: int, complete: float) -> float:
    """Degrees of freedom of one pooled estimate.

    Barnard & Rubin (1999), eq. 3.  Where every imputation gives the same estimate nothing was imputed that matters,
    and the complete data's degrees of freedom hold.

    Parameters
    ----------
    total, between : its total variance, and the variance of the `m` estimates
    complete : the degrees of freedom that it would have without missing data; infinite for a normal
    """
    share = (1 + 1 / m) * between / total if total > 0 else 0.0
    if share <= SAME or m < 2:
        return complete
    old = (m - 1) / share**2
    if np.isinf(complete):
        return old
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return old * observed / (old + observed)


@dataclass(frozen=True, slots=True, eq=False)
class Scalars:
    """k quantities pooled one by one, all (k,): estimate, standard error, degrees of freedom, Monte Carlo error."""

    estimate: Array
    se: Array
    df: Array
    monte_carlo_se: Array


def pool_each(estimates: Array, variances: Array, complete: float = np.inf) -> Scalars:
    """Pool k quantities (m, k), each with its variance (m, k); `complete` as in `barnard_rubin`."""
    m = len(estimates)
    between = estimates.var(axis=0, ddof=1) if m > 1 else np.zeros(estimates.shape[1])
    total = variances.mean(axis=0) + (1 + 1 / m) * between
    df = np.array([barnard_rubin(t, b, m, complete) for t, b in zip(total, between, strict=True)])
    return Scalars(estimates.mean(axis=0), np.sqrt(total), df, np.sqrt(between / m))


def difference_of_proportions(p1: Array, n1: int, p0: Array, n0: int, confidence: float) -> Estimate:
    """Difference of two arms' proportions, each (m,) over imputations, with Newcombe's interval from pooled Wilson's.

    Newcombe's square-and-add (1998, method 10) applied to the limits of `wilson`, as R's miceafter does
    (``pool_propdiff_nw``).  With m = 1, or where all imputations agree, it is Newcombe's own interval.

    Parameters
    ----------
    p1, n1, p0, n0 : proportions (m,) and participants of the active and the control arm
    """
    (a, low1, high1), (b, low0, high0) = (proportion(p, n, confidence) for p, n in ((p1, n1), (p0, n0)))
    d = a - b if abs(a - b) > NOISE else 0.0
    low, high = d - np.hypot(a - low1, high0 - b), d + np.hypot(high1 - a, b - low0)
    return Estimate(d, max(float(low), -1.0), min(float(high), 1.0))


def p_of_difference(p1: Array, n1: int, p0: Array, n0: int) -> float:
    """The two-sided p of the level at which `difference_of_proportions` just reaches 0, so that neither contradicts."""
    if abs(float(p1.mean() - p0.mean())) < NOISE:
        return 1.0
    least, most = -40.0, 0.0  # of log p, halved until the interval's end is at 0
    for _ in range(60):
        middle = (least + most) / 2
        gap = difference_of_proportions(p1, n1, p0, n0, -float(np.expm1(middle)))
        assert gap.ci_low is not None and gap.ci_high is not None  # both arms have people
        least, most = (least, middle) if gap.ci_low > 0 or gap.ci_high < 0 else (middle, most)
    return float(np.exp(most))


def proportion(p: Array, n: int, confidence: float) -> tuple[float, float, float]:
    """The mean of m proportions (m,) of n participants each, and its limits by `wilson`."""
    mean, m = float(p.mean()), len(p)
    between = float(p.var(ddof=1)) if m > 1 else 0.0
    within = float((p * (1 - p)).mean()) / n
    df = barnard_rubin(within + (1 + 1 / m) * between, between, m, np.inf)
    upper = 0.5 + confidence / 2
    quantile = float(ndtri(upper)) if np.isinf(df) else float(stdtrit(df, upper))
    return mean, *wilson(mean, n, within, between, m, quantile)


def wilson(p: float, n: int, within: float, between: float, m: int, quantile: float) -> tuple[float, float]:
    """Wilson's interval of a proportion that was pooled over m imputations.

    Lott & Reiter (2020), The American Statistician 74:109: Wilson's quadratic with z² / n replaced by
    (t² / n)(1 + r), r = (1 + 1/m) B / W the relative increase in variance.  At B = 0 it is Wilson's own.

    Parameters
    ----------
    p, within, between : the mean of the m proportions, the mean of their variances, the variance of them
    n : participants in each
    quantile : of the t distribution on the pooled degrees of freedom, or the normal's where B = 0
    """
    if within == 0 and between > 0:  # r without bound: every data set is certain, and each of another thing
        return 0.0, 1.0
    increase = (1 + 1 / m) * between / within if within > 0 else 0.0
    c = quantile**2 * (1 + increase) / n
    centre = (2 * p + c) / (2 * (1 + c))
    half = float(np.sqrt(max(centre**2 - p**2 / (1 + c), 0.0)))
    return (0.0 if p == 0 else centre - half), (1.0 if p == 1 else centre + half)


def whole(x: float) -> float:
    """A mean of counts over imputations; an int where it is one, as a count of a single data set is."""
    return int(x) if float(x).is_integer() else float(x)
