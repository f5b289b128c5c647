"""Standard errors clustered by participant: how far a fit's coefficients scatter, whatever a person's days are like.

    V̂ = A⁻¹ (Σ_i s_i s_i') A⁻¹,   A = Σ_i A_i

s_i is participant i's score at the fit and A_i its information (Huber 1967; White 1982; Liang & Zeger 1986).  People
are independent; a person's days need not be: spells, and slopes of people's own, are in the scores.  With few people V̂
is too small, for a fit bends towards each of them; a `Correction` makes up for it.

A likelihood's scores and informations are exact (`glmm`).  A pseudo-likelihood's are those of its working linear model,
s_i = X_i'V_i⁻¹e_i and A_i = X_i'V_i⁻¹X_i (`pql`), with V_i taken as known.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ketadash.core.errors import FitError

Array = NDArray[np.float64]

LEAST = 0.05  # 1 − leverage is taken for no less: a score of whoever nearly decides a coefficient alone has a bound
WHOLE = 1e-9  # two arms of n have 2n − 2 degrees of freedom, which rounding must not make one less
ALONE = 1e-7  # a leverage this near 1 says that nobody else tells anything of that direction


class Correction(StrEnum):
    """How a sandwich is made larger where people are few."""

    NONE = "CR0"
    CLUSTERS = "CR1"  # G / (G − 1)
    KAUERMANN_CARROLL = "Kauermann-Carroll"  # scores by (I − H_i)^(−1/2): unbiased where the model is true
    MANCL_DEROUEN = "Mancl-DeRouen"  # scores by (I − H_i)^(−1), as a jackknife has them: rather too large
    MOREL = "MBN"  # Morel, Bokossa & Neerchal (2003): SAS EMPIRICAL=MBN


CHOSEN = Correction.MANCL_DEROUEN  # the one that ketadash uses, chosen by simulation: docs/methods/uncertainty.md


def sandwich(scores: Array, informations: Array, bread: Array, correction: Correction, n_rows: int) -> Array:
    """The covariance (q, q) of one fit's parameters, clustered by participant.

    Parameters
    ----------
    scores, informations : (G, q) and (G, q, q), what each participant adds to the fit
    bread : (q, q) the model's covariance, A⁻¹; rows of zeros for parameters held (a standard deviation at 0)
    n_rows : of data, which only MBN's correction counts

    Returns
    -------
    covariance : (q, q), NaN where the bread is

    Raises
    ------
    FitError
        If people are too few for it, or one of them alone decides a coefficient.
    """
    if not np.isfinite(bread).all():
        return np.full_like(bread, np.nan)
    if correction is Correction.MOREL:
        _, k = _axes(scores, informations, bread)
        return _morel(scores, bread, k, n_rows)
    each = influences(scores, informations, bread, correction)
    return np.asarray(each.T @ each)  # a square, so that rounding leaves no variance below 0


def influences(scores: Array, informations: Array, bread: Array, correction: Correction) -> Array:
    """What each participant adds to the parameters (G, q): `sandwich` is the sum of their squares.

    Raises
    ------
    FitError
        As `sandwich`.
    """
    if not np.isfinite(bread).all():
        return np.full_like(scores, np.nan)
    (root, leverage, turn), _ = _axes(scores, informations, bread)
    if correction in (Correction.NONE, Correction.CLUSTERS):
        G = len(scores)
        return np.asarray(_centred(scores) @ bread * np.sqrt(G / (G - 1) if correction is Correction.CLUSTERS else 1))
    power = -1.0 if correction is Correction.MANCL_DEROUEN else -0.5
    # (I − A_i A⁻¹)^power on the axes of the bread, where it is symmetric; root' s is what a sandwich sees of a score
    seen = np.einsum("gij,gi->gj", turn, _centred(scores) @ root) * np.clip(1 - leverage, LEAST, None) ** power
    seen = np.einsum("gij,gj->gi", turn, seen)
    return np.asarray(seen @ root.T)


def _axes(scores: Array, informations: Array, bread: Array) -> tuple[tuple[Array, Array, Array], int]:
    """The bread's root, everyone's leverages on its axes and their directions; and how many parameters are free."""
    G, k = len(scores), int((np.diag(bread) > 0).sum())
    if k >= G:
        raise FitError(
            f"robust standard errors need more participants than the model has parameters, and there are {G} for {k}; "
            "choose standard errors from the model"
        )
    values, axes = np.linalg.eigh(bread)
    root = axes[:, -k:] * np.sqrt(values[-k:])  # bread = root root'
    leverage, turn = np.linalg.eigh(root.T @ informations @ root)
    if (np.abs(leverage - 1) < ALONE).any():
        raise FitError(
            "one participant alone decides a coefficient (an arm of one, or the only one with a value), so robust "
            "standard errors cannot be had; choose standard errors from the model"
        )
    return (root, leverage, turn), k


def clustered(scores: Array, bread: Array, *, small_sample: bool = True) -> Array:
    """The plain sandwich of one fit, or of many at once: V Σ s s' V, times G / (G − 1) if `small_sample` (CR1).

    Parameters
    ----------
    scores : (..., G, q)
    bread : (..., q, q) the models' covariances
    """
    half = _centred(scores) @ bread
    G = scores.shape[-2]
    return np.asarray((G / (G - 1) if small_sample else 1.0) * half.swapaxes(-1, -2) @ half)


def _centred(scores: Array) -> Array:
    """Scores add up to 0 at a maximum; at a penalised one to the penalty's slope, of which everybody has a share."""
    return np.asarray(scores - scores.mean(axis=-2, keepdims=True))


def _morel(scores: Array, bread: Array, k: int, n_rows: int) -> Array:
    """SAS/STAT's MBN with its defaults (d = 2, r = 1): c V M V + δ φ V."""
    G, centred = len(scores), _centred(scores)
    meat = (n_rows - 1) / max(n_rows - k, 1) * G / (G - 1) * centred.T @ centred
    delta = k / (G - k) if 3 * k < G else 0.5
    inflation = max(1.0, float(np.trace(bread @ meat)) / k)
    return np.asarray(bread @ meat @ bread + delta * inflation * bread)


def between_df(arm_sizes: tuple[int, int], n_coefficients: int) -> int:
    """Degrees of freedom between participants: people less coefficients, or Welch's for the arms' sizes if fewer.

    What the arms differ by is known from the scores of each arm's own people.  Welch's (1947) number, for arms that
    scatter alike, is that of all people where arms are of a size, and near the smaller arm's less one where it has few.
    """
    shares = [1 / n for n in arm_sizes]
    inside = sum(share**2 / max(n - 1, 1) for share, n in zip(shares, arm_sizes, strict=True))
    return min(sum(arm_sizes) - n_coefficients, int(sum(shares) ** 2 / inside + WHOLE))
