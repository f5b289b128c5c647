"""Laws that whole results obey, on the sample trial and on made-up ones."""

import numpy as np
import pytest
from trials import differing, document, frame, sample_files, trial

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimand, Estimator, MissingRule, Trend, Uncertainty, Window
from ketadash.trial import load, load_sample, resolve

PUBLISHED = AnalysisSpec()
TWO_RULES = (MissingRule.NONABSTINENT, MissingRule.MISSING)
# what two fits of one model may differ by: quadrature settles −2 log L to 1e-4 and Newton stops at 1e-6 of an SE,
# on data laid out the other way; relative to probabilities, odds ratios and standard errors that is below 1e-5
FIT = 1e-5


@pytest.fixture(scope="module")
def made_up():
    return trial(frame(3))


@pytest.fixture(scope="module", params=["sample", "made_up"])
def any_trial(request):
    return request.getfixturevalue(request.param)


def _spec(t, **changes):
    return resolve(t, PUBLISHED.replace(**changes))[0]


def _swapped(t, **changes):
    spec = _spec(t, **changes)
    return spec, spec.replace(control=spec.active, active=spec.control)


# --- swapping the arms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("trend", Trend)
def test_swapping_the_arms_negates_the_difference_and_leaves_each_arm(any_trial, trend, estimator):
    spec, other = _swapped(any_trial, trend=trend, estimator=estimator)
    a, b = analyse.abstinence_result(any_trial, spec), analyse.abstinence_result(any_trial, other)
    assert b.arms == a.arms[::-1]
    for p, q in zip(a.difference, b.difference, strict=True):
        assert (q.probability, q.ci_low, q.ci_high) == pytest.approx((-p.probability, -p.ci_high, -p.ci_low), abs=FIT)
    by_place = {(c.arm, c.day): c for c in b.modelled}
    for c in a.modelled:
        assert by_place[c.arm, c.day].probability == pytest.approx(c.probability, abs=FIT)
        assert by_place[c.arm, c.day].se == pytest.approx(c.se, rel=FIT)
    odds = {(o.arm, o.day): o for o in b.odds_ratio_per_day}
    for o in a.odds_ratio_per_day:
        assert odds[o.arm, o.day].estimate == pytest.approx(o.estimate, rel=FIT)
        assert odds[o.arm, o.day].p == pytest.approx(o.p, abs=FIT)
    one, two = a.model.coefficient("day:arm"), b.model.coefficient("day:arm")
    assert two.estimate == pytest.approx(-one.estimate, abs=FIT)
    assert b.model.test("day").f == pytest.approx(a.model.test("day").f, rel=1e-4)  # Type III: averaged over arms


def test_swapping_the_arms_in_the_heavy_model(any_trial):
    spec, other = _swapped(any_trial)
    a, b = analyse.heavy_result(any_trial, spec), analyse.heavy_result(any_trial, other)
    assert [q.probability for q in b.difference] == pytest.approx([-p.probability for p in a.difference], abs=1e-6)
    assert (b.model.rho, b.model.scale) == pytest.approx((a.model.rho, a.model.scale), abs=1e-6)


def test_swapping_the_arms_turns_survival_round(any_trial):
    spec, other = _swapped(any_trial)
    for endpoint, a in analyse.time_to_event(any_trial, spec).items():
        b = analyse.time_to_event(any_trial, other)[endpoint]
        assert b.logrank.p == pytest.approx(a.logrank.p, abs=1e-12)
        assert b.cox.hr * a.cox.hr == pytest.approx(1, rel=1e-8)
        assert b.rmst.difference.estimate == pytest.approx(-a.rmst.difference.estimate, abs=1e-12)
        assert {s.arm: s.median for s in a.arms} == {s.arm: s.median for s in b.arms}


def test_swapping_the_arms_turns_benefit_into_harm(any_trial):
    spec, other = _swapped(any_trial)
    a, b = analyse.nnt_result(any_trial, spec), analyse.nnt_result(any_trial, other)
    for name in ("observed", "observed_last_day", "modelled"):
        p, q = getattr(a, name), getattr(b, name)
        tolerance = 1e-14 if name != "modelled" else FIT
        assert q.risk_difference == pytest.approx(-p.risk_difference, abs=tolerance)
        assert (q.ci_low, q.ci_high) == pytest.approx((-p.ci_high, -p.ci_low), abs=tolerance)


