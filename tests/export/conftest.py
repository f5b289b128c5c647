"""The sample trial's report, made once; and a trial whose names are hostile."""

from datetime import UTC, datetime

import pytest

from ketadash.export.bundle import Content, written
from ketadash.export.catalogue import CHAPTERS, every
from ketadash.export.provenance import stamp
from ketadash.export.sections import Material, methods_of
from ketadash.trial import load, load_sample, resolve

WHEN = datetime(2026, 3, 1, 12, 34, tzinfo=UTC)
LINK = "https://example.org/abstinent-days?trend=linear"
HOSTILE = ('=HYPERLINK("http://x")</script><img src=x onerror=alert(1)>', "drug \\input{/etc/passwd} & 50% _$^~#{}")


def content(trial, spec=None, pages=None, **more):
    """What would be written for `pages` of a trial."""
    chosen = spec or trial.declared.published
    resolved, _ = resolve(trial, chosen)
    material = Material(trial, resolved, **more)
    sections = tuple(every(pages or [c.page for c in CHAPTERS], material))
    origin = stamp(trial, chosen, resolved, when=WHEN, link=LINK)
    return Content(material, chosen, sections, origin, methods_of(material, sections, origin))


@pytest.fixture(scope="session")
def sample():
    return content(load_sample())


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
    return content(load("\n".join(rows).encode(), name="mine.csv"), pages=pages)
