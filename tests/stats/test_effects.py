"""Effects kernels against R (tests/oracle/effects.R, R 4.2.2), Newcombe's published table, laws and exact words."""

import json
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketadash.core.errors import FitError
from ketadash.questions.nnt import words as nnt_words
from ketadash.results import Nnt
from ketadash.stats import effects
from ketadash.stats.nnt import nnt, nnt_text

ROWS = json.loads((Path(__file__).parents[1] / "oracle" / "effects.json").read_text())["rows"]
EXACT = 1e-12  # the same algebra; R writes 15 digits
ITERATED = 1e-11  # glm stops when its deviance stands still at 1e-14 (seen: 1e-14)

pytestmark = pytest.mark.filterwarnings("error")
each = pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['e1']}/{r['n1']}-{r['e0']}/{r['n0']}@{r['confidence']}")


def counts(row):
    return row["e1"], row["n1"], row["e0"], row["n0"]


# --- against R -------------------------------------------------------------------------------------------------------


@each
def test_wilson_is_prop_test(row):
    for arm in "10":
        fit = effects.wilson(row[f"e{arm}"], row[f"n{arm}"], confidence=row["confidence"])
        # abs: R leaves 1e-17 where a limit is 0
        assert [fit.ci_low, fit.ci_high] == pytest.approx(row[f"wilson_{arm}"], rel=EXACT, abs=1e-15)


@each
def test_newcombe_is_the_formula_in_r(row):
    fit = effects.newcombe(*counts(row), confidence=row["confidence"])
    assert fit.estimate == row["e1"] / row["n1"] - row["e0"] / row["n0"]
    assert [fit.ci_low, fit.ci_high] == pytest.approx(row["newcombe"], rel=EXACT)


@each
def test_odds_ratio_is_logistic_regression(row):
    fit = effects.odds_ratio(*counts(row), confidence=row["confidence"])
    if not row.get("odds_ratio"):
        assert fit.estimate is None
        assert "in both arms" in fit.message
        return
    assert [fit.estimate, fit.ci_low, fit.ci_high] == pytest.approx(row["odds_ratio"], rel=ITERATED)
    a, n, b, m = counts(row)
    assert fit.corrected == (0 in (a, n - a, b, m - b)) == (fit.message is not None)


@each
def test_fisher_is_fisher_test(row):
    # sums of hypergeometric terms, from log-gamma functions good to about 1e-14 at n of hundreds
    assert effects.fisher_p(*counts(row)) == pytest.approx(row["fisher_p"], rel=EXACT)


@pytest.mark.parametrize("table", [(30, 700, 52, 690), (0, 9, 9, 9), (350, 700, 351, 700), (1, 3, 2, 5), (0, 4, 0, 4)])
def test_fisher_in_whole_numbers_is_the_one_of_many_people(monkeypatch, table):
    exact = effects.fisher_p(*table)
    monkeypatch.setattr(effects, "MOST_COUNTED", 0)
    assert exact == pytest.approx(effects.fisher_p(*table), rel=1e-11)


# Newcombe 1998, Statistics in Medicine 17:873, table II, method 10, to the four digits printed
@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombe_as_published(table, low, high):
    fit = effects.newcombe(*table)
    assert (round(fit.ci_low, 4), round(fit.ci_high, 4)) == (low, high)


# --- laws ------------------------------------------------------------------------------------------------------------


@st.composite
def two_arms(draw):
    n1, n0 = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n0)), n0


laws = settings(max_examples=200, derandomize=True)
levels = st.sampled_from([0.5, 0.8, 0.95, 0.99, 0.999])


@laws
@given(two_arms(), levels)
def test_newcombe_swaps_contains_and_stays_inside(table, confidence):
    e1, n1, e0, n0 = table
    one = effects.newcombe(e1, n1, e0, n0, confidence=confidence)
    other = effects.newcombe(e0, n0, e1, n1, confidence=confidence)
    assert (one.estimate, one.ci_low, one.ci_high) == (-other.estimate, -other.ci_high, -other.ci_low)
    assert -1 <= one.ci_low <= one.estimate <= one.ci_high <= 1
    assert one.ci_low < one.ci_high


