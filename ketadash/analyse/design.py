"""Participant-days as the rows and columns of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.estimable import require_estimable
from ketadash.core.errors import FitError
from ketadash.core.spec import Trend
from ketadash.trial import Panel

Array = NDArray[np.float64]
Outcomes = Array | NDArray[np.int8]  # yes and no, as bytes where all days have one


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows that enter a model: the days known, or filled by the missing-day rule."""

    ys: Outcomes  # (k, n), k imputations or one
    group: NDArray[np.intp]  # (n,) participant's place in the panel
    day: Array  # (n,)
    active: Array  # (n,) 1 = active arm
    covariates: Array  # (n, c)
    covariate_names: tuple[str, ...]  # (c,)
    patterns: Array  # (u, c) distinct covariate values of all participants
    weight: Array  # (u,) their shares
    pattern: NDArray[np.intp]  # (G,) which of them each participant has, also one without a row
    n_participants: int  # with a row
    arms: tuple[str, str]  # control, active
    unit: str = "day"  # what `day` counts

    @property
    def n_rows(self) -> int:
        """Participant-days in the model."""
        return self.ys.shape[1]


ARM_TERMS = ("arm", "day:arm")  # the terms that know of arms
NO_COVARIATES = np.zeros((1, 0))  # as many as there are rows, of no columns


def rows(panel: Panel, ys: Outcomes, covariates: Array, names: tuple[str, ...]) -> Rows:
    """Lay out the days that a model uses, with the covariates (one value a participant) beside each.

    Parameters
    ----------
    ys : (k, G, T) the outcome, NaN (in every one of the k) on days left out
    covariates : (G, c), called `names`

    Raises
    ------
    FitError
        If no day is left to use.
    """
    used = ~np.isnan(ys[0])
    if not used.any():
        raise FitError("no day is left to model: every day in the window is missing")
    group, place = np.nonzero(used)
    # everyone randomised, also someone without a single known day: the population that curves average over
    patterns, weight, pattern = distinct(covariates)
    return Rows(
        ys[:, used],
        group,
        panel.days[place].astype(float),
        panel.active[group].astype(float),
        covariates[group],
        names,
        patterns,
        weight,
        pattern,
        len(np.unique(group)),
        panel.arms,
    )


def distinct(covariates: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """The distinct rows (u, c) of covariates (G, c), their shares (u,) and everybody's place among them (G,).

    One row where there are no columns.
    """
    if covariates.shape[1] == 0:
        return NO_COVARIATES, np.ones(1), np.zeros(len(covariates), np.intp)
    patterns, place, n_each = np.unique(covariates, axis=0, return_inverse=True, return_counts=True)
    return patterns, n_each / n_each.sum(), place.reshape(-1)


def arm_sizes(r: Rows) -> tuple[int, int]:
    """How many participants of the control and of the active arm have a row."""
    return len(np.unique(r.group[r.active == 0])), len(np.unique(r.group[r.active == 1]))


def terms(trend: Trend, covariate_names: Sequence[str]) -> tuple[str, ...]:
    """Names of the fixed effects, in the order the contract prints them."""
    square = ("day^2",) if trend is Trend.QUADRATIC else ()
    return ("intercept", "day", *square, *ARM_TERMS, *covariate_names)


def matrix(names: tuple[str, ...], day: Array, active: Array | float, covariates: Array) -> Array:
    """Columns `names` for days and arms (…) and covariates (…, c), the last c of them; shape (…, p)."""
    shape = np.broadcast_shapes(np.shape(day), np.shape(active), covariates.shape[:-1])
    day, active = np.broadcast_to(day, shape), np.broadcast_to(active, shape)
    known = {"intercept": np.ones_like(day), "day": day, "day^2": day**2, "arm": active, "day:arm": day * active}
    of_days = np.stack([known[name] for name in names[: len(names) - covariates.shape[-1]]], axis=-1)
    if not covariates.shape[-1]:
        return of_days
    return np.concatenate([of_days, np.broadcast_to(covariates, (*shape, covariates.shape[-1]))], axis=-1)


def model_matrix(r: Rows, trend: Trend) -> tuple[Array, tuple[str, ...]]:
    """The columns (n, p) of a model of these rows, and their names.

    Raises
    ------
    FitError
        If the rows cannot tell the terms apart, with the term and the cause.
    """
    names = terms(trend, r.covariate_names)
    X = matrix(names, r.day, r.active, r.covariates)
    require_estimable(X, names, r.day, r.active, r.arms, r.unit)
    return X, names


def setting(r: Rows, names: tuple[str, ...], days: Array, active: float, typical: bool) -> Array:
    """The design at every day with everyone's arm set to `active`: (d, u, p) over covariate patterns,
    or (d, p) at the participants' mean covariate if `typical`.
    """
    if typical:
        return matrix(names, days, active, r.weight @ r.patterns)
    return matrix(names, days[:, None], active, r.patterns)
