"""Designs that cannot be answered: a sentence each, on screen, on the command line and in the JSON."""

from __future__ import annotations

import json
import random

import pytest
from opened import opened, words

from ketadash import __main__ as cli

ARMS = {"control": "placebo", "active": "drug"}
SAME = "'same' is the same for everybody, so there is nothing to adjust for: leave it out"
CODE = "'code' has 100 levels, and a covariate of words may have 60: put levels together in the file"
STRATUM_OF_CODES = "'code' has 100 levels, and a stratum may have 60: put levels together in the file"
LATER = "'dropout_reason' is measured after randomisation, by its name"
LONE = "1 of 2 strata, with 2 of 120 participants, have one arm only and tell stratified tests nothing"
NEVER = "nobody can relapse by weeks:4: that takes 28 days, and the window 1:14 has fewer from day 1 on"


def invented() -> str:
    """120 people of two arms and 14 days, with columns that no design should have."""
    draw, rows = random.Random(3), ["participant_id,arm,day,drinks,site,same,code,lonely,dropout_reason"]
    for i in range(120):
        arm, share = ("drug", 0.1) if i % 2 else ("placebo", 0.2)
        site, lonely = "north" if i in (1, 3) else "south", "rare" if i == 0 else "common"
        more = f"{site},yes,c{i % 100},{lonely},{'moved' if i % 3 else 'tired'}"
        rows += [f"p{i},{arm},{day},{draw.randint(4, 9) * (draw.random() < share)},{more}" for day in range(1, 15)]
    return "\n".join(rows)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("bad") / "days.csv"
    path.write_text(invented(), encoding="utf-8")
    return str(path)


def said(file, capsys, *choices):
    """The status, what the command line says, and the JSON that it writes (None where it writes none)."""
    asked = ["analyze", file, "--control", "placebo", "--active", "drug", "--json", "-", *choices]
    status = cli.main(asked)
    out, err = capsys.readouterr()
    return status, err, json.loads(out) if out.strip() else None


@pytest.mark.sweep(3)
@pytest.mark.parametrize(
    ("link", "choices", "sentence"),
    [
        ({"adjust-for": "same"}, ("--adjust-for", "same"), SAME),
        ({"adjust-for": "code"}, ("--adjust-for", "code"), CODE),
        ({"adjust-for": "code,same"}, ("--adjust-for", "code,same"), CODE),
        ({"strata": "code"}, ("--strata", "code"), STRATUM_OF_CODES),
        ({"strata": "dropout_reason"}, ("--strata", "dropout_reason"), LATER),
        ({"relapse-as": "weeks:4"}, ("--relapse", "weeks:4"), NEVER),
    ],
    ids=lambda x: str(x)[:30] if isinstance(x, dict) else "",
)
def test_what_no_design_can_have_is_refused_with_its_reason_and_nothing_is_written(
    link, choices, sentence, file, capsys
):
    status, err, document = said(file, capsys, *choices)
    assert status and document is None
    assert err.count("\n") == 1 and err.startswith("ketadash: ") and sentence in err
    at = opened("relapse", data=invented(), **ARMS, **link)
    assert not at.exception and sentence[1:] in words(at)  # an error begins with a capital


def test_a_name_that_is_no_column_has_no_reason_but_that():
    at = opened("relapse", data=invented(), **ARMS, **{"adjust-for": "nothing"})
    assert "'adjust-for=nothing' in the link is no choice here, so it is left empty." in words(at)
    assert "'nothing' is" not in words(at)


def test_a_stratum_with_one_arm_is_counted_and_said(file, capsys):
    status, _, document = said(file, capsys, "--strata", "site", "--only", "time_to_event")
    assert status == 0 and sum(LONE in warning for warning in document["warnings"]) == 1
    assert LONE in words(opened("relapse", data=invented(), **ARMS, strata="site"))


def test_a_subgroup_of_one_person_has_no_effect_and_says_so(file, capsys):
    status, _, document = said(file, capsys, "--subgroup", "lonely", "--only", "subgroups")
    (rare,) = [level for level in document["subgroups"]["levels"] if level["level"] == "rare"]
    assert status == 0 and rare["message"] == "fewer than 5 people with placebo and drug: no effect"
    assert rare["difference"]["estimate"] is None and rare["odds_ratio"] is None
    assert "fewer than two levels have an effect" in document["subgroups"]["interaction"]["message"]
    text = words(opened("subgroups", data=invented(), **ARMS, subgroup="lonely"))
    assert "Not shown, fewer than 5 people in an arm: rare." in text and "There is no test" in text
