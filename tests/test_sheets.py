"""Tables that leave the program: no spreadsheet may take a text of theirs for a formula, and numbers stay numbers."""

import ast
import csv
import io
import re
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_trees import nodes, tree

from ketadash.export import sheets

ROOT = Path(__file__).parent.parent
FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "\x00=1",
    "mild;=1+1",
    "mild\t=1",
    "one\n=2",
    '=HYPERLINK("http://evil.example")',
]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def read(raw: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("text", FORMULAS)
def test_neither_a_cell_nor_a_header_begins_like_a_formula(text):
    raw = sheets.csv(pd.DataFrame({text: [text, None], "n": [1.5, 2]}))
    for delimiter in (",", ";"):  # as a spreadsheet set to another country splits it
        cells = [cell for row in read(raw, delimiter) for cell in row]
        assert not [cell for cell in cells if cell.lstrip(" ").startswith(STARTS)], cells


@settings(max_examples=200)
@given(st.lists(st.text(st.sampled_from("=+-@\t\r\n;, 'a1\"\x00\uff1d\u202e<"), max_size=8), min_size=1, max_size=4))
def test_no_text_at_all_begins_a_cell_like_a_formula(texts):
    for row in read(sheets.csv(pd.DataFrame({"a": texts, "b": 1.0}))):
        assert not [cell for cell in row if cell.lstrip(" ").startswith(STARTS)]


def test_numbers_and_ordinary_texts_are_left_alone():
    frame = pd.DataFrame(
        {
            "n": [-1.5, 0.1 + 0.2, np.nan, np.inf],
            "k": [-3, 2, 0, 7],
            "yes": [True, False, True, False],
            "text": ["ketamine", "a = b", "0.2 to 0.3", "\u22120.2"],
            "mixed": ["suppressed", -4, None, 2.5],
        }
    )
    assert sheets.csv(frame) == frame.to_csv(index=False).encode()


def test_what_a_csv_holds_is_what_was_in_the_table_but_for_the_apostrophe():
    found = pd.read_csv(io.BytesIO(sheets.csv(pd.DataFrame({"arm": ["=a", 'say "b"', "c,d"], "n": [1, -2, 3]}))))
    assert found.to_dict("list") == {"arm": ["'=a", 'say "b"', "c,d"], "n": [1, -2, 3]}


def test_a_workbook_has_neither_formulas_nor_links_and_reads_back():
    longest = "x" * 40_000
    frame = pd.DataFrame({"=h": [*FORMULAS, "http://evil.example", longest, "\ud800"], "n": range(-1, 20)})
    raw = sheets.workbook({"a/b:[c]": frame, "'": frame[["n"]], "": frame, "A B  C": frame})
    with ZipFile(io.BytesIO(raw)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    everything = "".join(text for name, text in parts.items() if "worksheets" in name)
    assert "<f>" not in everything and "hyperlink" not in everything
    assert not [name for name in parts if "externalLinks" in name or "_rels/sheet" in name]
    found = pd.read_excel(io.BytesIO(raw), sheet_name=None, engine="calamine")
    assert list(found) == ["a b  c", "Sheet 2", "Sheet 3", "A B  C (4)"]
    first = found["a b  c"]
    assert list(first.columns) == ["'=h", "n"] and list(first["n"]) == list(range(-1, 20))
    assert not [t for t in first["'=h"] if str(t).lstrip().startswith(STARTS)]
    assert len(first["'=h"].iloc[-2]) == 32_767


def test_a_workbook_of_odd_numbers_is_no_broken_file():
    frame = pd.DataFrame({"x": [np.inf, -np.inf, np.nan, 1e308], "y": [None, True, np.float32(2.5), "b"]}, dtype=object)
    found = pd.read_excel(io.BytesIO(sheets.workbook({"odd": frame})), engine="calamine")
    assert list(found["x"].iloc[[0, 1, 3]]) == ["inf", "'-inf", 1e308]
    assert list(found["y"])[1:] == [True, 2.5, "b"]


def test_a_workbook_is_made_in_memory(monkeypatch):
    def no_file(*_, **__):
        raise AssertionError("a temporary file")

    for name in ("mkstemp", "NamedTemporaryFile", "TemporaryFile", "mkdtemp"):
        monkeypatch.setattr(f"tempfile.{name}", no_file)
    assert sheets.workbook({"a": pd.DataFrame({"x": ["y"] * 50})}).startswith(b"PK")


def test_no_other_module_writes_a_table():
    """Every CSV goes through `sheets`, and whatever else makes a workbook tells it to run nothing."""
    writes = re.compile(r"\.(to_csv|to_excel)\(|ExcelWriter|csv\.(writer|DictWriter)")
    found = {
        p.relative_to(ROOT).as_posix()
        for p in [*ROOT.glob("ketadash/**/*.py"), *ROOT.glob("pages/*.py")]
        if writes.search(p.read_text(encoding="utf-8"))
    }
    assert found == {"ketadash/export/sheets.py"}
    books = {
        p.name: ast.unparse(call)
        for p in ROOT.glob("ketadash/**/*.py")
        for call in nodes(tree(p))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "Workbook"
        if ast.unparse(call.func).endswith("xlsxwriter.Workbook")
    }
    assert "sheets.py" in books
    for said in books.values():
        for option in ("'in_memory': True", "'strings_to_formulas': False", "'strings_to_urls': False"):
            assert option in said
