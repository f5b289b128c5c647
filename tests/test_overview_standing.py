"""Each card of the Overview has a line on how its result stands; the verdict is true before and after shuffling."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from ketadash.analyse import abstinence_check, abstinence_result, heavy_check, long_work
from ketadash.analyse.randomisation import NAMES, Shuffled, randomisation, randomisation_problem
from ketadash.core.p_values import shown
from ketadash.core.spec import AnalysisSpec, MissingRule, PValues, Uncertainty, Window
from ketadash.questions.overview import standing
from ketadash.questions.question import Material
from ketadash.trial import load, load_sample, resolve


def csv(people, drinks):
    rows = [(i, ("placebo", "active")[i % 2], day) for i in range(people) for day in range(1, 11)]
    return "participant_id,arm,day,drinks\n" + "\n".join(f"P{i:02},{a},{d},{drinks(i, d)}" for i, a, d in rows)


def drawn(i, day):
    return 7 * int("0110010111001011100101101100101100101110010"[(i * 7 + day * 3) % 40])


TRIALS = {
    "sample": None,
    "three an arm": csv(6, drawn),
    "three and two": csv(5, drawn),
    "all abstinent": csv(12, lambda i, day: 0),
    "one arm abstinent": csv(12, lambda i, day: 0 if i % 2 else (i + day * 3) % 7),
    "arms apart": csv(12, lambda i, day: 0 if i % 2 else 6),
    "yes and no": csv(12, lambda i, day: (i + day * 3) % 5 > 2),
    "one of each arm only": csv(40, lambda i, day: (i * 7 + day * day) % 11 if i < 3 else ""),
}
CHOICES = {
    "as usual": {},
    "robust": {"uncertainty": Uncertainty.ROBUST},
    "left out": {"missing": MissingRule.MISSING},
    "one day": {"days": Window(1, 1)},
}


@cache
def trial_of(name):
    """One of the trials, with what all tests compute of it."""
    made = TRIALS[name]
    return load_sample() if made is None else load(made.replace("True", "1").replace("False", "0").encode())


def state(name, choices, p_values=PValues.SHOWN):
    trial = trial_of(name)
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    return Material(trial, spec, p_values)


LINES = (standing.abstinence, standing.heavy, standing.relapse, standing.all_days)


def shuffled(m, scale=1.0):
    """All shuffles of a state, made up: each as large as `scale` times what was observed."""
    problem = randomisation_problem(m.trial, m.spec)
    observed = np.array([np.linspace(0.3, 0.1, len(problem.names)), np.full(len(problem.names), 0.1)])
    done = [
        (b, Shuffled(problem.names, observed, np.tile(observed * [[scale], [1.0]], (b.count, 1, 1))))
        for b in problem.blocks
    ]
    return randomisation(problem, done)


def test_a_ratio_near_one_is_never_rounded_to_no_difference(monkeypatch):
    """Over 90 days a ratio a day is 0.996: "0.99–1.00 … agree: a difference" contradicted itself."""
    monkeypatch.setattr(standing, "interval_of_trends", lambda result: (-0.0062, -0.0011))
    text = standing.heavy(state(next(name for name, made in TRIALS.items() if made is None), {}))
    assert "0.994–0.999" in text and "1.00" not in text


EVERY = list(product(TRIALS, CHOICES))
TELLING = [*((name, "as usual") for name in TRIALS), ("three and two", "robust"), ("sample", "left out")]


@pytest.mark.parametrize(
    "name, choice", [pair if pair in TELLING else pytest.param(*pair, marks=pytest.mark.slow) for pair in EVERY]
)
def test_every_card_has_its_line_or_the_reason(name, choice, monkeypatch):
    for p_values in (PValues.SHOWN, PValues.HIDDEN):
        m = state(name, CHOICES[choice], p_values)
        for after in (False, True):
            if after:
                result = shuffled(m, 2.0)
                monkeypatch.setattr(long_work, "shuffled_to_the_end", lambda *_, r=result: r)
            for line in LINES:
                text = shown(line(m), p_values)
                assert text.endswith(".") and len(text) > 20 and "None" not in text and "nan" not in text, line
                assert not (after and "not shuffled yet" in text.lower()), text
                assert not (p_values is PValues.HIDDEN and "p\u00a0" in text), text
        monkeypatch.undo()


def test_where_robust_errors_are_refused_the_models_interval_stands_and_the_reason():
    m = state("three and two", {"missing": MissingRule.MISSING})
    refused = abstinence_result(m.trial, m.spec.replace(uncertainty=Uncertainty.ROBUST))
    own = abstinence_result(m.trial, m.spec)
    assert own.difference and not refused.difference
    assert standing.abstinence(m).startswith("Model ") and standing.TOO_FEW in standing.abstinence(m)
    assert "they agree" not in standing.abstinence(m).lower()
    assert "With errors clustered by participant, the modelled difference has no interval in these data." in verdict(m)
    robust = replace(m, spec=m.spec.replace(uncertainty=Uncertainty.ROBUST))
    assert "With the model's own errors, the interval of the modelled difference" in verdict(robust)


def test_the_model_check_does_not_need_robust_errors():
    m = state("three and two", {"missing": MissingRule.MISSING})
    robust = m.spec.replace(uncertainty=Uncertainty.ROBUST)
    assert not abstinence_result(m.trial, robust).model.usable
    for check in (abstinence_check, heavy_check):
        own, other = check(m.trial, m.spec), check(m.trial, robust)
        assert own.measures and other.measures == own.measures and other.message == own.message


def verdict(m):
    return standing.how_it_stands(m.trial, m.spec, abstinence_result(m.trial, m.spec), m.p_values)


def test_the_verdict_is_short_sentences_and_speaks_of_shuffles_once_they_are_there(monkeypatch):
    m = state("sample", {})
    assert verdict(m).endswith(standing.on_chance())
    monkeypatch.setattr(long_work, "shuffled_to_the_end", lambda *_: shuffled(m, 0.5))
    after = shown(verdict(m), PValues.SHOWN)
    assert "page Chance" not in after
    assert "gives a difference this large in fewer than 1 of 100 shuffles (p\u00a0<\u00a0.001)" in after
    assert verdict(replace(m, p_values=PValues.HIDDEN)).endswith(standing.on_chance())
    for spec in (m.spec, *(m.spec.replace(**choice) for choice in CHOICES.values())):
        for sentence in verdict(replace(m, spec=resolve(m.trial, spec)[0])).split(". "):
            assert len(sentence.split()) <= 25, sentence


def test_the_fourth_card_has_the_shuffles_of_any_use(monkeypatch):
    m = state("sample", {})
    assert standing.all_days(m) == "Not shuffled yet: see Chance."
    whole = shuffled(m, 2.0)
    assert whole.contrasts[-1].name == NAMES[-1] == "any_use"
    monkeypatch.setattr(long_work, "shuffled_to_the_end", lambda *_: whole)
    line = shown(standing.all_days(m), PValues.SHOWN)
    assert line == "By shuffling p\u00a0>\u00a0.99. The interval and the shuffles agree: no clear difference."
    monkeypatch.setattr(long_work, "shuffled_to_the_end", lambda *_: shuffled(m, 0.5))
    assert standing.all_days(m).endswith("The interval and the shuffles do not agree.")
