"""Power by simulation: against R, against the analysis of each simulated trial, and by what must hold."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketadash import analyse
from ketadash.analyse import batch
from ketadash.analyse.endpoint_shuffles import endpoint_shuffles, shuffled_endpoints
from ketadash.analyse.power import (
    ENDPOINTS,
    Plan,
    counts_by_arm,
    p_values_of,
    power_curve,
    power_problem,
)
from ketadash.analyse.randomisation import (
    DAY_BY_ARM,
    HEAVY_DAY_BY_ARM,
    LAST_DAY,
    NAMES,
    RELAPSE,
    randomisation,
    randomisation_problem,
)
from ketadash.core import paths
from ketadash.core.errors import SpecError
from ketadash.core.planned_test import PlannedTest
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule, Uncertainty
from ketadash.trial import load, resolve

ORACLE = json.loads((Path(__file__).parents[1] / "oracle" / "power.json").read_text())
N, EFFECT = 40, 0.8
TOLD = [key for key in ENDPOINTS if key != "abstinent_last_28_days"]  # of which the sample has 21
SEED = 11


def planned(
    trial,
    endpoint,
    sizes=(N,),
    effects=(EFFECT,),
    test=PlannedTest.MODEL,
    replicates=1,
    alpha=0.05,
    shuffles=99,
    **choices,
):
    spec, _ = resolve(trial, AnalysisSpec(seed=SEED, **choices))
    return power_problem(trial, spec, Plan(endpoint, sizes, effects, test, replicates, alpha, shuffles))


def curve_of(problem):
    return power_curve(problem, [(some, problem.p_values(some)) for some in problem.tasks]).curve


def test_the_power_of_percent_days_abstinent_is_rs(sample):
    replicates, of = 500, ("percent_days_abstinent", (40, 120), (0.0, 0.5, 1.0))
    done: list = []
    for alpha in (0.05, 0.2):
        problem = planned(sample, *of, replicates=replicates, alpha=alpha, etg=False)
        done = done or [(some, problem.p_values(some)) for some in problem.tasks]
        for at in power_curve(problem, done).curve:
            (right,) = [
                r["power"] for r in ORACLE["points"] if (r["n"], r["effect"], r["alpha"]) == (at.n, at.effect, alpha)
            ]
            se = np.sqrt(right * (1 - right) * (1 / replicates + 1 / ORACLE["replicates"]))
            assert abs(at.power - right) < 4 * se and at.n_failed == 0
            assert at.mc_low < at.power < at.mc_high


@pytest.fixture(scope="module")
def same_people(tmp_path_factory, sample):
    """One simulated trial written to files and read again: its analysis is the front door's."""
    return read_again(sample, *planned(sample, LAST_DAY).drawn(N, EFFECT, 0), tmp_path_factory.mktemp("drawn"))


