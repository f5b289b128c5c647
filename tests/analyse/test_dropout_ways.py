"""Relapse with dropout taken three ways: each is its own page's result, and the counts lie between the first two."""

import numpy as np
import pytest
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse.outcomes import last_known_day, time_to
from ketadash.core.paths import example_folder
from ketadash.core.spec import AnalysisSpec, DropoutRule
from ketadash.questions.dropout import words
from ketadash.stats import competing_risks
from ketadash.trial import load, resolve


def test_each_way_is_the_relapse_page_under_that_rule(published):
    t, spec = published
    found = analyse.dropout_ways(t, spec)
    assert [w.dropout for w in found.ways] == ["event", "censored", "competing"]
    for way in found.ways:
        page = analyse.time_to_event(t, spec.replace(dropout=DropoutRule(way.dropout)))["relapse"]
        assert way == page
    assert [w.test for w in found.ways] == ["log-rank", "log-rank", "Gray's test"]
    # as the paper prints the first
    assert round(found.ways[0].logrank.chi2, 1) == 4.2 and round(found.ways[0].logrank.p, 2) == 0.04


def test_the_competing_way_is_the_kernels(published):
    t, spec = published
    way = analyse.dropout_ways(t, spec).ways[2]
    p = analyse.panel_of(t, spec)
    heavy = np.nan_to_num(p.amount, nan=-1) > p.heavy_threshold[:, None]
    missing = np.isnan(p.amount)
    last = np.where(~missing, np.arange(1, 22), 0).max(axis=1)
    first_heavy = np.where(heavy.any(axis=1), heavy.argmax(axis=1) + 1, 0)
    time = np.where(first_heavy > 0, first_heavy, np.where(last < 21, last + 1, 21))
    cause = np.where(first_heavy > 0, 1, np.where(last < 21, 2, 0))
    assert way.logrank == competing_risks.gray_test(time, cause, p.active)
    f = competing_risks.aalen_johansen(time[p.active], cause[p.active])
    curve = [s for s in way.curve if s.arm == "ketamine"]
    assert [s.survival for s in curve] == pytest.approx((1 - f.incidence).tolist())
    assert sum(s.competing for s in way.curve) == int((cause == 2).sum()) == way.arms[0].competing
    assert way.arms[0].events + way.arms[0].competing + way.arms[0].censored == 23


def test_all_dropouts_relapsed_is_the_event_and_none_the_censored_way(published):
    t, spec = published
    found = analyse.dropout_ways(t, spec)
    none, *_, all_ = found.counted
    assert (none.control, none.active, all_.control, all_.active) == (0, 0, 3, 0)
    assert none.p_low == none.p_high == pytest.approx(found.ways[1].logrank.p, rel=1e-12)
    assert all_.p_low == all_.p_high == pytest.approx(found.ways[0].logrank.p, rel=1e-12)
    assert [c.n_choices for c in found.counted] == [1, 3, 3, 1]


def test_dropouts_of_both_arms_are_gone_through():
    d = frame(3)
    d.loc[(d.participant_id.isin(["P00", "P01", "P02"])) & (d.day > 4), "drinks"] = None
    t = trial(d)
    found = analyse.dropout_ways(t, resolve(t, AnalysisSpec(heavy_men=30, heavy_women=30))[0])
    assert {(c.control, c.active) for c in found.counted} >= {(0, 0), (2, 0), (0, 1), (2, 1)}
    assert sum(c.n_choices for c in found.counted) == 2 ** (found.counted[-1].control + found.counted[-1].active)
    assert all(c.p_low <= c.p_high for c in found.counted if c.p_low is not None)


def test_too_many_dropouts_are_not_gone_through_and_it_says_so():
    d = frame(3, n_people=40)
    d.loc[d.day > 3, "drinks"] = None
    t = trial(d)
    found = analyse.dropout_ways(t, resolve(t, AnalysisSpec(heavy_men=30, heavy_women=30))[0])
    assert found.counted == () and "not every combination" in found.messages[0]


def test_nobody_left():
    t = trial(frame(5, absent=0))
    found = analyse.dropout_ways(t, resolve(t, AnalysisSpec())[0])
    assert found.counted == () and found.messages == ()
    assert len({w.logrank.p for w in found.ways[:2]}) == 1


def test_yes_and_no_has_no_dropout_page():
    d = frame(3)
    t = trial(d.assign(drinks=(d.drinks > 0).astype("Int64").where(d.drinks.notna())))
    assert analyse.dropout_ways(t, resolve(t, AnalysisSpec())[0]) is None


def test_who_left_and_relapsed_by_weeks_without_information_is_said_and_counted():
    """X:BOT: of those who left, some have weeks without information that make a relapse after their last known day."""
    xbot = load(example_folder("xbot"))
    spec, _ = resolve(xbot, xbot.declared.published)
    ways = analyse.dropout_ways(xbot, spec).ways
    p = analyse.panel_of(xbot, spec)
    as_event, competing = (time_to(p, "relapse", DropoutRule(w), spec) for w in ("event", "competing"))
    left, without = as_event.kind == "dropout", competing.kind == "dropout"
    later = left & ~without
    assert competing.event[later].all() and (competing.day[later] > last_known_day(p)[later]).all()
    assert (left.sum(), later.sum()) == (195, 95) and ways[0].counts.n_filled == left.sum()
    said = words.rests_on(analyse.dropout_ways(xbot, spec), spec)
    assert "195 of whom left without relapse (where dropout is not the event, 95 of them relapse later" in said
    assert all("unless weeks without information make a relapse later" in w.definition for w in ways[1:])
    assert "unless weeks" not in ways[0].definition


def test_where_relapse_counts_no_weeks_nobody_who_left_relapses_later(published):
    trial, spec = published
    ways = analyse.dropout_ways(trial, spec)
    assert "relapse later" not in words.rests_on(ways, spec)
    assert not [w for w in ways.ways if "unless weeks" in w.definition]
