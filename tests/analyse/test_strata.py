"""Strata and further covariates from the option to the number: what is refused, said, fitted and shuffled."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stratified_trials import made, model, trial_of

from ketadash import analyse
from ketadash.analyse.randomisation import randomisation_problem
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimator, MissingRule
from ketadash.trial import covariates, resolve

ORACLE = Path(__file__).parents[1] / "oracle"
R = json.loads((ORACLE / "strata.json").read_text())


def relapse(with_strata, **choices):
    return analyse.time_to_event(with_strata, resolve(with_strata, AnalysisSpec(**choices))[0])["relapse"]


def hundred(n=120):
    return {"code": [f"c{k % 100}" for k in range(n)]}


@pytest.mark.sweep(8)
@pytest.mark.parametrize("kind", ["strata", "adjust_for"])
@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("stie", "no column 'stie' for a .*; there are: .*did you mean 'site'"),
        ("arm", "'arm' is what is compared"),
        ("participant_id", "tells rows apart"),
        ("day", "tells rows apart"),
        ("drinks", "what the outcomes are made of"),
        ("mood", "changes from day to day within .* from before: choose another column"),
        ("same", "the same for everybody"),
        ("nothing", "is empty"),
        ("code", "has 100 levels, and a .* may have 60"),
        ("dropout_reason", "measured after randomisation"),
        ("last_attended_day", "measured after randomisation"),
        ("first_dose_day", "measured after randomisation"),
    ],
)
def test_what_cannot_be_one_is_refused_in_a_sentence(kind, column, why):
    rng = np.random.default_rng(1)
    more = {"same": "x", "nothing": np.nan, "dropout_reason": "moved", "last_attended_day": rng.integers(1, 14, 120)}
    with_strata = made(120, 5, **hundred(), **more, first_dose_day=rng.integers(0, 9, 120))
    with_strata = replace(with_strata, days=with_strata.days.assign(mood=rng.random(len(with_strata.days))))
    with pytest.raises(SpecError, match=why):
        resolve(with_strata, AnalysisSpec(**{kind: (column,)}))


def test_a_number_of_100_values_may_be_a_covariate_and_no_stratum():
    with_strata = made(120, 5, weight=np.arange(120) / 7)
    resolve(with_strata, AnalysisSpec(adjust_for=("weight",)))
    with pytest.raises(SpecError, match="has 120 levels, and a stratum may have 60"):
        resolve(with_strata, AnalysisSpec(strata=("weight",)))


def test_a_column_is_known_by_its_name_in_the_file_and_stands_once(with_strata):
    spec, _ = resolve(with_strata, AnalysisSpec(strata=("Site", "site"), adjust_for=("AGE",)))
    assert (spec.strata, spec.adjust_for) == (("site",), ("age",))
    assert resolve(with_strata, spec)[0] == spec


def test_strata_of_one_arm_are_named(with_strata):
    people = with_strata.participants.assign(
        ward=np.where(np.arange(60) < 2, "A", np.where(np.arange(60) % 2, "B", "C"))
    )
    told = replace(with_strata, participants=people)
    warnings = relapse(told, strata=("ward",)).warnings
    (said,) = [w for w in warnings if "one arm only" in w]
    assert said.startswith("2 of 3 strata, with 58 of 60 participants, have one arm only")
    alone = replace(with_strata, participants=people.assign(ward=people["arm"].map({"active": "x", "placebo": "y"})))
    result = relapse(alone, strata=("ward",))
    assert any("every stratum has one arm only" in w for w in result.warnings)
    assert result.logrank.chi2 is None and result.unstratified[0].chi2 is not None


def test_what_is_not_known_is_said_and_nobody_is_lost(with_strata):
    people = with_strata.participants.copy()
    people["age"] = people["age"].astype(float).where(np.arange(60) != 7)
    people["sex"] = people["sex"].where(np.arange(60) > 1)
    gaps = replace(with_strata, participants=people)
    p = analyse.panel_of(gaps, resolve(gaps, AnalysisSpec(adjust_for=("age", "sex")))[0])
    assert p.covariate_names == ("age", "sex: M", "sex: not known")
    assert p.covariates[:, 0] == pytest.approx(np.nan_to_num(p.covariates[:, 0], nan=-1))
    assert np.isclose(p.covariates[:, 0], people["age"].mean()).sum() >= 1
    assert p.covariates[:, 2].sum() == 2
    said = " ".join(p.warnings)
    assert "'age' is missing for 1 participant" in said and "the mean of the others" in said
    assert "'sex' is missing for 2 participants" in said and "a level of its own, 'not known'" in said
    assert model(gaps, adjust_for=("age", "sex")).model.n_participants == 60


def test_what_others_say_already_is_left_out_and_said(with_strata):
    people = with_strata.participants.assign(
        region=with_strata.participants["site"].map({1.0: "N", 2.0: "N", 3.0: "S", 4.0: "S"})
    )
    nested = replace(with_strata, participants=people)
    both, one = (model(nested, strata=columns) for columns in (("site", "region"), ("site",)))
    assert [c.estimate for c in both.model.coefficients] == pytest.approx(
        [c.estimate for c in one.model.coefficients], rel=1e-9
    )
    assert any("region: S: left out of the models" in w for w in both.warnings)


def test_strata_make_the_test_and_the_hazard_ratio_stratified_and_leave_the_curve(with_strata):
    plain, within = relapse(with_strata), relapse(with_strata, strata=("site", "sex"))
    assert (within.test, plain.test) == ("stratified log-rank", "log-rank")
    assert within.unstratified == (plain.logrank, plain.cox) and plain.unstratified is None
    assert within.logrank.chi2 != plain.logrank.chi2 and within.cox.hr != plain.cox.hr
    assert (within.curve, within.rmst, within.difference) == (plain.curve, plain.rmst, plain.difference)
    assert relapse(with_strata, strata=("sex", "site")).logrank.chi2 == pytest.approx(within.logrank.chi2, rel=1e-12)


@pytest.mark.parametrize("dropout", [DropoutRule.COMPETING, DropoutRule.IMPUTED])
def test_other_readings_of_dropout_are_stratified_too(with_strata, dropout):
    how = {"dropout": dropout, "imputations": 3}
    how |= {"missing": MissingRule.IMOR} if dropout is DropoutRule.IMPUTED else {}
    plain, within = relapse(with_strata, **how), relapse(with_strata, **how, strata=("site",))
    assert within.test.startswith("stratified") and within.strata == ("site",)
    assert within.logrank.chi2 != plain.logrank.chi2
    if dropout is DropoutRule.COMPETING:
        assert within.unstratified == (plain.logrank, plain.cox)


def test_shuffles_stay_within_strata(with_strata):
    problem = randomisation_problem(with_strata, resolve(with_strata, AnalysisSpec(strata=("site",), shuffles=50))[0])
    p = problem.panel
    assert problem.strata_names == ("site",) and not problem.crossed
    for active in problem.draws(problem.blocks[0]):
        for s in range(4):
            assert active[p.strata == s].sum() == p.active[p.strata == s].sum()
    crossing = randomisation_problem(with_strata, resolve(with_strata, AnalysisSpec(shuffles=50))[0])
    assert "cross site" in crossing.crossed
    assert any(a[p.strata == 0].sum() != p.active[p.strata == 0].sum() for a in crossing.draws(crossing.blocks[0]))


def test_the_model_with_a_class_and_a_number_is_lme4s():
    d = pd.read_csv(ORACLE / "datasets" / "trial40.csv")
    one = d.drop_duplicates("id")
    ids, arm = one["id"].map("P{:02d}".format), one["arm"].map({0: "placebo", 1: "active"})
    people = pd.DataFrame({"participant_id": ids, "arm": arm, "baseline_drinks": one["base"]})
    people = people.assign(site=one["id"] % 3, x=(one["id"] * 7) % 11)
    days = pd.DataFrame(
        {"participant_id": d["id"].map("P{:02d}".format), "arm": d["arm"].map({0: "placebo", 1: "active"})}
    ).assign(day=d["day"], drinks=1 - d["y"])
    m = model(trial_of(people, days), strata=("site",), adjust_for=("x",), missing=MissingRule.MISSING).model
    names = {"(Intercept)": "intercept", "base": "baseline_drinks", "site1": "site: 1", "site2": "site: 2"}
    ours = [m.coefficient(names.get(term, term)).estimate for term in R["glmer"]["terms"]]
    assert ours == pytest.approx(R["glmer"]["estimates"], rel=2e-4, abs=2e-5)
    assert m.random_intercept_sd == pytest.approx(R["glmer"]["sigma"], rel=1e-4)
    assert m.minus2ll == pytest.approx(R["glmer"]["minus2ll"], abs=1e-4)


@pytest.mark.parametrize("estimator", list(Estimator))
def test_recoding_and_rescaling_change_nothing(with_strata, estimator):
    people = with_strata.participants
    other = replace(
        with_strata,
        participants=people.assign(
            site=people["site"].map({1: "d", 2: "c", 3: "b", 4: "a"}), age=people["age"] * -365.25
        ),
    )
    how = {"strata": ("site",), "adjust_for": ("age",), "estimator": estimator}
    one, two = model(with_strata, **how), model(other, **how)
    for a, b in zip(one.difference, two.difference, strict=True):
        assert (a.probability, a.se) == pytest.approx((b.probability, b.se), rel=2e-5, abs=1e-7)
    assert one.model.coefficient("day:arm").estimate == pytest.approx(
        two.model.coefficient("day:arm").estimate, rel=1e-5
    )


def test_a_covariate_that_has_to_do_with_nothing_hardly_moves_the_difference(with_strata):
    rng = np.random.default_rng(5)
    noise = replace(with_strata, participants=with_strata.participants.assign(noise=rng.normal(size=60)))
    plain, adjusted = model(noise).difference[-1], model(noise, adjust_for=("noise",)).difference[-1]
    assert abs(adjusted.probability - plain.probability) < 0.15 * plain.se
    assert abs(adjusted.probability - plain.probability) > 0


@pytest.mark.parametrize("estimator", list(Estimator))
def test_adjusting_for_the_baseline_column_as_a_covariate_is_adjusting_for_the_baseline(with_strata, estimator):
    as_baseline = model(with_strata, estimator=estimator)
    as_covariate = model(with_strata, estimator=estimator, adjust=False, adjust_for=("baseline_drinks",))
    both = model(with_strata, estimator=estimator, adjust_for=("baseline_drinks",))
    for other in (as_covariate, both):
        assert [c.estimate for c in other.model.coefficients] == [c.estimate for c in as_baseline.model.coefficients]


def test_heavy_days_are_adjusted_too_and_imputations_drawn_with_the_covariates(with_strata):
    spec = resolve(
        with_strata, AnalysisSpec(adjust_for=("age",), strata=("sex",), missing=MissingRule.IMOR, imputations=2)
    )[0]
    terms = [c.term for c in analyse.heavy_result(with_strata, spec).model.coefficients]

    assert {"sex: M", "age"} <= set(terms)
    assert analyse.abstinence_result(with_strata, spec).model.n_imputations == 2


def test_only_columns_from_before_are_offered(with_strata):
    assert covariates.offered(with_strata, "strata") == ("sex", "site", "age", "baseline_drinks")[:4]
