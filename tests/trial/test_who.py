"""Who is who: one person is one participant however the file writes them, and rows of nobody are nobody."""

from __future__ import annotations

import dressed
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketadash.trial import attempt, load
from ketadash.trial.who.spellings import exact_key, loose_key, matched, visible
from ketadash.trial.who.summary_rows import is_remark, is_statistic, is_total

LONG = dressed.long()
KNOWN = LONG.dropna(subset=["drinks"])
PEOPLE = LONG.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]]
BARE = LONG.drop(columns=["arm", "sex"])


def days(trial) -> pd.DataFrame:
    """Reported participant-days in one order."""
    frame = trial.days[["participant_id", "arm", "day", "drinks"]].dropna()
    return frame.sort_values(["participant_id", "day"]).reset_index(drop=True)


def same(trial, expected: pd.DataFrame = KNOWN) -> None:
    wanted = expected[["participant_id", "arm", "day", "drinks"]].sort_values(["participant_id", "day"])
    pd.testing.assert_frame_equal(days(trial), wanted.reset_index(drop=True), check_dtype=False)
    assert sorted(trial.participants["participant_id"]) == sorted(set(expected["participant_id"]))


def csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def grid(arms: bool = True) -> pd.DataFrame:
    wide = dressed.wide(LONG, "Day {}")
    return wide if arms else wide.drop(columns="arm")


INVISIBLE = ["\u200b", "\ufeff", "\u00ad", "\u00a0", "\u2060", "\u200e"]


@pytest.mark.parametrize("mark", INVISIBLE)
def test_marks_that_nobody_sees_make_no_second_person(mark):
    frame = LONG.assign(
        participant_id=[f"{p}{mark}" if d % 2 else p for p, d in zip(LONG["participant_id"], LONG["day"], strict=True)]
    )
    same(load(csv(frame)))


@pytest.mark.parametrize(
    "spell",
    [
        lambda i: f"{i}.0",
        str.lower,
        lambda i: f"{i[0]}-{i[1:]}",
        lambda i: f"{i[0]} {i[1:]}",
        lambda i: f"{i[0]}{int(i[1:])}",
        lambda i: f"{i[0]}00{i[1:]}",
        lambda i: f"{i[0]}_{i[1:]}",
        lambda i: f" {i}\u200b",
        lambda i: f"{i[0]}\u2013{i[1:]}",
    ],
)
@pytest.mark.parametrize("where", ["participants", "visits", "adverse_events"])
def test_spellings_between_files_are_one_person(spell, where):
    """Each other file may write the identifiers its own way; the days' spelling stays."""
    number = spell("S01") == "S01.0"  # a trailing .0 is certain for numbers only
    plain = (lambda i: i[1:].replace("0", "7")) if number else str
    ids = lambda frame, how: frame["participant_id"].map(lambda i: how(plain(i)))  # noqa: E731
    visits = pd.DataFrame({"participant_id": PEOPLE["participant_id"], "day": 3, "craving": 5.0})
    events = pd.DataFrame({"participant_id": PEOPLE["participant_id"], "event": "nausea"})
    frames = {"participants": PEOPLE, "visits": visits, "adverse_events": events}
    files = {"days.csv": csv(BARE.assign(participant_id=ids(BARE, str)))}
    for name, frame in frames.items():
        files[f"{name}.csv"] = csv(frame.assign(participant_id=ids(frame, spell if name == where else str)))
    trial = load(files)
    same(trial, KNOWN.assign(participant_id=ids(KNOWN, str)))
    known = set(ids(PEOPLE, str))
    assert set(trial.visits["participant_id"]) == set(trial.adverse_events["participant_id"]) == known
    assert not any(c.name in ("no_days", "strangers") for c in trial.checks)


def test_an_identifier_that_two_could_be_is_not_matched():
    assert matched(["p5"], ["P05", "P5"]) == {}
    assert matched(["p5", "P05"], ["P5"]) == {}
    assert matched(["P5", "P6"], ["P05", "P6"]) == {"P5": "P05"}


@given(st.text(min_size=1, max_size=12))
def test_the_keys_change_nothing_twice(text):
    assert visible(visible(text)) == visible(text)
    assert exact_key(exact_key(text)) == exact_key(text)
    assert loose_key(exact_key(text)) == loose_key(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1-11", "11-1"),
        ("1-11", "111"),
        ("P1", "P10"),
        ("101", "1001"),
        ("A1", "B1"),
        ("10.5", "105"),
        ("P10", "P1.0"),
    ],
)
def test_other_identifiers_stay_others(one, other):
    assert loose_key(one) != loose_key(other)


