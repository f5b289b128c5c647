"""The sample trial's report, made once; and a trial whose names are hostile."""

import io

import pytest
from decks import ROOMS, USUAL
from known_trials import sample_trial
from pptx import Presentation
from taken_away import HOSTILE, content

from ketadash.export.bundle import written
from ketadash.trial import load


@pytest.fixture(scope="session")
def sample():
    return content(sample_trial())


@pytest.fixture(scope="session")
def file_of(sample):
    """The sample's report in a format, made once."""
    made = {}

    def file(name):
        if name not in made:
            made[name] = written(name, sample)
        return made[name]

    return file


@pytest.fixture(scope="session")
def hostile():
    """Formulas, tags and LaTeX commands for arms."""
    rows = ["participant_id,arm,day,drinks,baseline_drinks"]
    for k in range(16):
        arm = HOSTILE[k % 2].replace('"', '""')
        for day in range(1, 9):
            drinks = "" if (k, day) in {(0, 8), (3, 7), (3, 8)} else (k * day * 7 + day) % 5 if (k + day) % 3 else 0
            rows.append(f'P{k:02},"{arm}",{day},{drinks},{3 + k % 5}')
    pages = ["abstinence", "relapse", "nnt", "missing_days", "participants"]
    mine = load("\n".join(rows).encode(), name="mine.csv")
    return content(mine, mine.declared.published.replace(control=HOSTILE[0], active=HOSTILE[1]), pages)


@pytest.fixture(scope="session")
def deck(sample):
    return Presentation(io.BytesIO(written("slides", sample)))


@pytest.fixture(
    scope="session",
    params=["sample", *USUAL, *(pytest.param(n, marks=pytest.mark.slow) for n in ROOMS if n not in USUAL)],
)
def shown(request, sample):
    """A presentation and what it is made from."""
    made = sample if request.param == "sample" else ROOMS[request.param]()
    raw = written("slides", made)
    return made, raw, Presentation(io.BytesIO(raw))
