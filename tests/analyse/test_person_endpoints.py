"""Each participant's endpoints beside R's, by hand, and the laws that they must obey."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ketadash import analyse
from ketadash.analyse.endpoint_shuffles import endpoint_shuffles, shuffled_endpoints
from ketadash.analyse.person_values import values_of
from ketadash.core.choices.person_endpoint import ENDPOINTS
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, MissingRule, Window
from ketadash.export.analysis_json import analysis
from ketadash.questions.endpoints import tables, words
from ketadash.questions.endpoints.words import on_the_overview, strip_legend
from ketadash.questions.missing_days import words as of_missing_days
from ketadash.trial import load, load_sample, resolve
from ketadash.trial.masking import masked

RIGHT = json.loads((Path(__file__).parents[1] / "oracle" / "endpoints.json").read_text())["sample"]
EVERY_RULE = list(MissingRule)


def of(trial, **choices):
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    return analyse.endpoints(trial, spec)


def trial_of(tmp_path, days, *, people=None, toml=""):
    """A trial of the files' texts."""
    (tmp_path / "days.csv").write_text(days)
    (tmp_path / "trial.toml").write_text('control = "placebo"\nactive = "drug"\n' + toml)
    if people:
        (tmp_path / "participants.csv").write_text(people)
    return load(tmp_path)


def made(tmp_path, records, *, toml="", factor=1.0, column="drinks"):
    """A trial from participant → (arm, sex, amounts before, amounts after), None where a day is missing."""
    rows = [f"participant_id,arm,sex,day,{column}"]
    for name, (arm, sex, before, after) in records.items():
        for day, amount in [*zip(range(-len(before), 0), before, strict=True), *enumerate(after, 1)]:
            rows.append(f"{name},{arm},{sex},{day},{'' if amount is None else f'{amount * factor:.10g}'}")
    return trial_of(tmp_path, "\n".join(rows) + "\n", toml=toml)


# --- the sample, beside R --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RIGHT)
@pytest.mark.parametrize("key", RIGHT["missing"]["endpoints"])
def test_an_endpoint_of_the_sample_is_that_of_r(rule, key):
    e, right = of(load_sample(), missing=MissingRule(rule)).of(key), RIGHT[rule]["endpoints"][key]
    assert [a.n for a in e.arms] == right["n"]
    assert [a.value for a in e.arms] == pytest.approx(right["value"], rel=1e-12)
    for name, oracle in (("estimate", "estimate"), ("ci_low", "low"), ("ci_high", "high"), ("p", "p")):
        if oracle in right:
            tolerance = 1e-6 if e.is_ratio else 1e-10  # R's own fit of θ ends at 1e-6
            assert getattr(e.difference, name) == pytest.approx(right[oracle], rel=tolerance), name
    if "unknown" in right:
        assert [a.n_unknown for a in e.arms] == right["unknown"]
    if "events" in right:
        assert [a.events for a in e.arms] == right["events"]
        assert [a.n_not_eligible for a in e.arms] == right["not_eligible"]
        assert e.cohen_h == pytest.approx(right["h"], rel=1e-12)
    if "d" in right:
        assert [a.sd for a in e.arms] == pytest.approx(right["sd"], rel=1e-12)
        assert e.cohen_d == pytest.approx(right["d"], rel=1e-12)


@pytest.mark.parametrize("rule", RIGHT)
def test_responders_of_the_sample_are_those_of_r(rule):
    trial = load_sample()
    spec, _ = resolve(trial, AnalysisSpec(missing=MissingRule(rule)))
    who, right = analyse.responders(trial, spec), RIGHT[rule]
    for rung, by_r in zip(who.ladder.rungs, right["ladder"], strict=True):
        assert (rung.key, [a.n for a in rung.arms], [a.events for a in rung.arms]) == (
            by_r["key"],
            by_r["n"],
            by_r["events"],
        )
    assert [[row[:6] for row in arm[:5]] for arm in np.array(who.flow.counts).tolist()] == [
        right["flow"]["control"],
        right["flow"]["active"],
    ]
    curve = who.curves[0]
    assert curve.measure == "percent_heavy_days"
    for k, arm in enumerate(("control", "active")):
        assert [s.cut for s in curve.curves[k]] == pytest.approx(right["curve"]["cut"], abs=1e-12)
        assert [s.share for s in curve.curves[k]] == pytest.approx(right["curve"][arm], abs=1e-12)
    assert curve.test.statistic == right["curve"]["statistic"]
    assert curve.test.p == pytest.approx(right["curve"]["p"], rel=1e-10)
    assert curve.shift.estimate == pytest.approx(right["curve"]["median"], abs=1e-12)
    # R looks for the ends by uniroot, to 1e-4
    assert curve.shift.ci_low == pytest.approx(right["curve"]["low"], abs=2e-4)
    assert curve.shift.ci_high == pytest.approx(right["curve"]["high"], abs=2e-4)


