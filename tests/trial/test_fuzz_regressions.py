"""What fuzzing found, one test each: every one of these raised something else than a DataError, or took for ever."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import time
import zipfile
import zlib
from types import SimpleNamespace

import dressed
import numpy as np
import pytest

from ketadash.analyse.sensitivity import day_by_arm
from ketadash.core.errors import DataError, FitError, SpecError
from ketadash.questions.paper import printed as published
from ketadash.stats import glmm, pql
from ketadash.trial import load, validate
from ketadash.trial.recipe import Recipe, from_link, from_toml
from ketadash.trial.recognise import natural_order

LONG = dressed.long(n=2)
CSV = dressed.as_bytes(LONG, "csv")
HUGE = "0x" + "f" * 5_000


@pytest.fixture
def quick():
    """Seconds of processor time that reading may take here; each of these took minutes or more."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < 60


def test_a_zip_entry_without_a_name():
    raw = dressed.archive({"days.csv": CSV}).replace(b"my trial/days.csv", b"\0y trial/days.csv")
    with pytest.raises(DataError, match="an archive with nothing in it"):
        load(raw)


def test_a_dictionary_that_claims_four_gigabytes(monkeypatch):
    packed = bytearray(lzma.compress(CSV))
    packed[bytes(packed).find(b"\x21\x01") + 2] = 40
    size = (packed[12] + 1) * 4
    packed[8 + size : 12 + size] = struct.pack("<I", zlib.crc32(packed[12 : 8 + size]))
    monkeypatch.setenv("KETADASH_MAX_MEMORY", "1000")
    with pytest.raises(DataError, match="needs more memory to read than the 1,000 MB allowed"):
        load(bytes(packed))


@pytest.mark.parametrize("at", ["day", "drinks"])
def test_a_cell_of_a_million_digits(quick, at):
    cells = {"day": "99", "drinks": "1"} | {at: "1" * 1_000_000 + "x"}
    row = f"S01,placebo,{cells['day']},{cells['drinks']},F\n".encode()
    with pytest.raises(DataError, match=r"is not a whole number|is not a number"):
        load(CSV + row)


def test_a_header_of_a_hundred_thousand_hyphens(quick):
    head, _, rest = CSV.decode().partition("\n")
    rows = "".join(f"1,{row}\n" for row in rest.splitlines())
    assert len(load(f"{'-' * 100_000}x,{head}\n{rows}".encode()).days) == len(LONG)


def test_an_arm_for_every_participant(quick):
    rows = "".join(f"P{i},arm of site {i},1,2\n" for i in range(4_000))
    with pytest.raises(DataError, match=r"fewer than two participants in an arm .* and 3975 more") as caught:
        load(f"participant_id,arm,day,drinks\n{rows}".encode())
    assert len(str(caught.value)) < 2_000


def test_blank_lines_under_a_wide_header(quick):
    """A few kilobytes that would have been 12 billion cells."""
    head = ",".join(f"c{i}" for i in range(4_000))
    with pytest.raises(DataError, match="more than the 20,000,000 cells"):
        load(gzip.compress(f"{head}\n".encode() + b"\n" * 3_000_000, 9), name="x.csv.gz")


def test_days_of_none_beyond_all_bounds(monkeypatch):
    ids = range(2_000)
    people = "".join(f"P{i},{'ab'[i % 2]},3650\n" for i in ids)
    files = {
        "participants.csv": f"participant_id,arm,last_day\n{people}".encode(),
        "days.csv": ("participant_id,day,drinks\n" + "".join(f"P{i},1,3\n" for i in ids)).encode(),
    }
    monkeypatch.setenv("KETADASH_MAX_CELLS", "1000000")
    with pytest.raises(DataError, match="a row for every day until the end of each follow-up"):
        load(files)


def test_a_window_of_ten_years_for_a_crowd(monkeypatch):
    """One day in ten years for each of 20,000 would be a table of 73 million cells, several times over."""
    monkeypatch.setenv("KETADASH_MAX_CELLS", "100000")
    rows = "".join(f"P{i},{('placebo', 'drug')[i % 2]},{(1, 3_600)[i % 3 > 0]},{i % 2}\n" for i in range(60))
    [check] = [c for c in validate(f"participant_id,arm,day,drinks\n{rows}".encode()) if c.severity == "error"]
    assert check.message.startswith("60 participants on 3,600 days are more than the 100,000 cells")


def test_an_identifier_of_6000_digits():
    with pytest.raises(DataError, match=r"a participant or an arm of more than 200 characters"):
        load(CSV.replace(b"S01", b"9" * 6_000))
    assert len(load(CSV.replace(b"S01", b"9" * 150)).participants) == 4
    assert sorted(["P10", "P2", "P1", "P01", "P1a"], key=natural_order) == ["P01", "P1", "P1a", "P2", "P10"]


@pytest.mark.parametrize(
    "columns", [{"amount": "participant_id"}, {"amount": "day"}, {"day": "sex"}, {"arm": "drinks", "amount": "drinks"}]
)
def test_a_column_that_would_be_two_things(columns):
    with pytest.raises(DataError):
        load(CSV, recipe=Recipe(columns=tuple(columns.items())))


