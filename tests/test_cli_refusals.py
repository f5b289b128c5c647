"""What the command line refuses and how, what it says of data that cannot tell, and what a script sees of it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from command_line import ROOT, analyzed, run_main, strict_json

REAL = ROOT.parent / "shared" / "data" / "ctn0051_days.csv.gz"


@pytest.mark.parametrize(
    "options, said",
    [
        ("--days 21:1", "ends before it begins"),
        ("--days week", "not a window of days"),
        ("--days 400:410", "window"),
        ("--control aspirin", "no arm 'aspirin'"),
        ("--control ketamine --active ketamine", "two different arms"),
        ("--amount beers", "no column 'beers'"),
        ("--baseline shoe_size", "no column 'shoe_size'"),
        ("--tau 40 --days 1:21", "outside the window"),
        ("--confidence 2", "confidence level"),
        ("--quadrature-points 24", "odd number"),
        ("--penalised --estimator rspl", "quadrature estimator"),
        ("--heavy-men -1", "threshold"),
        ("--only everything", "--only takes"),
        ("--only ,", "--only takes"),
        ("--json /no/such/folder/x.json --only nnt", "cannot write"),
        ("--missing perhaps", "invalid choice"),
        ("--trend cubic", "invalid choice"),
        ("--tau soon", "'soon' is not a day"),
        ("--colour red", "unrecognized"),
        ("--confidence nan", "confidence level"),
        ("--heavy-women nan", "threshold"),
        ("--confidence 0.999999", "0.5 to 0.999"),
        ("--confidence 0.4999", "0.5 to 0.999"),
    ],
)
def test_a_bad_option_is_one_message_and_status_2(options, said, capsys):
    status, out, err = run_main(capsys, "analyze", *options.split())
    assert (status, out) == (2, "")
    assert said in err and "Traceback" not in err


def test_a_window_may_begin_before_day_0_with_or_without_an_equals_sign(capsys):
    documents = [analyzed(capsys, *options, "--only", "nnt") for options in (["--days", "-6:7"], ["--days=-6:7"])]
    assert documents[0] == documents[1]
    assert documents[0]["provenance"]["spec"]["days"] == "-6:7"


def test_a_horizon_outside_the_trials_own_window_is_refused(capsys):
    status, out, err = run_main(capsys, "analyze", "--tau", "40", "--only", "time_to_event")
    assert (status, out) == (2, "")
    assert "40" in err and "window" in err


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (b"participant_id,arm,day\nA,x,1\nB,y,1\nC,x,1\nD,y,1\n", "drinks"),
        (b"participant_id,arm,day,drinks\nA,x,1,two\nB,y,1,0\n", "two"),
    ],
)
def test_a_bad_file_is_one_message_and_status_2(content, said, tmp_path, capsys):
    file = tmp_path / "trial.csv"
    file.write_bytes(content)
    for command in ("analyze", "validate"):
        status, out, err = run_main(capsys, command, file)
        assert status == 2 and "Traceback" not in out + err
        assert said in out + err
        if command == "analyze":
            assert out == "" and err.startswith("ketadash: ") and err.count("\n") == 1


def test_a_file_that_is_not_there(capsys):
    status, out, err = run_main(capsys, "analyze", "no_such_file.csv")
    assert (status, out) == (2, "") and "no_such_file.csv" in err


def test_validate_passes_the_sample(capsys):
    status, out, _ = run_main(capsys, "validate", ROOT / "sample_data")
    assert status == 0 and "ready to analyse" in out


def test_validate_writes_its_checks_as_json(tmp_path, capsys):
    file = tmp_path / "trial.csv"
    file.write_text("participant_id,arm,day,drinks\nA,x,1,-4\nA,x,1,0\nB,y,1,0\n")
    status, out, _ = run_main(capsys, "validate", file, "--json", "-")
    found = strict_json(out)
    assert status == 2 and found["ok"] is False and found["schema_version"]
    assert any(c["severity"] == "error" and c["message"] for c in found["checks"])


def test_no_command_is_an_error_and_help_is_not(capsys):
    assert run_main(capsys)[0] == 2
    status, out, _ = run_main(capsys, "analyze", "--help")
    assert status == 0 and "--missing" in out


def made_up_days(seed=0, n_people=12, n_days=8):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n_people), n_days)
    return pd.DataFrame(
        {
            "participant_id": [f"P{p:02}" for p in person],
            "arm": np.where(person % 2, "drug", "placebo"),
            "day": np.tile(np.arange(1, n_days + 1), n_people),
            "drinks": rng.integers(0, 2, len(person)) * (1 - person % 2 * (rng.random(len(person)) < 0.5)),
        }
    )


def test_amounts_of_0_and_1_give_null_and_a_warning(tmp_path, capsys):
    made_up_days().to_csv(tmp_path / "d.csv", index=False)
    found = analyzed(capsys, tmp_path / "d.csv")
    assert found["heavy"] is None
    assert found["time_to_event"]["relapse"] is None is found["time_to_event"]["first_heavy_day"]
    assert found["time_to_event"]["first_use"]["arms"]
    assert any("cannot tell a heavy day" in w for w in found["warnings"])
    assert any("no baseline" in w for w in found["warnings"])
    assert any("arms guessed" in w for w in found["warnings"])


@pytest.mark.parametrize("value", [0, 9])
def test_an_arm_all_one_way_is_still_strict_json_with_reasons(value, tmp_path, capsys):
    d = made_up_days(1)
    d["drinks"] = d.drinks * 6
    d.loc[d.arm == "drug", "drinks"] = value
    d.to_csv(tmp_path / "d.csv", index=False)
    found = analyzed(capsys, tmp_path / "d.csv")
    model = found["abstinence"]["models"]["quadratic"]
    assert model["converged"] is False and model["messages"]
    assert all(c["estimate"] is None for c in model["coefficients"])
    assert found["abstinence"]["modelled"] == [] and found["nnt"]["modelled"]["nnt"] is None
    assert found["nnt"]["observed"]["risk_difference"] is not None
    assert all(r["failed"] for r in found["sensitivity"])
    assert any("separates" in w for w in found["warnings"])


@pytest.mark.parametrize("value", [0, 9])
def test_everybody_all_one_way_is_still_strict_json(value, tmp_path, capsys):
    made_up_days(2).assign(drinks=value).to_csv(tmp_path / "d.csv", index=False)
    found = analyzed(capsys, tmp_path / "d.csv")
    assert found["abstinence"]["modelled"] == []
    assert found["nnt"]["observed"]["risk_difference"] == 0 and found["nnt"]["observed"]["nnt"] is None


def test_as_a_process_json_alone_is_on_standard_output():
    run = subprocess.run(
        [sys.executable, "-m", "ketadash", "analyze", "--only", "nnt"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        encoding="utf-8",
    )
    assert run.returncode == 0 and run.stderr == ""
    assert "nnt" in strict_json(run.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the real data are not beside this checkout")
def test_570_real_people(capsys):
    """The command of the issue.  No value of a participant is checked in here: counts that anyone may know."""
    found = analyzed(
        capsys,
        REAL,
        *["--amount", "opioid", "--baseline", "baseline_opioid_days", "--control", "BUP-NX"],
        *["--active", "XR-NTX", "--days", "1:28", "--json", "-"],
    )
    assert found["provenance"]["n_participants"] == 570 == sum(found["provenance"]["arms"].values())
    assert found["heavy"] is None and any("cannot tell a heavy day" in w for w in found["warnings"])
    for name in ("linear", "quadratic"):
        model = found["abstinence"]["models"][name]
        assert model["converged"] and model["n_observations"] == 570 * 28
        assert model["n_quadrature"] >= 103, "σ is near 5: 25 nodes are far off"
        assert model["random_intercept_sd"] > 4
    quadratic, linear = (found["abstinence"]["models"][k]["minus2ll"] for k in ("quadratic", "linear"))
    assert quadratic < linear  # nested
    assert found["abstinence"]["models"]["quadratic"]["tests"][0]["df_den"] == 570 * 28 - 573
    assert found["nnt"]["observed"]["text"].startswith("NNTH")
    assert len(found["sensitivity"]) == 16 + 6 and not any(r["failed"] for r in found["sensitivity"])
    assert {r["n_rows"] for r in found["sensitivity"]} == {570 * 28, found["provenance"]["n_rows"]}
