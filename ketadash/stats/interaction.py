"""One test of whether an effect differs between subgroups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, expit, fdtrc, xlogy

from ketadash.results.subgroups import Interaction

Array = NDArray[np.float64]
WELCH = "Welch's F"
FARTHEST = 40.0  # the log odds ratio beyond which probabilities no longer change in double precision


def likelihood_ratio(events: Array, n: Array) -> Interaction | None:
    """Likelihood-ratio test of the arm × level interaction in a logistic model of counts.

    What R's ``anova(glm(cbind(e, n - e) ~ level + arm, binomial), glm(… ~ level * arm), test = "LRT")`` gives.  A level
    in which everybody or nobody had the event says nothing of the ratio and costs no degree of freedom; None for fewer
    than two levels that do.

    Parameters
    ----------
    events, n : (L, 2)
        Counts by level; control in column 0, active in column 1.

    Notes
    -----
    With a common log odds ratio b, each level's own logit solves a quadratic, and the slope of the likelihood in b is
    monotone: b by bisection, where nobody or everybody in one arm had the event at its bound.
    """
    total = events.sum(axis=1)
    informative = (total > 0) & (total < n.sum(axis=1))
    e, m = events[informative], n[informative]
    if len(e) < 2:
        return None
    low, high = -FARTHEST, FARTHEST
    for _ in range(200):
        b = (low + high) / 2
        surplus = float((e[:, 1] - m[:, 1] * expit(_logit_of_control(e, m, b) + b)).sum())
        low, high = (b, high) if surplus > 0 else (low, b)
    a = _logit_of_control(e, m, b)
    common = np.column_stack([expit(a), expit(a + b)])
    statistic = max(2 * (_log_likelihood(e, m, e / m) - _log_likelihood(e, m, common)), 0.0)
    df = len(e) - 1
    return Interaction("likelihood-ratio χ²", statistic, df, None, float(chdtrc(df, statistic)))


def _logit_of_control(e: Array, m: Array, b: float) -> Array:
    """Each level's logit in the control arm (L,) that makes expected events the observed, given the log odds ratio b.

    With x = exp(a), c = exp(b) and t events: m0 x / (1 + x) + m1 c x / (1 + c x) = t, so
    c (m0 + m1 - t) x² + (m0 + m1 c - t (1 + c)) x - t = 0, which has one positive root.
    """
    c, t = np.exp(b), e.sum(axis=1)
    square, linear = c * (m.sum(axis=1) - t), m[:, 0] + m[:, 1] * c - t * (1 + c)
    root = np.sqrt(linear * linear + 4 * square * t)
    # of the two forms of the root, the one without cancellation
    x = np.where(linear > 0, 2 * t / (linear + root), (root - linear) / (2 * square))
    return np.asarray(np.log(x))


def _log_likelihood(e: Array, m: Array, p: Array) -> float:
    """Of `e` events among `m` people each with probability `p`, the binomial coefficients dropped."""
    return float((xlogy(e, p) + xlogy(m - e, 1 - p)).sum())


def heterogeneity(estimates: Array, variances: Array, dfs: Array) -> Interaction:
    """Whether independent estimates, each with a variance of its own, estimate one thing: Welch's (1951) F.

    For two it is the t-test of their difference with Satterthwaite's degrees of freedom, squared; with infinite ones
    it is Cochran's Q over its degrees of freedom.

    Parameters
    ----------
    estimates, variances, dfs : (L,)
        L at least 2, variances above 0.
    """
    k = len(estimates)
    w = 1 / variances
    spread = float((w * (estimates - (w * estimates).sum() / w.sum()) ** 2).sum()) / (k - 1)
    lack = float(((1 - w / w.sum()) ** 2 / dfs).sum())
    if lack == 0:
        return Interaction(WELCH, spread, k - 1, None, float(chdtrc(k - 1, spread * (k - 1))))
    f, df_den = spread / (1 + 2 * (k - 2) / (k * k - 1) * lack), (k * k - 1) / (3 * lack)
    return Interaction(WELCH, f, k - 1, df_den, float(fdtrc(k - 1, df_den, f)))
