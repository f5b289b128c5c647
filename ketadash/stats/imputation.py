"""Multiple imputation of a yes/no outcome from a fitted logistic mixed model, with a shift for days that are missing.

    logit P(y_ij = 1 | missing, z_i) = x_ij'β + σ z_i + δ,   δ = log IMOR

For each imputation the parameters are drawn from their approximate posterior, each participant's z from its exact
posterior given that participant's own record and those parameters, and the missing days from the model (Rubin 1987,
section 5.2; Jackson, White, Mason & Sutton 2014 for the shift).  Every random number belongs to one participant
and day, so moving δ in one arm changes no draw but that arm's, and a day once imputed 1 stays 1 as δ rises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ketadash.stats import shared_records
from ketadash.stats.glmm import GlmmFit

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
YesNo = NDArray[np.int8]

GRID = np.linspace(-8.0, 8.0, 161)  # posterior SDs about the posterior mean at which a participant's z is tabulated
FINE = np.linspace(-8.0, 8.0, 801)  # and at which its distribution function is
MOST_LOG, LOG_2 = 700.0, float(np.log(2))  # exp(709) is the largest number
NEAR_ZERO = 0.5  # where σ's standard error is a larger part of σ than this, the days leave open that σ is 0


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What is drawn before any shift: each missing day's log-odds, and the uniform number its probability must exceed.

    `where` (G, T) marks the missing days of G participants on T days, n of them; `log_odds` and `uniform` are (m, n),
    of m imputations.
    """

    where: Bools
    log_odds: Array
    uniform: Array

    def first(self, m: int) -> Draws:
        """The first m imputations, which are those of m alone."""
        return Draws(self.where, self.log_odds[:m], self.uniform[:m])

    def chance(self, delta: Array) -> Array:
        """The missing days' probabilities (m, n) with log-odds moved by `delta` (n,); ±inf is certainty."""
        return np.asarray(expit(self.log_odds + delta))

    def shifted(self, delta: Array) -> YesNo:
        """The missing days' outcomes (m, n), 0 or 1, with log-odds moved by `delta` (n,)."""
        return (self.uniform < self.chance(delta)).view(np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """The random numbers of m imputations, drawn before anything is known of the days.

    `of_people` (m, G) and `of_days` (m, n missing days) are uniform, for each participant's intercept z and for each
    missing day; `normal` (m, q) are for the q parameters of the model.
    """

    of_people: Array
    of_days: Array
    normal: Array


def streams(ids: Sequence[str], where: Bools, n_parameters: int, m: int, seed: int) -> Streams:
    """Random numbers by participant, so that who else is in the trial, and in which order, changes nobody's.

    Every day has a number, also those that are known, which therefore can become missing and change nothing else; only
    those of missing days are kept.  The first m of more imputations are the m of fewer.

    Parameters
    ----------
    ids : G names of participants, from which with the `seed` their numbers follow
    where : (G, T) the missing days
    n_parameters, m : q and the number of imputations
    """
    of_people, of_days, begin = np.empty((m, len(ids))), np.empty((m, int(where.sum()))), 0
    for i, (name, missing) in enumerate(zip(ids, where, strict=True)):
        numbers = _generator(seed, name).random((m, 1 + len(missing)))
        end = begin + int(missing.sum())
        of_people[:, i], of_days[:, begin:end] = numbers[:, 0], numbers[:, 1:][:, missing]
        begin = end
    return Streams(of_people, of_days, _generator(seed, "", 1).standard_normal((m, n_parameters)))


def amount_streams(ids: Sequence[str], n_days: int, m: int, seed: int) -> Array:
    """Uniform numbers (m, G, T) for drawing amounts, by participant and day: others than `streams` gives for the seed.

    The first m of more imputations are the m of fewer.
    """
    return np.stack([_generator(seed, i, 2).random((m, n_days)) for i in ids], axis=1)


def amounts_from_own_record(amount: Array, own_group: NDArray[np.int64], needed: Bools, uniform: Array) -> Array:
    """Amounts for days that are to have one: each is drawn from the positive amounts that the participant is known by.

    Parameters
    ----------
    amount : (G, T) the known amounts, NaN where none is known
    own_group : (G,) to which group somebody belongs; its amounts stand in for those of somebody who has none
    needed : (m, G, T) the days
    uniform : (m, G, T) numbers of `amount_streams`, which say the how manieth of the sorted amounts is taken

    Returns
    -------
    Array
        (m, G, T), NaN on all other days, and where nobody of a group has a positive amount.
    """
    drawn = np.full(needed.shape, np.nan)
    positive = np.isfinite(amount) & (amount > 0)
    for i in np.flatnonzero(needed.any(axis=(0, 2))):
        record = amount[i, positive[i]]
        if not record.size:
            alike = own_group == own_group[i]
            record = amount[alike][positive[alike]]
        if record.size:
            drawn[:, i] = np.sort(record)[(uniform[:, i] * record.size).astype(int)]
    return np.where(needed, drawn, np.nan)


def _generator(seed: int, name: str, *more: int) -> np.random.Generator:
    """Random numbers that belong to a name: a hash of it seeds them, so that two names share none."""
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), np.uint32)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *more, *(int(w) for w in words)])))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Parameters drawn, β (m, p) and σ (m,), and the intercepts z (m, G) of those with missing days, 0 for others."""

    beta: Array
    sigma: Array
    z: Array


def draw(fit: GlmmFit, y: Array, X: Array, X_missing: Array, s: Streams) -> Draws:
    """Draw from the model fitted to the known days.

    Parameters
    ----------
    fit : the fit to the known days
    y : (G, T) 0 or 1, NaN where missing
    X : (G, T, p) the design in which a participant's record is read (of whatever arm that assumption says)
    X_missing : (G, T, p) the design in which missing days are drawn
    s : their random numbers, for the same G participants and their missing days

    Returns
    -------
    Draws
        Of the missing days in the order of ``np.isnan(y)``.
    """
    posterior = draw_posterior(fit, y, X, s.normal, s.of_people)
    return draw_days(posterior, np.isnan(y), X_missing, s.of_days)


def draw_posterior(fit: GlmmFit, y: Array, X: Array, normal: Array, uniform: Array) -> Posterior:
    """The parameters and intercepts of `draw`, from their random numbers (m, q) and (m, G)."""
    beta, sigma = draw_parameters(fit, normal)
    posterior = Posterior(beta, sigma, np.zeros((len(beta), len(y))))
    return with_intercepts(posterior, np.asarray(np.isnan(y).any(axis=1)), y, X, uniform)


def with_intercepts(posterior: Posterior, who: Bools, y: Array, X: Array, uniform: Array) -> Posterior:
    """The same parameters, with the intercepts of some participants drawn from their records.

    Parameters
    ----------
    who : (G,) whose intercepts are drawn; the others' stay as they are
    y : (G, T) 0 or 1, NaN where missing
    X : (G, T, p) the design in which these records are read
    uniform : (m, G) their random numbers
    """
    z, open_ = posterior.z.copy(), who.copy()
    for people, keeps in shared_records.alike(X, who):
        f = X[people[0]][:, ~keeps] @ posterior.beta[:, ~keeps].T  # f and o as in `shared_records`
        o = posterior.beta[:, keeps] @ X[people, 0][:, keeps].T
        shared = shared_records.Shared(f, o, posterior.sigma)
        for some in shared_records.handfuls(y[people], o.shape[0]) if shared.fits else ():
            own = people[some]
            density = shared_records.density(shared, y[own], f, o[:, some], posterior.sigma, _log_sums)
            z[:, own] = _inverted(density, uniform[:, own].T.ravel()).reshape(len(own), -1).T
            open_[own] = False
    for i in np.flatnonzero(open_):
        known = ~np.isnan(y[i])
        z[:, i] = draw_intercepts(y[i, known], X[i, known] @ posterior.beta.T, posterior.sigma, uniform[:, i])
    return replace(posterior, z=z)


def draw_days(posterior: Posterior, where: Bools, X_missing: Array, uniform: Array) -> Draws:
    """What `draw` draws for the missing days `where` (G, T), from their random numbers (m, n)."""
    who = np.nonzero(where)[0]
    log_odds = posterior.beta @ X_missing[where].T + posterior.sigma[:, None] * posterior.z[:, who]
    return Draws(where, log_odds, uniform)


def draw_parameters(fit: GlmmFit, normal: Array) -> tuple[Array, Array]:
    """β (m, p) and σ (m,) from the normal approximation to their posterior.

    The approximation is made on the scale of log σ, or near zero on that of σ², reflected at 0: there the likelihood
    is regular in σ², while the standard error of log σ grows without bound.  A σ estimated as 0 stays 0: the days hold
    no evidence of people differing.

    Parameters
    ----------
    normal : (m, q) standard normal numbers, q ≥ p + 1
    """
    p = len(fit.beta)
    if fit.sigma == 0:
        root = np.linalg.cholesky(fit.covariance[:p, :p])
        return fit.beta + normal[:, :p] @ root.T, np.zeros(len(normal))
    near_zero = np.sqrt(fit.covariance[p, p]) > NEAR_ZERO * fit.sigma
    scale = np.append(np.ones(p), 2 * fit.sigma if near_zero else 1 / fit.sigma)  # dσ² / dσ or d log σ / dσ
    root = np.linalg.cholesky(fit.covariance * np.outer(scale, scale))
    drawn = np.append(fit.beta, fit.sigma**2 if near_zero else np.log(fit.sigma)) + normal @ root.T
    last = drawn[:, p]
    return drawn[:, :p], np.sqrt(np.abs(last)) if near_zero else np.exp(last)


def draw_intercepts(y: Array, eta: Array, sigma: Array, uniform: Array) -> Array:
    """One participant's z (m,), by inverting its posterior distribution function.

    Parameters
    ----------
    y : (t,) 0 or 1 on the known days
    eta : (t, m) their log-odds at z = 0, by imputation
    sigma, uniform : (m,) the intercept's SD, and a random number, by imputation
    """
    return _inverted(partial(_log_density, y, eta, sigma), uniform)


def _inverted(density: Callable[[Array], Array], uniform: Array) -> Array:
    """The z (m,) below which the share `uniform` (m,) of a distribution lies; `density` gives its log of z (m, K)."""
    centre, width = _mean_and_sd(density, len(uniform))
    z = centre[:, None] + width[:, None] * GRID
    log_density = _on_fine(density(z))
    # each point stands for the strip half a step to either side; with this step a draw is off by 1e-4 of an SD
    log_density -= log_density.max(axis=1, keepdims=True)
    mass = np.exp(log_density, out=log_density)
    reached = np.cumsum(mass, axis=1, out=mass)
    ends, each, wanted = FINE + (FINE[1] - FINE[0]) / 2, np.arange(len(uniform)), uniform * reached[:, -1]
    after = (reached < wanted[:, None]).sum(axis=1).clip(1, len(FINE) - 1)
    below, above = reached[each, after - 1], reached[each, after]
    part = (wanted - below) / np.maximum(above - below, 1e-300)
    return centre + width * (ends[after - 1] + part.clip(0, 1) * (ends[after] - ends[after - 1]))


def _on_fine(values: Array) -> Array:
    """Values (m, 161) on GRID as those of their cubic spline on FINE (m, 801)."""
    curvature = values @ _curvatures()
    low, high, low_bend, high_bend = values[:, :-1], values[:, 1:], curvature[:, :-1], curvature[:, 1:]
    n = len(FINE) // (len(GRID) - 1)
    fine = np.empty((len(values), len(FINE)))
    fine[:, ::n] = values
    for k in range(1, n):
        t = k / n
        between = (1 - t) * low + t * high
        between += ((1 - t) ** 3 - (1 - t)) * low_bend
        between += (t**3 - t) * high_bend
        fine[:, k::n] = between
    return fine


@lru_cache(maxsize=1)
def _curvatures() -> Array:
    """What takes values on GRID to their cubic spline's second derivatives there times h² / 6: linear in them."""
    from scipy.interpolate import CubicSpline  # takes a third of a second to import

    step = GRID[1] - GRID[0]
    return np.ascontiguousarray(CubicSpline(GRID, np.eye(len(GRID)), axis=0)(GRID, 2).T * step**2 / 6)


