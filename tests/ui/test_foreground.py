"""What stands in the foreground of a page: its own fits and no more, however large the trial; fits are counted."""

import random
from collections import Counter

import pytest
from opened import chosen, figures, opened, turned, words
from sweeps import others_slow

from ketadash import analyse
from ketadash.analyse import binary, jobs, long_work
from ketadash.core.spec import Estimator, MissingRule, Uncertainty
from ketadash.stats import glmm, pql, slopes
from ketadash.trial import load, resolve
from ketadash.trial.sources import gather
from ketadash.ui import flip, navigation, prefetched_pictures, state, unfolding
from ketadash.ui.components import chance, overview, sensitivity, specifications

PEOPLE, DAYS = 72, 40
# The models that a page tells of; beside them on the Overview the other errors and the other reading of missing days,
# and what the draws of the missing-day map rest on.
OWN = {
    "overview": 3,
    "abstinence": 1,
    "heavy_drinking": 1,
    "nnt": 1,
    "missing_days": 2,
    "chance": 2,
    "compare": 2,
}
KERNELS = ((glmm, "fit_many"), (glmm, "fit"), (pql, "fit_many"), (pql, "fit"), (slopes, "fit_many"))


def days(people=PEOPLE, n_days=DAYS, seed=3):
    """Invented people with a baseline, more than any page computes for at once."""
    by = random.Random(seed)
    rows = ["participant_id,arm,day,drinks,baseline_drinks"]
    for i in range(people):
        leaning, baseline = by.gauss(0, 1.2), by.randint(10, 28)
        for day in range(1, n_days + 1):
            if by.random() < 0.15:
                continue
            sober = by.gauss(0, 1) + leaning + 0.3 * (i % 2) - 0.03 * (baseline - 18) > 0
            rows.append(f"P{i:03},{('placebo', 'active')[i % 2]},{day},{0 if sober else by.randint(1, 12)},{baseline}")
    return "\n".join(rows)


def brought(at):
    """The trial as a reader's own, which no page has shown yet."""
    given = gather(days().encode(), "mine.csv")
    at.session_state[state.OWN] = state.Own(given, None, load(given), "mine.csv")


@pytest.fixture
def fits(monkeypatch):
    """How often each kernel was asked for a fit in this process."""
    counts = Counter()

    def counting(module, name):
        real = getattr(module, name)

        def counted(*args, **kwargs):
            counts[module.__name__.rpartition(".")[2]] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    for module, name in KERNELS:
        counting(module, name)
    return counts


def test_the_trial_is_one_whose_long_work_no_page_does_at_once():
    cells = PEOPLE * DAYS
    assert cells > overview.AT_ONCE and cells > specifications.AT_ONCE
    assert cells * 20 > sensitivity.AT_ONCE and cells * 1000 > chance.AT_ONCE


@pytest.mark.parametrize("page", others_slow(navigation.page_keys(), *OWN, "participants", "relapse"))
def test_a_page_computes_no_more_than_its_own_fits_before_it_is_there(page, fits, monkeypatch):
    monkeypatch.setattr(
        unfolding, "in_sight", lambda part: bool(part.open)
    )  # as for a reader: tabs wait for their press
    at = opened("glossary")  # of the sample
    brought(at)
    fits.clear()
    turned(at, page)
    assert not at.exception
    assert sum(fits.values()) <= OWN.get(page, 0), dict(fits)


def test_the_strip_says_how_far_it_is_and_what_it_means_once_all_is_there(fits):
    at = opened("overview", data=days())
    assert "So far, 0 of 16 specifications of the difference on day 40 are computed" in words(at)
    assert "distinct specifications" not in words(at) and "agreement" not in figures(at)
    now = at.session_state[state.CURRENT]
    problem = analyse.sensitivity_problem(now.trial, now.spec)
    work, all_rows = long_work.combinations(now.trial, now.spec, problem), analyse.sensitivity(now.trial, now.spec)
    by_task = dict(zip(problem.combinations, all_rows.rows, strict=True))
    for i, task in enumerate(work.tasks[:5]):
        work.keep(i, by_task[task])
    at.run()
    assert "So far, 5 of 16 specifications" in words(at) and "distinct specifications" not in words(at)
    assert len(figures(at)["agreement"]["data"][0]["x"]) == 5
    for i, task in enumerate(work.tasks):
        work.keep(i, by_task[task])
    fits.clear()
    at.run()
    assert "So far, " not in words(at) and "distinct specifications abstinence on day 40" in words(at)
    assert not fits and problem.together(dict(work.results)) == all_rows


