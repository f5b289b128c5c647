"""Gauss–Hermite nodes, and the logistic–normal integral behind every population-averaged probability."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.special import expit

Array = NDArray[np.float64]

BLOCK = 100_000  # predictors × nodes at a time: an array of that size stays in a cache


@lru_cache(maxsize=32)
def gauss_hermite(n: int) -> tuple[Array, Array]:
    """Nodes of the n-point rule for weight exp(−x²), and log(weight) + x².

    The scaled weight is what adaptive quadrature needs; it stays finite where the plain weight is 0.  Nodes beyond
    |x| = 26, which only a large rule has, are left out: an adapted integrand is below 1e-40 there.

    Nodes: eigenvalues of the Jacobi matrix (Golub & Welsch 1969); weights:
    w_k exp(x_k²) = 1 / (n ψ_{n−1}(x_k)²) with ψ the orthonormal Hermite functions.

    Returns
    -------
    x, log_weight : ndarray, shape (n,) or the fewer within 26, read-only
    """
    x = eigh_tridiagonal(np.zeros(n), np.sqrt(np.arange(1, n) / 2), eigvals_only=True) if n > 1 else np.zeros(1)
    x = (x - x[::-1]) / 2  # exact symmetry
    x = x[np.abs(x) < 26]
    before, psi = np.zeros(len(x)), np.pi**-0.25 * np.exp(-(x**2) / 2)
    for k in range(1, n):
        before, psi = psi, x * np.sqrt(2 / k) * psi - np.sqrt((k - 1) / k) * before
    log_weight = -np.log(n * psi**2)
    x.flags.writeable = log_weight.flags.writeable = False
    return x, log_weight


def logistic_normal(eta: Array, sigma: float) -> tuple[Array, Array, Array]:
    """E[expit(η + σZ)] for standard normal Z, with its derivatives in η and in σ.

    The trapezoid rule on Z converges geometrically for this integrand; its error is about
    exp(−2π d / h) with d = π / σ the distance of the nearest pole, so h shrinks as σ grows
    (Trefethen & Weideman 2014, section 5).

    Parameters
    ----------
    eta : ndarray, any shape, log-odds
    sigma : float, ≥ 0, SD of the random intercept on the logit scale

    Returns
    -------
    mean, d_eta, d_sigma : ndarrays of eta's shape
    """
    eta = np.asarray(eta, float)
    if sigma == 0:
        mean = expit(eta)
        return mean, mean * (1 - mean), np.zeros_like(eta)
    step = min(0.25, 2 * np.pi**2 / (33 * sigma))  # exp(−33) is below double precision
    z = np.arange(-np.ceil(8.5 / step), np.ceil(8.5 / step) + 1) * step
    weight = np.exp(-(z**2) / 2)
    weight /= weight.sum()
    by_node, weights = np.exp(-np.clip(sigma * z, -345, 345)), np.column_stack([weight, weight * z])
    flat, values = eta.ravel(), np.empty((3, eta.size))
    most = max(1, BLOCK // len(z))
    for i in range(0, eta.size, most):
        # 1 / (1 + exp(−η) exp(−σz)): exponentials of the table's margins, none of its cells
        p = np.exp(-np.clip(flat[i : i + most], -345, 345))[:, None] * by_node
        p += 1
        np.divide(1, p, out=p)
        values[0, i : i + most] = p @ weight
        p -= p * p
        values[1:, i : i + most] = (p @ weights).T
    mean, d_eta, d_sigma = values.reshape(3, *eta.shape)
    return mean, d_eta, d_sigma
