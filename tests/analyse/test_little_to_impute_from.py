"""Where there is nothing to impute, or nothing to impute from."""

import numpy as np
import pytest
from imputed_trials import IMOR, INF, REFERENCE_RULES, RESULTS, abstinence, imor, last_difference, numbers, resolved
from trials import differing, frame, trial

from ketadash import analyse
from ketadash.core.errors import FitError
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimator


@pytest.mark.parametrize("rule", [IMOR, *REFERENCE_RULES])
def test_without_missing_days_imputation_is_complete_data_and_says_so(rule):
    t = trial(frame(5, absent=0))
    assert differing(numbers(t, AnalysisSpec(missing=rule), *RESULTS), numbers(t, AnalysisSpec(), *RESULTS)) == []
    assert any("nothing to impute" in w for w in abstinence(t, missing=rule).warnings)
    imputed, plain = (
        analyse.time_to_event(t, resolved(t, **c))
        for c in ({"missing": rule, "dropout": DropoutRule.IMPUTED}, {"dropout": DropoutRule.CENSORED})
    )
    for endpoint, one in imputed.items():
        assert any("nothing to impute" in w for w in one.warnings)
        assert one.logrank.chi2 == pytest.approx(plain[endpoint].logrank.chi2, abs=1e-10)


def test_an_arm_without_missing_days_has_no_dial(sample):
    a, b = (imor(sample, control=0.5, active=active) for active in (1.0, 7.0))
    assert [c.estimate for c in a.model.coefficients] == [c.estimate for c in b.model.coefficients]
    ketamine = [(o.proportion, o.se) for o in a.observed if o.arm == "ketamine"]
    plain = [(o.proportion, o.se) for o in abstinence(sample).observed if o.arm == "ketamine"]
    assert np.array(ketamine) == pytest.approx(np.array(plain), abs=1e-15)
    # the other arm's end of the dial needs no model, whatever this arm's ratio is
    c = imor(sample, control=0.0, active=7.0)
    assert c.model.n_imputations is None and last_difference(c) == last_difference(abstinence(sample))


@pytest.fixture(scope="module", params=["placebo", "drug"])
def silent(request):
    """A trial of which one arm never reported, and that arm's name."""
    d = frame(5)
    d["drinks"] = d.drinks.mask(d.arm == request.param)
    return trial(d), request.param


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("rule", [IMOR, *REFERENCE_RULES])
def test_an_arm_without_a_known_day_cannot_be_imputed_and_is_named(silent, rule, estimator):
    t, arm = silent
    r = abstinence(t, missing=rule, estimator=estimator)
    assert not r.model.usable and r.modelled == r.difference == r.odds_ratio_per_day == ()
    assert any(f"nobody in the {arm} arm" in m for m in r.model.convergence.messages)
    # what is known of the other arm would stand under the name of a rule that was not carried out
    assert all(o.proportion is None for o in r.observed)
    assert any("could not be imputed" in w for w in r.warnings)
    n = analyse.nnt_result(t, resolved(t, missing=rule, estimator=estimator))
    assert n.modelled.risk_difference is n.observed.risk_difference is None and arm in n.observed.text
    heavy = analyse.heavy_result(t, resolved(t, missing=rule))
    assert not heavy.model.usable and any(arm in m for m in heavy.model.convergence.messages)
    with pytest.raises(FitError, match=f"nobody in the {arm} arm"):
        analyse.time_to_event(t, resolved(t, missing=rule, dropout=DropoutRule.IMPUTED))


@pytest.mark.parametrize(("ratio", "share"), [(0.0, 0.0), (INF, 1.0)])
def test_an_arm_without_a_known_day_still_has_its_ends(silent, ratio, share):
    t, arm = silent
    r = imor(t, ratio, ratio)
    assert r.percent_days[arm] == share and {o.proportion for o in r.observed if o.arm == arm} == {share}
    assert not r.model.usable and "separates" in r.model.convergence.messages[0]  # an arm all one way has no odds
    assert imor(t, ratio, ratio, penalised=True).model.usable
    spec = resolved(t, missing=IMOR, imor_control=ratio, imor_active=ratio, dropout=DropoutRule.IMPUTED)
    assert analyse.nnt_result(t, spec).observed_last_day.risk_difference is not None
    for result in analyse.time_to_event(t, spec).values():
        silent_arm = next(a for a in result.arms if a.arm == arm)
        assert silent_arm.events == (silent_arm.n if share == 0 else 0)


@pytest.fixture(scope="module")
def separated():
    """The drug arm abstinent on every day that is known."""
    d = frame(5)
    return trial(d.assign(drinks=d.drinks.mask((d.arm == "drug") & d.drinks.notna(), 0)))


def test_known_days_that_separate_the_arms_are_imputed_from_the_penalised_fit_and_say_so(separated):
    r = imor(separated)
    assert any("penalised" in w for w in r.warnings)
    m = r.model
    assert 0 < m.n_failed < m.n_imputations == 20 and not m.convergence.ok
    assert f"{m.n_failed} of 20 imputations have no finite fit" in m.convergence.messages[0]
    if m.usable:
        assert all(np.isfinite(c.estimate) and np.isfinite(c.se) for c in m.coefficients)
    whole = imor(separated, penalised=True)
    assert whole.model.n_failed == 0 and whole.model.usable and whole.model.method == "Penalised ML"
    assert last_difference(whole) > 0


def test_where_every_imputation_is_separated_there_is_no_model(separated):
    r = imor(separated, active=1e6, imputations=4)
    assert not r.model.usable and r.model.n_failed == r.model.n_imputations == 4
    assert r.modelled == () and all(c.estimate is None for c in r.model.coefficients)
    assert any("every day counted in the drug arm is abstinent" in w for w in r.warnings)
    assert analyse.nnt_result(separated, resolved(separated, missing=IMOR, imor_active=1e6, imputations=4)) is not None


def test_where_missing_means_drinking_nothing_is_separated(separated):
    assert imor(separated, 0.0, 0.0).model.usable
    assert not imor(separated, INF, INF).model.usable  # nothing is certain of less than always
