"""The specification curve: every coherent combination once, each the page's own result, the rest counted."""

from math import prod

import pytest
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.specification_tasks import Computed, rows_of
from ketadash.analyse.specifications import PROBLEMS, kind, specification_curve
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimator, MissingRule, Trend, Window
from ketadash.questions.specifications import words
from ketadash.results import Estimate
from ketadash.trial import load_sample, resolve


def spec_of(t, **changes):
    return resolve(t, AnalysisSpec(**changes))[0]


@pytest.fixture(scope="module")
def small():
    """A made-up trial whose curve is quick, with its whole curve of each outcome."""
    t = trial(frame(3, n_people=12, n_days=7))
    spec = spec_of(t, imputations=1)
    return t, spec, {name: computed(of(t, spec)) for name, of in PROBLEMS.items()}


def computed(problem):
    return specification_curve(problem, [row for task in problem.tasks for row in rows_of(task)])


def test_every_combination_is_there_once_and_the_rest_is_counted(published):
    for name, of in PROBLEMS.items():
        problem = of(*published)
        places = sorted(place for task in problem.tasks for place, _ in task.specs)
        assert places == list(range(len(problem.combinations)))
        assert len(problem.combinations) == prod(len(o) for o in problem.options.values())
        # all nine choices crossed, less what repeats: nothing vanishes uncounted
        assert problem.n_combinations == 8 * 2 * 2 * 3 * 3 * 3 * 2 * 3 * 2
        assert len(problem.combinations) + sum(n for _, n in problem.left_out) == problem.n_combinations, name
    assert len(PROBLEMS["abstinence"](*published).combinations) == 6 * 2 * 2 * 3 * 3 * 2 * 2  # hundreds


def test_the_published_specification_is_one_of_them_and_has_the_published_number(published):
    t, spec = published
    problem = PROBLEMS["abstinence"](t, spec)
    task = next(task for task in problem.tasks for place, _ in task.specs if place == 0)
    row = next(r for r in rows_of(task) if r.place == 0)
    gap = analyse.abstinence_result(t, spec).difference[-1]
    assert (row.difference.estimate, row.difference.ci_low) == pytest.approx((gap.probability, gap.ci_low), rel=1e-12)
    curve = specification_curve(problem, [row])
    assert curve.rows[0].kind == "published" and curve.rows[0].changes == {}


@pytest.mark.slow
def test_each_row_is_what_the_pages_show_under_its_choices(small):
    t, spec, curves = small
    for row in curves["abstinence"].rows[::17]:
        changed = spec.replace(**row.changes)
        r = analyse.abstinence_result(t, changed)
        if row.difference.estimate is None:
            assert not r.difference and row.failed
            continue
        gap = r.difference[-1]
        found = (row.difference.estimate, row.difference.ci_low, row.difference.ci_high)
        assert found == pytest.approx((gap.probability, gap.ci_low, gap.ci_high), rel=1e-9)
        assert (row.n_rows, row.n_filled) == (r.counts.n_rows, r.counts.n_filled)
    for row in curves["heavy"].rows[::7]:
        r = analyse.heavy_result(t, spec.replace(**row.changes))
        if row.difference.estimate is not None:
            assert row.difference.estimate == pytest.approx(r.difference[-1].probability, rel=1e-9)
    for row in curves["relapse"].rows[::3]:
        r = analyse.time_to_event(t, spec.replace(**row.changes))["relapse"]
        assert row.difference == r.difference


@pytest.mark.slow
def test_rows_are_sorted_and_failures_come_last_with_a_reason(small):
    for curve in small[2].values():
        estimates = [r.difference.estimate for r in curve.rows]
        known = [e for e in estimates if e is not None]
        assert known == sorted(known) and estimates[: len(known)] == known
        assert all(r.failed for r in curve.rows if r.difference.estimate is None)
        assert [r.kind for r in curve.rows].count("published") == 1


@pytest.mark.slow
def test_a_failure_is_shown_and_not_dropped():
    d = frame(3, n_people=14, n_days=9)
    d.loc[(d.arm == "drug") & d.drinks.notna(), "drinks"] = 0
    t = trial(d)
    curve = computed(PROBLEMS["abstinence"](t, spec_of(t, imputations=2)))
    failed = [r for r in curve.rows if r.failed is not None]
    assert failed and len(curve.rows) == len(PROBLEMS["abstinence"](t, spec_of(t, imputations=2)).combinations)
    assert all(r.difference.estimate is None for r in failed)


