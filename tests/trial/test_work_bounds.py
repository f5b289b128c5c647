"""How much work a file or a recipe can make in the process that serves everybody: never pair by pair."""

from __future__ import annotations

import difflib
import itertools

import dressed
import numpy as np
import pandas as pd
import pytest

from ketadash import files
from ketadash.core.errors import DataError, SpecError
from ketadash.files.table import LONGEST_HEADER, headers
from ketadash.trial import check, load, recognise, reshape, roles, suspicious
from ketadash.trial.recipe import Recipe, from_toml

LONG = dressed.long(n=2)
CSV = dressed.as_bytes(LONG, "csv")


def column(texts) -> pd.Series:
    return pd.Series(texts).astype("category")


class Counted(dict):
    """A mapping that counts how often it is gone through."""

    walks = 0

    def __iter__(self):
        self.walks += 1
        return super().__iter__()


def test_codes_for_unknown_are_matched_by_a_set():
    codes = Counted({str(-i): "said so" for i in range(1, 2_000)})
    cells = column([f"{i / 10}" for i in range(3_000)] + ["-9", "-9.0", " -10 ", "-1999"])
    blank, n = reshape.blanked(cells, codes)
    assert n == 4 and (blank[-4:] == "").all() and (blank[:-4] != "").all()
    assert codes.walks <= 1


@pytest.mark.parametrize("codes", [["x", "-9"], ["-9", "x"], ["NA?", "-9.0"]])
def test_a_code_in_words_beside_one_in_numbers(codes):
    """One code that is no number kept every later one from matching."""
    blank, n = reshape.blanked(column(["1", "-9.00", "x", "nan"]), dict.fromkeys(codes, ""))
    assert list(blank)[:2] == ["1", ""] and n == 1 + ("x" in codes)


def test_a_hundred_thousand_codes_are_read():
    recipe = from_toml(f"unknown = [{', '.join(str(-i) for i in range(1, 100_000))}]")
    assert len(load(CSV.replace(b",0,", b",-77,"), recipe=recipe).days) == len(LONG)


def test_strangers_are_looked_up(monkeypatch):
    monkeypatch.setattr(np, "isin", None)  # which compares objects pair by pair
    ids = np.array([f"P{i}" for i in range(50)], dtype=object)
    blank = np.full(50, np.nan)
    rows = check.Rows("visits.csv", np.arange(50), ids, ids, blank, blank == 0)
    assert check.strangers(rows, set(ids[:-2])).count == 2


def test_a_like_name_is_looked_for_among_so_many(monkeypatch):
    seen = []
    real = difflib.get_close_matches
    monkeypatch.setattr(
        recognise.difflib, "get_close_matches", lambda w, p, **k: seen.append(len(p)) or real(w, p, **k)
    )
    assert "drinks1" in recognise.near("drink1", (f"drinks{i}" for i in itertools.count()))
    assert seen == [1_000]


def test_an_identifier_of_numbers_and_letters_without_end():
    assert len(recognise.natural_order("a1" * 1_000_000)) <= 201


def test_a_sheet_of_days_is_taken_once():
    table = files.tables(CSV, "days.csv")[0]
    assigned = roles.assign([table], Recipe(days=("days",) * 50_000 + ("Days", "days.csv")))
    assert len(assigned.days) == 1


def test_a_grid_with_many_other_columns(monkeypatch):
    days = {f"day{i}": ["1", "2"] * 4 for i in range(1, 21)}
    others = {f"x{i}": list("abcdefgh") for i in range(50)}
    frame = pd.DataFrame({"participant_id": list("abcdefgh"), "arm": ["p", "k"] * 4, **others, **days})
    raw = dressed.as_bytes(frame, "csv")
    assert len(load(raw).days) == 160
    monkeypatch.setenv("KETADASH_MAX_CELLS", "4000")
    with pytest.raises(DataError, match=r"160 rows of 54 columns, more than the 8,000 cells that are laid out"):
        load(raw)


def test_tables_with_nothing_in_common_below_each_other(monkeypatch):
    parts = [pd.DataFrame({f"c{i}_{j}": column(["1"] * 50) for j in range(20)}) for i in range(10)]
    monkeypatch.setenv("KETADASH_MAX_CELLS", "50000")
    with pytest.raises(DataError, match=r"500 rows of 200 columns"):
        reshape.stacked(parts)


def test_long_headers_are_cut_and_stay_apart():
    names = headers(["x" * 20_000, "x" * 20_000, "y", "ä" * 301], "x")
    assert len(set(names)) == 4 and max(map(len, names)) <= LONGEST_HEADER and names[2] == "y"
    raw = f"participant_id,arm,day,drinks,{'q' * 5_000}1,{'q' * 5_000}2\n".encode()
    rows = "".join(f"P{i},{'pk'[i % 2]},{d},{i},1,2\n" for i in range(4) for d in range(1, 4)).encode()
    trial = load(raw + rows)
    assert max(map(len, trial.days.columns)) <= LONGEST_HEADER and len(trial.days.columns) == 6


def test_a_text_without_end_in_a_declaration():
    with pytest.raises(SpecError, match="a text of more than 2,000 characters"):
        from_toml(f'parameter = "{"x" * 3_000}"')
    with pytest.raises(SpecError, match="a text of more than 2,000 characters"):
        from_toml(f'[arms]\n{"x" * 3_000} = "a"')
    with pytest.raises(DataError, match="a text of more than 2,000 characters"):
        load({"days.csv": CSV, "trial.toml": f'title = "{"x" * 3_000}"'.encode()})


def test_twins_and_weekdays_are_found_as_before():
    amounts = [1, 2, 3, 4, 5, 6, 7, 0]
    people = {"A": amounts, "B": amounts, "C": amounts[::-1], "D": [1] * 8, "E": [1] * 8}
    frames = [pd.DataFrame({"id": who, "day": range(1, 9), "amount": a}) for who, a in people.items()]
    rows = check.Rows("days.csv", *[np.array([])] * 5)
    found = suspicious.identical_records(rows, pd.concat(frames))
    assert found.count == 2 and "A and B" in found.message
    weekly = pd.DataFrame({"id": "W", "day": range(1, 60, 7), "amount": 1.0})
    daily = pd.DataFrame({"id": "X", "day": range(1, 60), "amount": 1.0})
    assert suspicious.few_weekdays(rows, pd.concat([weekly, daily])).where == ("W",)
    assert suspicious.few_weekdays(rows, daily) is None


def test_a_cell_without_end_is_cut_before_anybody_looks_at_it():
    long = "x" * 50_000
    [table] = files.tables(f"a,b\n{long}1,1\n{long}2,2\ny,3\n".encode(), "x.csv")
    assert [len(t) for t in table.frame["a"]] == [5_000, 5_000, 1] and list(table.frame["b"]) == ["1", "2", "3"]
