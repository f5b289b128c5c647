"""One reckoning of robustness: distinct analyses only, what carries the count, and no verdict before the end."""

import json
from dataclasses import replace

import pytest

from ketadash import analyse
from ketadash.analyse.specification_tasks import rows_of
from ketadash.analyse.specifications import PROBLEMS, specification_curve
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimand, MissingRule, Window
from ketadash.core.terms import DRINKS
from ketadash.export.analysis_json import analysis, dumps
from ketadash.questions.missing_days import words as missing_words
from ketadash.questions.overview import agreement
from ketadash.questions.shared import robustness as told
from ketadash.questions.specifications import words
from ketadash.results import Estimate
from ketadash.results.robustness import Analysis, of_curve, of_sensitivity, reckon
from ketadash.trial import load, resolve


@pytest.fixture(scope="module")
def curve(published):
    problem = PROBLEMS["relapse"](*published)
    return specification_curve(problem, [row for task in problem.tasks for row in rows_of(task)])


def _analysis(options, estimate, low, high, bound=False):
    return Analysis(tuple(options.split()), Estimate(estimate, low, high), bound)


def test_what_repeats_another_is_counted_once_and_bounds_stand_apart():
    r = reckon(
        [
            _analysis("drinking", 0.3, 0.1, 0.5),
            _analysis("missing", 0.2, -0.1, 0.5),
            _analysis("copy", 0.2, -0.1, 0.5),
            _analysis("best", 0.3, 0.1, 0.5, bound=True),
            _analysis("worst", 0.1, -0.2, 0.4, bound=True),
            _analysis("none", None, None, None),
        ]
    )
    assert (r.n, r.n_higher, r.n_clear, r.n_repeats, r.n_failed) == (2, 2, 1, 2, 1)
    assert (r.lowest, r.highest) == (0.2, 0.3)
    assert r.same == (("drinking", "best"), ("missing", "copy"))
    assert [name for name, _ in r.bounds] == ["worst"]


def test_where_no_day_is_missing_no_other_rule_is_spoken_of():
    """It sent the reader to a page that said that there was nothing to see."""
    days = [(i, day, (i * day) % 4 if (i + day) % 3 else 0) for i in range(20) for day in range(1, 9)]
    rows = [f"P{i},{('placebo', 'drug')[i % 2]},{day},{drinks}" for i, day, drinks in days]
    trial = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    spec, _ = resolve(trial, trial.declared.published)
    text = agreement.agreement(analyse.sensitivity(trial, spec))
    assert "no day is missing, so no rule for missing days changes that. All of them" in text
    assert "Missing days" not in text and "left out" not in text


def test_a_clear_interval_on_the_other_side_is_none_for_the_side_of_most():
    r = reckon([_analysis("a", 0.3, -0.1, 0.5), _analysis("b", 0.1, -0.1, 0.3), _analysis("c", -0.3, -0.5, -0.1)])
    assert (r.n_higher, r.n_lower, r.n_clear) == (2, 1, 0)


def test_it_says_what_carries_the_count(published):
    text = agreement.agreement(analyse.sensitivity(*published))
    assert "In 12 of these the 95% CI does not include zero" in text
    assert "(by missing days: drinking 8 of 8; left out 4 of 8, all by RSPL)" in text


DEPARTING = [
    {"days": Window(1, 14)},
    {"etg": False},
    {"confidence": 0.8},
    {"penalised": True},
    {"quadrature_points": 51},
    {"control": "ketamine", "active": "midazolam"},
]


@pytest.mark.sweep(3)
@pytest.mark.parametrize("choices", DEPARTING, ids=lambda c: next(iter(c)))
def test_another_analysis_is_not_marked_as_the_declared_one(published, choices):
    trial, _ = published
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    every = analyse.sensitivity(trial, spec)
    assert analyse.exploratory(trial, spec)
    assert not any(r.published for r in every.rows) and "diamond" not in agreement.rests_on(every)
    if choices == {"etg": False}:  # which the curve varies, so that the declared analysis is one of its rows
        return
    problem = PROBLEMS["abstinence"](trial, spec)
    alone = replace(problem, tasks=problem.tasks[:1])
    rows = specification_curve(alone, rows_of(alone.tasks[0])).rows
    assert not [r for r in rows if r.kind == "published"]
    assert all(set(choices) & set(r.changes) for r in rows if r.choices["estimator"] == "quadrature")


def test_the_same_analysis_keeps_its_mark_under_choices_that_do_not_reach_it(published):
    trial, _ = published
    spec, _ = resolve(trial, AnalysisSpec(dropout=DropoutRule.CENSORED, heavy_men=5.0, seed=7, shuffles=200))
    assert analyse.exploratory(trial, spec)
    marked = [r.label for r in analyse.sensitivity(trial, spec).rows if r.published]
    assert marked == [r.label for r in analyse.sensitivity(*published).rows if r.published] and len(marked) == 1
    assert [r.published for r in analyse.assumptions(trial, spec).rows].count(True) == 1


def test_a_typical_participants_rows_are_told_as_such(published):
    trial, _ = published
    spec, _ = resolve(trial, AnalysisSpec(estimand=Estimand.TYPICAL, imputations=2))
    assert not any(r.published for r in analyse.assumptions(trial, spec).rows)
    rows = analysis(trial, spec, ("sensitivity",))["sensitivity"]
    whose = {r["label"]: "typical" in r["quantity"] for r in rows}
    assert whose["last carried forward"] and not whose["missing = drinking · adjusted · quadratic · quadrature"]


