"""Who is who: one person is one participant however the file writes them, and rows of nobody are nobody."""

from __future__ import annotations

import dressed
import numpy as np
import pandas as pd
import pytest
import read_alike
from hypothesis import given
from hypothesis import strategies as st
from read_alike import KNOWN, LONG, csv
from sweeps import others_slow

from ketadash.core.errors import DataError
from ketadash.trial import attempt, load
from ketadash.trial.recipe import Recipe
from ketadash.trial.who.spellings import exact_key, loose_key, matched, visible
from ketadash.trial.who.summary_rows import is_remark, is_statistic, is_total

PEOPLE = LONG.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]]
BARE = LONG.drop(columns=["arm", "sex"])


def same(trial, expected: pd.DataFrame = KNOWN) -> None:
    """The same days, of the same people."""
    read_alike.same(trial, expected)
    assert sorted(trial.participants["participant_id"]) == sorted(set(expected["participant_id"]))


def grid(arms: bool = True) -> pd.DataFrame:
    wide = dressed.wide(LONG, "Day {}")
    return wide if arms else wide.drop(columns="arm")


INVISIBLE = ["\u200b", "\ufeff", "\u00ad", "\u00a0", "\u2060", "\u200e"]


@pytest.mark.sweep(3)
@pytest.mark.parametrize("mark", INVISIBLE)
def test_marks_that_nobody_sees_make_no_second_person(mark):
    frame = LONG.assign(
        participant_id=[f"{p}{mark}" if d % 2 else p for p, d in zip(LONG["participant_id"], LONG["day"], strict=True)]
    )
    same(load(csv(frame)))


@pytest.mark.sweep(6)
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


@pytest.mark.sweep(3)
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


@pytest.mark.sweep(3)
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


def asked(raw) -> dict[str, list[str]]:
    """Key → the answers offered, of every question."""
    return {c.key: [a.value for a in c.answers] for c in attempt(raw).checks if c.severity == "question"}


def answer(raw, **answers: str):
    return load(raw, recipe=Recipe(answers=tuple(answers.items())))


@pytest.mark.sweep(2)
@pytest.mark.parametrize("name", ["None", "none", "NONE"])
@pytest.mark.parametrize("other", ["ketamine", "placebo"])
def test_none_may_be_the_name_of_an_arm(name, other):
    frame = LONG.assign(arm=LONG["arm"].where(LONG["arm"] == other, name))
    files = {
        "days.csv": csv(frame.drop(columns=["arm", "sex"])),
        "participants.csv": csv(frame.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]]),
    }
    for raw in (csv(frame), files):
        trial = answer(raw, control=name) if asked(raw) else load(raw)
        assert set(asked(raw)) <= {"control"}
        assert dict(trial.participants["arm"].value_counts()) == dict(
            PEOPLE["arm"].value_counts().rename({a: name for a in set(LONG["arm"]) if a != other})
        )


def test_none_beside_two_arms_is_asked_about():
    more = LONG[LONG["participant_id"].isin(["S01", "S02"])].assign(arm="None")
    more = more.assign(participant_id=more["participant_id"].replace({"S01": "S51", "S02": "S52"}))
    raw = csv(pd.concat([LONG, more]))
    assert asked(raw)["none_arm"] == ["arm", "no arm"]
    assert set(answer(raw, none_arm="arm").participants["arm"]) == {"placebo", "ketamine", "None"}
    same(answer(raw, none_arm="no arm", no_arm="leave out"))


SAID = [
    {"status": "Screen failure"},
    {"arm": "Screen fail"},
    {"randomised": "No"},
    {"arm": "not randomized"},
    {"Disposition": "screen-failed"},
    {"randomized": "0"},
]


@pytest.mark.sweep(4)
@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("where", ["days", "participants"])
def test_a_screening_failure_without_an_arm_is_left_out(said, where):
    failed = LONG[LONG["participant_id"] == "S01"].assign(participant_id="S60", **{"arm": "", **said})
    columns = [c for c in said if c != "arm"]
    if where == "days":
        raw = csv(pd.concat([LONG, failed.query("day < 1")]))
    else:
        listed = pd.concat(
            [PEOPLE, failed.drop_duplicates("participant_id")[["participant_id", "arm", "sex", *columns]]]
        )
        raw = {"days.csv": csv(BARE), "participants.csv": csv(listed)}
    trial = load(raw)
    same(trial)
    assert any("1 participant never randomised" in c.message for c in trial.checks)


@pytest.mark.parametrize("where", ["days", "participants"])
def test_an_arm_that_is_blank_without_a_reason_is_asked_about(where):
    blank = PEOPLE.iloc[:1].assign(participant_id="S60", arm="")
    raw = {"days.csv": csv(BARE), "participants.csv": csv(pd.concat([PEOPLE, blank]))}
    if where == "days":
        raw = csv(pd.concat([LONG, LONG[LONG["participant_id"] == "S01"].assign(participant_id="S60", arm="")]))
    assert asked(raw) == {"no_arm": ["leave out", "stop"]}
    same(answer(raw, no_arm="leave out"))
    with pytest.raises(DataError, match=r"without an arm"):
        answer(raw, no_arm="stop")