def test_swapping_the_arms_in_every_sensitivity_row(any_trial):
    spec, other = _swapped(any_trial)
    a, b = analyse.sensitivity(any_trial, spec), analyse.sensitivity(any_trial, other)
    for p, q in zip(a.rows, b.rows, strict=True):
        assert q.label == p.label
        assert q.difference.estimate == pytest.approx(-p.difference.estimate, abs=FIT)
        assert q.interaction.estimate * p.interaction.estimate == pytest.approx(1, rel=FIT)


# --- what does not matter changes nothing ----------------------------------------------------------------------------


def test_the_order_of_the_rows_in_the_file_changes_nothing():
    files = sample_files()
    header, *lines = files["days.csv"].decode().splitlines()
    order = np.random.default_rng(4).permutation(len(lines))
    files["days.csv"] = "\n".join([header, *(lines[i] for i in order)]).encode()
    shuffled, plain = load(files), load_sample()
    assert shuffled.sha256 != plain.sha256
    # the panel is sorted, so even the rounding is the same
    assert differing(document(plain, PUBLISHED), document(shuffled, PUBLISHED)) == []


def test_without_missing_days_the_missing_day_rules_agree():
    t = trial(frame(5, absent=0))
    a, b = (document(t, PUBLISHED.replace(missing=rule), "abstinence", "heavy") for rule in TWO_RULES)
    assert differing(a, b) == []


def test_a_window_of_its_own_is_the_trial_cut_to_it(made_up):
    d = frame(3)
    cut = trial(d[d.day.between(3, 8)])
    a, b = (document(t, PUBLISHED.replace(days=Window(3, 8))) for t in (made_up, cut))
    # The longer trial's own analysis is of all its days, so that each of its rows departs from it in the window too.
    for departs, own in zip(a["sensitivity"], b["sensitivity"], strict=True):
        assert departs["spec_changes"] == own["spec_changes"] | {"days": "3:8"} and not departs["published"]
        assert departs["kind"] == ("bound" if own["kind"] == "bound" else "supplementary")
        for row in (departs, own):
            del row["spec_changes"], row["published"], row["kind"]
    assert differing(a, b) == []


def test_days_numbered_ten_later_move_the_days_and_nothing_else(made_up):
    later = trial(frame(3).assign(day=lambda d: d.day + 10))
    a, b = (
        analyse.time_to_event(t, _spec(t, days=w, tau=w.last - 2))
        for t, w in ((made_up, Window(3, 9)), (later, Window(13, 19)))
    )
    for endpoint in a:
        one, two = a[endpoint], b[endpoint]
        assert [p.day + 10 for p in one.curve] == [p.day for p in two.curve]
        assert [p.survival for p in one.curve] == [p.survival for p in two.curve]
        assert one.rmst.arms == two.rmst.arms and one.rmst.tau + 10 == two.rmst.tau
        assert all(0 < mean <= 5 for mean, _ in one.rmst.arms.values())  # days 3 to 7 are five
        assert [m.median and m.median + 10 for m in one.arms] == [m.median for m in two.arms]
    p, q = (analyse.abstinence_result(t, _spec(t)) for t in (made_up, later))
    assert [c.probability for c in q.modelled] == pytest.approx([c.probability for c in p.modelled], abs=FIT)
    assert [o.estimate for o in q.odds_ratio_per_day] == pytest.approx(
        [o.estimate for o in p.odds_ratio_per_day], rel=FIT
    )


def test_a_baseline_for_everybody_the_same_means_no_adjustment(made_up):
    d = frame(3).assign(baseline_drinks=20)
    spec, said = resolve(trial(d), PUBLISHED)
    assert not spec.adjust and any("same for everybody" in text for text in said)
    a = document(trial(d), PUBLISHED, "abstinence")
    b = document(made_up, PUBLISHED.replace(adjust=False), "abstinence")
    assert differing(a, b) == []


# --- every choice does what it says ----------------------------------------------------------------------------------


def test_trend_and_estimator_choose_the_model(sample):
    for trend in Trend:
        for estimator in Estimator:
            r = analyse.abstinence_result(sample, _spec(sample, trend=trend, estimator=estimator))
            suffix, method = {
                Estimator.QUADRATURE: ("", "ML"),
                Estimator.RSPL: ("_rspl", "RSPL"),
                Estimator.SLOPE: ("_slope", "ML, random slopes"),
            }[estimator]
            assert r.chosen == trend.value + suffix
            assert r.model.method == method
            assert (r.model.random_slope_sd is not None) == (estimator is Estimator.SLOPE)
            terms = [c.term for c in r.model.coefficients]
            assert ("day^2" in terms) == (trend is Trend.QUADRATIC)
            assert (r.model.minus2ll is None) == (estimator is Estimator.RSPL)
            assert len(r.odds_ratio_per_day) == (6 if trend is Trend.QUADRATIC else 2)
            models = analyse.abstinence_models(sample, _spec(sample))
            assert set(models) == {f"{t}{end}" for t in Trend for end in ("", "_rspl", "_slope")}
            assert models[r.chosen].coefficients == r.model.coefficients