def test_missing_days_count_distinct_assumptions_and_say_which_range_it_is(published):
    every = analyse.assumptions(*published)
    text = missing_words.assumptions(every)
    assert text.startswith("Under 4 of 4 distinct assumptions")
    assert "drinking and best case are the same" in text and "counted once" in text
    assert "The worst case, an extreme, gives 7 points (95% CI −8 to 22" in text
    assert of_sensitivity(every).n == 4


def test_what_is_clear_the_other_way_is_told(published):
    """X:BOT: under 0 of the 4 assumptions that favour naltrexone it is clear; under its own it is, the other way."""
    every = analyse.assumptions(*published)
    assert "other side of zero" not in missing_words.assumptions(every)
    rows = list(every.rows)
    own = rows[0].difference
    rows[0] = replace(rows[0], difference=Estimate(-own.estimate, -own.ci_high, -own.ci_low))
    text = missing_words.assumptions(replace(every, rows=tuple(rows)))
    assert "Under 1 of the others (drinking) it lies wholly on the other side of zero." in text
    rows = tuple(replace(r, difference=Estimate(-0.2, -0.3, -0.1)) if k < 3 else r for k, r in enumerate(rows))
    assert "other side of zero" in agreement.agreement(replace(analyse.sensitivity(*published), rows=rows))


def test_every_specification_counts_distinct_ones(curve):
    r = of_curve(curve)
    found = [x.difference for x in curve.rows]
    numbers = {tuple(round(x, 9) for x in (d.estimate, d.ci_low, d.ci_high)) for d in found}
    assert len(curve.rows) == 27 and r.n == len(numbers) == 19
    text = words.answer(curve)
    assert text.startswith(
        f"In {r.n_lower} of {r.n} distinct specifications for relapse the difference favours ketamine"
    )
    assert sum(s.n for s in r.shares) == r.n and sum(s.n_clear for s in r.shares) == r.n_clear


def test_before_the_end_nothing_is_concluded(curve):
    part = replace(curve, rows=tuple(r for r in curve.rows if r.kind != "published")[:8])
    every = " ".join((words.answer(part), words.alt(part), words.kinds(part), words.declared(part, "published")))
    assert "So far, 8 of 27 specifications for relapse are computed" in words.answer(part)
    assert "8 specifications" in words.alt(part)  # picture and words from one count
    for verdict in ("favour", "does not include zero", "not among them", "another window", "In 8 of 8"):
        assert verdict not in every


def test_a_trial_that_declares_nothing_has_a_default_analysis(curve):
    assert words.declared(curve, "default").startswith("The default analysis is number")
    assert "ublished" not in words.declared(curve, "default")


def test_the_json_has_the_same_counts_beside_the_old_keys(published):
    document = json.loads(dumps(analysis(*published, ("sensitivity",))))
    found = document["robustness"]
    assert (found["specifications"]["n"], found["specifications"]["n_clear"]) == (16, 12)
    assert (found["assumptions"]["n"], found["assumptions"]["n_clear"]) == (4, 2)
    assert document["sensitivity"]


def test_the_options_are_words():
    assert told.option("missing", DRINKS) == "left out" and told.option("event", DRINKS) == "relapse"


def test_two_unclear_results_of_opposite_sign_are_not_called_the_same(published):
    trial, spec = published
    now = analyse.abstinence_result(trial, spec.replace(missing=MissingRule.MISSING))
    gap = now.difference[-1]
    turned = replace(gap, probability=-gap.probability, ci_low=-gap.ci_high, ci_high=-gap.ci_low)
    other = replace(now, difference=(*now.difference[:-1], turned))
    text = missing_words.answer(now, spec, other, spec.replace(adjust=False, missing=MissingRule.LOCF), "published")
    assert text.endswith("Both intervals include zero, but the estimates point in opposite directions.")


def test_a_clear_result_beside_an_unclear_one_is_not_called_the_only_one(published):
    """Two assumptions are compared here; others may be as clear, and the page lists them."""
    trial, spec = published
    clear = analyse.abstinence_result(trial, spec)
    unclear = analyse.abstinence_result(trial, spec.replace(missing=MissingRule.MISSING))
    text = missing_words.answer(clear, spec, unclear, spec.replace(missing=MissingRule.LOCF), "default")
    assert "Under this assumption, unlike that of the default analysis, the interval" in text
    assert text.endswith("lies on the side that favours ketamine.")
    assert "nly under" not in text


def test_what_reads_as_no_difference_points_in_no_direction(published):
    trial, spec = published
    result = analyse.abstinence_result(trial, spec)
    ends = {"ci_low": -0.2, "ci_high": 0.2}
    here, there = (
        replace(result, difference=(*result.difference[:-1], replace(result.difference[-1], probability=p, **ends)))
        for p in (0.004, -0.3)
    )
    text = missing_words.answer(here, spec, there, spec.replace(missing=MissingRule.LOCF), "default")
    assert text.endswith("Both intervals include zero, so neither shows a difference.")


def test_the_end_of_the_dial_is_no_code(published):
    _, spec = published
    assert (
        spec.replace(missing=MissingRule.IMOR, imor_control=float("inf"))
        .describe("imor_control")
        .endswith("odds ratio ∞")
    )


def test_two_clear_results_of_opposite_sign_lie_on_two_sides(published):
    trial, spec = published
    result = analyse.abstinence_result(trial, spec)
    gap = result.difference[-1]
    turned = replace(gap, probability=-gap.probability, ci_low=-gap.ci_high, ci_high=-gap.ci_low)
    other = replace(result, difference=(*result.difference[:-1], turned))
    text = missing_words.answer(result, spec, other, spec.replace(missing=MissingRule.LOCF), "published")
    assert text.endswith("The interval now lies on the other side, which favours ketamine.")
