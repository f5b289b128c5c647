"""`ketadash plan`: its JSON and its table, and what it refuses."""

import json
import re

import pytest
from known_trials import sample_trial

from ketadash import __main__ as cli
from ketadash.core import paths

FEW = ("plan", "--endpoint", "no_heavy_day", "--n", "20:40:20", "--effect", "0,1", "--replicates", "20", "--quiet")


def run(capsys, *options):
    status = cli.main(list(options))
    out, err = capsys.readouterr()
    return status, out, err


def document(capsys, *options):
    status, out, err = run(capsys, *options, "--json", "-")
    assert status == 0 and err == ""
    return json.loads(out)


def test_the_json_has_what_the_contract_names(capsys, two_workers):
    made = document(capsys, *FEW, "--seed", "7", "--alpha", "0.1")
    assert (made["endpoint"], made["test"], made["alpha"], made["replicates"], made["seed"]) == (
        *("no_heavy_day", "model", 0.1),
        *(20, 7),
    )
    assert [(at["n"], at["effect"]) for at in made["curve"]] == [(20, 0.0), (20, 1.0), (40, 0.0), (40, 1.0)]
    for at in made["curve"]:
        assert set(at) == {"n", "effect", "power", "mc_low", "mc_high", "n_failed"}
        assert 0 <= at["mc_low"] <= at["power"] <= at["mc_high"] <= 1 and round(20 * at["power"], 9).is_integer()
    assert all(isinstance(text, str) and text.endswith(".") for text in made["assumptions"])
    assert made["provenance"]["spec"]["seed"] == 7 and made["schema_version"] == "1.1"
    assert document(capsys, *FEW, "--seed", "7", "--alpha", "0.1") == made
    assert document(capsys, *FEW, "--seed", "8", "--alpha", "0.1")["curve"] != made["curve"]


def test_the_table_says_what_it_rests_on(capsys, two_workers):
    status, out, err = run(capsys, *FEW)
    assert status == 0 and err == ""
    head, *lines = out.splitlines()
    assert head.split() == ["n", "effect", "power", "95%", "CI", "no", "answer"] and len(lines[:4]) == 4
    for words in (
        "n counts both arms; they are shared as in the data, 23 midazolam to 17 ketamine",
        "at 0 nobody is, so that there power is how often the test finds what is not there",
        "No model of the days is compared",
        "A missing day counts as drinking. One known heavy drinking day is enough for a no",
        "Power at the data's own size and effect says no more than their p-value does",
    ):
        assert words in out, words


def test_how_far_it_is_goes_to_standard_error(capsys, two_workers):
    status, out, err = run(capsys, *(option for option in FEW if option != "--quiet"), "--json", "-")
    assert status == 0 and "4 points of 20 simulated trials each" in err and json.loads(out)


