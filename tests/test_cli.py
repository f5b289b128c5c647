"""`ketadash analyze` and `validate`: the contract with scripts and reviewers, kept key by key."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache

import numpy as np
import pandas as pd
import pytest
from command_line import ROOT, analyzed, run_main, strict_json
from every_choice import OTHER

from ketadash import __main__ as cli
from ketadash import trial
from ketadash.core.spec import AnalysisSpec
from ketadash.export.analysis_json import dumps
from ketadash.export.command import options

ARMS = ("midazolam", "ketamine")
SECTIONS = ("abstinence", "heavy", "time_to_event", "nnt", "sensitivity")
MODELS = {"linear", "quadratic", "linear_rspl", "quadratic_rspl", "linear_slope", "quadratic_slope"}
ENDPOINTS = {"relapse", "first_use", "first_heavy_day"}


# The contract's keys; more may be added, none may go.
PROVENANCE = {"data_sha256", "n_participants", "n_rows", "arms", "spec", "versions", "exploratory"}
MODEL = {
    "method",
    "formula",
    "n_observations",
    "n_participants",
    "n_quadrature",
    "converged",
    "messages",
    "random_intercept_sd",
    "coefficients",
    "tests",
}
LIKELIHOOD = {"minus2ll", "aic", "bic"}
COEFFICIENT = {"term", "estimate", "se", "statistic", "df", "p", "ci_low", "ci_high"}
TEST = {"effect", "f", "df_num", "df_den", "p"}
OBSERVED = {"arm", "day", "n", "n_missing", "proportion", "se"}
MODELLED = {"arm", "day", "probability", "se", "ci_low", "ci_high"}
ODDS = {"arm", "day", "estimate", "ci_low", "ci_high", "p"}
TTE = {"arms", "curve", "logrank", "cox", "rmst"}
TTE_ARM = {"n", "events", "censored", "median", "median_ci"}
STEP = {"arm", "day", "at_risk", "events", "censored", "survival", "ci_low", "ci_high"}
NNT = {"definition", "risk_active", "risk_control", "risk_difference", "ci_low", "ci_high", "nnt", "text"}
ROW = {"label", "spec_changes", "estimate", "ci_low", "ci_high", "p", "n_rows", "n_imputed"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample's analysis, written to a file."""
    target = tmp_path_factory.mktemp("cli") / "sample.json"
    assert cli.main(["analyze", "--json", str(target)]) == 0
    return strict_json(target.read_text(encoding="utf-8"))


def test_the_top_holds_what_the_contract_names(sample):
    assert {"schema_version", "warnings", "provenance", *SECTIONS} <= set(sample)
    assert sample["schema_version"] == "1.1" and isinstance(sample["warnings"], list)
    assert set(sample["provenance"]) >= PROVENANCE
    assert sample["provenance"]["arms"] == {"midazolam": 23, "ketamine": 17}
    assert set(sample["provenance"]["spec"]) == {f.name for f in fields(AnalysisSpec)}
    assert sample["provenance"]["exploratory"] == []


def test_every_model_is_laid_out_as_promised(sample):
    models = sample["abstinence"]["models"]
    assert set(models) == MODELS
    heavy = {"heavy": sample["heavy"]["model"], "heavy_slope": sample["heavy"]["model_slope"]}
    for name, m in {**models, **heavy}.items():
        sloping = name.endswith("_slope")
        assert sloping == ({"random_slope_sd", "random_correlation"} <= set(m)), name
        pseudo = name.endswith("_rspl") or name == "heavy"
        assert set(m) >= MODEL | ({"rho", "scale"} if pseudo else LIKELIHOOD), name
        assert not (pseudo and LIKELIHOOD & set(m)), "pseudo-likelihood has no likelihood to print"
        assert m["method"] == ("RSPL" if pseudo else "ML, random slopes" if sloping else "ML")
        assert all(set(c) >= COEFFICIENT for c in m["coefficients"])
        assert all(set(t) >= TEST for t in m["tests"])
        square = ["day^2"] if name.startswith("quadratic") else []
        baseline = "baseline_heavy_days" if name in heavy else "baseline_drinks"
        assert [c["term"] for c in m["coefficients"]] == ["intercept", "day", *square, "arm", "day:arm", baseline]
        assert [t["effect"] for t in m["tests"]] == [c["term"] for c in m["coefficients"][1:]]
        assert m["converged"] is True
    assert models["linear_rspl"]["scale"] == 1 and models["linear_rspl"]["rho"] is None
    assert -1 < sample["heavy"]["model"]["rho"] < 1 and sample["heavy"]["model"]["scale"] > 0