def test_random_slopes_have_robust_errors_too(sample):
    own, robust = (
        analyse.abstinence_result(sample, _spec(sample, estimator=Estimator.SLOPE, uncertainty=u)) for u in Uncertainty
    )
    assert robust.model.clusters == 40 and own.model.clusters is None
    for a, b in zip(own.model.coefficients, robust.model.coefficients, strict=True):
        assert a.estimate == b.estimate
        assert a.se != b.se and 0.3 < b.se / a.se < 3
    assert own.difference[-1].se != robust.difference[-1].se


def test_random_slopes_of_many_days_wait_until_they_are_asked_for(monkeypatch):
    monkeypatch.setattr("ketadash.analyse.binary.MOST_DAYS_UNASKED", 839)  # the sample has 840
    trial = load_sample()
    spec = _spec(trial)
    for model in (analyse.abstinence_models(trial, spec)["linear_slope"], analyse.heavy_slopes(trial, spec)):
        assert not model.usable and "only when they are chosen as the estimator" in model.convergence.messages[0]
    asked = spec.replace(estimator=Estimator.SLOPE)
    assert analyse.abstinence_models(trial, asked)["linear_slope"].usable
    assert analyse.heavy_slopes(trial, asked).usable


def test_the_curve_is_the_chosen_models(sample):
    curves = {t: analyse.abstinence_result(sample, _spec(sample, trend=t)).modelled for t in Trend}
    assert abs(curves[Trend.LINEAR][0].probability - curves[Trend.QUADRATIC][0].probability) > 1e-3


@pytest.mark.parametrize("trend", Trend)
def test_the_odds_ratio_per_day_is_the_slope_of_the_typical_curve(sample, trend):
    """On the logit scale a parabola's slope at a day is exactly half the step from the day before to the day after."""
    r = analyse.abstinence_result(sample, _spec(sample, trend=trend, estimand=Estimand.TYPICAL))
    logit = {(c.arm, c.day): np.log(c.probability / (1 - c.probability)) for c in r.modelled}
    middle = {o.arm: o for o in r.odds_ratio_per_day if o.day in (None, 11)}
    for arm in r.arms:
        slope = (logit[arm, 12] - logit[arm, 10]) / 2
        assert middle[arm].estimate == pytest.approx(np.exp(slope), rel=1e-10)
    if trend is Trend.QUADRATIC:
        second = logit[r.arms[0], 12] - 2 * logit[r.arms[0], 11] + logit[r.arms[0], 10]
        first, _, last = (np.log(o.estimate) for o in r.odds_ratio_per_day if o.arm == r.arms[0])
        assert last - first == pytest.approx(20 * second, rel=1e-8)


def test_p_and_interval_of_an_odds_ratio_agree_with_each_other(any_trial):
    for trend in Trend:
        r = analyse.abstinence_result(any_trial, _spec(any_trial, trend=trend))
        for o in r.odds_ratio_per_day:
            assert o.ci_low < o.estimate < o.ci_high
            assert (o.p < 0.05) == (o.ci_low > 1 or o.ci_high < 1)
    r = analyse.abstinence_result(any_trial, _spec(any_trial, trend=Trend.LINEAR))
    control = next(o for o in r.odds_ratio_per_day if o.arm == r.arms[0])
    c = r.model.coefficient("day")  # the control arm's slope
    assert (control.estimate, control.ci_low, control.p) == pytest.approx((np.exp(c.estimate), np.exp(c.ci_low), c.p))


def test_a_typical_participant_is_not_the_population(sample):
    """Averaging over the random intercept pulls every probability towards a half (one covariate pattern, so that
    nothing else is averaged)."""
    a, b = (analyse.abstinence_result(sample, _spec(sample, estimand=e, adjust=False)) for e in Estimand)
    assert all(abs(p.probability - 0.5) < abs(q.probability - 0.5) for p, q in zip(a.modelled, b.modelled, strict=True))


