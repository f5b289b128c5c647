"""The pages Endpoints and Responders: choices of their own, trials without amounts, hidden p and small counts."""

import pytest
from opened import figures, opened, words

USE_ONLY = "participant_id,arm,sex,day,drinks\n" + "\n".join(
    f"p{i},{'drug' if i % 2 else 'placebo'},M,{d},{int((i * d) % 3 == 0)}" for i in range(1, 13) for d in range(1, 15)
)


def labels(at):
    return [e.label for e in at.expander]


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ({"grace": "5"}, "grace period of 5 days"),
        ({"assessed": "7"}, "WHO levels from the last 7 days"),
        ({"before": "3"}, "WHO levels before from 3 days"),
        ({"grams": "12"}, "12 g of alcohol in one of the drinks"),
    ],
)
def test_a_choice_of_endpoints_is_in_the_link_and_said(link, says):
    at = opened("endpoints", **link)
    assert not at.exception
    shown = " ".join(e.value for e in at.markdown)
    assert says in shown.replace("\\", "")


def test_every_endpoint_unfolds_and_what_is_short_is_said_beside_the_table():
    at = opened("endpoints")
    assert not at.exception
    assert {"Percent of days abstinent", "No heavy drinking day", "WHO risk down 2 or more"} <= set(labels(at))
    text = words(at)
    assert "No heavy drinking day: 82% with ketamine, 48% with midazolam" in text
    assert "7 days before and 21 days after are short" in text
    assert "it compares groups formed after randomisation" in text
    assert "endpoints" in figures(at)


def test_days_of_use_alone_have_the_endpoints_that_they_can_tell():
    at = opened("endpoints", data=USE_ONLY)
    assert not at.exception
    assert "Abstinent on every day" in words(at) and "No heavy drinking day:" not in words(at)
    at = opened("responders", data=USE_ONLY)
    assert not at.exception
    assert "WHO risk levels need amounts" in words(at)
    assert {"responders_ladder", "responders_percent_days_abstinent"} <= set(figures(at))


def test_while_small_counts_are_hidden_so_are_curves_and_streams_whose_steps_are_people():
    at = opened("responders")
    assert {"responders_ladder", "responders_amount_per_day", "responders_levels"} <= set(figures(at))
    at = opened("responders", **{"small-cells": "suppressed"})
    assert not at.exception
    assert "can be one person" in words(at)
    assert {"responders_ladder"} <= set(figures(at))
    assert not {"responders_amount_per_day", "responders_levels"} & set(figures(at))


def test_hidden_p_hides_the_shuffles_too():
    at = opened("endpoints", pvalues="hidden", missing="missing")
    assert not at.exception
    assert "Could chance alone have given them?" not in [h.value for h in at.header]
    assert "Rank test" not in words(opened("responders", pvalues="hidden", missing="missing"))
