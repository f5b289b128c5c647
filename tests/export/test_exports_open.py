"""Every export opens, for every state and every name that the pages can show."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from odd_trials import NAMES, STATES, trial
from opened_files import OPEN, opens_excel
from sweeps import others_slow
from taken_away import content

from ketadash.core.errors import KetadashError
from ketadash.core.spec import PValues
from ketadash.export import bundle, sheets
from ketadash.export.bundle import FORMATS, written
from ketadash.export.printable import as_json, as_property, everywhere, printable

OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}"


# What no file may hold: XML 1.0 forbids them, and no reader shows any.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@pytest.fixture(scope="module", params=others_slow(NAMES, "control characters"))
def odd(request):
    return request.param, trial(NAMES[request.param])


def others_are_slow(state):
    """The state with most choices changed in every run of the tests, the others in the whole."""
    usual = state == "five choices changed"
    return pytest.param(state, marks=() if usual else pytest.mark.slow)


@pytest.mark.parametrize("state", map(others_are_slow, STATES))
def test_every_export_opens_for_every_state_and_every_name(odd, state):
    name, its_trial = odd
    how = {"p_values": PValues.HIDDEN, "suppress": True} if state == "reference" else {"p_values": PValues.LABELLED}
    if name == "words without end" and state != "declared":
        pages = ["abstinence", "participants", "safety"]  # where its names are; minutes for all
    else:
        pages = None
    made = content(its_trial, STATES[state], pages, **how)
    assert set(OPEN) == {f.name for f in FORMATS}
    for form, opened in OPEN.items():
        text = opened(written(form, made))
        assert made.methods.paragraphs[0][:30] in text or form in ("excel", "json", "latex"), form
        if form not in ("text", "html", "json"):
            assert not FORBIDDEN.search(text)


def test_braces_of_a_name_are_no_references():
    made = content(trial(NAMES["braces"]), STATES["imputed"], ["abstinence"])
    assert "dose {low} {} {0} {hallgren} {gelman,imor} %s %(x)s $x ${x} {{x active" in made.methods.text
    assert "(1" in made.methods.text and len(made.methods.references) > 3


def test_a_title_of_any_length_is_a_property_that_is_cut_and_a_heading_that_is_not():
    title = "A title " * 40
    made = content(trial("b"), None, ["nnt"])
    made = replace(made, origin=replace(made.origin, title=title, differences=("differs in " * 60,)))
    for form in ("word", "slides"):
        assert title.strip() in " ".join(OPEN[form](written(form, made)).split())
    assert as_property("x" * 255) == "x" * 255 and as_property("x" * 256) == "x" * 254 + "…"


def test_half_a_character_of_utf_16_is_written_as_unknown():
    made = content(trial("b"), None, ["nnt"])
    made = replace(made, origin=replace(made.origin, title="a\ud800b"), notes=("note \udfff",))
    for form, opened in OPEN.items():
        opened(written(form, made))
    assert sheets.text("a\ud800") == "a\ufffd" and printable("\ud83d\ude00") == "\ufffd\ufffd"


def test_sheets_of_any_name_are_told_apart():
    frame = pd.DataFrame({"a": [1]})
    names = ["x" * 40, "x" * 41, "History", "'quoted'", "a/b", "a:b", "🧪" * 31, "", "\ufffe", "A?B"]
    opens_excel(sheets.workbook(dict.fromkeys(names, frame)))


def test_a_cell_of_any_length_is_cut_where_excel_would_refuse_it():
    opens_excel(sheets.workbook({"a": pd.DataFrame({"b" * 40_000: ["🧪" * 40_000]})}))


def test_what_cannot_be_written_is_said(monkeypatch):
    made = content(trial("b"), None, ["nnt"])
    monkeypatch.setattr(bundle, "plain_text", lambda c: {}["nothing"])
    with pytest.raises(KetadashError, match=r"Methods paragraph and legends \(text\) could not be made \(KeyError"):
        written("text", made)


@pytest.mark.sweep(1)
@pytest.mark.parametrize("state", ["declared", "five choices changed"])
def test_the_exports_of_a_trial_of_something_else_never_speak_of_drinks(state):
    """But for the JSON, whose names are a contract whatever is counted."""
    made = content(trial("plain", "cocaine"), STATES[state])
    for form, opened in OPEN.items():
        if form != "json":
            text = re.sub(r"(?m)^.*alcohol.*$", "", opened(written(form, made)), flags=re.IGNORECASE)
            assert not re.findall(r".{40}drink.{20}", text), form


@pytest.mark.parametrize("mark", "\u061c\u200e\u200f\u202a\u202e\u2066\u2069")
def test_a_name_does_not_turn_the_numbers_after_it(mark):
    assert printable(f"12 of 21 {mark}abc") == "12 of 21 abc"


def test_accents_do_not_grow_over_the_line_above():
    assert printable("e" + "\u0301" * 40) == "e" + "\u0301" * 3
    assert printable("Zoë, Nguyễn, שָׁלוֹם, हिन्दी") == "Zoë, Nguyễn, שָׁלוֹם, हिन्दी"


@pytest.mark.parametrize(
    "text",
    [
        "plain é\n“text”\t\\b",
        "a\x0bb",
        "\x00",
        "\x08",
        "\r",
        "\x0c",
        "\x7f",
        "\u202e",
        "\ufffe",
        "\ud800",
        "e" + "\u0301" * 9,
    ],
)
def test_json_holds_the_text_that_every_file_can_hold(text):
    """It is gone through only where something is suspect: nothing suspect may pass unseen, escaped or not."""
    value = {"cells": [[text, 1.5]], text: None}
    assert json.loads(as_json(value)) == everywhere(value)
