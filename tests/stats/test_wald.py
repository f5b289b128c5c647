"""Containment degrees of freedom by brute-force rank, and Wald tests against R's closed forms."""

import subprocess
import sys

import numpy as np
import pytest
from mixed import design, made_up
from scipy import stats

from ketadash.stats.wald import (
    containment_df,
    contrast_variance,
    f_tail,
    normal_quantile,
    t_quantile,
    t_tails,
    t_test,
)


def _brute(X, group):
    indicators = (group[:, None] == np.unique(group)[None, :]).astype(float)
    scaled = X / np.sqrt((X**2).sum(axis=0))
    return len(X) - np.linalg.matrix_rank(np.column_stack([scaled, indicators]))


def _paper(quadratic):
    person = np.repeat(np.arange(40), 21)
    day, arm = np.tile(np.arange(1.0, 22.0), 40), (person < 20).astype(float)
    base = np.random.default_rng(1).normal(40, 12, 40)[person]
    square = [day**2] if quadratic else []
    return np.column_stack([np.ones(840), day, *square, arm, day * arm, base]), person


@pytest.mark.parametrize("quadratic, printed", [(True, 797), (False, 798)])
def test_forty_people_and_21_days_give_the_degrees_of_freedom_that_the_paper_prints(quadratic, printed):
    X, person = _paper(quadratic)
    assert containment_df(X, person) == printed == _brute(X, person)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("model", ["linear", "quadratic"])
def test_containment_is_rows_minus_the_rank_of_fixed_effects_and_people(seed, model):
    d = made_up(seed, n_people=3 + 2 * seed, n_days=2 + seed, absent=0.4)
    X, group = design(d, model), np.unique(d.id, return_inverse=True)[1]
    assert containment_df(X, group) == _brute(X, group)


def test_participants_without_a_row_do_not_count():
    X, person = _paper(False)
    assert containment_df(X, 3 * person + 7) == containment_df(X, person)


def test_a_covariate_that_changes_within_people_costs_a_degree_of_freedom():
    X, person = _paper(False)
    varying = np.random.default_rng(2).normal(size=len(X))
    assert containment_df(np.column_stack([X, varying]), person) == containment_df(X, person) - 1


def test_units_of_a_column_do_not_matter():
    X, person = _paper(True)
    for factor in (1e-9, 1e9):
        assert containment_df(X * np.array([1, factor, 1, 1, 1, 1]), person) == 797


def test_t_against_r():
    # R 4.2.2: 2 * pt(-2.5, 797), qt(.975, 797), ten digits printed
    t, p, low, high = t_test(1.0, 0.4, 797, 0.95)
    assert t == 2.5
    assert p == pytest.approx(0.01261924964, abs=5e-12)
    assert (high - low) / 2 / 0.4 == pytest.approx(1.962944934, abs=5e-10)


def test_a_tiny_p_is_not_zero():
    assert 0 < t_test(9.5, 1.0, 797, 0.95)[1] < 1e-18


@pytest.mark.parametrize("se, df", [(None, 10), (0.0, 10), (np.nan, 10), (np.inf, 10), (1.0, 0), (1.0, -2)])
def test_without_a_standard_error_or_degrees_of_freedom_there_is_no_test(se, df):
    assert t_test(1.0, se, df, 0.95) == (None, None, None, None)


def test_the_interval_excludes_zero_exactly_when_p_is_below_alpha():
    for confidence in (0.8, 0.95, 0.99):
        for t in np.linspace(-4, 4, 81):
            _, p, low, high = t_test(t, 1.0, 9, confidence)
            assert (low > 0 or high < 0) == (p < 1 - confidence)


def test_normal_quantile():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-14)


@pytest.mark.parametrize("seed", range(20))
def test_a_contrast_that_does_not_vary_has_variance_zero_and_not_rounding_of_either_sign(seed):
    random = np.random.default_rng(seed)
    half = random.normal(size=(2, 4)) * 10.0 ** random.uniform(-3, 3)
    covariance = half.T @ half  # of rank 2: what lies across both does not vary
    still = np.linalg.svd(half)[2][-1]
    assert contrast_variance(still, covariance) == 0.0
    assert contrast_variance(half[0], covariance) == half[0] @ covariance @ half[0] > 0


def test_the_variance_of_what_is_not_known_is_not_known():
    assert np.isnan(contrast_variance(np.ones(2), np.full((2, 2), np.nan)))


def test_tails_and_quantiles_are_those_of_scipy_stats_which_takes_long_to_import():
    rng = np.random.default_rng(3)
    for df, t, confidence in zip(
        rng.uniform(0.5, 900, 50), rng.normal(0, 5, 50), rng.uniform(0.5, 0.999, 50), strict=True
    ):
        assert t_quantile(confidence, df) == stats.t.ppf((1 + confidence) / 2, df)
        assert t_tails(t, df) == 2 * stats.t.sf(abs(t), df)
        assert f_tail(t * t, df) == stats.f.sf(t * t, 1, df)
    assert t_quantile(0.95, np.inf) == pytest.approx(normal_quantile(0.95), rel=1e-14)
    assert normal_quantile(0.95) == stats.norm.ppf(0.975)


def test_an_analysis_does_without_scipy_stats():
    """It takes most of a second to import, in every worker process."""
    code = "import sys, ketadash.analyse; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