def test_words_for_nothing_name_nobody():
    errors = [
        c.name
        for c in attempt(csv(LONG.assign(participant_id=LONG["participant_id"].replace("S03", "nan")))).checks
        if c.severity == "error"
    ]
    assert "participant_id" in errors
    initials = dict(
        zip(sorted(set(LONG["participant_id"])), ("AB", "NA", "CD", "EF", "GH", "IJ", "KL", "MN"), strict=True)
    )
    named = LONG.assign(participant_id=LONG["participant_id"].map(initials))
    same(load(csv(named)), named.dropna(subset=["drinks"]))


@pytest.mark.parametrize("person", ["pid", "subject", "study_id"])
@pytest.mark.parametrize("number", ["record_id", "id", "participant_id"])
def test_a_number_for_each_entry_is_no_person(person, number):
    frame = LONG.rename(columns={"participant_id": person}).reset_index(drop=True)
    frame.insert(0, number, np.arange(1, len(frame) + 1))
    same(load(csv(frame)))
    if (number, person) == ("record_id", "pid"):  # where the earlier name is the wrong one, it is said
        assert any("numbers the entries" in line.text for line in load(csv(frame)).lines)


def test_the_name_of_the_study_is_no_person():
    frame = LONG.rename(columns={"participant_id": "subj"})
    same(load(csv(frame.assign(study_id="KET-01"))))


@pytest.mark.parametrize(
    "label",
    [
        "Total",
        "TOTAL placebo",
        "Mean",
        "Mean (n = 4)",
        "Placebo mean",
        "Average drinks",
        "Sum:",
        "Grand Total",
        "Column totals",
        "Median",
        "subtotal",
        "Overall mean",
    ],
)
def test_totals_below_a_grid_are_no_participants(label):
    sheets = {arm: part.drop(columns="arm") for arm, part in grid().groupby("arm")}
    for arm, part in sheets.items():
        total = part.select_dtypes("number").sum().round(1)
        sheets[arm] = pd.concat([part, pd.DataFrame([{"participant_id": label, **total}])], ignore_index=True)
    trial = load(dressed.workbook(sheets))
    same(trial)
    assert sum("no participants, left out" in c.message for c in trial.checks) == 2


def test_a_subtotal_below_each_participant_is_none():
    parts = []
    for who, part in LONG.groupby("participant_id"):
        parts += [part, pd.DataFrame([{"participant_id": f"{who} Total", "drinks": part["drinks"].sum()}])]
    same(load(csv(pd.concat([*parts, pd.DataFrame([{"participant_id": "Grand Total", "drinks": 9}])]))))


def test_statistics_and_remarks_at_the_foot_are_no_participants():
    foot = [{"participant_id": t, "Day 1": v} for t, v in (("Mean", 2.0), ("SD", 1.0), ("n", 8))]
    foot += [
        {"participant_id": t}
        for t in (
            "* two visits were by telephone",
            "Note: blanks are missing days",
            "Days after dropout were left blank",
        )
    ]
    whole = pd.concat([grid(), pd.DataFrame(foot)], ignore_index=True)
    trial = load(csv(whole))
    same(trial)
    assert [c.count for c in trial.checks if c.name == "left_out" and "left out (" in c.message] == [3, 3]


def test_somebody_without_a_day_is_no_remark():
    whole = pd.concat([grid(), pd.DataFrame([{"participant_id": "S50", "arm": "placebo", "sex": "F"}])])
    assert "S50" in set(load(csv(whole)).participants["participant_id"])


@pytest.mark.parametrize("name", ["S01", "P-total-3", "N12", "Max01", "SD07", "1", "MT", "Sumner", "Meant"])
def test_identifiers_are_no_labels(name):
    assert not (is_total(name) or is_statistic(name) or is_remark(name))


@pytest.mark.parametrize("other", ["condition", "group"])
def test_the_arm_is_the_column_that_names_a_control(other):
    kinds = dict(zip(sorted(set(LONG["participant_id"])), ["AUD", "AUD+PTSD", "AUD"] * 3, strict=False))
    frame = LONG.rename(columns={"arm": "drug"})
    frame.insert(1, other, frame["participant_id"].map(kinds))
    trial = load(csv(frame))
    same(trial)
    assert any("names a control" in line.text for line in trial.lines)


LISTS = ["randomisation_list.csv", "randomization.csv", "unblinding.csv", "allocation_list.csv"]


@pytest.mark.parametrize("name", LISTS)
def test_an_unblinding_list_beside_the_days_gives_the_arms(name):
    listed = PEOPLE[["participant_id", "arm"]].rename(columns={"participant_id": "subject_id", "arm": "allocation"})
    coded = listed.assign(rand_code=listed["allocation"].map({"placebo": "A", "ketamine": "B"}))
    same(load({"tlfb.csv": csv(BARE), name: csv(coded[["subject_id", "rand_code", "allocation"]])}))
