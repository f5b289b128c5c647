"""Quartiles, rank test, logistic slope and exact interval against R, and their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mixed import oracle

from ketadash.core.errors import FitError
from ketadash.stats import effects, questionnaire_scores

R = oracle("safety")


@pytest.mark.parametrize("row", R["ranks"], ids=lambda row: row["name"])
def test_kruskal_wallis_is_that_of_r_and_the_uncorrected_wilcoxon_squared(row):
    chi2, p = questionnaire_scores.kruskal_wallis(np.array(row["x"], float), np.array(row["y"], float))
    # closed forms of the same ranks: only rounding differs
    assert chi2 == pytest.approx(row["chi2"], rel=1e-12)
    assert p == pytest.approx(row["p"], rel=1e-12)
    assert chi2 == pytest.approx(row["wilcoxon_z2"], rel=1e-8)  # R's z comes back from its p


@pytest.mark.parametrize("row", R["ranks"], ids=lambda row: row["name"])
def test_quartiles_are_those_of_r_by_default(row):
    for side in "xy":
        q1, median, q3 = questionnaire_scores.quartiles(np.array(row[side], float))
        assert [q1, median, q3] == pytest.approx(row[f"quartiles_{side}"], rel=1e-14)


def test_quarter_points_can_be_printed_only_by_type_7():
    """The published 9 to 30.75 of 16 whole scores: SAS's default would give whole and half numbers."""
    x = np.array([0, 2, 4, 9, 9, 12, 15, 18, 20, 22, 28, 30, 33, 40, 50, 60], float)
    assert questionnaire_scores.quartiles(x) == (9.0, 19.0, 30.75)


@pytest.mark.parametrize("name", R["logistic"])
def test_the_odds_ratio_is_that_of_glm(name):
    row = R["logistic"][name]
    y, x = np.array(row["y"], float), np.array(row["x"], float)
    for confidence, ends in ((0.95, "ci_95"), (0.8, "ci_80")):
        found = questionnaire_scores.logistic(y, x, confidence=confidence)
        e = found.odds_ratio
        assert found.message is None
        # both are Newton's fixed point to 1e-12; "shifted" costs R's uncentred fit a few digits more
        assert e.estimate == pytest.approx(row["odds_ratio"], rel=1e-9)
        assert e.se == pytest.approx(row["se"], rel=1e-8)
        assert e.p == pytest.approx(row["p"], rel=1e-7)
        assert [e.ci_low, e.ci_high] == pytest.approx(row[ends], rel=1e-8)


@pytest.mark.parametrize("row", R["exact"], ids=lambda r: f"{r['events']}/{r['n']} {r['confidence']}")
def test_the_exact_interval_is_that_of_binom_test(row):
    e = effects.clopper_pearson(row["events"], row["n"], confidence=row["confidence"])
    assert [e.ci_low, e.ci_high] == pytest.approx(row["ci"], abs=1e-12)  # qbeta and betaincinv both to rounding


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_exact_interval_mirrors_and_holds_wilson_s_estimate(pair):
    events, n = pair
    e, other = effects.clopper_pearson(events, n), effects.clopper_pearson(n - events, n)
    assert e.ci_low == pytest.approx(1 - other.ci_high, abs=1e-9)
    assert e.ci_low <= events / n <= e.ci_high


def test_nobody_and_impossible_counts():
    assert effects.clopper_pearson(0, 0).estimate is None
    with pytest.raises(FitError, match="3 events among 2"):
        effects.clopper_pearson(3, 2)
    assert questionnaire_scores.quartiles(np.array([])) is None
    assert questionnaire_scores.kruskal_wallis(np.array([]), np.array([1.0])) is None
    assert questionnaire_scores.kruskal_wallis(np.array([2.0, 2.0]), np.array([2.0])) is None


def test_swapping_the_groups_changes_no_rank_test_and_inverts_the_odds_ratio():
    rng = np.random.default_rng(4)
    x, y = rng.poisson(5, 20).astype(float), rng.poisson(9, 15).astype(float)
    assert questionnaire_scores.kruskal_wallis(x, y) == pytest.approx(
        questionnaire_scores.kruskal_wallis(y, x), rel=1e-12
    )
    outcome = (rng.random(20) < 0.5).astype(float)
    there, back = (
        questionnaire_scores.logistic(outcome, x).odds_ratio,
        questionnaire_scores.logistic(1 - outcome, x).odds_ratio,
    )
    assert there.estimate * back.estimate == pytest.approx(1, rel=1e-9)
    assert there.ci_low * back.ci_high == pytest.approx(1, rel=1e-9)
    assert there.p == pytest.approx(back.p, rel=1e-9)


@pytest.mark.parametrize(
    ("y", "x", "said"),
    [
        ([1, 1, 1, 1], [1, 2, 3, 4], "same outcome"),
        ([0, 1, 0, 1], [7, 7, 7, 7], "same score"),
        ([0, 0, 1, 1], [1, 2, 3, 4], "separates"),
        ([1, 1, 0, 0], [1, 2, 3, 4], "separates"),
        ([0, 0, 1, 1], [1, 3, 3, 4], "separates"),  # quasi-complete: a tie at the cut-off does not help
    ],
)
def test_where_no_odds_ratio_exists_it_says_why(y, x, said):
    found = questionnaire_scores.logistic(np.array(y, float), np.array(x, float))
    assert found.odds_ratio.estimate is None
    assert said in found.message