GROUPS = {
    "case": str.lower,
    "zeros": lambda i: i.replace("0", ""),
    "hyphen": lambda i: f"{i[0]}-{i[1:]}",
    "space": lambda i: f"{i[0]} {i[1:]}",
}


@pytest.mark.parametrize("how", others_slow(GROUPS, "case", "zeros"))
def test_spellings_in_one_file_are_asked_about(how):
    late = LONG["participant_id"].isin(["S02", "S03"]) & (LONG["day"] > 5)
    spelt = LONG["participant_id"].map(GROUPS[how])
    frame = LONG.assign(participant_id=LONG["participant_id"].mask(late, spelt))
    visits = csv(pd.DataFrame({"participant_id": [GROUPS[how]("S02")], "day": [3], "craving": [5.0]}))
    raw = {"days.csv": csv(frame), "visits.csv": visits}
    assert asked(raw) == {"same_person": ["one", "apart"]}
    trial = answer(raw, same_person="one")
    same(trial)
    assert list(trial.visits["participant_id"]) == ["S02"]
    same(answer(raw, same_person="apart"), frame.dropna(subset=["drinks"]))
    known = {**raw, "participants.csv": csv(PEOPLE)}
    if how != "zeros":  # S2 and S3 are the spelling of nobody else
        assert asked(known) == {}
        same(load(known))


def test_lookalikes_with_the_same_days_are_two_people():
    twin = LONG[LONG["participant_id"] == "S02"].assign(participant_id="s2", drinks=lambda d: d["drinks"] + 1)
    both = pd.concat([LONG, twin])
    trial = load(csv(both))
    same(trial, both.dropna(subset=["drinks"]))
    assert any(c.name == "identifiers" and c.severity == "warning" for c in trial.checks)


def test_several_columns_that_could_be_the_person_or_the_arm_are_asked_about():
    half = LONG["participant_id"] + np.where(LONG["day"] > 5, "b", "a")
    raw = csv(LONG.assign(subject=half, pid=LONG["participant_id"]).drop(columns="participant_id"))
    assert set(asked(raw)) == {"person"}
    same(answer(raw, person="pid"))
    sites = dict(zip(sorted(set(LONG["participant_id"])), ["control", "AUD", "AUD"] * 3, strict=False))
    frame = LONG.rename(columns={"arm": "drug"}).assign(group=LONG["participant_id"].map(sites))
    assert set(asked(csv(frame))) == {"arm_column"}
    same(answer(csv(frame), arm_column="drug"))


@pytest.mark.sweep(2)
@pytest.mark.parametrize("by", ["filter", "hand"])
@pytest.mark.parametrize("sheets", [1, 2])
def test_rows_that_nobody_sees_are_asked_about(by, sheets):
    import io

    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    parts = [LONG] if sheets == 1 else [part for _, part in LONG.groupby("arm")]
    for part in parts:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, part.columns)
        if by == "filter":
            sheet.autofilter(0, 0, len(part), len(part.columns) - 1)
            sheet.filter_column(0, "x != S04")
        for i, row in enumerate(part.itertuples(index=False), 1):
            sheet.write_row(i, 0, ["" if v != v else v for v in row])
            if row.participant_id in ("S03", "S04"):
                sheet.set_row(i, None, None, {"hidden": True})
    book.close()
    raw = out.getvalue()
    assert asked(raw) == {"hidden": ["all", "shown"]}
    same(answer(raw, hidden="all"))
    same(answer(raw, hidden="shown"), KNOWN[~KNOWN["participant_id"].isin(["S03", "S04"])])


def test_twenty_thousand_spellings_are_settled_at_once(monkeypatch):
    """The table is counted once, not once for each of its identifiers."""
    from ketadash.trial.understood import Notes
    from ketadash.trial.who.identifiers import one_person_one_identifier

    ids = [f"{letter}{i:05d}" for i in range(10_000) for letter in "Pp"]
    frame = pd.DataFrame({"participant_id": pd.Categorical(ids), "day": pd.Categorical(["1", "2"] * 10_000)})
    counted, count = [], pd.Series.value_counts
    monkeypatch.setattr(pd.Series, "value_counts", lambda self, *a, **k: counted.append(1) or count(self, *a, **k))
    spelt = one_person_one_identifier(frame, set(), Notes(Recipe()))
    assert len(counted) == 1
    assert len(spelt) == 20_000 and len(set(spelt.values())) == 10_000


def test_arms_in_words_are_found_whatever_their_column_is_called():
    codes = KNOWN["arm"].map({"placebo": "B", "ketamine": "A"})
    same(attempt(csv(KNOWN.assign(arm=codes, unblinded=KNOWN["arm"]))).trial)
    people = sorted(set(KNOWN["participant_id"]))
    cohort = KNOWN["participant_id"].map({p: f"cohort {i // 6}" for i, p in enumerate(people)})
    for name in ("randomized_to", "what they got"):
        reading = attempt(csv(KNOWN.drop(columns="arm").assign(group=cohort, **{name: KNOWN["arm"]})))
        assert [c.message for c in reading.checks if c.severity in ("question", "error")] == []
        same(reading.trial)


def test_an_identifier_for_every_row_names_nobody():
    each = KNOWN["participant_id"] + "-" + KNOWN["day"].astype(str)
    with pytest.raises(DataError, match="another participant on each of its"):
        load(csv(KNOWN.assign(participant_id=each)))
