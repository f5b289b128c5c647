"""What has always been read right is read so still, and nobody is asked about it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import dressed
import pytest
from builder import DRESSED, SOUND
from read_alike import FORMATS, LONG, SAVED

from ketadash.core.paths import sample_folder
from ketadash.trial import attempt, resolve
from ketadash.trial.recipe import Recipe

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "fuzz"))
import corpus  # noqa: E402

HEADERS = ("day{}", "Day {}", "drinks_d{}", "{}", "TLFB day {}", "drinks{}", "Day ({})", "d {}", "day-{}")
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d%b%Y", "%d-%b-%Y", "%B %d, %Y")


def questions(source, recipe: Recipe | None = None) -> list[str]:
    """What is asked about a source, the arms included."""
    reading = attempt(source, recipe=recipe)
    trial = reading.trial or reading.provisional
    asked = [c.message for c in reading.checks if c.severity == "question"]
    if trial is None:
        return [*asked, *(f"not read: {c.message}" for c in reading.checks if c.severity == "error")]
    resolve(trial, trial.declared.published)  # raises where the arms are in question
    return asked


SOURCES = {
    "the sample": sample_folder(),
    "the plainest": SOUND,
    **{f"dressed: {name}": raw for name, raw in DRESSED.items()},
    **{f"format {how}": dressed.as_bytes(LONG, how) for how in FORMATS},
    **{f"grid {h}": dressed.as_bytes(dressed.wide(LONG[LONG["day"] > 0], h), "csv") for h in HEADERS},
    **{f"dates {how}": dressed.as_bytes(dressed.with_dates(LONG, how), "csv") for how in DATES},
    "CDISC": {f"{n}.csv": dressed.as_bytes(f, "csv") for n, f in dressed.cdisc(LONG).items()},
}


@pytest.mark.sweep(8)
@pytest.mark.parametrize("name", SOURCES)
def test_nobody_is_asked_about_what_is_plain(name):
    assert questions(SOURCES[name]) == []


@pytest.mark.parametrize("name", SAVED)
def test_nobody_is_asked_about_the_shapes(name):
    frame, columns = SAVED[name]
    assert questions(dressed.as_bytes(frame, "csv"), Recipe(columns=tuple(columns.items()))) == []


@pytest.mark.sweep(4)
@pytest.mark.parametrize("shape", corpus.SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_asked_about_the_sound_trials_that_are_spoilt_elsewhere(shape, seed):
    import random

    tables, texts = corpus.sound(random.Random(f"{seed}:{shape}"), shape)
    files = {f"{name}.csv": dressed.as_bytes(frame, "csv") for name, frame in tables.items()}
    files |= {name: text.encode() for name, text in texts.items() if name == "trial.toml"}
    asked = [q for q in questions(files) if not q.startswith("not read")]
    assert asked == []


def test_nobody_is_asked_about_the_manuals_own_example():
    manual = (ROOT / "docs" / "data-format.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```\n(participant_id,arm,day.*?)```", manual, re.DOTALL)
    rows = example.strip().splitlines()
    more = [row.replace("P0", "Q0") for row in rows[1:]]
    assert questions("\n".join([*rows, *more]).encode()) == []
