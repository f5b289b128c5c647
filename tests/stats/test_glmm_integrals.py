"""The integrals of the mixed model by quadrature: derivatives, modes, extremes, and another integrator's answer."""

import numpy as np
import pandas as pd
import pytest
from mixed import ORACLE, blocks_of, days, design, fit_of, made_up
from scipy.special import expit

from ketadash.stats import adaptive, glmm

REAL = ORACLE.parents[2] / "shared" / "data" / "ctn0051_days.csv.gz"


@pytest.mark.parametrize("sigma", [0.4, 2.0, 6.0])
@pytest.mark.parametrize("penalised", [False, True])
def test_score_and_hessian_are_derivatives_of_the_value(sigma, penalised):
    d = made_up(4)
    b = blocks_of(d, design(d), glmm.Penalty() if penalised else None)
    theta = np.array([0.3, -0.2, 0.4, 0.1, -0.3, sigma])
    nodes = 301  # so many that the value is the integral itself, to rounding

    def at(t):
        return adaptive.integrate(b, t, adaptive.integrate(b, t, adaptive.anywhere(b, nodes)).place)

    found = at(theta)
    score, hessian = found.score, found.hessian
    h = 1e-5
    for k in range(6):
        up, down = (at(theta + sign * h * np.eye(6)[k]) for sign in (1, -1))
        # central differences of a value near 100 in double precision: rounding 1e-14 × 100 / 1e-5, and h² beside it
        assert score[k] == pytest.approx((up.value - down.value) / (2 * h), abs=2e-6)
        assert hessian[k] == pytest.approx((up.score - down.score) / (2 * h), abs=2e-6)


def _extreme(seed, shift):
    d = made_up(seed, n_people=12, n_days=21, absent=0.1)
    d.loc[d.id < 2, "y"] = 1
    d.loc[d.id.isin([2, 3]), "y"] = 0
    b = blocks_of(d, design(d))
    return b, np.array([shift, 3.0, -2.0, 1.0, 0.5])


def _score(b, theta, z):
    p = expit(b.X1[..., :-1] @ theta[:-1] + theta[-1] * z[:, None])
    return theta[-1] * ((((b.sign + 1) / 2) - p) * b.X1[..., -1]).sum(axis=1) - z


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sigma", [0.0, 0.5, 5.0, 50.0, 100.0])
@pytest.mark.parametrize("shift", [-400.0, -30.0, 0.0, 30.0, 400.0])
def test_modes_are_found_at_any_sigma_and_any_log_odds(sigma, shift):
    b, gamma = _extreme(3, shift)
    theta = np.append(gamma, sigma)
    z, _ = adaptive.modes(b, theta, np.zeros(12))
    assert np.isfinite(z).all()
    # the score falls in z, so its root lies between two points where it has opposite signs; modes are wanted to 1e-7
    assert (_score(b, theta, z - 1e-6) >= 0).all() and (_score(b, theta, z + 1e-6) <= 0).all()


def test_plain_newton_cycles_where_the_bracketed_one_does_not():
    """The reason for the bracket: a surprising success sends plain Newton to z = σ, where p = 1 sends it back to 0."""
    b, gamma = _extreme(3, -400.0)
    theta, z = np.append(gamma, 50.0), np.zeros(12)
    for _ in range(200):
        p = expit(b.X1[..., :-1] @ gamma + 50 * z[:, None])
        z = z + _score(b, theta, z) / (1 + 2500 * (p * (1 - p) * b.X1[..., -1]).sum(axis=1))
    assert np.abs(_score(b, theta, z)).max() > 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sigma", [5.0, 50.0])
def test_the_integral_is_finite_at_extremes(sigma):
    b, gamma = _extreme(3, 30.0)
    theta = np.append(gamma, sigma)
    found = adaptive.integrate(b, theta, adaptive.anywhere(b, 101))
    assert np.isfinite(found.value) and np.isfinite(found.score).all() and np.isfinite(found.hessian).all()


def test_padding_adds_nothing():
    """A participant with one day beside one with twelve: the likelihood is the sum of each alone."""
    d = made_up(8, n_people=6, absent=0)
    d = d[(d.id != 3) | (d.day == 4)].reset_index(drop=True)
    theta = np.array([0.2, 0.0, 0.0, 0.0, 0.0, 1.5])

    def value(rows):
        # an intercept alone, on raw columns, so that a part has the same design as the whole
        b = blocks_of(rows, np.ones((len(rows), 1)))
        t = np.array([theta[0] / b.back[0, 0], theta[-1]])
        return adaptive.integrate(b, t, adaptive.anywhere(b, 101)).value

    assert value(d) == pytest.approx(sum(value(rows) for _, rows in d.groupby("id")), abs=1e-10)


