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
    (note,) = [w for w in p.warnings if "which the window takes: an outcome cannot be its own baseline" in w]
    assert note.endswith("left out; if adjusted for baseline, models of heavy days take 'baseline_drinks' instead")
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


@pytest.mark.parametrize("value, why", [(3, "the same for everybody"), (np.nan, "empty")])
@pytest.mark.parametrize("other", ["baseline_drinks", None])
def test_a_files_own_baseline_of_heavy_days_that_says_nothing_is_not_dropped_without_a_word(value, why, other):
    d = trial_from(1, given=True)[1].assign(baseline_heavy_days=value)
    d = d if other else d.drop(columns="baseline_drinks")
    trial = load(d.to_csv(index=False).encode(), name="made up")
    spec, _ = resolved(trial, 1)
    result = analyse.heavy_result(trial, spec)
    (note,) = [w for w in result.warnings if "baseline_heavy_days" in w]
    assert note.startswith(f"'baseline_heavy_days' is {why}; ")
    assert result.model.coefficients[-1].term == (other or "day:arm")
    assert note.endswith(f"models of heavy days take '{other}' instead" if other else "have no baseline to adjust for")


@pytest.mark.parametrize("drinks", [None, 7])
def test_a_baseline_of_heavy_days_alone_is_not_dropped_without_a_word(drinks):
    d = trial_from(1)[1]
    d["baseline_heavy_days"] = d.participant_id.str[1:].astype(int) % 4
    d = d if drinks is None else d.assign(baseline_drinks=drinks)
    trial = load(d.to_csv(index=False).encode(), name="made up")
    spec, notes = resolved(trial, 1)
    assert any("'baseline_heavy_days' is not used either" in n for n in notes)
    assert analyse.heavy_result(trial, spec).model.coefficients[-1].term == "day:arm"
    chosen, notes = resolve(trial, spec.replace(baseline="baseline_heavy_days", adjust=True))  # as the note has it
    assert not any("baseline" in n for n in notes)
    assert analyse.heavy_result(trial, chosen).model.coefficients[-1].term == "baseline_heavy_days"


def test_a_baseline_of_heavy_days_that_is_used_has_no_note():
    d = trial_from(1, given=True)[1]
    d["baseline_heavy_days"] = d.participant_id.str[1:].astype(int) % 4
    trial = load(d.to_csv(index=False).encode(), name="made up")
    spec, notes = resolved(trial, 1)
    assert not any("baseline" in w for w in (*notes, *panel(trial, spec).warnings))
