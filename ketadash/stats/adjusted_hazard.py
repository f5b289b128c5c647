"""A hazard ratio of the arms among people alike in their covariates: Cox's model with several of them, Efron's ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketadash.results.hazards import Cox
from ketadash.stats.risk_sets import Bools, Ints, checked_arms, checked_strata, no_maximum
from ketadash.stats.wald import normal_quantile, t_tails

Array = NDArray[np.float64]

STEPS, DONE = 60, 1e-20
FARTHEST = 15.0  # log hazard ratio of the arms, at which it has no finite value
FLAT = 1e-7  # information an event of some combination of columns of SD 1, at which its coefficient has none
RARE = 5  # events for each coefficient: with fewer the interval may be too narrow
FEW = (
    f"fewer than {RARE} events for each coefficient, so the interval of the adjusted hazard ratio may be too narrow: "
    "choose fewer covariates"
)
RUNS_AWAY = (
    "a covariate has a level without events (or one at which everybody soon has one), so its own coefficient has no "
    "finite value; the arms' hazard ratio is that which the likelihood tends to"
)
ONE_ARM = (
    "the covariates tell the arms apart among those at risk, so nobody is like anybody of the other arm: no adjusted "
    "hazard ratio; choose other covariates"
)


def adjusted_cox(
    time: ArrayLike,
    event: ArrayLike,
    active: ArrayLike,
    covariates: Array,
    *,
    confidence: float = 0.95,
    labels: tuple[str, str] = ("control", "active"),
    strata: ArrayLike | None = None,
) -> Cox:
    """Hazard ratio, active against control, with `covariates` (n, c) held alike; Wald's interval and p.

    With `strata` (n,) each has a baseline hazard of its own; covariates that say no more than the strata do, or than
    one another, are left out.  There is no test of proportional hazards.
    """
    t, e, a = checked_arms(time, event, active)
    codes = checked_strata(strata, len(t))
    problem = no_maximum(t, e, a, labels, codes)
    if problem is not None:
        return Cox(None, None, None, None, messages=(problem,))
    groups = np.zeros(len(t), dtype=np.int64) if codes is None else codes
    X = np.column_stack([a.astype(float), independent(covariates, groups)])
    if np.linalg.matrix_rank(_within(X, groups)) < X.shape[1]:
        return Cox(None, None, None, None, messages=(ONE_ARM,))
    theta, information = _maximise(t, e, X, groups)
    if abs(theta[0]) > FARTHEST:
        return Cox(None, None, None, None, messages=(ONE_ARM,))
    least = float(np.linalg.eigvalsh(information[1:, 1:]).min()) if X.shape[1] > 1 else np.inf
    messages = [RUNS_AWAY] if least < FLAT * float(e.sum()) else []
    if e.sum() < RARE * X.shape[1]:
        messages.append(FEW)
    own, other = information[0, 1:], information[1:, 1:]
    left = float(information[0, 0] - own @ np.linalg.lstsq(other, own, rcond=None)[0])  # what the others leave of it
    if not left > 0:
        return Cox(None, None, None, None, messages=(ONE_ARM,))
    log_hr, se = float(theta[0]), float(1 / np.sqrt(left))
    half = normal_quantile(confidence) * se
    with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
        hr, low, high = (float(np.exp(x)) for x in (log_hr, log_hr - half, log_hr + half))
    return Cox(hr, low, high, t_tails(log_hr / se, np.inf), messages=tuple(messages), log_hr=log_hr, se=se)


def independent(covariates: Array, groups: Ints) -> Array:
    """The covariates but for those that others, or the groups, already say; of SD 1 within the groups."""
    inside = _within(covariates, groups)
    kept, basis = list[Array](), np.zeros((len(groups), 0))
    for column, own in zip(covariates.T, inside.T, strict=True):
        left = own - basis @ (basis.T @ own)
        left -= basis @ (basis.T @ left)
        size = float(np.linalg.norm(left))
        if size > 1e-9 * max(float(np.linalg.norm(column - column.mean())), 1e-300):
            basis = np.column_stack([basis, left / size])
            kept.append((column - column.mean()) / (np.linalg.norm(own) / np.sqrt(len(own))))
    return np.column_stack([np.zeros((len(groups), 0)), *kept])


def _within(X: Array, groups: Ints) -> Array:
    """Columns less their mean in each group."""
    places = np.unique(groups, return_inverse=True)[1]
    sums = np.zeros((places.max() + 1, X.shape[1]))
    np.add.at(sums, places, X)
    return np.asarray(X - (sums / np.bincount(places)[:, None])[places])


def _maximise(time: Array, event: Bools, X: Array, groups: Ints) -> tuple[Array, Array]:
    """Newton's steps, halved where they overshoot, to where the likelihood rises no more; and the information there."""
    orders = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    orders = [own[np.argsort(-time[own], kind="stable")] for own in orders]  # the last to leave first
    theta = np.zeros(X.shape[1])

    def at(b: Array) -> tuple[float, Array, Array]:
        parts = [_efron(time[own], event[own], X[own], b) for own in orders if event[own].any()]
        value, score, information = (sum(part) for part in zip(*parts, strict=True))
        return float(value), np.asarray(score), np.asarray(information)

    value, score, information = at(theta)
    for _ in range(STEPS):
        step = np.linalg.lstsq(information, score, rcond=None)[0]
        gain = float(score @ step) / 2
        if gain < DONE:
            break
        new = at(theta + step)
        for _ in range(30):
            if new[0] >= value - 1e-12 * abs(value):
                break
            step /= 2
            new = at(theta + step)
        theta, (value, score, information) = theta + step, new
    return theta, information


def _efron(time: Array, event: Bools, X: Array, theta: Array) -> tuple[float, Array, Array]:
    """Of one stratum, ordered from the last time to the first: log partial likelihood, score and information."""
    eta = X @ theta
    top = float(eta.max())
    w = np.exp(eta - top)
    wx = w[:, None] * X
    wxx = wx[:, :, None] * X[:, None, :]
    at, where = np.unique(-time[event], return_inverse=True)
    d = np.bincount(where)
    upto = np.searchsorted(-time, at, side="right") - 1  # the last row still at risk
    which = np.repeat(np.arange(len(at)), d)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(d) - d, d)) / d[which]

    def risk(values: Array) -> Array:
        """At each event, in turn among ties: the sum over those at risk less the share of the tied ones."""
        tied = np.zeros((len(at), *values.shape[1:]))
        np.add.at(tied, where, values[event])
        shape = (-1, *[1] * (values.ndim - 1))
        return np.asarray(np.cumsum(values, axis=0)[upto][which] - share.reshape(shape) * tied[which])

    s0, s1, s2 = risk(w), risk(wx), risk(wxx)
    mean = s1 / s0[:, None]
    value = float(eta[event].sum() - (np.log(s0) + top).sum())
    score = X[event].sum(axis=0) - mean.sum(axis=0)
    return value, score, (s2 / s0[:, None, None]).sum(axis=0) - mean.T @ mean
