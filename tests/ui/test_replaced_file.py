"""The file that the app was started with changes while somebody looks at it."""

from opened import ROOT
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.core.paths import sample_folder
from ketadash.ui import state


def test_a_file_replaced_while_it_is_shown_is_read_again_and_a_spoiled_one_is_a_message(tmp_path, monkeypatch):
    whole = (sample_folder() / "days.csv").read_bytes()
    file = tmp_path / "mine.csv"
    file.write_bytes(whole)
    monkeypatch.setenv("KETADASH_DATA", str(file))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S).run()
    assert not at.exception and not at.error and "n = 40" in said(at)
    file.write_bytes(b"\x00half a file")
    assert "mine.csv could not be read, so this is the sample trial" in error(at.run())
    lines = whole.splitlines(keepends=True)
    file.write_bytes(b"".join(line for line in lines if not line.startswith(lines[1].split(b",")[0])))
    at.run()
    assert not at.error and "n = 39" in said(at)
    file.unlink()
    assert "mine.csv could not be read" in error(at.run())


def said(at):
    return " ".join(m.value for m in at.sidebar.markdown)


def error(at):
    return at.error[0].value.replace("\\", "")


def test_everybodys_files_are_opened_once_until_they_change(tmp_path, monkeypatch):
    file = tmp_path / "mine.csv"
    file.write_bytes((sample_folder() / "days.csv").read_bytes())
    monkeypatch.setenv("KETADASH_DATA", str(file))
    monkeypatch.setattr(state, "pending", lambda: None)
    monkeypatch.setattr(state, "own", lambda: None)
    opened = state.given()
    assert state.given() is opened
    with file.open("ab") as more:
        more.write(b"\n")
    assert state.given() is not opened
    monkeypatch.delenv("KETADASH_DATA")
    assert state.given().data != opened.data and state.given() is state.given()