def test_adjustment_off_drops_the_term(sample):
    on, off = (analyse.abstinence_result(sample, _spec(sample, adjust=k)).model for k in (True, False))
    assert [c.term for c in on.coefficients if c not in off.coefficients][-1] == "baseline_drinks"
    assert [c.term for c in off.coefficients] == ["intercept", "day", "day^2", "arm", "day:arm"]
    assert off.minus2ll > on.minus2ll  # nested
    heavy = analyse.heavy_result(sample, _spec(sample, adjust=False)).model
    assert [c.term for c in heavy.coefficients] == ["intercept", "day", "arm", "day:arm"]


def test_the_heavy_model_adjusts_for_its_own_baseline(sample):
    assert analyse.heavy_result(sample, _spec(sample)).model.coefficients[-1].term == "baseline_heavy_days"
    t = trial(frame(3).drop(columns="baseline_heavy_days"))
    assert analyse.heavy_result(t, _spec(t)).model.coefficients[-1].term == "baseline_drinks"


def test_a_lower_confidence_narrows_every_interval_and_moves_no_estimate(any_trial):
    def intervals(level):
        spec = _spec(any_trial, confidence=level)
        a, n = analyse.abstinence_result(any_trial, spec), analyse.nnt_result(any_trial, spec)
        tte = analyse.time_to_event(any_trial, spec)["relapse"]
        everything = [
            *((c.estimate, c.ci_low, c.ci_high) for c in a.model.coefficients),
            *((c.probability, c.ci_low, c.ci_high) for c in (*a.modelled, *a.difference)),
            *((o.estimate, o.ci_low, o.ci_high) for o in a.odds_ratio_per_day),
            *((k.risk_difference, k.ci_low, k.ci_high) for k in (n.observed, n.observed_last_day, n.modelled)),
            *(
                (e.difference.estimate, e.difference.ci_low, e.difference.ci_high)
                for e in analyse.sensitivity(any_trial, spec).rows
            ),
            (tte.cox.hr, tte.cox.ci_low, tte.cox.ci_high),
            (tte.rmst.difference.estimate, tte.rmst.difference.ci_low, tte.rmst.difference.ci_high),
        ]
        return np.array(everything, float)

    wide, narrow = intervals(0.95), intervals(0.90)
    assert narrow[:, 0] == pytest.approx(wide[:, 0], rel=1e-12)
    assert (narrow[:, 1] > wide[:, 1]).all() and (narrow[:, 2] < wide[:, 2]).all()
    assert (wide[:, 1] <= wide[:, 0]).all() and (wide[:, 0] <= wide[:, 2]).all()


def test_missing_days_enter_by_the_rule(sample):
    filled, left_out = (analyse.abstinence_result(sample, _spec(sample, missing=m)) for m in TWO_RULES)
    assert filled.counts.n_rows == 40 * 21
    assert filled.counts.n_filled == filled.counts.n_missing == 40 * 21 - left_out.counts.n_rows > 0
    assert left_out.counts.n_filled == 0
    for arm in filled.arms:
        assert left_out.percent_days[arm] >= filled.percent_days[arm]
    assert (filled.model.df, analyse.heavy_result(sample, _spec(sample)).model.df) == (797, 798)  # as the paper prints


def test_observed_proportions_are_counted_days(sample):
    spec = _spec(sample, missing=MissingRule.MISSING)
    p, r = analyse.panel_of(sample, spec), analyse.abstinence_result(sample, spec)
    for point in r.observed:
        own = p.amount[p.active == (point.arm == p.arms[1])][:, point.day - p.days[0]]
        assert (point.n, point.n_missing) == (int((~np.isnan(own)).sum()), int(np.isnan(own).sum()))
        assert point.se == pytest.approx(np.sqrt(point.proportion * (1 - point.proportion) / point.n))


def test_dropout_as_an_event_or_not(sample):
    event, censored = (
        analyse.time_to_event(sample, _spec(sample, dropout=d)) for d in (DropoutRule.EVENT, DropoutRule.CENSORED)
    )
    more = [a.events - b.events for a, b in zip(event["relapse"].arms, censored["relapse"].arms, strict=True)]
    assert min(more) >= 0 and sum(more) == event["relapse"].counts.n_filled > 0
    assert event["first_use"].arms == censored["first_use"].arms  # which always censor dropout


