"""Every number of a fitted model that the JSON has as null has a reason beside it."""

import json

import pytest

from ketadash.analyse import binary, fits, memo
from ketadash.core.errors import FitError
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule, Trend, Uncertainty
from ketadash.export.analysis_json import analysis, dumps
from ketadash.questions.missing_days import document as missing_days
from ketadash.questions.shared.document import model_fit
from ketadash.trial import load, load_sample, resolve

PARTS = ("abstinence", "heavy", "safety")
SPECS = {
    "published": {},
    "robust": {"uncertainty": Uncertainty.ROBUST},
    "penalised": {"penalised": True},
    "imputed": {"missing": MissingRule.IMOR, "imputations": 3},
    "imputed with slopes": {"missing": MissingRule.IMOR, "imputations": 2, "estimator": Estimator.SLOPE},
}


def models(part):
    """Every MODEL in a document, with where it stands."""
    if isinstance(part, dict):
        if {"coefficients", "tests", "method"} <= set(part):
            yield part
        for value in part.values():
            yield from models(value)
    elif isinstance(part, list):
        for value in part:
            yield from models(value)


def unexplained(model):
    nulls = {name for name, value in model.items() if value is None}
    nulls |= {"uncertainty"} if None in model["uncertainty"].values() else set()
    for name in {"estimate", "se", "df", "p", "ci_low", "ci_high"}:
        nulls |= {"coefficients"} if any(c[name] is None for c in model["coefficients"]) else set()
    if any(c["monte_carlo_se"] is None for c in model["coefficients"]) and model.get("n_imputations") is None:
        nulls |= {"coefficients.monte_carlo_se"}
    return nulls ^ set(model["null_because"])


@pytest.mark.parametrize("name", SPECS)
def test_every_null_of_a_model_has_its_reason(sample, name):
    trial = sample
    spec, _ = resolve(trial, AnalysisSpec(**SPECS[name]))
    document = json.loads(dumps(analysis(trial, spec, PARTS, deep=False)))
    found = list(models(document))
    assert len(found) >= 7
    for model in found:
        assert not unexplained(model), (model["method"], model["null_because"])
        assert all(model["null_because"].values())
    rspl = document["abstinence"]["models"]["linear_rspl"]
    assert rspl["random_intercept_sd_se"] is None  # nor, imputed, what varies between the imputations
    assert "as known" in rspl["null_because"]["random_intercept_sd_se"]
    assert ("modelled.monte_carlo_se" in document["heavy"]["null_because"]) is ("imputed" not in name)


def without_reason(value, path=(), reasons=()):
    """Where a number is null and no part that holds it says why, by the keys from that part on."""
    if isinstance(value, dict):
        held = [*reasons, (len(path), value.get("null_because", {}))]
        for key, inner in value.items():
            if key != "null_because":
                yield from without_reason(inner, (*path, key), held)
    elif isinstance(value, list):
        for inner in value:
            yield from without_reason(inner, path, reasons)
    elif value is None and not any(
        ".".join(path[start:end]) in why for start, why in reasons for end in range(start + 1, len(path) + 1)
    ):
        yield ".".join(path)


@pytest.mark.parametrize("amounts", ["drinks", "yes and no"])
def test_every_null_of_the_sensitivity_analyses_has_its_reason(sample, amounts):
    trial = sample
    if amounts == "yes and no":
        rows = [f"{arm}{i},{arm},{day},{(i * day) % 2}" for arm in "ab" for i in range(6) for day in range(1, 6)]
        trial = load("\n".join(["participant_id,arm,day,drinks", *rows, "a9,a,1,"]).encode())
    control = {} if amounts == "drinks" else {"control": "a", "active": "b"}
    spec, _ = resolve(trial, AnalysisSpec(imputations=2, **control))
    document = json.loads(dumps(analysis(trial, spec, ("sensitivity",), deep=False)))
    for part in ("sensitivity", "robustness", "tipping"):
        assert not set(without_reason(document[part], (part,))), part
    assert "--only sensitivity" in document["tipping"]["null_because"]["map"]
    heavy = document["robustness"]["null_because"]
    assert ("relapse" in heavy) is (amounts == "yes and no") and "heavy" in heavy


