"""Chance as native charts: the shuffles', the models' and the left-out estimates' own numbers."""

import io

import numpy as np
import pytest
from known_trials import sample_trial
from pptx import Presentation
from pptx.oxml.ns import qn
from taken_away import content

from ketadash.analyse.influence import influence, influence_problem
from ketadash.analyse.model_check import abstinence_check, heavy_check
from ketadash.analyse.randomisation import randomisation, randomisation_problem
from ketadash.export.bundle import written
from ketadash.questions.chance import figure, office_chart
from ketadash.questions.chance.question import CHANCE
from ketadash.questions.question import Material, Picture
from ketadash.trial import resolve


@pytest.fixture(scope="module")
def results():
    trial = sample_trial()
    spec, _ = resolve(trial, trial.declared.published.replace(shuffles=20))
    shuffled, left_out = randomisation_problem(trial, spec), influence_problem(trial, spec)
    few = left_out.tasks[:4]
    return {
        "randomisation": randomisation(shuffled, [(b, shuffled.block(b)) for b in shuffled.blocks]),
        "influence": influence(left_out, [(task, left_out.without(task)) for task in few]),
    }


@pytest.fixture(scope="module")
def deck(results):
    made = content(sample_trial(), pages=["chance"], ready=results)
    deck = Presentation(io.BytesIO(written("slides", made)))
    return {shape.name: shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart}


def points(made, name):
    (series,) = [s for s in made.plots[0].series if s.name == name]
    x = [float(v.text) for v in series._element.find(qn("c:xVal")).iter(qn("c:v"))]
    return x, list(series.values)


def test_a_histogram_counts_every_shuffle_and_marks_what_was_observed(deck, results):
    shown = [c for c in results["randomisation"].contrasts if c.statistic is not None]
    for row, contrast in enumerate(reversed(shown), 1):
        x, y = points(deck["shuffles"], f"{contrast.label}, shuffles")
        heights = np.array(y[1:-1:2]) - row
        counts, edges = np.histogram(np.clip(contrast.draws[~np.isnan(contrast.draws)], -5, 5), figure.BINS)
        assert x[::2] == pytest.approx(edges) and x[1::2] == pytest.approx(edges)
        assert heights / heights.max() == pytest.approx(counts / counts.max())
        assert points(deck["shuffles"], f"{contrast.label}, observed")[0] == [pytest.approx(contrast.statistic)]


def test_the_model_check_has_its_ratios(deck):
    trial = sample_trial()
    spec, _ = resolve(trial, trial.declared.published)
    checks = [abstinence_check(trial, spec), heavy_check(trial, spec)]
    names = [s.name for s in deck["model-check"].plots[0].series if s.name.endswith(", observed")]
    observed = [points(deck["model-check"], name)[0][0] for name in names]
    expected = [m.observed / m.expected for c in checks for m in c.measures]
    assert sorted(observed) == pytest.approx(sorted(expected))
    for name in names:
        (low, high), (y, also_y) = points(deck["model-check"], name.replace("observed", "the model's own"))
        assert low < high and y == also_y == points(deck["model-check"], name)[1][0]


def test_the_model_checks_text_alternative_holds_its_ratios():
    trial = sample_trial()
    spec, _ = resolve(trial, trial.declared.published)
    pictures = [block for block in CHANCE.blocks(Material(trial, spec)) if isinstance(block, Picture)]
    (alt,) = [picture.alt for picture in pictures if picture.name == "model-check"]
    measures = [m for check in (abstinence_check, heavy_check) for m in check(trial, spec).measures]
    assert all(f" {m.observed / m.expected:.2f}" in alt for m in measures), alt


def test_the_estimates_without_each_participant_rise_and_reach_their_intervals(results):
    for r in results["influence"]:
        made = office_chart.influence(r)
        seen = sorted((x, y) for s in made.series if s.kind == "points" for x, y in zip(s.x, s.y, strict=True))
        values = sorted(w.estimate.estimate for w in r.without if w.estimate.estimate is not None)
        assert [y for _, y in seen] == values and [x for x, _ in seen] == list(range(1, len(values) + 1))
        lows = [y - minus for s in made.series for y, minus in zip(s.y, s.minus, strict=False)]
        assert made.y.low <= min(lows) and made.y.low <= made.zero <= made.y.high
        full = next(s for s in made.series if s.name == "With everybody")
        assert set(full.y) == {r.full.estimate}
