"""Competing risks against R `survival` and `cmprsk` (tests/oracle/competing.R: 3.5-3 and 2.2-11 on R 4.2.2), laws."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketadash.core.errors import FitError
from ketadash.stats import competing_risks, effects, survival

ORACLE = Path(__file__).parents[1] / "oracle"
SETS = json.loads((ORACLE / "competing.json").read_text())["sets"]
# Exact algebra on both sides: only rounding differs (R writes 15 digits; seen: 8e-15 relative, 1e-15 absolute).
EXACT = 1e-12

pytestmark = pytest.mark.filterwarnings("error")  # no RuntimeWarning may leak to a page's log


def load(name):
    d = np.loadtxt(ORACLE / "datasets" / f"comp_{name}.csv", delimiter=",", skiprows=1, dtype=int)
    return d[:, 0], d[:, 1], d[:, 2] == 1


def arm_of(name, arm):
    time, cause, active = load(name)
    members = active == (arm == "active")
    return time[members], cause[members]


CASES = [(name, arm) for name in SETS for arm in ("control", "active")]


# --- against R -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "arm"), CASES)
def test_aalen_johansen_is_survfit(name, arm):
    oracle = SETS[name]["arms"][arm]
    fit = competing_risks.aalen_johansen(*arm_of(name, arm))
    start = 0 if oracle["time"][0] == 0 else 1  # R has a row for time 0 only if something happens then
    if start:
        assert (fit.time[0], fit.at_risk[0], fit.incidence[0], fit.se[0]) == (0, fit.n, 0, 0)
    for column in ("time", "at_risk", "events", "competing", "censored"):
        np.testing.assert_array_equal(getattr(fit, column)[start:], oracle[column])
    for column in ("incidence", "incidence_competing", "se"):
        np.testing.assert_allclose(getattr(fit, column)[start:], oracle[column], rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize(("name", "arm"), CASES)
@pytest.mark.parametrize("level", [0, 1])
def test_limits_are_log_log_of_the_share_without(name, arm, level):
    oracle = SETS[name]["arms"][arm]
    fit = competing_risks.aalen_johansen(*arm_of(name, arm), confidence=SETS[name]["confidence"][level])
    for column in ("low", "high"):
        ours = getattr(fit, f"ci_{column}")[-len(oracle["time"]) :]
        r = np.array(oracle["ci"][level][column], dtype=float)  # null becomes NaN
        np.testing.assert_allclose(ours, r, rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize(("name", "arm"), CASES)
def test_incidence_by_a_day_and_restricted_mean_are_survfit(name, arm):
    oracle, (time, cause) = SETS[name]["arms"][arm], arm_of(name, arm)
    fit = competing_risks.aalen_johansen(time, cause)
    for by in oracle["at"]:
        expected = pytest.approx((by["incidence"], by["se"]), rel=EXACT, abs=EXACT) if by["known"] else (None, None)
        assert fit.at(by["day"]) == expected
    for mean in oracle["rmean"]:
        expected = pytest.approx((mean["free"], mean["se"]), rel=EXACT, abs=EXACT) if mean["known"] else (None, None)
        assert competing_risks.restricted_mean_free(time, cause, mean["tau"]) == expected


@pytest.mark.parametrize("name", SETS)
def test_gray_is_cuminc(name):
    test, oracle = competing_risks.gray_test(*load(name)), SETS[name]["gray"]
    assert test.df == 1
    if oracle["chi2"] is None:
        assert (test.chi2, test.p) == (None, None)
        assert name == "everyone_drops_out"
        return
    assert test.chi2 == pytest.approx(oracle["chi2"], rel=EXACT)
    assert test.p == pytest.approx(oracle["p"], rel=1e-10)  # the tail magnifies the error of chi2 by about chi2


def test_the_oracle_reaches_beyond_follow_up_and_past_the_last_event():
    known = [
        (by["known"], by["day"] > max(arm["time"]))
        for s in SETS.values()
        for arm in s["arms"].values()
        for by in arm["at"]
    ]
    assert {(True, True), (False, True), (True, False)} == set(known)


# --- the standard errors and the test do what they say --------------------------------------------------------------


def incidence_with_weights(time, cause, weights, day):
    """Aalen–Johansen by the textbook, any number type: incidence of cause 1 by `day` and its area up to `day`."""
    free, incidence, area = 1.0, 0.0, 0.0
    for u in range(day + 1):
        at_risk = weights[time >= u].sum()
        if at_risk != 0:
            one, two = (weights[(time == u) & (cause == k)].sum() / at_risk for k in (1, 2))
            incidence, free = incidence + free * one, free * (1 - one - two)
        area = area + (incidence if u < day else 0)
    return incidence, area


def jackknife(time, cause, day):
    """Infinitesimal jackknife by complex step, the derivatives in each participant's weight without any algebra."""
    step = 1e-30
    parts = [incidence_with_weights(time, cause, 1 + 1j * step * row, day) for row in np.eye(len(time))]
    return np.sqrt(np.sum((np.array(parts, dtype=complex).imag / step) ** 2, axis=0))


