"""Errors clustered by participant, wherever a model's go; and days in spells, where the model's are too small."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from trials import differing, document, frame, sample_files, spells, trial

from ketadash import analyse
from ketadash.analyse.binary import BENT, model_abstinence, panel_of
from ketadash.analyse.curves import difference_on
from ketadash.analyse.sensitivity import assumptions_problem
from ketadash.analyse.specification_tasks import rows_of
from ketadash.analyse.specifications import PROBLEMS
from ketadash.analyse.tipping_map import STOPS, tipping_problem
from ketadash.core.spec import AnalysisSpec, Estimand, Estimator, MissingRule, PValues, Trend, Uncertainty
from ketadash.export.analysis_json import analysis
from ketadash.questions.overview import standing
from ketadash.questions.shared import legends, words
from ketadash.stats import glmm, robust
from ketadash.stats.pooling import barnard_rubin
from ketadash.trial import load, load_sample, resolve

ROBUST = {"uncertainty": Uncertainty.ROBUST}


def spec_of(t, **changes):
    return resolve(t, AnalysisSpec(**changes))[0]


def both(t, **changes):
    return spec_of(t, **changes), spec_of(t, **changes, **ROBUST)


@pytest.fixture(scope="module")
def drawn():
    """A made-up trial with missing days, quick to impute."""
    return trial(frame(3, n_people=24, n_days=9))


@pytest.fixture(scope="module")
def with_spells():
    return trial(spells(5))


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("trend", Trend)
def test_estimates_stay_and_errors_are_the_kernels_sandwich(sample, estimator, trend):
    model, clustered = (
        analyse.abstinence_result(sample, s).model for s in both(sample, estimator=estimator, trend=trend)
    )
    assert [c.estimate for c in clustered.coefficients] == [c.estimate for c in model.coefficients]
    assert (clustered.clusters, clustered.correction) == (40, "Mancl-DeRouen")
    assert (model.clusters, model.correction) == (None, None)
    p = len(model.beta)
    df = min(40 - p, 34)  # Welch's number of 23 and 17 people is 34.6
    assert clustered.df == df
    for c in clustered.coefficients:
        half = stats.t.ppf(0.975, df) * c.se
        assert (c.df, c.ci_low, c.ci_high) == (
            df,
            pytest.approx(c.estimate - half),
            pytest.approx(c.estimate + half),
        )
        assert c.p == pytest.approx(2 * stats.t.sf(abs(c.estimate / c.se), df))
    slope = clustered.coefficient("day:arm")
    assert clustered.test("day:arm").f == pytest.approx((slope.estimate / slope.se) ** 2)
    assert slope.se > 1.2 * model.coefficient("day:arm").se  # its days come in spells


def test_errors_are_those_of_the_kernel(sample):
    s = spec_of(sample, **ROBUST)
    m = model_abstinence(panel_of(sample, s), s)
    from ketadash.analyse.design import model_matrix

    X, _ = model_matrix(m.rows, s.trend)
    f = glmm.fit(m.rows.ys[0], X, m.rows.group, n_quad=s.quadrature_points, with_informations=True)
    expected = robust.sandwich(f.scores, f.informations, f.covariance, robust.CHOSEN, len(X))
    assert m.fitted.model.covariance == pytest.approx(expected, rel=1e-10)


def test_curves_differences_odds_ratios_and_nnt_follow(sample):
    model, clustered = (analyse.abstinence_result(sample, s) for s in both(sample))
    t = stats.t.ppf(0.975, 34)
    for a, b in zip(model.difference, clustered.difference, strict=True):
        assert b.probability == a.probability
        assert b.ci_high == pytest.approx(min(b.probability + t * b.se, 1))
        assert a.ci_high == pytest.approx(min(a.probability + stats.norm.ppf(0.975) * a.se, 1))
    assert clustered.difference[-1].se > model.difference[-1].se
    assert all(b.se != a.se for a, b in zip(model.modelled, clustered.modelled, strict=True))
    for a, b in zip(model.odds_ratio_per_day, clustered.odds_ratio_per_day, strict=True):
        assert b.estimate == a.estimate and b.ci_low < a.ci_low and b.ci_high > a.ci_high
    nnt = analyse.nnt_result(sample, spec_of(sample, **ROBUST))
    last = clustered.difference[-1]
    assert (nnt.modelled.ci_low, nnt.modelled.ci_high) == (last.ci_low, last.ci_high)
    assert "clustered by participant" in nnt.modelled.interval and "Newcombe" in nnt.observed.interval


def test_heavy_days_follow(sample):
    model, clustered = (analyse.heavy_result(sample, s) for s in both(sample))
    assert clustered.model.clusters == 40 and clustered.model.df == 34
    a, b = (r.model.coefficient("day:arm") for r in (model, clustered))
    assert a.estimate == b.estimate and b.se > a.se
    assert clustered.difference[-1].se != model.difference[-1].se


def test_visit_measures_follow(sample):
    for a, b in zip(*(analyse.measures_result(sample, s) for s in both(sample)), strict=True):
        assert b.model.clusters == b.counts.n_participants
        assert b.model.df == b.counts.n_participants - 5
        assert [c.estimate for c in a.model.coefficients] == [c.estimate for c in b.model.coefficients]
        assert a.model.coefficients[3].se != b.model.coefficients[3].se
        k = stats.t.ppf(0.975, b.model.df)
        m = next(m for m in b.modelled if m.arm == b.arms[1])
        if b.link == "identity":
            assert m.ci_high == pytest.approx(m.mean + k * m.se)
        change = next(c for c in b.change if c.arm == "difference")
        assert change.p == pytest.approx(b.model.coefficient("week:arm").p)


def test_time_to_relapse_and_counted_shares_do_not_depend_on_it(sample):
    a, b = (document(sample, s, "time_to_event") for s in both(sample))
    assert differing(a, b) == []
    a, b = (analyse.nnt_result(sample, s).observed for s in both(sample))
    assert a == b


def test_the_default_is_the_models(sample):
    assert AnalysisSpec().uncertainty is Uncertainty.MODEL
    plain = analysis(sample, AnalysisSpec(), ["abstinence"])
    said = {name: m["uncertainty"] for name, m in plain["abstinence"]["models"].items()}
    assert said["quadratic"] == {"method": "model", "clusters": None, "df": 797, "correction": None}
    assert plain["provenance"]["exploratory"] == ()
    clustered = analysis(sample, AnalysisSpec(**ROBUST), ["abstinence", "heavy", "safety"])
    expected = {"method": "robust", "clusters": 40, "df": 34, "correction": "Mancl-DeRouen"}
    assert clustered["abstinence"]["models"]["quadratic"]["uncertainty"] == expected
    assert clustered["heavy"]["model"]["uncertainty"] == expected
    assert clustered["provenance"]["exploratory"] == ("robust standard errors",)


# --- imputed days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", Estimator)
def test_each_imputations_errors_are_pooled_on_between_participant_degrees_of_freedom(drawn, estimator):
    s = spec_of(drawn, missing=MissingRule.IMOR, imputations=5, estimator=estimator, **ROBUST)
    m = model_abstinence(panel_of(drawn, s), s)
    model, each = m.fitted.model, m.fitted.each
    assert model.n_imputations == 5 and model.df == 24 - 6
    within = np.mean([k.covariance for k in each], axis=0)
    assert model.covariance == pytest.approx(within + 1.2 * model.between, rel=1e-9, abs=1e-15)
    for k, c in enumerate(model.coefficients):
        expected = barnard_rubin(model.covariance[k, k], model.between[k, k], 5, 18)
        assert c.df == pytest.approx(expected) and c.df < 18


@pytest.mark.parametrize("uncertainty", Uncertainty)
def test_curves_and_coefficients_pool_on_the_same_degrees_of_freedom(drawn, uncertainty):
    """A typical participant's log-odds on one day is a contrast of the coefficients: their intervals are one."""
    choices = {"missing": MissingRule.IMOR, "imputations": 4, "estimand": Estimand.TYPICAL, "trend": Trend.LINEAR}
    s = spec_of(drawn, **choices, adjust=False, uncertainty=uncertainty)
    r = analyse.abstinence_result(drawn, s)
    # between-imputation share of the difference on day 1, and what Barnard and Rubin make of it with the model's df
    m = model_abstinence(panel_of(drawn, s), s)
    gap = difference_on(m.rows, m.fitted, s.trend, s, 5)
    estimates = [difference_on(m.rows, replace(m.fitted, each=(k,)), s.trend, s, 5) for k in m.fitted.each]
    between = float(np.var([e.estimate for e in estimates], ddof=1))
    df = barnard_rubin(gap.se**2, between, 4, r.model.df)
    half = stats.t.ppf(0.975, df) * gap.se
    assert (gap.ci_low, gap.ci_high) == pytest.approx((gap.estimate - half, gap.estimate + half), rel=1e-9)