def test_more_than_a_thousand_days_do_not_underflow():
    d = made_up(9, n_people=4, n_days=2500, absent=0)
    f = glmm.fit(d.y, np.column_stack([np.ones(len(d)), d.arm]), d.id)
    assert np.isfinite(f.minus2ll) and f.convergence.ok


def minus2ll_by_trapezoid(y, eta, group, sigma, step=0.01):
    """−2 log L by the trapezoid rule on z, neither adapted nor Gaussian: another way to the same integral."""
    z = np.arange(-9, 9 + step / 2, step)
    total = 0.0
    for who in np.unique(group):
        i = group == who
        t = -np.logaddexp(0, -(eta[i][:, None] + sigma * z) * (2 * y[i] - 1)[:, None]).sum(axis=0) - z**2 / 2
        total += t.max() + np.log(np.exp(t - t.max()).sum() * step / np.sqrt(2 * np.pi))
    return -2 * total


@pytest.mark.parametrize("name", ["large_sigma", "trial40", "unbalanced"])
def test_another_integrator_finds_the_same_likelihood(name):
    d = days(name)
    f = fit_of(d, "quadratic")
    again = minus2ll_by_trapezoid(d.y.to_numpy(), design(d, "quadratic") @ f.beta, d.id.to_numpy(), f.sigma)
    assert f.minus2ll == pytest.approx(again, abs=1e-4)  # what the nodes are raised for


@pytest.mark.skipif(not REAL.exists(), reason="the real data are not beside this checkout")
def test_another_integrator_finds_the_same_likelihood_of_570_real_people():
    d = pd.read_csv(REAL)
    d = d[d.day <= 28]
    y = ((d.opioid == 0) * 1.0).to_numpy()  # missing = not abstinent
    arm, base, day = (d.arm == "XR-NTX") * 1.0, d.baseline_opioid_days, d.day * 1.0
    X = np.column_stack([np.ones(len(d)), day, day**2, arm, day * arm, base.fillna(base.mean())])
    group = np.unique(d.participant_id, return_inverse=True)[1]
    f = glmm.fit(y, X, group)
    assert f.convergence.ok and f.sigma > 4 and f.n_quad > 100
    assert f.minus2ll == pytest.approx(minus2ll_by_trapezoid(y, X @ f.beta, group, f.sigma), abs=1e-4)


@pytest.mark.parametrize("seed", range(24))
def test_near_the_boundary_no_other_sigma_is_likelier(seed):
    """σ is reflected at 0; a fit that stops there, or on its wrong side, must have nothing better to offer."""
    d = made_up(seed, sigma=0.25)
    f = fit_of(d)
    assert f.sigma >= 0 and f.convergence.ok
    y, eta, who = d.y.to_numpy(), design(d) @ f.beta, d.id.to_numpy()
    for sigma in (0.0, 0.1, 0.2, 0.4, 0.8):
        # 1e-3: near a flat top two likelihoods can be closer than the 1e-4 they are known to
        assert f.minus2ll <= minus2ll_by_trapezoid(y, eta, who, sigma, step=0.05) + 1e-3


@pytest.mark.sweep(12)
@pytest.mark.parametrize("seed", range(36))
def test_the_likelihood_keeps_its_promise_where_people_differ_very_much(seed):
    """Two numbers of nodes once agreed by chance at σ above 8: −2 log L was off by 0.0017 and said to have settled."""
    rng = np.random.default_rng(seed)
    people, n_days = 15, 5
    group, day = np.repeat(np.arange(people), n_days), np.tile(np.arange(n_days), people)
    active = (group % 2).astype(float)
    chance = expit(rng.normal(0, 9, people)[group] + 0.3 * day - active)
    y = (rng.uniform(size=len(group)) < chance).astype(float)
    X = np.column_stack([np.ones(len(y)), active, day, active * day])
    found, known = glmm.fit(y, X, group), glmm.fit(y, X, group, n_quad=401)
    if found.convergence.ok and known.convergence.ok:
        assert found.minus2ll == pytest.approx(known.minus2ll, abs=1e-3)
    assert found.separated == known.separated