def test_the_first_card_waits_for_no_other_fit_than_its_own(fits, monkeypatch):
    at_first = []
    begin = overview.begin
    monkeypatch.setattr(overview, "begin", lambda now: (at_first.append(dict(fits)), begin(now)))
    at = opened("glossary")
    brought(at)
    fits.clear()
    turned(at, "overview")
    assert at_first[-1] == {"glmm": 1} and sum(fits.values()) == OWN["overview"]
    text = words(at)  # what came later stands where it always stood: above the cards
    assert "With errors clustered by participant" in text and "With missing days left out" in text
    assert text.index("With errors clustered") < text.index("What this rests on")


@pytest.fixture
def ahead(fits, monkeypatch):
    """How many fits each slide made of the flipped rule, once it was drawn."""
    made, plain = [], flip.send_ahead

    def noting(*slide):
        before = sum(fits.values())
        plain(*slide)
        made.append(sum(fits.values()) - before)

    monkeypatch.setattr(flip, "send_ahead", noting)
    monkeypatch.setattr(jobs.Job, "start", lambda job: None)
    return made


def test_a_slide_whose_strip_is_not_computed_makes_no_fits_for_a_flip_that_it_cannot_send(ahead):
    at = opened("overview", data=days(), present="on")
    assert ahead == [0]
    now = at.session_state[state.CURRENT]
    problem = analyse.sensitivity_problem(now.trial, now.spec)
    work = long_work.combinations(now.trial, now.spec, problem)
    for i, task in enumerate(work.tasks):
        work.keep(i, problem.row(task))
    at.run()
    assert ahead[-1] > 0  # now there is a whole slide to be sent


@pytest.mark.parametrize("page", ["overview", "abstinence", "nnt"])
def test_a_large_trials_slide_makes_no_fits_for_a_flip(page, ahead, monkeypatch):
    monkeypatch.setattr(prefetched_pictures, "MOST_DAYS", PEOPLE * DAYS - 1)
    opened(page, data=days(), present="on")
    assert ahead == [0]


def test_the_models_own_errors_from_a_robust_fit_are_those_of_a_fit_alone():
    given = gather(days(30, 21).encode(), "mine.csv")
    alone, beside = load(given), load(given)
    spec, _ = resolve(alone, alone.declared.published)
    for result in (analyse.abstinence_result, analyse.heavy_result):
        result(beside, spec.replace(uncertainty=Uncertainty.ROBUST))
        one, other = result(beside, spec), result(alone, spec)
        assert (one.difference, one.modelled, one.odds_ratio_per_day) == (
            other.difference,
            other.modelled,
            other.odds_ratio_per_day,
        )
        assert one.model.coefficients == other.model.coefficients and one.model.clusters is None


def test_rows_computed_elsewhere_are_those_computed_here(published):
    trial, spec = published
    problem, here = analyse.sensitivity_problem(trial, spec), analyse.sensitivity(trial, spec)
    some = (*problem.nearest_first[:2], problem.nearest_first[-1])
    rows = {one: problem.row(one) for one in some}
    assert rows == {one: here.rows[problem.combinations.index(one)] for one in some}
    part = problem.together(rows)
    assert part.n_open == 13 and part.rows[0] == here.rows[problem.combinations.index(some[0])]
    assert here.rows[problem.combinations.index(some[0])].published


