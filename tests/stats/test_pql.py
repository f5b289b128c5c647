"""RSPL with AR(1): R's references, doubts that are said, and laws."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mixed import case_id, days, design, made_up, numbers, swapped
from rspl_fits import PARTING, REJOINING, RUNNING_AWAY, SOLVED, fitted, parting, rows_of, same

from ketadash.core.errors import FitError
from ketadash.stats import pql, pql_design, reml
from ketadash.stats.glm_families import LOGIT

REAL = Path(__file__).parents[3] / "shared" / "data" / "ctn0051_days.csv.gz"


def _reference(row):
    return next(s for s in row["starts"].values() if s["status"] == "converged")


@pytest.mark.parametrize("row", SOLVED, ids=case_id)
def test_every_converged_fixed_point_agrees_with_r(row):
    f, o = fitted(days(row["dataset"]), row["model"], ar1=row["ar1"], free_scale=row["ar1"]), _reference(row)
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
    f = fitted(days(row["dataset"]), row["model"])
    # the limit of lme's inner optimiser: 8e-6 in σ, 5e-6 of a standard error in β (tests/oracle/README.md)
    distance = np.abs(f.beta - numbers(row["nlme"]["estimates"])) / np.sqrt(np.diag(f.covariance))
    assert distance == pytest.approx(0, abs=1e-4)


def test_the_references_cover_both_signs_of_rho_gaps_boundary_and_both_covariances():
    rho = {r["dataset"]: _reference(r)["rho"] for r in SOLVED if r["ar1"]}
    assert rho["negative_rho"] < -0.3 and rho["spells"] > 0.8
    assert _reference(next(r for r in SOLVED if r["dataset"] == "spells_no_intercept"))["sigma_b"] == 0
    assert {r["ar1"] for r in SOLVED} == {True, False}
    assert (days("negative_rho").groupby("id").day.diff() > 1).any()


@pytest.mark.sweep(8)
@pytest.mark.parametrize("pattern", [(1, 3, 5), (1, 4), (2, 5), (1, 3, 6), (0, 1, 2, 3, 4, 5, 6)], ids=str)
@pytest.mark.parametrize("name", ["three_days_a_week", "every_other_day", "serial", "negative_rho", "hundreds"])
def test_rho_is_the_best_of_all_for_its_own_linearised_days(name, pattern):
    """Where no two known days are neighbours, ρ = 0, from which it is looked for, is a level point (ρ², ρ³, …)."""
    d = days(name)
    d = d[(d.day % 7).isin(pattern)]
    f = fitted(d)
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
    f = fitted(d)
    assert not f.convergence.ok and f.separated
    assert "every participant is the same way" in " ".join(f.convergence.messages)


def test_separation_is_said():
    f = fitted(days("separated"))
    assert f.separated and not f.convergence.ok
    assert any("penalised" in m for m in f.convergence.messages)


@pytest.mark.parametrize("outcome", [0, 1])
def test_everybody_always_the_same_is_a_fit_error(outcome):
    with pytest.raises(FitError, match="same on every day"):
        fitted(made_up(6).assign(y=outcome))


@pytest.mark.parametrize("ar1", [True, False])
@pytest.mark.parametrize("arm, outcome", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_an_arm_all_one_way_is_separated(arm, outcome, ar1):
    d = made_up(5)
    d.loc[d.arm == arm, "y"] = outcome
    f = fitted(d, ar1=ar1, free_scale=ar1)
    assert f.separated and not f.convergence.ok


def test_people_all_one_way_are_not_a_fit():
    """The scale goes to 0 with it (where the scale is fixed at 1, pseudo-likelihood does have a finite answer)."""
    d = made_up(7, n_days=14)
    d["y"] = (d.id % 4 < 2).astype(int)
    assert not fitted(d).convergence.ok


def test_a_variance_at_zero_is_said():
    f = fitted(days("spells_no_intercept"))
    assert f.sigma < 1e-6
    assert any("variance at zero" in m and "AR(1)" in m for m in f.convergence.messages)


def test_without_ar1_a_variance_at_zero_does_not_mention_it():
    f = fitted(days("zero_sigma"), ar1=False, free_scale=False)
    said = " ".join(f.convergence.messages)
    assert "variance at zero" in said and "AR(1)" not in said


def _cold_runs(d):
    rows = rows_of(d)
    return rows, [pql.iterate(rows, eta, True, True) for eta in pql.starts(rows)]


@pytest.mark.parametrize("seed", PARTING)
def test_a_spurious_fixed_point_is_passed_over_and_said(seed):
    d = parting(seed)
    rows, runs = _cold_runs(d)
    assert all(run.converged for run in runs)
    assert sorted(run.state.root > 0.01 for run in runs) == [False, True], "one of them has no variance between people"
    for s in (run.state for run in runs):  # both are optima of their own linearisation
        m = reml.moments(pql_design.linearised(rows, pql_design.predictor(rows, s), LOGIT), rows.layout, True, True)
        assert np.linalg.eigvalsh(reml.derivatives(m, reml.profile(m, s.root, s.z))[1])[0] > 0.1
    f = fitted(d)
    assert f.convergence.ok and f.sigma > 1
    assert any("another start of RSPL ended elsewhere" in m for m in f.convergence.messages)


@pytest.mark.parametrize("seed", REJOINING)
def test_a_start_that_comes_by_a_saddle_at_zero_leaves_it_and_nothing_is_said(seed):
    d = parting(seed)
    first, second = (run.state for run in _cold_runs(d)[1])
    assert first.root > 1 and pql.distance(pql.parameters(first), pql.parameters(second)) < 1e-7
    assert fitted(d).convergence.messages == ()


@pytest.mark.parametrize("seed", RUNNING_AWAY)
def test_a_start_that_runs_away_is_passed_over(seed):
    f = fitted(parting(seed))
    assert f.convergence.ok and f.sigma > 1 and f.scale < 1


def test_hard_start_does_not_run_away():
    """R's loop from the logistic fit runs away on this set; ours, damped, must not."""
    row = next(r for r in SOLVED if r["dataset"] == "hard_start")
    assert row["starts"]["glm"]["status"].startswith("diverged")
    assert fitted(days("hard_start")).convergence.ok


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
        fitted(d)


