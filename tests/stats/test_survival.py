"""Survival kernels against R `survival` (tests/oracle/survival.R, 3.5-3 on R 4.2.2), laws and degenerate input."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketadash.core.errors import FitError
from ketadash.stats import survival

ORACLE = Path(__file__).parents[1] / "oracle"
SETS = json.loads((ORACLE / "survival.json").read_text())["sets"]
# Exact algebra on both sides: only rounding differs (R writes 15 digits, sums of 500 terms keep 1e-13; seen: 1e-14).
EXACT = 1e-12
# Two Newton iterations run to convergence, stopped by different rules (seen: 9e-12).
NEWTON = 1e-9

pytestmark = pytest.mark.filterwarnings("error")  # no RuntimeWarning may leak to a page's log


def load(name):
    d = np.loadtxt(ORACLE / "datasets" / f"surv_{name}.csv", delimiter=",", skiprows=1, dtype=int)
    return d[:, 0], d[:, 1] == 1, d[:, 2] == 1


def arms(name):
    time, event, active = load(name)
    return {"control": (time[~active], event[~active]), "active": (time[active], event[active])}


CASES = [(name, arm, level) for name in SETS for arm in ("control", "active") for level in (0, 1)]


def expected(values):
    return np.array(values, dtype=float)  # null becomes NaN


# --- against R -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "arm", "level"), CASES)
def test_kaplan_meier_is_survfit(name, arm, level):
    oracle = SETS[name]["arms"][arm][level]
    fit = survival.kaplan_meier(*arms(name)[arm], confidence=SETS[name]["confidence"][level])
    start = 0 if oracle["time"][0] == 0 else 1  # R has a row for time 0 only if something happens then
    if start:
        assert (fit.time[0], fit.events[0], fit.censored[0], fit.survival[0]) == (0, 0, 0, 1)
        assert fit.at_risk[0] == fit.n
    for column in ("time", "at_risk", "events", "censored"):
        np.testing.assert_array_equal(getattr(fit, column)[start:], oracle[column])
    for column in ("survival", "ci_low", "ci_high"):
        np.testing.assert_allclose(getattr(fit, column)[start:], expected(oracle[column]), rtol=EXACT, atol=EXACT)
    assert fit.median == oracle["median"]
    assert list(fit.median_ci) == oracle["median_ci"]


@pytest.mark.parametrize(("name", "arm"), [(n, a) for n in SETS for a in ("control", "active")])
def test_at_risk_table_is_summary_survfit(name, arm):
    oracle = SETS[name]["arms"][arm][0]["at"]
    table = survival.at_risk_table(*arms(name)[arm], oracle["time"])
    for column in ("time", "at_risk", "events", "censored"):
        np.testing.assert_array_equal(getattr(table, column), oracle[column])


@pytest.mark.parametrize("name", SETS)
def test_logrank_is_survdiff(name):
    test, oracle = survival.logrank(*load(name)), SETS[name]["logrank"]
    assert test.chi2 == pytest.approx(oracle["chi2"], rel=EXACT)
    assert test.p == pytest.approx(oracle["p"], rel=1e-10)  # the tail magnifies the error of chi2 by about chi2
    assert test.df == 1


@pytest.mark.parametrize("name", [n for n in SETS if n != "monotone"])
@pytest.mark.parametrize("level", [0, 1])
def test_cox_is_coxph_efron(name, level):
    oracle = SETS[name]["cox"]
    fit = survival.cox(*load(name), confidence=SETS[name]["confidence"][level])
    assert np.log(fit.hr) == pytest.approx(oracle["log_hr"], rel=NEWTON)
    assert [fit.ci_low, fit.ci_high] == pytest.approx(oracle["ci"][level], rel=NEWTON)
    assert fit.p == pytest.approx(oracle["p"], rel=1e-8)  # the tail magnifies the error of z by about z²
    assert (fit.ties, fit.messages) == ("efron", ())


@pytest.mark.parametrize("name", SETS)
def test_rmst_is_greenwood_by_hand_and_survfit(name):
    for i, tau in enumerate(o["tau"] for o in SETS[name]["arms"]["control"][0]["rmst"]):
        fit = survival.rmst(*load(name), tau=tau)
        for arm, (estimate, se) in fit.arms.items():
            oracle = SETS[name]["arms"][arm][0]["rmst"][i]
            if not oracle["identified"]:
                assert (estimate, se) == (None, None)
                continue
            assert estimate == pytest.approx(oracle["estimate"], rel=EXACT)
            assert estimate == pytest.approx(oracle["survfit"], rel=EXACT)
            assert se == pytest.approx(oracle["se"], rel=EXACT)
            assert se == pytest.approx(oracle["survfit_se"], rel=EXACT)


def test_published_six_mercaptopurine_trial():
    # Freireich 1963 as analysed by Cox (1972) and in Kalbfleisch & Prentice: medians 8 and 23 weeks, Efron 1.57 (0.41)
    time, event, active = load("six_mp")
    fit = survival.cox(time, event, active)
    assert round(-np.log(fit.hr), 2) == 1.57
    assert survival.kaplan_meier(time[~active], event[~active]).median == 8
    assert survival.kaplan_meier(time[active], event[active]).median == 23


# --- the difference of restricted means, and where there is none ---------------------------------------------------


def test_rmst_difference_from_the_arms():
    fit = survival.rmst(*load("six_mp"), tau=23, confidence=0.9)
    (m0, s0), (m1, s1) = fit.arms["control"], fit.arms["active"]
    se = np.sqrt(s0**2 + s1**2)
    assert fit.difference.estimate == m1 - m0
    assert fit.difference.se == pytest.approx(se, rel=1e-14)
    z90 = 1.6448536269514722  # qnorm(0.95) in R
    assert fit.difference.ci_low == pytest.approx(m1 - m0 - z90 * se, rel=1e-12)
    assert fit.difference.ci_high == pytest.approx(m1 - m0 + z90 * se, rel=1e-12)
    assert fit.difference.p < 1e-5


def test_rmst_beyond_follow_up_names_the_largest_horizon():
    # control reaches 0 in week 23 and stays identified; 6-MP is last seen, still in remission, in week 35
    fit = survival.rmst(*load("six_mp"), tau=36, labels=("placebo", "6-MP"))
    assert fit.arms["6-MP"] == (None, None)
    assert fit.arms["placebo"][0] == pytest.approx(8 + 2 / 3)
    assert fit.difference.estimate is None
    assert "6-MP is not known beyond day 35" in fit.messages[0]
    assert "largest horizon that both arms allow is day 35" in fit.messages[1]
    assert survival.rmst(*load("six_mp"), tau=35).messages == ()


def test_rmst_standard_error_covers_the_estimator():
    """Greenwood's is the spread of the estimate over samples, not of min(T, tau) over people (n = 60: 8 times less)."""
    rng = np.random.default_rng(20261123)
    fits = []
    for _ in range(400):
        t, c = np.ceil(rng.exponential(10, 60)), np.ceil(rng.uniform(5, 40, 60))
        km = survival.kaplan_meier(np.minimum(t, c), t <= c)
        if km.time[-1] >= 15:
            fits.append(survival.restricted_mean(km, 15))
    areas, ses = np.array(fits).T
    # 400 samples give the spread to 1/sqrt(800) = 3.5%; 12% is over three of those
    assert ses.mean() == pytest.approx(areas.std(ddof=1), rel=0.12)


