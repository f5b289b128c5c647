"""What hurried fingers and late messages ask for: once for each press that meant it, never a fault."""

import pytest
import streamlit as st
from opened import opened

from ketadash.analyse import memo
from ketadash.ui import flip, plot, presenting, snapshots, state
from ketadash.ui.components import dial


@pytest.fixture
def session(monkeypatch):
    """A session's state as callbacks see it, without a server."""
    state = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def test_a_dial_that_is_no_longer_drawn_moves_nothing(session):
    dial.turned("control")
    dial.to_stop()
    assert session == {}


def test_the_arrows_of_a_slide_that_was_left_lead_to_the_one_turned_to(session):
    session[presenting.ON_STAGE] = "relapse"
    presenting.stay()
    assert presenting.where("abstinence") == "relapse"


def test_a_turn_is_asked_for_until_its_slide_is_there(session):
    """A message that was sent from the slide before, and came after the turn had begun, ended it."""
    session[presenting.GO] = "relapse"
    assert presenting.where("abstinence") == presenting.where("abstinence") == "relapse"
    assert presenting.where("relapse") is presenting.where("abstinence") is None


@pytest.mark.parametrize(
    "clicked",
    [
        None,
        "x",
        3,
        [],
        {},
        {"trace": 0},
        {"trace": "0", "point": 0},
        {"trace": 0, "point": None},
        {"trace": 0, "point": []},
        {"trace": 0, "point": [1, "a"]},
        {"trace": -1, "point": 0},
        {"trace": 0, "point": -1},
        {"trace": True, "point": 0},
        {"trace": 0.5, "point": 1},
        {"trace": 0, "point": {"a": 1}},
    ],
    ids=str,
)
def test_a_click_that_no_picture_sends_is_none(clicked):
    assert plot.point(clicked) is None


def test_a_click_is_where_it_was():
    assert plot.point({"trace": 1, "point": [2, 3], "more": 1}) == {"trace": 1, "point": [2, 3]}


def test_two_quick_presses_drop_one_state():
    at = opened("abstinence", missing="missing")
    for name in ("first", "second"):
        at.text_input(snapshots.NAME).set_value(name)
        next(b for b in at.sidebar.button if b.label == "Keep").click()
        at.run()
    drop = next(b for b in at.sidebar.button if b.help == "Drop this state")
    drop.click().run()
    (kept,) = at.session_state[snapshots.KEPT]
    assert kept.name == "second"
    with pytest.MonkeyPatch.context() as patch:  # the second press of the two comes late
        patch.setattr(st, "session_state", {snapshots.KEPT: [kept]})
        snapshots.drop("first")
        assert snapshots.kept() == [kept]


@pytest.mark.parametrize("ahead", [True, False])
def test_the_first_flip_on_a_slide_computes_nothing_that_could_be_foreseen(monkeypatch, ahead):
    used = [(i, d, (i * 7 + d * 3) % 5 if (i + d) % 6 else "") for i in range(12) for d in range(1, 9)]
    rows = [f"P{i},{('drug', 'placebo')[i % 2]},{d},{drinks}" for i, d, drinks in used]
    if not ahead:  # so that the test sees what is computed
        monkeypatch.setattr(flip, "send_ahead", lambda *_: None)
    at = opened("abstinence", data="participant_id,arm,day,drinks\n" + "\n".join(rows), present="on")
    trial = at.session_state[state.OWN].trial
    before = memo.computed(trial)
    monkeypatch.setattr(flip, "send_ahead", lambda *_: None)
    at.session_state["missing"] = "missing"
    at.run()
    assert not at.exception and "missing" in at.query_params["missing"]
    assert (memo.computed(trial) == before) == ahead
