"""Rates by negative binomial regression, and ranks, beside R; laws of both."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ketadash.core.errors import FitError
from ketadash.stats import negative_binomial, ranks
from ketadash.stats.imputation import amount_streams, amounts_from_own_record
from ketadash.stats.pooling import difference_of_proportions, p_of_difference

RIGHT = json.loads((Path(__file__).parents[1] / "oracle" / "endpoints.json").read_text())


@pytest.mark.parametrize("case", RIGHT["rates"])
def test_a_ratio_of_rates_is_that_of_r(case):
    y, days, active = (np.array(case[k], float) for k in ("y", "days", "active"))
    fit = negative_binomial.fit(y, days, active == 1)
    assert np.exp(fit.log_ratio) == pytest.approx(case["right"]["estimate"], rel=1e-6)
    assert fit.se == pytest.approx(case["right"]["se"], rel=1e-6)
    assert fit.theta == pytest.approx(case["right"]["theta"], rel=1e-4)
    turned = negative_binomial.fit(y, days, active == 0)
    assert (turned.log_ratio, turned.se) == pytest.approx((-fit.log_ratio, fit.se), rel=1e-6)
    longer = negative_binomial.fit(y, 2 * days, active == 1)
    assert longer.log_ratio == pytest.approx(fit.log_ratio, rel=1e-8)
    assert longer.rates[0] == pytest.approx(fit.rates[0] / 2)


def test_counts_that_scatter_less_than_poisson_are_poisson():
    y, days, second = np.array([3.0, 3, 3, 6, 6, 6]), np.ones(6), np.repeat([False, True], 3)
    assert np.exp(negative_binomial.fit(y, days, second).log_ratio) == pytest.approx(2)


@pytest.mark.parametrize("second", [[False] * 4, [False, False, True, True]])
def test_no_ratio_where_an_arm_has_none(second):
    with pytest.raises(FitError):
        negative_binomial.fit(np.array([1.0, 2, 0, 0]), np.ones(4), np.array(second))


@pytest.mark.parametrize("case", RIGHT["ranks"])
def test_ranks_are_those_of_r(case):
    x, y = np.array(case["x"]), np.array(case["y"])
    test, shift = ranks.rank_sum(x, y), ranks.shift(x, y, 0.95)
    assert test.statistic == case["right"]["statistic"]
    assert test.p == pytest.approx(case["right"]["p"], rel=1e-10)
    assert shift.estimate == pytest.approx(case["right"]["median"], abs=1e-12)
    assert shift.ci_low == pytest.approx(case["right"]["low"], abs=2e-4)  # R's uniroot
    assert shift.ci_high == pytest.approx(case["right"]["high"], abs=2e-4)
    moved = ranks.shift(x + 3, y, 0.95)
    assert (moved.estimate, moved.ci_low) == pytest.approx((shift.estimate + 3, shift.ci_low + 3))


def test_infinite_values_rank_last_and_have_no_shift():
    x, y = np.array([1.0, 2, np.inf]), np.array([1.5, 3, np.inf])
    assert ranks.rank_sum(x, y).statistic == ranks.rank_sum(np.array([1.0, 2, 9]), np.array([1.5, 3, 9])).statistic
    everything = np.full(3, np.inf)
    assert ranks.rank_sum(everything, everything).p is None
    assert ranks.shift(np.full(3, np.inf), np.zeros(3), 0.95).estimate is None


def test_the_pooled_p_is_that_of_the_interval_that_reaches_zero():
    p1, p0 = np.array([0.6, 0.65, 0.7]), np.array([0.4, 0.38, 0.35])
    p = p_of_difference(p1, 40, p0, 38)
    assert difference_of_proportions(p1, 40, p0, 38, 1 - p).ci_low == pytest.approx(0, abs=1e-9)
    assert p_of_difference(p1, 40, p1, 40) == 1.0


def test_amounts_are_drawn_from_ones_own_record():
    amount = np.array([[2.0, 4, np.nan, 0], [np.nan, np.nan, np.nan, 0], [9, np.nan, 0, 0]])
    needed = np.broadcast_to(np.isnan(amount), (50, 3, 4))
    drawn = amounts_from_own_record(amount, np.array([0, 1, 1]), needed, amount_streams(["a", "b", "c"], 4, 50, 1))
    assert set(np.unique(drawn[:, 0, 2])) == {2.0, 4.0}
    assert (drawn[:, 1, :3] == 9).all() and np.isnan(drawn[:, 1, 3]).all()
    again = amounts_from_own_record(amount, np.array([0, 1, 1]), needed, amount_streams(["a", "b", "c"], 4, 50, 1))
    np.testing.assert_array_equal(drawn, again)
    assert np.isnan(
        amounts_from_own_record(np.zeros((1, 2)), np.zeros(1, int), np.ones((1, 1, 2), bool), np.zeros((1, 1, 2)))
    ).all()