# --- laws ------------------------------------------------------------------------------------------------------------


@st.composite
def trials(draw):
    n = draw(st.integers(2, 30))
    time = draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))
    event = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    active = draw(st.lists(st.booleans(), min_size=n - 2, max_size=n - 2))
    t = np.array(time)
    return t, np.array(event) & (t > 0), np.array([True, False, *active])


laws = settings(max_examples=40, derandomize=True)


@laws
@given(trials(), st.integers(1, 12))
def test_swapping_the_arms(trial, tau):
    time, event, active = trial
    one, two = survival.cox(time, event, active), survival.cox(time, event, ~active)
    assert (one.hr is None) == (two.hr is None)
    if one.hr is not None:
        assert np.log(one.hr) == pytest.approx(-np.log(two.hr), abs=1e-7)
        assert one.ci_low * two.ci_high == pytest.approx(1, rel=1e-6)
        assert one.p == pytest.approx(two.p, abs=1e-7)
    a, b = survival.logrank(time, event, active), survival.logrank(time, event, ~active)
    assert (a.chi2 is None) == (b.chi2 is None)
    if a.chi2 is not None:  # absolute, for a chi2 of 0 is a rounding error squared; p near chi2 = 0 moves as its root
        assert a.chi2 == pytest.approx(b.chi2, rel=1e-9, abs=1e-12)
        assert a.p == pytest.approx(b.p, abs=1e-6)
    first, second = survival.rmst(time, event, active, tau), survival.rmst(time, event, ~active, tau)
    if first.difference.estimate is None:
        assert second.difference.estimate is None
    else:
        assert first.difference.estimate == -second.difference.estimate
        assert first.difference.ci_low == (None if second.difference.ci_high is None else -second.difference.ci_high)


