"""A visitor's own file: taken, or refused with one message while the trial shown before stays."""

import pytest
import streamlit as st
from opened import ROOT, opened, status, turned, words

from ketadash.files import memory_queue
from ketadash.ui import state


def rows(*arms: str) -> list[str]:
    """Twelve people and seven days."""
    return [f"P{i:02d},{arms[i % len(arms)]},{day},{(i * 7 + day * 3) % 5}" for i in range(12) for day in range(1, 8)]


ROWS = rows("placebo", "active")
HEAD = "participant_id,arm,day,drinks"
GOOD = "\n".join([HEAD, *ROWS]) + "\n"


def with_cell(value: str) -> str:
    """The good file with one drinks cell changed."""
    row = ROWS[9].rsplit(",", 1)[0]
    return "\n".join([HEAD, *ROWS[:9], f"{row},{value}", *ROWS[10:]])


REFUSED = {
    "a picture": ((ROOT / "ketadash" / "ui" / "icon.png").read_bytes(), "days.csv"),
    "an empty file": (b"", "empty"),
    "one arm": (GOOD.replace("active", "placebo").encode(), "only the arm"),
    "a day twice": ((GOOD + ROWS[0] + "\n").encode(), "more than one row"),
    "a word": (with_cell("two").encode(), "number"),
    "a negative amount": (with_cell("-1").encode(), "negative"),
    "a billion drinks": (with_cell("1e9").encode(), "drinks"),
    "no participants": (GOOD.replace("participant_id", "colour").encode(), "participant"),
    "one person an arm": ("\n".join([HEAD, *ROWS[:14]]).encode(), "two participants"),
}
READ = {
    "as it should be": GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "semicolons": GOOD.replace(",", ";").encode(),
    "decimal commas": "\n".join([HEAD, *ROWS]).replace(",", ";").replace(";3\n", ";2,5\n").encode(),
    "Windows": ("\r\n".join([HEAD, *ROWS]).replace("active", "\u00e9tude")).encode("cp1252"),
}


@pytest.fixture(scope="module")
def at():
    return opened("data")


def dropped(at, content: bytes, name: str = "mine.csv"):
    """The page after a file was dropped on it."""
    at.file_uploader[0].set_value((name, content, "text/csv"))
    return at.run()


@pytest.mark.sweep(4)
@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_file_is_one_message_and_the_trial_stays(at, what):
    content, part = REFUSED[what]
    dropped(at, content, "days.csv")
    assert not at.exception
    assert len(at.error) == 1
    message = at.error[0].value.replace("\\", "")
    assert message.startswith("days.csv was not loaded: ") and part in message, message
    assert state.OWN not in at.session_state
    assert "The trial shown before is still here." in words(at)
    assert "Synthetic data" in status(at)


@pytest.mark.parametrize("what", READ)
def test_a_good_file_is_taken_and_forgotten(at, what):
    dropped(at, READ[what])
    assert not at.exception and not at.error
    assert "Synthetic data" not in status(at)
    assert "12 participants, 84 days used" in status(at)
    assert "mine" in at.sidebar.markdown[0].value
    assert "mine: 12 participants" in words(at)
    (button,) = [b for b in at.button if b.label == "Forget this trial"]
    button.click()
    at.run()
    assert not at.exception
    assert "Synthetic data" in status(at)


def test_three_arms_are_taken_and_ask_for_a_choice():
    at = opened("data")
    dropped(at, "\n".join([HEAD, *rows("a", "b", "c")]).encode())
    assert not at.exception
    assert "3 arms" in at.info[0].value
    assert "mine: 12 participants" in words(at)


def test_a_refused_file_does_not_spoil_the_next_one():
    at = opened("data")
    dropped(at, b"", "empty.csv")
    assert at.error
    dropped(at, GOOD.encode())
    assert not at.error
    assert "84 days used" in status(at)


def test_data_that_the_app_was_started_with_and_cannot_read_are_named_beside_the_sample(tmp_path, monkeypatch):
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"")
    monkeypatch.setenv("KETADASH_DATA", str(broken))
    at = opened("abstinence")
    assert not at.exception
    assert "broken.csv could not be read, so this is the sample trial" in at.error[0].value.replace("\\", "")
    assert "Synthetic data" in status(at)
    assert not turned(at, "abstinence").exception


def test_data_that_the_app_was_started_with_are_shown(tmp_path, monkeypatch):
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    monkeypatch.setenv("KETADASH_DATA", str(good))
    at = opened("data")
    assert not at.error
    assert "good: 12 participants" in words(at)


def test_a_file_that_waits_is_told_so(monkeypatch):
    at = opened("data")

    def wait(queue, mine):
        memory_queue.tell(3)
        assert queue.waiting == memory_queue.deque([mine])
        st.stop()  # the page as it is while the file waits

    monkeypatch.setattr(memory_queue.Queue, "_wait", wait)
    dropped(at, GOOD.encode())
    assert "3 other files are being read first." in words(at)
    assert not any(queue.waiting or queue.busy for queue in (memory_queue.SMALL, memory_queue.LARGE))
    monkeypatch.undo()
    dropped(at, GOOD.encode())
    assert "12 participants" in words(at) and "being read first" not in words(at)
