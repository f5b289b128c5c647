"""Relapse as a trial defines it: against R on a real trial, against loops, and the laws that its rules must obey."""

import json
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ketadash import analyse
from ketadash.analyse.outcomes import time_to
from ketadash.core import paths
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint.relapse_rules import KINDS, canonical, relapse_rule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, ReadingOfTests, Window
from ketadash.trial import load, resolve
from ketadash.trial.panel import Panel

ORACLE = json.loads((Path(__file__).parents[1] / "oracle" / "relapse.json").read_text(encoding="utf-8"))
NEVER = 10**6
DAYS = 30  # four whole weeks and two days


@pytest.fixture(scope="module")
def xbot():
    return load(paths.example_folder("xbot"))


def spec_of(name: str) -> AnalysisSpec:
    """``weeks:4 required missing from 21`` as an analysis in which leaving ends follow-up."""
    rule, *words = name.split()
    begins = int(words[words.index("from") + 1]) if "from" in words else None
    tested = next((t for t in ReadingOfTests if t.value in words), ReadingOfTests.WEEK)
    missing = MissingRule.MISSING if "missing" in words else MissingRule.NONABSTINENT
    return AnalysisSpec(
        relapse=rule,
        relapse_from=begins,
        tested=tested,
        missing=missing,
        tests="urine_opioid",
        dropout=DropoutRule.CENSORED,
    )


@pytest.mark.sweep(4)
@pytest.mark.parametrize("name", ORACLE)
def test_a_rule_gives_what_r_counts_by_hand_on_a_real_trial(xbot, name):
    expected, spec = ORACLE[name], resolve(xbot, spec_of(name))[0]
    result = analyse.time_to_event(xbot, spec)["relapse"]
    assert [arm.events for arm in result.arms] == expected["events"]
    assert [arm.median for arm in result.arms] == expected["median"]
    assert time_to(analyse.panel_of(xbot, spec), "relapse", spec.dropout, spec).day.sum() == expected["time"]
    assert result.cox.hr == pytest.approx(expected["hr"], rel=1e-9)
    assert [result.cox.ci_low, result.cox.ci_high] == pytest.approx(expected["ci"], rel=1e-9)
    assert result.logrank.chi2 == pytest.approx(expected["chi2"], rel=1e-9)


# --- laws ------------------------------------------------------------------------------------------------------------


def panel_from(seed: int, missing: float = 0.2) -> Panel:
    """Sixteen people who use in spells, with gaps, leavers, and a test on some days."""
    random = np.random.default_rng(seed)
    shape = (16, DAYS)
    use = random.random(shape) < np.where(random.random((16, 1)) < 0.5, 0.2, 0.7)
    amount = np.where(use, random.integers(1, 8, shape), 0).astype(float)
    amount[random.random(shape) < missing] = np.nan
    amount[np.arange(DAYS) >= random.integers(3, 2 * DAYS, (16, 1))] = np.nan
    tests = np.where(random.random(shape) < 0.2, (random.random(shape) < 0.5).astype(float), np.nan)
    return Panel(
        participant_ids=tuple(f"p{i}" for i in range(16)),
        arms=("control", "active"),
        active=np.arange(16) % 2 == 1,
        days=np.arange(1, DAYS + 1),
        amount=amount,
        earlier=np.zeros((16, 0)),
        overridden=np.zeros(shape, bool),
        unknown_amount=np.zeros(shape, bool),
        heavy_threshold=np.full(16, 4.0),
        baseline=None,
        baseline_filled=False,
        baseline_heavy=None,
        can_tell_heavy=True,
        warnings=(),
        tests=tests,
    )


def day_of(p: Panel, rule: str, dropout: DropoutRule = DropoutRule.CENSORED, **choices) -> np.ndarray:
    """The day of relapse (G,), `NEVER` for whoever has none."""
    times = time_to(p, "relapse", dropout, AnalysisSpec(relapse=rule, dropout=dropout, **choices))
    return np.where(times.event, times.day, NEVER)


SEEDS = some.integers(0, 10_000)
WEEKLY = {"missing": MissingRule.NONABSTINENT}


