"""The two-minute tour: offered once, one click to leave, from a link too, and every stop's target is on its page."""

import pytest
from opened import opened, turned, words

from ketadash.core.terms import DRINKS, of_use
from ketadash.ui import tour_stops as words_tour


def said(at):
    return [m.value for m in at.main.markdown if m.value.startswith("**Stop") or m.value == words_tour.OFFER]


def press(at, label):
    next(b for b in at.main.button if b.label == label).click()
    return at.run()


def test_it_is_offered_on_the_overview_alone_and_no_more_once_declined():
    at = opened()
    assert said(at) == [words_tour.OFFER]
    assert said(turned(at, "nnt")) == []
    at = press(turned(at, "overview"), words_tour.DECLINE)
    assert said(at) == [] and "tour" not in at.query_params


def test_it_begins_steps_and_is_left_with_one_click():
    at = press(opened(), words_tour.BEGIN)
    assert said(at)[0].startswith(f"**Stop 1 of {len(words_tour.STOPS)}.**")
    assert at.query_params["tour"] == "1"
    at = press(at, words_tour.LEAVE)
    assert said(at) == [] and "tour" not in at.query_params
    assert said(turned(turned(at, "nnt"), "overview")) == []  # and is not offered again


def test_a_link_opens_it_at_its_stop_and_elsewhere_it_says_where_it_stands():
    at = opened("abstinence", tour="3")
    assert said(at) == [f"**Stop 3 of {len(words_tour.STOPS)}.** {words_tour.STOPS[2].sentences}"]
    assert {b.label for b in at.main.button} >= {words_tour.BACK, words_tour.NEXT, words_tour.LEAVE}
    at = turned(at, "nnt")
    assert said(at) == [f"**Stop 3 of {len(words_tour.STOPS)}.** {words_tour.elsewhere('Abstinence')}"]
    assert {b.label for b in at.main.button} >= {words_tour.GO, words_tour.LEAVE}


@pytest.mark.parametrize("broken", ["0", "9", "ten", "-1", "1e1", "²"])
def test_a_link_that_names_no_stop_is_none(broken):
    at = opened("nnt", tour=broken)
    assert said(at) == [] and not at.exception


def test_the_last_stop_ends_it():
    at = opened("data", tour=str(len(words_tour.STOPS)))
    labels = [b.label for b in at.main.button]
    assert words_tour.END in labels and words_tour.NEXT not in labels and words_tour.LEAVE not in labels
    assert said(press(at, words_tour.END)) == []


def test_it_is_off_while_presenting():
    at = opened(tour="1", present="on")
    assert said(at) == []


def test_it_takes_two_minutes_and_speaks_of_what_the_trial_counts():
    spoken = " ".join(stop.sentences for stop in words_tour.STOPS).split()
    assert len(spoken) <= 240  # read at 120 to 200 words a minute
    assert "drinking" in words_tour.stop_text(5, DRINKS) and "drinking" not in words_tour.stop_text(5, of_use())
    assert words_tour.place(2) == f"Stop 2 of {len(words_tour.STOPS)}"


def test_no_choice_is_lost_on_the_way():
    at = opened(missing="missing", trend="linear", tour="1")
    at = press(at, words_tour.NEXT)
    assert said(at)[0].startswith("**Stop 2")
    assert "missing days = left out; linear time trend" in words(at) or "linear" in str(at.query_params)
