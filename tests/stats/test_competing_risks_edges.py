"""Gray's test without competing events, differences between arms, and data that cannot tell."""

import numpy as np
import pytest
from competing_trials import EXACT, arm_of, load, simulate

from ketadash.core.errors import FitError
from ketadash.stats import competing_risks, effects, survival

pytestmark = pytest.mark.filterwarnings("error")  # no RuntimeWarning may leak to a page's log


def test_one_event_time_gives_the_log_rank_itself():
    time = np.array([3, 3, 3, 3, 3, 7, 7, 3, 3, 7, 7, 7, 2, 5])
    cause = np.array([1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    active = np.arange(14) < 7
    gray, logrank = competing_risks.gray_test(time, cause, active), survival.logrank(time, cause == 1, active)
    assert gray.chi2 == pytest.approx(logrank.chi2, rel=EXACT)
    assert gray.p == pytest.approx(logrank.p, rel=1e-10)


def test_curves_that_part_on_the_last_day_give_the_log_rank_itself():
    def arm(size, last):  # a fifth relapse on day 2 and a quarter of the rest on day 4, many at once; then `last`
        return np.repeat([2, 4, 9, 10], [size // 5, size // 5, last, size - 2 * (size // 5) - last])

    time = np.concatenate([arm(20, 9), arm(30, 4)])
    cause, active = np.where(time < 10, 1, 0), np.arange(50) < 20
    gray, logrank = competing_risks.gray_test(time, cause, active), survival.logrank(time, cause == 1, active)
    assert logrank.chi2 > 2
    assert gray.chi2 == pytest.approx(logrank.chi2, rel=EXACT)


def test_otherwise_they_agree_in_the_limit_if_the_arms_do_not_differ():
    rng = np.random.default_rng(20261127)
    apart = {}
    for n in (200, 2000, 20000):
        active, ratios = np.arange(n) % 2 == 0, []
        for _ in range(20):
            time, cause = simulate(rng, n, 0.05, 0.0)
            logrank = survival.logrank(time, cause == 1, active).chi2
            ratios.append(competing_risks.gray_test(time, cause, active).chi2 / logrank)
        apart[n] = np.abs(np.array(ratios) - 1).max()
    # the difference goes as 1/n (seen: 8e-3, 8e-4, 8e-5)
    assert apart[200] < 0.03 and apart[2000] < 0.003 and apart[20000] < 0.0003


def test_without_ties_they_differ_too():
    time, cause, active = load("untied")
    gray, logrank = competing_risks.gray_test(time, cause > 0, active), survival.logrank(time, cause > 0, active)
    assert gray.chi2 == pytest.approx(logrank.chi2, rel=0.1)
    assert gray.chi2 != pytest.approx(logrank.chi2, rel=0.001)


def test_difference_from_the_arms():
    trial = load("forty_by_21")
    fit = competing_risks.incidence_difference(*trial, 14, confidence=0.9)
    (f0, s0), (f1, s1) = (
        competing_risks.aalen_johansen(*arm_of("forty_by_21", a)).at(14) for a in ("control", "active")
    )
    se = np.sqrt(s0**2 + s1**2)
    assert fit.arms == {"control": (f0, s0), "active": (f1, s1)}
    assert (fit.at, fit.difference.estimate, fit.messages) == (14, f1 - f0, ())
    assert fit.difference.se == pytest.approx(se, rel=1e-14)
    worth = [f * (1 - f) / s**2 for f, s in ((f1, s1), (f0, s0))]
    expected = effects.square_and_add(f1, worth[0], f0, worth[1], confidence=0.9)
    assert (fit.difference.ci_low, fit.difference.ci_high) == (expected.ci_low, expected.ci_high)


def test_two_equal_shares_do_not_differ_by_rounding():
    """The same number of events on other days: sums of fractions that end at the same share."""
    gaps = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        time = np.concatenate([np.append(rng.integers(1, 80, 147), [91, 91, 91]) for _ in range(2)])
        cause, active = (time < 91).astype(int), np.repeat([False, True], 150)
        gaps.append(competing_risks.incidence_difference(time, cause, active, 90).difference.estimate)
    assert gaps == [0.0] * 20


def test_beyond_follow_up_is_said():
    trial = load("events_in_active_alone")
    fit = competing_risks.incidence_difference(*trial, 21, labels=("placebo", "ketamine"))
    assert fit.arms["placebo"] == (None, None)
    assert (fit.difference.estimate, fit.difference.se) == (None, None)
    assert "incidence in placebo is not known beyond day 18" in fit.messages[0]
    by_18 = competing_risks.incidence_difference(*trial, 18, labels=("placebo", "ketamine"))
    assert by_18.arms["placebo"] == (0, 0)
    assert "incidence in placebo by day 18 since the origin is 0 with standard error 0" in by_18.messages[0]
    assert by_18.difference.p is not None


def test_once_events_took_everyone_the_curve_is_known_for_ever():
    time, cause, active = load("uncensored")
    curve = competing_risks.aalen_johansen(time, cause)
    assert curve.known_until == np.inf
    assert curve.at(1e6) == (curve.incidence[-1], curve.se[-1])
    share = (cause == 1).mean()  # without censoring it is a proportion with a proportion's standard error
    assert curve.at(1e6) == pytest.approx((share, np.sqrt(share * (1 - share) / len(time))), rel=1e-12)
    assert competing_risks.incidence_difference(time, cause, active, 1000).messages == ()


NONE = {
    "no relapse": ([3, 5, 7, 9], [2, 2, 0, 2], [0, 1, 0, 1]),
    "nothing at all": ([3, 5, 7, 9], [0, 0, 0, 0], [0, 1, 0, 1]),
    "everyone at once": ([1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 0, 1]),
    "relapses after the other arm left": ([1, 2, 5, 6], [0, 2, 1, 1], [0, 0, 1, 1]),
    "no active participant": ([1, 2, 3], [1, 1, 0], [0, 0, 0]),
    # 36 of 40 active relapse on day 1 and 3 leave: the last one weighs as much as 9 controls, of whom 8 relapse on
    # day 2.  F = 37/50 + 8/20 before the relapse of day 3; cuminc gives 8.47, from a "probability" 1 - F of -0.14
    "incidence in common above 1": (
        [1, *[2] * 8, 3, *[1] * 39, 3],
        [1, *[1] * 8, 1, *[1] * 36, 0, 0, 0, 0],
        [*[0] * 10, *[1] * 40],
    ),
}


@pytest.mark.parametrize("name", NONE)
def test_no_test_where_it_is_undefined(name):
    time, cause, active = (np.array(x) for x in NONE[name])
    test = competing_risks.gray_test(time, cause, active)
    assert (test.chi2, test.df, test.p) == (None, 1, None)
    fit = competing_risks.incidence_difference(time, cause, active == 1, 2)
    assert all(np.isfinite(v) for pair in fit.arms.values() for v in pair if v is not None)
    assert fit.messages or fit.difference.p is not None


def test_an_incidence_in_common_of_one_does_no_harm_once_an_arm_has_left():
    # cuminc divides 0 by 0 here and stops; with one arm left there is nothing more to compare
    test = competing_risks.gray_test([31, 2, 7, 2, 2, 2], [2, 1, 1, 1, 1, 0], [0, 1, 0, 1, 1, 1])
    assert test.chi2 == pytest.approx(2.5, rel=1e-12)


def test_everyone_relapses_on_day_one():
    time, cause, active = np.ones(6), np.ones(6), np.arange(6) < 3
    fit = competing_risks.aalen_johansen(time, cause)
    assert (fit.incidence.tolist(), fit.se.tolist(), fit.known_until) == ([0, 1], [0, 0], np.inf)
    assert np.isnan(fit.ci_low).all()
    assert competing_risks.restricted_mean_free(time, cause, 21) == (1, 0)
    difference = competing_risks.incidence_difference(time, cause, active, 21)
    assert (difference.difference.estimate, difference.difference.se, difference.difference.p) == (0, 0, 1)
    newcombe = effects.newcombe(3, 3, 3, 3)  # 1 of 1 in either arm is no certainty
    ours = (difference.difference.ci_low, difference.difference.ci_high)
    assert ours == pytest.approx((newcombe.ci_low, newcombe.ci_high), rel=1e-14)
    assert len(difference.messages) == 2


def test_one_participant():
    fit = competing_risks.aalen_johansen([4], [2])
    assert (fit.incidence.tolist(), fit.incidence_competing.tolist()) == ([0, 0], [0, 1])
    assert competing_risks.restricted_mean_free([4], [2], 21) == (21, 0)
    assert competing_risks.restricted_mean_free([4], [0], 21) == (None, None)


@pytest.mark.parametrize(
    ("time", "cause", "words"),
    [
        ([], [], "no participants"),
        ([1, 2], [1], "differ in shape"),
        ([[1, 2]], [[1, 2]], "differ in shape"),
        ([1, -2], [1, 2], "missing or negative"),
        ([1, np.nan], [1, 2], "missing or negative"),
        ([1, 2], [1, 3], "a cause is missing or unknown"),
        ([1, 2], [1, np.nan], "a cause is missing or unknown"),
        ([1, 2], [1, 0.5], "a cause is missing or unknown"),
    ],
)
def test_bad_input(time, cause, words):
    with pytest.raises(FitError, match=words):
        competing_risks.aalen_johansen(time, cause)
    with pytest.raises(FitError, match=words):
        competing_risks.gray_test(time, cause, np.zeros(len(time), bool))


def test_bad_arms_days_and_horizons():
    with pytest.raises(FitError, match="differ in shape"):
        competing_risks.gray_test([1, 2], [1, 2], [True])
    for day in (-1, np.nan):
        with pytest.raises(FitError, match="before the origin"):
            competing_risks.incidence_difference([1, 2], [1, 2], [True, False], day)
    for tau in (0, -3, np.nan):
        with pytest.raises(FitError, match="choose one above 0"):
            competing_risks.restricted_mean_free([1, 2], [1, 2], tau)
