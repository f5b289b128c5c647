"""Which two arms are compared: they change places, are asked for where a trial has three, and can be taken back."""

import pytest
from opened import BACK, chosen, figures, opened, status, words

from ketadash.ui import choose_arms

THREE_ARMS = "participant_id,arm,day,drinks\n" + "\n".join(
    f"P{i},{'abc'[i % 3]},{d},{(i * 5 + d * 3) % 4}" for i in range(12) for d in range(1, 8)
)


def test_the_arms_change_places():
    at = opened("abstinence")
    before = figures(at)["abstinence_difference"]["data"]
    chosen(at, control="ketamine", active="midazolam")
    after = figures(at)["abstinence_difference"]["data"]
    line = [next(t for t in data if t.get("mode") == "lines" and "fill" not in t)["y"] for data in (before, after)]
    assert line[1] == pytest.approx([-y for y in line[0]], abs=1e-6)  # the fit's own tolerance
    assert "lower with midazolam than with ketamine" in words(at)


def test_the_way_back_takes_back_arms_that_a_trial_declares():
    at = opened("nnt", control="ketamine", active="midazolam")
    assert "Published analysis" not in status(at)
    next(b for b in at.button if b.label == BACK).click().run()
    assert "Published analysis" in status(at) and not [b for b in at.button if b.label == BACK]


def test_of_three_arms_two_are_asked_for_on_every_page_and_chosen_at_once():
    at = opened("nnt", THREE_ARMS)
    assert choose_arms.ASKED in words(at)
    button = next(b for b in at.button if b.label == choose_arms.COMPARE)
    assert button.disabled
    at.selectbox(key=choose_arms.ACTIVE).set_value("b").run()
    at.selectbox(key=choose_arms.CONTROL).set_value("b").run()
    assert next(b for b in at.button if b.label == choose_arms.COMPARE).disabled
    assert "the same arm" in at.caption[0].value
    at.selectbox(key=choose_arms.CONTROL).set_value("c").run()
    next(b for b in at.button if b.label == choose_arms.COMPARE).click().run()
    assert not at.exception and not at.error and choose_arms.ASKED not in words(at)
    assert "n = 8" in " ".join(e.value for e in at.sidebar.markdown)
    assert "Default analysis" in status(at)


def test_more_choices_stands_open_until_two_arms_are_chosen_and_no_longer():
    def is_open(at):
        return next(e for e in at.sidebar.expander if e.label == "More choices").proto.expanded

    at = opened("nnt", THREE_ARMS)
    assert is_open(at)
    at.selectbox(key=choose_arms.ACTIVE).set_value("b").run()
    assert is_open(at)
    at.selectbox(key=choose_arms.CONTROL).set_value("c").run()
    next(b for b in at.button if b.label == choose_arms.COMPARE).click().run()
    assert not is_open(at)
    assert not is_open(opened("nnt", THREE_ARMS, control="b", active="c")) and not is_open(opened("nnt"))


def test_what_a_link_says_of_three_arms_stands_in_the_boxes_and_one_arm_twice_is_asked_about():
    at = opened("nnt", THREE_ARMS, control="b")
    assert at.selectbox(key=choose_arms.CONTROL).value == "b"
    assert at.selectbox(key=choose_arms.ACTIVE).value is None
    at = opened("nnt", THREE_ARMS, control="b", active="b")
    assert choose_arms.ASKED in words(at) and not at.exception


def test_an_arm_of_a_link_that_the_trial_does_not_have_is_said_beside_the_question_which_two():
    for presenting in ({}, {"present": "on"}):
        at = opened("abstinence", THREE_ARMS, control="b", active="placebo", **presenting)
        said = "'active=placebo' in the link is no arm of this trial, so it is still to be chosen"
        assert any(said in w.value for w in at.warning), presenting
        assert at.selectbox(key=choose_arms.CONTROL).value == "b" and not at.exception


def test_which_two_of_three_arms_is_asked_on_the_slide_too():
    at = opened("abstinence", THREE_ARMS, present="on")
    assert any("ketadash-slide" in e.proto.body and choose_arms.ASKED in e.proto.body for e in at.get("html"))
    at.selectbox(key=choose_arms.ACTIVE).set_value("b").run()
    at.selectbox(key=choose_arms.CONTROL).set_value("c").run()
    next(b for b in at.button if b.label == choose_arms.COMPARE).click().run()
    assert not at.exception and "b" in at.session_state["active"]
    assert not any(choose_arms.ASKED in e.proto.body for e in at.get("html"))
