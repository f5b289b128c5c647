"""*Forget this trial* leaves nothing of it in memory, from whichever page, with a report, a map and downloads begun."""

import gc
import sys
from collections import Counter
from pathlib import Path
from threading import Event

import pytest
from opened import opened, turned

from ketadash.analyse import batch
from ketadash.analyse.jobs import Job
from ketadash.ui import download, navigation, state
from ketadash.ui.components import report

sys.path.insert(0, str(Path(__file__).parents[1]))
from live_objects import Watch

STEMS = navigation.page_keys()
ALWAYS = ("missing_days", "report")  # the others' parts are in these too
WITH_JOBS = {
    "overview",
    "abstinence",
    "heavy_drinking",
    "nnt",
    "endpoints",
    "missing_days",
    "specifications",
    "chance",
    "report",
}
ROWS = "\n".join(
    f"ZQ-{i:02d},{('placebo', 'ketamine')[i % 2]},{d},{(i * 7 + d * 3) % 5 if (i + d) % 9 else ''}"
    for i in range(24)
    for d in range(1, 15)
)
CSV = f"participant_id,arm,day,drinks\n{ROWS}\n"
HANG_S = 60  # guards against waiting for ever; decides nothing


@pytest.fixture
def slow_jobs(monkeypatch):
    """Background work that has begun and comes to no end of its own before the event is set."""
    go_on = Event()

    def run(f, tasks):
        for k, task in enumerate(tasks):
            if k:
                go_on.wait(HANG_S)
            yield task, f(task)

    monkeypatch.setattr(batch, "run", run)
    yield go_on
    go_on.set()


def uploaded(at):
    at.file_uploader[0].set_value(("mine.csv", CSV.encode(), "text/csv"))
    return at.run()


def pressed(at, label):
    next(b for b in at.button if b.label == label).click()
    return at.run()


def begin(at, stem):
    """The page's first and last downloads, made and not fetched or, if long, under way; a report; what was begun."""
    offers = list(at.session_state[download.OFFERED].offers.values())
    offers = offers[:2] + offers[-2:]
    makings = [offer.pressed("p") for offer in offers]
    for making, offer in zip(makings, offers, strict=True):
        if not offer.file.heavy:
            making.ended.result(HANG_S)
    if stem == "report":
        next(w for w in at.button_group if w.key == "report_sections").set_value(["nnt", "missing_days"])
        at = pressed(at.run(), "Make the report")
        at.session_state[report.MAKING].wait(HANG_S)
        assert at.session_state[report.MAKING].files
        at = at.run()
    return at, makings


@pytest.mark.parametrize("stem", [s if s in ALWAYS else pytest.param(s, marks=pytest.mark.slow) for s in STEMS])
def test_nothing_of_a_forgotten_trial_is_left(stem, jobs_run, slow_jobs):
    at = opened("data", imputations="1")  # the sample is everybody's
    others = Job(abs, [1])  # as other readers', and other tests' of this process, which go on
    watch = Watch()
    at, makings = begin(turned(uploaded(at), stem), stem)
    assert not at.exception
    seen = watch.look()
    assert seen["Trial"] == seen["Given"] == seen["Own"] == 1 and seen["DataFrame"] >= 2, "this looks at nothing"
    assert bool(seen["Job"]) == (stem in WITH_JOBS)
    at = pressed(turned(at, "data"), "Forget this trial")
    at = at.run()
    assert not at.exception and state.OWN not in at.session_state
    assert all(making.ended.result(HANG_S) is None and making.progress.stopped for making in makings)
    del at, makings
    gc.collect()
    jobs = watch.new(Job)
    assert all(job.cancelled for job in jobs), "what was under way goes on"
    assert not others.cancelled
    slow_jobs.set()  # what cannot be broken off, a piece, comes to its end
    for job in jobs:
        job.wait(HANG_S)
    del jobs
    job = None
    assert watch.left() == Counter(), watch.holders()
