"""Every malformed file ends in one DataError or SpecError that names the place and the remedy."""

from __future__ import annotations

import gzip

import pytest
from builder import SOUND, csv_text, rows, spoil
from hypothesis import given, settings
from hypothesis import strategies as st

from ketadash.core.errors import DataError, KetadashError, SpecError
from ketadash.core.families import PANEL
from ketadash.core.spec import AnalysisSpec, Window
from ketadash.trial import load, panel, resolve, validate


def analyse(source, **choices):
    """All of the way to the panel, as the command line goes."""
    trial = load(source)
    resolved, _ = resolve(trial, AnalysisSpec(**choices))
    return panel(trial, PANEL.seen(resolved))


def _appended(*more: list[str]) -> bytes:
    return csv_text([*rows(), *more]).encode()


def _without_arm(arm: str) -> bytes:
    return csv_text([r for r in rows() if r[1] != arm]).encode()


def _column(column: int, cell: str) -> bytes:
    return csv_text([[*r[:column], cell, *r[column + 1 :]] for r in rows()]).encode()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
MALFORMED = {
    # name: (bytes, check's name in validate(), what the message must hold: place and remedy)
    "png": (PNG, "readable", ["PNG picture", "save the data as CSV"]),
    "other binary": (bytes(range(256)) * 9, "readable", ["not a text table", "save the data as CSV"]),
    "zip that is none": (b"PK\x03\x04" + SOUND, "readable", ["damaged", "save it again"]),
    "damaged gzip": (gzip.compress(SOUND)[:-20], "readable", ["damaged gzip", "pack it again"]),
    "empty": (b"", "empty_file", ["empty", "export it again"]),
    "only blank lines": (b"\n \n\n", "empty_file", ["empty", "export it again"]),
    "only a header": (csv_text([]).encode(), "empty_file", ["header but no rows", "export it again"]),
    "only commas": (csv_text([[""] * 6] * 3).encode(), "empty_file", ["header but no rows"]),
    "no day column": (
        csv_text(rows(), "participant_id,arm,dya,drinks,sex,baseline_drinks\n").encode(),
        "columns",
        ["no column 'day'", "it has: participant_id, arm, dya", "did you mean 'dya'?", "Rename"],
    ),
    "no arm": (csv_text([[r[0], *r[2:]] for r in rows()], "id,day,drinks,sex,bl\n").encode(), "columns", ["'arm'"]),
    "column twice": (
        csv_text(rows(), "participant_id,arm,day,drinks,sex,Drinks\n").encode(),
        "columns",
        ["two columns called drinks", "rename"],
    ),
    "prose": (b"Dear all,\nplease find\nour data\n", "columns", ["no column 'participant_id'", "Rename"]),
    "too many cells": (
        _appended(["P99", "ketamine", "9", "1", "F", "2", "5"]),
        "ragged_rows",
        ["line 26", "semicolon"],
    ),
    "far too many cells": (_appended(["x"] * 12), "ragged_rows", ["line 26", "as many cells as the header"]),
    "open quote": (spoil(3, 1, '"placebo'), "ragged_rows", ["line 5", "quote that never closes"]),
    "no participant": (spoil(2, 0, ""), "participant_id", ["line 4 (day 3)", "fill in participant_id"]),
    "no arm in a row": (spoil(2, 1, ""), "arm_empty", ["line 4 (P1, day 3)", "give the arm"]),
    "arm changes": (spoil(2, 1, "ketamine"), "arm_changes", ["P1", "one arm"]),
    "day a word": (spoil(2, 2, "Tue"), "day_whole", ["line 4 (P1)", "number the days"]),
    "day a fraction": (spoil(2, 2, "2.5"), "day_whole", ["line 4 (P1)", "number the days"]),
    "day empty": (spoil(2, 2, ""), "day_whole", ["line 4 (P1)", "number the days"]),
    "day a date": (spoil(2, 2, "45000"), "day_range", ["line 4 (P1, day 45000)", "instead of giving dates"]),
    "day beyond int": (spoil(2, 2, "1e30"), "day_range", ["line 4", "instead of giving dates"]),
    "duplicate day": (_appended(rows()[5]), "duplicate_days", ["P2 day 2", "line 26", "keep one row per"]),
    "drinks two": (spoil(4, 3, "two"), "amount_numeric", ["line 6: 'two'", "'drinks'", "leave the cell empty"]),
    "drinks a long word": (spoil(4, 3, "x" * 99), "amount_numeric", ["'xxxxxxxxxxx…'"]),
    "drinks 1e999": (spoil(4, 3, "1e999"), "amount_numeric", ["line 6", "not a number"]),
    "drinks inf": (spoil(4, 3, "inf"), "amount_numeric", ["line 6", "not a number"]),
    "drinks -1": (spoil(4, 3, "-1"), "amount_negative", ["line 6 (P2, day 1)", "'drinks'", "write 0 or more"]),
    "drinks 1e9": (spoil(4, 3, "1e9"), "amount_absurd", ["line 6 (P2, day 1)", "more than 200", "correct it"]),
    "baseline a word": (spoil(4, 5, "lots"), "baseline_numeric", ["line 6: 'lots'", "'baseline_drinks'"]),
    "baseline varies": (spoil(4, 5, "99"), "baseline_varies", ["P2", "give each participant one value"]),
    "sex varies": (spoil(4, 4, "F"), "baseline_varies", ["'sex'", "P2", "one value"]),
    "one arm": (_without_arm("placebo"), "arms", ["only the arm 'ketamine'", "needs two arms"]),
    "one participant an arm": (csv_text(rows(1)).encode(), "arm_sizes", ["ketamine: 1", "at least two participants"]),
    "three arms": (
        _appended(["P50", "saline", "1", "0", "F", "3"], ["P51", "saline", "1", "0", "F", "3"]),
        "choices",
        ["3 arms (ketamine, placebo, saline)", "choose two", "--control", "--active"],
    ),
    "one participant in one arm": (
        csv_text([r for r in rows() if r[0] not in ("P1", "P2")]).encode(),
        "arm_sizes",
        ["placebo: 1"],
    ),
    "no day in the window": (
        csv_text([[*r[:2], str(-int(r[2])), *r[3:]] for r in rows()]).encode(),
        "choices",
        ["no day is 1 or later", "days -4 to -1", "choose a window"],
    ),
    "all days missing": (_column(3, ""), "choices", ["'drinks' is empty on every day", "another column"]),
    "no amounts": (
        csv_text(rows(), "participant_id,arm,day,drinsk,sex,baseline\n").encode(),
        "choices",
        ["no column of daily amounts", "did you mean 'drinsk'?", "Rename it to drinks", "--amount"],
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_message_names_place_and_remedy(name):
    raw, _, parts = MALFORMED[name]
    with pytest.raises((DataError, SpecError)) as caught:
        analyse(raw)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("name", MALFORMED)
def test_validate_names_the_check(name):
    raw, check, parts = MALFORMED[name]
    errors = [c for c in validate(raw) if c.severity == "error"]
    assert errors[0].name == check
    assert errors[0].count >= 1
    assert all(part in errors[0].message for part in parts)


def test_all_problems_at_once():
    table = rows()
    table[0][3], table[5][3], table[9][2], table[12][1] = "two", "-3", "x", ""
    raw = csv_text(table).encode()
    names = [c.name for c in validate(raw) if c.severity == "error"]
    assert set(names) == {"amount_numeric", "amount_negative", "day_whole", "arm_empty"}
    with pytest.raises(DataError, match=r"\(3 more problems: `ketadash validate` lists all\)"):
        load(raw)


def test_five_places_are_named_and_the_rest_counted():
    raw = csv_text([[*r[:3], "-1", *r[4:]] for r in rows()]).encode()
    with pytest.raises(DataError, match=r"24 rows .*line 6 \(P2, day 1\), and 19 more"):
        load(raw)


def test_message_does_not_print_values():
    with pytest.raises(DataError) as caught:
        load(spoil(4, 3, "777"))
    assert "777" not in str(caught.value)


def test_a_large_amount_is_only_a_warning():
    trial = load(spoil(4, 3, "41"))
    assert len(trial.warnings) == 1
    assert "line 6 (P2, day 1)" in trial.warnings[0]
    assert load(spoil(4, 3, "40")).warnings == ()


def test_too_large(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_MEGABYTES", "1")
    with pytest.raises(DataError, match="larger than 1 MB"):
        load(SOUND + b"\n" * 1_000_000)
    # A small file that unpacks to a large one stops too.
    with pytest.raises(DataError, match="larger than 1 MB"):
        load(gzip.compress(b"0" * 2_000_000))


def test_no_such_file(tmp_path):
    with pytest.raises(DataError, match=r"cannot read nothing.csv: there is no such file; check the path"):
        load(tmp_path / "nothing.csv")
    with pytest.raises(DataError, match=r"no file of participant-days was given"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("choices", "kind", "parts"),
    [
        ({"control": "placbo"}, SpecError, ["no arm 'placbo'", "ketamine, placebo", "did you mean 'placebo'?"]),
        ({"amount": "drink"}, SpecError, ["no column 'drink'", "did you mean 'drinks'?"]),
        ({"baseline": "bsl"}, SpecError, ["no column 'bsl'", "baseline_drinks"]),
        ({"baseline": "sex"}, SpecError, ["words, not numbers"]),
        ({"baseline": "drinks"}, DataError, ["changes within 6 participants", "choose another column"]),
        ({"amount": "sex"}, DataError, ["line 2: 'F'", "not a number"]),
        ({"days": Window(30, 40)}, SpecError, ["no day of the window 30:40", "days 1 to 4", "choose another"]),
        ({"days": Window(1, 10**9)}, SpecError, ["too long"]),
        ({"tau": 99}, SpecError, ["day 99", "outside the window 1:4"]),
    ],
)
def test_choices_that_do_not_fit(choices, kind, parts):
    with pytest.raises(kind) as caught:
        analyse(SOUND, **choices)
    for part in parts:
        assert part in str(caught.value)


def test_chosen_amounts_are_checked_like_recognised_ones():
    header = "participant_id,arm,day,drinks,sex,baseline_drinks,beers\n"
    bad = csv_text([[*r, "-3" if i == 0 else "3"] for i, r in enumerate(rows())], header).encode()
    with pytest.raises(DataError, match=r"negative number in 'beers' \(line 2 \(P1, day 1\)\)"):
        analyse(bad, amount="beers")
    assert analyse(bad).amount.shape == (6, 4)  # a column that is not used does no harm


FOLDER = {"days.csv": SOUND}
FOLDERS = {
    "toml syntax": ({"trial.toml": b"title = 'x"}, ["not valid TOML"]),
    "toml type": ({"trial.toml": b"days = 21"}, ["'days' must be text in quotes"]),
    "toml window": ({"trial.toml": b'days = "21"'}, ["not a window of days"]),
    "toml arm": ({"trial.toml": b'control = "saline"'}, ["arm 'saline'", "ketamine, placebo", "correct the name"]),
    "toml column": ({"trial.toml": b'amount = "beers"'}, ["column 'beers'"]),
    "two days": ({"days.tsv": SOUND}, ["days.csv and days.tsv", "keep one"]),
    "participant twice": ({"participants.csv": b"id,age\nP1,40\nP1,41\n"}, ["participants.csv", "line 3 (P1)"]),
    "other arm": ({"participants.csv": b"id,arm\nP1,ketamine\n"}, ["days.csv and participants.csv", "P1", "one arm"]),
    "randomised to nothing": ({"participants.csv": b"id,age\nP77,40\n"}, ["line 2 (P77)", "without an arm"]),
    "visit without day": ({"visits.csv": b"id,etg_positive\nP1,1\n"}, ["visits.csv has no column 'day'"]),
    "visit on no day": ({"visits.csv": b"id,day\nP1,two\n"}, ["visits.csv", "line 2 (P1)", "whole number"]),
    "events of nobody": ({"adverse_events.csv": b"day,event\n1,x\n"}, ["adverse_events.csv has no column"]),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_malformed_folders(name):
    files, parts = FOLDERS[name]
    with pytest.raises(KetadashError) as caught:
        load({**FOLDER, **files})
    for part in parts:
        assert part in str(caught.value)


def test_strangers_and_odd_test_results_are_warnings():
    visits = b"participant_id,day,etg_positive\nP1,2,maybe\nP98,2,1\n"
    said = load({**FOLDER, "visits.csv": visits}).warnings
    assert any("line 2 (P1, day 2)" in w and "neither positive nor negative" in w for w in said)
    assert any("line 3 (P98, day 2)" in w and "check their ids" in w for w in said)


spoilt_bytes = st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6)


@given(spoilt_bytes)
@settings(max_examples=15)
def test_whatever_the_bytes_the_end_is_a_panel_or_one_message(changes):
    ends_well(changes)


@pytest.mark.slow
@given(spoilt_bytes)
@settings(max_examples=150)
def test_whatever_the_bytes_and_however_many_tries_the_end_is_a_panel_or_one_message(changes):
    ends_well(changes)


def ends_well(changes):
    raw = bytearray(SOUND)
    for place, byte in changes:
        raw[place] = byte
    failed = any(c.severity in ("error", "question") for c in validate(bytes(raw)))
    try:
        table = analyse(bytes(raw))
    except KetadashError as error:
        assert failed and str(error)
    else:
        assert not failed
        assert table.amount.shape == (len(table.participant_ids), len(table.days))