def _mean_and_sd(density: Callable[[Array], Array], m: int) -> tuple[Array, Array]:
    """Posterior mean and SD of z (m,), from three tables: the first as wide as the prior, each further as it says."""
    centre, width = np.zeros(m), np.ones(m)
    for _ in range(3):
        z = centre[:, None] + width[:, None] * GRID[::4]
        log_density = density(z)
        w = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        w /= w.sum(axis=1, keepdims=True)
        centre = (w * z).sum(axis=1)
        # never narrower than the table can see
        width = np.maximum(np.sqrt((w * (z - centre[:, None]) ** 2).sum(axis=1)), 0.1 * width)
    return centre, width


def _log_density(y: Array, eta: Array, sigma: Array, z: Array) -> Array:
    """Log posterior density of z (m, K), up to a constant; other arguments as in `draw_intercepts`."""
    moved = sigma[:, None] * z
    return -(z**2) / 2 - _log_sums(eta[y == 0], moved) - _log_sums(-eta[y == 1], -moved)


def _log_sums(eta: Array, moved: Array) -> Array:
    """Σ log(1 + exp(η + moved)) over days η (t, m), at each of moved (m, K).

    1 + exp(η) exp(σz): exponentials of a table's margins, none of its cells, and a logarithm of the product of as many
    days as a number can hold.
    """
    largest = max(eta.max(initial=0.0), 0.0) + max(moved.max(), 0.0) + LOG_2  # of any day's logarithm
    if largest > MOST_LOG:
        return np.asarray(np.logaddexp(0, eta.T[:, :, None] + moved[:, None]).sum(axis=1))
    by_day, by_node, at_once = np.exp(eta), np.exp(moved), int(MOST_LOG / largest)
    total, product, cells = np.zeros_like(moved), np.empty_like(moved), np.empty_like(moved)
    for k in range(0, len(by_day), at_once):
        product.fill(1.0)
        for day in by_day[k : k + at_once]:
            np.multiply(by_node, day[:, None], out=cells)
            cells += 1
            product *= cells
        total += np.log(product, out=product)
    return total