def test_days_points_and_odds_are_laid_out_as_promised(sample):
    for name in ("abstinence", "heavy"):
        part = sample[name]
        assert all(set(p) >= OBSERVED for p in part["observed"])
        assert all(set(p) >= MODELLED for p in part["modelled"])
        assert all(set(p) >= ODDS for p in part["odds_ratio_per_day"])
        expected = [(arm, day) for arm in ARMS for day in range(1, 22)]
        assert [(p["arm"], p["day"]) for p in part["observed"]] == expected
        assert [(p["arm"], p["day"]) for p in part["modelled"]] == expected
        assert part["estimand"] == "population"
    assert [o["day"] for o in sample["abstinence"]["odds_ratio_per_day"]] == [1, 11, 21] * 2
    assert [o["day"] for o in sample["heavy"]["odds_ratio_per_day"]] == [None, None]


def test_survival_is_laid_out_as_promised(sample):
    assert set(sample["time_to_event"]) == ENDPOINTS
    for t in sample["time_to_event"].values():
        assert set(t) >= TTE
        assert list(t["arms"]) == list(ARMS) == list(t["rmst"]["arms"])
        assert all(set(a) >= TTE_ARM and len(a["median_ci"]) == 2 for a in t["arms"].values())
        assert all(set(s) >= STEP for s in t["curve"])
        assert set(t["logrank"]) >= {"chi2", "df", "p"}
        assert set(t["cox"]) >= {"hr", "ci_low", "ci_high", "p", "ties"}
        assert set(t["rmst"]) >= {"tau", "arms", "difference"}
        assert all(set(a) >= {"estimate", "se"} for a in t["rmst"]["arms"].values())
        assert set(t["rmst"]["difference"]) >= {"estimate", "ci_low", "ci_high", "p"}
        assert sum(a["n"] for a in t["arms"].values()) == 40


def test_nnt_and_sensitivity_are_laid_out_as_promised(sample):
    assert set(sample["nnt"]) >= {"observed", "modelled"}
    assert all(set(n) >= NNT for n in sample["nnt"].values())
    assert len(sample["sensitivity"]) == 16 + 6  # the published choices crossed, and the other missing-day rules
    assert all(set(r) >= ROW for r in sample["sensitivity"])


def test_parts_of_the_document_tell_one_story(sample):
    last = {p["arm"]: p["probability"] for p in sample["abstinence"]["modelled"] if p["day"] == 21}
    nnt = sample["nnt"]["modelled"]
    assert (nnt["risk_control"], nnt["risk_active"]) == tuple(last[arm] for arm in ARMS)
    published = [r for r in sample["sensitivity"] if r["published"]]
    assert len(published) == 1 and published[0]["spec_changes"] == {}
    assert published[0]["estimate"] == pytest.approx(nnt["risk_difference"], abs=1e-15)
    n_abstinent = {
        arm: round(p["proportion"] * p["n"])
        for arm in ARMS
        for p in sample["abstinence"]["observed"]
        if (p["arm"], p["day"]) == (arm, 21)
    }
    counted = {c["arm"]: c["events"] for c in sample["nnt"]["observed_last_day"]["counts"]}
    assert n_abstinent == counted


def test_a_second_run_is_the_same_to_the_last_digit(sample, capsys):
    assert analyzed(capsys) == sample


