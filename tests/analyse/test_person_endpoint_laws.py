"""Laws of endpoints of each participant: units, nesting, bounds, and what is said where days or levels are short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from endpoint_trials import HAND, made, of, random_records

from ketadash import analyse
from ketadash.analyse.person_values import values_of
from ketadash.analyse.responders import responders, steps
from ketadash.core.choices.person_endpoint import ENDPOINTS
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, MissingRule, Window
from ketadash.export.analysis_json import analysis
from ketadash.trial import resolve

EVERY_RULE = list(MissingRule)


def everybody(tmp_path, records, **choices):
    trial = made(tmp_path, records)
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    return values_of(trial, spec)


@pytest.mark.parametrize("rule", [r for r in EVERY_RULE if not r.imputed])
def test_one_more_day_of_drinking_betters_nothing(tmp_path, rule):
    records = random_records(3)
    before = everybody(tmp_path, records, missing=rule)
    who, (arm, sex, base, after) = next((k, r) for k, r in records.items() if 0 in r[3])
    sober = after.index(0)
    records[who] = (arm, sex, base, [9 if k == sober else x for k, x in enumerate(after)])
    now = everybody(tmp_path, records, missing=rule)
    i = before.panel.participant_ids.index(who)
    for key, d in ENDPOINTS.items():
        was, is_ = before.values[key][0, i], now.values[key][0, i]
        if key != "drinks_per_drinking_day" and not np.isnan([was, is_]).any():
            assert is_ <= was if d.good else is_ >= was, key
    assert now.values["percent_days_abstinent"][0, i] < before.values["percent_days_abstinent"][0, i]
    assert now.values["drinks_per_day"][0, i] > before.values["drinks_per_day"][0, i]


def test_no_grace_is_no_grace_and_more_of_it_costs_nobody(tmp_path):
    records = random_records(5)
    none, zero = (everybody(tmp_path, records, missing=MissingRule.MISSING, **g) for g in ({}, {"grace": 0}))
    for key in ENDPOINTS:
        np.testing.assert_array_equal(none.values[key], zero.values[key])
    reached = [
        np.nansum(everybody(tmp_path, records, missing=MissingRule.NONABSTINENT, grace=g).values["no_heavy_day"])
        for g in range(0, 14, 3)
    ]
    assert reached == sorted(reached) and reached[-1] > reached[0]
    late = everybody(tmp_path, records, missing=MissingRule.MISSING, grace=5)
    short = everybody(tmp_path, records, missing=MissingRule.MISSING, days=Window(6, 14))
    np.testing.assert_array_equal(late.values["no_heavy_day"], short.values["no_heavy_day"])
    np.testing.assert_array_equal(late.values["abstinent_all_days"], short.values["abstinent_all_days"])


def test_a_grace_period_leaves_a_day(tmp_path):
    with pytest.raises(SpecError, match="leaves no day"):
        everybody(tmp_path, HAND, grace=4)


@pytest.mark.parametrize(("unit", "grams"), [("us", 14), ("uk", 8), ("au", 10), ("grams", 1)])
def test_another_unit_changes_no_level(tmp_path, unit, grams):
    records = random_records(7)
    us = everybody(tmp_path, records, missing=MissingRule.MISSING)
    (tmp_path / "other").mkdir()
    trial = made(tmp_path / "other", records, toml=f'unit = "{unit}"\n', factor=14 / grams)
    spec, _ = resolve(trial, AnalysisSpec(missing=MissingRule.MISSING))
    other = values_of(trial, spec)
    np.testing.assert_array_equal(us.before, other.before)
    np.testing.assert_array_equal(us.after, other.after)
    for key in ("who_reduction_1", "who_reduction_2"):
        np.testing.assert_array_equal(us.values[key], other.values[key])
    assert len(np.unique(us.before)) >= 3 and len(np.unique(us.after)) >= 3
    spec, _ = resolve(trial, AnalysisSpec(missing=MissingRule.MISSING, drink_grams=2.0 * grams))
    assert (values_of(trial, spec).before >= other.before).all() and (
        values_of(trial, spec).before > other.before
    ).any()


@pytest.mark.sweep(3)
@pytest.mark.parametrize("rule", EVERY_RULE)
def test_the_ladder_is_nested_and_so_are_its_definitions(tmp_path, rule):
    trial = made(tmp_path, random_records(11))
    spec, _ = resolve(trial, AnalysisSpec(missing=rule, imputations=3))
    v, ladder = values_of(trial, spec), analyse.responders(trial, spec).ladder
    for k in (0, 1):
        events = [r.arms[k].events for r in ladder.rungs if r.arms[k].n_unknown == 0]
        assert events == sorted(events)
    assert (v.values["abstinent_all_days"] <= v.values["no_heavy_day"])[~np.isnan(v.values["no_heavy_day"])].all()
    both = ~np.isnan(v.values["who_reduction_2"])
    assert (v.values["who_reduction_2"] <= v.values["who_reduction_1"])[both].all()
    assert len(ladder.rungs) == 4


@pytest.mark.sweep(3)
@pytest.mark.parametrize("rule", EVERY_RULE)
def test_all_drinking_and_all_abstinent_enclose_every_rule(tmp_path, rule):
    records = random_records(13)
    low = everybody(tmp_path, records, missing=MissingRule.NONABSTINENT)
    certain = {"imor_control": float("inf"), "imor_active": float("inf")}
    high = everybody(tmp_path, records, missing=MissingRule.IMOR, **certain)
    here = everybody(tmp_path, records, missing=rule, imputations=3)
    for key, d in ENDPOINTS.items():
        if not d.amounts:
            least, most = (low, high) if d.good else (high, low)
            known = ~np.isnan(here.values[key])
            assert (here.values[key] >= np.broadcast_to(least.values[key], known.shape) - 1e-12)[known].all(), key
            assert (here.values[key] <= np.broadcast_to(most.values[key], known.shape) + 1e-12)[known].all(), key
    assert (low.values["who_reduction_2"] <= high.values["who_reduction_2"]).all()


def test_the_p_of_shares_never_contradicts_their_interval(tmp_path):
    for rule in (MissingRule.NONABSTINENT, MissingRule.IMOR):
        trial = made(tmp_path, random_records(17, n=40))
        for confidence in (0.8, 0.95, 0.99):
            for e in of(trial, missing=rule, imputations=5, confidence=confidence).each:
                gap = e.difference
                if e.kind == "count" and gap.ci_low is not None:
                    assert (gap.p < 1 - confidence) == (gap.ci_low > 0 or gap.ci_high < 0), e.key


def test_days_of_use_alone_give_what_they_can(tmp_path):
    records = {k: (a, s, [1, 1], [None if x is None else float(x > 0) for x in y]) for k, (a, s, _, y) in HAND.items()}
    result = of(made(tmp_path, records))
    given = {e.key for e in result.each if e.difference.estimate is not None}
    assert {"percent_days_abstinent", "abstinent_all_days", "longest_abstinence"} <= given
    for e in result.each:
        d = ENDPOINTS[e.key]
        if d.amounts or d.heavy:
            assert e.difference.estimate is None and e.warnings[0].startswith("not given"), e.key


def test_levels_say_what_is_short_who_is_not_eligible_and_why_there_are_none(sample, tmp_path):
    said = " ".join(of(sample).of("who_reduction_2").warnings)
    assert "7 days before and 21 days after are short" in said
    assert "3 midazolam and 10 ketamine" in said
    undeclared = " ".join(of(made(tmp_path, HAND)).of("who_reduction_1").warnings)
    assert "one of the drinks is taken to hold 14 g" in undeclared
    for choices, toml in (({"drink_grams": 12.0}, ""), ({}, 'unit = "uk"\n')):
        told = " ".join(of(made(tmp_path, HAND, toml=toml), **choices).of("who_reduction_1").warnings)
        assert "no unit is declared" not in told
    none = {k: (a, s, [], y) for k, (a, s, _, y) in HAND.items()}
    (why,) = of(made(tmp_path, none)).of("who_reduction_1").warnings
    assert "no day before treatment has an amount" in why


def test_whoever_is_taken_as_very_high_for_a_missing_day_is_counted(tmp_path):
    trial = made(tmp_path, HAND)
    for key in ("who_reduction_1", "who_reduction_2"):
        counted = "taken as very high after, for a missing day that counts as drinking: 1 placebo and 1 drug"
        assert counted in of(trial).of(key).warnings, key
        for choices in ({"missing": MissingRule.MISSING}, {"assessment_days": 1, "missing": MissingRule.BEST}):
            assert not any("very high" in w for w in of(trial, **choices).of(key).warnings), (key, choices)
    one = of(trial, assessment_days=1).of("who_reduction_1").warnings
    assert any(w.endswith("counts as drinking: 1 drug") for w in one)
    flow = analyse.responders(trial, resolve(trial, AnalysisSpec())[0]).flow
    assert flow is not None and any("1 placebo and 1 drug" in m for m in flow.messages)


def test_an_endpoint_of_more_days_than_there_are_claims_no_other_days(sample, tmp_path):
    e = of(sample).of("abstinent_last_28_days")
    assert e.definition == "Abstinent on each of the last 28 days." and e.difference.estimate is None
    entry = next(x for x in _entries(sample) if x["key"] == e.key)
    assert {entry["null_because"][k] for k in ("cohen_h", "open_bounds", "bounds", "arms.least")} == {"see its warning"}


def _entries(trial):
    return analysis(trial, AnalysisSpec(), ["endpoints"])["endpoints"]


@pytest.mark.parametrize("good", [True, False])
def test_the_pairs_in_which_an_arm_did_better_are_those_of_its_curve(sample, good):
    spec, _ = resolve(sample, AnalysisSpec())
    (curve, *_), rng = responders(sample, spec).curves, np.random.default_rng(3)
    for _ in range(50):
        arms = [rng.integers(0, 4, rng.integers(1, 9)).astype(float) for _ in range(2)]
        for values in arms:
            values[rng.random(len(values)) < 0.2] = -np.inf if good else np.inf  # without a value, the worst
        cuts = np.array(sorted({v for values in arms for v in values if np.isfinite(v)} | {0.0}))
        both = tuple(steps(values, cuts, good=good) for values in arms)
        control, active = (values if good else -values for values in arms)
        pairs = [(control[:, None] > active).mean(), (active[:, None] > control).mean()]
        assert replace(curve, good=good, curves=both).better == pytest.approx(pairs, abs=1e-12)
