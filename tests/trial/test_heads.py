"""Rows that are nobody's (titles, second headers, questions, weekdays), row names, merged and failed cells."""

from __future__ import annotations

import io
import json
import zipfile

import dressed
import pandas as pd
import pytest
import xlsxwriter
from dated_days import KNOWN, LONG, same

from ketadash.core.errors import DataError
from ketadash.files import tables
from ketadash.trial import load, validate

GRID = dressed.wide(LONG, "{}")


def notes(trial) -> str:
    return " · ".join(c.message for c in trial.checks if c.name == "left_out")


def sheet(rows: list[list], merges: tuple = (), formulas: dict | None = None) -> bytes:
    """A workbook of one sheet; `formulas` writes (row, column): (formula, result) over it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("TLFB")
        covered = {(i, j) for top, j, bottom, _ in merges for i in range(top, bottom + 1)}
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if not pd.isna(cell) and cell != "" and (i, j) not in covered:
                    page.write(i, j, cell)
        for span in merges:
            page.merge_range(*span, rows[span[0]][span[1]])
        for (i, j), (formula, result) in (formulas or {}).items():
            page.write_formula(i, j, formula, None, result)
    return out.getvalue()


def lines(rows: list[list]) -> bytes:
    return ("\n".join(",".join("" if pd.isna(c) else str(c) for c in row) for row in rows) + "\n").encode()


BODY = [list(row) for row in GRID.itertuples(index=False)]
DAYS = list(range(1, 11))
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
NAMES = ["Participant", "Arm", "Sex"]
WEEKS = ["Week 1", *[""] * 6, "Week 2", "", ""]
TOPS = {
    "weeks above days, names in the upper row": [[*NAMES, *WEEKS], ["", "", "", *DAYS]],
    "names above, nothing over the days": [[*NAMES, *[""] * 10], ["", "", "", *DAYS]],
    "weeks above days, names in the lower row": [["", "", "", *WEEKS], [*NAMES, *DAYS]],
    "a group written over each of its days": [[*NAMES, *["Drinks"] * 10], ["", "", "", *DAYS]],
    "a title, then two rows": [["TLFB of site 01"], [], [*NAMES, *WEEKS], ["", "", "", *DAYS]],
    "weekdays below": [[*NAMES, *DAYS], ["", "", "", *WEEKDAYS]],
    "weekdays above": [["", "", "", *WEEKDAYS], [*NAMES, *DAYS]],
    "weekdays between": [[*NAMES, *WEEKS], ["", "", "", *DAYS], ["", "", "", *WEEKDAYS]],
    "weekdays beside the names": [[*NAMES, *WEEKDAYS], ["", "", "", *DAYS]],
}


@pytest.mark.sweep(5)
@pytest.mark.parametrize("write", [lines, sheet])
@pytest.mark.parametrize("top", TOPS)
def test_rows_at_the_top_of_a_grid(top, write):
    rows = [*TOPS[top], *BODY]
    if write is lines:  # a spreadsheet program writes every row as long as the longest
        rows = [[*row, *[""] * (13 - len(row))] for row in rows]
    trial = load(write(rows))
    same(trial)
    assert "two rows of names" in notes(trial) or "passed over" in notes(trial)


TABLE = [list(row) for row in LONG.itertuples(index=False)]
COLUMNS = list(LONG.columns)


@pytest.mark.parametrize("write", [lines, sheet])
@pytest.mark.parametrize(
    "top",
    [
        [["Study", "KET-01"], ["Exported", "2024-05-01"], []],
        [["Study: KET-01"], ["Exported by A. Body"]],
        [["# exported 2024-05-01"], ["# three", "fields", "here"]],
        [["Protocol", "KET-01"]],
    ],
)
def test_particulars_above_the_header(top, write):
    trial = load(write([*top, COLUMNS, *TABLE]))
    same(trial)
    assert "above the header passed over" in notes(trial)


def test_particulars_keep_what_they_say():
    [table] = tables(lines([["Study", "KET-01"], ["Site: 4"], COLUMNS, *TABLE]), "a.csv")
    assert table.above == (("Study", "KET-01"), ("Site", "4"))


@pytest.mark.parametrize("write", [lines, sheet])
@pytest.mark.parametrize(
    "below",
    [
        ["What is your number?", "Group", "Which day?", "How many drinks?", "Sex"],
        ["Open-Ended Response", "Response", "Response", "Response", "Response"],
        ["text", "text", "integer", "standard drinks", "text"],
    ],
)
def test_a_row_of_words_under_the_header(below, write):
    trial = load(write([COLUMNS, below, *TABLE]))
    same(trial)
    assert "1 row of words under the header passed over" in notes(trial)


@pytest.mark.parametrize("write", [lines, sheet])
def test_qualtrics_writes_questions_and_codes_under_its_names(write):
    codes = [json.dumps({"ImportId": f"QID{i}"}).replace(",", ";") for i in range(5)]
    below = [["Q1", "Q2", "Q3", "Q4", "Q5"], ["Participant ID", "Treatment group", "Study day", "Drinks", "Sex"], codes]
    rows = [*below, *TABLE]
    raw = write(rows) if write is sheet else pd.DataFrame(rows[1:], columns=rows[0]).to_csv(index=False).encode()
    trial = load(raw)  # what the questions call the columns is what they are known by
    same(trial, value="q4")
    assert {"participant_id", "arm", "day"} <= set(trial.days.columns)
    assert "2 rows of questions and codes" in notes(trial)


def test_a_first_row_that_is_a_persons_stays():
    """Words in one column, or words that others have too, are a person's own."""
    rows = [[*row] for row in TABLE]
    rows[0][3] = "plenty"
    assert any("line 2" in c.message and "plenty" in c.message for c in validate(lines([COLUMNS, *rows])))


