"""Trials that have next to nothing: each page says what is lacking, and what would bring it, in words that are true."""

from functools import cache

import pytest
from opened import opened, tables, words

from ketadash.ui import navigation

PAGES = navigation.page_keys()


def csv(n, days, drinks):
    rows = [f"P{i:02d},{('placebo', 'active')[i % 2]},{day},{drinks(i, day)}" for i in range(n) for day in days]
    return "participant_id,arm,day,drinks\n" + "\n".join(rows)


LITTLE = {
    "alike": csv(20, range(1, 15), lambda i, day: (i // 2 * 7 + day * 3) % 5),
    "one day": csv(20, [1], lambda i, day: i // 2 % 5),
    "two an arm": csv(4, range(1, 15), lambda i, day: (i * 7 + day * 3) % 5),
    "all abstinent": csv(20, range(1, 15), lambda i, day: 0),
}


@cache  # no fixture: those of one test hold for it, such as that nothing is begun in the background
def session(name):
    return opened("overview", LITTLE[name])


@pytest.mark.sweep(24)
@pytest.mark.parametrize("name", LITTLE)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_boasts_of_nothing(name, page):
    at = session(name)
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    said = " ".join([words(at), *tables(at)])
    for wrong in (" nan", "Sensitivity page", "all 1 days", "1 percentage points", "0 percentage points higher"):
        assert wrong not in said, wrong
    assert not any(number.strip(".,)").replace(",", "").isdigit() and len(number) > 9 for number in said.split())


def test_what_is_alike_is_called_so():
    at = opened("nnt", LITTLE["alike"])
    assert "no difference, so the NNT is infinite" in words(at).split("Population-averaged")[1]
    said = words(opened("overview", LITTLE["alike"]))
    assert "as high with active as with placebo" in said and "In 0 of" in said


def test_one_day_says_that_a_model_needs_more():
    said = words(opened("abstinence", LITTLE["one day"]))
    assert "The window is a single day, and a model over days needs two or more" in said


def test_nobody_who_uses_nothing_uses_it_heavily():
    at = opened("relapse", LITTLE["all abstinent"])
    assert "0 of 10 active and 0 of 10 placebo participants had relapsed" in words(at)


def test_what_a_further_file_would_bring_is_said():
    said = words(opened("safety", LITTLE["alike"]))
    assert all(name in said for name in ("adverse_events.csv", "visits.csv", "cadss", "followup_6m_abstinent"))
    assert "participants.csv" in words(opened("participants", LITTLE["alike"]))
    assert "published.toml" in words(opened("paper", LITTLE["alike"]))
