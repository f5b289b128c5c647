"""Tests within strata against R (tests/oracle/strata.R), and the laws that tie them to those without."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketadash.core.errors import FitError
from ketadash.stats import competing_risks, questionnaire_scores, stratified, survival
from ketadash.stats.standardised import standardised

ORACLE = Path(__file__).parents[1] / "oracle"
R = json.loads((ORACLE / "strata.json").read_text())
PEOPLE = pd.read_csv(ORACLE / "datasets" / "strata_people.csv")
TIME, EVENT, ACTIVE = (PEOPLE[c].to_numpy() for c in ("time", "event", "active"))
SITE = PEOPLE["site"].to_numpy()
CAUSE = np.where(EVENT == 1, 1, np.where(PEOPLE["id"] % 3 == 0, 2, 0))


def numbers(test):
    return (test.chi2, test.p)


def test_the_stratified_log_rank_is_survdiffs():
    assert numbers(survival.logrank(TIME, EVENT, ACTIVE, SITE)) == pytest.approx(
        (R["logrank"]["chi2"], R["logrank"]["p"]), rel=1e-11
    )


def test_the_stratified_hazard_ratio_is_coxphs():
    ours, theirs = survival.cox(TIME, EVENT, ACTIVE, confidence=0.9, strata=SITE), R["cox"]
    assert (ours.log_hr, ours.se, ours.ci_low, ours.ci_high, ours.p) == pytest.approx(
        [theirs[k] for k in ("log_hr", "se", "low", "high", "p")], rel=1e-8
    )


@pytest.mark.parametrize("test", [survival.logrank, competing_risks.gray_test], ids=["log-rank", "Gray"])
def test_one_stratum_is_none_and_their_names_and_order_do_not_matter(test):
    outcome = EVENT if test is survival.logrank else CAUSE
    plain, one = test(TIME, outcome, ACTIVE), test(TIME, outcome, ACTIVE, np.full(len(TIME), 7))
    assert numbers(one) == pytest.approx(numbers(plain), rel=1e-9)
    within = test(TIME, outcome, ACTIVE, SITE)
    assert within.chi2 != pytest.approx(plain.chi2, rel=1e-3)
    order = np.random.default_rng(1).permutation(len(TIME))
    other = test(TIME[order], outcome[order], ACTIVE[order], 100 - 3 * SITE[order])
    assert numbers(other) == pytest.approx(numbers(within), rel=1e-9)


@pytest.mark.parametrize("test", [survival.logrank, competing_risks.gray_test], ids=["log-rank", "Gray"])
def test_two_strata_that_are_the_same_people_twice_have_twice_the_statistic(test):
    """Scores and variances are summed over strata: twice each is twice U²/V."""
    outcome = EVENT if test is survival.logrank else CAUSE
    twice = [np.tile(x, 2) for x in (TIME, outcome, ACTIVE)]
    strata = np.repeat([0, 1], len(TIME))
    assert test(*twice, strata).chi2 == pytest.approx(2 * test(TIME, outcome, ACTIVE).chi2, rel=1e-9)


@pytest.mark.parametrize("test", [survival.logrank, competing_risks.gray_test], ids=["log-rank", "Gray"])
def test_a_stratum_of_one_arm_says_nothing_and_strata_of_one_arm_only_have_no_answer(test):
    outcome = EVENT if test is survival.logrank else CAUSE
    two_arms = SITE != 5
    assert set(ACTIVE[~two_arms]) == {1}
    assert numbers(test(TIME, outcome, ACTIVE, SITE)) == pytest.approx(
        numbers(test(TIME[two_arms], outcome[two_arms], ACTIVE[two_arms], SITE[two_arms])), rel=1e-12
    )
    lone = test(TIME, outcome, ACTIVE, ACTIVE)
    assert lone.chi2 is None
    assert lone.messages == (
        "no event while both arms had someone in the same stratum at risk, so the curves cannot be compared",
    )


def test_the_hazard_ratio_within_one_stratum_is_that_without():
    plain, one = survival.cox(TIME, EVENT, ACTIVE), survival.cox(TIME, EVENT, ACTIVE, strata=np.zeros(len(TIME)))
    assert (one.log_hr, one.se) == pytest.approx((plain.log_hr, plain.se), rel=1e-12)
    alone = survival.cox(TIME, EVENT, ACTIVE, strata=ACTIVE)
    assert alone.hr is None and "no event while both arms had someone in the same stratum" in alone.messages[0]


def test_strata_of_another_number_of_people_are_refused():
    with pytest.raises(FitError, match="differ in shape"):
        survival.logrank(TIME, EVENT, ACTIVE, SITE[1:])


# --- shares and numbers ----------------------------------------------------------------------------------------------

GOOD, SHARE = (PEOPLE[c].to_numpy(dtype=float) for c in ("good", "share"))
ARM = ACTIVE.astype(bool)


def test_the_risk_difference_within_strata_is_mantel_haenszels_with_satos_variance():
    ours, theirs = stratified.risk_difference(GOOD, ARM, SITE), R["cmh"]
    assert (ours.difference, np.sqrt(ours.variance)) == pytest.approx((theirs["difference"], theirs["se"]), rel=1e-12)
    assert ours.test.score**2 / ours.test.variance == pytest.approx(theirs["chi2"], rel=1e-12)


def test_van_elterens_test_is_the_weighted_rank_sums():
    ours = stratified.van_elteren(SHARE, ARM, SITE)
    assert ours.score / np.sqrt(ours.variance) == pytest.approx(R["elteren"]["z"], rel=1e-12)


def test_one_stratum_is_the_plain_difference_and_wilcoxons_test():
    one = np.zeros(len(GOOD), int)
    ours = stratified.risk_difference(GOOD, ARM, one)
    n1, n0, p1, p0 = ARM.sum(), (~ARM).sum(), GOOD[ARM].mean(), GOOD[~ARM].mean()
    assert ours.difference == pytest.approx(p1 - p0, rel=1e-12)
    assert ours.variance == pytest.approx(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0, rel=0.01)  # Sato's is near, not it
    ranks = stratified.van_elteren(SHARE, ARM, one)
    chi2, _ = questionnaire_scores.kruskal_wallis(SHARE[ARM], SHARE[~ARM])
    assert ranks.score**2 / ranks.variance == pytest.approx(chi2, rel=1e-12)


@pytest.mark.parametrize("test", [stratified.risk_difference, stratified.van_elteren])
def test_their_order_and_names_do_not_matter_and_strata_of_one_arm_are_refused(test):
    values = GOOD if test is stratified.risk_difference else SHARE
    order = np.random.default_rng(2).permutation(len(values))

    def z(result):
        score = getattr(result, "test", result)
        return score.score / np.sqrt(score.variance)

    again = test(values[order], ARM[order], -SITE[order])
    assert z(again) == pytest.approx(z(test(values, ARM, SITE)), rel=1e-12)
    with pytest.raises(FitError, match="no stratum has people of both arms"):
        test(values, ARM, ACTIVE)


DESIGNS = {
    "alone": np.zeros((len(PEOPLE), 0)),
    "site_age": np.column_stack([*(PEOPLE["site"] == k for k in (2, 3, 4, 5)), PEOPLE["age"]]).astype(float),
}
DESIGNS["all"] = np.column_stack([DESIGNS["site_age"], PEOPLE["sex"] == "M"]).astype(float)


@pytest.mark.parametrize("name", DESIGNS)
def test_standardised_shares_are_the_stacked_equations_of_r(name):
    ours, theirs = standardised(GOOD, ARM, DESIGNS[name], yes_no=True), R["standardised"][name]
    small = len(PEOPLE) / ours.df  # R's variance is without it
    assert (ours.control, ours.active) == pytest.approx((theirs["control"], theirs["active"]), rel=1e-9)
    assert np.sqrt(ours.variance / small) == pytest.approx(theirs["se"], rel=1e-6)
    assert np.sqrt(ours.covariance[1, 1] / small) == pytest.approx(theirs["se_active"], rel=1e-6)


def test_without_covariates_it_is_the_plain_difference():
    for y, yes_no in ((GOOD, True), (SHARE, False)):
        ours = standardised(y, ARM, DESIGNS["alone"], yes_no=yes_no)
        assert ours.difference == pytest.approx(y[ARM].mean() - y[~ARM].mean(), rel=1e-10)
        plain = y[ARM].var() / ARM.sum() + y[~ARM].var() / (~ARM).sum()
        assert ours.variance == pytest.approx(plain * len(y) / (len(y) - 2), rel=1e-9)


@pytest.mark.parametrize("yes_no", [True, False])
def test_scale_coding_and_repetition_of_covariates_change_nothing(yes_no):
    y, Z = (GOOD if yes_no else SHARE), DESIGNS["all"]
    one = standardised(y, ARM, Z, yes_no=yes_no)
    other = standardised(y, ARM, np.column_stack([1e6 * Z[:, ::-1] - 3, Z[:, 0]]), yes_no=yes_no)
    assert (other.difference, other.variance, other.df) == pytest.approx(
        (one.difference, one.variance, one.df), rel=1e-7
    )
    swapped = standardised(y, ~ARM, Z, yes_no=yes_no)
    assert (swapped.difference, swapped.variance) == pytest.approx((-one.difference, one.variance), rel=1e-8)


def test_a_linear_adjustment_is_least_squares():
    Z = DESIGNS["all"]
    X = np.column_stack([np.ones(len(Z)), ARM, Z])
    assert standardised(SHARE, ARM, Z, yes_no=False).difference == pytest.approx(
        np.linalg.lstsq(X, SHARE, rcond=None)[0][1], rel=1e-9
    )


def test_what_has_to_do_with_nothing_hardly_moves_it_and_what_foretells_narrows_it():
    rng = np.random.default_rng(3)
    plain = standardised(GOOD, ARM, DESIGNS["alone"], yes_no=True)
    noise = standardised(GOOD, ARM, rng.normal(size=(len(GOOD), 1)), yes_no=True)
    assert abs(noise.difference - plain.difference) < 0.2 * np.sqrt(plain.variance)
    foretells = (SHARE + rng.normal(0, 0.05, len(SHARE)))[:, None]
    assert (
        standardised(SHARE, ARM, foretells, yes_no=False).variance
        < 0.5 * standardised(SHARE, ARM, DESIGNS["alone"], yes_no=False).variance
    )


@pytest.mark.parametrize(
    ("y", "covariates", "why"),
    [
        (GOOD, GOOD[:, None], "certain"),
        (np.where(ARM, 1.0, GOOD), DESIGNS["alone"], "certain"),
        (GOOD, np.random.default_rng(0).normal(size=(len(GOOD), len(GOOD))), "too few"),
        (GOOD, ARM[:, None].astype(float), "tell the arms apart"),
    ],
)
def test_what_cannot_be_adjusted_says_why(y, covariates, why):
    with pytest.raises(FitError, match=why):
        standardised(y, ARM, covariates, yes_no=True)
