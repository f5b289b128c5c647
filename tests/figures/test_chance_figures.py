"""The pictures of chance: shuffles, what a model misses, who carries a result."""

import re

import numpy as np
import pytest
from fakes import ARMS
from figure_looks import LIGHT, PHONE

from ketadash.core.spec import ViewSpec
from ketadash.questions.chance import figure
from ketadash.results import Estimate
from ketadash.results.chance import Contrast, Influence, ModelCheck, ModelMeasure, Randomisation, Without

LABELS = ("how heavy drinking days change over the days (day × arm)", "time to relapse")
LONG = "Heavy drinking days: odds of a heavy drinking day after one, compared with after none"


def shuffled(arms=ARMS):
    rng = np.random.default_rng(1)
    contrasts = tuple(
        Contrast(f"c{k}", label, Estimate(0.3, 0.1, 0.5, p=0.02), 2.5, 0.004, 20, 0, rng.normal(size=1000))
        for k, label in enumerate(LABELS)
    )
    return Randomisation(arms, 1000, 1000, 1, (), 0.95, contrasts, ())


def measured():
    measures = (ModelMeasure("a", 2.0, 1.6, 1.2, 1.9), ModelMeasure("b", 6.2, 7.2, 3.0, 13.0))
    return figure.rows_of([ModelCheck("heavy", measures, False, "")], [[LONG, LONG]])


def left_out(arms=ARMS):
    people = tuple(Without(f"P{k:02}", arms[k % 2], Estimate(0.2 + k / 100, 0.05, 0.5)) for k in range(6))
    full = Estimate(0.23, 0.05, 0.5)
    return Influence("h", "modelled abstinence", arms, 0.95, 0.0, full, people, ("P03",), (), None, 6)


def every(arms=ARMS):
    return {
        "shuffles": lambda v: figure.shuffles(shuffled(arms), v),
        "model check": lambda v: figure.model_check(measured(), v),
        "left out": lambda v: figure.influence(left_out(arms), v),
    }


def written(drawn) -> list[str]:
    return [re.sub(r"<br>", " ", a["text"]) for a in drawn["layout"]["annotations"]]


@pytest.mark.parametrize("view", [LIGHT, PHONE, ViewSpec(narrow=True, presenting=True)], ids=str)
def test_what_a_row_shows_is_written_whole(view):
    assert {f"{label[:1].upper()}{label[1:]}" for label in LABELS} <= set(written(figure.shuffles(shuffled(), view)))
    assert written(figure.model_check(measured(), view)).count(LONG) == 2


@pytest.mark.parametrize("view", [PHONE, ViewSpec(narrow=True, presenting=True)], ids=str)
def test_two_lines_of_a_label_have_room_between_the_marks(view):
    """In pixels from the row's foot: above the tallest bar or between two marks, and inside the picture."""
    line = 15  # of type of 12 pixels
    for drawn, low in ((figure.shuffles(shuffled(), view), figure.TALLEST), (figure.model_check(measured(), view), 0)):
        layout, marks = drawn["layout"], 6 if low == 0 else 0
        first, last = layout["yaxis"]["range"]
        per_row = (layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]) / (last - first)
        labels = [a for a in layout["annotations"] if a["x"] == 0]
        for label in labels:
            row, lines = int(label["y"]), label["text"].count("<br>") + 1
            middle = (label["y"] - row) * per_row
            assert low * per_row + marks <= middle - lines * line / 2 + 2
            assert middle + lines * line / 2 <= per_row - marks + 2
            assert (last - label["y"]) * per_row + layout["margin"]["t"] >= lines * line / 2