def test_every_field_is_an_option_and_every_option_a_field():
    for command in ("analyze", "validate"):
        parser = cli.options_parser()
        sub = next(a for a in parser._actions if hasattr(a, "choices") and a.choices and "analyze" in a.choices)
        flags = {flag for action in sub.choices[command]._actions for flag in action.option_strings}
        named = {"--" + f.name.replace("_", "-") for f in fields(AnalysisSpec)}
        switches = {"--no-" + f.name.replace("_", "-") for f in fields(AnalysisSpec) if isinstance(f.default, bool)}
        own = {"-h", "--help", "--json", "--recipe", "--answer"}
        own |= {"--only", "--example", "--quiet"} if command == "analyze" else set()
        assert flags == named | switches | own


@pytest.fixture(scope="module")
def other_sample(tmp_path_factory):
    """The sample with a second column of amounts, and its own columns declared."""
    folder = tmp_path_factory.mktemp("trial")
    for file in (ROOT / "sample_data").iterdir():
        if file.suffix in (".csv", ".toml") and file.name != "days.csv":
            (folder / file.name).write_bytes(file.read_bytes())
    d = pd.read_csv(ROOT / "sample_data" / "days.csv")
    positive = (d.day % 7 == 0) & (d.participant_id.str[-1:] > "4")
    breath = positive.map({True: "positive", False: None})
    d.assign(halves=d.drinks / 2, breath=breath).to_csv(folder / "days.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def read_once():
    """A trial read by many commands of this process keeps what each computes of it, as in the dashboard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "load", cache(trial.load))
        yield


@pytest.mark.sweep(12)
@pytest.mark.parametrize("name", OTHER)
def test_every_option_changes_the_results_and_is_reported(name, sample, other_sample, read_once, capsys):
    other = OTHER[name]
    part, chosen = other.part, AnalysisSpec(**{name: other.value, **other.needs})
    if part not in sample:  # written only where it is named
        sample = sample | {part: analyzed(capsys, other_sample, "--only", part, "--shuffles", "50")[part]}
    found = analyzed(capsys, other_sample, "--only", part, *options(chosen, AnalysisSpec()))
    assert found[part] != sample[part]
    default = sample["provenance"]["spec"][name]
    assert found["provenance"]["spec"][name] != default
    # a subgroup is looked at beside the analysis, which stays what it is, and says itself that it is exploratory
    beside = name.startswith("subgroup")
    assert found["provenance"]["exploratory"] != [] or (beside and "Exploratory" in found[part]["warning"])


def test_the_defaults_written_out_are_the_defaults(sample, capsys):
    options = []
    for name, value in sample["provenance"]["spec"].items():
        flag = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            options.append(flag if value else "--no-" + flag[2:])
        elif isinstance(value, list):
            options += [flag, ",".join(value)]
        elif value is not None:
            options += [flag, str(value)]
    assert analyzed(capsys, *options) == sample


def test_a_number_that_json_does_not_know_becomes_null():
    text = dumps({"a": [float("nan"), (float("inf"), 1.5)], "b": {3: float("-inf")}})
    assert strict_json(text) == {"a": [None, [None, 1.5]], "b": {"3": None}}


def test_only_takes_parts(sample, capsys):
    found = analyzed(capsys, "--only", "nnt, time_to_event")
    assert set(found) & set(SECTIONS) == {"nnt", "time_to_event"}
    assert found["nnt"] == sample["nnt"]


def test_json_goes_to_a_file_and_nothing_to_standard_output(tmp_path, capsys):
    target = tmp_path / "näme with space.json"
    assert run_main(capsys, "analyze", "--only", "nnt", "--json", target) == (0, "", "")
    assert "nnt" in strict_json(target.read_text(encoding="utf-8"))


def test_the_text_is_that_of_pythons_own_writer():
    numbers = [1, True, None, -2.5e-300, 1e22, 0.1, -0.0]
    document = {"a": {}, "b": [], "c": [[]], 'ü "q"\n\x00\u2028': "é\t\\", "n": numbers, "deep": [{"x": numbers}] * 2}
    assert dumps(document) == json.dumps(document, indent=1, ensure_ascii=False)
    assert json.loads(dumps({3: ("half a pair: \ud800", np.float64("nan"))})) == {"3": ["half a pair: ?", None]}
    with pytest.raises(TypeError):
        dumps({"a": {1, 2}})
