"""What a toggle computes again, and what it cannot touch: counted, not timed."""

from dataclasses import fields, replace
from functools import cache
from importlib import import_module

import pytest
from every_choice import VALUES
from sweeps import others_slow
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse import memo
from ketadash.analyse.binary import abstinence_draws, abstinence_fit, heavy_draws, heavy_fit
from ketadash.core import families as specs
from ketadash.core.spec import (
    AnalysisSpec,
    DropoutRule,
    Estimand,
    Estimator,
    MissingRule,
    Trend,
    Uncertainty,
    Window,
)
from ketadash.stats import pql, slopes
from ketadash.trial import load_sample, resolve

PUBLISHED = AnalysisSpec()
resolving = import_module("ketadash.trial.resolve")  # the package calls its function so

IMPUTATION = ("imor_control", "imor_active", "imputations", "seed")
FAMILIES = {
    "panel": (analyse.panel_of, specs.PANEL),
    "abstinence draws": (abstinence_draws, specs.ABSTINENCE_DRAWS),
    "abstinence fit": (abstinence_fit, specs.ABSTINENCE_FIT),
    "abstinence": (analyse.abstinence_result, specs.ABSTINENCE),
    "heavy draws": (heavy_draws, specs.HEAVY_DRAWS),
    "heavy fit": (heavy_fit, specs.HEAVY_FIT),
    "heavy": (analyse.heavy_result, specs.HEAVY),
    "time to event": (analyse.time_to_event, specs.TIME_TO_EVENT),
    "nnt": (analyse.nnt_result, specs.NNT),
    "sensitivity": (analyse.sensitivity, specs.SENSITIVITY),
}


def _imputing(spec, names):
    """The spec where an imputation's choices matter: to times, where they come from completed days."""
    dropout = DropoutRule.IMPUTED if "dropout" in names else spec.dropout
    return spec.replace(missing=MissingRule.IMOR, dropout=dropout)


FITS = ("abstinence_fit", "heavy_fit")


_read = cache(load_sample)


def _fresh():
    """The sample as if just read: an object of its own, for which nothing is remembered."""
    return replace(_read())


def _everything(t, spec):
    for f in (analyse.abstinence_result, analyse.heavy_result, analyse.time_to_event, analyse.nnt_result):
        f(t, spec)


def _counts(t):
    return {name.rpartition(".")[2]: n for name, n in memo.computed(t).items()}


def _refitted(t, before):
    return {name: n - before.get(name, 0) for name, n in _counts(t).items() if n != before.get(name, 0)}


@pytest.fixture
def sample():
    """A trial of its own, so that nothing is remembered, with everything computed once."""
    t = _fresh()
    spec, _ = resolve(t, PUBLISHED)
    _everything(t, spec)
    return t, spec, _counts(t)


def test_the_toggles_cover_every_field():
    assert set(VALUES) == {f.name for f in fields(AnalysisSpec)}
    assert all(VALUES[f.name] != f.default for f in fields(AnalysisSpec))


def test_asking_again_computes_nothing(sample):
    t, spec, before = sample
    _everything(t, spec)
    _everything(t, resolve(t, PUBLISHED)[0])
    assert _refitted(t, before) == {}


@pytest.mark.parametrize("field", ["estimand", "confidence"])
def test_what_only_reads_a_fit_refits_nothing(sample, field):
    t, spec, before = sample
    _everything(t, spec.replace(**{field: VALUES[field]}))
    again = _refitted(t, before)
    assert "abstinence_result" in again
    assert not set(FITS) & set(again)


@pytest.mark.parametrize("field", ["trend", "estimator"])
def test_another_abstinence_model_is_one_fit_and_no_heavy_one(sample, field):
    t, spec, before = sample
    _everything(t, spec.replace(**{field: VALUES[field]}))
    assert _refitted(t, before) == {"abstinence_fit": 1, "abstinence_result": 1, "nnt_result": 1}


def test_the_dial_draws_once_and_fits_again(sample):
    t, spec, _ = sample
    imputed = spec.replace(missing=MissingRule.IMOR)
    analyse.abstinence_result(t, imputed)
    before = _counts(t)
    for imor in (0.5, 0.2):
        analyse.abstinence_result(t, imputed.replace(imor_control=imor))
    assert _refitted(t, before) == {"abstinence_fit": 2, "abstinence_result": 2}


@pytest.mark.parametrize("field", ["imputations", "seed"])
def test_imputation_choices_refit_nothing_where_nothing_is_imputed(sample, field):
    t, spec, before = sample
    _everything(t, spec.replace(**{field: VALUES[field]}))
    assert _refitted(t, before) == {}