def test_the_assumption_and_the_errors_are_those_of_the_options(capsys, two_workers):
    days = ("plan", "--endpoint", "last_day_difference", "--n", "24", "--effect", "0", "--replicates", "4", "--quiet")
    of_the_model = document(capsys, *days)
    robust, too = document(capsys, *days, "--test", "robust"), document(capsys, *days, "--uncertainty", "robust")
    assert of_the_model["test"] == "model" and robust["test"] == too["test"] == "robust"
    assert robust["curve"] == too["curve"] and robust["provenance"]["spec"]["uncertainty"] == "robust"
    assert any("own errors, which are too small" in text for text in of_the_model["assumptions"])
    shuffled = document(capsys, *days, "--test", "randomisation", "--shuffles", "19", "--missing", "worst")
    assert shuffled["shuffles"] == 19 and any("19 shuffles" in text for text in shuffled["assumptions"])
    assert any("It counts by the arm" in text for text in shuffled["assumptions"])
    assert not any("It counts by the arm" in text for text in robust["assumptions"])
    assert document(capsys, *FEW, "--test", "randomisation")["shuffles"] == 199


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (("--endpoint", "happiness"), "--endpoint takes one of day:arm, last_day_difference"),
        (("--n", "40:20:5"), "FIRST no larger than LAST"),
        (("--n", "40:80"), "write FIRST:LAST:STEP"),
        (("--n", "-4"), "write FIRST:LAST:STEP"),
        (("--n", "0:80:0"), "STEP at least 1"),
        (("--n", "1:999999999:1"), "from 1 to 100,000"),
        (("--n", "1:100000:1"), "points; give 1,000 at most"),
        (("--n", "٤٠"), "in whole numbers"),
        (("--n", "2"), "begin at a larger n"),
        (("--effect", "1.5"), "from 0 \\(none\\) to 1"),
        (("--effect", "nan"), "from 0 \\(none\\) to 1"),
        (("--effect", "0,,1"), "with commas between them"),
        (("--replicates", "0"), "--replicates 0"),
        (("--effect", "٠"), "from 0 \\(none\\) to 1"),
        (("--replicates", "1000000"), "4,000,000 simulated trials; 2,000,000 at most"),
        (("--alpha", "1"), "from 0.000001 to below 1"),
        (("--alpha", "nan"), "from 0.000001 to below 1"),
        (("--alpha", "1e-320"), "from 0.000001 to below 1"),
        (("--json", "/no/such/folder/x.json"), "there is no folder /no/such/folder to write x.json to"),
        (("--json", ""), "it has no name"),
        (("--json", "/"), "it is a folder"),
        (("--endpoint", "abstinent_last_28_days"), "fewer than 28"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_how_to_ask(capsys, changed, words):
    option, value = changed
    options = list(FEW)
    if option in FEW:
        options[options.index(option) + 1] = value
    else:
        options += changed
    status, out, err = run(capsys, *options)
    assert status == 2 and out == "" and re.search(words, err), err


def test_fewer_shuffles_than_the_level_takes_are_refused(capsys):
    status, out, err = run(capsys, *FEW, "--test", "randomisation", "--alpha", "0.001")
    assert status == 2 and out == "" and "it takes --shuffles 999 or more" in err
    assert document(capsys, *FEW, "--test", "randomisation", "--alpha", "0.05", "--shuffles", "19")["shuffles"] == 19


def test_many_trials_without_an_answer_are_said_aloud(capsys, two_workers):
    made = document(capsys, *FEW[:2], "day:arm", *FEW[3:4], "4", "--effect", "0", *FEW[7:])
    assert made["curve"][0]["n_failed"] > 1 and "have no answer and count as finding nothing" in made["warnings"][-1]


def relapse(capsys, *options):
    made = document(capsys, *FEW[:2], "relapse_logrank", *FEW[3:], *options)
    return " ".join(made["assumptions"])


def test_relapse_rests_on_dropout_and_its_own_rule(capsys, two_workers):
    declared = relapse(capsys)
    assert "Days to relapse, the first heavy drinking day or dropout" in declared
    assert "Dropout counts as an event" in declared and "A day without a report" not in declared
    assert "counts by the arm" not in relapse(capsys, "--missing", "worst")
    censored = relapse(capsys, "--dropout", "censored", "--relapse", "weeks:2", "--missing", "worst")
    assert "Dropout is censored here" in censored
    assert "It counts by the arm, so that the arms differ at effect 0 too" in censored


def test_two_kinds_of_errors_at_once_are_refused(capsys):
    status, out, err = run(capsys, *FEW, "--test", "model", "--uncertainty", "robust")
    assert status == 2 and out == "" and "contradict each other" in err


def test_a_strict_trial_tells_no_power_outside_its_declared_analysis(capsys, tmp_path):
    given = paths.sample_folder()
    for name in ("days.csv", "participants.csv", "visits.csv"):
        (tmp_path / name).write_bytes((given / name).read_bytes())
    declared = (given / "trial.toml").read_text(encoding="utf-8")
    (tmp_path / "trial.toml").write_text(
        declared.replace("[analysis]", "[analysis]\nstrict = true", 1), encoding="utf-8"
    )
    command, *rest = FEW
    status, out, err = run(capsys, command, str(tmp_path), *rest, "--missing", "missing")
    assert status == 2 and out == "" and "declares strict" in err
    assert run(capsys, command, str(tmp_path), *rest)[0] == 0


def test_the_sample_is_what_is_drawn_from_where_none_is_named(capsys, two_workers):
    assert document(capsys, *FEW)["provenance"]["data_sha256"] == sample_trial().sha256