# --- what is built on it ---------------------------------------------------------------------------------------------


def test_tipping_map_and_assumptions_follow(drawn):
    for s in both(drawn, imputations=2):
        problem = tipping_problem(drawn, s)
        at = STOPS.index(0.0)
        cell = problem.cell((at, at))
        gap = analyse.abstinence_result(drawn, s.replace(missing=MissingRule.NONABSTINENT)).difference[-1]
        assert (cell.estimate, cell.ci_low) == pytest.approx((gap.probability, gap.ci_low))
        rows = assumptions_problem(drawn, s)
        row = rows.row(MissingRule.NONABSTINENT)
        assert (row.difference.ci_low, row.difference.ci_high) == pytest.approx((gap.ci_low, gap.ci_high))
        assert row.published is (s.uncertainty is Uncertainty.MODEL)


@pytest.mark.parametrize("outcome", ["abstinence", "heavy"])
def test_the_specification_curve_has_both_from_one_fit(drawn, outcome, monkeypatch):
    s = spec_of(drawn, imputations=2)
    problem = PROBLEMS[outcome](drawn, s)
    task = next(t for t in problem.tasks if not t.specs[0][1].missing.imputed)
    fits = []
    name = "model_heavy" if outcome == "heavy" else "model_abstinence"
    from ketadash.analyse import specification_tasks as tasks

    plain = getattr(tasks, name)
    monkeypatch.setattr(tasks, name, lambda p, one, *at: fits.append(one) or plain(p, one, *at))
    rows = rows_of(task)
    assert len(rows) == 2 * len(fits)
    for row in rows[:4]:
        one = dict(task.specs)[row.place]
        m = plain(task.panel, one)
        gap = difference_on(m.rows, m.fitted, Trend.LINEAR if outcome == "heavy" else one.trend, one, one.days.last)
        assert (row.difference.estimate, row.difference.ci_low) == pytest.approx((gap.estimate, gap.ci_low))
    assert rows[0].difference.ci_low != rows[1].difference.ci_low


