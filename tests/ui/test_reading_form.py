"""The mapping step: what was understood is shown, can be changed, is in the link, and is not lost by a failure."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from opened import dropped, opened, status, turned, under, words
from streamlit.testing.v1 import AppTest

from ketadash.questions.data import words as words_data
from ketadash.trial import load
from ketadash.trial.recipe import Recipe, from_link
from ketadash.ui import data_link, reading_form, state

sys.path.insert(0, str(Path(__file__).parents[1] / "trial"))
import dressed

SHEETS = {
    "Ketamine": dressed.wide(dressed.long()).query("arm == 'ketamine'").drop(columns="arm"),
    "Placebo": dressed.wide(dressed.long()).query("arm == 'placebo'").drop(columns="arm"),
}
GRID = dressed.workbook(SHEETS, title="Timeline Followback")
ODD = dressed.long().rename(columns={"participant_id": "who", "drinks": "amount of x", "day": "n"})


def asked(fingerprint: str) -> AppTest:
    return under({data_link.DATA: fingerprint})


def widget(at, label: str):
    every = [*at.selectbox, *at.text_input, *at.text_area, *at.multiselect]
    (found,) = [w for w in every if w.label == label]
    return found


def read_so(at):
    (button,) = [b for b in at.button if b.label == "Read it this way"]
    button.click()
    return at.run()


def test_the_grid_of_an_interview_is_read_and_said():
    at = dropped(opened("data"), ("interview.xlsx", GRID))
    assert not at.exception and not at.error
    said = words(at)
    assert "Participant-days from Ketamine, Placebo (one sheet an arm)" in said
    assert "One row a participant, 14 days across, day-3 to day10" in said
    assert "Baseline computed from days -3 to -1" in said
    assert "8 participants" in status(at)
    assert widget(at, "A row is").value == "wide"
    assert widget(at, "Participant-days from").value == ["Ketamine", "Placebo"]
    assert at.query_params[data_link.DATA] == at.session_state[state.OWN].trial.sha256[: data_link.LETTERS]
    assert data_link.RECIPE not in at.query_params  # nothing was said: nothing to carry


def test_a_file_that_cannot_be_read_is_kept_and_read_as_the_form_says():
    at = dropped(opened("data"), ("odd.csv", dressed.as_bytes(ODD, "csv")))
    assert len(at.error) == 1 and "participant" in at.error[0].value
    assert "The trial shown before is still here." in words(at) and "Synthetic data" in status(at)
    widget(at, "Participant").set_value("who")
    widget(at, "Day number").set_value("n")
    widget(at, "Daily amount, or yes/no").set_value("amount of x")
    at = read_so(at)
    assert not at.error and not at.exception
    assert "8 participants" in status(at) and "Synthetic" not in status(at)
    said = from_link(at.query_params[data_link.RECIPE])
    assert dict(said.columns) == {"participant_id": "who", "day": "n", "amount": "amount of x"}
    # the same file under the same link, in another session, needs no form
    link = {
        data_link.RECIPE: said.to_link(),
        data_link.DATA: at.session_state[state.OWN].trial.sha256[: data_link.LETTERS],
    }
    again = dropped(turned(under(link), "data"), ("odd.csv", dressed.as_bytes(ODD, "csv")))
    assert not again.error and "8 participants" in status(again)
    # and the command line, with the recipe that is offered to download
    kept = again.session_state[state.OWN].trial
    told = load(dressed.as_bytes(ODD, "csv"), recipe=kept.recipe)
    assert told.days.equals(kept.days) and told.sha256 == kept.sha256


def test_what_is_changed_is_said_and_taken_back():
    at = dropped(opened("data"), ("days.csv", dressed.as_bytes(dressed.long(), "csv")))
    widget(at, "Amounts are in").set_value("uk")
    widget(at, "Arms by other names").set_value("ketamine = Ketamine 0.5 mg/kg\n\nplacebo=Saline")
    at = read_so(at)
    assert "Amounts are in UK units (8 g); a heavy day is more than 8 for men, 6 for women" in words(at)
    assert "4 Ketamine 0.5 mg/kg" in words(at) and "4 Saline" in words(at)
    said = from_link(at.query_params[data_link.RECIPE])
    assert said == Recipe(unit="uk", arms=(("ketamine", "Ketamine 0.5 mg/kg"), ("placebo", "Saline")))
    (back,) = [b for b in at.button if b.label == "Back to what is recognised"]
    back.click()
    at.run()
    assert "US standard drinks" in words(at) and data_link.RECIPE not in at.query_params


@pytest.mark.parametrize(
    ("label", "text", "said"),
    [
        ("Treatment started on", "1st of May", "'1st of May' is no date"),
        ("Arms by other names", "ketamine", "is not of the form name in the file = name meant"),
    ],
)
def test_an_answer_that_makes_no_sense_is_one_sentence_and_stays_in_the_form(label, text, said):
    at = dropped(opened("data"), ("days.csv", dressed.as_bytes(dressed.long(), "csv")))
    widget(at, label).set_value(text)
    at = read_so(at)
    assert len(at.error) == 1 and said in at.error[0].value.replace("\\", "")
    assert widget(at, label).value == text and "8 participants" in status(at)


def test_all_findings_stand_in_one_report():
    frame = dressed.long()
    frame.loc[3, "drinks"], frame.loc[20, "drinks"] = -2, np.inf
    frame = pd.concat([frame, frame.iloc[[40]]])
    text = frame.to_csv(index=False).replace("inf", "many")
    at = dropped(opened("data"), ("days.csv", text.encode()))
    said = words(at)
    for part in ("negative", "'many'", "more than one row"):
        assert part in said
    assert "Found: 3 errors" in said


def test_what_the_sample_unlocks():
    sample = words(opened("data")).split("Not in this trial")[1]
    assert (
        "`received` in participants" in sample.split("In this trial")[0]
        and "visits" in sample.split("In this trial")[1]
    )
    small = words(opened("data", data=dressed.long().to_csv(index=False)))
    lacking, there = small.split("Not in this trial")[1].split("In this trial")
    assert "a file (or sheet) of visits" in lacking and "`etg_positive` in days" in lacking
    assert "`sex` in days" in there and "`baseline` in days" in there and "file (or sheet) of visits" not in there


def test_a_link_made_with_other_data_says_so():
    at = turned(asked("0123456789ab"), "overview")
    assert "in another way (fingerprint 0123456789ab" in words(at)
    own = dropped(turned(asked("0123456789ab"), "data"), ("interview.xlsx", GRID))
    assert "in another way (fingerprint 0123456789ab" in words(own)
    assert "made with other data" in words(turned(own, "overview"))
    assert own.query_params[data_link.DATA] == own.session_state[state.OWN].trial.sha256[: data_link.LETTERS]
    assert "made with other data" not in words(pressed(turned(own, "data"), words_data.AS_RECOGNISED))


SWAPPED = "arms.placebo=ketamine&arms.ketamine=placebo"
DAYS = dressed.as_bytes(dressed.long(), "csv")


def pressed(at, label):
    (button,) = [b for b in at.button if b.label == label]
    button.click()
    return at.run()


@pytest.mark.parametrize("fingerprint", [None, "0123456789ab"])
def test_a_link_does_not_exchange_the_arms_of_a_file_that_it_was_not_made_with(fingerprint):
    link = {data_link.RECIPE: SWAPPED} | ({data_link.DATA: fingerprint} if fingerprint else {})
    at = dropped(turned(under(link), "data"), ("days.csv", DAYS))
    said, mine = words(at), at.session_state[state.OWN]
    assert mine.recipe_given is None and mine.trial.days.equals(load(DAYS).days)
    assert words_data.AS_THE_LINK in [b.label for b in at.button]
    assert "read as recognised and not as the link says" in said
    assert "read as recognised and not as the link says" in words(turned(at, "overview"))  # until that is answered
    kept = pressed(turned(at, "data"), words_data.AS_RECOGNISED)
    assert "as the link says" not in words(kept) and kept.session_state[state.OWN].recipe_given is None


def test_a_link_is_followed_for_another_file_if_the_reader_says_so_and_the_arms_are_said_to_be_exchanged():
    at = pressed(dropped(opened("data", recipe=SWAPPED), ("days.csv", DAYS)), words_data.AS_THE_LINK)
    told = "'ketamine' in the file is 'placebo' here"
    assert at.session_state[state.OWN].recipe_given == from_link(SWAPPED)
    assert told in words(at) and "Please check" in words(at)
    said = words(turned(at, "overview"))
    assert told in said and "Names of the file's own arms are exchanged" in said


def test_a_link_overrides_neither_recipe_nor_declaration_beside_the_data():
    own = Recipe(arms=(("ketamine", "Ketamine"),)).to_toml().encode()
    files = (("days.csv", DAYS), ("recipe.toml", own), ("trial.toml", b'control = "placebo"\nactive = "Ketamine"\n'))
    at = dropped(opened("data", recipe=SWAPPED), *files)
    trial = at.session_state[state.OWN].trial
    assert (trial.declared.control, trial.declared.active) == ("placebo", "Ketamine")
    assert "'ketamine' in the file is 'Ketamine' here" in words(at)


def test_a_file_that_only_the_link_can_read_is_asked_about():
    recipe = "columns.participant_id=who&columns.day=n&columns.amount=amount+of+x"
    at = dropped(opened("data", recipe=recipe), ("odd.csv", dressed.as_bytes(ODD, "csv")))
    assert len(at.error) == 1 and words_data.AS_THE_LINK in [b.label for b in at.button]
    at = pressed(at, words_data.AS_THE_LINK)
    assert not at.error and "8 participants" in status(at)


def test_a_trial_that_was_there_stays_where_the_links_own_reading_does_not_fit():
    at = dropped(opened("data"), ("days.csv", DAYS))
    at.session_state["ketadash_link_recipe"] = from_link(SWAPPED)
    at.session_state["ketadash_link_data"] = "0123456789ab"
    before = at.session_state[state.OWN]
    at = dropped(at, ("odd.csv", dressed.as_bytes(ODD, "csv")))
    assert at.session_state[state.OWN] is before


@pytest.mark.parametrize(
    "link",
    [
        "shape=%00",
        "columns.participant_id=" + "x" * 5000,
        "nonsense",
        "arms.=",
        "unit=stone",
        "start_date=2024-13-45&days=" + "a&days=" * 300,
    ],
)
def test_a_recipe_in_the_link_that_means_nothing_is_told_and_harms_nothing(link):
    at = opened("overview", **{data_link.RECIPE: link})
    assert not at.exception and not at.error
    assert "recipe" in words(at) or link in ("nonsense", "arms.=")


def test_pairs_and_dates():
    assert reading_form.pairs_of(" a = b \n\nc=d=e") == (("a", "b"), ("c", "d=e"))
    assert reading_form.day_of("") is None


def test_controls_that_nobody_touched_follow_the_trial():
    at = opened("data", trend="linear")
    units = dressed.long().rename(columns={"drinks": "units"})
    at = dropped(at, ("uk.csv", dressed.as_bytes(units, "semicolon")))
    assert "more than 8 for men, 6 for women" in words(at)
    assert "heavy day" not in status(at) and "linear" in status(at)  # exploratory in the trend alone
    assert at.session_state["men"] == 8 and at.session_state["women"] == 6
    (forget,) = [b for b in at.button if b.label == "Forget this trial"]
    forget.click()
    at.run()
    assert at.session_state["men"] == 4 and at.session_state["women"] == 3


def test_a_recipe_too_long_for_a_link_says_so():
    at = dropped(opened("data"), ("days.csv", dressed.as_bytes(dressed.long(), "csv")))
    widget(at, "Arms by other names").set_value("\n".join(f"{'é' * 48} {i} = placebo" for i in range(30)))
    at = read_so(at)
    assert data_link.RECIPE not in at.query_params and "too long for a link" in words(at)