@laws
@given(two_arms(), levels)
def test_wilson_mirrors_and_solves_its_equation(table, confidence):
    e, n, *_ = table
    yes, no = effects.wilson(e, n, confidence=confidence), effects.wilson(n - e, n, confidence=confidence)
    assert yes.ci_low == pytest.approx(1 - no.ci_high, abs=1e-14)
    assert 0 <= yes.ci_low <= yes.estimate <= yes.ci_high <= 1
    z = {
        0.5: 0.674489750196082,
        0.8: 1.2815515655446,
        0.95: 1.95996398454005,
        0.99: 2.5758293035489,
        0.999: 3.29052673149189,
    }[confidence]  # qnorm((1 + level) / 2) in R
    for limit in (yes.ci_low, yes.ci_high):  # |p - limit| = z sqrt(limit (1 - limit) / n), squared against cancellation
        assert (yes.estimate - limit) ** 2 == pytest.approx(z**2 * limit * (1 - limit) / n, rel=1e-6, abs=1e-13)


@laws
@given(two_arms())
def test_ratios_invert_when_the_arms_swap(table):
    e1, n1, e0, n0 = table
    one, other = effects.odds_ratio(e1, n1, e0, n0), effects.odds_ratio(e0, n0, e1, n1)
    assert (one.estimate is None) == (other.estimate is None)
    if one.ci_low is not None:
        assert one.estimate * other.estimate == pytest.approx(1, rel=1e-12)
        assert one.ci_low * other.ci_high == pytest.approx(1, rel=1e-12)
        assert one.ci_low < one.estimate < one.ci_high
    else:
        assert one.message
    assert effects.fisher_p(e1, n1, e0, n0) == pytest.approx(effects.fisher_p(e0, n0, e1, n1), rel=1e-9)


# --- the number needed to treat in words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ((1 / 5.5, 1 / 40, 1 / 2.2), "NNTB 5.5 (95% CI 2.2 to 40)"),
        ((1 / 5.5, -1 / 8.5, 1 / 2.2), "NNTB 5.5 (95% CI NNTB 2.2 to ∞ to NNTH 8.5)"),
        ((-1 / 5.5, -1 / 2.2, -1 / 40), "NNTH 5.5 (95% CI 2.2 to 40)"),
        ((-1 / 5.5, -1 / 2.2, 1 / 8.5), "NNTH 5.5 (95% CI NNTH 2.2 to ∞ to NNTB 8.5)"),
        ((0.0, -1 / 8.5, 1 / 2.2), "no difference, so the NNT is infinite (95% CI NNTB 2.2 to ∞ to NNTH 8.5)"),
        ((0.2, 0.0, 0.5), "NNTB 5.0 (95% CI 2.0 to ∞)"),
        ((-0.2, -0.5, 0.0), "NNTH 5.0 (95% CI 2.0 to ∞)"),
        ((1.0, 0.6075, 1.0), "NNTB 1.0 (95% CI 1.0 to 1.6)"),
        ((0.1, 0.0008, 1 / 9.96), "NNTB 10 (95% CI 10 to 1,250)"),
        ((0.0, 0.0, 0.0), "no difference, so the NNT is infinite (95% CI ∞ to ∞)"),
        ((0.2, None, None), "NNTB 5.0 (no confidence interval)"),
        ((None, None, None), "NNT not estimable"),
    ],
)
def test_nnt_text(limits, text):
    assert nnt_text(*limits) == text


@pytest.mark.parametrize("size", [1.0, 1.02, 5.5, 9.96, 10.0, 49.4, 50.3, 1250.2, 50.0000000001])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_card_and_a_text_round_to_the_same_people(size, sign):
    """The card said about 51 to treat beside NNTB 50; below 10 the text has a decimal, which the card rounds up."""
    n = Nnt("observed", "", "", 0.5, 0.4, sign / size, None, None, sign * size, "", "")
    kind = "NNTB" if sign > 0 else "NNTH"
    on_card = nnt_words.short(n).removeprefix("harm ")
    text = nnt_text(sign / size, None, None)
    in_text = text.removeprefix(f"{kind} ").removesuffix(" (no confidence interval)")
    if "." in in_text:
        assert int(on_card) == ceil(size) and float(in_text) == round(size, 1) < 10
    else:
        assert in_text == on_card