def test_a_date_that_is_the_participant_too():
    dated = dressed.with_dates(LONG).rename(columns={"participant_id": "who"})
    raw = dressed.as_bytes(dated.rename(columns={"Date": "id"}), "csv")
    with pytest.raises(DataError, match="the column 'id' would be both"):
        load(raw, recipe=Recipe(columns=(("date", "id"),)))


def test_a_grid_of_dates_without_participants():
    dated = dressed.with_dates(LONG)
    dated["day"] = dated["Date"]
    grid = dated.pivot(index=["participant_id", "arm", "sex"], columns="day", values="drinks").reset_index()
    raw = dressed.as_bytes(grid.drop(columns="participant_id").assign(arm="placebo"), "csv")
    with pytest.raises(DataError, match=r"has no column of participants .*rename the one"):
        load(raw, recipe=from_toml('start_date = "2024-03-11"'))


def test_days_of_use_without_participants_or_days():
    for gone in ("participant_id", "day"):
        files = {
            "days.csv": dressed.as_bytes(LONG.drop(columns=gone), "csv"),
            "participants.csv": b"participant_id,arm,last_day\nS01,placebo,3\nS02,ketamine,3\n",
        }
        with pytest.raises(DataError, match=f"no column '{gone}'"):
            load(files, recipe=from_toml('shape = "use days"'))


def test_days_of_use_to_which_nothing_is_added():
    """pandas warns of joining empty frames, and its warnings in our code are errors here."""
    used = LONG[LONG["drinks"] > 0].assign(last_day=-30)
    assert len(load(dressed.as_bytes(used, "csv"), recipe=from_toml('shape = "use days"')).days) == len(used)


@pytest.mark.parametrize(
    "text", ["days=a&days.x=1", "shape=long&shape.x=1", "columns.arm=a&columns=b", "a=1&" * 300, "="]
)
def test_a_link_that_says_one_thing_in_two_ways(text):
    with pytest.raises(SpecError):
        from_link(text)


@pytest.mark.parametrize("text", ["x = " + "[" * 3_000, "x = " + "9" * 5_000, f"unknown = [{HUGE}]", "start_day = 1.0"])
def test_a_recipe_beyond_what_toml_allows(text):
    with pytest.raises(SpecError) as caught:
        from_toml(text)
    assert len(str(caught.value)) < 300


def test_a_start_with_a_time_of_day_is_that_day():
    recipe = from_toml("start_date = 2024-03-11T10:00:00")
    assert (
        from_toml(recipe.to_toml()) == recipe == from_link(recipe.to_link()) == from_toml('start_date = "2024-03-11"')
    )


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 3_000,
        "x = " + "9" * 5_000,
        f"[flow]\nscreened = {HUGE}",
        f"[analysis]\nheavy_men = {HUGE}",
        f"[analysis]\nseed = {HUGE}",
        f"[analysis]\nmissing = {HUGE}",
        'days = "1:' + "9" * 5_000 + '"',
        f"control = '{'x' * 20_000}'",
    ],
)
def test_a_trial_toml_beyond_what_toml_allows(text):
    [check] = [c for c in validate({"days.csv": CSV, "trial.toml": text.encode()}) if c.severity == "error"]
    assert check.name == "declared" and len(check.message) < 500


@pytest.mark.parametrize(
    "text", ["number = 5", "number = [1]", "loose_end = 3", "x = " + "[" * 3_000, "x = " + "9" * 5_000]
)
def test_a_published_toml_that_is_none(text):
    with pytest.raises(DataError):
        published.read(text)


@pytest.mark.parametrize("recipe", ['start_date = "2024-03-11"', None])
def test_identifiers_of_ten_thousand_characters_do_not_fill_a_message(recipe):
    frame = dressed.with_dates(LONG).assign(participant_id=lambda f: f["participant_id"] + "x" * 10_000)
    frame.loc[frame.index[:14], "Infusion date"] = ""
    with pytest.raises(DataError) as caught:
        load(dressed.as_bytes(frame if recipe is None else frame.assign(Date="soon"), "csv"))
    assert len(str(caught.value)) < 1_000


def test_fewer_rows_than_the_model_has_columns():
    X, group = np.random.default_rng(1).normal(size=(4, 6)), np.array([0, 0, 1, 1])
    for fit in (
        lambda: glmm.fit_many([np.array([0.0, 1, 0, 1])], X, group),
        lambda: pql.fit(np.array([0.0, 1, 0, 1]), X, group, np.arange(4.0)),
    ):
        with pytest.raises(
            FitError, match="4 rows cannot tell the 6 columns of the model apart; choose a longer window"
        ):
            fit()


def test_an_odds_ratio_without_an_upper_end():
    """One day of use in the whole trial: the interval reaches beyond the largest number, and numpy warns of it."""
    terms = [SimpleNamespace(term=t, estimate=2.0, se=900.0) for t in ("1", "day", "arm", "day:arm")]
    model = SimpleNamespace(beta=np.zeros(4), df=3.0, between=None, coefficients=terms, coefficient=lambda _: terms[3])
    found = day_by_arm(model, 0.95)
    assert found.ci_high == np.inf and found.ci_low == 0


def test_a_zip_whose_directory_is_cut_anywhere():
    raw = dressed.archive({"days.csv": CSV})
    for cut in range(raw.rfind(b"PK\x05\x06"), len(raw)):
        with pytest.raises(DataError):
            load(raw[:cut])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("days.csv", CSV)
    assert len(load(out.getvalue()).days) == len(LONG)
