"""Where RSPL's search ends: a dense brute-force check at the fixed point, saddles at no variance, fewer rounds."""

import numpy as np
import pytest
from mixed import case_id, days, design, made_up
from rspl_fits import PARTING, SOLVED, fitted, parting, rows_of, same
from scipy.special import expit
from sweeps import others_slow

from ketadash.stats import pql, pql_design, reml
from ketadash.stats.glm_families import LOGIT


def _dense(d, X, mu, eta, sigma, rho, phi):
    """Pseudo-data, every participant's V, and GLS, straight from the definition."""
    w = mu * (1 - mu)
    pseudo, y = eta + (d.y.to_numpy() - mu) / w, None
    A, xy, log_v, blocks = 0.0, 0.0, 0.0, []
    for who in np.unique(d.id):
        i = np.flatnonzero(d.id == who)
        day = d.day.to_numpy()[i]
        C = np.sign(rho) ** np.abs(np.subtract.outer(day, day)) * np.abs(rho) ** np.abs(np.subtract.outer(day, day))
        R = phi * C / np.sqrt(np.outer(w[i], w[i]))
        V = R + sigma**2
        inverse = np.linalg.inv(V)
        A, xy = A + X[i].T @ inverse @ X[i], xy + X[i].T @ inverse @ pseudo[i]
        log_v += np.linalg.slogdet(V)[1]
        blocks.append((i, inverse))
    beta = np.linalg.solve(A, xy)
    residual = pseudo - X @ beta
    y = sum(residual[i] @ inverse @ residual[i] for i, inverse in blocks)
    b = np.zeros(len(d))
    for i, inverse in blocks:
        b[i] = sigma**2 * (inverse @ residual[i]).sum()
    return beta, np.linalg.inv(A), b, float(log_v + np.linalg.slogdet(A)[1] + y)


def _fixed_point(d, X, sigma, rho, phi):
    """GLS and predicted intercepts iterated densely at given covariance parameters."""
    eta = np.zeros(len(d))
    for _ in range(400):
        beta, covariance, b, _ = _dense(d, X, expit(eta), eta, sigma, rho, phi)
        new = X @ beta + b
        if np.abs(new - eta).max() < 1e-13:
            break
        eta = eta + 0.7 * (new - eta)
    return beta, covariance, eta


def _is_the_optimum(d, f):
    """A dense fixed point, and REML's optimum for its pseudo-data: the slope is 0 and the curvature up."""
    X, rho = design(d), f.rho or 0.0
    beta, covariance, eta = _fixed_point(d, X, f.sigma, rho, f.scale)
    se = np.sqrt(np.diag(covariance))
    # σ, ρ, φ are given to 1e-8, and the dense iteration to 1e-13
    assert np.abs(f.beta - beta) / se == pytest.approx(0, abs=1e-6)
    assert f.covariance == pytest.approx(covariance, rel=1e-6, abs=1e-12)
    at, h = np.array([f.sigma, rho, f.scale]), 1e-4
    for k in range(3 if f.rho is not None else 1):
        here, up, down = (_dense(d, X, expit(eta), eta, *(at + sign * h * np.eye(3)[k]))[3] for sign in (0, 1, -1))
        slope, curvature = (up - down) / (2 * h), (up - 2 * here + down) / h**2
        assert curvature > 0
        # a Newton step in that parameter: central differences leave about 1e-6 of h² and of rounding
        assert slope / curvature == pytest.approx(0, abs=1e-5)


# seeds whose fits lie inside the parameter space, ρ of both signs among them
@pytest.mark.parametrize("seed, ar1", [(0, True), (1, True), (2, True), (10, True), (0, False), (3, False)])
def test_brute_force_finds_the_same_fixed_point(seed, ar1):
    d = made_up(seed, n_people=14, n_days=10, absent=0.3)
    f = fitted(d, ar1=ar1, free_scale=ar1)
    assert f.convergence.ok and f.sigma > 0.05
    _is_the_optimum(d, f)


def _rises_from_zero(d, f, at=(0.01, 0.03, 0.1, 0.2)):
    """What −2 × the restricted log-likelihood, written out at a dense fixed point with σ = 0, gains at other σ."""
    X, rho = design(d), f.rho or 0.0
    eta = _fixed_point(d, X, 0.0, rho, f.scale)[2]
    zero, *others = (_dense(d, X, expit(eta), eta, sigma, rho, f.scale)[3] for sigma in (0.0, *at))
    return np.array(others) - zero


