"""The logistic mixed model by adaptive quadrature: R's references, laws of likelihood, and where fits go astray."""

import numpy as np
import pandas as pd
import pytest
from mixed import blocks_of, case_id, days, design, fit_of, made_up, numbers, oracle, swapped
from scipy.special import expit

from ketadash.core.errors import FitError
from ketadash.stats import adaptive, glmm
from ketadash.stats.separation import is_separated

REFERENCE = oracle("glmm")  # tests/oracle/glmm.R, beside lme4 1.1-31 (see the README there for how the two agree)


def _agrees(f, row):
    """Promised: −2 log L to 1e-3, estimates and standard errors to 1% of a standard error.

    Held to ten times that: the nodes are raised until −2 log L moves by less than 1e-4, and 1e-4 covers what all
    further doublings could add; 1e-3 of a standard error is what such a change moves an estimate by, at most.
    """
    se, reference = np.sqrt(np.diag(f.covariance)), numbers(row["se"])
    assert f.minus2ll == pytest.approx(row["minus2ll"], abs=1e-4)
    assert np.abs(f.beta - numbers(row["estimates"])) / reference == pytest.approx(0, abs=1e-3)
    assert se[:-1] / reference == pytest.approx(1, abs=1e-3)
    if row["se_sigma"] is None:
        assert f.sigma == row["sigma"] == 0
        assert se[-1] == 0
    else:
        assert f.sigma == pytest.approx(row["sigma"], abs=1e-3 * row["se_sigma"])
        assert se[-1] == pytest.approx(row["se_sigma"], rel=1e-3)


@pytest.mark.parametrize("row", REFERENCE["fits"], ids=case_id)
def test_every_data_set_agrees_with_r(row):
    f = fit_of(days(row["dataset"]), row["model"])
    _agrees(f, row)
    assert f.convergence.ok and not f.separated
    assert f.convergence.gradient_norm < 1e-2  # the score, which is large where information is: it is judged scaled


@pytest.mark.parametrize("row", REFERENCE["penalised"], ids=case_id)
def test_penalised_fits_agree_with_r(row):
    d = days(row["dataset"])
    f = fit_of(d, row["model"], penalty=glmm.Penalty())
    _agrees(f, row)
    assert f.convergence.ok and not f.separated
    X = design(d, row["model"])
    penalty = ((f.beta * 2 * X.std(axis=0) / 2.5) ** 2).sum() / 2 + (f.sigma / 5.0) ** 2 / 2
    # second order at the maximum: differs by no more than −2 log L does
    assert -f.minus2ll / 2 - penalty == pytest.approx(row["penalised_loglik"], abs=1e-4)


@pytest.mark.parametrize("row", [r for r in REFERENCE["fits"] if "glmer" in r], ids=case_id)
def test_lme4_itself_is_no_further_away_than_promised(row):
    f = fit_of(days(row["dataset"]), row["model"])
    # lme4's optimiser stops at about 1e-6 in −2 log L; 1% of a standard error as promised to readers
    distance = np.abs(f.beta - numbers(row["glmer"]["estimates"])) / numbers(row["se"])
    assert distance == pytest.approx(0, abs=0.01)


def test_the_shapes_that_were_promised_are_all_there():
    names = {row["dataset"] for row in REFERENCE["fits"]}
    assert len(names) >= 6
    assert {"small_sigma", "large_sigma", "unbalanced", "near_separated", "trial40", "hundreds"} <= names


def test_separation_is_said_and_never_passed_off_as_a_fit():
    f = fit_of(days("separated"))
    assert f.separated and not f.convergence.ok
    assert any("penalised" in message for message in f.convergence.messages)
    # what such a fit would have shown: an arm effect beyond belief, with a standard error to match
    assert abs(f.beta[2]) > 10 or not np.isfinite(f.covariance).all() or np.sqrt(f.covariance[2, 2]) > 10


