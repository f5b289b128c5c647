"""Trials of more than two arms: Holm against R, each pair as if it were alone, and what every page says."""

import json
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from trials import frame, trial

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, MissingRule, ViewSpec
from ketadash.export.analysis_json import analysis
from ketadash.questions.abstinence import every_arm
from ketadash.questions.abstinence.question import ABSTINENCE
from ketadash.questions.question import Material, RestsOn, Table
from ketadash.stats.multiplicity import holm
from ketadash.trial import load_sample, resolve
from ketadash.trial.several_arms import multiplicity

CASES = json.loads((Path(__file__).parents[1] / "oracle" / "multiplicity.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(len(case["p"])))
def test_holm_as_r_has_it(case):
    assert holm(case["p"]) == pytest.approx(tuple(case["holm"]), rel=1e-12)


def test_holm_leaves_out_what_is_not_known_and_never_makes_p_smaller():
    assert holm([0.02, None, 0.03]) == (0.04, None, 0.04)
    assert all(b >= a for case in CASES for a, b in zip(case["p"], holm(case["p"]), strict=True))


def three():
    """Placebo, drug, and a second drug: the people of another seed."""
    other = frame(seed=5, n_people=24)
    other = other[other["arm"] == "drug"].assign(arm="zinc", participant_id=lambda d: "Z" + d["participant_id"])
    return pd.concat([frame(n_people=24), other])


CHOSEN = {"control": "placebo", "active": "drug"}


def test_each_arm_is_compared_as_if_there_were_no_other():
    d = three()
    t = trial(d)
    result = analyse.every_arm(t, resolve(t, AnalysisSpec(**CHOSEN))[0])
    assert [one.arm for one in result.others] == ["drug", "zinc"]
    for one in result.others:
        alone = trial(d[d["arm"].isin(["placebo", one.arm])])
        spec, _ = resolve(alone, AnalysisSpec(control="placebo", active=one.arm))
        right = analyse.percent_days_abstinent(alone, spec)
        assert (one.mean, one.difference.p) == pytest.approx((right.arms[1].mean, right.difference.p))
        assert one.relapse_p == pytest.approx(analyse.time_to_event(alone, spec)["relapse"].logrank.p)
    p = [one.difference.p for one in result.others]
    assert [one.p_holm for one in result.others] == pytest.approx(holm(p))
    assert [one.relapse_p_holm for one in result.others] == pytest.approx(holm([o.relapse_p for o in result.others]))
    assert {point.arm for point in result.daily} == {"placebo", "drug", "zinc"}
    assert len(result.daily) == 3 * 10


def test_whichever_arm_is_chosen_the_comparisons_are_the_same():
    t = trial(three())
    one, other = (
        analyse.every_arm(t, resolve(t, AnalysisSpec(control="placebo", active=a))[0]) for a in ("drug", "zinc")
    )
    assert [x.p_holm for x in one.others] == [x.p_holm for x in other.others]
    assert (one.chosen, other.chosen) == (("placebo", "drug"), ("placebo", "zinc"))


def test_an_arm_of_one_person_is_not_compared():
    d = three()
    d = pd.concat([d, d[d["participant_id"] == "P01"].assign(participant_id="L1", arm="lone")])
    t = trial(d)
    result = analyse.every_arm(t, resolve(t, AnalysisSpec(**CHOSEN))[0])
    lone = next(one for one in result.others if one.arm == "lone")
    assert (lone.n, lone.difference.p, lone.p_holm, lone.message) == (1, None, None, "too few people")
    assert "lone not compared (too few people)" in every_arm.answer(result)


def test_pages_files_and_json_say_it():
    t = trial(three())
    spec, notes = resolve(t, AnalysisSpec(**CHOSEN))
    sentence = multiplicity(t, spec)
    assert sentence.startswith(
        "The trial has 3 arms: drug against placebo is one of 3 pairs, and that comparison is not"
    )
    assert sentence in notes
    m = Material(t, spec)
    shown = list(ABSTINENCE.blocks(m))
    assert any(isinstance(b, Table) and b.key == "every-arm" and len(b.make()) == 3 for b in shown)
    rests = next(b for b in shown if isinstance(b, RestsOn)).with_set(None, sentence)
    assert rests.text.endswith(sentence)
    document = analysis(t, spec, ("abstinence",))
    assert [one["arm"] for one in document["arms"]["against_control"]] == ["drug", "zinc"]
    assert document["arms"]["adjustment"] == "Holm, 2 comparisons with placebo"
    hidden = analysis(t, spec, ("abstinence",), hidden=True)
    assert all(one["p_holm"] is None for one in hidden["arms"]["against_control"])


@pytest.mark.parametrize("view", [ViewSpec(), ViewSpec(dark=True), ViewSpec(narrow=True)], ids=str)
def test_the_picture_draws_every_arm_and_the_pair_strongly(view):
    t = trial(three())
    for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING):
        result = analyse.every_arm(t, resolve(t, AnalysisSpec(missing=rule, **CHOSEN))[0])
        figure = every_arm.plot(result, view)
        go.Figure(figure)
        assert {trace["name"]: trace["opacity"] for trace in figure["data"]} == {"placebo": 1, "drug": 1, "zinc": 0.55}


def test_a_trial_of_two_arms_has_nothing_of_it():
    t = load_sample()
    spec, _ = resolve(t, AnalysisSpec())
    assert analyse.every_arm(t, spec) is None and multiplicity(t, spec) == ""
    assert list(every_arm.blocks(Material(t, spec))) == [] and every_arm.document(t, spec)["arms"] is None
    assert every_arm.document(t, spec)["null_because"] == {"arms": every_arm.TWO_ARMS}
