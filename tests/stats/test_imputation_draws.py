"""What imputation draws with: each participant's own random numbers, the model's parameters, people's intercepts."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from imputed_days import SEEDS, draws_of, laid_out, streams_of
from mixed import days, design, made_up
from scipy.special import expit
from scipy.stats import norm

from ketadash.stats import glmm
from ketadash.stats.imputation import draw, draw_intercepts, draw_parameters, streams

pytestmark = pytest.mark.filterwarnings("error")


# --- streams ---------------------------------------------------------------------------------------------------------

IDS = [f"P{i:02}" for i in range(12)]


def every_number(ids, n_days, q, m, seed):
    """People all of whose days are missing: their uniform numbers (m, G, 1 + T), and the normal ones (m, q)."""
    s = streams(ids, np.ones((len(ids), n_days), bool), q, m, seed)
    return np.concatenate([s.of_people[:, :, None], s.of_days.reshape(m, len(ids), n_days)], axis=2), s.normal


def test_the_first_of_more_imputations_are_those_of_fewer():
    (few, few_normal), (more, more_normal) = every_number(IDS, 10, 5, 7, 3), every_number(IDS, 10, 5, 50, 3)
    np.testing.assert_array_equal(more[:7], few)
    np.testing.assert_array_equal(more_normal[:7], few_normal)
    assert few.shape == (7, 12, 11) and few_normal.shape == (7, 5)


def test_who_else_there_is_and_in_which_order_changes_nobodys_numbers():
    base, normal = every_number(IDS, 10, 5, 7, 3)
    order = np.random.default_rng(0).permutation(12)
    np.testing.assert_array_equal(every_number([IDS[i] for i in order], 10, 5, 7, 3)[0], base[:, order])
    np.testing.assert_array_equal(every_number(["new", *IDS[4:]], 10, 5, 7, 3)[0][:, 1:], base[:, 4:])
    np.testing.assert_array_equal(every_number([*IDS, "new"], 10, 5, 7, 3)[1], normal)


def test_a_day_has_the_same_number_whichever_others_are_missing():
    base, _ = every_number(IDS, 10, 5, 7, 3)
    where = np.random.default_rng(1).random((12, 10)) < 0.3
    some = streams(IDS, where, 5, 7, 3)
    np.testing.assert_array_equal(some.of_people, base[:, :, 0])
    np.testing.assert_array_equal(some.of_days, base[:, :, 1:][:, where])


def test_seeds_and_names_differ():
    base, _ = every_number(IDS, 10, 5, 7, 3)
    everything = [base[:, i] for i in range(12)]
    everything += [every_number(IDS[:1], 10, 5, 7, s)[0][:, 0] for s in (0, 4, 2**32 - 1)]
    everything += [every_number(["", "P00 "], 10, 5, 7, 3)[0][:, k] for k in (0, 1)]
    for i, one in enumerate(everything):
        for other in everything[:i]:
            assert not np.isin(one, other).any()  # no number twice, so no stream is another's, shifted
    normals = [every_number(IDS, 10, 5, 7, s)[1] for s in (0, 3, 4)]
    assert not any((a == b).any() for a, b in pairwise(normals))


def test_numbers_are_uniform_and_participants_unrelated():
    uniform, normal = every_number(IDS, 20, 6, 500, 11)
    flat = np.sort(uniform.ravel())
    n = len(flat)
    # Kolmogorov–Smirnov: 1.95 / √n has a chance of 1 in 1000; the streams are seeded
    assert np.abs(flat - np.arange(1, n + 1) / n).max() < 1.95 / np.sqrt(n)
    by_person = uniform.transpose(1, 0, 2).reshape(12, -1)
    apart = np.corrcoef(by_person) - np.eye(12)
    assert np.abs(apart).max() < 4.5 / np.sqrt(by_person.shape[1])  # 66 pairs
    between = np.corrcoef(uniform[:, 3].T) - np.eye(21)  # one participant's z and days
    assert np.abs(between).max() < 4.5 / np.sqrt(500)
    assert normal.mean() == pytest.approx(0, abs=4 / np.sqrt(3000)) and normal.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("seed", SEEDS)
def test_permuted_participants_have_the_same_days(seed):
    y, X, fit = laid_out("made_up", seed)
    order = np.random.default_rng(seed).permutation(len(y))
    one = draw(fit, y, X, X, streams_of(y, 20))
    two = draw(fit, y[order], X[order], X[order], streams_of(y[order], 20, people=order))
    for drawn in (one, two):
        assert (np.diff(np.nonzero(drawn.where)[0]) >= 0).all()
    full = np.full((2, 20, *y.shape), np.nan)
    full[0][:, one.where], full[1][:, two.where] = one.log_odds, two.log_odds
    np.testing.assert_array_equal(full[0][:, order], full[1])


def test_a_participant_fewer_leaves_the_others_days():
    y, X, fit = laid_out("made_up", 1)
    one = draw(fit, y, X, X, streams_of(y, 20))
    two = draw(fit, y[1:], X[1:], X[1:], streams_of(y[1:], 20, people=range(1, len(y))))
    kept = np.nonzero(one.where)[0] > 0
    np.testing.assert_array_equal(one.log_odds[:, kept], two.log_odds)
    np.testing.assert_array_equal(one.uniform[:, kept], two.uniform)


def test_more_imputations_begin_with_the_fewer():
    y, X, fit = laid_out("made_up", 1)
    few, more = draws_of(y, X, fit, 5), draws_of(y, X, fit, 30)
    np.testing.assert_array_equal(few.uniform, more.uniform[:5])
    # the same but for sums of a matrix product in another order
    assert more.log_odds[:5] == pytest.approx(few.log_odds, abs=1e-12)


def test_parameters_are_normal_about_the_fit_sigma_on_the_log_scale():
    _, _, fit = laid_out("imp_trial40")
    m = 20000
    beta, sigma = draw_parameters(fit, np.random.default_rng(5).standard_normal((m, 6)))
    drawn = np.column_stack([beta, np.log(sigma)])
    scale = np.append(np.ones(5), 1 / fit.sigma)
    covariance = fit.covariance * np.outer(scale, scale)
    se = np.sqrt(np.diag(covariance))
    # a mean is known to 1 / √m SE, a variance or covariance to √2 / √m of the SEs' product: four of those
    assert (drawn.mean(axis=0) - np.append(fit.beta, np.log(fit.sigma))) / se == pytest.approx(0, abs=4 / np.sqrt(m))
    assert np.cov(drawn.T) / np.outer(se, se) == pytest.approx(covariance / np.outer(se, se), abs=4 * np.sqrt(2 / m))
    correlation = covariance / np.outer(se, se) - np.eye(6)
    assert np.abs(correlation[-1]).max() > 0.05 > 4 * np.sqrt(2 / m)  # so σ's correlation with β was seen


def test_no_noise_gives_the_fit_itself():
    for fit in (laid_out("imp_trial40")[2], _near_zero(32), _near_zero(126)):
        beta, sigma = draw_parameters(fit, np.zeros((2, 6)))
        assert beta == pytest.approx(np.tile(fit.beta, (2, 1))) and sigma == pytest.approx(fit.sigma)


def _near_zero(seed, n_people=40):
    d = made_up(seed, n_people=n_people, sigma=0.25)
    return glmm.fit(d.y, design(d), d.id)


@pytest.mark.parametrize(
    ("seed", "n_people", "upper"), [(32, 40, 0.736), (41, 40, 0.720), (9, 40, 0.674), (64, 16, 1.223), (35, 16, 1.066)]
)
def test_sigma_near_zero_stays_where_the_record_has_it(seed, n_people, upper):
    """People little alike: the standard error of log σ is 0.7 to 86, and draws on that scale would reach 1.2 to 1e20.

    `upper` is the 97.5% point of σ's profile likelihood read as a posterior with σ² uniform (trapezoid rule, seen
    once): the normal approximation in σ² is known to fall short of it, but by less than half.
    """
    fit = _near_zero(seed, n_people)
    assert 0 < fit.sigma < 0.3 and np.sqrt(fit.covariance[-1, -1]) / fit.sigma > 0.7
    beta, sigma = draw_parameters(fit, np.random.default_rng(6).standard_normal((20000, 6)))
    assert 0.5 * upper < np.quantile(sigma, 0.975) < 1.1 * upper
    assert sigma.min() >= 0 and sigma.max() < 3 * upper
    assert (beta.mean(axis=0) - fit.beta) / np.sqrt(np.diag(fit.covariance)[:-1]) == pytest.approx(
        0, abs=4 / np.sqrt(20000)
    )


def test_the_scale_of_sigma_changes_where_zero_comes_within_two_standard_errors():
    _, _, fit = laid_out("imp_trial40")
    normal = np.random.default_rng(7).standard_normal((50000, 6))
    for relative, far in ((0.49, 1.5), (0.51, 0.9)):
        covariance = np.diag([*np.diag(fit.covariance)[:-1], (relative * fit.sigma) ** 2])
        _, sigma = draw_parameters(replace(fit, covariance=covariance), normal)
        upper = np.quantile(sigma, 0.975) / fit.sigma
        # e^(1.96 × 0.49) = 2.6 and √(1 + 1.96 × 2 × 0.51) = 1.7 of σ
        assert upper == pytest.approx(np.exp(1.96 * 0.49) if far > 1 else np.sqrt(1 + 1.96 * 1.02), rel=0.03)


def test_a_sigma_of_zero_stays_zero():
    d = days("zero_sigma")
    fit = glmm.fit(d.y, design(d), d.id)
    assert fit.sigma == 0
    y, X = d.y.to_numpy(float).reshape(40, 14), design(d).reshape(40, 14, -1)
    y[:9, 5:] = np.nan
    s = streams_of(y, 30)
    drawn = draw(fit, y, X, X, s)
    beta, sigma = draw_parameters(fit, s.normal)
    assert (sigma == 0).all() and np.isfinite(beta).all() and beta[:, 1].std() > 0
    assert drawn.log_odds == pytest.approx(beta @ X[np.isnan(y)].T, abs=1e-12)  # whatever the record


def test_a_participant_without_known_days_draws_from_the_prior():
    u = np.array([1e-6, 0.001, 0.025, 0.31, 0.5, 0.8, 0.999, 1 - 1e-6])
    z = draw_intercepts(np.zeros(0), np.zeros((0, 8)), np.full(8, 2.0), u)
    assert z[1:-1] == pytest.approx(norm.ppf(u[1:-1]), abs=2e-4)
    assert z[[0, -1]] == pytest.approx(norm.ppf(u[[0, -1]]), abs=1e-3)
    y, X, fit = laid_out("made_up", 1)
    s = streams_of(y, 50)
    drawn = draw(fit, y, X, X, s)
    beta, sigma = draw_parameters(fit, s.normal)
    own = np.nonzero(drawn.where)[0] == 4
    assert own.sum() == y.shape[1]
    expected = beta @ X[4].T + (sigma * norm.ppf(s.of_people[:, 4]))[:, None]
    assert drawn.log_odds[:, own] == pytest.approx(expected, abs=1e-2)


def test_intercepts_rise_with_their_uniform_and_with_the_record():
    u = np.linspace(0.001, 0.999, 200)
    by_record = []
    for ones in range(0, 11, 2):
        y = (np.arange(10) < ones).astype(float)
        z = draw_intercepts(y, np.zeros((10, 200)), np.full(200, 2.0), u)
        assert (np.diff(z) > 0).all()
        by_record.append(z)
    assert (np.diff(by_record, axis=0) > 0).all()


def test_turning_the_record_round_negates_the_intercept():
    rng = np.random.default_rng(8)
    y, eta, u = (rng.random(12) < 0.7).astype(float), rng.normal(size=(12, 50)), rng.random(50)
    sigma = rng.uniform(0.2, 5, 50)
    a, b = draw_intercepts(y, eta, sigma, u), draw_intercepts(1 - y, -eta, sigma, 1 - u)
    assert b == pytest.approx(-a, abs=1e-3)  # the table's error twice


@pytest.mark.sweep(2)
@pytest.mark.parametrize("sigma", [0.3, 1.5, 4.0])
def test_intercepts_given_records_that_they_made_are_the_populations(sigma):
    """z ~ N(0, 1), a record given z, z' given the record: z' ~ N(0, 1) again, and says no more of y than z does.

    1500 participants know a mean to 1/39 and a variance to 1/27: four of those.
    """
    rng = np.random.default_rng(9)
    n, t = 1500, 10
    z = rng.normal(size=n)
    eta = rng.normal(0.3, 1, (n, t))
    y = (rng.random((n, t)) < expit(eta + sigma * z[:, None])).astype(float)
    again = np.array([draw_intercepts(y[i], eta[i][:, None], np.array([sigma]), rng.random(1))[0] for i in range(n)])
    assert again.mean() == pytest.approx(0, abs=4 / np.sqrt(n))
    assert again.var() == pytest.approx(1, abs=4 * np.sqrt(2 / n))
    total = y.sum(axis=1) - expit(eta).sum(axis=1)
    apart = total * (again - z) / total.std()
    assert apart.mean() == pytest.approx(0, abs=4 * apart.std() / np.sqrt(n))


@pytest.mark.parametrize("sigma", [0.0, 1e-6, 25.0, 1000.0])
@pytest.mark.parametrize("shift", [-60.0, 0.0, 60.0])
def test_intercepts_are_finite_at_extremes(sigma, shift):
    y = np.array([1.0, 0.0, 1.0, 1.0])
    u = np.array([1e-12, 0.5, 1 - 1e-12])
    z = draw_intercepts(y, np.full((4, 3), shift), np.full(3, sigma), u)
    assert np.isfinite(z).all() and (np.diff(z) > 0).all()
    if sigma <= 1e-6:
        assert z[1] == pytest.approx(0, abs=1e-3)
    if sigma >= 25:  # the record says p near a half to three quarters, so that σ z undoes the shift
        assert sigma * z[1] == pytest.approx(-shift + 1, abs=8)
