"""Visit measures from files to results: which weeks, which baseline, which link, and the laws of the whole."""

import json

import numpy as np
import pandas as pd
import pytest
from what_else import resolved, tables, trial

from ketadash.analyse import measures_left_out, measures_result
from ketadash.analyse.measures import MOST, link_of, measure_columns, weekly
from ketadash.core.errors import DataError
from ketadash.core.spec import AnalysisSpec, Estimand, Window
from ketadash.export.analysis_json import analysis, dumps


def results(made, **choices):
    return {m.measure: m for m in measures_result(made, resolved(made, **choices))}


@pytest.fixture(scope="module")
def made():
    return trial()


def test_measures_are_numbers_of_more_than_two_values_after_day_0(made):
    assert measure_columns(made) == ("craving", "stress")
    early = tables()["visits"].assign(trait=lambda v: v.stress.where(v.day <= 0), note="word", etg_positive=0)
    assert measure_columns(trial({"visits": early})) == ("craving", "stress")
    assert measure_columns(trial({"visits": None})) == ()


def test_a_week_is_the_mean_of_its_visits_and_the_baseline_the_last_before(made):
    """By hand from the file: week 1 is days 1 to 7, week 2 days 8 to 14, week 3 days 15 to 21."""
    v = tables()["visits"]
    w = weekly(made, "stress", resolved(made))
    order = [f"P{i:02d}" for i in (*range(0, 24, 2), *range(1, 24, 2))]  # control first
    assert list(w.weeks) == [1, 2, 3]
    for row, who in enumerate(order):
        own = v[v.participant_id == who].set_index("day").stress
        assert w.baseline[row] == own.get(0, own.get(-3))
        for k, days in enumerate(((2, 5), (9, 13), (16, 20))):
            seen = [own[d] for d in days if d in own.index]
            assert w.y[row, k] == pytest.approx(np.mean(seen)) if seen else np.isnan(w.y[row, k])
    assert list(w.active) == [False] * 12 + [True] * 12


def test_the_window_says_which_visits_count(made):
    assert list(weekly(made, "stress", resolved(made, days=Window(1, 14))).weeks) == [1, 2]
    assert list(weekly(made, "stress", resolved(made, days=Window(8, 21))).weeks) == [2, 3]


def test_a_baseline_column_of_the_participants_wins():
    people = tables()["participants"]
    given = people.assign(baseline_stress=np.arange(len(people)) + 100.0)
    given.loc[5, "baseline_stress"] = np.nan
    made = trial({"participants": given})
    w = weekly(made, "stress", resolved(made))
    before = weekly(trial(), "stress", resolved(trial()))
    odd = list(np.arange(0, 24, 2)) + list(np.arange(1, 24, 2))
    assert w.baseline[odd.index(4)] == 104
    assert w.baseline[odd.index(5)] == before.baseline[odd.index(5)]  # none given: the visit's


def test_links_by_name_and_by_trial_toml(made):
    assert (link_of(made, "craving"), link_of(made, "stress")) == ("log", "identity")
    other = trial(toml='[measures]\nCraving = "identity"\nstress = "log"\n')
    assert (link_of(other, "craving"), link_of(other, "stress")) == ("identity", "log")
    found = results(other)
    assert found["craving"].model.method == "REML" and found["stress"].model.method == "RSPL"
    for bad in ('[measures]\ncraving = "logit"\n', 'measures = "log"\n'):
        with pytest.raises(DataError, match=r"\[measures\].*log and identity"):
            trial(toml=bad)


def test_the_model_is_the_paper_s(made):
    m = results(made)["craving"]
    assert [c.term for c in m.model.coefficients] == ["intercept", "week", "arm", "week:arm", "baseline_craving"]
    assert m.model.formula.startswith("log E(craving) ~ week + arm + week:arm + baseline_craving + (1 | participant)")
    assert m.model.convergence.ok and m.model.rho is not None and m.model.aic is None
    # containment: rows − (people + columns that vary within people: week and week:arm)
    assert m.model.df == m.counts.n_rows - m.counts.n_participants - 2
    assert {c.arm for c in m.change} == {"placebo", "ketamine", "difference"}