def test_tau_is_the_horizon(sample):
    whole, week = (analyse.time_to_event(sample, _spec(sample, tau=t))["relapse"].rmst for t in (None, 7))
    assert (whole.tau, week.tau) == (21, 7)
    for arm, (estimate, _) in week.arms.items():
        assert 0 < estimate <= 7 < 21 and estimate < whole.arms[arm][0]


def test_heavy_thresholds_are_options(sample):
    def share(**changes):
        return sum(analyse.heavy_result(sample, _spec(sample, **changes)).percent_days.values())

    assert share(heavy_men=8.0, heavy_women=8.0) < share() <= share(heavy_men=0.0, heavy_women=0.0)


def test_amounts_of_0_and_1_give_no_heavy_day():
    d = frame(6)
    t = trial(d.assign(drinks=d.drinks.clip(upper=1)))
    spec = _spec(t)
    assert analyse.heavy_result(t, spec) is None
    times = analyse.time_to_event(t, spec)
    assert times["relapse"] is None is times["first_heavy_day"] and times["first_use"] is not None


@pytest.mark.parametrize("estimator", Estimator)
def test_an_arm_always_abstinent_has_no_model_but_keeps_what_was_observed(estimator):
    d = frame(7, absent=0)
    t = trial(d.assign(drinks=d.drinks.mask(d.arm == "drug", 0)))
    r = analyse.abstinence_result(t, _spec(t, estimator=estimator))
    assert not r.model.usable and not r.model.convergence.ok and r.model.convergence.messages
    assert r.modelled == r.difference == r.odds_ratio_per_day == ()
    assert all(c.estimate is None and c.se is None and c.p is None for c in r.model.coefficients)
    assert any("every day counted in the drug arm is abstinent" in w for w in r.warnings)
    assert [p.proportion for p in r.observed if p.arm == "drug"] == [1.0] * 10
    assert analyse.nnt_result(t, _spec(t, estimator=estimator)).modelled.risk_difference is None


def test_the_penalised_fit_is_labelled_and_has_no_aic():
    d = frame(7, absent=0)
    t = trial(d.assign(drinks=d.drinks.mask(d.arm == "drug", 0)))
    r = analyse.abstinence_result(t, _spec(t, penalised=True))
    assert r.model.method == "Penalised ML" and r.model.usable
    assert r.model.aic is None and r.model.bic is None
    assert r.difference[-1].probability > 0


def test_information_criteria_count_participants(sample):
    m = analyse.abstinence_result(sample, _spec(sample)).model
    assert m.aic - m.minus2ll == pytest.approx(14)  # six coefficients and a variance
    assert m.bic - m.minus2ll == pytest.approx(7 * np.log(40))


# --- sensitivity -----------------------------------------------------------------------------------------------------


def test_sensitivity_holds_every_combination_once_and_agrees_with_the_page_it_summarises(sample):
    s = analyse.sensitivity(sample, _spec(sample))
    assert len(s.rows) == len({r.label for r in s.rows}) == 16
    assert [r.published for r in s.rows].count(True) == 1
    for row in s.rows:
        spec = _spec(sample, **row.changes)
        r = analyse.abstinence_result(sample, spec)
        gap, last = row.difference, r.difference[-1]
        # one day predicted alone or among 21: sums in another order
        assert (gap.estimate, gap.ci_low, gap.ci_high) == pytest.approx(
            (last.probability, last.ci_low, last.ci_high), rel=1e-13
        )
        assert s.last_day == last.day
        c = r.model.coefficient("day:arm")
        assert row.interaction.estimate == pytest.approx(np.exp(c.estimate), rel=1e-15)
        assert row.interaction.p == c.p
        assert (row.n_rows, row.n_imputed) == (r.counts.n_rows, r.counts.n_filled)


def test_sensitivity_without_a_baseline_has_no_adjusted_rows():
    t = trial(frame(3).drop(columns="baseline_drinks"))
    s = analyse.sensitivity(t, _spec(t))
    assert len(s.rows) == 8 and all("unadjusted" in r.label for r in s.rows)


def test_the_modelled_nnt_is_the_curves_last_day(any_trial):
    for estimand in Estimand:
        spec = _spec(any_trial, estimand=estimand)
        n, r = analyse.nnt_result(any_trial, spec).modelled, analyse.abstinence_result(any_trial, spec)
        assert n.risk_difference == pytest.approx(r.difference[-1].probability, abs=1e-15)
        assert n.nnt == pytest.approx(1 / n.risk_difference)
        assert (n.ci_low, n.ci_high) == (r.difference[-1].ci_low, r.difference[-1].ci_high)
