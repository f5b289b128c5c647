"""Which questions a trial can answer is known before anything is computed, and is what computing would show."""

import pytest
from known_trials import sample_trial
from odd_trials import files

from ketadash.core.errors import KetadashError
from ketadash.export import catalogue
from ketadash.export.sections import Material
from ketadash.questions.registry import QUESTIONS, question
from ketadash.trial import load, load_sample, resolve
from ketadash.trial.sources import gather


def _rows(value):
    rows = [f"P{i},{('drug', 'placebo')[i % 2]},{day},{value(i, day)}" for i in range(12) for day in range(1, 8)]
    return "participant_id,arm,day,{}\n" + "\n".join(rows)


def _read(text):
    return load(gather(text.encode(), "mine.csv"))


TRIALS = {
    "sample": sample_trial,
    "drinks alone": lambda: _read(_rows(lambda i, day: (i * 7 + day * 3) % 5).format("drinks")),
    "yes or no": lambda: _read(_rows(lambda i, day: (i + day) % 2).format("used")),
    "every kind of file": lambda: load(gather(files("odd"), None)),
}


@pytest.mark.sweep(2)
@pytest.mark.parametrize("suppress", [False, True], ids=["shown", "suppressed"])
@pytest.mark.parametrize("name", TRIALS)
def test_a_question_is_answerable_where_it_has_a_section(name, suppress):
    trial = TRIALS[name]()
    spec, _ = resolve(trial, trial.declared.published)
    m = Material(trial, spec, suppress=suppress)
    said = {
        one.key: one.answerable(trial, spec, suppress)
        for one in QUESTIONS
        if one.in_report and one.key != "specifications"
    }
    has = {page: next(iter(catalogue.chapter(page).make(m)), None) is not None for page in said}
    assert said == has
    assert question("specifications").answerable(trial, spec, suppress)  # whatever is computed of it so far


def test_none_computes(monkeypatch):
    """A slide asks all of them, at every turn."""
    trial = load_sample()
    spec, _ = resolve(trial, trial.declared.published)

    def refuse(*_, **__):
        raise KetadashError("fitted")

    for kernel in ("ketadash.stats.glmm.fit", "ketadash.stats.pql.fit"):
        monkeypatch.setattr(kernel, refuse)
    spec = spec.replace(subgroup="sex")  # without a column there are no subgroups to answer for
    assert all(one.answerable(trial, spec, False) for one in QUESTIONS if one.in_report)
