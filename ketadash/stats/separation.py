"""Whether 0/1 outcomes are separated by the model's columns: then no finite coefficients are most likely.

Some direction γ has (2y − 1) x'γ ≥ 0 in every row and > 0 in one (Albert & Anderson 1984): going further along it makes
no row less likely, whatever the random intercepts are.  A linear programme decides it exactly, where a large standard
error cannot: an outlying covariate has one too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketadash.core.errors import FitError


def is_separated(y: ArrayLike, X: ArrayLike) -> bool:
    """Whether a combination of columns never points against the outcome, and somewhere with it.

    Parameters
    ----------
    y : (n,) 0 or 1
    X : (n, p) fixed effects, of similar scale (orthonormal, say), the intercept among them

    Raises
    ------
    FitError
        If the linear programme itself fails.
    """
    from scipy.optimize import linprog  # slow to import, and seldom needed

    rows: NDArray[np.float64] = np.unique((2 * np.asarray(y, float) - 1)[:, None] * np.asarray(X, float), axis=0)
    # any such direction can be stretched until its largest product is 1, so the best sum is 0 or at least 1
    answer = linprog(
        -rows.sum(axis=0),
        A_ub=np.vstack([rows, -rows]),
        b_ub=np.repeat([1.0, 0.0], len(rows)),
        bounds=(None, None),
        method="highs",
    )
    if answer.status != 0:
        raise FitError(f"whether the outcome is separated could not be decided ({answer.message})")
    return bool((rows @ np.asarray(answer.x)).max() > 0.5)


def everybody_is_one_way(y: ArrayLike, group: ArrayLike) -> bool:
    """Whether nobody's outcome ever changes, though some have several rows: the likeliest intercept SD is infinite.

    Parameters
    ----------
    y : (n,) 0 or 1
    group : (n,) participants as 0, 1, …
    """
    rows = np.bincount(np.asarray(group))
    ones = np.bincount(np.asarray(group), weights=np.asarray(y, float))
    return bool(rows.max() > 1 and ((ones == 0) | (ones == rows)).all())
