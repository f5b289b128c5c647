"""No day of the window counts as baseline: an outcome would be its own covariate."""

import numpy as np
import pandas as pd
import pytest

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, Window
from ketadash.trial import load, panel, resolve


def trial_from(first, *, given=False, n_people=14, last=11):
    rng = np.random.default_rng(5)
    person = np.repeat(np.arange(n_people), last + 1 - first)
    d = pd.DataFrame(
        {
            "participant_id": [f"P{p:02}" for p in person],
            "arm": np.where(person % 2, "active", "control"),
            "day": np.tile(np.arange(first, last + 1), n_people),
            "sex": "M",
            "drinks": rng.poisson(2 + 2 * (person % 3)),
        }
    )
    if given:
        d["baseline_drinks"] = 10 + person % 5
    return load(d.to_csv(index=False).encode(), name="made up"), d


def resolved(trial, first, last=11):
    return resolve(trial, AnalysisSpec(days=Window(first, last)))


def test_heavy_days_of_the_window_are_no_baseline_of_the_heavy_model():
    trial, _ = trial_from(0, given=True)
    spec, _ = resolved(trial, 0)
    p = panel(trial, spec)
    assert p.baseline_heavy is None
    assert any("which the window takes: an outcome cannot be its own baseline" in w for w in p.warnings)
    assert analyse.heavy_result(trial, spec).model.coefficients[-1].term == "baseline_drinks"


def test_before_the_window_they_are_and_what_they_replace_is_said():
    trial, d = trial_from(0, given=True)
    spec, _ = resolved(trial, 1)
    p = panel(trial, spec)
    on_day_0 = d[d.day == 0].set_index("participant_id").drinks
    assert p.baseline_heavy.tolist() == [float(on_day_0[i] > 4) for i in p.participant_ids]
    assert any("in place of 'baseline_drinks'" in w for w in p.warnings)


def test_a_computed_baseline_inside_the_window_leaves_the_models_unadjusted_and_says_so():
    trial, _ = trial_from(0)
    spec, notes = resolved(trial, 0)
    assert spec.baseline is None and not spec.adjust
    assert any(n.startswith("no baseline adjustment: 'baseline_drinks' was computed from day 0") for n in notes)


@pytest.mark.parametrize("first", [-3, -1])
def test_of_several_days_those_before_the_window_remain(first):
    trial, d = trial_from(-6)
    spec, _ = resolved(trial, first)
    p = panel(trial, spec)
    before = d[(d.day < first)].groupby("participant_id").drinks
    assert p.baseline == pytest.approx([before.mean()[i] for i in p.participant_ids])
    heavy = before.apply(lambda drinks: (drinks > 4).sum())
    assert p.baseline_heavy == pytest.approx([heavy[i] for i in p.participant_ids])
    when = f"days -6 to {first - 1}"
    assert sum(f"it is now computed from {when} alone" in w for w in p.warnings) == 2


def test_a_window_after_treatment_has_the_baseline_it_had():
    trial, _ = trial_from(-6)
    p = panel(trial, resolved(trial, 4)[0])
    people = trial.participants.set_index("participant_id")
    assert p.baseline.tolist() == people.baseline_drinks[list(p.participant_ids)].tolist()
    assert not any("which the window takes" in w for w in p.warnings)
