"""A link may say anything: the page opens, nothing is evaluated, and no choice lies outside its bounds."""

import math
from enum import Enum
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from known_trials import sample_trial
from opened import ROOT, opened, words
from streamlit.testing.v1 import AppTest
from sweeps import others_slow
from waiting import HANG_S

from ketadash.core.errors import KetadashError
from ketadash.core.spec import CHOICES, AnalysisSpec
from ketadash.trial import resolve
from ketadash.ui import controls, data_link, page_controls, presenting, privacy, state, state_link

KEYS = (
    *controls.words_of(AnalysisSpec()),
    *privacy.USUAL,
    data_link.DATA,
    data_link.RECIPE,
    presenting.ON,
    presenting.STEP,
    "endpoint",
    "method",
    "outcome",
    "record",
    "term",
    "tour",
    "a",
    "b",
    "v",
    *{key for own in page_controls.OWN.values() for key in own},
    "__class__",
    "ketadash_own",
)
NASTY = (
    "",
    "nan",
    "-inf",
    "1e308",
    "-1",
    "0x10",
    "999999999999999999999",
    "1:999999",
    "21:1",
    "true",
    "None",
    "[]",
    "{}",
    "__import__('os').system('true')",
    "<script>window.__pwned=1</script>",
    "../../etc/passwd",
    "%00",
    "\u202e",
    "drinking&missing=missing",
    "columns.arm=arm&unit=uk",
    "shape=long&shape=wide",
    "a" * 5000,
    "\u0661",
    "\uff11",
    "1_000",
    " 1 ",
    "+1",
)
value = some.one_of(some.sampled_from(NASTY), some.text(max_size=40), some.integers().map(str), some.floats().map(str))


@settings(max_examples=6, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(some.fixed_dictionaries({}, optional={key: value for key in KEYS}))
def test_whatever_a_link_says_the_page_opens_within_bounds(link):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    for key, said in link.items():
        at.query_params[key] = said
    at.run()
    assert not at.exception, (link, at.exception)
    found = next((at.session_state[key] for key in [state.CURRENT] if key in at.session_state), None)
    if found is None:  # choices that contradict each other, which is said
        assert at.error
        return
    spec, trial, default = found.chosen, sample_trial(), AnalysisSpec()
    for name in ("missing", "trend", "estimator", "estimand", "dropout"):
        assert isinstance(getattr(spec, name), Enum) and type(getattr(spec, name)) is type(getattr(default, name))
    for name in ("etg", "adjust", "penalised"):
        assert isinstance(getattr(spec, name), bool)
    assert {spec.control, spec.active} <= {None, *trial.arms}
    assert {spec.amount, spec.baseline} <= {None, *trial.days.columns, *trial.participants.columns}
    assert (
        0 <= spec.heavy_men <= CHOICES["heavy_men"].control.most
        and 0 <= spec.heavy_women <= CHOICES["heavy_men"].control.most
    )
    assert all(str(getattr(spec, name)) in CHOICES[name].offered for name in ("quadrature_points", "imputations"))
    assert 0 <= spec.seed < 2**32 and 0.5 < spec.confidence < 1
    for imor in (spec.imor_control, spec.imor_active):
        assert not math.isnan(imor) and imor >= 0
    if found.spec.days is not None:
        assert found.spec.days.n_days <= 8000


# What may stand where a number is expected: none, none that is finite, out of bounds, too long, of another script.
NUMBERLIKE = (
    *NASTY,
    "inf",
    "Infinity",
    "-inf",
    "+inf",
    "1e999",
    "-1e999",
    "1e400",
    "NaN",
    "-nan",
    "1e-999",
    "-0",
    "0.5",
    "-0.0",
    "4294967296",
    "9" * 5000,
    "1e5000",
    "0x1p3",
    "1,5",
    "١٢",
    "\x00",
    "2 ",
    "1e308",
    "½",
)


@pytest.mark.slow
@pytest.mark.parametrize("value", NUMBERLIKE[len(NASTY) :], ids=lambda v: repr(v)[:20])
def test_no_parameter_breaks_a_page_whatever_stands_there_for_a_number(value):
    """Every parameter at once, and so each before the next is looked at: all of them are drawn on every page."""
    test_whatever_a_link_says_the_page_opens_within_bounds.hypothesis.inner_test(dict.fromkeys(KEYS, value))


@pytest.mark.parametrize("key", ["seed", "men", "women"])
def test_a_number_that_cannot_be_is_said_and_leaves_the_link(key):
    for value in ("inf", "nan", "-1"):
        at = opened("overview", **{key: value})
        assert not at.exception and f"'{key}={value}' in the link is no choice here" in words(at)
        assert key not in at.query_params


def test_a_number_that_can_be_stays_in_the_link_as_it_is():
    at = opened("overview", seed="7", men="2.125", women="1e1")
    spec = at.session_state[state.CURRENT].chosen
    assert (spec.seed, spec.heavy_men, spec.heavy_women) == (7, 2.125, 10)
    assert [at.query_params[key] for key in ("seed", "men", "women")] in (
        ["7", "2.125", "10"],
        [["7"], ["2.125"], ["10"]],
    )


@pytest.mark.parametrize(
    "value", others_slow(NUMBERLIKE, *NUMBERLIKE[:3], *NUMBERLIKE[-3:]), ids=lambda v: repr(v)[:20]
)
def test_no_kept_state_of_a_link_breaks_whatever_stands_there_for_a_number(value):
    trial = sample_trial()
    for key in controls.words_of(AnalysisSpec()):
        try:
            spec = state_link.spec_of(urlencode({key: value}), trial).spec
            resolve(trial, spec)
        except KetadashError:
            continue
        assert 0 <= spec.seed < 2**32 and 0 <= spec.heavy_men <= CHOICES["heavy_men"].control.most
