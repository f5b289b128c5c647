"""A trial in memory that its page, loaded again, has lost: said on every page, and no other trial's results there."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from opened import dropped, figures, status, tables, turned, under, words

from ketadash.questions.data import words as words_data
from ketadash.trial import load
from ketadash.trial.recipe import from_link
from ketadash.ui import data_link, navigation, state

GRID = ("blank.csv", (Path(__file__).parents[1] / "trial" / "cases" / "25_blank_is_none.csv").read_bytes())
HELD = load(GRID[1], recipe=from_link("answers.blank=none")).sha256[: data_link.LETTERS]
LINK = {data_link.DATA: HELD, data_link.RECIPE: "answers.blank=none", "trend": "linear"}
INSTEAD = "Open the sample trial instead"


@pytest.fixture
def reloaded(monkeypatch):
    """The tab that held the trial, loaded again: it has left itself a word."""
    monkeypatch.setattr(type(st.context), "cookies", {data_link.KEPT + HELD: "1"})


def pressed(at, label: str):
    (button,) = [b for b in at.button if b.label == label]
    button.click()
    return at.run()


def says_so(at) -> bool:
    return words_data.FORGOTTEN in words(at)


def test_every_page_says_so_and_shows_nothing_of_another_trial(reloaded):
    at = under(LINK)
    for page in navigation.page_keys():
        at = turned(at, page)
        assert not at.exception and not at.error
        if page != "glossary":  # whose table is of words
            assert not tables(at)
        assert says_so(at) and not status(at) and not figures(at), page
        assert "Synthetic" not in words(at) and "Synthetic" not in "".join(m.value for m in at.sidebar.markdown)
        assert INSTEAD in [b.label for b in at.button]
        assert at.query_params[data_link.DATA] == HELD  # loaded again once more, it is still known
        assert at.query_params[data_link.RECIPE] == LINK[data_link.RECIPE]


def test_the_same_file_is_read_as_before(reloaded):
    at = dropped(turned(under(LINK), "data"), GRID)
    assert not says_so(at) and "168 days used" in status(at) and "linear" in status(at)
    assert not at.error and "made with other data" not in words(turned(at, "overview"))


def test_a_file_that_cannot_be_read_changes_nothing(reloaded):
    at = dropped(turned(under(LINK), "data"), ("x.csv", b"a,b\n1,2\n"))
    assert at.error and "The trial shown before" not in words(at)
    at = turned(at, "overview")
    assert says_so(at) and not figures(at)


def test_another_file_is_shown_under_its_own_name(reloaded):
    text = GRID[1].replace(b"P01", b"P21")
    at = dropped(turned(under(LINK), "data"), ("other.csv", text))
    assert not says_so(at) and state.PENDING in at.session_state
    assert "made with other data" in words(at)


def test_the_sample_is_opened_only_when_it_is_chosen(reloaded):
    at = pressed(under(LINK), INSTEAD)
    assert not at.exception and not says_so(at) and figures(at)
    assert "Synthetic" in status(at) and "made with other data" not in words(at)
    assert data_link.DATA not in at.query_params and data_link.RECIPE not in at.query_params


def test_somebody_elses_link_keeps_its_own_words():
    at = under(LINK)
    assert "made with other data" in words(at) and not says_so(at)


def test_the_word_of_another_tab_is_not_for_this_link(monkeypatch):
    monkeypatch.setattr(type(st.context), "cookies", {data_link.KEPT + "0123456789ab": "1"})
    assert not says_so(under(LINK))


def test_data_that_the_app_was_started_with_are_never_lost(reloaded, tmp_path, monkeypatch):
    (tmp_path / "blank.csv").write_bytes(GRID[1])
    (tmp_path / "recipe.toml").write_text(from_link("answers.blank=none").to_toml())
    monkeypatch.setenv("KETADASH_DATA", str(tmp_path / "blank.csv"))
    monkeypatch.setenv("KETADASH_RECIPE", str(tmp_path / "recipe.toml"))
    at = under(LINK)
    assert not says_so(at) and "168 days used" in status(at)
    at = under(LINK | {data_link.DATA: "0123456789ab"})
    assert not says_so(at)


def test_a_link_to_the_data_that_the_app_was_started_with_answers_what_was_asked_of_them(tmp_path, monkeypatch):
    (tmp_path / "blank.csv").write_bytes(GRID[1])
    monkeypatch.setenv("KETADASH_DATA", str(tmp_path / "blank.csv"))
    at = under(LINK)
    assert "168 days used" in status(at) and state.PENDING not in at.session_state
    assert "made with other data" not in words(at) and at.query_params[data_link.RECIPE] == LINK[data_link.RECIPE]
    # made with other data, the link answers nothing, and is not silent about it
    other = under(LINK | {data_link.DATA: "0123456789ab"})
    assert state.PENDING in other.session_state and "made with other data" in words(other)