@settings(max_examples=60)
@given(SEEDS, some.integers(1, 6), some.integers(0, 8))
def test_a_rule_is_what_a_loop_over_the_days_finds(seed, k, more):
    p, m = panel_from(seed), k + more
    for word, least in (("use", 0), ("heavy", 4)):
        such, found = np.nan_to_num(p.amount, nan=-1) > least, []
        for person in such:
            first = [d for d in range(DAYS) if person[d] and person[d : d + m].sum() >= k]
            found.append(first[0] + 1 if first else NEVER)
        assert list(day_of(p, f"{word}:{k}in{m}")) == found


@settings(max_examples=60)
@given(SEEDS, some.integers(1, 4), some.sampled_from(ReadingOfTests), some.sampled_from(["nonabstinent", "missing"]))
def test_weeks_are_what_a_loop_over_the_weeks_finds(seed, k, tested, missing):
    p, found = panel_from(seed, 0.5), []
    for amount, tests in zip(p.amount, p.tests, strict=True):
        state = []
        for first in range(0, DAYS // 7 * 7, 7):
            a, t = amount[first : first + 7], tests[first : first + 7]
            told = ~np.isnan(t) if tested is ReadingOfTests.REQUIRED else ~np.isnan(a) | ~np.isnan(t)
            unknown = 1 if missing == "nonabstinent" else 0
            state.append(1 if (a > 0).any() or (t == 1).any() else 0 if told.any() else unknown)
        runs = [w for w in range(len(state) - k + 1) if all(state[w : w + k])]
        found.append(7 * runs[0] + 1 if runs else NEVER)
    assert list(day_of(p, f"weeks:{k}", tested=tested, missing=MissingRule(missing))) == found


@settings(max_examples=60)
@given(SEEDS)
def test_a_weaker_rule_never_relapses_later(seed):
    p = panel_from(seed)
    for weaker, stricter in (
        *pairwise(["first-use", "use:2in14", "use:2in7", "use:3in7", "use:5in7", "use:7in7"]),
        *pairwise(["first-heavy-day", "heavy:2in7", "heavy:2in2"]),
        *pairwise(["weeks:1", "weeks:2", "weeks:3", "weeks:4"]),
        ("first-use", "first-heavy-day"),
        ("use:3in7", "heavy:3in7"),
    ):
        assert (day_of(p, weaker, **WEEKLY) <= day_of(p, stricter, **WEEKLY)).all(), (weaker, stricter)


@settings(max_examples=60)
@given(SEEDS, some.sampled_from(["first-use", "use:3in7", "weeks:2", "heavy:2in7+weeks:3"]))
def test_counting_from_a_later_day_never_relapses_earlier_nor_before_that_day(seed, rule):
    p = panel_from(seed)
    at = [day_of(p, rule, relapse_from=begins) for begins in (None, 1, 5, 8, 15)]
    assert (at[0] == at[1]).all()
    for begins, (before, after) in zip((1, 5, 8, 15), pairwise(at), strict=True):
        assert (after >= before).all() and (after >= begins).all()


@settings(max_examples=60)
@given(SEEDS)
def test_joined_rules_give_whichever_comes_first_in_any_order(seed):
    p, rules = panel_from(seed), ("use:4in7", "weeks:2", "heavy:2in3")
    alone = np.min([day_of(p, rule, **WEEKLY) for rule in rules], axis=0)
    assert (day_of(p, "+".join(rules), **WEEKLY) == alone).all()
    assert (day_of(p, "+".join(reversed(rules)), **WEEKLY) == alone).all()


@settings(max_examples=40)
@given(SEEDS)
def test_one_such_day_within_one_is_the_first_of_them(seed):
    p = panel_from(seed)
    for once, rule in (("first-use", "use:1in1"), ("first-heavy-day", "heavy:1in9")):
        assert (day_of(p, once) == day_of(p, rule)).all()


@settings(max_examples=40)
@given(SEEDS, some.sampled_from(DropoutRule), some.sampled_from(["first-use", "heavy:2in7", "weeks:2"]))
def test_leaving_changes_only_what_its_reading_says(seed, dropout, rule):
    if dropout.about.imputed:
        return
    p = panel_from(seed)
    stayed, now = day_of(p, rule, **WEEKLY), day_of(p, rule, dropout, **WEEKLY)
    known = ~np.isnan(p.amount)
    left = np.where(known[:, -1], NEVER, known.shape[1] - np.argmax(known[:, ::-1], axis=1) + 1)
    left = np.where(known.any(axis=1), left, 1)
    expected = np.minimum(stayed, left) if dropout is DropoutRule.EVENT else stayed
    assert (now == expected).all()


@settings(max_examples=40)
@given(SEEDS)
def test_a_positive_test_or_a_harder_reading_of_unknown_weeks_never_relapses_later(seed):
    p = panel_from(seed, 0.5)
    untested = day_of(p, "weeks:2", etg=False, missing=MissingRule.MISSING)
    tested = day_of(p, "weeks:2", tested=ReadingOfTests.WEEK, missing=MissingRule.MISSING)
    assert (day_of(p, "weeks:2", tested=ReadingOfTests.WEEK, **WEEKLY) <= tested).all()
    required = day_of(p, "weeks:2", tested=ReadingOfTests.REQUIRED, **WEEKLY)
    assert (required <= day_of(p, "weeks:2", tested=ReadingOfTests.WEEK, **WEEKLY)).all()
    positive = (p.tests == 1).any()
    assert not positive or (tested <= np.where(untested == NEVER, NEVER, untested)).all()


def test_certain_ratios_of_the_dial_are_the_rules_that_they_stand_for():
    p = panel_from(3, 0.5)
    for rule in MissingRule:
        if rule.about.dial is None:
            continue
        control, active = map(float, rule.about.dial)
        dial = {"missing": MissingRule.IMOR, "imor_control": control, "imor_active": active}
        assert (day_of(p, "weeks:2", missing=rule) == day_of(p, "weeks:2", **dial)).all(), rule


# --- every endpoint as it was ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dropout", DropoutRule)
def test_the_rule_of_the_published_trial_is_the_default(sample, dropout):
    trial = sample
    chosen = {"missing": MissingRule.IMOR} if dropout.about.imputed else {}
    default = resolve(trial, AnalysisSpec(dropout=dropout, **chosen))[0]
    said = analyse.time_to_event(trial, default.replace(relapse="first-heavy-day", relapse_from=1))["relapse"]
    found = analyse.time_to_event(trial, default)["relapse"]
    assert (said.arms, said.curve, said.cox) == (found.arms, found.curve, found.cox)
    same = analyse.time_to_event(trial, default.replace(relapse="heavy:1in1"))["relapse"]
    assert (same.arms, same.curve) == (found.arms, found.curve)


def test_first_use_as_relapse_is_the_endpoint_of_that_name_where_leaving_ends_follow_up(sample):
    trial = sample
    spec = resolve(trial, AnalysisSpec(relapse="first-use", dropout=DropoutRule.CENSORED))[0]
    every = analyse.time_to_event(trial, spec)
    assert every["relapse"].curve == every["first_use"].curve


def test_imputed_days_count_in_every_kind_of_rule(sample):
    trial = sample
    for rule in ("use:2in7", "weeks:2", "heavy:2in7+first-use"):
        spec = AnalysisSpec(
            relapse=rule, missing=MissingRule.IMOR, imor_control=0.0, imor_active=0.0, dropout=DropoutRule.IMPUTED
        )
        found = analyse.time_to_event(trial, resolve(trial, spec)[0])["relapse"]
        assert all(0 < arm.events <= arm.n for arm in found.arms), rule


# --- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "+", "first use", "use:0in7", "use:8in7", "weeks:0", "weeks:x", "heavy:2", "first-use++weeks:4", "use:²in7"],
)
def test_a_rule_that_is_none_is_refused_with_what_can_be_written(text):
    with pytest.raises(SpecError, match="write"):
        AnalysisSpec(relapse=text)


