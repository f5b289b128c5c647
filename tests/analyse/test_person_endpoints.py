"""Endpoints of each participant: R's of the sample, four people by hand, what is declared, shuffles and strips."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from endpoint_trials import HAND, made, of, random_records, trial_of

from ketadash import analyse
from ketadash.analyse.endpoint_shuffles import endpoint_shuffles, shuffled_endpoints
from ketadash.analyse.person_values import values_of
from ketadash.core.choices.person_endpoint import ENDPOINTS
from ketadash.core.p_values import PValue
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.questions.endpoints import tables, words
from ketadash.questions.endpoints.words import on_the_overview, strip_legend
from ketadash.questions.missing_days import words as of_missing_days
from ketadash.trial import resolve
from ketadash.trial.masking import masked

RIGHT = json.loads((Path(__file__).parents[1] / "oracle" / "endpoints.json").read_text())["sample"]


@pytest.mark.parametrize("rule", RIGHT)
@pytest.mark.parametrize("key", RIGHT["missing"]["endpoints"])
def test_an_endpoint_of_the_sample_is_that_of_r(sample, rule, key):
    e, right = of(sample, missing=MissingRule(rule)).of(key), RIGHT[rule]["endpoints"][key]
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
def test_responders_of_the_sample_are_those_of_r(sample, rule):
    trial = sample
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


def test_a_trial_may_declare_an_endpoint_as_primary(tmp_path):
    trial = made(tmp_path, HAND, toml='primary = "no_heavy_day"\n')
    assert trial.declared.primary == "no_heavy_day"


def shuffled(trial, **choices):
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    problem = endpoint_shuffles(trial, spec)
    return shuffled_endpoints(problem, [(block, problem.block(block)) for block in problem.blocks]), spec


@pytest.mark.sweep(2)
@pytest.mark.parametrize("rule", [MissingRule.NONABSTINENT, MissingRule.MISSING, MissingRule.WORST, MissingRule.IMOR])
def test_days_abstinent_are_shuffled_as_on_the_page_chance(sample, rule):
    trial = sample
    few = {"shuffles": 20, "imputations": 2} if rule.imputed else {"shuffles": 80}
    result, spec = shuffled(trial, missing=rule, **few)
    alone = analyse.shuffled_percent_days(trial, spec)
    here = next(s for s in result.each if s.key == "percent_days_abstinent")
    assert here.p == alone.p
    assert (here.statistic, here.monte_carlo_se) == pytest.approx((alone.statistic, alone.monte_carlo_se), rel=1e-9)
    assert result.n_done == spec.shuffles and {s.n_failed for s in result.each} == {0}
    given = {e.key for e in analyse.endpoints(trial, spec).each if e.difference.estimate is not None}
    assert {s.key for s in result.each} == given


@pytest.mark.slow
def test_shuffles_agree_with_the_tests_where_those_hold(sample):
    trial = sample
    result, spec = shuffled(trial, shuffles=1000)
    for s in result.each:
        e = analyse.endpoints(trial, spec).of(s.key)
        if e.kind == "mean" and s.key != "percent_heavy_days":  # which has outliers in one arm
            assert s.p == pytest.approx(e.difference.p, abs=0.04), s.key


def test_a_strip_counts_as_the_rules_do(sample):
    """Its corner of failures is the endpoint with missing days as use, that of successes with them abstinent."""
    trial = sample
    spec, _ = resolve(trial, AnalysisSpec())
    infinite = {"imor_control": float("inf"), "imor_active": float("inf")}
    strips = analyse.endpoint_strips(trial, spec)
    assert {s.endpoint for s in strips} == {k for k, d in ENDPOINTS.items() if d.kind == "count"} - {
        "abstinent_last_28_days"
    }
    known = {s.endpoint: s for s in analyse.strips(trial, spec)}
    a, b = known["throughout"], next(s for s in strips if s.endpoint == "abstinent_all_days")
    assert a.unknown == b.unknown
    for cell in np.ndindex(a.difference.shape):
        assert type(a.p[cell]) is PValue and a.p[cell] == b.p[cell]
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


def test_the_overview_tells_the_declared_endpoint_or_no_heavy_day(sample, tmp_path):
    result = of(sample)
    assert on_the_overview(result, "abstinence") == ""
    assert on_the_overview(result, None).startswith("No heavy drinking day: 82% with ketamine, 48% with midazolam")
    declared = on_the_overview(result, "longest_abstinence")
    assert declared.startswith("Primary endpoint, as declared. Longest abstinence: 13.9 with ketamine")
    use = {k: (a, s, [1, 1], [None if x is None else float(x > 0) for x in y]) for k, (a, s, _, y) in HAND.items()}
    assert on_the_overview(of(made(tmp_path, use)), None).startswith("Abstinent on every day")


def test_a_ratio_of_few_people_says_that_its_interval_can_be_too_narrow(sample, tmp_path):
    assert any("too narrow" in w for w in of(sample).of("total_drinks").warnings)
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
def test_masked_identifiers_change_no_endpoint(sample, rule):
    trial = sample
    both = (of(t, missing=rule, imputations=3).each for t in (trial, masked(trial)))
    for shown, hidden in zip(*both, strict=True):
        assert [a.value for a in shown.arms] == pytest.approx([a.value for a in hidden.arms]), shown.key
        assert shown.difference.p == pytest.approx(hidden.difference.p), shown.key


def test_an_endpoint_that_is_not_given_has_no_days_and_a_note_names_all_that_it_is_about(sample):
    trial = sample
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
