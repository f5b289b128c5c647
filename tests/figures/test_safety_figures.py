"""Pictures of what else happened: they hold the results' numbers, and what they say is harmless."""

from dataclasses import replace

import pytest
from fakes_safety import ARMS, dissociation, events, follow_up, measure
from figure_looks import HOSTILE, LIGHT, named

from ketadash.questions.safety import figure as safety
from ketadash.questions.safety import measures, office_chart
from ketadash.results import Convergence


def every(arms=ARMS):
    return {
        "events": lambda v: safety.events(events(arms), v),
        "events, hostile names": lambda v: safety.events(events(arms, HOSTILE), v),
        "dissociation": lambda v: safety.dissociation(dissociation(arms), v),
        "follow-up": lambda v: safety.follow_up(follow_up(arms), v),
        "measure": lambda v: measures.panel(measure(arms), v),
        "measure, not modelled": lambda v: measures.panel(measure(arms, usable=False), v),
        "measure, hostile name": lambda v: measures.panel(measure(arms, label=HOSTILE[0]), v),
    }


def test_events_hold_the_shares_and_their_differences():
    result = events()
    figure = safety.events(result, LIGHT)
    rows = (*result.events, result.overall)
    for k, arm in enumerate(ARMS):
        assert named(figure, arm)["x"] == [e.arms[k].participants / e.arms[k].n for e in rows]
    gap = named(figure, "difference")
    assert gap["x"] == [e.difference.estimate for e in rows]
    ends = [x + d for x, d in zip(gap["x"], gap["error_x"]["array"], strict=True)]
    assert ends == pytest.approx([e.difference.ci_high for e in rows])
    low, high = figure["layout"]["xaxis2"]["range"]
    assert low <= -0.33 and high >= 0.24
    assert "12/23" in " ".join(n["text"] for n in figure["layout"]["annotations"])


def test_only_the_most_frequent_events_are_drawn():
    figure = safety.events(events(names=tuple(f"event {i}" for i in range(8)) * 3), LIGHT)
    assert len(named(figure, "difference")["x"]) == safety.MOST_EVENTS + 1


def test_every_score_is_a_dot_and_ties_do_not_hide_each_other():
    figure = safety.dissociation(dissociation(), LIGHT)
    for trace, arm in zip(figure["data"], dissociation().arms, strict=True):
        assert trace["x"] == list(arm.values)
        assert len(set(zip(trace["x"], trace["y"], strict=True))) == len(arm.values)
    boxes = [s for s in figure["layout"]["shapes"] if s["type"] == "rect"]
    assert [(b["x0"], b["x1"]) for b in boxes] == [(a.q1, a.q3) for a in dissociation().arms]


def test_the_bars_of_the_follow_up_are_everyone_and_show_the_bounds():
    figure = safety.follow_up(follow_up(), LIGHT)
    parts = [t["x"] for t in figure["data"]]
    assert [t["name"] for t in figure["data"]] == ["abstinent", "not reached", "drinking"]
    for k, arm in enumerate(follow_up().arms):
        assert sum(p[k] for p in parts) == pytest.approx(1)
        assert parts[0][k] == pytest.approx(arm.bound_low)
        assert parts[0][k] + parts[1][k] == pytest.approx(arm.bound_high)


def test_a_measure_s_panel_holds_observed_and_modelled_means():
    result = measure()
    figure = measures.panel(result, LIGHT)
    low, high = figure["layout"]["yaxis"]["range"]
    for arm in ARMS:
        assert named(figure, f"{arm}, observed")["y"] == [p.mean for p in result.observed if p.arm == arm]
        assert named(figure, f"{arm}, modelled")["y"] == [p.mean for p in result.modelled if p.arm == arm]
        assert all(low < y < high for y in named(figure, f"{arm}, observed")["y"])
    assert figure["layout"]["xaxis"]["ticktext"] == ["before", "1", "2", "3"]
    texts = [n["text"] for n in figure["layout"]["annotations"]]
    assert "week × arm p .24" in texts[0].replace("\u00a0", " ")
    assert set(ARMS) <= set(texts), "each arm is named beside its line"
    assert "not modelled" in measures.panel(measure(usable=False), LIGHT)["layout"]["annotations"][0]["text"]


def test_no_curve_and_no_p_is_drawn_of_a_fit_that_did_not_converge():
    """X:BOT's slide said that nothing is concluded from withdrawal, and drew its curves under p < .001."""
    usable = measure()
    unsure = replace(usable, model=replace(usable.model, convergence=Convergence(False, 5, 1e-9)))
    figure = measures.panel(unsure, LIGHT)
    assert all(not named(figure, f"{arm}, modelled")["y"] for arm in ARMS)
    text = figure["layout"]["annotations"][0]["text"]
    assert "not converged, so no curve is drawn" in text and "week × arm" not in text
    chart = office_chart.measure(unsure)
    assert not [s for s in chart.series if "modelled" in s.name] and "model" not in chart.key
    assert [s for s in office_chart.measure(usable).series if "modelled" in s.name]


@pytest.mark.parametrize("gap", [0.0, 0.5, 8.0])
def test_the_arms_names_do_not_collide(gap):
    close = measure()
    moved = tuple(replace(p, mean=40.0 + (gap if p.arm == ARMS[1] else 0)) for p in close.modelled)
    figure = measures.panel(replace(close, modelled=moved), LIGHT)
    low, high = figure["layout"]["yaxis"]["range"]
    places = [n["y"] for n in figure["layout"]["annotations"] if n["text"] in ARMS]
    px = (measures.HEIGHT - measures.MARGIN[2] - measures.MARGIN[3]) / (high - low)
    assert abs(places[0] - places[1]) * px >= 16.9