def test_sentences_and_legends_name_the_interval(sample):
    for s, expected in zip(both(sample), (False, True), strict=True):
        r, heavy = analyse.abstinence_result(sample, s), analyse.heavy_result(sample, s)
        texts = [words.last_day(r), legends.curve(r, s), legends.difference(r, s), legends.odds(heavy, s)]
        assert ["robust 95% CI" in t for t in texts] == [expected] * 4
        assert ("clustered by 40 participants" in words.rests_on(r, s)) is expected


# --- where they cannot be had ----------------------------------------------------------------------------------------


def test_three_people_an_arm_end_in_a_sentence():
    t = trial(frame(1, n_people=6, n_days=10))
    for estimator in Estimator:
        r = analyse.abstinence_result(t, spec_of(t, estimator=estimator, **ROBUST))
        assert not r.model.usable and not r.difference
        assert any("more participants than the model has parameters" in m for m in r.model.convergence.messages)
    assert analysis(t, AnalysisSpec(**ROBUST))["abstinence"]["models"]["quadratic"]["coefficients"][0]["se"] is None


def test_an_arm_of_one_ends_in_a_sentence():
    d = frame(2, n_people=16)
    d = d[(d.arm == "placebo") | d.participant_id.isin(["P01", "P03"])]
    d["drinks"] = d.drinks.mask(d.participant_id == "P03")  # randomised, and never heard of
    t = trial(d)
    left_out = {"missing": MissingRule.MISSING, "trend": Trend.LINEAR, "adjust": False}
    r = analyse.abstinence_result(t, spec_of(t, **left_out, **ROBUST))
    assert not r.model.usable
    assert any("one participant alone decides" in m for m in r.model.convergence.messages)


def test_imputations_without_robust_errors_are_not_called_fits_without_an_answer():
    d = frame(1, n_people=6, n_days=10)
    t = trial(d)
    imputed = analyse.abstinence_result(t, spec_of(t, missing=MissingRule.IMOR, imputations=3, **ROBUST))
    assert not imputed.model.usable
    assert any("more participants than the model has parameters" in m for m in imputed.model.convergence.messages)
    assert not any("no finite fit" in m for m in imputed.model.convergence.messages)


def test_separation_and_constant_arms_say_what_they_said():
    d = frame(4, n_people=20)
    d.loc[d.arm == "drug", "drinks"] = 0
    t = trial(d)
    model, clustered = (analyse.abstinence_result(t, s) for s in both(t, missing=MissingRule.MISSING))
    assert not clustered.model.usable and clustered.model.convergence == model.model.convergence
    penalised = analyse.abstinence_result(t, spec_of(t, missing=MissingRule.MISSING, penalised=True, **ROBUST))
    assert penalised.model.usable and np.isfinite(penalised.difference[-1].se)


