"""The log-log picture and what is said of one hazard ratio for all days."""

import json
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from known_trials import sample_trial

from ketadash import analyse
from ketadash.core.p_values import shown
from ketadash.core.spec import AnalysisSpec, PValues, ViewSpec
from ketadash.questions.question import Doubts, Material, Picture, RestsOn
from ketadash.questions.relapse import proportional
from ketadash.questions.relapse.question import RELAPSE
from ketadash.results.hazards import Proportionality
from ketadash.trial import resolve


@pytest.fixture(scope="module")
def relapse():
    trial = sample_trial()
    return analyse.time_to_event(trial, resolve(trial, AnalysisSpec())[0])["relapse"]


@pytest.mark.parametrize("view", [ViewSpec(), ViewSpec(dark=True), ViewSpec(narrow=True)], ids=str)
def test_it_draws_the_curve_on_its_own_scale(relapse, view):
    figure = proportional.plot(relapse, view)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)
    for arm, trace in zip(relapse.arms, figure["data"], strict=True):
        share = [p.survival for p in relapse.curve if p.arm == arm.arm and 0 < p.survival < 1]
        assert np.exp(-np.exp(trace["y"])) == pytest.approx(share)


def test_the_sentence_follows_the_test_and_names_what_to_read(relapse):
    def of(p):
        return replace(relapse, cox=replace(relapse.cox, proportional=Proportionality(6.7, 1, p, -2.0, 0.8)))

    fine, broken = of(0.3), of(0.01)
    assert "shows nothing against it" in shown(proportional.sentence(fine), PValues.SHOWN)
    assert proportional.doubt(fine) == ()
    assert "speaks against it" in shown(proportional.sentence(broken), PValues.SHOWN)
    (doubt,) = proportional.doubt(broken)
    assert "falls over the days" in shown(doubt, PValues.SHOWN) and "event-free days up to day 21" in doubt
    assert shown(f"Before.{proportional.sentence(broken)} After.", PValues.HIDDEN) == "Before. After."
    assert shown(doubt, PValues.HIDDEN).strip() in (
        "",
        "Left out here: it would tell a p-value, and p-values are hidden.",
    )
    none = replace(relapse, cox=replace(relapse.cox, proportional=None))
    assert proportional.sentence(none) == "" and proportional.doubt(none) == ()


def test_it_stands_on_the_page_of_each_endpoint():
    trial = sample_trial()
    spec, _ = resolve(trial, AnalysisSpec())
    made = list(RELAPSE.blocks(Material(trial, spec)))
    assert sum(isinstance(b, Picture) and "log-log" in b.key for b in made) == 3
    rests = [b.text for b in made if isinstance(b, RestsOn)]
    assert sum("presumes that it is the same on all days" in text for text in rests) == 3
    assert any(isinstance(b, Doubts) for b in made)