@pytest.mark.slow
def test_every_rule_of_a_large_trial_is_computed_where_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(binary, "MOST_IMPUTED_IN_MAIN_RESULTS", 1000)  # the sample with two imputations has more
    trial = load_sample()
    spec, _ = resolve(trial, AnalysisSpec(imputations=2))
    document = json.loads(dumps(analysis(trial, spec, ("sensitivity",), deep=False)))
    assert len(document["sensitivity"]) == 16 and not any("assumptions" in name for name in memo.computed(trial))
    held = document["robustness"]
    assert held["assumptions"] is None and held["nnt"] is None and held["specifications"]["n"] == 16
    assert not set(without_reason(held, ("robustness",)))
    assert any("every rule for the missing days" in warning for warning in document["warnings"])
    parts, warnings = missing_days.document(trial, spec, deep=True)
    assert len(parts["sensitivity"]) == 22 and parts["robustness"]["assumptions"]["n"] and not warnings


@pytest.mark.parametrize("amounts", ["drinks", "yes and no", "two who leave"])
def test_every_part_that_is_null_and_every_number_of_time_to_event_has_its_reason(sample, amounts):
    trial, control = sample, {}
    if amounts != "drinks":
        rows = [f"{arm}{i},{arm},{day},{(i * day) % 2}" for arm in "ab" for i in range(6) for day in range(1, 6)]
        if amounts == "two who leave":  # nobody has an event in one arm
            rows = [f"{arm}{i},{arm},{day},{5 * (arm == 'a')}" for arm in "ab" for i in range(2) for day in range(1, 4)]
        trial = load("\n".join(["participant_id,arm,day,drinks", *rows, "a9,a,1,"]).encode())
        control = {"control": "a", "active": "b"}
    parts = ("abstinence", "heavy", "time_to_event", "dropout", "subgroups", "endpoints", "sensitivity")
    document = json.loads(dumps(analysis(trial, AnalysisSpec(imputations=2, **control), parts, deep=False)))
    because = document["null_because"]
    assert {name for name in because if "." not in name} == {name for name, part in document.items() if part is None}
    assert "--only sensitivity" in because["specifications"]
    for part in ("time_to_event", "dropout"):
        assert not set(without_reason({part: document[part], "null_because": because})), part
    medians = [arm["median"] for arm in document["time_to_event"]["first_use"]["arms"].values()]
    assert amounts != "drinks" or None in medians


def test_a_fit_that_could_not_be_made_says_so_of_each_number():
    lost = fits.failed(Trend.LINEAR, (), "abstinent", "ML", FitError("no day is left to model"))
    model = model_fit(lost.model)
    assert model["messages"] == ["no day is left to model"]
    assert {"random_intercept_sd", "random_intercept_sd_se", "minus2ll", "coefficients"} <= set(model["null_because"])
    assert not unexplained(json.loads(dumps(model)))


def test_every_null_of_a_number_needed_to_treat_has_its_reason():
    rows = [f"{arm}{i},{arm},{day},0" for arm in "ab" for i in range(4) for day in range(1, 6)]
    alike = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())  # no model, and no difference
    spec, _ = resolve(alike, AnalysisSpec(control="a", active="b"))
    numbers = analysis(alike, spec, ("nnt",), deep=False)["nnt"]
    for number in numbers.values():
        assert {name for name, value in number.items() if value is None} == set(number["null_because"])
    assert numbers["observed"]["null_because"] == {"nnt": "the shares are the same, so the number is infinite"}
    assert "no finite answer" in numbers["modelled"]["null_because"]["risk_difference"]
    assert "counts" in numbers["modelled"]["null_because"]
    assert numbers["modelled"]["interval"] == "no interval" and "Newcombe" in numbers["observed"]["interval"]


def test_a_model_that_has_an_answer_and_no_robust_errors_is_not_said_to_have_none():
    rows = [f"{arm}{i},{arm},{day},{5 * ((i + day) % 3 == 0)}" for arm in "ab" for i in range(2) for day in range(1, 9)]
    few = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    spec, _ = resolve(few, AnalysisSpec(control="a", active="b", uncertainty=Uncertainty.ROBUST, trend=Trend.QUADRATIC))
    document = analysis(few, spec, ("abstinence", "nnt"), deep=False)
    quadratic = document["abstinence"]["models"]["quadratic"]
    assert any("more participants than the model has parameters" in m for m in quadratic["messages"])
    assert "no finite answer, or no standard error" in document["nnt"]["modelled"]["text"]
