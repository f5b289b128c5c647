"""Rubin's rules and pooled proportions: R (tests/oracle/imputation.R: mice 3.15.0 on R 4.2.2), and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed import oracle

from ketadash.stats import effects, pooling

REFERENCE = oracle("imputation")
# exact algebra on both sides: only rounding differs, and R writes 15 digits
EXACT = 1e-12

pytestmark = pytest.mark.filterwarnings("error")
laws = settings(max_examples=100, derandomize=True)


def _case_id(row):
    return f"m{row['m']}-df{row['dfcom']}-b{row['b']:.1g}"


# --- against R -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", REFERENCE["pooling"], ids=_case_id)
def test_pooling_is_mice(row):
    """`mice::pool.scalar`; mice raises the between share to 1e-4 at least, which these cases stay above."""
    estimates, variances = np.array(row["estimates"]), np.array(row["variances"])
    complete, m = float(row["dfcom"]), row["m"]
    one = pooling.pool_each(estimates[:, None], variances[:, None], complete)
    assert one.estimate[0] == pytest.approx(row["qbar"], rel=EXACT)
    assert one.se[0] ** 2 == pytest.approx(row["t"], rel=EXACT)
    assert one.df[0] == pytest.approx(row["df"], rel=EXACT)
    assert one.monte_carlo_se[0] == pytest.approx(np.sqrt(row["b"] / m), rel=EXACT)
    matrix = pooling.pool(estimates[:, None], variances[:, None, None])
    assert (matrix.estimate[0], matrix.total[0, 0], matrix.between[0, 0]) == pytest.approx(
        (row["qbar"], row["t"], row["b"]), rel=EXACT
    )
    assert matrix.total[0, 0] - (1 + 1 / m) * matrix.between[0, 0] == pytest.approx(row["ubar"], rel=1e-10)
    assert matrix.monte_carlo_se()[0] == pytest.approx(np.sqrt(row["b"] / m), rel=EXACT)
    assert pooling.barnard_rubin(row["t"], row["b"], m, complete) == pytest.approx(row["df"], rel=EXACT)


def test_the_oracle_reaches_few_and_many_imputations_and_degrees_of_freedom():
    rows = REFERENCE["pooling"]
    assert {row["m"] for row in rows} >= {2, 100} and {row["dfcom"] for row in rows} >= {3, 797, "Inf"}
    shares = [(1 + 1 / r["m"]) * r["b"] / r["t"] for r in rows]
    assert 1e-3 < min(shares) < 0.05 and max(shares) > 0.9
    assert any(r["df"] < 2 for r in rows) and any(r["df"] > 1e4 for r in rows)


@pytest.mark.parametrize("row", REFERENCE["proportions"])
def test_proportions_are_lott_and_reiter_and_newcombe(row):
    shares = {k: np.atleast_1d(row[f"events{k}"]) / row[f"n{k}"] for k in (0, 1)}
    for k, name in ((0, "nought"), (1, "one")):
        found = pooling.proportion(shares[k], row[f"n{k}"], row["level"])
        r = row[name]
        # the t quantile (R's qt against scipy's stdtrit) is the least exact step
        assert found == pytest.approx((r["p"], r["low"], r["high"]), rel=1e-11, abs=EXACT)
    d = pooling.difference_of_proportions(shares[1], row["n1"], shares[0], row["n0"], row["level"])
    assert (d.estimate, d.ci_low, d.ci_high) == pytest.approx(
        (row["difference"], row["low"], row["high"]), rel=1e-11, abs=EXACT
    )


# --- Rubin's rules: laws ---------------------------------------------------------------------------------------------


def _made_up(seed, m=7, k=3):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(m, k, k))
    return rng.normal(size=(m, k)), root @ root.transpose(0, 2, 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_contrast_of_the_pooled_is_the_pooled_contrast(seed):
    estimates, covariances = _made_up(seed)
    contrast = np.array([1.0, -2.0, 0.5])
    whole = pooling.pool(estimates, covariances)
    variances = np.einsum("k,mkl,l->m", contrast, covariances, contrast)
    one = pooling.pool_each((estimates @ contrast)[:, None], variances[:, None])
    assert contrast @ whole.estimate == pytest.approx(one.estimate[0], rel=EXACT)
    assert contrast @ whole.total @ contrast == pytest.approx(one.se[0] ** 2, rel=1e-11)
    assert np.linalg.eigvalsh(whole.total)[0] > 0
    np.testing.assert_allclose(whole.between, np.cov(estimates.T), rtol=1e-11)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_imputations_changes_nothing(seed):
    estimates, covariances = _made_up(seed)
    order = np.random.default_rng(seed).permutation(len(estimates))
    one, two = pooling.pool(estimates, covariances), pooling.pool(estimates[order], covariances[order])
    np.testing.assert_allclose(one.total, two.total, rtol=EXACT)
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=EXACT)


def test_one_imputation_has_the_variance_of_that_analysis_alone():
    estimates, covariances = _made_up(0, m=1)
    whole = pooling.pool(estimates, covariances)
    np.testing.assert_array_equal(whole.total, covariances[0])
    assert (whole.between == 0).all()
    one = pooling.pool_each(estimates, np.array([np.diag(covariances[0])]), 38)
    np.testing.assert_array_equal(one.df, [38, 38, 38])
    np.testing.assert_array_equal(one.monte_carlo_se, 0)


@laws
@given(st.floats(1e-6, 1), st.integers(2, 200), st.floats(1, 1e4))
def test_degrees_of_freedom_never_exceed_the_complete_datas_nor_rubins(share, m, complete):
    total = 1.7
    between = share * total / (1 + 1 / m)
    df = pooling.barnard_rubin(total, between, m, complete)
    assert 0 <= df < complete  # observed-data degrees of freedom have a factor (ν + 1) / (ν + 3)
    assert df <= pooling.barnard_rubin(total, between, m, np.inf) == pytest.approx((m - 1) / share**2, rel=1e-9)


def test_degrees_of_freedom_rise_with_imputations_and_fall_with_what_is_missing():
    by_m = [pooling.barnard_rubin(1.0, 0.3 / (1 + 1 / m), m, 797) for m in (2, 5, 20, 100, 1000)]
    by_share = [pooling.barnard_rubin(1.0, b, 20, 797) for b in (0.001, 0.01, 0.1, 0.5, 0.9)]
    assert by_m == sorted(by_m) and by_share == sorted(by_share, reverse=True)
    # with imputations without end what is left is the observed data's
    assert pooling.barnard_rubin(1.0, 0.3, 10**9, 797) == pytest.approx(798 / 800 * 797 * 0.7, rel=1e-6)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-9, 12345.678])
def test_imputations_that_all_agree_are_complete_data(value):
    """20 equal numbers have a mean that may be off by rounding, and so a variance that is not quite 0."""
    found = pooling.pool_each(np.full((20, 1), value), np.full((20, 1), value**2 / 9), 797)
    assert (found.df[0], found.se[0]) == (797, pytest.approx(value / 3, rel=EXACT))
    assert found.monte_carlo_se[0] <= 1e-15 * value


def test_no_variance_at_all():
    found = pooling.pool_each(np.ones((5, 1)), np.zeros((5, 1)), 10)
    assert (found.estimate[0], found.se[0], found.df[0], found.monte_carlo_se[0]) == (1, 0, 10, 0)
    # and none within: all that is uncertain is the imputation
    assert pooling.barnard_rubin(1.2, 1.0, 5, np.inf) == pytest.approx(4)
    assert pooling.barnard_rubin(1.2, 1.0, 5, 38) == pytest.approx(0, abs=1e-9)


def test_coverage_of_a_mean_with_half_its_data_missing():
    """What the rules are for: a normal mean, half of 30 values missing, drawn from their posterior, m = 10.

    Proper imputation gives 95% intervals that cover 95%: 2000 trials know that to 0.5 points, and three of those.
    Left out of T, the between variance would make it 83%.
    """
    rng = np.random.default_rng(20261124)
    n, known, m, covered = 30, 15, 10, []
    for _ in range(2000):
        x = rng.normal(size=known)
        variance = (known - 1) * x.var(ddof=1) / rng.chisquare(known - 1, m)
        centre = rng.normal(x.mean(), np.sqrt(variance / known))
        drawn = rng.normal(centre[:, None], np.sqrt(variance)[:, None], (m, n - known))
        full = np.column_stack([np.tile(x, (m, 1)), drawn])
        found = pooling.pool_each(full.mean(axis=1)[:, None], full.var(axis=1, ddof=1)[:, None] / n, n - 1)
        covered.append(abs(found.estimate[0]) < pooling.stdtrit(found.df[0], 0.975) * found.se[0])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


# --- proportions: laws -----------------------------------------------------------------------------------------------


@st.composite
def arms(draw, least_m=1):
    n, m = draw(st.integers(1, 60)), draw(st.integers(least_m, 30))
    return np.array(draw(st.lists(st.integers(0, n), min_size=m, max_size=m))) / n, n


@laws
@given(arms(), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_limits_lie_about_the_mean_within_0_and_1(arm, level):
    mean, low, high = pooling.proportion(*arm, level)
    assert mean == pytest.approx(arm[0].mean())
    assert 0 <= low <= mean + 1e-15 and mean - 1e-15 <= high <= 1
    assert (low == 0) == (mean == 0) or low < 1e-3  # 0 exactly where nothing was seen, and hardly elsewhere
    assert low < high


@laws
@given(arms())
def test_the_complement_has_the_complements_limits(arm):
    p, n = arm
    mean, low, high = pooling.proportion(p, n, 0.95)
    other = pooling.proportion(1 - p, n, 0.95)
    assert other == pytest.approx((1 - mean, 1 - high, 1 - low), abs=1e-7)  # √ of what cancels near an end


@laws
@given(arms(), st.sampled_from([0.9, 0.99]))
def test_a_higher_level_is_wider(arm, level):
    _, low, high = pooling.proportion(*arm, 0.8)
    _, lower, higher = pooling.proportion(*arm, level)
    assert lower <= low + 1e-12 and high - 1e-12 <= higher and higher - lower > high - low - 1e-12


@pytest.mark.parametrize(("events", "n"), [(0, 15), (3, 15), (15, 15), (40, 200)])
@pytest.mark.parametrize("m", [1, 2, 20])
def test_imputations_that_agree_give_wilson_and_newcombe_themselves(events, n, m):
    p = np.full(m, events / n)
    alone = effects.wilson(events, n, confidence=0.95)
    assert pooling.proportion(p, n, 0.95)[1:] == pytest.approx((alone.ci_low, alone.ci_high), abs=1e-12)
    ours = pooling.difference_of_proportions(p, n, np.full(m, 4 / 20), 20, 0.95)
    d = effects.newcombe(events, n, 4, 20, confidence=0.95)
    assert (ours.ci_low, ours.ci_high) == pytest.approx((d.ci_low, d.ci_high), abs=1e-12)


@laws
@given(arms(), arms())
def test_swapping_the_arms_negates_the_difference(one, nought):
    a = pooling.difference_of_proportions(*one, *nought, 0.95)
    b = pooling.difference_of_proportions(*nought, *one, 0.95)
    assert (b.estimate, b.ci_low, b.ci_high) == pytest.approx((-a.estimate, -a.ci_high, -a.ci_low), abs=1e-14)
    assert -1 <= a.ci_low <= a.estimate + 1e-15 and a.estimate - 1e-15 <= a.ci_high <= 1


def test_imputations_that_differ_widen_the_interval():
    n, level = 20, 0.95
    widths = []
    for spread in (0, 1, 2, 4):
        _, low, high = pooling.proportion(np.array([10 - spread, 10, 10 + spread] * 7) / n, n, level)
        widths.append(high - low)
    assert widths == sorted(widths) and widths[-1] > 1.15 * widths[0]


def test_certain_imputations_that_disagree_say_nothing():
    """One participant, 0 in one imputation and 1 in another: W is 0, r without bound."""
    assert pooling.proportion(np.array([0.0, 1.0, 1.0]), 1, 0.95) == (pytest.approx(2 / 3), 0.0, 1.0)
    nearly = pooling.proportion(np.array([0.0, 1.0, 1.0]) * (1 - 2e-12) + 1e-12, 1, 0.95)
    assert nearly == pytest.approx((2 / 3, 0.0, 1.0), abs=1e-5)  # the limit it is


def test_means_of_counts_stay_whole_where_they_are():
    assert isinstance(pooling.whole(np.float64(3)), int) and pooling.whole(np.float64(3)) == 3
    assert pooling.whole(3.05) == 3.05


def test_equal_shares_differ_by_nothing_and_not_by_the_computers_arithmetic():
    one, other = np.array([1 / 3, 0.7, 1 / 3]), np.array([1 / 3, 1 / 3, 0.7])
    assert one.mean() != other.mean()
    assert pooling.difference_of_proportions(one, 10, other, 10, 0.95).estimate == 0.0