@pytest.mark.parametrize(("text", "bounds"), [("weeks:0", "weeks:K with K of 1 or more"), ("use:8in7", "1 ≤ K ≤ M")])
def test_what_can_be_written_names_only_the_numbers_of_its_rule(text, bounds):
    with pytest.raises(SpecError, match=f"{bounds}$"):
        AnalysisSpec(relapse=text)


@pytest.mark.parametrize("tested", list(ReadingOfTests))
def test_where_tests_are_ignored_no_week_is_known_by_one(xbot, tested):
    spec, _ = resolve(xbot, AnalysisSpec(days=Window.parse("1:168"), relapse="weeks:4", etg=False, tested=tested))
    result = analyse.time_to_event(xbot, spec)["relapse"]
    assert "(a week without a report counts as use)" in result.definition
    unread = xbot.days.assign(urine_opioid=None)
    without = replace(xbot, days=unread, declared=replace(xbot.declared, tests=None))
    plain, _ = resolve(without, spec.replace(etg=True, tested=ReadingOfTests.WEEK))
    events = [arm.events for arm in analyse.time_to_event(without, plain)["relapse"].arms]
    assert [arm.events for arm in result.arms] == events


@pytest.mark.parametrize(("begins", "shown"), [(-3, 1), (1, 1), (21, 21)])
def test_the_day_from_which_relapse_counts_is_never_one_before_the_window(xbot, begins, shown):
    spec, _ = resolve(xbot, AnalysisSpec(days=Window.parse("1:168"), relapse="weeks:4", relapse_from=begins))
    assert f"(from day {shown} on" in analyse.time_to_event(xbot, spec)["relapse"].definition


