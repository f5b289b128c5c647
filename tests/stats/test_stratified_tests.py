"""Tests within strata against R (tests/oracle/strata.R), and the laws that tie them to those without."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketadash.core.errors import FitError
from ketadash.stats import competing, survival

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


@pytest.mark.parametrize("test", [survival.logrank, competing.gray_test], ids=["log-rank", "Gray"])
def test_one_stratum_is_none_and_their_names_and_order_do_not_matter(test):
    outcome = EVENT if test is survival.logrank else CAUSE
    plain, one = test(TIME, outcome, ACTIVE), test(TIME, outcome, ACTIVE, np.full(len(TIME), 7))
    assert numbers(one) == pytest.approx(numbers(plain), rel=1e-9)
    within = test(TIME, outcome, ACTIVE, SITE)
    assert within.chi2 != pytest.approx(plain.chi2, rel=1e-3)
    order = np.random.default_rng(1).permutation(len(TIME))
    other = test(TIME[order], outcome[order], ACTIVE[order], 100 - 3 * SITE[order])
    assert numbers(other) == pytest.approx(numbers(within), rel=1e-9)


@pytest.mark.parametrize("test", [survival.logrank, competing.gray_test], ids=["log-rank", "Gray"])
def test_two_strata_that_are_the_same_people_twice_have_twice_the_statistic(test):
    """Scores and variances are summed over strata: twice each is twice U²/V."""
    outcome = EVENT if test is survival.logrank else CAUSE
    twice = [np.tile(x, 2) for x in (TIME, outcome, ACTIVE)]
    strata = np.repeat([0, 1], len(TIME))
    assert test(*twice, strata).chi2 == pytest.approx(2 * test(TIME, outcome, ACTIVE).chi2, rel=1e-9)


@pytest.mark.parametrize("test", [survival.logrank, competing.gray_test], ids=["log-rank", "Gray"])
def test_a_stratum_of_one_arm_says_nothing_and_strata_of_one_arm_only_have_no_answer(test):
    outcome = EVENT if test is survival.logrank else CAUSE
    two_arms = SITE != 5
    assert set(ACTIVE[~two_arms]) == {1}
    assert numbers(test(TIME, outcome, ACTIVE, SITE)) == pytest.approx(
        numbers(test(TIME[two_arms], outcome[two_arms], ACTIVE[two_arms], SITE[two_arms])), rel=1e-12
    )
    lone = test(TIME, outcome, ACTIVE, ACTIVE)
    assert lone.chi2 is None and lone.messages


def test_the_hazard_ratio_within_one_stratum_is_that_without():
    plain, one = survival.cox(TIME, EVENT, ACTIVE), survival.cox(TIME, EVENT, ACTIVE, strata=np.zeros(len(TIME)))
    assert (one.log_hr, one.se) == pytest.approx((plain.log_hr, plain.se), rel=1e-12)
    alone = survival.cox(TIME, EVENT, ACTIVE, strata=ACTIVE)
    assert alone.hr is None and "no event while both arms" in alone.messages[0]


def test_strata_of_another_number_of_people_are_refused():
    with pytest.raises(FitError, match="differ in shape"):
        survival.logrank(TIME, EVENT, ACTIVE, SITE[1:])
