"""Imputation from the logistic mixed model against R by hand (tests/oracle/imputation.R on R 4.2.2), and its laws."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from imputed_days import SEEDS, draws_of, laid_out, streams_of
from mixed import numbers, oracle
from scipy.special import expit
from sweeps import others_slow

from ketadash.stats import glmm, imputation, pooling
from ketadash.stats.imputation import draw, draw_intercepts, draw_parameters

REFERENCE = oracle("imputation")
pytestmark = pytest.mark.filterwarnings("error")


def active_of(y, X):
    """(n,) whether each missing day is of the active arm."""
    return X[..., 2][np.isnan(y)] == 1


@pytest.mark.parametrize("row", REFERENCE["posterior"], ids=lambda r: r["label"])
def test_a_participants_intercept_is_the_exact_posterior(row):
    y, eta, levels = (np.array(row[k], float) for k in ("y", "eta", "level"))

    def at(uniform):
        return draw_intercepts(
            y, np.repeat(eta[:, None], len(uniform), axis=1), np.full(len(uniform), row["sigma"]), uniform
        )

    # promised: 1e-4 of an SD, which the steepest of these (σ = 6, all days alike) strains in its tail; seen: 3e-4
    assert at(levels) == pytest.approx(np.array(row["quantile"]), abs=5e-4 * row["sd"])
    # evenly spaced uniforms: their mean and SD are the posterior's, but for the thousandth of SD beyond either end
    z = at((np.arange(2000) + 0.5) / 2000)
    assert z.mean() == pytest.approx(row["mean"], abs=1e-3 * row["sd"])
    assert z.std() == pytest.approx(row["sd"], rel=2e-3)


IMPUTED = REFERENCE["imputation"]
M = 400


def test_the_known_days_and_their_parameters_are_rs():
    y, X, fit = laid_out("imp_trial40")
    r = IMPUTED["known"]
    assert [int(active_of(y, X).sum()), int((~active_of(y, X)).sum())] == [
        IMPUTED["n_missing"]["active"],
        IMPUTED["n_missing"]["control"],
    ]
    covariance = np.array(r["covariance_log_sigma"])
    se = np.sqrt(np.diag(covariance))
    assert np.abs(fit.beta - numbers(r["estimates"])) / se[:-1] == pytest.approx(0, abs=1e-3)  # as in test_glmm
    assert fit.sigma == pytest.approx(r["sigma"], rel=1e-3 * se[-1])
    scale = np.append(np.ones(5), 1 / fit.sigma)
    assert fit.covariance * np.outer(scale, scale) / np.outer(se, se) == pytest.approx(
        covariance / np.outer(se, se), abs=1e-3
    )


@cache
def _scenario(k):
    """R's scenario k, and ours: the drawn days (M, n) and the completed trials' pooled estimates and variances."""
    r = IMPUTED["scenarios"][k]
    y, X, fit = laid_out("imp_trial40")
    delta = np.where(active_of(y, X), float(r["delta"]["active"]), float(r["delta"]["control"]))
    values = draws_of(y, X, fit, M, seed=20261124).shifted(delta)
    ys = np.repeat(y[None], M, axis=0)
    ys[:, np.isnan(y)] = values
    group = np.repeat(np.arange(len(y)), y.shape[1])
    fits = glmm.fit_many(ys.reshape(M, -1), X.reshape(y.size, -1), group)
    estimates = np.array([np.append(f.beta, f.sigma) for f in fits])
    return r, values, estimates, np.array([f.covariance for f in fits])


def _together(*squares):
    return 4 * np.sqrt(sum(squares))


@pytest.mark.parametrize("k", others_slow(range(3), 1))  # one arm's days shifted, the other's not
def test_imputed_days_are_as_often_abstinent_as_rs(k):
    """Both are means over 400 imputations from different random numbers: within four of their Monte Carlo errors taken
    together, which one in 16,000 such comparisons (here 132) would exceed if nothing were wrong."""
    r, values, _, _ = _scenario(k)
    y, X, _ = laid_out("imp_trial40")
    active, day = active_of(y, X), np.nonzero(np.isnan(y))[1] + 1
    compared = [(values[:, active == row["arm"]], row) for row in r["overall"]]
    compared += [(values[:, (active == row["arm"]) & (day == row["day"])], row) for row in r["imputed"]]
    for drawn, row in compared:
        share = drawn.mean(axis=1)
        assert row.get("n", drawn.shape[1]) == drawn.shape[1]
        assert share.mean() == pytest.approx(row["share"], abs=_together(share.var(ddof=1) / M, row["sd"] ** 2 / M))


@pytest.mark.parametrize("k", others_slow(range(3), 1))
def test_pooled_estimates_and_variances_are_rs(k):
    r, _, estimates, covariances = _scenario(k)
    ours = pooling.pool(estimates, covariances)
    q, between, total, within, within_sd = (
        numbers(r[n]) for n in ("estimate", "between", "total", "within", "within_sd")
    )
    b = np.diag(ours.between)
    bound = _together(between / M, ours.monte_carlo_se() ** 2)
    assert (np.abs(ours.estimate - q) < bound).all()
    assert (bound < 0.2 * np.sqrt(total)).all()  # a bound that could fail: 0.2 of a standard error
    # a variance of M nearly normal numbers is known to √(2 / (M − 1)) of itself
    assert (np.abs(b - between) < _together(2 / (M - 1) * b**2, 2 / (M - 1) * between**2)).all()
    spread = np.diagonal(covariances, axis1=1, axis2=2).var(axis=0, ddof=1)
    mean = np.diagonal(covariances, axis1=1, axis2=2).mean(axis=0)
    assert (np.abs(mean - within) < _together(spread / M, within_sd**2 / M)).all()
    # degrees of freedom go as the inverse square of the between variance: known to 2 √(2 / (M − 1)), 14%
    scalars = pooling.pool_each(estimates, np.diagonal(covariances, axis1=1, axis2=2))
    assert scalars.df / numbers(r["df"]) == pytest.approx(1, abs=4 * np.sqrt(2) * 0.15)


def test_the_shifts_that_were_compared_matter():
    """Otherwise three agreements would be one."""
    mar, control = (IMPUTED["scenarios"][k]["estimate"] for k in (0, 1))
    error = np.sqrt(IMPUTED["scenarios"][0]["between"]["day:arm"] / M)
    assert control["day:arm"] - mar["day:arm"] > 10 * np.sqrt(2) * error
    shares = [[arm["share"] for arm in s["overall"]] for s in IMPUTED["scenarios"]]
    assert shares[1][0] < shares[0][0] - 0.1 < shares[0][0] + 0.1 < shares[2][0]
    assert abs(shares[1][1] - shares[0][1]) < 0.02 and shares[2][1] > shares[0][1] + 0.1


def _some(seed=1, **how):
    y, X, fit = laid_out("made_up", seed)
    return y, X, draws_of(y, X, fit, **how)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_shift_is_missing_at_random_draw_for_draw(seed):
    y, _, drawn = _some(seed)
    expected = (drawn.uniform < expit(drawn.log_odds)).astype(float)
    np.testing.assert_array_equal(drawn.shifted(np.zeros(drawn.log_odds.shape[1])), expected)
    assert 0 < expected.mean() < 1 and expected.shape == (20, int(np.isnan(y).sum()))
    np.testing.assert_array_equal(drawn.where, np.isnan(y))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_once_1_stays_1_as_the_shift_rises(seed):
    _, _, drawn = _some(seed)
    n = drawn.log_odds.shape[1]
    steps = [drawn.shifted(np.full(n, d)) for d in (-np.inf, -50, -3, -1, -0.1, 0, 0.1, 1, 3, 50, np.inf)]
    for lower, higher in pairwise(steps):
        assert (higher >= lower).all()
    assert [int((b > a).sum()) > 0 for a, b in pairwise(steps)][2:-2] == [True] * 6
    assert (steps[0] == 0).all() and (steps[-1] == 1).all()


def test_a_shift_of_one_arm_changes_nobody_elses_days():
    y, X, drawn = _some()
    active = active_of(y, X)
    before = drawn.shifted(np.zeros(len(active)))
    for delta in (-np.inf, -2.0, 3.0, np.inf):
        after = drawn.shifted(np.where(active, 0.0, delta))
        np.testing.assert_array_equal(after[:, active], before[:, active])
        assert (after[:, ~active] != before[:, ~active]).any()


def test_the_shift_is_on_the_log_odds():
    """δ = log r multiplies the odds of an imputed day by r: shares of 400 × n days know that to a percent."""
    y, X, fit = laid_out("imp_trial40")
    drawn = draws_of(y, X, fit, M)
    for ratio in (0.2, 1.0, 5.0):
        odds = np.exp(drawn.log_odds) * ratio
        expected = (odds / (1 + odds)).mean()
        n = drawn.log_odds.size
        found = drawn.shifted(np.full(drawn.log_odds.shape[1], np.log(ratio))).mean()
        assert found == pytest.approx(expected, abs=4 * np.sqrt(0.25 / n))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_record_is_read_in_one_design_and_days_are_drawn_in_another(seed):
    """An arm's coefficient moved into the missing days' design moves their log-odds by just that."""
    y, X, fit = laid_out("made_up", seed)
    assert fit.sigma > 0.3
    s = streams_of(y, 10)
    own, moved = draw(fit, y, X, X, s), X.copy()
    moved[..., 2], moved[..., 3] = 0, 0
    beta, _ = draw_parameters(fit, s.normal)
    there = draw(fit, y, X, moved, s)
    arm = beta @ (X - moved)[np.isnan(y)].T
    assert own.log_odds - there.log_odds == pytest.approx(arm, abs=1e-10)
    assert np.abs(arm).max() > 0.1
    read_so = draw(fit, y, moved, moved, s)
    changed = np.abs(read_so.log_odds - there.log_odds).max(axis=0) > 1e-6
    known = (~np.isnan(y)).any(axis=1)[np.nonzero(np.isnan(y))[0]]
    np.testing.assert_array_equal(changed, active_of(y, X) & known)  # the prior of who has no record stays


def test_people_alike_are_imputed_at_the_arms_own_rate():
    """σ near 0 with an enormous standard error: draws on the log scale would send each participant to 0 or 1."""
    y, X, fit = laid_out("alike", 49, sigma=0.1)
    assert 0 < fit.sigma < 0.3 < np.sqrt(fit.covariance[-1, -1])
    drawn = draws_of(y, X, fit, 300)
    chance = expit(drawn.log_odds)
    at_fit = expit(fit.beta @ X[np.isnan(y)].T)
    assert np.abs(chance.mean(axis=0) - at_fit).max() < 0.1
    assert np.quantile(chance, 0.01) > 0.02 and np.quantile(chance, 0.99) < 0.98
    assert imputation.NEAR_ZERO == 0.5