# --- by hand ---------------------------------------------------------------------------------------------------------

HAND = {
    # before: 5 drinks = 70 g (a man: high, 3); after: 0 0 1 0, mean 0.25 = 3.5 g: low, 1
    "a": ("placebo", "M", [5, 5], [0, 0, 1, 0]),
    # a woman: 70 g very high, 4; a heavy day; a missing one; 4 + 0 + 2 over 3 = 28 g: medium, 2
    "b": ("placebo", "F", [5, 5], [4, 0, None, 2]),
    # 14 g: low, 1; abstinent throughout: 0
    "c": ("drug", "M", [1, 1], [0, 0, 0, 0]),
    # 112 g: very high, 4; nothing known after
    "d": ("drug", "M", [8, 8], [None, None, None, None]),
}
BY_HAND = {  # missing days left out: a, b, c, d
    "percent_days_abstinent": (3 / 4, 1 / 3, 1, None),
    "percent_heavy_days": (0, 1 / 3, 0, None),
    "drinks_per_day": (0.25, 2, 0, None),
    "drinks_per_drinking_day": (1, 3, None, None),
    "total_drinks": (1, 6, 0, None),
    "no_heavy_day": (1, 0, 1, None),
    "abstinent_all_days": (0, 0, 1, None),
    "longest_abstinence": (2, 1, 4, None),
    "who_reduction_1": (1, 1, 1, None),
    "who_reduction_2": (1, 1, 0, None),  # c began at low: not eligible
}
IF_DRINKING = {  # missing days are drinking, and heavy
    "percent_days_abstinent": (3 / 4, 1 / 4, 1, 0),
    "percent_heavy_days": (0, 1 / 2, 0, 1),
    "drinks_per_day": (0.25, 2, 0, None),
    "no_heavy_day": (1, 0, 1, 0),
    "abstinent_all_days": (0, 0, 1, 0),
    "longest_abstinence": (2, 1, 4, 0),
    "who_reduction_1": (1, 0, 1, 0),
    "who_reduction_2": (1, 0, 0, 0),
}


@pytest.mark.parametrize(("rule", "right"), [("missing", BY_HAND), ("nonabstinent", IF_DRINKING)])
def test_four_people_by_hand(tmp_path, rule, right):
    trial = made(tmp_path, HAND)
    spec, _ = resolve(trial, AnalysisSpec(missing=MissingRule(rule)))
    v = values_of(trial, spec)
    assert v.panel.participant_ids == ("a", "b", "c", "d")
    for key, each in right.items():
        expected = [np.nan if x is None else x for x in each]
        np.testing.assert_allclose(v.values[key][0], expected, rtol=1e-12, err_msg=key)
    assert v.eligible["who_reduction_2"].tolist() == [True, True, False, True]
    assert v.before.tolist() == [3, 4, 1, 4]


def test_days_of_an_unknown_amount_give_bounds(tmp_path):
    days = ["participant_id,arm,sex,day,drinks,etg_positive"]
    for who, arm, amounts, positive in (("a", "placebo", (3, 0, 0), 2), ("b", "placebo", (0, 0, 1), None)):
        days += [f"{who},{arm},M,{d},{x},{1 if d == positive else ''}" for d, x in enumerate(amounts, 1)]
    days += [f"{who},drug,M,{d},{d - 1}," for who in "cd" for d in (1, 2, 3)]
    trial = trial_of(tmp_path, "\n".join(days))
    e = of(trial).of("drinks_per_day")
    # a: 3 and 0 known; the positive day 2 next to nothing: 3 over 3 days; as much as its most, 3: 6 over 3
    assert e.arms[0].value == pytest.approx((1.5 + 1 / 3) / 2)
    assert (e.arms[0].least, e.arms[0].most) == pytest.approx(((1 + 1 / 3) / 2, (2 + 1 / 3) / 2))
    assert e.bounds == pytest.approx((1 - e.arms[0].most, 1 - e.arms[0].least))
    assert any("without a known amount" in w for w in e.warnings)
    assert of(trial, etg=False).of("drinks_per_day").bounds is None
    total = of(trial).of("total_drinks")
    # placebo: 3 and 1 drinks on 2 + 3 days; the unknown day holds next to nothing, or 3
    assert total.bounds[0] < total.difference.estimate < total.bounds[1]
    assert total.bounds[1] / total.bounds[0] == pytest.approx(total.arms[0].most / total.arms[0].least, rel=0.02)