@pytest.mark.parametrize("field", ["dropout", "tau"])
def test_survival_choices_fit_no_mixed_model(sample, field):
    t, spec, before = sample
    _everything(t, spec.replace(**{field: VALUES[field]}))
    assert _refitted(t, before) == {"time_to_event": 1}


@pytest.mark.parametrize("field", ["quadrature_points", "penalised"])
def test_quadrature_choices_leave_heavy_days_and_survival_alone(sample, field):
    t, spec, before = sample
    _everything(t, spec.replace(**{field: VALUES[field]}))
    assert set(_refitted(t, before)) == {"abstinence_fit", "abstinence_result", "nnt_result"}


@pytest.mark.parametrize("field", ["missing", "adjust"])
def test_rules_for_rows_leave_survival_and_the_panel_alone(sample, field):
    t, spec, before = sample
    _everything(t, spec.replace(**{field: VALUES[field]}))
    again = _refitted(t, before)
    assert again["abstinence_fit"] == again["heavy_fit"] == 1
    assert not {"time_to_event", "panel_of"} & set(again)


@pytest.mark.parametrize("field", ["heavy_men", "heavy_women"])
def test_heavy_thresholds_refit_no_abstinence_model(sample, field):
    t, spec, before = sample
    _everything(t, spec.replace(**{field: VALUES[field]}))
    again = _refitted(t, before)
    assert again["heavy_fit"] == 1
    assert not {"abstinence_fit", "abstinence_result", "nnt_result"} & set(again)


def test_sensitivity_reuses_the_pages_fits_and_the_other_way_round(sample):
    t, spec, before = sample
    analyse.sensitivity(t, spec)
    # 2 missing rules × adjusted or not × 2 trends × 2 estimators, one of them there already
    assert _refitted(t, before)["abstinence_fit"] == 15
    before = _counts(t)
    for missing in (MissingRule.NONABSTINENT, MissingRule.MISSING):
        for adjust in (True, False):
            analyse.abstinence_result(t, spec.replace(missing=missing, adjust=adjust))
    assert "abstinence_fit" not in _refitted(t, before)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_field_that_a_family_does_not_name_cannot_change_its_result(family):
    f, names = FAMILIES[family]
    t = trial(frame(2))
    spec, _ = resolve(t, PUBLISHED)
    others = [name for name in VALUES if name not in names]
    assert others
    for name in others:
        base = _imputing(spec, names) if name in IMPUTATION else spec
        assert f(t, base.replace(**{name: VALUES[name]})) is f(t, base), name


@pytest.mark.parametrize("family", others_slow(FAMILIES, *list(FAMILIES)[:3]))
def test_a_field_that_a_family_names_is_asked_for(family):
    """A change of it leads to a result of its own (that it matters to the numbers: tests/test_cli.py)."""
    f, names = FAMILIES[family]
    t = _fresh()
    spec, _ = resolve(t, PUBLISHED)
    for name in names:
        if name in ("control", "active"):
            other = spec.replace(control=spec.active, active=spec.control)
        elif name == "amount":
            continue  # the sample has one column of amounts
        else:
            from_days = "dropout" in names and name in ("missing", "adjust", "trend", "penalised")
            base = _imputing(spec, names) if from_days or name in IMPUTATION or "draws" in family else spec
            value = MissingRule.JUMP_TO_REFERENCE if name == "missing" and base.missing.imputed else VALUES[name]
            other = base.replace(**{name: value})
            assert f(t, other) is not f(t, base), name
            continue
        assert f(t, other) is not f(t, spec), name


def test_two_trials_share_nothing(sample):
    t, spec, _ = sample
    other = _fresh()
    assert memo.computed(other) == {}
    assert analyse.abstinence_result(other, spec) is not analyse.abstinence_result(t, spec)


def test_a_trial_that_is_gone_takes_its_results_along():
    import gc
    from weakref import ref

    t = trial(frame(1))
    amount = ref(analyse.panel_of(t, resolve(t, PUBLISHED)[0]).amount)
    assert amount() is not None
    del t
    gc.collect()
    assert amount() is None


def test_old_results_are_dropped_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(memo, "MOST_RESULTS", 3)
    t = trial(frame(1))
    spec, _ = resolve(t, PUBLISHED)
    for last in (6, 7, 8, 9):
        analyse.panel_of(t, spec.replace(days=Window(1, last)))
    before = memo.computed(t)
    analyse.panel_of(t, spec.replace(days=Window(1, 7)))  # the oldest left, and now the last one used
    assert memo.computed(t) == before
    analyse.panel_of(t, spec.replace(days=Window(1, 5)))
    before = memo.computed(t)
    analyse.panel_of(t, spec.replace(days=Window(1, 7)))
    assert memo.computed(t) == before
    analyse.panel_of(t, spec.replace(days=Window(1, 6)))
    assert memo.computed(t) != before