def test_a_dial_turned_on_and_the_map_wait_for_no_draws(fits, monkeypatch):
    """Draws are made in a thread of their own; here that thread goes as far as it is told."""
    monkeypatch.setattr(binary, "MOST_IMPUTED_UNASKED", 1000)  # the trial is a large one
    monkeypatch.setattr(unfolding, "in_sight", lambda part: bool(part.open))
    monkeypatch.setattr(jobs.Job, "start", lambda job: begun.append(job) if job not in begun else None)
    begun: list[jobs.Job] = []
    at = opened("missing_days", data=days())
    assert sum(fits.values()) == 1 and not begun  # the page's own model; the map waits for its press
    assert "Compute the tipping map" in [b.label for b in at.button]
    fits.clear()
    chosen(at, missing="dial")
    assert not at.exception and not fits and "The missing days are imputed 20 times" in words(at)
    assert [b.key for b in at.select_slider if "dial" in b.key] == [
        "dial_control",
        "dial_active",
    ]  # it can be turned on
    assert len(begun) == 1 and "missing_curve" not in figures(at)
    begun[0].work()
    assert dict(fits) == {"glmm": 1}  # the model that is drawn from
    at.run()
    assert not at.exception and "missing_curve" in figures(at) and "are imputed 20 times" not in words(at)
    assert dict(fits) == {"glmm": 2}  # and that of the twenty imputations, at once


SLIDE = {"present": "on"}
WAITING = [
    ("endpoints", {}, "endpoints"),
    ("responders", {}, "responders_ladder"),
    ("chance", {}, "chance_models"),
    ("responders", SLIDE, "slide_responder-ladder"),
]


@pytest.mark.parametrize("page, present, picture", WAITING)
def test_other_pages_and_slides_wait_for_no_draws_either(page, present, picture, fits, monkeypatch):
    monkeypatch.setattr(binary, "MOST_IMPUTED_UNASKED", 1000)
    monkeypatch.setattr(unfolding, "in_sight", lambda part: bool(part.open))
    monkeypatch.setattr(jobs.Job, "start", lambda job: begun.append(job) if job not in begun else None)
    begun: list[jobs.Job] = []
    at = opened(page, data=days(), missing="reported", **present)
    assert not at.exception and not fits and "The missing days are imputed 20 times" in words(at)
    assert len(begun) == 1 and not figures(at)
    begun[0].work()
    at.run()
    assert not at.exception and "are imputed 20 times" not in words(at) and picture in figures(at)


def test_the_map_of_a_large_trial_draws_in_the_background_once_it_is_asked_for(fits, monkeypatch):
    monkeypatch.setattr(binary, "MOST_IMPUTED_UNASKED", 1000)
    monkeypatch.setattr(jobs.Job, "start", lambda job: begun.append(job) if job not in begun else None)
    begun: list[jobs.Job] = []
    at = opened("missing_days", data=days())
    fits.clear()
    next(b for b in at.button if b.label == "Compute the tipping map").click()
    at.run()
    assert len(begun) == 1 and begun[0].n_tasks == 1 and not fits and "are imputed 20 times" in words(at)
    begun[0].work()
    at.run()
    assert not at.exception and "are imputed 20 times" not in words(at)
    assert [job.n_tasks for job in begun] == [1, 123]  # the map's cells and both arms' tipping points


@pytest.mark.parametrize("heavy", [False, True])
def test_draws_of_a_large_trial_wait_until_they_are_made_and_never_again(heavy, monkeypatch):
    monkeypatch.setattr(binary, "MOST_IMPUTED_UNASKED", 1000)
    trial = load(gather(days(20, 9).encode(), "mine.csv"))
    spec, _ = resolve(trial, trial.declared.published.replace(missing=MissingRule.IMOR))
    assert binary.draws_wait(trial, spec, heavy=heavy)
    work = long_work.draws(trial, spec, ("heavy",) if heavy else ("abstinence",))
    work.work()
    assert work.finished and not binary.draws_wait(trial, spec, heavy=heavy)
    for changes in ({"missing": MissingRule.COPY_REFERENCE}, {"imor_active": 0.5}, {"estimator": Estimator.RSPL}):
        assert not binary.draws_wait(trial, spec.replace(**changes), heavy=heavy)
    assert binary.draws_wait(trial, spec.replace(seed=2), heavy=heavy)
