"""The forest of endpoints, the ladder of responders, curves of every cut and streams of WHO levels, drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from figure_looks import LIGHT, PHONE, texts
from known_trials import sample_trial

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.questions.endpoints import figure as endpoints
from ketadash.questions.responders import figure as responders
from ketadash.questions.responders import streams
from ketadash.trial import resolve

ARMS = ("midazolam", "ketamine")


@cache
def results(rule=MissingRule.NONABSTINENT):
    trial = sample_trial()
    spec, _ = resolve(trial, AnalysisSpec(missing=rule))
    return analyse.endpoints(trial, spec), analyse.responders(trial, spec)


def renamed(arms):
    """The sample's results with other names for its arms."""
    every_endpoint, who = results()

    def both(pair):
        return tuple(replace(arm, arm=name) for arm, name in zip(pair, arms, strict=True))

    each = tuple(replace(e, arms=both(e.arms)) for e in every_endpoint.each)
    rungs = tuple(replace(r, arms=both(r.arms)) for r in who.ladder.rungs)
    curves = tuple(replace(c, arms=arms) for c in who.curves)
    flow = replace(who.flow, arms=arms)
    ladder = replace(who.ladder, arms=arms, rungs=rungs)
    return replace(every_endpoint, arms=arms, each=each), replace(who, ladder=ladder, curves=curves, flow=flow)


def every(arms=ARMS):
    every_endpoint, who = renamed(tuple(arms))
    drawn = {
        "endpoints": lambda v: endpoints.plot(every_endpoint, v),
        "ladder": lambda v: responders.ladder(who.ladder, v),
        "levels": lambda v: streams.plot(who.flow, v),
    }
    return drawn | {c.measure: (lambda v, c=c: responders.curve(c, v)) for c in who.curves}


def test_the_forest_draws_every_endpoint_that_is_given_with_its_interval():
    every_endpoint, _ = results()
    figure = endpoints.plot(every_endpoint, LIGHT)
    drawn = {}
    for trace in figure["data"]:
        for k, at in enumerate(trace["x"]):
            low, high = at - trace["error_x"]["arrayminus"][k], at + trace["error_x"]["array"][k]
            drawn[trace["customdata"][k][0]] = (at, low, high, trace["marker"]["symbol"][k])
    given = [e for e in every_endpoint.each if e.difference.estimate is not None]
    assert set(drawn) == {e.label for e in given}
    for e in given:
        at, low, high, symbol = drawn[e.label]
        gap = e.difference
        assert (at, low, high) == pytest.approx((gap.estimate, gap.ci_low, gap.ci_high)), e.label
        assert symbol.endswith("open") != endpoints.clear(e), e.label


def test_the_mark_is_that_of_the_arm_it_favours():
    every_endpoint, _ = results()
    heavy, none = every_endpoint.of("percent_heavy_days"), every_endpoint.of("no_heavy_day")
    assert heavy.difference.estimate < 0 < none.difference.estimate
    assert endpoints.favours(heavy) == endpoints.favours(none) == 1  # less of one, more of the other
    turned = replace(none.difference, estimate=-0.1)
    assert endpoints.favours(replace(none, difference=turned)) == -1


@pytest.mark.parametrize("rule", [MissingRule.NONABSTINENT, MissingRule.MISSING])
def test_the_bars_hold_everybody_once(rule):
    ladder = results(rule)[1].ladder
    figure = responders.ladder(ladder, LIGHT)
    bars = [t for t in figure["data"] if t["type"] == "bar"]
    np.testing.assert_allclose(np.sum([t["x"] for t in bars], axis=0), 1)
    rungs = [t for t in bars if t["name"] not in (responders.NONE, responders.UNKNOWN)]
    for k, (n, last) in enumerate(zip((23, 17), ladder.rungs[-1].arms, strict=True)):
        assert sum(t["x"][k] for t in rungs) == pytest.approx(last.events / n)


def test_curves_are_steps_from_the_results():
    for c in results()[1].curves:
        for trace, steps in zip(responders.curve(c, LIGHT)["data"], c.curves, strict=True):
            assert (trace["x"], trace["y"]) == ([s.cut for s in steps], [s.share for s in steps])
            shares = [s.share for s in steps]
            assert shares == sorted(shares, reverse=c.good)


@pytest.mark.parametrize("view", [LIGHT, PHONE], ids=str)
def test_streams_are_as_wide_as_the_people_in_them(view):
    flow = results()[1].flow
    figure = streams.plot(flow, view)
    for k, counts in enumerate(flow.counts):
        own = [t for t in figure["data"] if t["xaxis"] == ("x", "x2")[k]]
        people = sum(map(sum, counts))
        widths = [t["y"][-1] - t["y"][0] for t in own]
        each = sorted(c for row in counts for c in row if c)
        scale = sum(widths) / people
        assert sorted(widths) == pytest.approx([scale * c for c in each])
        for t in own:
            assert min(t["y"]) >= -1e-9 and max(t["y"]) <= 1 + 1e-9
    names = " ".join(texts(figure))
    assert "very high 4" in names and "abstinent 9" in names
