"""Gauss–Hermite nodes and the logistic–normal integral, against closed forms and scipy's adaptive integrator."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.polynomial.hermite import hermgauss
from scipy.integrate import quad
from scipy.special import expit

from ketadash.stats.quadrature import gauss_hermite, logistic_normal


@pytest.mark.parametrize("n", [1, 2, 5, 25, 101])
def test_nodes_and_weights_are_numpys(n):
    x, log_weight = gauss_hermite(n)
    nodes, weights = hermgauss(n)
    # the eigenvalue problem is accurate to a few units in the last place of the largest node, about 14
    assert x == pytest.approx(nodes, abs=1e-13)
    assert np.exp(log_weight - x**2) == pytest.approx(weights, rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("n", [3, 25, 401, 1607])
def test_the_rule_integrates_even_powers_exactly(n):
    x, log_weight = gauss_hermite(n)
    weight = np.exp(log_weight - x**2)
    # ∫ exp(−x²) x^(2k) dx = Γ(k + 1/2); exact for 2k < 2n
    for power, exact in ((0, np.sqrt(np.pi)), (2, np.sqrt(np.pi) / 2), (4, np.sqrt(np.pi) * 3 / 4)):
        assert (weight * x**power).sum() == pytest.approx(exact, rel=1e-12)


def test_a_large_rule_drops_only_nodes_beyond_26_and_stays_finite():
    x, log_weight = gauss_hermite(1607)
    assert len(x) < 1607 and np.abs(x).max() < 26
    assert np.isfinite(log_weight).all()


def test_nodes_are_shared_and_therefore_read_only():
    x, _ = gauss_hermite(25)
    with pytest.raises(ValueError):
        x[0] = 0.0


def _by_quad(eta, sigma, what):
    def integrand(z):
        return what(eta + sigma * z, z) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    steep = np.clip(-eta / sigma if sigma else 0.0, -9, 9)  # where the logistic rises: told to the integrator
    near = sorted({-9.0, 9.0, *np.clip(steep + np.array([-1, -0.1, 0, 0.1, 1]) * min(1, 10 / (sigma + 1)), -9, 9)})
    return sum(quad(integrand, a, b, epsabs=1e-14, epsrel=1e-13, limit=400)[0] for a, b in pairwise(near))


@pytest.mark.parametrize("sigma", [0.0, 1e-3, 0.3, 1.0, 2.5, 5.0, 12.0, 50.0])
@pytest.mark.parametrize("eta", [-60.0, -4.0, -0.7, 0.0, 1.3, 9.0, 60.0])
def test_logistic_normal_and_its_slopes_against_an_adaptive_integrator(eta, sigma):
    mean, d_eta, d_sigma = (float(v) for v in logistic_normal(np.array(eta), sigma))

    def slope(t):
        return expit(t) * expit(-t)

    # quad is asked for 1e-13; the normal's mass beyond 8.5, which the trapezoid leaves out, is 2e-17
    assert mean == pytest.approx(_by_quad(eta, sigma, lambda t, z: expit(t)), abs=1e-12)
    assert d_eta == pytest.approx(_by_quad(eta, sigma, lambda t, z: slope(t)), abs=1e-12)
    if sigma:
        assert d_sigma == pytest.approx(_by_quad(eta, sigma, lambda t, z: z * slope(t)), abs=1e-12)
    else:
        assert d_sigma == 0  # E[Z] = 0


def test_logistic_normal_keeps_the_shape_and_its_symmetry():
    eta = np.linspace(-8, 8, 34).reshape(2, 17)
    mean, d_eta, d_sigma = logistic_normal(eta, 3.0)
    assert mean.shape == d_eta.shape == d_sigma.shape == eta.shape
    mirrored = logistic_normal(-eta, 3.0)
    assert mirrored[0] == pytest.approx(1 - mean, abs=1e-14)
    assert mirrored[1] == pytest.approx(d_eta, abs=1e-14)
    assert mirrored[2] == pytest.approx(-d_sigma, abs=1e-14)


def test_a_larger_sigma_pulls_a_probability_towards_a_half():
    means = [float(logistic_normal(np.array(2.0), s)[0]) for s in (0, 0.5, 1, 2, 4, 8, 16)]
    assert all(a > b > 0.5 for a, b in pairwise(means))