def simulate(rng, n, relapse, dropout, last=21):
    t = np.ceil(rng.exponential(1 / (relapse + dropout), n))
    end = np.where(rng.random(n) < 0.3, rng.integers(1, last + 1, n), last)
    cause = np.where(rng.random(n) < relapse / (relapse + dropout), 1, 2)
    return np.minimum(t, end), np.where(t <= end, cause, 0)


def test_standard_errors_cover_the_estimators():
    rng = np.random.default_rng(20261124)
    incidence, mean = [], []
    for _ in range(400):
        time, cause = simulate(rng, 60, 0.05, 0.03)
        curve = competing_risks.aalen_johansen(time, cause)
        if curve.known_until >= 15:
            incidence.append(curve.at(15))
            mean.append(competing_risks.restricted_mean_free(time, cause, 15))
    for pairs in (np.array(incidence), np.array(mean)):
        # 400 samples give the spread to 1/sqrt(800) = 3.5%; 12% is over three of those
        assert pairs[:, 1].mean() == pytest.approx(pairs[:, 0].std(ddof=1), rel=0.12)


def test_gray_rejects_as_often_as_it_should():
    rng = np.random.default_rng(20261125)
    p = [competing_risks.gray_test(*simulate(rng, 80, 0.05, 0.03), np.arange(80) % 2 == 0).p for _ in range(1000)]
    # 1000 trials give 5% to 0.7 and 20% to 1.3 points; three of those
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.021)
    assert np.mean(np.array(p) < 0.20) == pytest.approx(0.20, abs=0.039)


def test_gray_sees_incidence_and_the_log_rank_hazards():
    """Equal hazards of relapse, but the active arm drops out more: fewer relapse there, at the same daily risk."""
    rng = np.random.default_rng(20261126)
    control, treated = simulate(rng, 3000, 0.05, 0.01), simulate(rng, 3000, 0.05, 0.10)
    time, cause = (np.concatenate(pair) for pair in zip(control, treated, strict=True))
    active = np.arange(6000) >= 3000
    assert competing_risks.gray_test(time, cause, active).p < 1e-6
    assert survival.logrank(time, cause == 1, active).p > 0.05  # seeded; 95% of seeds do
    assert competing_risks.incidence_difference(time, cause, active, 21).difference.ci_high < 0


# --- laws ------------------------------------------------------------------------------------------------------------


@st.composite
def trials(draw, causes=(0, 1, 2)):
    n = draw(st.integers(2, 30))
    time = draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))
    cause = draw(st.lists(st.sampled_from(causes), min_size=n, max_size=n))
    active = draw(st.lists(st.booleans(), min_size=n - 2, max_size=n - 2))
    return np.array(time), np.array(cause), np.array([True, False, *active])


laws = settings(max_examples=60, derandomize=True)


@laws
@given(trials(), st.integers(1, 12))
def test_standard_errors_are_the_infinitesimal_jackknife(trial, day):
    time, cause, _ = trial
    curve = competing_risks.aalen_johansen(time, cause)
    if curve.known_until < day:
        assert curve.at(day) == competing_risks.restricted_mean_free(time, cause, day) == (None, None)
        return
    incidence, area = incidence_with_weights(time, cause, np.ones(len(time)), day)
    se_incidence, se_area = jackknife(time, cause, day)
    assert curve.at(day) == pytest.approx((incidence, se_incidence), rel=1e-11, abs=1e-13)
    assert competing_risks.restricted_mean_free(time, cause, day) == pytest.approx(
        (day - area, se_area), rel=1e-11, abs=1e-12
    )


@laws
@given(trials())
def test_the_two_causes_and_the_event_free_make_one(trial):
    time, cause, _ = trial
    fit = competing_risks.aalen_johansen(time, cause)
    km = survival.kaplan_meier(time, cause > 0)
    np.testing.assert_array_equal(fit.time, km.time)
    np.testing.assert_array_equal(fit.at_risk, km.at_risk)
    np.testing.assert_allclose(fit.incidence + fit.incidence_competing + km.survival, 1, atol=1e-14)
    other = competing_risks.aalen_johansen(time, np.array([0, 2, 1])[cause])
    np.testing.assert_array_equal(other.incidence, fit.incidence_competing)


@laws
@given(trials())
def test_incidence_never_falls_and_the_table_adds_up(trial):
    time, cause, _ = trial
    fit = competing_risks.aalen_johansen(time, cause)
    assert np.all(np.diff(fit.incidence) >= 0)
    assert set(fit.time) == {0, *time}
    totals = [(cause == k).sum() for k in (0, 1, 2)]
    assert [fit.censored.sum(), fit.events.sum(), fit.competing.sum()] == totals
    gone = fit.events + fit.competing + fit.censored
    np.testing.assert_array_equal(fit.at_risk[1:], (fit.at_risk - gone)[:-1])
    inside = np.isfinite(fit.ci_low)
    np.testing.assert_array_equal(inside, np.isfinite(fit.ci_high))
    np.testing.assert_array_equal(inside, fit.se > 0)
    assert np.all((fit.ci_low < fit.incidence)[inside] & (fit.incidence < fit.ci_high)[inside])
    assert np.all((fit.incidence[~inside] == 0) | (fit.incidence[~inside] > 1 - 1e-14))