@pytest.mark.parametrize("arm", [0, 1])
@pytest.mark.parametrize("outcome", [0, 1])
def test_an_arm_all_one_way_is_separated_whichever_arm_and_way(arm, outcome):
    d = made_up(5)
    d.loc[d.arm == arm, "y"] = outcome
    assert fit_of(d).separated
    penalised = fit_of(d, penalty=glmm.Penalty())
    assert penalised.convergence.ok and np.isfinite(penalised.covariance).all()
    # arm and day:arm share what cannot be told apart: the arm's log-odds at mid-window point the way the data do
    gap = penalised.beta[2] + 6.5 * penalised.beta[3]
    assert (gap > 1) == ((arm == 1) == (outcome == 1))


def test_an_outlier_in_a_covariate_is_no_separation():
    """Its column's standard error per SD is large; a linear programme and the likelihood's shape decide, not that."""
    d = days("outlying_baseline")
    f = fit_of(d)
    per_sd = np.sqrt(f.covariance[4, 4]) * d.base.std()
    assert per_sd > glmm.VAGUE and f.convergence.ok and not f.separated
    assert not is_separated(d.y, design(d))


def test_an_arm_all_one_way_but_for_an_outlier_is_as_good_as_separated():
    """Finite by the linear programme alone, yet the likelihood is flat for tens of log-odds."""
    d = days("outlying_baseline")
    d["y"] = np.where((d.arm == 0) & (d.day == 2) & (d.base < 300), 1, d.y)
    f = fit_of(d)
    assert not is_separated(d.y, design(d))
    assert f.separated and not f.convergence.ok


@pytest.mark.parametrize("seed", range(30))
def test_separation_is_what_a_dense_search_over_directions_finds(seed):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(9), rng.integers(0, 3, 9)]).astype(float)
    y = rng.integers(0, 2, 9)
    # in two columns every direction that matters is normal to one of the rows, or lies between two that are
    angles = np.concatenate([np.arctan2(-X[:, 0], X[:, 1]), np.arctan2(X[:, 0], -X[:, 1])])
    angles = np.unique(np.round(np.concatenate([angles, (angles[:, None] + angles[None]).ravel() / 2]), 12))
    products = (2 * y - 1)[:, None] * (X @ np.array([np.cos(angles), np.sin(angles)]))
    expected = bool(((products > -1e-9).all(axis=0) & (products > 1e-9).any(axis=0)).any())
    assert is_separated(y, X) is expected


def test_everybody_always_the_same_is_separated():
    d = made_up(6).assign(y=1)
    assert fit_of(d).separated


def test_people_all_one_way_make_sigma_run_away():
    d = made_up(7, n_days=14)
    d["y"] = (d.id % 4 < 2).astype(int)  # each person always or never; both kinds in both arms
    assert fit_of(d).separated


def test_zero_variance_is_said_and_leaves_a_logistic_regression():
    d = days("zero_sigma")
    f, X, y = fit_of(d), design(d), d.y.to_numpy()
    assert f.sigma == 0 and any("estimated as zero" in m for m in f.convergence.messages)
    mu = expit(X @ f.beta)
    # the score of an ordinary logistic regression; 1e-3 against columns whose information is in the thousands
    assert X.T @ (y - mu) == pytest.approx(0, abs=1e-3)
    information = (X * (mu * (1 - mu))[:, None]).T @ X
    assert f.covariance[:-1, :-1] == pytest.approx(np.linalg.inv(information), rel=1e-5)
    assert (f.covariance[-1] == 0).all()


def test_large_sigma_raises_the_number_of_nodes_and_reports_it():
    row = next(r for r in REFERENCE["fits"] if r["dataset"] == "large_sigma")
    d = days("large_sigma")
    f = fit_of(d, n_quad=25)
    assert f.n_quad > 25
    # what 25 nodes alone would have said (lme4's is 0.017 too high; tests/oracle/README.md)
    b = blocks_of(d, design(d))
    theta = np.append(np.linalg.solve(b.back, f.beta), f.sigma)
    few = -2 * adaptive.integrate(b, theta, adaptive.anywhere(b, 25)).value
    assert abs(few - row["minus2ll"]) > 5e-3 > 50 * abs(f.minus2ll - row["minus2ll"])