# --- laws ------------------------------------------------------------------------------------------------------------


def random_records(seed, n=24, n_days=14):
    rng = np.random.default_rng(seed)
    records = {}
    for i in range(n):
        after = [int(x) if rng.random() > 0.15 else None for x in rng.poisson(rng.choice([0.3, 2, 6]), n_days)]
        before = [int(x) for x in rng.poisson(rng.choice([2, 6]), 7)]
        records[f"p{i:02d}"] = ("drug" if i % 2 else "placebo", "F" if i % 3 else "M", before, after)
    return records


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


def test_levels_say_what_is_short_who_is_not_eligible_and_why_there_are_none(tmp_path):
    said = " ".join(of(load_sample()).of("who_reduction_2").warnings)
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


def test_an_endpoint_of_more_days_than_there_are_claims_no_other_days(tmp_path):
    e = of(load_sample()).of("abstinent_last_28_days")
    assert e.definition == "Abstinent on each of the last 28 days." and e.difference.estimate is None
    entry = next(x for x in _entries(load_sample()) if x["key"] == e.key)
    assert {entry["null_because"][k] for k in ("cohen_h", "open_bounds", "bounds", "arms.least")} == {"see its warning"}


def _entries(trial):
    return analysis(trial, AnalysisSpec(), ["endpoints"])["endpoints"]


def test_a_trial_may_declare_an_endpoint_as_primary(tmp_path):
    trial = made(tmp_path, HAND, toml='primary = "no_heavy_day"\n')
    assert trial.declared.primary == "no_heavy_day"


# --- shuffles and strips ---------------------------------------------------------------------------------------------


def shuffled(trial, **choices):
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    problem = endpoint_shuffles(trial, spec)
    return shuffled_endpoints(problem, [(block, problem.block(block)) for block in problem.blocks]), spec


@pytest.mark.parametrize("rule", [MissingRule.NONABSTINENT, MissingRule.MISSING, MissingRule.WORST, MissingRule.IMOR])
def test_days_abstinent_are_shuffled_as_on_the_page_chance(rule):
    trial = load_sample()
    few = {"shuffles": 30, "imputations": 2} if rule.imputed else {"shuffles": 200}
    result, spec = shuffled(trial, missing=rule, **few)
    alone = analyse.shuffled_percent_days(trial, spec)
    here = next(s for s in result.each if s.key == "percent_days_abstinent")
    assert here.p == alone.p
    assert (here.statistic, here.monte_carlo_se) == pytest.approx((alone.statistic, alone.monte_carlo_se), rel=1e-9)
    assert result.n_done == spec.shuffles and {s.n_failed for s in result.each} == {0}
    given = {e.key for e in analyse.endpoints(trial, spec).each if e.difference.estimate is not None}
    assert {s.key for s in result.each} == given


def test_shuffles_agree_with_the_tests_where_those_hold():
    trial = load_sample()
    result, spec = shuffled(trial, shuffles=1000)
    for s in result.each:
        e = analyse.endpoints(trial, spec).of(s.key)
        if e.kind == "mean" and s.key != "percent_heavy_days":  # which has outliers in one arm
            assert s.p == pytest.approx(e.difference.p, abs=0.04), s.key