@laws
@given(trials(causes=(0, 1)))
def test_without_a_competing_event_it_is_kaplan_meier(trial):
    time, cause, active = trial
    fit, km = competing_risks.aalen_johansen(time, cause), survival.kaplan_meier(time, cause == 1)
    np.testing.assert_allclose(fit.incidence, 1 - km.survival, atol=1e-14)
    # lifelines' limits of a survival of 1e-3 or less lose some digits in log(-log)
    np.testing.assert_allclose(fit.ci_low, 1 - km.ci_high, atol=1e-12)
    np.testing.assert_allclose(fit.ci_high, 1 - km.ci_low, atol=1e-12)
    if fit.known_until >= 9:
        ours = competing_risks.restricted_mean_free(time, cause, 9)
        assert ours == pytest.approx(survival.restricted_mean(km, 9), rel=1e-11, abs=1e-11)
    gray, logrank = competing_risks.gray_test(time, cause, active), survival.logrank(time, cause == 1, active)
    if gray.chi2 is not None and logrank.chi2 is not None:  # the same score, so 0 together
        assert (gray.chi2 < 1e-20) == (logrank.chi2 < 1e-20)


@laws
@given(trials(), st.integers(0, 12))
def test_swapping_the_arms(trial, day):
    time, cause, active = trial
    a, b = competing_risks.gray_test(time, cause, active), competing_risks.gray_test(time, cause, ~active)
    assert (a.chi2 is None) == (b.chi2 is None)
    if a.chi2 is not None:  # absolute, for a chi2 of 0 is a rounding error squared; p near chi2 = 0 moves as its root
        assert a.chi2 == pytest.approx(b.chi2, rel=1e-9, abs=1e-12)
        assert a.p == pytest.approx(b.p, abs=1e-6)
    first = competing_risks.incidence_difference(time, cause, active, day)
    second = competing_risks.incidence_difference(time, cause, ~active, day, labels=("active", "control"))
    assert first.arms == second.arms
    assert sorted(first.messages) == sorted(second.messages)
    one, two = first.difference, second.difference
    if one.p is None:
        assert (one.ci_low, two.ci_low, two.p) == (None, None, None)
    else:
        assert (one.estimate, one.ci_low, one.ci_high) == (-two.estimate, -two.ci_high, -two.ci_low)
        assert (one.p, one.se) == (two.p, two.se)


@laws
@given(trials(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(trial, random):
    order = list(range(len(trial[0])))
    random.shuffle(order)
    time, cause, active = (column[order] for column in trial)
    one, two = competing_risks.aalen_johansen(*trial[:2]), competing_risks.aalen_johansen(time, cause)
    for column in ("incidence", "se", "ci_low", "ci_high"):
        np.testing.assert_array_equal(getattr(one, column), getattr(two, column))
    assert competing_risks.gray_test(*trial) == competing_risks.gray_test(time, cause, active)
    assert competing_risks.incidence_difference(*trial, 6) == competing_risks.incidence_difference(
        time, cause, active, 6
    )
    assert competing_risks.restricted_mean_free(*trial[:2], 6) == competing_risks.restricted_mean_free(time, cause, 6)


@laws
@given(trials())
def test_leaving_at_once_changes_nothing_later(trial):
    time, cause, active = trial
    time = time + 1  # or an event on day 0 has the newcomer at risk
    more = np.append(time, 0), np.append(cause, 0), np.append(active, True)
    one, two = competing_risks.aalen_johansen(time, cause), competing_risks.aalen_johansen(*more[:2])
    for column in ("time", "at_risk", "incidence", "incidence_competing", "se", "ci_low", "ci_high"):
        np.testing.assert_array_equal(getattr(one, column)[1:], getattr(two, column)[1:])
    assert competing_risks.gray_test(time, cause, active) == competing_risks.gray_test(*more)
    assert competing_risks.incidence_difference(time, cause, active, 6) == competing_risks.incidence_difference(
        *more, 6
    )
    assert competing_risks.restricted_mean_free(time, cause, 6) == competing_risks.restricted_mean_free(*more[:2], 6)


# --- Gray's test and the log-rank without competing events ------------------------------------------------------------
# The scores are equal.  Gray's variance weighs the events of arm k by (1 − F) / S_k, F the incidence in common: by 1 if
# the curves agree, and then it is the hypergeometric variance of the log-rank, ties and all.  They need not agree.


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


# --- differences, degenerate input ------------------------------------------------------------------------------------


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