def test_kinds():
    assert kind({}) == "published"
    assert kind({"missing": MissingRule.LOCF}) == kind({"trend": Trend.LINEAR}) == "sensitivity"
    assert kind({"estimator": Estimator.RSPL}) == "sensitivity"
    for other in (
        {"adjust": False},
        {"days": Window(1, 14)},
        {"heavy_men": 5.0},
        {"etg": False},
        {"dropout": DropoutRule.CENSORED},
        {"missing": MissingRule.MISSING, "adjust": False},
    ):
        assert kind(other) == "supplementary"
    assert kind({"missing": MissingRule.BEST, "adjust": False}) == "bound"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.drop(columns=["baseline_drinks", "baseline_heavy_days"]), "no baseline"),
        (lambda d: d[d.drinks.notna()], "no day is missing"),
    ],
)
def test_what_a_trial_does_not_have_is_left_out_with_the_reason(change, why):
    d = frame(3, absent=0.1)
    if why == "no day is missing":
        d = frame(3, absent=0)
    t = trial(change(d))
    problem = PROBLEMS["abstinence"](t, spec_of(t))
    assert any(why in said for said, _ in problem.left_out)
    assert len(problem.combinations) + sum(n for _, n in problem.left_out) == problem.n_combinations


def large_trial():
    return trial(frame(3, n_people=60, n_days=84, absent=0.1))  # 5,040 days


def test_random_slopes_of_a_large_trial_are_run_only_where_they_are_chosen():
    t = large_trial()
    spec = spec_of(t)
    without = PROBLEMS["abstinence"](t, spec)
    assert [o.name for o in without.options["estimator"]] == ["quadrature", "RSPL"]
    assert [(why, n) for why, n in without.left_out if "random slopes" in why] == [
        (
            "random slopes take long with more than 5,000 participant-days: they are run where they are the chosen fit",
            len(without.combinations) // 2,
        )
    ]
    assert len(without.combinations) + sum(n for _, n in without.left_out) == without.n_combinations
    chosen = PROBLEMS["abstinence"](t, spec.replace(estimator=Estimator.SLOPE))
    assert [o.name for o in chosen.options["estimator"]] == ["quadrature", "RSPL", "random slopes"]
    assert len(chosen.combinations) == len(without.combinations) * 3 // 2
    assert not any("random slopes" in why for why, _ in chosen.left_out)
    assert long_work.specifications(t, spec, without) is not long_work.specifications(t, spec, chosen)
    # whichever of the quick fits is shown, the curve is the same
    assert PROBLEMS["abstinence"](t, spec.replace(estimator=Estimator.RSPL)) is without


def test_fits_that_were_not_run_are_told_of_and_counted_nowhere():
    t = large_trial()
    problem = PROBLEMS["abstinence"](t, spec_of(t))
    nobody = Estimate(0.1, 0.0, 0.2, 0.04, 0.05)
    curve = specification_curve(
        problem, [Computed(place, nobody, 1, 0, None) for place in range(len(problem.combinations))]
    )
    assert curve.complete and {row.choices["estimator"] for row in curve.rows} == {"quadrature", "RSPL"}
    assert curve.n_planned == len(curve.rows) and "random slopes" not in curve.names["estimator"]
    assert "random slopes take long" in words.left_out(curve) and "as repeats" not in words.left_out(curve)


def test_dropouts_in_the_active_arm_bring_the_reference_rules_back():
    d = frame(3)
    d.loc[(d.participant_id == "P01") & (d.day > 6), "drinks"] = None
    t = trial(d)
    names = [o.name for o in PROBLEMS["abstinence"](t, spec_of(t)).options["missing"]]
    assert "jump to reference" in names and "copy reference" in names
    published = load_sample()
    assert "jump to reference" not in [
        o.name for o in PROBLEMS["abstinence"](published, spec_of(published)).options["missing"]
    ]


def test_yes_and_no_has_abstinence_alone():
    d = frame(3)
    t = trial(d.assign(drinks=(d.drinks > 0).astype("Int64").where(d.drinks.notna())))
    spec = spec_of(t)
    assert PROBLEMS["heavy"](t, spec) is None and PROBLEMS["relapse"](t, spec) is None
    assert PROBLEMS["abstinence"](t, spec) is not None


def test_a_short_window_has_no_thirds():
    t = trial(frame(3, n_days=5))
    assert len(PROBLEMS["abstinence"](t, spec_of(t)).options["window"]) == 1


def test_another_window_at_the_left_leaves_the_published_one_out():
    t = load_sample()
    problem = PROBLEMS["relapse"](t, spec_of(t, days=Window(1, 14)))
    assert not any(r.kind == "published" for r in computed(problem).rows)