@pytest.fixture(scope="module")
def one_row_each():
    d = frame(6, n_people=24, absent=0)
    d["drinks"] = d.drinks.where(d.day == 1 + d.participant_id.str[1:].astype(int) % 10)
    return trial(d)


def test_one_row_each_ends_in_a_sentence(one_row_each):
    t = one_row_each
    r = analyse.abstinence_result(t, spec_of(t, missing=MissingRule.MISSING, trend=Trend.LINEAR, **ROBUST))
    assert r.model.usable or r.model.convergence.messages


@pytest.mark.slow
def test_one_row_each_has_the_whole_of_an_analysis(one_row_each):
    """Quick, of three people an arm: above."""
    analysis(one_row_each, AnalysisSpec(missing=MissingRule.MISSING, imputations=1, **ROBUST))


# --- days in spells --------------------------------------------------------------------------------------------------


def test_with_spells_the_models_errors_are_too_small_and_robust_ones_right():
    """Arms shuffled on days with spells and slopes of people's own: whatever is then 'found' is chance.

    200 shuffles: a right 5% test rejects in 2 to 19 of them in all but 1 of 1,000 such tests.
    """
    d = spells(11, n_people=80, n_days=14)
    y = (d.drinks == 0).to_numpy(float)
    day, base = d.day.to_numpy(float), d.baseline_drinks.to_numpy(float)
    person, rng, rejected = np.repeat(np.arange(80), 14), np.random.default_rng(4), np.zeros(2, int)
    for _ in range(200):
        arm = (rng.permutation(80) % 2)[person].astype(float)
        X = np.column_stack([np.ones(len(y)), day, arm, day * arm, base])
        f = glmm.fit(y, X, person, with_informations=True)
        clustered = robust.sandwich(f.scores, f.informations, f.covariance, robust.CHOSEN, len(y))
        t = np.abs(f.beta[3]) / np.sqrt([f.covariance[3, 3], clustered[3, 3]])
        rejected += t > stats.t.ppf(0.975, [len(y) - 82, 75])
    assert rejected[0] >= 30  # three times what it says, and more
    assert 2 <= rejected[1] <= 19


def test_a_trial_with_spells_says_so_in_its_intervals(with_spells):
    model, clustered = (analyse.abstinence_result(with_spells, s) for s in both(with_spells))
    a, b = (r.model.coefficient("day:arm").se for r in (model, clustered))
    assert b > 1.3 * a


def test_the_file_order_does_not_matter(with_spells):
    files = sample_files()
    days = files["days.csv"].decode().splitlines()
    files["days.csv"] = "\n".join([days[0], *reversed(days[1:])]).encode()
    turned, s = load(files), AnalysisSpec(**ROBUST)
    a, b = (analyse.abstinence_result(t, resolve(t, s)[0]).difference[-1] for t in (load_sample(), turned))
    assert b.se == pytest.approx(a.se, rel=1e-9)


def _of_arms(n_active, n_people):
    """Days in spells of which `n_active` people are in the drug arm."""
    d = spells(3, n_people=n_people, n_days=10)
    number = d.participant_id.str[1:].astype(int)
    return trial(d.assign(arm=np.where(number < n_active, "drug", "placebo")))


def test_degrees_of_freedom_are_those_of_the_small_arm_and_the_page_says_that_it_is_small():
    for n_active, df in ((4, 3), (30, 54)):
        t = _of_arms(n_active, 60)
        model, clustered = (analyse.abstinence_result(t, s) for s in both(t))
        assert clustered.model.df == df and all(c.df == df for c in clustered.model.coefficients)
        gap = clustered.difference[4]
        half = stats.t.ppf(0.975, df) * gap.se
        assert gap.ci_high == pytest.approx(min(gap.probability + half, 1.0))
        small = [m for m in words.doubts(clustered) if "the drug arm has only 4 of the 60 participants" in m]
        assert len(small) == (n_active == 4) and not any("has only" in m for m in words.doubts(model))
        verdict = standing.how_it_stands(t, spec_of(t), model, PValues.SHOWN)
        assert (standing.SMALL_ARM in verdict) is (n_active == 4)
        heavy = analyse.heavy_result(t, spec_of(t, **ROBUST))
        assert any("has only 4 of" in m for m in words.doubts(heavy)) is (n_active == 4)


def test_with_many_people_the_page_says_what_robust_intervals_hold():
    for n, many in ((150, False), (152, True)):
        t = trial(spells(4, n_people=n, n_days=6))
        model, clustered = (analyse.abstinence_result(t, s) for s in both(t))
        assert (BENT in words.doubts(clustered)) is many and BENT not in words.doubts(model)
        assert BENT not in words.doubts(analyse.heavy_result(t, spec_of(t, **ROBUST)))
