"""Who they were: Table 1 beside R, its laws, and which columns it has."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trials import frame, people, sample_files, trial

from ketadash.core.errors import DataError
from ketadash.core.findings import lowered
from ketadash.questions.participants import words as participants_words
from ketadash.stats import balance
from ketadash.trial import load

ORACLE = Path(__file__).parents[1] / "oracle"


# R and numpy sum in different orders: a few units in the last place of numbers up to a few hundred
SAME = dict(rel=1e-12, abs=1e-12)


@pytest.fixture(scope="module")
def oracle():
    return json.loads((ORACLE / "table1.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made_up():
    return load(ORACLE / "datasets" / "table1_people.csv")


@pytest.fixture(scope="module")
def rows(made_up):
    return {r.name: r for r in people(made_up, control="placebo", active="drug").table.rows}


@pytest.mark.parametrize("k", range(3))
def test_means_sds_quartiles_and_differences_of_numbers_are_those_of_r(oracle, rows, k):
    expected = oracle["numbers"][k]
    row = rows[expected["name"]]
    assert row.kind == "continuous"
    for summary, group in zip(row.summaries, ("total", "control", "active"), strict=True):
        assert summary.n == expected[group]["n"]
        for name in ("mean", "sd", "q1", "median", "q3"):
            assert getattr(summary, name) == pytest.approx(expected[group][name], **SAME), name
    assert row.standardised_difference == pytest.approx(expected["difference"], **SAME)


@pytest.mark.parametrize("k", range(4))
def test_counts_and_differences_of_choices_are_those_of_r(oracle, rows, k):
    expected = oracle["choices"][k]
    row = rows[expected["name"]]
    assert [level.value for level in row.levels] == expected["levels"]
    assert [level.shares[1].count for level in row.levels] == expected["control"]
    assert [level.shares[2].count for level in row.levels] == expected["active"]
    assert row.standardised_difference == pytest.approx(expected["difference"], **SAME)


def test_the_chance_bound_is_that_of_r(oracle, made_up):
    assert people(made_up, control="placebo", active="drug").table.by_chance == pytest.approx(
        oracle["by_chance"], **SAME
    )


def test_austins_printed_proportions():
    # by hand: 20% against 10%, 0.1 / sqrt((.16 + .09) / 2)
    found = balance.of_shares(np.array([10, 90]), np.array([20, 80]))
    assert found == pytest.approx(0.1 / math.sqrt(0.125), rel=1e-12)


def test_swapping_the_arms_turns_the_sign_and_keeps_the_size(made_up):
    there = people(made_up, control="placebo", active="drug").table
    back = people(made_up, control="drug", active="placebo").table
    signed = 0
    for a, b in zip(there.rows, back.rows, strict=True):
        assert abs(a.standardised_difference) == pytest.approx(abs(b.standardised_difference), **SAME)
        if len(a.levels) <= 2:
            signed += 1
            assert a.standardised_difference == pytest.approx(-b.standardised_difference, **SAME)
        assert a.summaries[1:] == b.summaries[:0:-1]
    assert signed == 6


def test_the_order_of_participants_changes_nothing(made_up):
    shuffled = made_up.days.sample(frac=1, random_state=3)
    again = people(trial(shuffled.rename(columns={"participant_id": "id"})), control="placebo", active="drug")
    plain = people(made_up, control="placebo", active="drug")
    for a, b in zip(
        plain.table.rows,
        sorted(again.table.rows, key=lambda r: list(r.name for r in plain.table.rows).index(r.name)),
        strict=True,
    ):
        assert a.standardised_difference == pytest.approx(b.standardised_difference, **SAME)
        assert [s.n for s in a.summaries] == [s.n for s in b.summaries]
    assert again.flow == plain.flow
    assert again.retention == plain.retention


def test_the_names_of_levels_do_not_matter():
    control, active = np.array([3, 8, 1, 0]), np.array([5, 2, 4, 3])
    found = balance.of_shares(control, active)
    for order in ([3, 2, 1, 0], [1, 0, 3, 2]):
        assert balance.of_shares(control[order], active[order]) == pytest.approx(found, **SAME)


def test_counts_add_up(made_up):
    table = people(made_up, control="placebo", active="drug").table
    for row in table.rows:
        whole, control, active = row.summaries
        assert whole.n == control.n + active.n
        assert (control.n + control.n_missing, active.n + active.n_missing) == table.n
        for k in range(3):
            if row.levels:
                assert sum(level.shares[k].count for level in row.levels) == row.summaries[k].n
                assert sum(level.shares[k].proportion for level in row.levels) == pytest.approx(1)


@pytest.mark.parametrize(
    ("control", "active", "expected"),
    [
        ([5, 0], [0, 5], None),  # no level in common: infinitely far apart
        ([5, 0, 0], [0, 3, 2], None),
        ([5], [9], 0.0),  # one level: nothing to differ in
        ([0, 0], [3, 4], None),  # nobody known in an arm
        ([4, 4, 0], [4, 4, 0], 0.0),
    ],
)
def test_shares_at_the_edge(control, active, expected):
    assert balance.of_shares(np.array(control), np.array(active)) == expected


@pytest.mark.parametrize(
    ("x", "expected"),
    [([1, 1, 1, 1], 0.0), ([1, 1, 2, 2], None), ([1, 2, 3, np.nan], None), ([np.nan] * 4, None)],
)
def test_means_at_the_edge(x, expected):
    assert balance.of_means(np.array(x, dtype=float), np.array([False, False, True, True])) == expected


def with_people(columns, toml=None):
    files = sample_files()
    table = pd.read_csv(__import__("io").BytesIO(files["participants.csv"]))[["participant_id", "arm", "sex"]]
    files["participants.csv"] = table.assign(**columns).to_csv(index=False).encode()
    # the sample's own tables of trial.toml go, and the baseline column that is not here
    own = files["trial.toml"].split(b"\n[")[0].splitlines(keepends=True)
    files["trial.toml"] = b"".join(line for line in own if not line.startswith(b"baseline")) + (toml or "").encode()
    return load(files)


def test_columns_that_are_no_characteristic_are_left_out_and_named():
    t = with_people(
        {
            "initials": [f"X{i}" for i in range(40)],
            "dropout_reason": "moved",
            "empty_one": "",
            "married": [1, 0] * 20,
            "site": ["10", "2"] * 20,
            "siblings": ["10", "2"] * 20,
        }
    )
    table = people(t).table
    by_name = {r.name: r for r in table.rows}
    computed = ["baseline_drinks", "baseline_heavy_days"]  # from the days before the infusion, which the file has
    assert list(by_name) == ["sex", "married", "site", "siblings", *computed]
    assert [level.label for level in by_name["married"].levels] == ["Yes", "No"]
    assert by_name["siblings"].kind == "continuous"  # numbers are numbers, unless trial.toml says otherwise
    assert by_name["site"].kind == "categorical"  # or the column's name says that they are names
    assert [level.label for level in by_name["site"].levels] == ["2", "10"]
    assert ["initials" in table.left_out[0], "dropout" in table.left_out[1], "empty" in table.left_out[2]] == [True] * 3


def test_trial_toml_chooses_rows_their_order_labels_and_levels():
    toml = """
