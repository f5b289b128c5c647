"""Re-randomisation, model check and influence in the JSON: as the contract has them, and only where they are named."""

import json
import shutil
import subprocess

import pytest
from known_trials import sample_trial

from ketadash import __main__ as cli
from ketadash.core.spec import AnalysisSpec, MissingRule, Uncertainty
from ketadash.export import code_data, code_r, code_sas, progress_line
from ketadash.export.analysis_json import analysis
from ketadash.export.small_cells import document as suppressed
from ketadash.questions.chance.document import model_check
from ketadash.questions.registry import question
from ketadash.questions.shared import code_numbers
from ketadash.trial import load, resolve

NAMES = ["day:arm", "last_day_difference", "percent_days_abstinent", "heavy_day:arm", "relapse_logrank", "any_use"]
PARTS = "randomisation,model_check,influence"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    target = tmp_path_factory.mktemp("chance") / "sample.json"
    assert cli.main(["analyze", "--only", PARTS, "--shuffles", "60", "--seed", "4", "--json", str(target)]) == 0
    return json.loads(target.read_text())


def test_the_contract(sample):
    assert sample["schema_version"] == "1.1"
    r = sample["randomisation"]
    assert (r["n_shuffles"], r["seed"], r["strata"]) == (60, 4, [])
    assert [c["name"] for c in r["contrasts"]] == NAMES
    for c in r["contrasts"]:
        assert {"name", "label", "observed", "p", "monte_carlo_se", "n_failed"} <= set(c)
        assert 1 / 61 <= c["p"] <= 1 and c["n_failed"] == 0
    assert all(c["ci_low"] < c["observed"] < c["ci_high"] for c in r["contrasts"][1:3])
    check = sample["model_check"]
    assert {"lag1_odds_ratio", "always_one_way", "spells", "ok", "message", "heavy"} <= set(check)
    assert set(check["lag1_odds_ratio"]) == {"observed", "expected", "low", "high"}
    influence = sample["influence"]
    assert {"headline", "full", "without", "changes_conclusion", "fragility"} <= set(influence)
    assert influence["headline"] == "abstinence" and len(influence["without"]) == 40
    assert [h["headline"] for h in influence["headlines"]] == ["abstinence", "heavy", "relapse", "nnt"]
    assert influence["headlines"][2]["fragility"] == {"flips": 1, "n": 40}


def test_every_null_has_its_reason(sample):
    for c in sample["randomisation"]["contrasts"]:
        assert c["interval"]
        assert c["p"] is not None or c["message"]
        if c["ci_low"] is None:
            assert "no interval" in c["interval"]
    headlines = sample["influence"]["headlines"]
    for h in headlines:
        assert {name for name in ("fragility",) if h[name] is None} == set(h["null_because"])
        assert None not in h["full"].values() and all(None not in w.values() for w in h["without"])
    assert "modelled" in headlines[0]["null_because"]["fragility"]


@pytest.mark.parametrize(("errors", "warned"), [(Uncertainty.MODEL, 2), (Uncertainty.ROBUST, 0)])
def test_robust_intervals_are_not_called_too_narrow(errors, warned):
    trial = sample_trial()
    spec, _ = resolve(trial, AnalysisSpec(uncertainty=errors))
    part, warnings = model_check(trial, spec, deep=True)
    assert "too narrow" in part["model_check"]["message"]  # of the model's own, whatever was chosen
    assert sum("too narrow" in w for w in warnings) == warned


def people_of(arm, drinks, days):
    return [f"{arm}{i},{arm},{day},{drinks(i, day)}" for i in range(8) for day in days]


@pytest.mark.parametrize(
    ("drinks", "days", "without"),
    [
        (lambda i, day: 0, range(1, 8), {"lag1_odds_ratio", "spells", "always_one_way", "slopes", "ok"}),
        (lambda i, day: 5 * ((i + day) % 3 == 0), (1, 3, 5, 8), {"lag1_odds_ratio", "slopes"}),
    ],
    ids=["no model", "no neighbouring days"],
)
def test_a_model_check_has_every_measure_or_says_why_it_has_not(drinks, days, without):
    rows = [row for arm in ("a", "b") for row in people_of(arm, drinks, days)]
    trial = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    spec, _ = resolve(trial, AnalysisSpec(control="a", active="b", missing=MissingRule.MISSING))
    part, _ = model_check(trial, spec, deep=True)
    for check in (part["model_check"], part["model_check"]["heavy"]):
        measures = {key: check[key] for key in ("lag1_odds_ratio", "spells", "always_one_way", "slopes")}
        nulls = {key for key, m in measures.items() if None in m.values()} | ({"ok"} if check["ok"] is None else set())
        assert nulls == without == set(check["null_because"])
        assert all(check["null_because"].values())


def test_the_same_seed_gives_the_same_p_and_progress_goes_to_standard_error(sample, capsys, monkeypatch):
    again = ["analyze", "--only", "randomisation", "--shuffles", "60", "--seed", "4", "--json", "-"]
    monkeypatch.setattr(progress_line, "BEGIN_S", 0.0)  # however fast the machine is
    assert cli.main(again) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["randomisation"] == sample["randomisation"]
    assert "ketadash: shuffles 60 of 60" in err


def test_only_where_they_are_named():
    document = analysis(sample_trial(), AnalysisSpec(), ("abstinence", *PARTS.split(",")), deep=False)
    assert "abstinence" in document and not {*PARTS.split(",")} & set(document)


def test_small_cells_leave_out_who_carries_a_result(sample):
    safe = suppressed(sample)
    assert safe["influence"] == "suppressed"
    assert safe["randomisation"] == sample["randomisation"] and safe["model_check"] == sample["model_check"]


def test_a_number_of_shuffles_out_of_range_is_refused(capsys):
    assert cli.main(["analyze", "--shuffles", "5", "--json", "-"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "5 shuffles: choose from 19" in err


def shuffled_number():
    trial = sample_trial()
    spec, _ = resolve(trial, AnalysisSpec())
    return trial, spec, question("chance").numbers(trial, spec)


def test_the_numbers_of_the_code_tab_are_those_of_the_json(sample):
    trial = sample_trial()
    spec, _ = resolve(trial, AnalysisSpec(shuffles=60, seed=4))
    first, *checks = question("chance").numbers(trial, spec)
    contrast = next(c for c in sample["randomisation"]["contrasts"] if c["name"] == "percent_days_abstinent")
    assert code_numbers.value(first, trial, spec) == pytest.approx(tuple(contrast[f] for f in first.json_fields))
    for number in checks:
        part = sample["model_check"][number.json.rpartition(".")[2]]
        assert code_numbers.value(number, trial, spec) == pytest.approx(tuple(part[f] for f in number.json_fields))


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not here")
def test_the_r_gives_the_statistic_and_p_within_monte_carlo_error(tmp_path):
    trial, spec, (number, *_) = shuffled_number()
    state = code_data.state_of(trial, spec, fitted=False)
    assert code_sas.program(number, state) is None and "shuffling" in code_sas.why_not(number, state)
    (tmp_path / code_data.FILE).write_bytes(code_data.csv(trial, spec))
    (tmp_path / "number.R").write_text(code_r.program(number, state), encoding="utf-8")
    run = subprocess.run(["Rscript", "--vanilla", "number.R"], cwd=tmp_path, text=True, capture_output=True, check=True)
    values = [float(x) for x in run.stdout.split("\n")[1].split()]
    statistic, p, se = code_numbers.value(number, trial, spec)
    assert values[0] == pytest.approx(statistic, rel=1e-8)
    assert values[1] == pytest.approx(p, abs=5 * se)
