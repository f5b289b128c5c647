"""Files that are damaged, hostile or too large are refused in a sentence, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import re
import struct
import tracemalloc
import zipfile

import dressed
import pandas as pd
import pytest
from waiting import HANG_S

from ketadash import files
from ketadash.core.errors import DataError, KetadashError
from ketadash.trial import load

LONG = dressed.long(n=2)
BOOK = dressed.as_bytes(LONG, "xlsx")
BINARY = ("xlsx", "parquet", "sav", "zsav", "por", "xpt", "dta", "dta114")


@pytest.mark.parametrize("how", BINARY)
@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_half_a_file(how, cut):
    raw = dressed.as_bytes(LONG, how)
    try:
        trial = load(raw[: int(len(raw) * cut)], name=f"x.{how}")
    except DataError as error:
        assert "x." in str(error)
    else:  # formats without a length at their head end early
        assert len(trial.days) < len(LONG)


def test_a_password():
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    with pytest.raises(DataError, match=r"damaged, or no workbook|protected by a password"):
        load(head, name="secret.xlsx")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"%PDF-1.7 ...", "a PDF, not a table"),
        (b"\xff\xd8\xff\xe0 ...", "a JPEG picture"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a web page or XML"),
        (b"\n\n<!DOCTYPE html><html></html>", "a web page or XML"),
        (b'{"id": 1}', "JSON"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"{\\rtf1 x}", "formatted text"),
    ],
)
def test_what_is_no_table_is_called_what_it_is(raw, said):
    with pytest.raises(DataError, match=said):
        load(raw, name="days.csv")


def docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("[Content_Types].xml", "<x/>")
        z.writestr("word/document.xml", "<x/>")
    return out.getvalue()


def test_a_word_document():
    with pytest.raises(DataError, match="a Word document"):
        load(docx(), name="x.xlsx")


def packed(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, raw in entries.items():
            z.writestr(name, raw)
    return out.getvalue()


CSV = dressed.as_bytes(LONG, "csv")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (packed({"a.csv": bytes(60_000_000)}), "unpacks to more than 200 times its size"),
        (packed({f"{i}.csv": CSV for i in range(60)}), "60 files, more than the 50"),
        (packed({"inner.zip": packed({"a.csv": CSV})}), "an archive within an archive"),
        (packed({"a/days.csv": CSV, "b/days.csv": CSV}), "two files called days.csv"),
        (packed({}), "nothing in it"),
        (gzip.compress(bytes(60_000_000)), "unpacks to more than 200 times its size"),
        (gzip.compress(gzip.compress(CSV)), "not a text table"),
    ],
)
def test_archives_are_bounded_before_they_are_read(raw, said):
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=said):
            load(raw, name="x.zip")
        assert tracemalloc.get_traced_memory()[1] < 40_000_000  # a bomb of those above unpacks to 60
    finally:
        tracemalloc.stop()


def test_an_archive_with_a_password():
    raw = bytearray(packed({"days.csv": CSV}))
    at = raw.find(b"PK\x01\x02")
    for i in (6, at + 8):  # the flag that says encrypted, in the entry and in the directory
        raw[i] |= 1
    with pytest.raises(DataError, match="protected by a password"):
        load(bytes(raw), name="x.zip")


def test_a_directory_that_claims_gigabytes():
    raw = bytearray(packed({"days.csv": CSV}))
    struct.pack_into("<I", raw, raw.rfind(b"PK\x05\x06") + 12, 4_000_000_000)
    with pytest.raises(DataError, match="damaged"):
        load(bytes(raw), name="x.zip")


def sheet(xml: str) -> bytes:
    """A workbook whose one sheet is `xml`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name in given.namelist():
            z.writestr(name, xml if name.startswith("xl/worksheets/sheet") else given.read(name))
    return out.getvalue()


FAR = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    "</worksheet>"
)