# both fits stop at 1e-8 in every parameter: they may differ by a few of those, hence 1e-7
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ar1", [True, False])
class TestLaws:
    def test_order_of_rows_and_names_of_people_change_nothing(self, seed, ar1):
        d = made_up(seed)
        f = fitted(d, ar1=ar1, free_scale=ar1)
        shuffled = d.sample(frac=1, random_state=seed).reset_index(drop=True)
        shuffled["id"] = 1000 - 7 * shuffled.id
        g = fitted(shuffled, ar1=ar1, free_scale=ar1)
        same(f, g)
        if ar1:
            assert g.rho == pytest.approx(f.rho, abs=1e-7)

    def test_swapping_the_arms_negates_their_difference(self, seed, ar1):
        d = made_up(seed)
        f, g = fitted(d, ar1=ar1, free_scale=ar1), fitted(d.assign(arm=1 - d.arm), ar1=ar1, free_scale=ar1)
        assert np.abs(g.beta - swapped(f.beta)) / np.sqrt(np.diag(f.covariance)) == pytest.approx(0, abs=1e-7)
        assert (g.sigma, g.scale) == pytest.approx((f.sigma, f.scale), abs=1e-7)

    def test_turning_the_outcome_round_negates_every_coefficient(self, seed, ar1):
        d = made_up(seed)
        f, g = fitted(d, ar1=ar1, free_scale=ar1), fitted(d.assign(y=1 - d.y), ar1=ar1, free_scale=ar1)
        assert np.abs(g.beta + f.beta) / np.sqrt(np.diag(f.covariance)) == pytest.approx(0, abs=1e-7)
        assert (g.sigma, g.scale) == pytest.approx((f.sigma, f.scale), abs=1e-7)

    def test_time_run_backwards_is_the_same_model(self, seed, ar1):
        d = made_up(seed)
        X = design(d)
        f = pql.fit(d.y, X, d.id, d.day, ar1=ar1, free_scale=ar1)
        g = pql.fit(d.y, X, d.id, 100 - d.day, ar1=ar1, free_scale=ar1)
        same(f, g)


@pytest.mark.parametrize("name, factor", [("serial", 2), ("serial", 7), ("spells", 2), ("negative_rho", 3)])
def test_days_further_apart_take_the_root_of_the_correlation(name, factor):
    """ρ^|7s − 7t| = (ρ⁷)^|s − t|: with days counted as weeks ρ must come out as its seventh root."""
    d = days(name)
    X = design(d)
    f, g = pql.fit(d.y, X, d.id, d.day), pql.fit(d.y, X, d.id, factor * d.day)
    assert g.rho**factor == pytest.approx(f.rho, abs=1e-7)
    same(f, g)


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
    same(f, g)
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
    with_, without = (fitted(d, "linear", with_scores=wanted, **how) for wanted in (True, False))
    assert np.array_equal(with_.beta, without.beta) and np.array_equal(with_.covariance, without.covariance)
    assert len(with_.scores) == d.id.nunique() and without.scores.shape == (0, len(with_.beta))
    (again,) = pql.fit_many([d.y], design(d, "linear"), d.id, d.day, with_scores=False, **how)
    assert np.array_equal(again.beta, with_.beta) and again.scores.shape == (0, len(with_.beta))
