"""A question: asked only where the answers give other numbers, answered in the recipe, and then a note."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ketadash import __main__ as cli
from ketadash.core.errors import SpecError
from ketadash.core.findings import UnansweredError
from ketadash.core.spec import Window
from ketadash.trial import attempt, load, questions, validate
from ketadash.trial.amounts import blanks
from ketadash.trial.answers import QUESTIONS
from ketadash.trial.recipe import Recipe, from_link, from_toml

FILE = Path(__file__).parent / "cases" / "25_blank_is_none.csv"
NONE = Recipe(answers=(("blank", "none"),))


def question(reading):
    (found,) = [c for c in reading.checks if c.severity == "question"]
    return found


def test_a_question_offers_each_reading_with_what_it_gives():
    reading = attempt(FILE)
    assert reading.trial is None and reading.provisional is not None
    found = question(reading)
    assert (found.key, found.name) == ("blank", "blank")
    none, unknown = found.answers
    cells = [c for line in FILE.read_text().splitlines()[1:] for c in line.split(",")[3:]]
    filled = sum(c != "" for c in cells)
    assert (none.participants, none.days, none.abstinent_share) == (12, 168, pytest.approx(1 - filled / 168))
    assert (unknown.participants, unknown.days, unknown.abstinent_share) == (12, filled, 0.0)


def test_an_answer_is_taken_and_becomes_a_note():
    for recipe in (NONE, from_toml(NONE.to_toml()), from_link(NONE.to_link())):
        reading = attempt(FILE, recipe=recipe)
        assert reading.trial is not None and reading.recipe.answer("blank") == "none"
        notes = [c.message for c in reading.checks if c.name == "answered"]
        assert len(notes) == 1 and notes[0].endswith("Answered: nothing was used that day")
        (note,) = (c for c in reading.checks if c.question)
        assert (note.key, note.answers[0].label) == ("blank", "nothing was used that day")
        assert note.message == f"{note.question} Answered: {note.answers[0].label}"
    beside = load({"days.csv": FILE.read_bytes(), "recipe.toml": NONE.to_toml().encode()})
    assert beside.days.equals(load(FILE, recipe=NONE).days)
    both = {"days.csv": FILE.read_bytes(), "recipe.toml": b'outcome = "amount"\n'}
    assert load(both, recipe=NONE).recipe.answer("blank") == "none"  # answers alone leave the rest to recipe.toml


def test_an_answer_that_nobody_offers_is_one_sentence():
    reading = attempt(FILE, recipe=Recipe(answers=(("blank", "maybe"),)))
    assert [c.message for c in reading.checks if c.severity == "error"] == [
        "the answer blank = 'maybe' is none of 'none', 'unknown'; choose one of these"
    ]
    with pytest.raises(SpecError, match="answers colour, which nobody asks; a recipe may answer"):
        from_toml('[answers]\ncolour = "red"')


def test_questions_and_errors_come_at_once():
    text = FILE.read_text().replace("P04,ketamine,F,,,5", "P04,ketamine,F,,,five")
    found = attempt(text.encode()).checks
    assert [c.name for c in found][:2] == ["amount_numeric", "blank"]
    with pytest.raises(UnansweredError, match=r"--answer blank=none  nothing was used that day .12 participants, 168"):
        load(FILE)


def test_no_question_where_all_answers_give_the_same(monkeypatch):
    """Two answers that are read alike are one."""
    alike = blanks.as_meant

    def asked(column, given, outcome, notes):
        alike(column, given, outcome, notes)
        return column

    monkeypatch.setattr(blanks, "as_meant", asked)
    assert attempt(FILE).trial is not None


def test_a_large_file_is_asked_about_without_trying_every_answer(monkeypatch):
    monkeypatch.setattr(questions, "MOST_CELLS", 10)
    found = question(attempt(FILE))
    assert all(a.participants is None and a.trouble == questions.TOO_LARGE for a in found.answers)


def test_the_command_line_asks_and_is_answered(tmp_path, capsys):
    assert cli.main(["validate", str(FILE), "--json", "-"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False and [q["key"] for q in document["questions"]] == ["blank"]
    assert [a["value"] for a in document["questions"][0]["answers"]] == ["none", "unknown"]
    assert set(document["questions"][0]) == {"name", "key", "message", "option", "answers"}
    assert cli.main(["analyze", str(FILE), "--only", "nnt"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "--answer blank=unknown" in said.err and "under [answers]: blank" in said.err
    assert cli.main(["analyze", str(FILE), "--only", "nnt", "--answer", "blank=none"]) == 0
    assert cli.main(["validate", str(FILE), "--answer", "blank"]) == 2
    assert "write it as KEY=VALUE" in capsys.readouterr().err


def test_the_manual_lists_every_question():
    manual = (Path(__file__).resolve().parents[2] / "docs" / "data-format.md").read_text(encoding="utf-8")
    assert [key for key in QUESTIONS if f"| `{key}` |" not in manual] == []


@pytest.mark.parametrize("text", ["1:14", "1-14", "1 - 14", "1 to 14", "1–14"])
def test_a_window_is_written_as_people_write_it(text):
    assert Window.parse(text) == Window(1, 14)
    assert Window.parse(text.replace("1", "-7", 1)) == Window(-7, 14)


def test_a_missing_column_is_told_in_the_files_own_words():
    (found,) = [c for c in attempt(b"ID,Sex,StudyDay,Drinks\n1,F,1,2\n2,M,1,0\n").checks if c.severity == "error"]
    assert "it has: ID, Sex, StudyDay, Drinks" in found.message


def test_which_arm_is_which_is_asked_beside_the_other_questions():
    text = FILE.read_text().replace(",placebo,", ",A,").replace(",ketamine,", ",B,")
    assert [c.key for c in validate(text.encode()) if c.severity == "question"] == ["blank", "control"]
    named = validate(text.encode(), lambda spec: spec.replace(control="A", active="B"))
    assert [c.key for c in named if c.severity == "question"] == ["blank"]
