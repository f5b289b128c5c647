"""A link may say anything: the page opens, nothing is evaluated, and no choice lies outside its bounds."""

import math
from enum import Enum

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from opened import ROOT
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.spec import AnalysisSpec
from ketadash.trial import load_sample
from ketadash.ui import choices, controls, linked, presenting, privacy, state

KEYS = (*controls.words_of(AnalysisSpec()), *privacy.USUAL, linked.DATA, linked.RECIPE, presenting.ON, presenting.STEP,
        "endpoint", "method", "outcome", "record", "a", "b", "v", *{key for own in choices.OWN.values() for key in own},
        "__class__", "ketadash_own")  # fmt: skip
NASTY = ("", "nan", "-inf", "1e308", "-1", "0x10", "999999999999999999999", "1:999999", "21:1", "true", "None", "[]",
         "{}", "__import__('os').system('true')", "<script>window.__pwned=1</script>", "../../etc/passwd",
         "%00", "\u202e", "drinking&missing=missing", "columns.arm=arm&unit=uk", "shape=long&shape=wide", "a" * 5000,
         "\u0661", "\uff11", "1_000", " 1 ", "+1")  # fmt: skip
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
    spec, trial, default = found.chosen, load_sample(), AnalysisSpec()
    for name in ("missing", "trend", "estimator", "estimand", "dropout"):
        assert isinstance(getattr(spec, name), Enum) and type(getattr(spec, name)) is type(getattr(default, name))
    for name in ("etg", "adjust", "penalised"):
        assert isinstance(getattr(spec, name), bool)
    assert {spec.control, spec.active} <= {None, *trial.arms}
    assert {spec.amount, spec.baseline} <= {None, *trial.days.columns, *trial.participants.columns}
    assert 0 <= spec.heavy_men <= controls.MOST and 0 <= spec.heavy_women <= controls.MOST
    assert str(spec.quadrature_points) in controls.POINTS and str(spec.imputations) in controls.IMPUTATIONS
    assert 0 <= spec.seed < 2**32 and 0.5 < spec.confidence < 1
    for imor in (spec.imor_control, spec.imor_active):
        assert not math.isnan(imor) and imor >= 0
    if found.spec.days is not None:
        assert found.spec.days.n_days <= 8000