[table1]
site = {label = "Centre", levels = {"2" = "North", "10" = "South"}}
sex = {label = "Gender", levels = {M = "Men", F = "Women"}}
followup_status = "Status at six months"
nowhere = "Not there"
"""
    t = with_people({"site": ["10", "2"] * 20, "followup_status": ["a", "b"] * 20, "weight": range(40)}, toml)
    table = people(t).table
    assert [r.label for r in table.rows] == ["Centre", "Gender", "Status at six months"]
    assert [(v.value, v.label) for v in table.rows[0].levels] == [("2", "North"), ("10", "South")]
    assert [v.label for v in table.rows[1].levels] == ["Men", "Women"]
    assert table.left_out == ("'nowhere' is listed in trial.toml but not in the data",)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('\n[flow]\nscreened = "95"\n', "whole numbers"),
        ("\n[flow]\nasked = 3\n", "screened = 95"),
        ("\n[table1]\nage = 3\n", "a column and its label"),
        ("\n[table1]\nage = {levels = [1]}\n", "label and levels"),
        ("\nflow = 3\n", "whole numbers"),
        ("\ntable1 = 3\n", "a column and its label"),
    ],
)
def test_a_wrong_declaration_is_one_clear_error(toml, said):
    with pytest.raises(DataError, match=said):
        with_people({}, toml)


def test_a_characteristic_that_all_share_is_not_called_a_difference():
    d = frame(2)[["participant_id", "arm", "day", "drinks"]].assign(country="NZ")
    said = participants_words.differences(people(trial(d)).table)
    assert said == "In what the data say about who they were, the arms are alike."


def test_the_largest_differences_are_named_with_what_their_sign_is_about(made_up):
    table = people(made_up, control="placebo", active="drug").table
    said = participants_words.differences(table)
    named = [r for r in table.rows if lowered(participants_words.about(r)) in said]
    least = min(abs(r.standardised_difference) for r in named)
    assert len(named) == 3
    assert all(abs(r.standardised_difference) <= least for r in table.rows if r not in named)
    assert f"±{table.by_chance:.2f}" in said


def test_without_a_word_about_people_the_table_is_empty():
    d = frame(2)[["participant_id", "arm", "day", "drinks"]]
    assert people(trial(d)).table.rows == ()


@pytest.mark.parametrize("first", [0, 11])
def test_sites_that_are_numbers_are_counted_and_have_no_mean(first):
    d = frame(n_people=20)
    d["site"] = d["participant_id"].str[1:].astype(int) // 2 % (2 if first == 0 else 4) + first
    row = next(r for r in people(trial(d)).table.rows if r.name == "site")
    assert row.kind == "categorical"
    assert [level.label for level in row.levels] == [str(first + k) for k in range(2 if first == 0 else 4)]