@pytest.mark.parametrize("n_quad", [1, 3, 9, 51])
def test_the_answer_does_not_depend_on_the_number_of_nodes_begun_with(n_quad):
    d = days("trial40")
    row = next(r for r in REFERENCE["fits"] if r["dataset"] == "trial40")
    f = fit_of(d, n_quad=n_quad)
    _agrees(f, row)
    assert f.n_quad >= n_quad


def test_a_small_sigma_settles_at_the_nodes_begun_with():
    assert fit_of(days("small_sigma")).n_quad == 25


def test_no_rows_is_a_fit_error():
    with pytest.raises(FitError, match="no rows"):
        glmm.fit(np.zeros(0), np.zeros((0, 3)), np.zeros(0, int))


@pytest.mark.parametrize("column", ["repeat", "constant", "zero", "sum"])
def test_a_column_that_says_nothing_new_is_a_fit_error(column):
    d = made_up(1)
    X = design(d)
    extra = {
        "repeat": X[:, 4],
        "constant": np.full(len(d), 3.0),
        "zero": np.zeros(len(d)),
        "sum": X[:, 1] - 2 * X[:, 4],
    }
    with pytest.raises(FitError, match="column 6 of 6"):
        glmm.fit(d.y, np.column_stack([X, extra[column]]), d.id)


def test_one_participant_has_no_variance_between_participants():
    d = made_up(2, n_people=1, n_days=30, absent=0)
    f = glmm.fit(d.y, np.column_stack([np.ones(30), d.day]), d.id)
    assert f.sigma == 0
    assert np.isfinite(f.beta).all() and np.isfinite(f.covariance).all()
    with pytest.raises(FitError):  # an arm cannot be compared within one person
        fit_of(d)


def test_one_day_a_participant_still_fits():
    d = made_up(3, n_people=60, n_days=1, absent=0)
    d["base"] = d.base.round()
    f = glmm.fit(d.y, np.column_stack([np.ones(60), d.arm]), d.id)
    assert np.isfinite(f.minus2ll)


# --- laws ------------------------------------------------------------------------------------------------------------

SEEDS = range(4)


