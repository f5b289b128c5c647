"""Laws of imputed results: missing at random, how many imputations, who else is there, one story in all results."""

from dataclasses import replace

import numpy as np
import pytest
from imputed_trials import IMOR, INF, RESULTS, abstinence, completed_days, imor, last_difference, leaving, resolved
from scipy import stats
from trials import differing, document, frame, trial

from ketadash import analyse
from ketadash.analyse.binary import abstinence_fit
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule, Trend
from ketadash.stats import imputation, pooling, survival

FIT = 1e-5  # two fits of one model laid out differently (see test_laws)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "trend"), [("sample", Trend.QUADRATIC), ("gaps", Trend.LINEAR), ("dropouts", Trend.LINEAR)]
)
def test_missing_at_random_by_imputation_is_that_by_likelihood(sample, data, trend):
    """Within four Monte Carlo errors of 200 imputations; standard errors within 5% (seen: 2.5%): of their
    square, the part that imputation adds is known to √(2 / 199) = 10%.

    120 people where half leave: of 30, imputation (a posterior mean) and likelihood (its mode) are 0.1 to 0.2 of a
    standard error apart for good, as they are allowed to be in small samples (docs/methods/imputation.md).
    """
    made = {"gaps": lambda: frame(0, n_people=40), "dropouts": lambda: leaving(1, n_people=120)}
    t = sample if data == "sample" else trial(made[data]())
    by_likelihood, imputed = (
        abstinence(t, missing=MissingRule.MISSING, trend=trend),
        imor(t, imputations=200, trend=trend),
    )
    assert imputed.model.n_imputations == 200 and imputed.model.n_failed == 0
    pairs = [
        (a.estimate, a.se, b.estimate, b.se, b.monte_carlo_se)
        for a, b in zip(by_likelihood.model.coefficients, imputed.model.coefficients, strict=True)
    ]
    for one, two in ((by_likelihood.modelled, imputed.modelled), (by_likelihood.difference, imputed.difference)):
        pairs += [(a.probability, a.se, b.probability, b.se, b.monte_carlo_se) for a, b in zip(one, two, strict=True)]
    a, a_se, b, b_se, error = np.array(pairs).T
    assert (np.abs(a - b) < 4 * error).all()
    assert b_se / a_se == pytest.approx(1, abs=0.05)
    # and it could fail: the error is a small part of the standard error, and a shift is seen through it
    assert (error < 0.1 * b_se).all()
    shifted = imor(t, control=0.1, imputations=20, trend=trend)
    assert abs(last_difference(shifted) - last_difference(by_likelihood)) > 4 * shifted.difference[-1].monte_carlo_se


def test_an_imputed_model_has_all_the_rows_and_more_uncertainty_than_they(sample):
    r = imor(sample)
    assert r.counts.n_rows == r.model.n_observations == 40 * 21
    assert r.counts.n_filled == r.counts.n_missing == 57
    for k, c in enumerate(r.model.coefficients):
        assert 0 < r.model.between[k, k] < r.model.covariance[k, k] and c.df < r.model.df == 797
        assert c.monte_carlo_se == pytest.approx(np.sqrt(r.model.between[k, k] / 20), rel=1e-12)
    # a single imputation has the complete data's standard errors; pooled ones hold the imputation's part too
    assert r.model.minus2ll is r.model.aic is r.model.bic is None


def test_more_imputations_have_less_error(gaps):
    """As 1 / √m: 16 times as many a quarter of the error, which 20 imputations know to √(1 / 38) = 16%."""
    few, many = (imor(gaps, imputations=m) for m in (20, 320))
    for a, b in zip(
        (*few.model.coefficients, few.difference[-1]), (*many.model.coefficients, many.difference[-1]), strict=True
    ):
        assert a.monte_carlo_se / b.monte_carlo_se == pytest.approx(4, rel=0.5)
    assert last_difference(few) == pytest.approx(last_difference(many), abs=4 * few.difference[-1].monte_carlo_se)
    assert last_difference(few) != last_difference(many)


def test_the_error_shown_is_how_far_seeds_lie_apart(gaps):
    """Twelve seeds know a spread to √(1 / 22) = 21%: three of those.  Nine times as many make it a third."""
    spread = {}
    for m in (4, 36):
        results = [imor(gaps, imputations=m, seed=seed) for seed in range(12)]
        spread[m] = np.std([last_difference(r) for r in results], ddof=1)
        shown = np.sqrt(np.mean([r.difference[-1].monte_carlo_se ** 2 for r in results]))
        assert spread[m] == pytest.approx(shown, rel=0.65)
    assert spread[36] < spread[4] / 1.5