def test_a_strip_counts_as_the_rules_do():
    """Its corner of failures is the endpoint with missing days as use, that of successes with them abstinent."""
    trial = load_sample()
    spec, _ = resolve(trial, AnalysisSpec())
    infinite = {"imor_control": float("inf"), "imor_active": float("inf")}
    strips = analyse.endpoint_strips(trial, spec)
    assert {s.endpoint for s in strips} == {k for k, d in ENDPOINTS.items() if d.kind == "count"} - {
        "abstinent_last_28_days"
    }
    known = {s.endpoint: s for s in analyse.strips(trial, spec)}
    np.testing.assert_array_equal(
        known["throughout"].p, next(s for s in strips if s.endpoint == "abstinent_all_days").p
    )
    for strip in strips:
        worst = of(trial).of(strip.endpoint).difference
        best = of(trial, missing=MissingRule.IMOR, **infinite).of(strip.endpoint).difference
        for corner, gap in (((0, 0), worst), ((-1, -1), best)):
            assert strip.difference[corner] == pytest.approx(gap.estimate, abs=1e-12)
            assert strip.ci_low[corner] == pytest.approx(gap.ci_low, abs=1e-12)


def test_a_strip_of_one_person_speaks_of_one(tmp_path):
    trial = made(tmp_path, HAND)
    spec, _ = resolve(trial, AnalysisSpec(assessment_days=1))
    strip = next(s for s in analyse.endpoint_strips(trial, spec) if s.endpoint == "who_reduction_1")
    assert strip.unknown == (0, 1)
    assert "unknown for 1 drug participant. If" in of_missing_days.strip(strip)
    assert "the 1 whose outcome is unknown;" in strip_legend(strip)


def test_the_overview_tells_the_declared_endpoint_or_no_heavy_day(tmp_path):
    result = of(load_sample())
    assert on_the_overview(result, "abstinence") == ""
    assert on_the_overview(result, None).startswith("No heavy drinking day: 82% with ketamine, 48% with midazolam")
    declared = on_the_overview(result, "longest_abstinence")
    assert declared.startswith("Primary endpoint, as declared. Longest abstinence: 13.9 with ketamine")
    use = {k: (a, s, [1, 1], [None if x is None else float(x > 0) for x in y]) for k, (a, s, _, y) in HAND.items()}
    assert on_the_overview(of(made(tmp_path, use)), None).startswith("Abstinent on every day")


def test_a_ratio_of_few_people_says_that_its_interval_can_be_too_narrow(tmp_path):
    assert any("too narrow" in w for w in of(load_sample()).of("total_drinks").warnings)
    many = of(made(tmp_path, random_records(23, n=160, n_days=7))).of("total_drinks")
    assert many.difference.ci_low is not None and not any("too narrow" in w for w in many.warnings)


@pytest.mark.parametrize("rule", [MissingRule.MISSING, MissingRule.NONABSTINENT])
def test_arms_that_change_places_turn_every_difference_round(tmp_path, rule):
    trial = made(tmp_path, random_records(19))
    one, other = of(trial, missing=rule), of(trial, missing=rule, control="drug", active="placebo")
    for a, b in zip(one.each, other.each, strict=True):
        if a.difference.estimate is None:
            assert b.difference.estimate is None
            continue
        assert [x.value for x in a.arms] == pytest.approx([x.value for x in reversed(b.arms)])
        turned = 1 / b.difference.estimate if a.is_ratio else -b.difference.estimate
        assert a.difference.estimate == pytest.approx(turned, abs=1e-9), a.key
        assert a.difference.p == pytest.approx(b.difference.p, abs=1e-6), a.key


@pytest.mark.parametrize("rule", [MissingRule.NONABSTINENT, MissingRule.IMOR])
def test_masked_identifiers_change_no_endpoint(rule):
    trial = load_sample()
    both = (of(t, missing=rule, imputations=3).each for t in (trial, masked(trial)))
    for shown, hidden in zip(*both, strict=True):
        assert [a.value for a in shown.arms] == pytest.approx([a.value for a in hidden.arms]), shown.key
        assert shown.difference.p == pytest.approx(hidden.difference.p), shown.key


def test_an_endpoint_that_is_not_given_has_no_days_and_a_note_names_all_that_it_is_about():
    trial = load_sample()
    result = analyse.endpoints(trial, resolve(trial, AnalysisSpec())[0])
    days = tables.table(result).set_index("Endpoint")["Days"]
    assert days["Abstinent on the last 28 days"] == "–" and days["Abstinent on the last 7 days"] == "15–21"
    notes = words.notes(result, None)
    both = [
        note for note in notes if note.startswith("WHO risk down 1 or more and WHO risk down 2 or more: 7 days before")
    ]
    assert len(both) == 1 and len(set(notes)) == len(notes)
    for key in words.NOTED:  # nothing is lost
        one = result.of(key)
        assert all(any(one.label in note and w in note for note in notes) for w in one.warnings)