def test_one_cell_in_the_furthest_corner():
    with pytest.raises(DataError, match="reaches over 17,179,869,184 cells"):
        load(sheet(FAR), name="far.xlsx")


def test_the_corner_by_another_road_ends_at_the_limit_of_memory(monkeypatch):
    """Rows and cells without their places: the count cannot be seen beforehand, but the process cannot grow."""
    monkeypatch.setenv("KETADASH_MAX_MEMORY", "900")
    monkeypatch.setenv("KETADASH_MAX_SECONDS", str(int(HANG_S)))
    hidden = FAR.replace('r="XFD1048576"', "r='XFD1048576'").replace('r="1048576"', "r='1048576'")
    with pytest.raises(DataError, match=r"needs more memory to read|is damaged"):  # an allocation in Rust aborts
        load(sheet(hidden), name="far.xlsx")


def test_entities_do_not_multiply():
    grow = "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9))
    small = FAR.replace("<v>1</v>", "<v>&j;</v>").replace("XFD1048576", "B2").replace("1048576", "2")
    head, body = small.split("?>", 1)
    with pytest.raises(DataError):
        load(sheet(f'{head}?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{grow}]>{body}'), name="bomb.xlsx")


def test_too_many_sheets_and_columns(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_SHEETS", "3")
    with pytest.raises(DataError, match="4 sheets, more than the 3"):
        load(dressed.workbook({f"s{i}": LONG for i in range(4)}))
    wide = pd.DataFrame([range(6000)], columns=[f"c{i}" for i in range(6000)])
    for how in ("csv", "xlsx", "parquet"):
        with pytest.raises(DataError, match="columns"):
            load(dressed.as_bytes(wide, how))


def test_macros_and_links_are_ignored_and_said_to_be():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name in given.namelist():
            z.writestr(name, given.read(name))
        z.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 AutoOpen")
        z.writestr("xl/externalLinks/externalLink1.xml", "<x/>")
    trial = load(out.getvalue(), name="macro.xlsm")
    assert any("macros, links to other files in the workbook ignored" in c.message for c in trial.checks)


def test_hidden_sheets_are_passed_over():
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="xlsxwriter") as writer:
        LONG.to_excel(writer, sheet_name="days", index=False)
        LONG.to_excel(writer, sheet_name="old", index=False)
        writer.sheets["old"].hide()
    trial = load(out.getvalue())
    assert len(trial.days) == len(LONG)
    assert any("1 hidden sheet passed over" in c.message for c in trial.checks)


def test_nothing_is_written_to_disk(monkeypatch, tmp_path):
    """Every write that the reading process could make would have to go through one of these folders."""
    for name in ("TMPDIR", "TEMP", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for how in BINARY:
        load(dressed.as_bytes(LONG, how))
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(("name", "said"), [("MEGABYTES", "0"), ("CELLS", "many"), ("SECONDS", "-1")])
def test_a_limit_that_is_none_is_told(monkeypatch, name, said):
    monkeypatch.setenv(f"KETADASH_MAX_{name}", said)
    with pytest.raises(KetadashError, match=re.escape(f"KETADASH_MAX_{name}={said}: give a whole number above 0")):
        files.limits()


def test_hostile_names_stay_names():
    raw = packed({"../../etc/days.csv": CSV})
    assert load(raw).day_file == "days.csv"
    long_name = "x" * 5_000 + ".csv"
    with pytest.raises(DataError) as caught:
        load(b"\x00\x01\x02", name=long_name)
    assert len(str(caught.value)) < 300


def test_a_cell_of_ten_thousand_characters_does_not_fill_the_message():
    frame = LONG.astype({"drinks": object})
    frame.loc[0, "drinks"] = "x" * 10_000
    frame.loc[1, "participant_id"] = "<b>" * 3_000
    frame.loc[1, "day"] = 999_999
    with pytest.raises(DataError) as caught:
        load(dressed.as_bytes(frame, "csv"))
    assert len(str(caught.value)) < 600
