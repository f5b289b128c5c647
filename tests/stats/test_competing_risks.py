"""Competing risks against R `survival` and `cmprsk` (tests/oracle/competing.R: 3.5-3 and 2.2-11 on R 4.2.2), laws."""

import json

import numpy as np
import pytest
from competing_trials import EXACT, ORACLE, arm_of, load, simulate
from hypothesis import given, settings
from hypothesis import strategies as st

from ketadash.stats import competing_risks, survival

SETS = json.loads((ORACLE / "competing.json").read_text())["sets"]
pytestmark = pytest.mark.filterwarnings("error")  # no RuntimeWarning may leak to a page's log
CASES = [(name, arm) for name in SETS for arm in ("control", "active")]


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
