"""Exact tables over every count: the same numbers as the functions for one count, which R's oracle holds."""

import numpy as np
import pytest

from ketadash.stats import effects, exact


@pytest.mark.parametrize(("n1", "n0"), [(17, 23), (1, 1), (5, 40), (60, 55)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_newcombe_for_arrays_is_newcombe_one_by_one(n1, n0, confidence):
    e1, e0 = np.arange(n1 + 1)[None, :], np.arange(n0 + 1)[:, None]
    found = exact.newcombe(e1, n1, e0, n0, confidence)
    for i in range(n0 + 1):
        for j in range(n1 + 1):
            one = effects.newcombe(j, n1, i, n0, confidence=confidence)
            # the same operations in the same order, but for hypot's: rounding
            assert [x[i, j] for x in found] == pytest.approx([one.estimate, one.ci_low, one.ci_high], abs=1e-14)


@pytest.mark.parametrize(("n1", "n0"), [(17, 23), (1, 1), (3, 9), (30, 30)])
def test_fisher_for_arrays_is_fisher_one_by_one(n1, n0):
    e1, e0 = np.arange(n1 + 1)[None, :], np.arange(n0 + 1)[:, None]
    found = exact.fisher(e1, n1, e0, n0)
    for i in range(n0 + 1):
        for j in range(n1 + 1):
            # scipy sums tails of the distribution function, we the probabilities themselves
            assert found[i, j] == pytest.approx(effects.fisher_p(j, n1, i, n0), rel=1e-9, abs=1e-14)


def test_fisher_for_counts_of_any_shape_is_fisher_one_by_one():
    by = np.random.default_rng(1)
    e1, e0 = by.integers(0, 31, (4, 1, 3)), by.integers(0, 26, (5, 3))
    p = exact.fisher(e1, 30, e0, 25)
    assert p.shape == (4, 5, 3)
    for i, j, k in np.ndindex(p.shape):
        assert p[i, j, k] == exact.fisher(e1[i, 0, k], 30, e0[j, k], 25)
        assert p[i, j, k] == pytest.approx(effects.fisher_p(e1[i, 0, k], 30, e0[j, k], 25), rel=1e-9, abs=1e-14)


def test_swapping_the_arms_negates_the_difference_and_leaves_p():
    e1, e0 = np.arange(18)[None, :], np.arange(24)[:, None]
    d, low, high = exact.newcombe(e1, 17, e0, 23, 0.95)
    b, b_low, b_high = exact.newcombe(e0, 23, e1, 17, 0.95)
    assert b == pytest.approx(-d) and b_low == pytest.approx(-high) and b_high == pytest.approx(-low)
    assert exact.fisher(e0, 23, e1, 17) == pytest.approx(exact.fisher(e1, 17, e0, 23), rel=1e-12)


def test_the_interval_moves_with_each_success():
    e1, e0 = np.arange(18)[None, :], np.full((1, 1), 9)
    d, low, high = exact.newcombe(e1, 17, e0, 23, 0.95)
    assert (np.diff(d) > 0).all() and (np.diff(low) > 0).all() and (np.diff(high) >= 0).all()
    assert ((low <= d) & (d <= high) & (low >= -1) & (high <= 1)).all()
