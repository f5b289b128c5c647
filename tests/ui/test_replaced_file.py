"""The file that the app was started with changes while somebody looks at it."""

from contextlib import contextmanager

from opened import ROOT, opened
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.core.paths import sample_folder
from ketadash.trial import attempt
from ketadash.trial.sources import gather
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


def test_a_file_that_comes_back_is_not_said_to_be_missing_and_meanwhile_all_is_the_sample_s(tmp_path, monkeypatch):
    whole = (sample_folder() / "days.csv").read_bytes()
    lines = whole.splitlines(keepends=True)
    file = tmp_path / "mine.csv"
    file.write_bytes(b"".join(line for line in lines if not line.startswith(lines[1].split(b",")[0])))
    monkeypatch.setenv("KETADASH_DATA", str(file))
    at = opened("data")
    assert not at.error and "39 participants" in text(at)
    kept = file.read_bytes()
    file.write_bytes(b"who,whatever\n1,2\n")
    at.run()
    assert "could not be read, so this is the sample trial" in error(at) and "40 participants" in text(at)
    assert not any("whatever" in box.options for box in at.selectbox) and "cannot be read again" not in text(at)
    file.write_bytes(kept)
    at.run()
    assert not at.error and "39 participants" in text(at)


def test_a_reader_s_own_trial_is_not_called_the_sample(tmp_path, monkeypatch):
    file = tmp_path / "mine.csv"
    file.write_bytes(b"who,whatever\n1,2\n")
    monkeypatch.setenv("KETADASH_DATA", str(file))
    at = opened("data")
    assert "could not be read, so this is the sample trial" in error(at)
    days = (sample_folder() / "days.csv").read_bytes()
    own = attempt(days, name="own").trial
    at.session_state[state.OWN] = state.Own(gather(days, "own"), None, own, "own.csv")
    at.run()
    assert not at.error and "could not be read" not in text(at)


def test_questions_about_the_app_s_own_file_cannot_be_put_away(tmp_path, monkeypatch):
    file = tmp_path / "asks.csv"
    # each date could begin with the day or with the month: the app asks
    rows = [f"P{i},{'AB'[i % 2]},0{d}/0{d + 1}/2024,{(i + d) % 4}" for i in range(20) for d in range(1, 8)]
    file.write_text("\n".join(["id,group,date,units", *rows]))
    monkeypatch.setenv("KETADASH_DATA", str(file))
    at = opened("data")
    assert state.PENDING in at.session_state
    labels = {button.label for button in at.button}
    assert not labels & {"Discard this file", "Forget this trial"}


def test_sessions_that_ask_first_read_beside_the_others_and_later_ones_do_not_wait(monkeypatch):
    asides = []

    @contextmanager
    def aside():
        asides.append(1)
        yield

    monkeypatch.setattr(state.in_turn, "aside", aside)

    def read(word):
        return word.upper()

    assert [state.at_hand_or_beside(read, word) for word in ("a", "a", "b", "a")] == ["A", "A", "B", "A"]
    assert len(asides) == 2


def text(at):
    return " ".join(m.value for m in at.main.markdown)