@pytest.mark.parametrize("sep", [" ", "\t", ","])
def test_what_r_writes_with_row_names(sep):
    text = KNOWN.to_csv(sep=sep, quoting=2, na_rep="NA").split("\n")
    head = text[0].split(sep)[1:]
    body = [f'"{row.split(sep)[0]}"' + row[row.index(sep) :] for row in text[1:] if row]
    same(load("\n".join([sep.join(head), *body]).encode()))
    same(load("\n".join([sep.join(head), *[row[row.index(sep) + 1 :] for row in body]]).encode()))  # row.names = FALSE


def test_row_names_that_are_the_participants():
    grid = dressed.wide(LONG, "day{}")
    head = " ".join(f'"{c}"' for c in grid.columns[1:])
    body = [
        " ".join("NA" if pd.isna(c) else f'"{c}"' if isinstance(c, str) else str(c) for c in row)
        for row in grid.itertuples(index=False)
    ]
    same(load("\n".join([head, *body]).encode()))


def test_a_decimal_comma_without_quotes_is_no_row_name():
    rows = [[i, "placebo", "2", "5"] for i in range(1, 9)]
    assert [c.name for c in validate(lines([["id", "arm", "day1"], *rows]))] == ["ragged_rows"]


def blocks(rows: list[list]) -> list[tuple[int, int]]:
    """First and last row of each participant in a sheet with one row of header."""
    ids = [row[0] for row in rows]
    return [(ids.index(i) + 1, len(ids) - ids[::-1].index(i)) for i in dict.fromkeys(ids)]


def test_merged_cells_count_for_all_their_rows():
    merges = tuple((top, j, bottom, j) for top, bottom in blocks(TABLE) for j in (0, 1, 4))
    raw = sheet([COLUMNS, *TABLE], merges)
    same(load(raw))
    assert "merged cells of participant_id, arm, sex hold for all the rows covered" in notes(load(raw))


def test_a_merged_amount_is_not_copied():
    """Three days merged into one cell may be their total: it stays on its first row, and that is said."""
    rows = [[*row] for row in TABLE]
    rows[2][3] = 6
    merges = tuple((top, 0, bottom, 0) for top, bottom in blocks(rows)) + ((3, 3, 5, 3),)
    trial = load(sheet([COLUMNS, *rows], merges))
    assert "1 merged cell taken for the first of the rows covered" in notes(trial)
    own = trial.days[trial.days["participant_id"] == rows[2][0]].set_index("day")["drinks"]
    assert own[3] == 6 and own[[4, 5]].isna().all()


@pytest.mark.parametrize("error", ["#DIV/0!", "#VALUE!", "#REF!", "#N/A", "#NAME?"])
def test_a_failed_cell_is_no_empty_one(error):
    [table] = tables(sheet([COLUMNS, *TABLE], formulas={(2, 3): ("=1/0", error), (3, 3): ('=""', "")}), "a.xlsx")
    assert table.frame["drinks"].tolist()[1] == error
    assert table.frame["drinks"].tolist()[2] in ("", "#CALC?")
    with pytest.raises(DataError, match=error.replace("?", r"\?")):
        load(sheet([COLUMNS, *TABLE], formulas={(2, 3): ("=1/0", error)}))


@pytest.mark.parametrize("write", [lines, sheet])
def test_an_error_in_a_column_that_matters_stops_the_reading(write):
    for j, name in enumerate(COLUMNS[:4]):
        rows = [[*row] for row in TABLE]
        rows[5][j] = "#REF!"
        checks = [c for c in validate(write([COLUMNS, *rows])) if c.name == "failed_cells"]
        assert [c.severity for c in checks] == ["error"], name
        assert f"'{name}'" in checks[0].message and checks[0].count == 1


def test_an_error_elsewhere_is_said_and_counts_as_nothing():
    rows = [[*row, "#DIV/0!" if i in (3, 4) else i % 5] for i, row in enumerate(TABLE)]
    trial = load(lines([[*COLUMNS, "craving"], *rows]))
    same(trial)
    [check] = [c for c in trial.checks if c.name == "failed_cells"]
    assert check.severity == "warning" and check.count == 2 and "'craving'" in check.message
    assert trial.days["craving"].isna().sum() == 2 and trial.days["craving"].dtype.kind == "f"


def test_errors_in_an_opendocument_sheet_are_counted():
    cell = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    out = io.BytesIO()
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    rows = "".join(f"<table:table-row>{''.join(map(opened, row))}</table:table-row>" for row in [COLUMNS, *TABLE])
    last = f"<table:table-row>{opened('S99')}{opened('placebo')}{opened(1)}{cell}</table:table-row>"
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr(
            "content.xml",
            '<?xml version="1.0"?><office:document-content xmlns:calcext="x" '
            f'xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0">'
            f'<office:body><office:spreadsheet><table:table table:name="S">{rows}{last}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        book.writestr("META-INF/manifest.xml", f'<?xml version="1.0"?><m:manifest xmlns:m="{space}manifest:1.0"/>')
    assert "1 cell with an error of the spreadsheet program read as empty (#DIV/0!)" in notes(load(out.getvalue()))


def opened(value: object) -> str:
    """A cell of an OpenDocument sheet."""
    if isinstance(value, int | float):
        return (
            "<table:table-cell/>"
            if pd.isna(value)
            else (f'<table:table-cell office:value-type="float" office:value="{value}"/>')
        )
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