def test_the_limits_of_an_nnt_are_not_rounded_inwards():
    """2.25 as 3 would leave out, of a number needed to treat, the best quarter of what the interval holds."""
    assert nnt_text(0.2, 0.05, 1 / 2.25).endswith("(95% CI 2.2 to 20)")
    assert nnt_text(0.06, 1 / 40.4, 1 / 12.3) == "NNTB 17 (95% CI 12 to 40)"


def test_nnt_text_names_the_confidence_level():
    assert nnt_text(0.2, 0.1, 0.5, confidence=0.9) == "NNTB 5.0 (90% CI 2.0 to 10)"
    assert nnt_text(0.2, 0.1, 0.5, confidence=0.999) == "NNTB 5.0 (99.9% CI 2.0 to 10)"


@laws
@given(two_arms())
def test_nnt_text_mirrors_when_the_arms_swap(table):
    e1, n1, e0, n0 = table
    one, other = effects.newcombe(e1, n1, e0, n0), effects.newcombe(e0, n0, e1, n1)
    here = nnt_text(one.estimate, one.ci_low, one.ci_high)
    there = nnt_text(other.estimate, other.ci_low, other.ci_high)
    mirrored = here.replace("NNTB", "?").replace("NNTH", "NNTB").replace("?", "NNTH")
    if one.estimate != 0:
        assert mirrored == there
    assert ("∞ to" in here) == (one.ci_low < 0 < one.ci_high)
    assert nnt(one.estimate) == (None if one.estimate == 0 else -nnt(other.estimate))


# --- degenerate and impossible input ---------------------------------------------------------------------------------


def test_an_empty_arm_has_no_effect():
    assert effects.wilson(0, 0).estimate is None
    assert effects.newcombe(1, 2, 0, 0).ci_low is None
    assert effects.fisher_p(0, 0, 1, 2) is None
    assert "no participants" in effects.odds_ratio(0, 0, 1, 2).message


def test_impossible_counts_are_refused():
    for kernel in (effects.newcombe, effects.odds_ratio, effects.fisher_p):
        with pytest.raises(FitError, match="7 events among 5"):
            kernel(1, 2, 7, 5)
    with pytest.raises(FitError, match="swap them"):
        nnt_text(0.1, 0.2, 0.0)


COUNTS = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_square_and_add_of_whole_participants_is_newcombe(one, nought):
    (e1, n1), (e0, n0) = one, nought
    ours = effects.square_and_add(e1 / n1, n1, e0 / n0, n0)
    theirs = effects.newcombe(e1, n1, e0, n0)
    assert (ours.estimate, ours.ci_low, ours.ci_high) == pytest.approx(
        (theirs.estimate, theirs.ci_low, theirs.ci_high), abs=1e-12
    )


@given(COUNTS, COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_its_p_never_contradicts_its_interval(one, nought, confidence):
    (e1, n1), (e0, n0) = one, nought
    ours = effects.square_and_add(e1 / n1, n1, e0 / n0, n0, confidence=confidence)
    excludes = ours.ci_low > 1e-9 or ours.ci_high < -1e-9
    includes = ours.ci_low < -1e-9 < 1e-9 < ours.ci_high
    assert not (excludes and ours.p > 1 - confidence) and not (includes and ours.p < 1 - confidence)


@pytest.mark.parametrize("beyond", [1 + 2.3e-16, -1.1e-16])
def test_a_share_a_rounding_error_beyond_its_ends_is_that_end(beyond):
    at_end = effects.square_and_add(round(beyond), 10, 0.4, 12)
    assert effects.square_and_add(beyond, 10, 0.4, 12) == at_end
