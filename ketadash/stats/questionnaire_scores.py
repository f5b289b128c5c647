"""A score in two groups: quartiles, rank test, and its association with a yes/no outcome."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketadash.results import Estimate
from ketadash.stats.wald import normal_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slope:
    """Odds ratio for one more point of the score; `message` says why there is none."""

    odds_ratio: Estimate
    message: str | None = None


def quartiles(x: Array) -> tuple[float, float, float] | None:
    """First quartile, median and third quartile of x (n,), or None for no values.

    Linear between order statistics (Hyndman & Fan 1996, type 7: the default of R and numpy).  SAS's default, type
    2, gives only values or midpoints, never the quarter points that some reports print.
    """
    if not len(x):
        return None
    q1, median, q3 = (float(q) for q in np.quantile(x, [0.25, 0.5, 0.75], method="linear"))
    return q1, median, q3


def kruskal_wallis(x: Array, y: Array) -> tuple[float, float] | None:
    """χ² on 1 df and p of the Kruskal–Wallis test of two samples, corrected for ties; None if it does not exist.

    For two groups this is the Wilcoxon rank-sum z, squared, without continuity correction (SAS NPAR1WAY prints it
    as the Kruskal–Wallis χ²).
    """
    if not len(x) or not len(y) or len(np.unique(np.concatenate([x, y]))) < 2:
        return None
    from scipy.stats import kruskal

    test = kruskal(x, y)
    return float(test.statistic), float(test.pvalue)


def logistic(y: Array, x: Array, *, confidence: float = 0.95) -> Slope:
    """Odds ratio of y per unit of x by ordinary logistic regression, Wald interval and p.

    Parameters
    ----------
    y : (n,) 0 or 1
    x : (n,) score
    """
    nothing = Estimate(None, None, None)
    yes, no = x[y == 1], x[y == 0]
    if not len(yes) or not len(no):
        return Slope(nothing, "everyone has the same outcome, so there is no odds ratio")
    if x.min() == x.max():
        return Slope(nothing, "everyone has the same score, so there is no odds ratio")
    # Albert & Anderson (1984): one cut-off divides the outcomes, ties at the cut-off allowed, and no maximum exists
    if yes.min() >= no.max() or yes.max() <= no.min():
        return Slope(nothing, "the score separates the outcomes, so the odds ratio has no finite estimate")
    from statsmodels.discrete.discrete_model import Logit  # costs seconds where nothing else has loaded it

    centre, width = float(x.mean()), float(x.std())  # Newton on a standard scale, whatever the score's units
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # non-convergence is asked for below
        fit = Logit(y, np.column_stack([np.ones(len(x)), (x - centre) / width])).fit(disp=0, maxiter=100, tol=1e-12)
    if not fit.mle_retvals["converged"]:
        return Slope(nothing, "the logistic regression did not converge, so there is no odds ratio")
    slope, se = float(fit.params[1]) / width, float(fit.bse[1]) / width
    half = normal_quantile(confidence) * se
    with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
        ends = np.exp([slope, slope - half, slope + half])
    return Slope(Estimate(float(ends[0]), float(ends[1]), float(ends[2]), float(fit.pvalues[1]), se))
