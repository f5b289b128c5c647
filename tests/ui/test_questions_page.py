"""A file that can be read in two ways: the question first, with what each answer gives; results only after it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from opened import ROOT, dropped, figures, first, opened, status, tables, turned, words
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.questions.data import words as words_data
from ketadash.trial import load
from ketadash.trial.recipe import from_link
from ketadash.ui import data_link, state

CASES = Path(__file__).parents[1] / "trial" / "cases"
GRID = ("blank.csv", (CASES / "25_blank_is_none.csv").read_bytes())
WITHOUT_NAMES = "\n".join(
    [
        "participant_id,arm,day,drinks",
        *(f"P{i},{'AB'[i % 2]},{d},{(i * d) % 4}" for i in range(12) for d in range(1, 8)),
    ]
)


def radio(at, key: str):
    (found,) = [r for r in at.radio if r.key.startswith(f"question_{key}_")]
    return found


def press(at, label: str):
    (button,) = [b for b in at.button if b.label == label and not (b.key or "").startswith("FormSubmitter:reading")]
    button.click()
    return at.run()


def answer(at, **answers: str):
    for key, value in answers.items():
        radio(at, key).set_value(value)
    return press(at, "Use these answers")


def test_the_question_comes_first_and_no_page_shows_numbers_before_the_answer():
    at = dropped(opened("data"), GRID)
    assert not at.exception and not at.error
    asked = radio(at, "blank")
    assert asked.value is None and list(asked.options) == [
        "nothing was used that day",
        "not known\\: the day is missing",
    ]
    captions = [str(c) for c in asked.proto.captions]
    assert "12 participants, 168 days known" in captions[0] and "0% of them without use" in captions[1]
    assert words_data.PROVISIONAL in words(at)
    for page in ("overview", "abstinence", "report"):
        other = turned(at, page)
        assert [t.value for t in other.title] == ["One question first"]
        assert not other.exception
        assert "Before anything of" in words(other) and "What does an empty cell mean" in words(other)
        assert "Synthetic" not in status(other) and not figures(other)
    at = turned(at, "data")
    at = answer(at, blank="none")
    assert not at.exception and not at.error
    assert "168 days used" in status(at) and not at.radio and words_data.PROVISIONAL not in words(at)
    assert dict(from_link(at.query_params[data_link.RECIPE]).answers) == {"blank": "none"}
    assert state.PENDING not in at.session_state


def test_an_answer_can_be_taken_back_and_a_file_put_away():
    at = answer(dropped(opened("data"), GRID), blank="unknown")
    said = next(m.value for m in at.main.markdown if "What does an empty cell mean" in m.value).replace("\\", "")
    assert said.endswith("mean? **not known: the day is missing**")  # in words, and not by the recipe's key
    at = press(at, "Ask again")
    assert radio(at, "blank").value is None
    at = press(at, "Discard this file")
    assert not at.radio and "12 participants" in status(at)  # the trial as it was before


def test_nothing_chosen_is_said():
    at = press(dropped(opened("data"), GRID), "Use these answers")
    assert [e.value for e in at.error] == ["Choose an answer first."]
    assert "\\?\\." not in words(at) and "?." not in words(at)  # a question ends as one, among the checks too
    assert radio(at, "blank").value is None


def test_arms_whose_names_say_nothing_are_asked_about_once():
    at = dropped(opened("data"), ("ab.csv", WITHOUT_NAMES.encode()))
    asked = radio(at, "control")
    assert list(asked.options) == ["'B' is the active arm, 'A' the control", "'A' is the active arm, 'B' the control"]
    assert "Which one is the active treatment" in words(turned(at, "overview"))
    at = answer(turned(at, "data"), control="B")
    assert not at.exception and not at.error
    assert at.session_state[state.OWN].trial.declared.control == "B"
    assert "12 participants" in status(at)


def test_a_link_that_names_the_arms_answers(tmp_path, monkeypatch):
    (tmp_path / "ab.csv").write_text(WITHOUT_NAMES)
    monkeypatch.setenv("KETADASH_DATA", str(tmp_path / "ab.csv"))
    at = opened("overview", control="B", active="A")
    assert not at.exception and not at.error and "84 days used" in status(at)
    data = load(WITHOUT_NAMES.encode()).sha256[: data_link.LETTERS]
    monkeypatch.delenv("KETADASH_DATA")
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    again.query_params[data_link.DATA], again.query_params[data_link.RECIPE] = data, "answers.control=B"
    again = dropped(first(again, "data"), ("ab.csv", WITHOUT_NAMES.encode()))
    assert not again.error and "84 days used" in status(again)


def test_the_results_are_one_press_away():
    at = answer(dropped(opened("data"), GRID), blank="none")
    at = press(at, "See the results")
    assert not at.exception and "168 days used" in status(at)


def test_data_that_the_app_was_started_with_are_asked_about(monkeypatch):
    monkeypatch.setenv("KETADASH_DATA", str(CASES / "25_blank_is_none.csv"))
    at = opened("overview")
    assert "Before anything of" in words(at) and "Synthetic" not in status(at)
    at = answer(turned(at, "data"), blank="none")
    assert "168 days used" in status(at)


@pytest.mark.parametrize("wide", [False, True])
def test_the_preview_shows_who_arm_day_and_amount(wide):
    extra = [f"x{chr(97 + i)}" for i in range(20)]
    head = ",".join(["participant_id", "arm", *extra, "day", "drinks"])
    rows = [
        ",".join([f"P{i}", ("placebo", "ketamine")[i % 2], *(["7"] * 20), str(d), str((i + d) % 5)])
        for i in range(6)
        for d in range(1, 6)
    ]
    text = "\n".join([head, *rows]) if wide else WITHOUT_NAMES.replace(",A,", ",placebo,")
    at = dropped(opened("data"), ("wide.csv", text.encode()))
    (preview,) = [t for t in tables(at) if "participant-days, as read" in t]
    assert re.search("participant.id,arm,day,drinks", preview)


def test_the_checks_count_the_questions_that_are_asked_above_them():
    """A question that the choices raise, not the file, was asked and not counted."""
    text = GRID[1].decode().replace(",placebo,", ",A,").replace(",ketamine,", ",B,")
    at = dropped(opened("data"), (GRID[0], text.encode()))
    assert words_data.questions_title(2) in [h.value for h in at.header]
    assert any(m.value.startswith("Found: 2 questions") for m in at.markdown)
