"""The page Chance: shuffles in the background, stopped and gone on with; hidden p-values and small counts obeyed."""

import re

import pytest
from opened import figures, opened, tables, turned, words
from waiting import until

from ketadash.analyse import jobs, long_work
from ketadash.analyse.randomisation import randomisation_problem
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import load_sample, resolve
from ketadash.ui import privacy

FEW = {"shuffles": "200"}


def finished(at):
    until(lambda: not jobs.running())
    return at.run()


def test_shuffles_model_check_and_influence_stand_on_the_page(jobs_run):
    at = finished(opened("chance", **FEW))
    assert not at.exception
    said = words(at)
    assert re.search(r"shuffling who got it would give a difference this large in \d+ of 100 shuffles", said)
    assert "The allocation was shuffled 200 times, arm sizes kept (random seed 1)" in said
    assert "The model of abstinence:" in said and "The model of heavy drinking days:" in said
    assert (
        "Leaving out any one participant changes none of these conclusions" in said
        and "would no longer be below .05" in said
    )
    drawn = figures(at)
    assert {"chance_shuffles", "chance_models", "influence_abstinence", "influence_nnt"} <= set(drawn)
    bars = [t for t in drawn["chance_shuffles"]["data"] if t["type"] == "bar"]
    assert sum(bars[0]["customdata"]) == 200
    assert any("of 200" in t for t in tables(at))


@pytest.mark.slow
def test_hidden_p_values_hide_how_many_shuffles_and_their_picture(jobs_run):
    at = finished(opened("chance", pvalues="hidden", trend="linear", **FEW))
    said = words(at)
    assert "is hidden here: this is not the main analysis" in said
    assert "of 100 shuffles" not in said and "Fisher's p" not in said
    assert "chance_shuffles" not in figures(at) and "chance_models" in figures(at)
    assert not any("of 200" in t for t in tables(at))


def test_small_counts_suppressed_name_nobody(jobs_run):
    at = finished(opened("chance", **{privacy.CELLS: privacy.SUPPRESSED}, **FEW))
    assert "not shown while small counts are suppressed" in words(at)
    assert "chance_models" in figures(at) and not any(key.startswith("influence") for key in figures(at))
    assert not any("Who moves each result" in t or "nobody" in t for t in tables(at))


def test_a_job_that_is_stopped_goes_on_without_loss(jobs_run):
    trial = load_sample()
    spec, _ = resolve(trial, AnalysisSpec(shuffles=60, seed=99))
    problem = randomisation_problem(trial, spec)
    work = long_work.randomisation(trial, spec, problem)
    work.start()
    until(lambda: work.n_done > 0 or work.finished)
    work.cancel()
    work.wait()
    before = dict(work.results)
    work.start()
    work.wait()
    assert work.finished and all(dict(work.results)[block] is shuffled for block, shuffled in before.items())
    whole = long_work.shuffled_to_the_end(trial, spec)
    assert whole is not None and whole.complete
    assert long_work.shuffled_to_the_end(trial, spec.replace(seed=98)) is None


@pytest.mark.slow
def test_the_overviews_cards_say_how_each_result_stands(jobs_run):
    at = opened("overview", seed="7", **FEW)  # a state that no other test has shuffled: results live with the sample
    said = words(at)
    assert (
        "Model 9–51 points; robust" in said
        and "not shuffled yet: see Chance. The two intervals agree: a difference." in said
    )
    finished(turned(at, "chance"))
    said = words(turned(at, "overview"))
    assert re.search(r"Model 9–51 points; robust [^;]* points; by shuffling p\s\.0\d", said)
    assert "not shuffled yet" not in said


def test_a_model_that_does_not_describe_the_days_says_so_beside_its_intervals():
    apart = (
        "own trends differ more than this model allows: its own intervals are too narrow here; robust ones allow "
        "for it. Choose those under More choices."
    )
    for page in ("abstinence", "heavy_drinking", "overview"):
        assert apart in words(opened(page)), page
        assert apart not in words(opened(page, errors="robust")), page
