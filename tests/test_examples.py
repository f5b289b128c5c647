"""The real trial that comes with the program: read, attributed, and never mistaken for the synthetic sample."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import known_trials
import pandas as pd
import pytest

from ketadash import analyse
from ketadash.__main__ import main
from ketadash.core import paths
from ketadash.core.errors import DataError
from ketadash.export.provenance import mark_of, stamp
from ketadash.export.reproduction import reproduced
from ketadash.trial import load, load_sample, resolve

REAL = "Real, public data of real people: X:BOT, NIDA CTN-0051"


@pytest.fixture(scope="module")
def xbot():
    return known_trials.xbot()


def test_it_carries_its_licence_and_says_that_its_people_are_real(xbot):
    licence = (paths.example_folder("xbot") / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in licence and "Copyright (c) 2023 public.ctn0094data authors" in licence
    assert xbot.source == mark_of(xbot) == REAL and not xbot.synthetic
    assert load_sample().source is None and "Synthetic" in mark_of(load_sample())


def test_the_randomised_and_the_inducted_are_the_printed_numbers(xbot):
    people = xbot.participants
    assert dict(people["arm"].value_counts()) == {"BUP-NX": 287, "XR-NTX": 283}
    assert dict(people["arm"][people["first_dose_day"].notna()].value_counts()) == {"BUP-NX": 270, "XR-NTX": 204}


@pytest.mark.parametrize("named", [["--example", "xbot"], [str(paths.example_folder("xbot") / "days.csv.gz")]])
def test_its_name_or_its_file_of_days_is_enough(named, xbot, capsys):
    assert main(["analyze", *named, "--only", "participants"]) == 0
    found = json.loads(capsys.readouterr().out)["provenance"]
    assert found["data_sha256"] == xbot.sha256 and found["arms"] == {"BUP-NX": 287, "XR-NTX": 283}
    assert found["source"] == REAL and found["synthetic"] is False


def test_an_example_that_is_not_there_or_named_beside_data_is_refused(capsys):
    with pytest.raises(DataError, match="there is xbot"):
        paths.example_folder("../sample_data")
    assert main(["analyze", "--example", "nobody"]) == 2 and "there is no example 'nobody'" in capsys.readouterr().err
    assert main(["analyze", "days.csv", "--example", "xbot"]) == 2 and "not both" in capsys.readouterr().err


def test_a_file_of_days_with_arms_is_read_by_itself_whatever_lies_beside(tmp_path):
    for file in paths.sample_folder().iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()) if file.suffix in (".csv", ".toml") else None
    alone = load(tmp_path / "days.csv")
    assert alone.visits is None and not alone.synthetic
    pd.read_csv(tmp_path / "days.csv").drop(columns="arm").to_csv(tmp_path / "days.csv", index=False)
    assert load(tmp_path / "days.csv").sha256 == load(tmp_path).sha256
    (tmp_path / "participants.csv").unlink()
    with pytest.raises(DataError, match="no column 'arm'"):
        load(tmp_path / "days.csv")


def test_whose_data_they_are_is_a_line_at_most(tmp_path):
    for file in paths.sample_folder().iterdir():
        if file.suffix in (".csv", ".toml"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    declared = (
        (tmp_path / "trial.toml").read_text(encoding="utf-8").replace("synthetic = true", f'source = "{"x" * 999}"')
    )
    (tmp_path / "trial.toml").write_text(declared, encoding="utf-8")
    assert len(load(tmp_path).source) <= 100


def test_what_was_printed_of_it_stands_beside_ours_and_says_why_it_may_differ(xbot, capsys, monkeypatch):
    rows = {r.printed.key: r for r in reproduced(xbot, xbot.declared.published)}
    assert all(r.ours is not None for r in rows.values())
    for key in ("inducted_bup_nx", "inducted_xr_ntx", "randomised_bup_nx", "randomised_xr_ntx"):
        assert rows[key].agrees
    for key, ours, printed in (
        ("relapse_bup_nx", 170, 163),
        ("relapse_xr_ntx", 191, 185),
        ("relapse_inducted_bup_nx", 157, 150),
        ("relapse_inducted_xr_ntx", 112, 106),
        ("hr", 1.38, 1.36),
        ("odds_ratio_all", 1.43, 1.44),
        ("odds_ratio_inducted_", 0.88, 0.87),
        ("odds_ratio_homeless_", 0.45, 0.45),
        ("odds_ratio_housed_", 2.13, 2.15),
        ("median_bup_nx", 13.1, 14.4),
        ("median_xr_ntx", 8.1, 8.4),
    ):
        assert round(rows[key].ours, rows[key].printed.digits) == ours and rows[key].printed.value == printed
    assert all(r.agrees or r.printed.note for r in rows.values())
    monkeypatch.setattr("ketadash.trial.load", lambda path, *a, **k: xbot)  # whose numbers are computed, above
    assert main(["reproduce", "--example", "xbot"]) == 1
    said = capsys.readouterr().out
    assert "Why it may differ" in said and "170" in said and "harmonised" in said


def test_a_number_of_an_analysis_set_is_computed_in_it():
    trial = known_trials.sample_trial()
    text = trial.published.replace('key = "randomised"', 'key = "randomised"\npopulation = "sex=F"')
    text = text.replace('"participants.flow.randomised"', '"provenance.n_participants"')
    rows = {r.printed.key: r for r in reproduced(replace(trial, published=text), trial.declared.published)}
    women = int((trial.participants["sex"] == "F").sum())
    assert rows["randomised"].ours == women == 21
    assert rows["randomised_ketamine"].agrees


def test_choices_about_amounts_are_not_listed_where_nobody_knows_how_much(xbot):
    def listed(trial):
        spec, _ = resolve(trial, trial.declared.published)
        return "; ".join(stamp(trial, spec, spec, when=datetime(2026, 1, 1, tzinfo=UTC)).choices)

    of_amounts = ("heavy day for", "heavy-day model", "WHO levels", "grams as")
    assert not [words for words in of_amounts if words in listed(xbot)]
    assert all(words in listed(known_trials.sample_trial()) for words in of_amounts)
    assert "relapse = weeks:4+use:7in7" in listed(xbot)


def test_the_hazard_ratio_within_sites_is_as_its_readme_says_and_no_nearer_to_the_printed_one(xbot):
    spec, _ = resolve(xbot, xbot.declared.published)
    plain, within = (
        analyse.time_to_event(xbot, spec.replace(strata=strata))["relapse"].cox for strata in ((), ("site",))
    )
    assert not spec.strata and abs(plain.hr - 1.36) < abs(within.hr - 1.36)
    said = f"{within.hr:.2f} ({within.ci_low:.2f}–{within.ci_high:.2f})"
    folder = paths.example_folder("xbot")
    assert said in (folder / "README.md").read_text(encoding="utf-8")
    assert said.replace("–", " to ") in (folder / "published.toml").read_text(encoding="utf-8")


def test_what_is_known_only_after_treatment_began_is_no_baseline_characteristic(xbot):
    spec, _ = resolve(xbot, xbot.declared.published)
    table = analyse.participants_result(xbot, spec).table
    assert not [row.label for row in table.rows if "dose" in row.label.lower() or "attended" in row.label.lower()]
    assert any(text.startswith("'first_dose_day' is from after randomisation") for text in table.left_out)