def test_the_first_of_more_imputations_are_the_fewer(gaps):
    few, more = (completed_days(gaps, missing=IMOR, imputations=m) for m in (4, 30))
    assert all((more[i][:4] == few[i]).all() for i in few)
    again, other = (
        completed_days(trial(frame(3)), missing=IMOR, imputations=4),
        completed_days(gaps, missing=IMOR, imputations=4, seed=2),
    )
    assert all((again[i] == few[i]).all() for i in few)
    assert any((other[i] != few[i]).any() for i in few)


def test_one_imputation_works_and_says_so(sample):
    r = imor(sample, imputations=1)
    assert r.model.usable and r.model.n_imputations is None
    assert any("one imputation" in w for w in r.warnings)
    assert not any("one imputation" in w for w in imor(sample).warnings)
    assert all(c.monte_carlo_se is None for c in (*r.model.coefficients, *r.difference))
    assert r.model.coefficients[0].df == r.model.df
    times = analyse.time_to_event(sample, resolved(sample, missing=IMOR, imputations=1, dropout=DropoutRule.IMPUTED))
    assert any("one imputation" in w for w in times["relapse"].warnings)
    assert times["relapse"].logrank.chi2 > 0
    n = analyse.nnt_result(sample, resolved(sample, missing=IMOR, imputations=1)).observed
    assert isinstance(n.counts[0].events, int)


def test_the_order_of_the_rows_changes_nothing():
    d = frame(3)
    spec = AnalysisSpec(missing=IMOR, imor_control=0.5, imputations=5)
    one, two = (document(trial(x), spec, *RESULTS) for x in (d, d.sample(frac=1, random_state=1)))
    assert differing(one, two) == []


def test_renaming_others_changes_nobodys_draws():
    """A stream goes by the name alone; the fit, with rows in another order, is the same to rounding."""
    d = frame(3)
    complete_ = d.groupby("participant_id").drinks.apply(lambda x: x.notna().all())
    others = [*complete_[complete_].index, "P07"]
    assert len(others) > 2 and not complete_["P07"]
    renamed = d.assign(participant_id=d.participant_id.replace({i: f"Z{i}" for i in others}))
    one, two = (completed_days(trial(x), missing=IMOR) for x in (d, renamed))
    kept = set(one) & set(two)
    assert len(kept) == 16 - len(others)
    assert all((one[i] == two[i]).all() for i in kept)
    assert (one["P07"] != two["ZP07"]).any()  # whose own name is new


def _mirrored(t, **changes):
    """The result with the arms' names the other way round, ratios too."""
    spec = resolved(t, missing=IMOR, **changes)
    control, active = spec.imor_active, spec.imor_control
    return analyse.abstinence_result(
        t, spec.replace(control=spec.active, active=spec.control, imor_control=control, imor_active=active)
    )


@pytest.mark.parametrize("ratios", [(0.0, 0.0), (0.0, INF), (INF, INF)])
def test_swapping_the_arms_negates_a_difference_that_is_certain(gaps, ratios):
    a = imor(gaps, *ratios)
    b = _mirrored(gaps, imor_control=ratios[0], imor_active=ratios[1])
    assert [p.probability for p in b.difference] == pytest.approx([-p.probability for p in a.difference], abs=FIT)


def test_swapping_the_arms_negates_the_difference_draw_for_draw_at_the_fit(monkeypatch):
    """Participants' numbers do not depend on their arm; with the parameters at the fit, the days are the same."""
    plain = imputation.streams

    def at_the_fit(*how):
        s = plain(*how)
        return replace(s, normal=np.zeros_like(s.normal))

    monkeypatch.setattr(imputation, "streams", at_the_fit)
    t = trial(frame(3))  # a trial of its own: nothing is remembered
    a, b = imor(t, 0.3, 2.0), _mirrored(t, imor_control=0.3, imor_active=2.0)
    assert a.difference[-1].monte_carlo_se > 0
    for p, q in zip(a.difference, b.difference, strict=True):
        assert q.probability == pytest.approx(-p.probability, abs=FIT)
        assert q.se == pytest.approx(p.se, rel=FIT)


def test_swapping_the_arms_negates_the_difference_within_monte_carlo_error(gaps):
    """The parameters' numbers belong to coefficients, which mean another thing with the arms swapped: other draws of
    the same distribution, and the same participants' numbers."""
    a, b = imor(gaps, 0.3, 2.0, imputations=120), _mirrored(gaps, imor_control=0.3, imor_active=2.0, imputations=120)
    for p, q in zip(a.difference, b.difference, strict=True):
        error = np.hypot(p.monte_carlo_se, q.monte_carlo_se)
        assert q.probability == pytest.approx(-p.probability, abs=4 * error)
        assert q.se == pytest.approx(p.se, rel=0.03)