def test_many_at_once_wait_for_one_computation():
    from threading import Barrier, Thread

    t = _fresh()
    spec, _ = resolve(t, PUBLISHED)
    barrier, found = Barrier(6), []

    def ask():
        barrier.wait()
        found.append(analyse.abstinence_result(t, spec))

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(r) for r in found}) == 1 and len(found) == 6
    assert _counts(t)["abstinence_fit"] == _counts(t)["abstinence_result"] == 1


@pytest.mark.parametrize("chosen", [{}, {"days": Window(2, 9)}, {"missing": MissingRule.IMOR}])
def test_what_resolving_does_not_ask_is_passed_on(chosen):
    alike = {
        "imputations": 7,
        "seed": 9,
        "trend": Trend.LINEAR,
        "estimand": Estimand.TYPICAL,
        "uncertainty": Uncertainty.ROBUST,
        "confidence": 0.9,
    }
    if chosen.get("missing") is MissingRule.IMOR:
        alike |= {"imor_control": 0.5, "imor_active": 2.0}
    assert {*alike, "imor_control", "imor_active"} == set(resolving.PASSED_ON)
    spec = AnalysisSpec(**chosen, **alike)
    once, each_anew = load_sample(), load_sample()
    anew = resolving.resolved_anew(each_anew, spec)
    assert (*resolve(once, spec), resolving.why_unadjusted(once, spec)) == (anew.spec, anew.notes, anew.unadjusted)


def test_heavy_days_with_random_slopes_are_fitted_once_whatever_is_shown_of_them(monkeypatch):
    """Every fit, curve and level shows the same one, and one with robust errors has that with the model's own."""
    spec = resolve(_fresh(), AnalysisSpec(uncertainty=Uncertainty.ROBUST))[0]
    shown = [
        spec.replace(**changes)
        for u in (Uncertainty.ROBUST, Uncertainty.MODEL)
        for changes in (
            {"uncertainty": u},
            {"uncertainty": u, "estimand": Estimand.TYPICAL},
            {"uncertainty": u, "estimator": Estimator.SLOPE, "trend": Trend.LINEAR},
            {"uncertainty": u, "confidence": 0.9},
        )
    ]
    each = [analyse.heavy_slopes(_fresh(), one) for one in shown]
    fitted, fit_many = [], slopes.fit_many
    monkeypatch.setattr(slopes, "fit_many", lambda *args, **kw: fitted.append(args) or fit_many(*args, **kw))
    t = _fresh()
    for one, alone in zip(shown, each, strict=True):
        together = analyse.heavy_slopes(t, one)
        assert together.coefficients == alone.coefficients and together.tests == alone.tests
        assert together.clusters == alone.clusters and (together.covariance == alone.covariance).all()
    assert len(fitted) == 1


def test_rules_that_impute_the_same_days_share_their_fits(monkeypatch):
    """Only midazolam has missing days, and it is the reference: three rules that impute draw the same ones."""
    rules = (MissingRule.IMOR, MissingRule.JUMP_TO_REFERENCE, MissingRule.COPY_REFERENCE)
    spec = resolve(_fresh(), AnalysisSpec(imputations=2))[0]
    shown = [spec.replace(missing=rule, estimator=fit) for rule in rules for fit in (Estimator.RSPL, Estimator.SLOPE)]
    fits = (analyse.abstinence_result, analyse.heavy_result, analyse.heavy_slopes)
    each = [[fit(_fresh(), one) for fit in fits] for one in shown]
    fitted = []
    for kernel in (slopes, pql):
        plain = kernel.fit_many
        monkeypatch.setattr(kernel, "fit_many", lambda *args, _f=plain, **kw: fitted.append(args) or _f(*args, **kw))
    t = _fresh()
    for one, alone in zip(shown, each, strict=True):
        for fit, own in zip(fits, alone, strict=True):
            together = fit(t, one)
            a, b = (getattr(result, "model", result) for result in (together, own))
            assert a.coefficients == b.coefficients and a.tests == b.tests and a.convergence == b.convergence
            assert getattr(together, "difference", None) == getattr(own, "difference", None)
            assert getattr(together, "counts", None) == getattr(own, "counts", None)
    assert len(fitted) == 4  # abstinence and heavy days, each by both fits


def test_rules_that_impute_other_days_have_fits_of_their_own():
    """Where the active arm has missing days, and under the dial."""
    t = trial(frame())
    spec = resolve(t, AnalysisSpec(imputations=4, missing=MissingRule.IMOR))[0]
    changes = ({}, {"missing": MissingRule.JUMP_TO_REFERENCE}, {"imor_control": 0.2}, {"imor_active": 5.0})
    last = [analyse.abstinence_result(t, spec.replace(**one)).difference[-1].probability for one in changes]
    assert len(set(last)) == len(last)