def read_again(sample, places, active, folder):
    ids = analyse.panel_of(sample, resolve(sample, AnalysisSpec())[0]).participant_ids
    given = paths.sample_folder()
    (folder / "trial.toml").write_text((given / "trial.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for table in ("days", "participants", "visits"):
        every = pd.read_csv(given / f"{table}.csv", dtype=str, keep_default_na=False)
        people = [
            every[every.participant_id == ids[place]].assign(
                participant_id=f"Q{k:02d}",
                **({"arm": "ketamine" if treated else "midazolam"} if "arm" in every else {}),
            )
            for k, (place, treated) in enumerate(zip(places, active, strict=True))
        ]
        pd.concat(people).to_csv(folder / f"{table}.csv", index=False)
    return load(folder)


def p_of(trial, endpoint, spec):
    """The p that the trial's own results have."""
    if endpoint == DAY_BY_ARM:
        result = analyse.abstinence_result(trial, spec)
        return next(c.p for c in result.model.coefficients if c.term == "day:arm")
    if endpoint == HEAVY_DAY_BY_ARM:
        return next(c.p for c in analyse.heavy_result(trial, spec).model.coefficients if c.term == "day:arm")
    if endpoint == RELAPSE:
        return analyse.time_to_event(trial, spec)["relapse"].logrank.p
    key = "abstinent_all_days" if endpoint == "any_use" else endpoint
    return next(e for e in analyse.endpoints(trial, spec).each if e.key == key).difference.p


@pytest.mark.sweep(12)
@pytest.mark.parametrize("test", [PlannedTest.MODEL, PlannedTest.ROBUST])
@pytest.mark.parametrize("endpoint", TOLD)
def test_a_simulated_trials_p_is_that_of_its_people_read_as_a_trial(sample, same_people, endpoint, test):
    uncertainty = Uncertainty(test.value)
    ours = planned(sample, endpoint, test=test, uncertainty=uncertainty).p_value(N, EFFECT, 0)
    spec, _ = resolve(same_people, AnalysisSpec(uncertainty=uncertainty))
    if endpoint == LAST_DAY:  # whose result has no p: the interval of level 1 - p ends at no difference
        gap = analyse.abstinence_result(same_people, spec.replace(confidence=1 - ours)).difference[-1]
        assert min(abs(gap.ci_low), abs(gap.ci_high)) < 1e-6
        return
    assert ours == pytest.approx(p_of(same_people, endpoint, spec), rel=1e-6)


@pytest.mark.sweep(6)
@pytest.mark.parametrize("endpoint", TOLD)
def test_shuffling_a_simulated_trial_gives_the_p_of_the_page_chance(sample, same_people, endpoint):
    problem = planned(sample, endpoint, test=PlannedTest.RANDOMISATION, shuffles=99)
    spec, _ = resolve(same_people, AnalysisSpec(shuffles=99, seed=problem.seed_of(N, EFFECT, 0)))
    assert problem.p_value(N, EFFECT, 0) == pytest.approx(page_p(same_people, endpoint, spec), rel=1e-9)


def test_a_level_that_nobody_drawn_has_does_not_cost_the_answer(sample, tmp_path):
    """Its column was 0 for everybody, so that no fit had an answer: with strata of race 16 of 20 trials had none."""
    choices = {"adjust_for": ("race",), "uncertainty": Uncertainty.ROBUST}
    problem = planned(sample, DAY_BY_ARM, test=PlannedTest.ROBUST, **choices)
    few, lacking = 24, 0
    for k in (0, 5, 9):
        places, active = problem.drawn(few, 1.0, k)
        (folder := tmp_path / f"{k}").mkdir()
        again = read_again(sample, places, active, folder)
        theirs = p_of(again, DAY_BY_ARM, resolve(again, AnalysisSpec(**choices))[0])
        ours = problem.p_value(few, 1.0, k)
        assert np.isnan(ours) if theirs is None else ours == pytest.approx(theirs, rel=1e-6)
        lacking += not problem.panel.covariates[places].any(axis=0).all() and theirs is not None
    assert lacking, "no simulated trial lacks a level: this looks at nothing"


def test_amounts_that_do_not_differ_at_all_have_no_answer_and_no_traceback():
    """A ratio of rates without a standard error."""
    rows = [f"P{i},{('placebo', 'ketamine')[i % 2]},{d},{i % 2 + 1}" for i in range(8) for d in range(1, 5)]
    trial = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    problem = planned(trial, "total_drinks", (4, 8), (0.0, 1.0), PlannedTest.RANDOMISATION, replicates=3, shuffles=19)
    assert all(0 <= at.power <= 1 for at in curve_of(problem))


WEEKS = {"relapse": "weeks:2", "missing": MissingRule.WORST, "dropout": DropoutRule.CENSORED}


@pytest.mark.parametrize(
    ("endpoint", "choices", "by_arm"),
    [
        (LAST_DAY, {}, False),
        (LAST_DAY, {"missing": MissingRule.WORST}, True),
        (LAST_DAY, {"missing": MissingRule.IMOR, "imputations": 1, "imor_control": 2.0}, True),
        (LAST_DAY, {"missing": MissingRule.IMOR, "imputations": 1}, False),
        ("no_heavy_day", {"missing": MissingRule.BEST}, True),
        ("any_use", {"missing": MissingRule.MISSING}, False),
        (RELAPSE, {"missing": MissingRule.WORST}, False),  # of the first heavy day or dropout, whatever the rule
        (RELAPSE, WEEKS, True),
    ],
)
def test_a_rule_that_counts_by_the_arm_is_known_by_what_it_does(sample, endpoint, choices, by_arm):
    assert counts_by_arm(planned(sample, endpoint, **choices)) == by_arm


def page_p(trial, endpoint, spec):
    if endpoint in NAMES:
        problem = randomisation_problem(trial, spec)
        contrasts = randomisation(problem, [(b, problem.block(b)) for b in problem.blocks]).contrasts
        return next(c for c in contrasts if c.name == endpoint).observed.p
    problem = endpoint_shuffles(trial, spec)
    each = shuffled_endpoints(problem, [(b, problem.block(b)) for b in problem.blocks]).each
    return next(e for e in each if e.key == endpoint).p


def test_effects_are_drawn_from_the_arms(sample):
    problem = planned(sample, "percent_days_abstinent", (400,))
    treated = problem.panel.active
    for effect, low, high in ((0.0, 0, 0), (0.5, 60, 110), (1.0, 170, 170)):
        places, active = problem.drawn(400, effect, 3)
        assert active.sum() == 170  # 17 of 40
        assert not treated[places[~active]].any() and low <= treated[places[active]].sum() <= high
    assert (problem.drawn(400, 0.0, 3)[0][:230] == problem.drawn(400, 1.0, 3)[0][:230]).all()


def test_where_nothing_differs_shuffling_holds_its_level(sample):
    problem = planned(
        sample, "percent_days_abstinent", (12,), (0.0,), PlannedTest.RANDOMISATION, replicates=400, shuffles=39
    )
    (at,) = curve_of(problem)
    assert at.power <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_what_is_computed_apart_is_the_same_and_a_seed_is_a_curve(sample, two_workers):
    problem = planned(sample, "no_heavy_day", (20, 40), (0.0, 1.0), replicates=60)
    tasks = [(problem, some) for some in problem.tasks]
    assert len(tasks) == 8
    apart = power_curve(problem, [(some, p) for (_, some), p in batch.run(p_values_of, tasks)])
    assert apart.curve == curve_of(problem)
    other = planned(sample, "no_heavy_day", (20, 40), (0.0, 1.0), replicates=60)
    assert curve_of(other) == apart.curve


def test_a_trial_without_an_answer_finds_nothing_and_is_counted(sample):
    """Of two people an arm some are alike, and Welch's test has no answer."""
    (at,) = curve_of(planned(sample, "longest_abstinence", (5,), (0.0,), replicates=200))
    assert 0 < at.n_failed < 200 and at.power <= 1 - at.n_failed / 200


def test_imputed_days_are_drawn_anew_in_each_trial(sample):
    problem = planned(sample, LAST_DAY, missing=MissingRule.IMOR, imputations=2, replicates=2)
    one, other = (problem.p_value(N, 1.0, k) for k in (0, 1))
    assert 0 < one < 1 and 0 < other < 1 and one != other


@pytest.mark.parametrize(
    ("endpoint", "sizes", "words"),
    [
        (HEAVY_DAY_BY_ARM, (40,), "heavy_day:arm.*without amounts there are no heavy"),
        ("drinks_per_day", (40,), "drinks_per_day.*cannot tell it"),
        ("abstinent_last_28_days", (40,), "4 days, fewer than 28"),
        (LAST_DAY, (3, 40), "--n 3 puts 1 in the"),
    ],
)
def test_what_cannot_be_planned_says_why(endpoint, sizes, words):
    rows = [f"P{i},{('placebo', 'ketamine')[i % 2]},{d},{(i + d) % 2}" for i in range(8) for d in range(1, 5)]
    trial = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    with pytest.raises(SpecError, match=words):
        planned(trial, endpoint, sizes)
