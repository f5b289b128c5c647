"""Strata and further covariates from the option to the number: what is refused, said, fitted and shuffled."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtrc

from ketadash import analyse
from ketadash.analyse.outcomes import time_to
from ketadash.analyse.randomisation import randomisation_problem
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimator, MissingRule, Trend, Window
from ketadash.export.analysis_json import analysis
from ketadash.export.from_blocks import flat
from ketadash.questions.question import Material
from ketadash.questions.registry import question
from ketadash.questions.relapse import tables
from ketadash.stats import stratified
from ketadash.stats.adjusted_hazard import adjusted_cox
from ketadash.stats.standardised import standardised
from ketadash.trial import covariates, load, resolve

ORACLE = Path(__file__).parents[1] / "oracle"
R = json.loads((ORACLE / "strata.json").read_text())


def trial_of(people: pd.DataFrame, days: pd.DataFrame):
    text = [io.BytesIO(), io.BytesIO()]
    for frame, into in zip((days, people), text, strict=True):
        frame.to_csv(into, index=False)
    return load({"days.csv": text[0].getvalue(), "participants.csv": text[1].getvalue()})


def made(n=60, last=14, seed=3, **columns):
    """A trial of `n` people and columns of theirs; people drink in a way of their own, less in the active arm."""
    rng = np.random.default_rng(seed)
    ids, arm = [f"P{k:02d}" for k in range(n)], np.array(["placebo", "active"])[np.arange(n) % 2]
    own = rng.normal(0, 1.5, n) - 1.0 * (np.arange(n) % 2)
    rows = [
        (ids[i], arm[i], d, int(rng.random() < 1 / (1 + np.exp(-own[i]))) * rng.integers(1, 9))
        for i in range(n)
        for d in range(1, last + 1)
        if rng.random() > 0.05
    ]
    days = pd.DataFrame(rows, columns=["participant_id", "arm", "day", "drinks"])
    people = pd.DataFrame({"participant_id": ids, "arm": arm, "sex": np.array(["F", "M"])[rng.integers(0, 2, n)]})
    people = people.assign(
        site=rng.integers(1, 5, n), age=rng.integers(20, 70, n), baseline_drinks=rng.integers(10, 90, n), **columns
    )
    return trial_of(people, days)


@pytest.fixture(scope="module")
def trial():
    return made()


def relapse(trial, **choices):
    return analyse.time_to_event(trial, resolve(trial, AnalysisSpec(**choices))[0])["relapse"]


def model(trial, **choices):
    spec = resolve(trial, AnalysisSpec(trend=Trend.LINEAR, **choices))[0]
    return analyse.abstinence_result(trial, spec)


# --- what is refused, and what is said -------------------------------------------------------------------------------


def hundred(n=120):
    return {"code": [f"c{k % 100}" for k in range(n)]}


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
    trial = made(120, 5, **hundred(), **more, first_dose_day=rng.integers(0, 9, 120))
    trial = replace(trial, days=trial.days.assign(mood=rng.random(len(trial.days))))
    with pytest.raises(SpecError, match=why):
        resolve(trial, AnalysisSpec(**{kind: (column,)}))


def test_a_number_of_100_values_may_be_a_covariate_and_no_stratum():
    trial = made(120, 5, weight=np.arange(120) / 7)
    resolve(trial, AnalysisSpec(adjust_for=("weight",)))
    with pytest.raises(SpecError, match="has 120 levels, and a stratum may have 60"):
        resolve(trial, AnalysisSpec(strata=("weight",)))


def test_a_column_is_known_by_its_name_in_the_file_and_stands_once(trial):
    spec, _ = resolve(trial, AnalysisSpec(strata=("Site", "site"), adjust_for=("AGE",)))
    assert (spec.strata, spec.adjust_for) == (("site",), ("age",))
    assert resolve(trial, spec)[0] == spec


def test_strata_of_one_arm_are_named(trial):
    people = trial.participants.assign(ward=np.where(np.arange(60) < 2, "A", np.where(np.arange(60) % 2, "B", "C")))
    told = replace(trial, participants=people)
    warnings = relapse(told, strata=("ward",)).warnings
    (said,) = [w for w in warnings if "one arm only" in w]
    assert said.startswith("2 of 3 strata, with 58 of 60 participants, have one arm only")
    alone = replace(trial, participants=people.assign(ward=people["arm"].map({"active": "x", "placebo": "y"})))
    result = relapse(alone, strata=("ward",))
    assert any("every stratum has one arm only" in w for w in result.warnings)
    assert result.logrank.chi2 is None and result.unstratified[0].chi2 is not None


def test_what_is_not_known_is_said_and_nobody_is_lost(trial):
    people = trial.participants.copy()
    people["age"] = people["age"].astype(float).where(np.arange(60) != 7)
    people["sex"] = people["sex"].where(np.arange(60) > 1)
    gaps = replace(trial, participants=people)
    p = analyse.panel_of(gaps, resolve(gaps, AnalysisSpec(adjust_for=("age", "sex")))[0])
    assert p.covariate_names == ("age", "sex: M", "sex: not known")
    assert p.covariates[:, 0] == pytest.approx(np.nan_to_num(p.covariates[:, 0], nan=-1))
    assert np.isclose(p.covariates[:, 0], people["age"].mean()).sum() >= 1
    assert p.covariates[:, 2].sum() == 2
    said = " ".join(p.warnings)
    assert "'age' is missing for 1 participant" in said and "the mean of the others" in said
    assert "'sex' is missing for 2 participants" in said and "a level of its own, 'not known'" in said
    assert model(gaps, adjust_for=("age", "sex")).model.n_participants == 60


def test_what_others_say_already_is_left_out_and_said(trial):
    people = trial.participants.assign(region=trial.participants["site"].map({1.0: "N", 2.0: "N", 3.0: "S", 4.0: "S"}))
    nested = replace(trial, participants=people)
    both, one = (model(nested, strata=columns) for columns in (("site", "region"), ("site",)))
    assert [c.estimate for c in both.model.coefficients] == pytest.approx(
        [c.estimate for c in one.model.coefficients], rel=1e-9
    )
    assert any("region: S: left out of the models" in w for w in both.warnings)


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_strata_make_the_test_and_the_hazard_ratio_stratified_and_leave_the_curve(trial):
    plain, within = relapse(trial), relapse(trial, strata=("site", "sex"))
    assert (within.test, plain.test) == ("stratified log-rank", "log-rank")
    assert within.unstratified == (plain.logrank, plain.cox) and plain.unstratified is None
    assert within.logrank.chi2 != plain.logrank.chi2 and within.cox.hr != plain.cox.hr
    assert (within.curve, within.rmst, within.difference) == (plain.curve, plain.rmst, plain.difference)
    assert relapse(trial, strata=("sex", "site")).logrank.chi2 == pytest.approx(within.logrank.chi2, rel=1e-12)


@pytest.mark.parametrize("dropout", [DropoutRule.COMPETING, DropoutRule.IMPUTED])
def test_other_readings_of_dropout_are_stratified_too(trial, dropout):
    how = {"dropout": dropout, "imputations": 3}
    how |= {"missing": MissingRule.IMOR} if dropout is DropoutRule.IMPUTED else {}
    plain, within = relapse(trial, **how), relapse(trial, **how, strata=("site",))
    assert within.test.startswith("stratified") and within.strata == ("site",)
    assert within.logrank.chi2 != plain.logrank.chi2
    if dropout is DropoutRule.COMPETING:
        assert within.unstratified == (plain.logrank, plain.cox)


def test_shuffles_stay_within_strata(trial):
    problem = randomisation_problem(trial, resolve(trial, AnalysisSpec(strata=("site",), shuffles=50))[0])
    p = problem.panel
    assert problem.strata_names == ("site",) and not problem.crossed
    for active in problem.draws(problem.blocks[0]):
        for s in range(4):
            assert active[p.strata == s].sum() == p.active[p.strata == s].sum()
    crossing = randomisation_problem(trial, resolve(trial, AnalysisSpec(shuffles=50))[0])
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
def test_recoding_and_rescaling_change_nothing(trial, estimator):
    people = trial.participants
    other = replace(
        trial,
        participants=people.assign(
            site=people["site"].map({1: "d", 2: "c", 3: "b", 4: "a"}), age=people["age"] * -365.25
        ),
    )
    how = {"strata": ("site",), "adjust_for": ("age",), "estimator": estimator}
    one, two = model(trial, **how), model(other, **how)
    for a, b in zip(one.difference, two.difference, strict=True):
        assert (a.probability, a.se) == pytest.approx((b.probability, b.se), rel=2e-5, abs=1e-7)
    assert one.model.coefficient("day:arm").estimate == pytest.approx(
        two.model.coefficient("day:arm").estimate, rel=1e-5
    )


def test_a_covariate_that_has_to_do_with_nothing_hardly_moves_the_difference(trial):
    rng = np.random.default_rng(5)
    noise = replace(trial, participants=trial.participants.assign(noise=rng.normal(size=60)))
    plain, adjusted = model(noise).difference[-1], model(noise, adjust_for=("noise",)).difference[-1]
    assert abs(adjusted.probability - plain.probability) < 0.15 * plain.se
    assert abs(adjusted.probability - plain.probability) > 0


@pytest.mark.parametrize("estimator", list(Estimator))
def test_adjusting_for_the_baseline_column_as_a_covariate_is_adjusting_for_the_baseline(trial, estimator):
    as_baseline = model(trial, estimator=estimator)
    as_covariate = model(trial, estimator=estimator, adjust=False, adjust_for=("baseline_drinks",))
    both = model(trial, estimator=estimator, adjust_for=("baseline_drinks",))
    for other in (as_covariate, both):
        assert [c.estimate for c in other.model.coefficients] == [c.estimate for c in as_baseline.model.coefficients]


def test_heavy_days_are_adjusted_too_and_imputations_drawn_with_the_covariates(trial):
    spec = resolve(trial, AnalysisSpec(adjust_for=("age",), strata=("sex",), missing=MissingRule.IMOR, imputations=2))[
        0
    ]
    terms = [c.term for c in analyse.heavy_result(trial, spec).model.coefficients]

    assert {"sex: M", "age"} <= set(terms)
    assert analyse.abstinence_result(trial, spec).model.n_imputations == 2


def test_only_columns_from_before_are_offered(trial):
    assert covariates.offered(trial, "strata") == ("sex", "site", "age", "baseline_drinks")[:4]


# --- endpoints of participants ---------------------------------------------------------------------------------------


def adjusted(trial, **choices):
    return analyse.adjusted_endpoints(trial, resolve(trial, AnalysisSpec(**choices))[0])


def test_endpoints_stand_within_strata_and_adjusted_beside_as_they_are(trial):
    assert adjusted(trial) is None
    result = adjusted(trial, strata=("site",), adjust_for=("age",))
    assert result.strata == ("site",) and result.adjusted_for[0] == "baseline_drinks" and "age" in result.adjusted_for
    spec = resolve(trial, AnalysisSpec(strata=("site",), adjust_for=("age",)))[0]
    plain = {e.key: e.difference for e in analyse.endpoints(trial, spec).each}
    assert len(result.each) >= 6
    for e in result.each:
        assert e.unadjusted == plain[e.key]
        assert (e.within is None) == (e.kind == "mean") and (e.ranks is None) == (e.kind == "count")
        assert e.standardised is not None or e.messages
        if e.standardised is not None:
            control, active = e.standardised_arms
            assert e.standardised.estimate == pytest.approx(active - control, abs=1e-12)
            assert e.standardised.estimate != e.unadjusted.estimate
    without = adjusted(trial, adjust_for=("age",), adjust=False)
    assert without.adjusted_for == ("age",) and all(e.within is None and e.ranks is None for e in without.each)


def test_the_endpoints_numbers_are_the_kernels(trial):
    spec = resolve(trial, AnalysisSpec(strata=("site",), confidence=0.9))[0]
    p = analyse.panel_of(trial, spec)
    y = ((p.amount == 0) | np.isnan(p.amount)).all(axis=1) & ~np.isnan(p.amount).any(axis=1)
    e = next(e for e in analyse.adjusted_endpoints(trial, spec).each if e.key == "abstinent_all_days")
    kernel = stratified.risk_difference(y.astype(float), p.active, p.strata)
    half = 1.6448536269514722 * np.sqrt(kernel.variance)
    assert (e.within.estimate, e.within.se) == pytest.approx((kernel.difference, np.sqrt(kernel.variance)), rel=1e-12)
    assert e.within.ci_high - e.within.estimate == pytest.approx(half, rel=1e-9)
    assert e.within.p == pytest.approx(chdtrc(1, kernel.test.score**2 / kernel.test.variance), rel=1e-9)


def test_imputations_are_pooled(trial):
    how = {"strata": ("site",), "missing": MissingRule.IMOR}
    one, five = (adjusted(trial, **how, imputations=m) for m in (1, 5))
    for a, b in zip(one.each, five.each, strict=True):
        assert (a.key, a.n) == (b.key, b.n)
    gaps = [e for e in five.each if e.standardised is not None]
    assert gaps and all(e.standardised.se > 0 and e.standardised.p is not None for e in gaps)


def test_the_json_says_all_of_it_and_why_parts_are_null(trial):
    spec = AnalysisSpec(strata=("site",), adjust_for=("sex",))
    part = analysis(trial, spec, ["endpoints"])["endpoints_adjusted"]
    assert part["strata"] == ["site"] and part["adjusted_for"][-1] == "sex: M"
    for e in part["each"]:
        nulls = {k for k in ("within_strata", "rank_test", "standardised") if e[k] is None}
        assert nulls == {k for k in e["null_because"] if "." not in k}
    assert analysis(trial, AnalysisSpec(), ["endpoints"])["endpoints_adjusted"] is None


def shares(trial, **choices):
    result = analyse.adjusted_events(trial, resolve(trial, AnalysisSpec(**choices))[0])
    return {word: each.each[0] for word, each in result.items()}


def test_the_share_with_the_event_is_given_within_strata_and_adjusted(trial):
    how = {"strata": ("site",), "adjust_for": ("age",), "days": Window(1, 2)}
    assert not shares(trial)
    spec = resolve(trial, AnalysisSpec(**how))[0]
    p, plain = analyse.panel_of(trial, spec), analyse.time_to_event(trial, spec)["relapse"]
    one = shares(trial, **how)["relapse"]
    times = time_to(p, "relapse", spec.dropout, spec)  # dropout is an event: everybody's is known
    assert one.unadjusted == plain.difference and one.n == 60
    kernel = stratified.risk_difference(times.event.astype(float), p.active, p.strata)
    assert one.within.estimate == pytest.approx(kernel.difference, rel=1e-12)
    covariates = np.column_stack([p.baseline, p.covariates])
    assert one.standardised.estimate == pytest.approx(
        standardised(times.event.astype(float), p.active, covariates, yes_no=True).difference, rel=1e-9
    )
    without = shares(trial, **how, adjust=False)["relapse"]
    assert without.within == one.within and without.standardised != one.standardised


@pytest.mark.parametrize("dropout", list(DropoutRule))
def test_where_people_are_censored_no_share_is_made_up(trial, dropout):
    how = {"dropout": dropout, "strata": ("site",), "imputations": 2}
    how |= {"missing": MissingRule.IMOR} if dropout is DropoutRule.IMPUTED else {}
    one = shares(trial, **how)["relapse"]
    if dropout is DropoutRule.CENSORED:
        assert one.within is one.standardised is None and "are censored" in one.messages[0] and one.n < 60
    else:
        assert one.within is not None and one.n == 60


def test_the_json_of_times_has_them_too(trial):
    parts = analysis(trial, AnalysisSpec(strata=("site",)), ["time_to_event"])["time_to_event"]
    assert parts["relapse"]["adjusted"]["each"][0]["within_strata"]["estimate"] is not None
    assert parts["relapse"]["strata"] == ["site"] and parts["relapse"]["unstratified"]["cox"]["hr"] is not None
    plain = analysis(trial, AnalysisSpec(), ["time_to_event"])["time_to_event"]["relapse"]
    assert plain["adjusted"] is plain["unstratified"] is None and plain["strata"] == []


def test_the_modelled_difference_without_covariates_stands_beside(trial):
    spec = AnalysisSpec(strata=("site",), adjust_for=("age",))
    plain, both = (analysis(trial, s, ["abstinence", "heavy"]) for s in (AnalysisSpec(), spec))
    for part in ("abstinence", "heavy"):
        without = both[part]["without_covariates"]["difference_on_last_day"]
        assert without == plain[part]["difference"][-1] != both[part]["difference"][-1]
        assert "without_covariates" not in plain[part]
    material = Material(trial, resolve(trial, spec)[0])
    for key in ("abstinence", "heavy_drinking"):
        (table,) = [
            b for b in flat(question(key).blocks(material), material) if getattr(b, "key", "").endswith("-covariates")
        ]
        frame = table.make()
        assert frame["Model"].tolist() == ["Adjusted for baseline drinks, site and age", "Adjusted for baseline drinks"]
    published = Material(trial, resolve(trial, AnalysisSpec())[0])
    names = [getattr(b, "key", "") for b in flat(question("abstinence").blocks(published), published)]
    assert not any(name.endswith("-covariates") for name in names)


def test_a_site_that_is_a_number_is_adjusted_for_as_the_same_site_under_a_name(trial):
    """Site 4 is not twice site 2: whatever the sites are called, the estimate is the same."""
    named = replace(trial, participants=trial.participants.assign(site="S" + trial.participants["site"].astype(str)))
    by_number, by_name = (model(one, adjust_for=("site",)).model for one in (trial, named))
    terms = [c.term for c in by_number.coefficients]
    assert {"site: 2", "site: 3", "site: 4"} <= set(terms) and "site" not in terms
    for one, other in zip(by_number.coefficients, by_name.coefficients, strict=True):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-9)


def hazard(trial, **choices):
    return analyse.adjusted_events(trial, resolve(trial, AnalysisSpec(**choices))[0])["relapse"].hazard


def test_a_hazard_ratio_stands_adjusted_within_strata_beside_the_unadjusted(trial):
    how = {"strata": ("site",), "adjust_for": ("age",), "adjust": False}
    spec = resolve(trial, AnalysisSpec(**how))[0]
    found, plain = hazard(trial, **how), analyse.time_to_event(trial, spec)["relapse"].cox
    assert found.adjusted_for == ("age",) and found.cox.hr != plain.hr
    p = analyse.panel_of(trial, spec)
    times = time_to(p, "relapse", spec.dropout, spec)
    age = p.covariates[:, [p.covariate_names.index("age")]]
    kernel = adjusted_cox(times.day - (p.days[0] - 1), times.event, p.active, age, strata=p.strata)
    assert (found.cox.hr, found.cox.p) == (kernel.hr, kernel.p)
    part = analysis(trial, spec, ["time_to_event"])["time_to_event"]["relapse"]
    assert part["adjusted"]["hazard_ratio"]["estimate"] == found.cox.hr and part["cox"]["hr"] == plain.hr
    table = tables.tests(analyse.time_to_event(trial, spec)["relapse"], found)
    assert sum("adjusted for age" in row for row in table["Comparison"]) == 1


def test_only_strata_give_no_adjusted_hazard_ratio_and_imputed_dropout_pools_it(trial):
    assert hazard(trial, strata=("site",), adjust=False) is None
    how = {"adjust_for": ("age",), "dropout": DropoutRule.IMPUTED, "missing": MissingRule.IMOR, "imputations": 4}
    found = hazard(trial, **how)
    assert found.cox.hr is not None and found.cox.ci_low < found.cox.hr < found.cox.ci_high