def _rare(seed):
    """An outcome on few days that owes nothing to the person."""
    d = made_up(seed, sigma=0)
    return d.assign(y=(np.random.default_rng(seed).random(len(d)) < 0.06).astype(int))


@pytest.mark.parametrize("name, ar1", [("zero_sigma", False), ("spells_no_intercept", True)])
def test_zero_is_the_optimum_where_it_is_given_on_the_references(name, ar1):
    d = days(name)
    f = fitted(d, ar1=ar1, free_scale=ar1)
    assert f.sigma < 1e-6 and (_rises_from_zero(d, f) > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("ar1", others_slow([True, False], True))
@pytest.mark.parametrize("trial", [lambda seed: made_up(seed, sigma=0), _rare], ids=["no variance", "rare"])
def test_zero_is_the_optimum_wherever_it_is_given(trial, ar1):
    found = [(d, fitted(d, ar1=ar1, free_scale=ar1)) for d in map(trial, range(50))]
    zero = [(d, f) for d, f in found if f.convergence.ok and f.sigma < 1e-3]
    assert len(zero) >= 20
    assert all((_rises_from_zero(d, f) > 0).all() for d, f in zero)
    assert not any("ended elsewhere" in m for _, f in found for m in f.convergence.messages)


# these used to be given σ = 0, of which the likelihood rises on leaving it
@pytest.mark.parametrize(
    "d, ar1, sigma",
    [(_rare(37), False, 0.27), (_rare(40), False, 0.29), (made_up(200, 30, 10, sigma=1, absent=0.65), True, 0.15)],
    ids=["rare 37", "rare 40", "sparse"],
)
def test_a_saddle_at_zero_is_left(d, ar1, sigma):
    f = fitted(d, ar1=ar1, free_scale=ar1)
    assert f.convergence.ok and f.sigma == pytest.approx(sigma, abs=0.01)
    _is_the_optimum(d, f)


@pytest.mark.parametrize(
    "d", [made_up(236, 24, 14, sigma=0.4), made_up(25, 20, 21, sigma=1, absent=0.1).query("id < 6")], ids=["24", "6"]
)
def test_the_starting_value_is_not_an_answer(d):
    """Both used to be given σ = 0.5, where the search begins: its first step, −1, came back there past 0."""
    f, at = fitted(d, ar1=False, free_scale=False), np.array([0.001, 0.01, *np.arange(0.05, 3, 0.05)])
    assert f.convergence.ok and f.sigma < 1e-6 and (_rises_from_zero(d, f, at) > 0).all()
    rows = rows_of(d)
    m = reml.moments(pql_design.linearised(rows, pql.starts(rows)[0], LOGIT), rows.layout, False, False)
    assert reml.profile(m, reml.maximised(m, 0.5, 0.0).root, 0.0).value < reml.profile(m, 0.5, 0.0).value - 0.1


@pytest.mark.parametrize("root", [0.0, 1e-12, 1e-6, 1e-3, 0.04, 0.3, 0.5, 1.0, 2.0, 6.0])
@pytest.mark.parametrize("name, ar1", [("negative_rho", True), ("negative_rho", False), ("zero_sigma", False)])
def test_the_search_ends_at_the_same_optimum_wherever_it_begins(name, ar1, root):
    m = _moments(days(name), ar1, ar1)
    there, here = reml.maximised(m, 0.7, 0.0), reml.maximised(m, root, 0.0)
    # Newton steps end with a decrement of 1e-4 squared, or 1e-14 on the way to 0
    assert (here.root, here.z) == pytest.approx((there.root, there.z), abs=1e-6)
    assert reml.derivatives(m, here)[1][0, 0] > 0


def _moments(d, ar1, free_scale):
    rows = rows_of(d)
    return reml.moments(pql_design.linearised(rows, pql.starts(rows)[0], LOGIT), rows.layout, ar1, free_scale)


@pytest.mark.parametrize("ar1", [True, False])
@pytest.mark.parametrize("free_scale", [True, False])
@pytest.mark.parametrize("at", [(0.8, 0.3), (2.0, -0.6), (0.05, 1.5), (1.5, 0.0)])
def test_gradient_and_hessian_are_those_of_the_value(at, free_scale, ar1):
    m = _moments(days("negative_rho"), ar1, free_scale)
    at = np.array(at if ar1 else (at[0], 0.0))
    gradient, hessian = reml.derivatives(m, reml.profile(m, *at))
    h = 1e-6
    for k in range(2 if ar1 else 1):
        up, down = (reml.profile(m, *(at + s * h * np.eye(2)[k])) for s in (1, -1))
        # a value near 2,000 differenced over 2e-6: rounding alone is 2e-7 × a few
        assert gradient[k] == pytest.approx((up.value - down.value) / (2 * h), abs=1e-4, rel=1e-6)
        slope = (reml.derivatives(m, up)[0] - reml.derivatives(m, down)[0]) / (2 * h)
        # gradients of some hundreds are differenced: 1e-7 of the larger elements
        assert hessian[k][: 1 + ar1] == pytest.approx(slope[: 1 + ar1], rel=1e-6, abs=1e-6 * np.abs(hessian).max())
    if not ar1:
        assert gradient[1] == 0 and hessian[0, 1] == hessian[1, 0] == 0 < hessian[1, 1]


@pytest.mark.parametrize("at", [(0.8, 0.3), (2.0, -0.6), (0.3, 2.0)])
def test_the_profile_is_that_of_dense_matrices(at):
    """Gaps of one to many days, and participants with a single one."""
    d = days("unbalanced")
    X, (root, z) = design(d), at
    rows = pql_design.design(d.y.to_numpy(float), X, d.id.to_numpy(), d.day.to_numpy(float))
    eta = pql.starts(rows)[0]
    assert (rows.order == np.arange(len(d))).all() and len(rows.layout.n_pairs) > 4
    o = reml.profile(reml.moments(pql_design.linearised(rows, eta, LOGIT), rows.layout, True, False), root, z)
    beta, covariance, b, _ = _dense(d, X, expit(eta), eta, root, np.tanh(z), 1.0)
    se = np.sqrt(np.diag(covariance))
    assert (rows.back @ -o.contrast[1:] - beta) / se == pytest.approx(0, abs=1e-9)
    assert rows.back @ o.spread @ rows.back.T == pytest.approx(covariance, rel=1e-9, abs=1e-14)
    assert o.intercepts[rows.group] == pytest.approx(b, abs=1e-9)


@pytest.mark.sweep(6)
@pytest.mark.parametrize("row", SOLVED, ids=case_id)
def test_extrapolation_changes_the_way_and_not_the_end(row, monkeypatch):
    f = fitted(days(row["dataset"]), row["model"], ar1=row["ar1"], free_scale=row["ar1"])
    monkeypatch.setattr(pql, "NEAR", 0.0)
    monkeypatch.setattr(pql, "CLOSE", 0.0)
    plain = fitted(days(row["dataset"]), row["model"], ar1=row["ar1"], free_scale=row["ar1"])
    same(plain, f)
    assert f.convergence.messages == plain.convergence.messages
    assert f.convergence.n_iter <= plain.convergence.n_iter + 1  # a last round may be needed to see it


@pytest.mark.parametrize("name", ["trial40", "serial", "negative_rho", "unbalanced", "hundreds"])
@pytest.mark.parametrize("ar1", [True, False])
def test_a_second_run_stops_where_it_is_bound_for_the_end_of_the_first(name, ar1):
    rows = rows_of(days(name))
    there, half = pql.starts(rows)
    first, whole = pql.iterate(rows, there, ar1, ar1), pql.iterate(rows, half, ar1, ar1)
    cut = pql.iterate(rows, half, ar1, ar1, other=first.state)
    assert cut.state is first.state and cut.n_iter < whole.n_iter
    assert pql.distance(pql.parameters(first.state), pql.parameters(whole.state)) < 1e-7


@pytest.mark.parametrize("seed", PARTING)
def test_a_second_run_bound_elsewhere_is_walked_to_its_end(seed):
    rows = rows_of(parting(seed))
    first, second = (pql.iterate(rows, eta, True, True) for eta in pql.starts(rows))
    again = pql.iterate(rows, pql.starts(rows)[1], True, True, other=first.state)
    assert again.n_iter == second.n_iter and again.state.root == second.state.root
