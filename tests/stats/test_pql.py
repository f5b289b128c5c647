"""RSPL with AR(1): R's references, a dense brute-force check at the fixed point, and laws."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mixed import case_id, days, design, made_up, numbers, oracle, swapped
from scipy.special import expit
from sweeps import others_slow

from ketadash.core.errors import FitError
from ketadash.stats import pql, pql_design, reml
from ketadash.stats.glm_families import IDENTITY, LOG, LOGIT

REFERENCE = oracle("rspl")["fits"]  # tests/oracle/rspl.R; `starts` is the direct engine (see the README there)
REAL = Path(__file__).parents[3] / "shared" / "data" / "ctn0051_days.csv.gz"
SOLVED = [r for r in REFERENCE if any(s["status"] == "converged" for s in r["starts"].values())]


def _fit(d, model="linear", **how):
    return pql.fit(d.y, design(d, model), d.id, d.day, **how)


def _reference(row):
    return next(s for s in row["starts"].values() if s["status"] == "converged")


@pytest.mark.parametrize("row", SOLVED, ids=case_id)
def test_every_converged_fixed_point_agrees_with_r(row):
    f, o = _fit(days(row["dataset"]), row["model"], ar1=row["ar1"], free_scale=row["ar1"]), _reference(row)
    assert f.convergence.ok and not f.separated
    se = numbers(o["se"])
    # both stop when no parameter moves by more than 1e-8 (R: 1e-10); rounds shrink the distance by at least 0.3, save
    # from hard_start's damped approach, so what is left is below 1e-7 of anything of size 1
    assert np.abs(f.beta - numbers(o["estimates"])) / se == pytest.approx(0, abs=1e-7)
    assert np.sqrt(np.diag(f.covariance)) / se == pytest.approx(1, abs=1e-7)
    assert f.sigma == pytest.approx(o["sigma_b"], abs=1e-7)
    assert f.scale == pytest.approx(o["phi"], abs=1e-7)
    if row["ar1"]:
        assert f.rho == pytest.approx(o["rho"], abs=1e-7)
    else:
        assert f.rho is None and f.scale == 1 == row["phi_fixed"]


@pytest.mark.parametrize("row", [r for r in SOLVED if r["ar1"] and r["nlme"]["status"] == "converged"], ids=case_id)
def test_the_loop_around_nlme_is_no_further_away_than_promised(row):
    f = _fit(days(row["dataset"]), row["model"])
    # the limit of lme's inner optimiser: 8e-6 in σ, 5e-6 of a standard error in β (tests/oracle/README.md)
    distance = np.abs(f.beta - numbers(row["nlme"]["estimates"])) / np.sqrt(np.diag(f.covariance))
    assert distance == pytest.approx(0, abs=1e-4)


def test_the_references_cover_both_signs_of_rho_gaps_boundary_and_both_covariances():
    rho = {r["dataset"]: _reference(r)["rho"] for r in SOLVED if r["ar1"]}
    assert rho["negative_rho"] < -0.3 and rho["spells"] > 0.8
    assert _reference(next(r for r in SOLVED if r["dataset"] == "spells_no_intercept"))["sigma_b"] == 0
    assert {r["ar1"] for r in SOLVED} == {True, False}
    assert (days("negative_rho").groupby("id").day.diff() > 1).any()


@pytest.mark.parametrize("pattern", [(1, 3, 5), (1, 4), (2, 5), (1, 3, 6), (0, 1, 2, 3, 4, 5, 6)], ids=str)
@pytest.mark.parametrize("name", ["three_days_a_week", "every_other_day", "serial", "negative_rho", "hundreds"])
def test_rho_is_the_best_of_all_for_its_own_linearised_days(name, pattern):
    """Where no two known days are neighbours, ρ = 0, from which it is looked for, is a level point (ρ², ρ³, …)."""
    d = days(name)
    d = d[(d.day % 7).isin(pattern)]
    f = _fit(d)
    laid = pql_design.design(d.y.to_numpy(float), design(d), d.id.to_numpy(), d.day.to_numpy(float))
    beta, root = np.linalg.solve(laid.back, f.beta), f.sigma / np.sqrt(f.scale)
    rho = np.sign(f.rho) * abs(f.rho) ** laid.layout.unit
    state = pql_design.State(root, np.arctanh(rho), beta, np.zeros(laid.layout.starts.size), f.scale, np.eye(len(beta)))
    for _ in range(60):  # the intercepts that belong to it
        m = reml.moments(
            pql_design.linearised(laid, pql_design.bounded(laid, state, LOGIT), LOGIT), laid.layout, True, True
        )
        state = state._replace(intercepts=reml.profile(m, root, state.z).intercepts)
    best = min(reml.maximised(m, 0.7, z).value for z in np.arctanh(np.linspace(-0.9, 0.9, 19)))
    assert f.convergence.ok
    assert reml.profile(m, root, state.z).value <= best + 1e-5


@pytest.mark.skipif(not REAL.exists(), reason="the real data are not beside this checkout")
def test_every_other_real_day_agrees_with_r():
    """R: tests/oracle/rspl.R on the odd days up to 27 of 570 people, alcohol, a missing day counted as use.

    All gaps are even, so that ρ has no sign; the search begins at ρ = 0, where the likelihood is level.
    """
    d = pd.read_csv(REAL)
    d = d[(d.day <= 28) & (d.day % 2 == 1)]
    arm, base = (d.arm == "XR-NTX") * 1.0, d.baseline_alcohol_days
    X = np.column_stack([np.ones(len(d)), d.day, arm, d.day * arm, base.fillna(base.mean())])
    f = pql.fit(d.alcohol.fillna(1.0), X, d.participant_id, d.day)
    assert f.convergence.ok
    assert f.beta == pytest.approx([-6.59627914, 0.07749618, 0.53970454, 0.05990505, 0.0297645], abs=1e-7)
    se = [0.33171757, 0.00771473, 0.42962735, 0.01090312, 0.03370119]
    assert np.sqrt(np.diag(f.covariance)) == pytest.approx(se, abs=1e-7)
    assert (f.sigma, f.rho, f.scale) == pytest.approx((3.75886903, 0.29581102, 0.2620327), abs=1e-7)
    assert (f.beta[1] / se[1]) ** 2 == pytest.approx(100.9065757, rel=1e-5)  # F of the control arm's slope


def test_everybody_one_way_has_no_answer_and_says_so():
    d = days("trial40")
    d["y"] = (d.id % 3 > 0).astype(int)
    f = _fit(d)
    assert not f.convergence.ok and f.separated
    assert "every participant is the same way" in " ".join(f.convergence.messages)


# --- doubts are said -------------------------------------------------------------------------------------------------


def test_separation_is_said():
    f = _fit(days("separated"))
    assert f.separated and not f.convergence.ok
    assert any("penalised" in m for m in f.convergence.messages)


@pytest.mark.parametrize("outcome", [0, 1])
def test_everybody_always_the_same_is_a_fit_error(outcome):
    with pytest.raises(FitError, match="same on every day"):
        _fit(made_up(6).assign(y=outcome))


@pytest.mark.parametrize("ar1", [True, False])
@pytest.mark.parametrize("arm, outcome", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_an_arm_all_one_way_is_separated(arm, outcome, ar1):
    d = made_up(5)
    d.loc[d.arm == arm, "y"] = outcome
    f = _fit(d, ar1=ar1, free_scale=ar1)
    assert f.separated and not f.convergence.ok


def test_people_all_one_way_are_not_a_fit():
    """The scale goes to 0 with it (where the scale is fixed at 1, pseudo-likelihood does have a finite answer)."""
    d = made_up(7, n_days=14)
    d["y"] = (d.id % 4 < 2).astype(int)
    assert not _fit(d).convergence.ok


def test_a_variance_at_zero_is_said():
    f = _fit(days("spells_no_intercept"))
    assert f.sigma < 1e-6
    assert any("variance at zero" in m and "AR(1)" in m for m in f.convergence.messages)


def test_without_ar1_a_variance_at_zero_does_not_mention_it():
    f = _fit(days("zero_sigma"), ar1=False, free_scale=False)
    said = " ".join(f.convergence.messages)
    assert "variance at zero" in said and "AR(1)" not in said


# made-up trials on which the two cold starts part: to σ = 0 with a high ρ, or away altogether
PARTING = {6: (20, 10, 5), 1353: (20, 10, 5)}
RUNNING_AWAY = {207: (10, 28, 8), 273: (10, 28, 3)}
REJOINING = {91: (20, 28, 8), 142: (20, 10, 5), 215: (40, 28, 8)}  # one start comes by σ = 0, a saddle there


def _parting(seed):
    n_people, n_days, sigma = {**PARTING, **RUNNING_AWAY, **REJOINING}[seed]
    return made_up(seed, n_people=n_people, n_days=n_days, sigma=sigma)


def _cold_runs(d):
    rows = _rows(d)
    return rows, [pql.iterate(rows, eta, True, True) for eta in pql.starts(rows)]


@pytest.mark.parametrize("seed", PARTING)
def test_a_spurious_fixed_point_is_passed_over_and_said(seed):
    d = _parting(seed)
    rows, runs = _cold_runs(d)
    assert all(run.converged for run in runs)
    assert sorted(run.state.root > 0.01 for run in runs) == [False, True], "one of them has no variance between people"
    for s in (run.state for run in runs):  # both are optima of their own linearisation
        m = reml.moments(pql_design.linearised(rows, pql_design.predictor(rows, s), LOGIT), rows.layout, True, True)
        assert np.linalg.eigvalsh(reml.derivatives(m, reml.profile(m, s.root, s.z))[1])[0] > 0.1
    f = _fit(d)
    assert f.convergence.ok and f.sigma > 1
    assert any("another start of RSPL ended elsewhere" in m for m in f.convergence.messages)


@pytest.mark.parametrize("seed", REJOINING)
def test_a_start_that_comes_by_a_saddle_at_zero_leaves_it_and_nothing_is_said(seed):
    d = _parting(seed)
    first, second = (run.state for run in _cold_runs(d)[1])
    assert first.root > 1 and pql.distance(pql.parameters(first), pql.parameters(second)) < 1e-7
    assert _fit(d).convergence.messages == ()


@pytest.mark.parametrize("seed", RUNNING_AWAY)
def test_a_start_that_runs_away_is_passed_over(seed):
    f = _fit(_parting(seed))
    assert f.convergence.ok and f.sigma > 1 and f.scale < 1


def test_hard_start_does_not_run_away():
    """R's loop from the logistic fit runs away on this set; ours, damped, must not."""
    row = next(r for r in SOLVED if r["dataset"] == "hard_start")
    assert row["starts"]["glm"]["status"].startswith("diverged")
    assert _fit(days("hard_start")).convergence.ok