def test_days_nnt_and_times_are_of_the_same_draws(gaps):
    spec = resolved(gaps, missing=IMOR, imor_control=0.5, dropout=DropoutRule.IMPUTED)
    n, times = analyse.nnt_result(gaps, spec), analyse.time_to_event(gaps, spec)
    first = times["first_use"]
    # no day of use at all is abstinence on all days
    assert n.observed.risk_difference == pytest.approx(-first.difference.estimate, abs=1e-12)
    assert (n.observed.ci_low, n.observed.ci_high) == pytest.approx(
        (-first.difference.ci_high, -first.difference.ci_low), abs=1e-9
    )
    assert {r.arm: r.n - r.events for r in n.observed.counts} == pytest.approx({a.arm: a.events for a in first.arms})
    r = analyse.abstinence_result(gaps, spec)
    on_last = {o.arm: o.proportion for o in r.observed if o.day == r.window[1]}
    assert n.observed_last_day.risk_difference == pytest.approx(on_last["drug"] - on_last["placebo"], abs=1e-12)
    assert n.modelled.risk_difference == pytest.approx(last_difference(r), abs=1e-15)
    # imputed, leaving is not an event: relapse is the first heavy day
    assert times["relapse"].rmst == times["first_heavy_day"].rmst
    for t in times.values():
        assert all(p.censored == 0 for p in t.curve if p.day < r.window[1])


def test_times_are_pooled_from_the_analyses_of_each_completed_trial(gaps):
    """First use with tau = 8, imputation by imputation through the kernels for one trial, pooled by Rubin's rules."""
    spec = resolved(gaps, missing=IMOR, dropout=DropoutRule.IMPUTED, tau=8)
    p, r = analyse.panel_of(gaps, spec), analyse.time_to_event(gaps, spec)["first_use"]
    ys = abstinence_fit(gaps, spec).days.ys
    found = []
    for y in ys:
        event = (y == 0).any(axis=1)
        time = np.where(event, (y == 0).argmax(axis=1) + 1, y.shape[1])
        u, v = survival.logrank_score(time, event, p.active)
        assert u**2 / v == pytest.approx(survival.logrank(time, event, p.active).chi2, rel=1e-9)
        hazards = survival.cox(time, event, p.active, confidence=0.95, labels=p.arms)
        mean = survival.rmst(time, event, p.active, 8, confidence=0.95, labels=p.arms).difference
        found.append([(u / v, 1 / v), (hazards.log_hr, hazards.se**2), (mean.estimate, mean.se**2)])
    pooled = pooling.pool_each(*np.array(found, float).transpose(2, 0, 1))
    assert len(ys) == 20 and (pooled.monte_carlo_se > 0).all()
    assert r.logrank.chi2 == pytest.approx((pooled.estimate[0] / pooled.se[0]) ** 2, rel=1e-10)
    t = stats.t(pooled.df)
    assert r.logrank.p == pytest.approx(2 * t.sf(np.abs(pooled.estimate / pooled.se))[0], rel=1e-9)  # F(1, ν) is t²
    half = t.ppf(0.975) * pooled.se
    low, middle, high = pooled.estimate - half, pooled.estimate, pooled.estimate + half
    assert (r.cox.ci_low, r.cox.hr, r.cox.ci_high) == pytest.approx(np.exp([low[1], middle[1], high[1]]), rel=1e-9)
    d = r.rmst.difference
    assert (d.ci_low, d.estimate, d.ci_high, d.se) == pytest.approx(
        (low[2], middle[2], high[2], pooled.se[2]), rel=1e-9
    )
    assert r.rmst.tau == 8
    last = {point.arm: point.survival for point in r.curve}  # the last point of each arm
    for k, arm in enumerate(p.arms):
        assert last[arm] == pytest.approx((ys[:, p.active == k] == 1).all(axis=2).mean(), abs=1e-12)


def test_observed_shares_are_means_over_the_imputations(gaps):
    spec = resolved(gaps, missing=IMOR)
    p, days, r = analyse.panel_of(gaps, spec), completed_days(gaps, missing=IMOR), analyse.abstinence_result(gaps, spec)
    for point in r.observed:
        ys = np.stack(
            [days[i] for i, a in zip(p.participant_ids, p.active, strict=True) if a == (point.arm == p.arms[1])]
        )[:, :, point.day - 1]
        share = ys.mean(axis=0)
        assert point.proportion == pytest.approx(share.mean(), abs=1e-14) and point.n == len(ys)
        within, between = (share * (1 - share)).mean() / len(ys), share.var(ddof=1)
        assert point.se == pytest.approx(np.sqrt(within + 1.05 * between), rel=1e-12)
    known = abstinence(gaps, missing=MissingRule.MISSING)
    assert [o.n_missing for o in r.observed] == [o.n_missing for o in known.observed]