@pytest.mark.parametrize(
    ("rule", "begins", "days"),
    [
        ("weeks:4", None, "1:21"),
        ("use:22in22", None, "1:21"),
        ("first-heavy-day+weeks:3", 2, "1:21"),
        ("use:7in7", 16, "1:21"),
        ("first-use", 22, "1:21"),
        ("weeks:3", None, "2:21"),
    ],
)
def test_a_rule_that_nobody_can_meet_is_refused(sample, rule, begins, days):
    with pytest.raises(SpecError, match="choose a"):
        resolve(sample, AnalysisSpec(relapse=rule, relapse_from=begins, days=Window.parse(days)))


def test_a_rule_that_just_fits_is_met_by_whoever_used_throughout(sample):
    for rule, begins in (("weeks:3", 1), ("use:7in7", 15), ("use:21in21", 1)):
        resolve(sample, AnalysisSpec(relapse=rule, relapse_from=begins))
        found = relapse_rule(rule)
        assert found.too_long_for(1, 21, begins) is None and found.too_long_for(1, 21, begins + 1) is not None


def test_a_rule_is_kept_in_one_spelling_and_is_read_back():
    for parts in product(("Weeks:4", "weeks:04 "), ("use:7in7", " USE:07in7")):
        assert canonical("+".join(parts)) == "weeks:4+use:7in7"
    assert canonical("weeks:4 use:7in7") == "weeks:4+use:7in7", "a plus typed into an address is a space"
    for kind in KINDS:
        text = kind.form.replace("K", "2").replace("M", "5")
        assert canonical(text) == text and relapse_rule(text).parts[0].kind is kind


def test_without_amounts_heavy_rules_say_so_and_the_others_are_answered(xbot):
    for rule, told in (("first-heavy-day", False), ("heavy:2in7+first-use", False), ("weeks:4", True)):
        spec = resolve(xbot, AnalysisSpec(relapse=rule))[0]
        assert (analyse.time_to_event(xbot, spec)["relapse"] is not None) is told
        assert (analyse.dropout_ways(xbot, spec) is not None) is told


def test_tests_that_are_none_or_needed_and_not_there_are_refused(xbot):
    with pytest.raises(SpecError, match="holds no test results"):
        resolve(xbot, AnalysisSpec(tests="alcohol"))
    with pytest.raises(SpecError, match="there is no column of test results"):
        untested = replace(xbot, declared=replace(xbot.declared, tests=None))
        resolve(untested, AnalysisSpec(tested=ReadingOfTests.REQUIRED))
    resolve(xbot, AnalysisSpec(tests="urine_opioid", tested=ReadingOfTests.REQUIRED))


def test_a_test_of_any_substance_overrides_days_back_to_the_visit_before(xbot):
    spec = resolve(xbot, AnalysisSpec(tests="urine_opioid"))[0]
    p = analyse.panel_of(xbot, spec)
    assert p.overridden.any() and (p.amount[p.overridden] == 0).all()
    positive = p.tests == 1
    on_the_day = positive & (p.amount == 0)
    assert p.overridden[on_the_day].all() and (p.overridden.sum() > on_the_day.sum())
    last = np.where(~np.isnan(p.tests), np.arange(p.tests.shape[1]), -1)
    for row, day in np.argwhere(p.overridden & ~positive)[:200]:
        after = np.flatnonzero(last[row] > day)
        assert positive[row, after[0]], "the next test after an overridden day is positive"
    for tested in (ReadingOfTests.WEEK, ReadingOfTests.REQUIRED):
        assert not analyse.panel_of(xbot, spec.replace(tested=tested)).overridden.any()
