"""Small trials whose right answers were worked out elsewhere, in R or by hand: each was once given out wrongly."""

import json
from pathlib import Path

import pytest

from ketadash.cli import main

CASES = Path(__file__).parent / "cases"


@pytest.fixture
def analyzed(capsys):
    def run(name, *options):
        arms = ("--control", "control", "--active", "active")
        assert main(["analyze", str(CASES / f"{name}.csv"), *arms, *options, "--json", "-"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("rule", ["imor", "jump_to_reference", "copy_reference"])
def test_days_as_known_never_stand_under_the_name_of_an_imputation_that_failed(rule, analyzed):
    d = analyzed("mi_two_visits", "--missing", rule, "--only", "abstinence,nnt")
    why = "the known days are days 7 and 14 only, and a quadratic trend needs three; choose a linear trend"
    assert any("could not be imputed" in w and why in w for w in d["warnings"])
    assert all(point["proportion"] is None for point in d["abstinence"]["observed"])
    for name in ("observed", "observed_last_day"):
        assert d["nnt"][name]["risk_active"] is None and why in d["nnt"][name]["text"]
    assert d["abstinence"]["models"]["quadratic"]["messages"] == [why]


def test_what_can_be_imputed_beside_it_is(analyzed):
    d = analyzed("mi_two_visits", "--missing", "imor", "--trend", "linear", "--only", "abstinence,nnt")
    last = d["nnt"]["observed_last_day"]
    assert last["risk_active"] == pytest.approx(7.25 / 12) and last["risk_control"] == pytest.approx(6.6 / 12)


def test_a_model_names_what_it_cannot_tell_apart_and_why(analyzed):
    d = analyzed("glmm_one_day_each", "--only", "abstinence")
    messages = [m for model in d["abstinence"]["models"].values() for m in model["messages"]]
    assert set(messages) == {"all known days are day 1, so there is no trend to model; choose a longer window"}
    d = analyzed("mi_arm_unknown", "--missing", "missing", "--only", "abstinence")
    messages = [m for model in d["abstinence"]["models"].values() for m in model["messages"]]
    assert set(messages) == {"nobody in the active arm has a known day, so the arms cannot be compared"}


def test_everybody_one_way_is_no_answer_of_pseudo_likelihood(analyzed):
    d = analyzed("glmm_all_or_none", "--estimator", "rspl", "--only", "abstinence,nnt")
    model = d["abstinence"]["models"]["linear_rspl"]
    assert not model["converged"] and "every participant is the same way" in model["messages"][0]
    assert d["nnt"]["modelled"]["nnt"] is None