def test_swapping_the_arms_turns_everything_round(made):
    there, back = results(made), results(made, control="ketamine", active="placebo")
    for name, sign in (("craving", "ratio"), ("stress", "difference")):
        a, b = ({c.arm: c for c in m.change} for m in (there[name], back[name]))
        # two runs to one fixed point, TOLERANCE 1e-8 apart at most
        assert a["placebo"].estimate == pytest.approx(b["placebo"].estimate, rel=1e-6)
        turned = 1 / b["difference"].estimate if sign == "ratio" else -b["difference"].estimate
        assert a["difference"].estimate == pytest.approx(turned, rel=1e-6)
        assert a["difference"].p == pytest.approx(b["difference"].p, rel=1e-5)
        one, two = ({(p.arm, p.week): p.mean for p in m.modelled} for m in (there[name], back[name]))
        assert one == pytest.approx(two, rel=1e-6)


def test_the_order_of_rows_and_the_other_files_do_not_matter(made):
    shuffled = {k: t.sample(frac=1, random_state=3) for k, t in tables().items()}
    for name, m in results(trial(shuffled)).items():
        assert m.model.beta == pytest.approx(results(made)[name].model.beta, rel=1e-7)


def test_the_typical_participant_of_a_log_link_is_below_the_average(made):
    average, typical = results(made)["craving"], results(made, estimand=Estimand.TYPICAL)["craving"]
    assert all(t.mean < a.mean for a, t in zip(average.modelled, typical.modelled, strict=True))
    assert [p.mean for p in results(made)["stress"].modelled] == pytest.approx(
        [p.mean for p in results(made, estimand=Estimand.TYPICAL)["stress"].modelled], rel=1e-9
    )


def test_observed_means_are_plain_means(made):
    m = results(made)["stress"]
    w = weekly(made, "stress", resolved(made))
    for p in m.observed:
        values = (w.baseline if p.week == 0 else w.y[:, p.week - 1])[w.active == (p.arm == "ketamine")]
        assert p.n == np.isfinite(values).sum()
        assert p.mean == pytest.approx(np.nanmean(values))
        assert p.se == pytest.approx(np.nanstd(values, ddof=1) / np.sqrt(p.n))


def test_people_without_a_value_before_are_said_and_stay_in():
    v = tables()["visits"]
    m = results(trial({"visits": v[~((v.participant_id == "P04") & (v.day <= 0))]}))["stress"]
    assert m.counts.n_participants == 24
    assert m.warnings == ("stress: no value before treatment for 1 participant; the mean of the others is used",)
    none = results(trial({"visits": v[v.day > 0]}))["stress"]
    assert "baseline_stress" not in [c.term for c in none.model.coefficients]
    assert "not given" in none.warnings[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v[v.day <= 5], "hardly anyone was measured in two different weeks"),
        (
            lambda v: v[(v.day <= 0) | v.participant_id.isin(["P00", "P01"])],
            "repeats what arm and week say",
        ),  # arm = person
        (lambda v: v.assign(craving=v.craving - 30), "values below 0"),
    ],
)
def test_what_cannot_be_modelled_is_shown_and_says_why(change, said):
    found = trial({"visits": change(tables()["visits"])})
    m = results(found)["craving"]
    assert not m.model.usable and not m.modelled and not m.change
    assert said in m.model.convergence.messages[0]
    assert any(p.mean is not None for p in m.observed)
    json.loads(dumps(analysis(found, AnalysisSpec(), ["safety"])))  # strict JSON all the same


def test_hundreds_of_columns_are_cut_and_named():
    v = tables()["visits"]
    many = pd.concat([v, *(v.stress.rename(f"lab_{i}") + i for i in range(MOST + 3))], axis=1)
    made = trial({"visits": many})
    assert len(measure_columns(made)) == MOST + 5
    assert "lab_26" in measures_left_out(made)
    assert measures_left_out(trial()) is None