def _scaled(difference, f):
    return np.abs(difference) / np.sqrt(np.diag(f.covariance)[:-1])


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_rows_and_names_of_people_change_nothing(seed):
    d = made_up(seed)
    f = fit_of(d)
    shuffled = d.sample(frac=1, random_state=seed).reset_index(drop=True)
    shuffled["id"] = 1000 - 7 * shuffled.id
    g = fit_of(shuffled)
    assert g.minus2ll == pytest.approx(f.minus2ll, abs=1e-9)
    # a stop in Newton's method at 1e-6 standard errors could differ by rounding; it does not, to 1e-8
    assert _scaled(g.beta - f.beta, f) == pytest.approx(0, abs=1e-8)
    assert g.covariance == pytest.approx(f.covariance, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_swapping_the_arms_negates_their_difference(seed):
    d = made_up(seed)
    f, g = fit_of(d), fit_of(d.assign(arm=1 - d.arm))
    assert g.minus2ll == pytest.approx(f.minus2ll, abs=1e-9)
    assert _scaled(g.beta - swapped(f.beta), f) == pytest.approx(0, abs=1e-6)  # Newton stops at 1e-6 of an SE
    assert g.covariance[3, 3] == pytest.approx(f.covariance[3, 3], rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_turning_the_outcome_round_negates_every_coefficient(seed):
    d = made_up(seed)
    f, g = fit_of(d), fit_of(d.assign(y=1 - d.y))
    assert g.minus2ll == pytest.approx(f.minus2ll, abs=1e-9)
    assert g.sigma == pytest.approx(f.sigma, abs=1e-6)
    assert _scaled(g.beta + f.beta, f) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", ["linear", "quadratic"])
def test_where_the_days_are_counted_from_leaves_the_likelihood(seed, model):
    d = made_up(seed)
    f, g = fit_of(d, model), fit_of(d.assign(day=d.day - 11), model)
    assert g.minus2ll == pytest.approx(f.minus2ll, abs=1e-8)
    assert g.sigma == pytest.approx(f.sigma, abs=1e-6)
    assert g.beta[-2] == pytest.approx(f.beta[-2], abs=1e-6 * np.sqrt(f.covariance[-3, -3]) + 1e-6)  # day:arm


def test_units_of_a_covariate_only_rescale_its_coefficient():
    d = made_up(0)
    f, g = fit_of(d), fit_of(d.assign(base=d.base * 1e6))
    assert g.minus2ll == pytest.approx(f.minus2ll, abs=1e-9)
    assert g.beta[4] * 1e6 == pytest.approx(f.beta[4], rel=1e-5)


def test_everybody_twice_doubles_nothing_but_information():
    """Two copies of every participant (as new people): the same estimates, −2 log L twice, covariance half."""
    d = made_up(1)
    f = fit_of(d)
    g = fit_of(pd.concat([d, d.assign(id=d.id + 500)], ignore_index=True))
    assert g.minus2ll == pytest.approx(2 * f.minus2ll, abs=1e-8)
    assert _scaled(g.beta - f.beta, f) == pytest.approx(0, abs=1e-6)
    assert g.covariance == pytest.approx(f.covariance / 2, rel=1e-5)


def _variations(d, n, share, seed=0):
    """The outcome with a share of its days turned round, n times."""
    rng = np.random.default_rng(seed)
    y = d.y.to_numpy(float)
    return np.array([np.where(rng.random(len(y)) < share, 1 - y, y) for _ in range(n)])


@pytest.mark.parametrize("name", ["trial40", "large_sigma", "unbalanced", "zero_sigma"])
def test_many_fits_are_the_fits_one_by_one(name):
    d = days(name)
    ys = _variations(d, 6, 0.03)
    for near in (None, fit_of(d)):
        for y, f in zip(ys, glmm.fit_many(ys, design(d), d.id, near), strict=True):
            alone = glmm.fit(y, design(d), d.id)
            # the nodes are those that the first needed: what they leave open is what −2 log L leaves open in `_agrees`
            assert f.minus2ll == pytest.approx(alone.minus2ll, abs=1e-4)
            assert _scaled(f.beta - alone.beta, alone) == pytest.approx(0, abs=1e-3)
            assert np.sqrt(np.diag(f.covariance)) == pytest.approx(np.sqrt(np.diag(alone.covariance)), rel=1e-3)
            assert f.convergence.ok


def test_a_separated_outcome_among_many_spoils_no_other():
    d = days("trial40")
    hopeless = np.where(d.arm == 1, 1.0, d.y)
    ys = np.array([hopeless, d.y, hopeless, d.y])
    fits = glmm.fit_many(ys, design(d), d.id)
    assert [f.separated for f in fits] == [True, False, True, False]
    for f in (fits[1], fits[3]):
        assert _scaled(f.beta - fit_of(d).beta, fit_of(d)) == pytest.approx(0, abs=1e-3)


def test_many_fits_near_a_separated_one_begin_anew():
    d = days("trial40")
    hopeless = glmm.fit(np.where(d.arm == 1, 1.0, d.y), design(d), d.id)
    (f,) = glmm.fit_many([d.y], design(d), d.id, hopeless)
    assert f.convergence.ok and f.minus2ll == pytest.approx(fit_of(d).minus2ll, abs=1e-9)