def efron_slope(time, event, active, log_hr):
    """Slope of Efron's partial log-likelihood in log HR, written out term by term (Therneau & Grambsch 2000, 3.3)."""
    w = np.exp(log_hr * active)
    slope = 0.0
    for t in np.unique(time[event]):
        risk, now = time >= t, (time == t) & event
        for share in np.arange(now.sum()) / now.sum():
            held = w * (risk - share * now)
            slope += active[now].mean() - (held @ active) / held.sum()
    return slope


@laws
@given(trials())
def test_a_hazard_ratio_is_given_exactly_where_the_likelihood_has_a_maximum(trial):
    fit = survival.cox(*trial)
    # with 30 people a maximum lies within |log HR| < 12, where a monotone slope is still exp(-12) = 6e-6 or more / 30
    has_maximum = efron_slope(*trial, -12.0) > 1e-8 and efron_slope(*trial, 12.0) < -1e-8
    assert (fit.hr is not None) == has_maximum
    if has_maximum:
        assert abs(efron_slope(*trial, np.log(fit.hr))) < 1e-9
    else:
        assert len(fit.messages) == 1


@laws
@given(trials(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(trial, random):
    order = list(range(len(trial[0])))
    random.shuffle(order)
    shuffled = tuple(column[order] for column in trial)
    one, two = survival.kaplan_meier(*trial[:2]), survival.kaplan_meier(*shuffled[:2])
    np.testing.assert_array_equal(one.survival, two.survival)
    np.testing.assert_array_equal(one.ci_low, two.ci_low)
    assert (one.median, one.median_ci) == (two.median, two.median_ci)
    assert survival.logrank(*trial) == survival.logrank(*shuffled)
    assert survival.rmst(*trial, tau=6) == survival.rmst(*shuffled, tau=6)
    a, b = survival.cox(*trial), survival.cox(*shuffled)
    assert a.hr == (None if b.hr is None else pytest.approx(b.hr, rel=1e-9))


@laws
@given(trials())
def test_survival_never_rises_and_the_table_adds_up(trial):
    time, event, _ = trial
    fit = survival.kaplan_meier(time, event)
    assert np.all(np.diff(fit.survival) <= 0)
    assert fit.time[0] == 0
    assert fit.time[-1] == time.max()  # nothing beyond the last follow-up
    assert set(fit.time) == {0, *time}
    assert (fit.events.sum(), fit.censored.sum()) == (event.sum(), (~event).sum())
    np.testing.assert_array_equal(fit.at_risk[1:], fit.at_risk[:-1] - fit.events[:-1] - fit.censored[:-1])
    inside = np.isfinite(fit.ci_low)
    np.testing.assert_array_equal(inside, (fit.survival > 0) & (fit.survival < 1))
    assert np.all((fit.ci_low < fit.survival)[inside] & (fit.survival < fit.ci_high)[inside])


@laws
@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_without_censoring_it_is_the_empirical_survivor_function(times):
    t = np.array(times)
    fit = survival.kaplan_meier(t, np.ones(len(t), bool))
    np.testing.assert_allclose(fit.survival, [(t > x).mean() for x in fit.time], atol=1e-14)
    assert fit.median == np.median(t)  # why survival of exactly one half takes the middle
    if t.min() < 30:  # the area under it is the mean of min(T, tau), and Greenwood's variance that of a mean
        area, se = survival.restricted_mean(fit, 30)
        assert area == pytest.approx(np.minimum(t, 30).mean(), rel=1e-12)
        assert se == pytest.approx(np.minimum(t, 30).std() / np.sqrt(len(t)), rel=1e-9, abs=1e-9)


# --- degenerate input ------------------------------------------------------------------------------------------------

TWO = np.array([False, True])
DEGENERATE = {
    "no events": ([3, 5, 7, 9], [0, 0, 0, 0], [0, 1, 0, 1], "no events"),
    "one participant per arm": ([3, 5], [1, 1], [0, 1], "every event while both arms were at risk is in control"),
    "all censored at 0": ([0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 1], "no events"),
    "no active participant": ([1, 2, 3], [1, 1, 0], [0, 0, 0], "no event while both arms had someone at risk"),
    "events after the other arm left": ([1, 2, 5, 6], [0, 0, 1, 1], [0, 0, 1, 1], "no event while both arms"),
    "every control before any active": ([1, 2, 8, 9], [1, 1, 1, 1], [0, 0, 1, 1], "hazard ratio goes to 0"),
    "events in active only": ([1, 2, 8, 9], [1, 1, 0, 0], [1, 1, 0, 0], "hazard ratio goes to infinity"),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_input_gives_none_and_words(name):
    time, event, active, words = (np.array(x) if not isinstance(x, str) else x for x in DEGENERATE[name])
    event, active = event == 1, active == 1
    fit = survival.cox(time, event, active)
    assert (fit.hr, fit.ci_low, fit.ci_high, fit.p) == (None, None, None, None)
    assert words in fit.messages[0]
    means = survival.rmst(time, event, active, tau=4)
    assert all(np.isfinite(v) for pair in means.arms.values() for v in pair if v is not None)
    assert means.messages or means.difference.p is not None
    test = survival.logrank(time, event, active)
    assert (test.chi2 is None) == (test.p is None)


def test_everyone_on_day_one():
    time, event, active = np.ones(6), np.ones(6, bool), np.arange(6) < 3
    fit = survival.kaplan_meier(time, event)
    assert (fit.survival.tolist(), fit.median, fit.median_ci) == ([1, 0], 1, (None, None))
    assert np.isnan(fit.ci_low).all()
    assert survival.logrank(time, event, active).chi2 is None
    assert survival.cox(time, event, active).hr == pytest.approx(1)  # R: coxph(..., ties = "efron") gives 1 too
    means = survival.rmst(time, event, active, tau=21)
    assert means.arms == {"control": (1, 0), "active": (1, 0)}
    assert (means.difference.estimate, means.difference.p) == (0, None)
    assert "has no interval" in means.messages[0]


def test_an_arm_without_events_is_said_not_hidden():
    fit = survival.rmst(*load("monotone"), tau=21, labels=("usual care", "ketamine"))
    assert fit.arms["ketamine"] == (21, 0)
    assert "no event in ketamine before day 21" in fit.messages[0]
    assert (
        survival.cox(*load("monotone"), labels=("usual care", "ketamine"))
        .messages[0]
        .startswith("every event while both arms were at risk is in usual care")
    )


def test_results_for_an_arm():
    fit = survival.kaplan_meier([0, 1, 1, 2, 3, 3], [0, 1, 1, 0, 1, 1])
    first, _, _, last = fit.points("A")
    assert (first.arm, first.day, first.at_risk, first.censored, first.ci_low) == ("A", 0, 6, 1, None)
    assert (last.day, last.at_risk, last.events, last.survival, last.ci_high) == (3, 2, 2, 0.0, None)
    arm = fit.summary("A")
    assert (arm.n, arm.events, arm.censored, arm.median) == (6, 4, 2, 3)
    with pytest.raises(FitError, match="not whole days"):
        survival.kaplan_meier([1.5], [True]).points("A")


@pytest.mark.parametrize(
    ("time", "event", "words"),
    [([], [], "at least one"), ([-1.0], [True], "negative"), ([np.nan], [True], "missing"), ([1, 2], [True], "shape")],
)
def test_input_that_cannot_be_used(time, event, words):
    with pytest.raises(FitError, match=words):
        survival.kaplan_meier(time, event)


def test_horizon_and_arms_are_checked():
    with pytest.raises(FitError, match="above 0"):
        survival.rmst([1, 2], [True, True], TWO, tau=0)
    with pytest.raises(FitError, match="shape"):
        survival.logrank([1, 2], [True, True], [True])
