"""The code of a value of each participant: endpoints, adjusted differences, every arm, days by subgroup."""

from __future__ import annotations

import json
import random
import shlex

import pytest
from code_running import R, at, run_r, same
from known_trials import sample_trial as sample

from ketadash import __main__ as cli
from ketadash.core.choices.subgroup_choices import SubgroupEndpoint
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule, Window
from ketadash.export import code, code_data, code_people, code_r, code_sas, code_sas_people
from ketadash.questions.registry import question
from ketadash.questions.shared import code_numbers
from ketadash.trial import load, resolve

COVARIATES = {"strata": ("sex",), "adjust_for": ("age", "employment")}
DAYS = {"subgroup_endpoint": SubgroupEndpoint.PERCENT_DAYS}
STATES = {
    "as published": {},
    "left out, adjusted, with grace": {
        "missing": MissingRule.MISSING,
        "grace": 3,
        "assessment_days": 14,
        "confidence": 0.9,
        **COVARIATES,
    },
    "carried forward, without tests": {"missing": MissingRule.LOCF, "etg": False, "days": Window(2, 20)},
    "best case, adjusted, unadjusted for baseline": {
        "missing": MissingRule.BEST,
        "adjust": False,
        "adjust_for": ("age",),
        "dropout": DropoutRule.COMPETING,
    },
}
CASES = [(page, state) for state in STATES for page in ("endpoints", "responders", "relapse")]
OF_SUBGROUPS = [{"subgroup": "sex", **DAYS}, {"subgroup": "age", "missing": MissingRule.MISSING, **DAYS}]


def made(page, choices, trial=None):
    """A page's numbers that are of this kind, with the facts that their programs need."""
    trial = trial or sample()
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    numbers = [n for n in question(page).numbers(trial, spec) if n.what in code_people.PEOPLE]
    return trial, spec, numbers, code_data.state_of(trial, spec, fitted=False)


def three_arms():
    """Twelve people in each of three arms, who drink less and less, a third of whom leave; invented."""
    draw, rows = random.Random(7), ["participant_id,arm,day,drinks"]
    for arm, share in (("placebo", 0.12), ("low dose", 0.08), ("high dose", 0.04)):
        for i in range(12):
            last = draw.randint(5, 15) if i % 3 == 0 else 21
            rows += [
                f"{arm[0]}{i},{arm},{day},{draw.randint(5, 9) * (draw.random() < share)}" for day in range(1, last)
            ]
            rows.append(f"{arm[0]}{i},{arm},{last},0")
    return load("\n".join(rows).encode(), name="three.csv")


PAIR = {"control": "placebo", "active": "high dose"}


def test_every_kind_of_number_of_a_participant_is_tried_here():
    found = {n.what for page, state in CASES for n in made(page, STATES[state])[2]}
    found |= {n.what for choices in OF_SUBGROUPS for n in made("subgroups", choices)[2]}
    found |= {n.what for n in made("abstinence", PAIR, three_arms())[2]}
    assert found == set(code_people.PEOPLE)


@pytest.mark.parametrize(("page", "state"), CASES)
def test_python_and_json_give_the_number_and_r_and_sas_are_whole(page, state, monkeypatch, capsys):
    monkeypatch.setattr("ketadash.trial.load_sample", sample)
    trial, spec, numbers, facts = made(page, STATES[state])
    written = {}
    for number in numbers:
        expected = code_numbers.value(number, trial, spec)
        names = {}
        exec(code.python(number, AnalysisSpec(**STATES[state]), None), names)
        same(names["answer"], expected)
        capsys.readouterr()
        line = code.shell(number, AnalysisSpec(**STATES[state]), None, trial.declared.published)
        words = shlex.split(line)
        if tuple(words[1:-3]) not in written:
            assert cli.main(words[1:-3]) == 0
            written[tuple(words[1:-3])] = json.loads(capsys.readouterr().out)
        same(at(written[tuple(words[1:-3])], words[-1]), expected)
        r, sas = code_r.program(number, facts), code_sas.program(number, facts)
        assert r and "<<" not in r and max(map(len, r.splitlines())) <= 132, number.label
        assert r.count("(") == r.count(")") and r.count("{") == r.count("}")
        assert bool(sas) != bool(code_sas.why_not(number, facts)), number.label
        if sas:
            assert "NOT RUN BY US" in sas and "<<" not in sas and max(map(len, sas.splitlines())) <= 132


def test_drawn_days_have_a_reason_instead_of_a_program():
    for choices in (
        {"missing": MissingRule.IMOR},
        {"missing": MissingRule.IMOR, "imor_control": 0.0, "imor_active": 0.0},
    ):
        _, _, numbers, facts = made("endpoints", {**choices, "imputations": 2})
        assert numbers
        for number in numbers:
            assert code_r.program(number, facts) is None and "Rubin" in code_r.why_not(number, facts)
            assert code_sas.program(number, facts) is None and code_sas.why_not(number, facts)


def test_the_days_of_every_arm_are_in_the_file_and_programs_of_a_pair_leave_the_others_out():
    trial, spec, numbers, facts = made("abstinence", PAIR, three_arms())
    assert set(code_data.long_table(trial, spec)["arm"]) == {"placebo", "low dose", "high dose"}
    assert [n.level for n in numbers if n.what == "holm days"] == ["high dose", "low dose"]
    for number in numbers:
        assert 'others <- c("high dose", "low dose")' in code_r.program(number, facts)
        assert code_sas.why_not(number, facts) == code_sas_people.OF_ARMS
    (one,) = [n for n in question("relapse").numbers(trial, spec) if n.what == "cox" and n.outcome == "relapse"]
    assert 'd$arm %in% c("placebo", "high dose")' in code_r.program(one, facts)
    assert "if arm in ('placebo', 'high dose');" in code_sas.program(one, facts)
    for number in numbers:  # the JSON of `ketadash analyze` has them at the place that is shown
        assert number.json.startswith(".arms.against_control[") and number.part == "abstinence"


# --- R itself: see test_code.py ---------------------------------------------------------------------------------------


def r_agrees(folder, trial, spec, numbers, facts):
    (folder / code_data.FILE).write_bytes(code_data.csv(trial, spec))
    for number in numbers:
        found, ours = run_r(folder, code_r.program(number, facts)), code_numbers.value(number, trial, spec)
        same(found, ours, 1e-8)


@R
@pytest.mark.parametrize(("page", "state"), CASES)
def test_r_gives_the_numbers_of_participants(page, state, tmp_path):
    r_agrees(tmp_path, *made(page, STATES[state]))


@R
@pytest.mark.parametrize("choices", OF_SUBGROUPS)
def test_r_gives_days_by_subgroup_and_their_one_test(choices, tmp_path):
    r_agrees(tmp_path, *made("subgroups", choices))


@R
@pytest.mark.parametrize("dropout", [DropoutRule.EVENT, DropoutRule.COMPETING])
def test_r_adjusts_for_every_arm_by_holm(dropout, tmp_path):
    r_agrees(tmp_path, *made("abstinence", {**PAIR, "dropout": dropout}, three_arms()))


@R
def test_r_of_a_pair_is_the_same_though_the_file_has_other_arms(tmp_path):
    trial = three_arms()
    spec, _ = resolve(trial, AnalysisSpec(**PAIR))
    numbers = [n for n in question("relapse").numbers(trial, spec) if n.what in ("logrank", "cox")]
    r_agrees(tmp_path, trial, spec, numbers, code_data.state_of(trial, spec, fitted=False))