# --- bad input -------------------------------------------------------------------------------------------------------


def test_no_rows_is_a_fit_error():
    with pytest.raises(FitError, match="no rows"):
        pql.fit(np.zeros(0), np.zeros((0, 2)), np.zeros(0, int), np.zeros(0))


def test_a_repeated_column_is_a_fit_error():
    d = made_up(1)
    X = design(d)
    with pytest.raises(FitError, match="column 6 of 6"):
        pql.fit(d.y, np.column_stack([X, X[:, 1] + X[:, 2]]), d.id, d.day)


def test_two_rows_for_one_day_are_a_fit_error():
    d = made_up(1)
    d.loc[1, "day"] = d.loc[0, "day"]
    with pytest.raises(FitError, match="two rows for one day"):
        _fit(d)


# --- brute force -----------------------------------------------------------------------------------------------------


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
    f = _fit(d, ar1=ar1, free_scale=ar1)
    assert f.convergence.ok and f.sigma > 0.05
    _is_the_optimum(d, f)


# --- no variance between people, or some -----------------------------------------------------------------------------


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
    f = _fit(d, ar1=ar1, free_scale=ar1)
    assert f.sigma < 1e-6 and (_rises_from_zero(d, f) > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("ar1", others_slow([True, False], True))
@pytest.mark.parametrize("trial", [lambda seed: made_up(seed, sigma=0), _rare], ids=["no variance", "rare"])
def test_zero_is_the_optimum_wherever_it_is_given(trial, ar1):
    found = [(d, _fit(d, ar1=ar1, free_scale=ar1)) for d in map(trial, range(50))]
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
    f = _fit(d, ar1=ar1, free_scale=ar1)
    assert f.convergence.ok and f.sigma == pytest.approx(sigma, abs=0.01)
    _is_the_optimum(d, f)


@pytest.mark.parametrize(
    "d", [made_up(236, 24, 14, sigma=0.4), made_up(25, 20, 21, sigma=1, absent=0.1).query("id < 6")], ids=["24", "6"]
)
def test_the_starting_value_is_not_an_answer(d):
    """Both used to be given σ = 0.5, where the search begins: its first step, −1, came back there past 0."""
    f, at = _fit(d, ar1=False, free_scale=False), np.array([0.001, 0.01, *np.arange(0.05, 3, 0.05)])
    assert f.convergence.ok and f.sigma < 1e-6 and (_rises_from_zero(d, f, at) > 0).all()
    rows = _rows(d)
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
    rows = _rows(d)
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


# --- fewer rounds to the same point ----------------------------------------------------------------------------------


def _rows(d, model="linear"):
    return pql_design.design(d.y.to_numpy(float), design(d, model), d.id.to_numpy(), d.day.to_numpy(float))


@pytest.mark.parametrize("row", SOLVED, ids=case_id)
def test_extrapolation_changes_the_way_and_not_the_end(row, monkeypatch):
    f = _fit(days(row["dataset"]), row["model"], ar1=row["ar1"], free_scale=row["ar1"])
    monkeypatch.setattr(pql, "NEAR", 0.0)
    monkeypatch.setattr(pql, "CLOSE", 0.0)
    plain = _fit(days(row["dataset"]), row["model"], ar1=row["ar1"], free_scale=row["ar1"])
    _same(plain, f)
    assert f.convergence.messages == plain.convergence.messages
    assert f.convergence.n_iter <= plain.convergence.n_iter + 1  # a last round may be needed to see it


@pytest.mark.parametrize("name", ["trial40", "serial", "negative_rho", "unbalanced", "hundreds"])
@pytest.mark.parametrize("ar1", [True, False])
def test_a_second_run_stops_where_it_is_bound_for_the_end_of_the_first(name, ar1):
    rows = _rows(days(name))
    there, half = pql.starts(rows)
    first, whole = pql.iterate(rows, there, ar1, ar1), pql.iterate(rows, half, ar1, ar1)
    cut = pql.iterate(rows, half, ar1, ar1, other=first.state)
    assert cut.state is first.state and cut.n_iter < whole.n_iter
    assert pql.distance(pql.parameters(first.state), pql.parameters(whole.state)) < 1e-7


@pytest.mark.parametrize("seed", PARTING)
def test_a_second_run_bound_elsewhere_is_walked_to_its_end(seed):
    rows = _rows(_parting(seed))
    first, second = (pql.iterate(rows, eta, True, True) for eta in pql.starts(rows))
    again = pql.iterate(rows, pql.starts(rows)[1], True, True, other=first.state)
    assert again.n_iter == second.n_iter and again.state.root == second.state.root


# --- many outcomes of one design -------------------------------------------------------------------------------------


def _imputed(d, m, seed=0):
    """`m` outcomes that differ on an eighth of the days, drawn at the participant's own rate."""
    rng = np.random.default_rng(seed)
    rate = (d.groupby("id").y.transform("sum") + 1) / (d.groupby("id").y.transform("size") + 2)
    missing = rng.random(len(d)) < 1 / 8
    return np.where(missing, rng.random((m, len(d))) < rate.to_numpy(), d.y.to_numpy()).astype(float)


def _many(ys, d, **how):
    return pql.fit_many(ys, design(d), d.id, d.day, **how)


def _as_if_alone(f, alone, abs_=1e-6):
    se = np.sqrt(np.diag(alone.covariance))
    assert np.abs(f.beta - alone.beta) / se == pytest.approx(0, abs=abs_)
    assert np.sqrt(np.diag(f.covariance)) / se == pytest.approx(1, abs=abs_)
    assert (f.sigma, f.scale) == pytest.approx((alone.sigma, alone.scale), rel=abs_, abs=abs_)
    assert f.rho == (None if alone.rho is None else pytest.approx(alone.rho, abs=abs_))
    assert f.convergence.ok == alone.convergence.ok and f.separated == alone.separated
    assert f.convergence.messages == alone.convergence.messages


@pytest.mark.parametrize("name", ["trial40", "unbalanced", "negative_rho", "serial", "spells"])
@pytest.mark.parametrize("ar1", [True, False])
@pytest.mark.parametrize("given", [True, False])
def test_many_outcomes_have_the_fits_they_have_alone(name, ar1, given):
    d = days(name)
    how = {"ar1": ar1, "free_scale": ar1}
    ys = _imputed(d, 5)
    fits = _many(ys, d, near=_fit(d, **how) if given else None, **how)
    alone = [_fit(d.assign(y=y), **how) for y in ys]
    for f, g in zip(fits, alone, strict=True):
        _as_if_alone(f, g)
    assert all(f.convergence.n_iter <= g.convergence.n_iter for f, g in zip(fits, alone, strict=True))
    assert sum(f.convergence.n_iter for f in fits) < sum(g.convergence.n_iter for g in alone), "they start warm"


def test_many_outcomes_with_the_rows_in_any_order():
    d = days("negative_rho")
    ys, shuffle = _imputed(d, 3), np.random.default_rng(1).permutation(len(d))
    for f, g in zip(_many(ys, d), _many(ys[:, shuffle], d.iloc[shuffle]), strict=True):
        _as_if_alone(g, f, 1e-7)


@pytest.mark.parametrize("factor", [2, 3, 7])
@pytest.mark.parametrize("name", ["serial", "negative_rho"])
def test_many_outcomes_on_days_that_lie_apart(name, factor):
    d = days(name).assign(day=lambda d: factor * d.day)
    ys = _imputed(d, 3)
    for f, y in zip(_many(ys, d, near=_fit(d)), ys, strict=True):
        _as_if_alone(f, _fit(d.assign(y=y)))


@pytest.mark.parametrize("link", ["identity", "log"])
def test_many_measures(link):
    d, family = days("measures"), {"identity": IDENTITY, "log": LOG}[link]
    X = np.column_stack([np.ones(len(d)), d.week, d.arm, d.week * d.arm, d[f"base_{link}"]]).astype(float)
    y = d[f"y_{link}"].to_numpy(float)
    ys = y * np.exp(np.random.default_rng(0).normal(0, 0.05, (4, len(d))))
    for f, one in zip(pql.fit_many(ys, X, d.id, d.week, family=family), ys, strict=True):
        _as_if_alone(f, pql.fit(one, X, d.id, d.week, family=family))


@pytest.mark.parametrize("ar1", [True, False])
def test_one_bad_outcome_spoils_no_other(ar1):
    d = made_up(5, n_people=24, n_days=14)
    how = {"ar1": ar1, "free_scale": ar1}
    arm, own = (d.arm == 1).to_numpy(), d.y.to_numpy(float)
    never, separated, persons = np.zeros(len(d)), np.where(arm, 0.0, own), (d.id % 4 < 2).to_numpy(float)
    first, *bad, last = _many([own, never, 1 - never, separated, persons, own], d, **how)
    _as_if_alone(first, _fit(d, **how))
    _as_if_alone(last, _fit(d, **how))
    assert [type(f) for f in bad] == [FitError, FitError, pql.PqlFit, pql.PqlFit]
    assert "same on every day" in str(bad[0])
    for f, y in zip(bad[2:], (separated, persons), strict=True):
        g = _fit(d.assign(y=y), **how)
        assert f.convergence.ok == g.convergence.ok and f.separated == g.separated
        assert f.convergence.messages == g.convergence.messages
    assert bad[2].separated


def test_a_first_outcome_that_cannot_be_fitted_is_no_start():
    d = days("trial40")
    never, separated = np.zeros(len(d)), np.where(d.arm == 1, 0.0, d.y)
    fits = _many([never, separated, d.y], d, near=_fit(d.assign(y=separated)))
    assert isinstance(fits[0], FitError) and fits[1].separated
    _as_if_alone(fits[2], _fit(d))


def test_a_bad_design_is_a_fit_error_for_all():
    d = made_up(1)
    d.loc[1, "day"] = d.loc[0, "day"]
    with pytest.raises(FitError, match="two rows for one day"):
        _many([d.y, d.y], d)
    with pytest.raises(FitError, match="no rows"):
        pql.fit_many(np.zeros((2, 0)), np.zeros((0, 2)), np.zeros(0, int), np.zeros(0))


@pytest.mark.parametrize("seed", [*PARTING, *RUNNING_AWAY, *REJOINING])
@pytest.mark.parametrize("amiss", [{"sigma": 0.0}, {"sigma": 0.0, "rho": 0.9}, {"sigma": 40.0}, {"rho": 1.0}])
def test_a_start_that_misleads_is_made_good(seed, amiss):
    d = _parting(seed)
    f = _fit(d)
    (g,) = _many([d.y], d, near=replace(f, **amiss))
    se = np.sqrt(np.diag(f.covariance))
    assert g.convergence.ok and np.abs(g.beta - f.beta) / se == pytest.approx(0, abs=1e-6)
    assert (g.sigma, g.rho, g.scale) == pytest.approx((f.sigma, f.rho, f.scale), abs=1e-6)


# --- laws ------------------------------------------------------------------------------------------------------------


def _same(f, g, abs_=1e-7):
    scale = np.sqrt(np.diag(f.covariance))
    assert np.abs(g.beta - f.beta) / scale == pytest.approx(0, abs=abs_)
    assert (g.sigma, g.scale) == pytest.approx((f.sigma, f.scale), abs=abs_)


# both fits stop at 1e-8 in every parameter: they may differ by a few of those, hence 1e-7
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ar1", [True, False])
class TestLaws:
    def test_order_of_rows_and_names_of_people_change_nothing(self, seed, ar1):
        d = made_up(seed)
        f = _fit(d, ar1=ar1, free_scale=ar1)
        shuffled = d.sample(frac=1, random_state=seed).reset_index(drop=True)
        shuffled["id"] = 1000 - 7 * shuffled.id
        g = _fit(shuffled, ar1=ar1, free_scale=ar1)
        _same(f, g)
        if ar1:
            assert g.rho == pytest.approx(f.rho, abs=1e-7)

    def test_swapping_the_arms_negates_their_difference(self, seed, ar1):
        d = made_up(seed)
        f, g = _fit(d, ar1=ar1, free_scale=ar1), _fit(d.assign(arm=1 - d.arm), ar1=ar1, free_scale=ar1)
        assert np.abs(g.beta - swapped(f.beta)) / np.sqrt(np.diag(f.covariance)) == pytest.approx(0, abs=1e-7)
        assert (g.sigma, g.scale) == pytest.approx((f.sigma, f.scale), abs=1e-7)

    def test_turning_the_outcome_round_negates_every_coefficient(self, seed, ar1):
        d = made_up(seed)
        f, g = _fit(d, ar1=ar1, free_scale=ar1), _fit(d.assign(y=1 - d.y), ar1=ar1, free_scale=ar1)
        assert np.abs(g.beta + f.beta) / np.sqrt(np.diag(f.covariance)) == pytest.approx(0, abs=1e-7)
        assert (g.sigma, g.scale) == pytest.approx((f.sigma, f.scale), abs=1e-7)

    def test_time_run_backwards_is_the_same_model(self, seed, ar1):
        d = made_up(seed)
        X = design(d)
        f = pql.fit(d.y, X, d.id, d.day, ar1=ar1, free_scale=ar1)
        g = pql.fit(d.y, X, d.id, 100 - d.day, ar1=ar1, free_scale=ar1)
        _same(f, g)


@pytest.mark.parametrize("name, factor", [("serial", 2), ("serial", 7), ("spells", 2), ("negative_rho", 3)])
def test_days_further_apart_take_the_root_of_the_correlation(name, factor):
    """ρ^|7s − 7t| = (ρ⁷)^|s − t|: with days counted as weeks ρ must come out as its seventh root."""
    d = days(name)
    X = design(d)
    f, g = pql.fit(d.y, X, d.id, d.day), pql.fit(d.y, X, d.id, factor * d.day)
    assert g.rho**factor == pytest.approx(f.rho, abs=1e-7)
    _same(f, g)


def test_a_negative_correlation_at_even_distances_is_given_for_that_distance_and_said():
    d = days("negative_rho")
    X = design(d)
    f, g = pql.fit(d.y, X, d.id, d.day), pql.fit(d.y, X, d.id, 2 * d.day)
    assert g.rho == pytest.approx(f.rho, abs=1e-7)
    assert any("for that distance" in m for m in g.convergence.messages)
    assert not any("for that distance" in m for m in f.convergence.messages)


def test_without_ar1_the_days_do_not_matter():
    d = made_up(2)
    X = design(d)
    f = pql.fit(d.y, X, d.id, d.day, ar1=False, free_scale=False)
    g = pql.fit(d.y, X, d.id, d.day**2, ar1=False, free_scale=False)
    _same(f, g)
    assert f.scale == g.scale == 1.0


def test_an_absent_day_is_a_gap_and_not_a_neighbour():
    """Taking gaps for neighbours would be another model: closing them up changes ρ."""
    d = days("negative_rho")
    closed = d.groupby("id").day.rank().to_numpy()
    X = design(d)
    f, g = pql.fit(d.y, X, d.id, d.day), pql.fit(d.y, X, d.id, closed)
    assert abs(f.rho - g.rho) > 0.01


@pytest.mark.parametrize("ar1", [True, False])
def test_a_fit_is_the_same_whether_participants_scores_are_wanted_or_not(ar1):
    d, how = days("trial40"), {"ar1": ar1, "free_scale": ar1}
    with_, without = (_fit(d, "linear", with_scores=wanted, **how) for wanted in (True, False))
    assert np.array_equal(with_.beta, without.beta) and np.array_equal(with_.covariance, without.covariance)
    assert len(with_.scores) == d.id.nunique() and without.scores.shape == (0, len(with_.beta))
    (again,) = pql.fit_many([d.y], design(d, "linear"), d.id, d.day, with_scores=False, **how)
    assert np.array_equal(again.beta, with_.beta) and again.scores.shape == (0, len(with_.beta))
