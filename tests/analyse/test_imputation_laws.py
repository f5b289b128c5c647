"""Laws of imputed results, on the sample trial and on made-up ones with gaps, dropout, and arms that say nothing."""

import io
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from trials import differing, document, frame, sample_files, trial

from ketadash import analyse
from ketadash.analyse.binary import abstinence_fit
from ketadash.analyse.filled_days import complete, heavy_days
from ketadash.core.errors import FitError, SpecError
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimator, MissingRule, Trend
from ketadash.stats import imputation, pooling, survival
from ketadash.trial import load, resolve

INF = float("inf")
IMOR = MissingRule.IMOR
REFERENCE_RULES = (MissingRule.JUMP_TO_REFERENCE, MissingRule.COPY_REFERENCE)
RESULTS = ("abstinence", "heavy", "nnt")
STOPS = (0.0, 0.1, 0.2, 1 / 3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, INF)
FIT = 1e-5  # two fits of one model laid out differently (see test_laws)


def _spec(t, **changes):
    return resolve(t, AnalysisSpec(**changes))[0]


def _abstinence(t, **changes):
    return analyse.abstinence_result(t, _spec(t, **changes))


def _imor(t, control=1.0, active=1.0, **changes):
    return _abstinence(t, missing=IMOR, imor_control=control, imor_active=active, **changes)


def _days(t, **changes):
    """The completed days by participant, {id: (k, T)}, as the abstinence model has them."""
    spec = _spec(t, **changes)
    p, ys = analyse.panel_of(t, spec), abstinence_fit(t, spec).days.ys
    return {i: ys[:, k] for k, i in enumerate(p.participant_ids)}


def _last(r):
    return r.difference[-1].probability


def _numbers(t, spec, *wanted):
    """The results without what says in words what a missing day is."""
    found = document(t, spec, *wanted)
    for n in found.get("nnt", {}).values():
        n.pop("definition")
    return found


def leaving(seed, n_people=30, n_days=10):
    """A trial of which half the participants leave, and in which the drug makes six drinking days in ten dry."""
    d = frame(seed, n_people, n_days)
    rng = np.random.default_rng(1000 + seed)
    drug = d.arm == "drug"
    d["drinks"] = d.drinks.mask(drug & (rng.random(len(d)) < 0.6) & d.drinks.notna(), 0)
    last = pd.Series(np.where(rng.random(n_people) < 0.5, rng.integers(2, n_days, n_people), n_days))
    d["drinks"] = d.drinks.mask(d.day > last[d.participant_id.str[1:].astype(int)].to_numpy())
    return d


@pytest.fixture(scope="module")
def gaps():
    """Single days missing, in both arms."""
    return trial(frame(3))


@pytest.fixture(scope="module")
def dropouts():
    return trial(leaving(1))


# --- missing at random: imputation and likelihood are two ways to one answer -----------------------------------------


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
        _abstinence(t, missing=MissingRule.MISSING, trend=trend),
        _imor(t, imputations=200, trend=trend),
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
    shifted = _imor(t, control=0.1, imputations=20, trend=trend)
    assert abs(_last(shifted) - _last(by_likelihood)) > 4 * shifted.difference[-1].monte_carlo_se


def test_an_imputed_model_has_all_the_rows_and_more_uncertainty_than_they(sample):
    r = _imor(sample)
    assert r.counts.n_rows == r.model.n_observations == 40 * 21
    assert r.counts.n_filled == r.counts.n_missing == 57
    for k, c in enumerate(r.model.coefficients):
        assert 0 < r.model.between[k, k] < r.model.covariance[k, k] and c.df < r.model.df == 797
        assert c.monte_carlo_se == pytest.approx(np.sqrt(r.model.between[k, k] / 20), rel=1e-12)
    # a single imputation has the complete data's standard errors; pooled ones hold the imputation's part too
    assert r.model.minus2ll is r.model.aic is r.model.bic is None


# --- the ends of the dial --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_a_ratio_of_0_is_missing_means_drinking(request, data):
    t = request.getfixturevalue(data)
    a = _numbers(t, AnalysisSpec(missing=IMOR, imor_control=0.0, imor_active=0.0), *RESULTS)
    assert differing(a, _numbers(t, AnalysisSpec(), *RESULTS)) == []
    assert differing(a, _numbers(t, AnalysisSpec(missing=MissingRule.MISSING), *RESULTS)) != []


def test_a_ratio_of_0_makes_dropout_the_relapse(sample):
    """On the sample every gap is a dropout, so that its first day is the day the published rule counts."""
    a, b = (
        analyse.time_to_event(sample, _spec(sample, **changes))["relapse"]
        for changes in ({"missing": IMOR, "imor_control": 0.0, "imor_active": 0.0, "dropout": DropoutRule.IMPUTED}, {})
    )
    assert a.logrank.chi2 == pytest.approx(b.logrank.chi2, abs=1e-10) and a.logrank.p == pytest.approx(b.logrank.p)
    for arm, (estimate, se) in b.rmst.arms.items():
        assert a.rmst.arms[arm] == pytest.approx((estimate, se), abs=1e-10)
    one, two = a.rmst.difference, b.rmst.difference
    assert (one.estimate, one.se, one.p) == pytest.approx((two.estimate, two.se, two.p), abs=1e-10)
    assert (a.cox.hr, a.cox.ci_low, a.cox.ci_high) == pytest.approx((b.cox.hr, b.cox.ci_low, b.cox.ci_high), rel=1e-8)
    assert [(p.arm, p.day, p.at_risk, p.events) for p in a.curve] == [
        (p.arm, p.day, p.at_risk, p.events) for p in b.curve
    ]
    assert [p.survival for p in a.curve] == pytest.approx([p.survival for p in b.curve], abs=1e-14)
    assert a.difference.estimate == pytest.approx(b.difference.estimate, abs=1e-14)
    at_random = analyse.time_to_event(sample, _spec(sample, missing=IMOR, dropout=DropoutRule.IMPUTED))["relapse"]
    assert abs(at_random.logrank.chi2 - b.logrank.chi2) > 0.01


def _dry(d):
    """The trial's days with no drinks on every missing one."""
    return d.assign(drinks=d.drinks.fillna(0))


def _dry_sample():
    files = sample_files()
    d = pd.read_csv(io.BytesIO(files["days.csv"]))
    files["days.csv"] = _dry(d).to_csv(index=False).encode()
    return load(files)


@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_a_ratio_without_end_is_missing_means_abstinent(request, data):
    t = request.getfixturevalue(data)
    dry = {"sample": _dry_sample, "gaps": lambda: trial(_dry(frame(3))), "dropouts": lambda: trial(_dry(leaving(1)))}
    full = dry[data]()
    ours = AnalysisSpec(missing=IMOR, imor_control=INF, imor_active=INF, dropout=DropoutRule.IMPUTED)
    theirs = AnalysisSpec(dropout=DropoutRule.CENSORED)
    a, b = _numbers(t, ours, *RESULTS), _numbers(full, theirs, *RESULTS)
    left = [x for x in differing(a, b) if not any(name in x for name in ("n_missing", "n_filled", "counts"))]
    assert left == []
    one, two = (
        analyse.time_to_event(
            x, _spec(x, **{f: getattr(s, f) for f in ("missing", "imor_control", "imor_active", "dropout")})
        )
        for x, s in ((t, ours), (full, theirs))
    )
    for endpoint, result in one.items():
        other = two[endpoint]
        assert result.logrank.chi2 == pytest.approx(other.logrank.chi2, abs=1e-10)
        assert result.rmst.difference.estimate == pytest.approx(other.rmst.difference.estimate, abs=1e-12)
        assert result.rmst.difference.se == pytest.approx(other.rmst.difference.se, abs=1e-10)
        ours_by_day, theirs_by_day = ({(p.arm, p.day): p.survival for p in r.curve} for r in (result, other))
        assert set(theirs_by_day) <= set(ours_by_day)  # ours has the last day, whether something happens or not
        assert {k: ours_by_day[k] for k in theirs_by_day} == pytest.approx(theirs_by_day, abs=1e-14)


@pytest.mark.parametrize("data", ["sample", "gaps"])
@pytest.mark.parametrize(("near", "end"), [(1e-12, 0.0), (1e-300, 0.0), (1e12, INF), (1e300, INF)])
def test_the_ends_are_limits(request, data, near, end):
    t = request.getfixturevalue(data)
    a, b = _imor(t, near, near, imputations=3), _imor(t, end, end, imputations=3)
    assert a.model.n_imputations == 3 and b.model.n_imputations is None  # drawn, against set
    for c, e in zip(a.model.coefficients, b.model.coefficients, strict=True):
        assert (c.estimate, c.se, c.df) == pytest.approx((e.estimate, e.se, e.df), rel=1e-12)
        assert c.monte_carlo_se == pytest.approx(0, abs=1e-14)
    for p, q in zip((*a.modelled, *a.difference), (*b.modelled, *b.difference), strict=True):
        assert (p.probability, p.ci_low, p.ci_high) == pytest.approx((q.probability, q.ci_low, q.ci_high), abs=1e-12)


@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_the_bounds_are_opposite_ends_and_bracket_every_ratio(request, data):
    t = request.getfixturevalue(data)
    best, worst = (_abstinence(t, missing=rule) for rule in (MissingRule.BEST, MissingRule.WORST))
    for bound, control, active in ((best, 0.0, INF), (worst, INF, 0.0)):
        r = _imor(t, control, active)
        assert [c.estimate for c in r.model.coefficients] == [c.estimate for c in bound.model.coefficients]
    for control in (0.0, 0.2, 1.0, 5.0, INF):
        for active in (0.0, 0.2, 1.0, 5.0, INF):
            r = _imor(t, control, active, imputations=3)
            assert _last(worst) - 1e-12 <= _last(r) <= _last(best) + 1e-12
            observed = {o.arm: o.proportion for o in r.observed if o.day == r.window[1]}
            ends = [{o.arm: o.proportion for o in b.observed if o.day == r.window[1]} for b in (worst, best)]
            low, gap, high = (o[r.arms[1]] - o[r.arms[0]] for o in (ends[0], observed, ends[1]))
            assert low - 1e-12 <= gap <= high + 1e-12
    assert _last(worst) < _last(_imor(t)) < _last(best)


# --- the dial --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_the_difference_falls_as_the_controls_ratio_rises(request, data):
    """The same draws at every stop: no stop may turn back, however few imputations there are.

    Where dropout is all that is missing that holds on the last day too; a single gap early on may, once abstinent,
    flatten the control arm's slope.
    """
    t = request.getfixturevalue(data)
    results = [_imor(t, control=stop, imputations=5) for stop in STOPS]
    averages = [np.mean([p.probability for p in r.difference]) for r in results]
    assert all(b < a for a, b in pairwise(averages))
    if data != "gaps":
        last = [_last(r) for r in results]
        assert all(b < a for a, b in pairwise(last))
    shares = [r.percent_days[r.arms[0]] for r in results]
    assert shares == sorted(shares) and shares[0] < shares[5] < shares[-1]
    assert len({r.percent_days[r.arms[1]] for r in results}) == 1


def test_the_difference_rises_with_the_active_arms_ratio(dropouts):
    results = [_imor(dropouts, active=stop, imputations=5) for stop in STOPS]
    gaps = [_last(r) for r in results]
    assert all(b > a for a, b in pairwise(gaps))


def test_one_arms_ratio_moves_that_arm_alone_draw_for_draw(gaps):
    arm = {i: a for i, a in frame(3)[["participant_id", "arm"]].itertuples(index=False)}
    base = _days(gaps, missing=IMOR)
    for control in (0.2, 5.0, INF):
        moved = _days(gaps, missing=IMOR, imor_control=control)
        changed = {i for i in base if (base[i] != moved[i]).any()}
        assert changed and {arm[i] for i in changed} == {"placebo"}
        rises = [(moved[i] >= base[i]).all() if control > 1 else (moved[i] <= base[i]).all() for i in base]
        assert all(rises)


@pytest.mark.parametrize("data", ["sample", "gaps"])
def test_heavy_days_go_the_other_way(request, data):
    """Its odds ratio is that of abstinence: on the log-odds of a heavy day it is taken away."""
    t = request.getfixturevalue(data)
    spec = _spec(t, missing=IMOR)
    p = analyse.panel_of(t, spec)
    each = [
        complete(p, s, heavy_days(p, s)).ys.mean(axis=0)
        for s in (spec.replace(imor_control=stop, imor_active=stop) for stop in STOPS)
    ]
    for less, more in pairwise(each):
        assert (more <= less).all()
    missing = np.isnan(p.amount)
    assert (each[0][missing] == 1).all() and (each[-1][missing] == 0).all()
    assert 0 < each[5][missing].mean() < 1


def test_imputed_heavy_days_are_modelled_and_pooled(gaps):
    r = analyse.heavy_result(gaps, _spec(gaps, missing=IMOR, imputations=5))
    assert r.model.usable and r.model.n_imputations == 5 and r.model.method == "RSPL"
    assert all(p.monte_carlo_se > 0 for p in r.difference) and r.model.rho is not None
    low, high = (
        analyse.heavy_result(gaps, _spec(gaps, missing=IMOR, imor_control=i, imor_active=i, imputations=5))
        for i in (INF, 0.0)
    )
    for arm in r.arms:
        assert low.percent_days[arm] < r.percent_days[arm] < high.percent_days[arm]


# --- imputations: how many, and of what seed -------------------------------------------------------------------------


def test_more_imputations_have_less_error(sample):
    """As 1 / √m: 16 times as many a quarter of the error, which 20 imputations know to √(1 / 38) = 16%."""
    few, many = (_imor(sample, imputations=m) for m in (20, 320))
    for a, b in zip(
        (*few.model.coefficients, few.difference[-1]), (*many.model.coefficients, many.difference[-1]), strict=True
    ):
        assert a.monte_carlo_se / b.monte_carlo_se == pytest.approx(4, rel=0.5)
    assert _last(few) == pytest.approx(_last(many), abs=4 * few.difference[-1].monte_carlo_se)
    assert _last(few) != _last(many)


def test_the_error_shown_is_how_far_seeds_lie_apart(gaps):
    """Twelve seeds know a spread to √(1 / 22) = 21%: three of those.  Nine times as many make it a third."""
    spread = {}
    for m in (4, 36):
        results = [_imor(gaps, imputations=m, seed=seed) for seed in range(12)]
        spread[m] = np.std([_last(r) for r in results], ddof=1)
        shown = np.sqrt(np.mean([r.difference[-1].monte_carlo_se ** 2 for r in results]))
        assert spread[m] == pytest.approx(shown, rel=0.65)
    assert spread[36] < spread[4] / 1.5


def test_the_first_of_more_imputations_are_the_fewer(gaps):
    few, more = (_days(gaps, missing=IMOR, imputations=m) for m in (4, 30))
    assert all((more[i][:4] == few[i]).all() for i in few)
    again, other = _days(trial(frame(3)), missing=IMOR, imputations=4), _days(gaps, missing=IMOR, imputations=4, seed=2)
    assert all((again[i] == few[i]).all() for i in few)
    assert any((other[i] != few[i]).any() for i in few)


def test_one_imputation_works_and_says_so(sample):
    r = _imor(sample, imputations=1)
    assert r.model.usable and r.model.n_imputations is None
    assert any("one imputation" in w for w in r.warnings)
    assert not any("one imputation" in w for w in _imor(sample).warnings)
    assert all(c.monte_carlo_se is None for c in (*r.model.coefficients, *r.difference))
    assert r.model.coefficients[0].df == r.model.df
    times = analyse.time_to_event(sample, _spec(sample, missing=IMOR, imputations=1, dropout=DropoutRule.IMPUTED))
    assert any("one imputation" in w for w in times["relapse"].warnings)
    assert times["relapse"].logrank.chi2 > 0
    n = analyse.nnt_result(sample, _spec(sample, missing=IMOR, imputations=1)).observed
    assert isinstance(n.counts[0].events, int)


# --- reference-based imputation --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", REFERENCE_RULES)
def test_reference_rules_are_missing_at_random_where_nobody_left_the_active_arm(sample, rule):
    one, other = ({"missing": missing, "imputations": 3} for missing in (rule, IMOR))
    a, b = (_abstinence(sample, **changes) for changes in (one, other))
    assert a.modelled == b.modelled and a.difference == b.difference and a.observed == b.observed
    assert a.model.coefficients == b.model.coefficients and a.model.n_imputations == 3
    heavy, other_heavy = (analyse.heavy_result(sample, _spec(sample, **changes)) for changes in (one, other))
    assert heavy.model.coefficients == other_heavy.model.coefficients
    times, other_times = (
        analyse.time_to_event(sample, _spec(sample, dropout=DropoutRule.IMPUTED, **changes)) for changes in (one, other)
    )
    assert times == other_times


def test_reference_rules_pull_those_who_left_towards_control(dropouts):
    at_random, jump, copy = (_abstinence(dropouts, missing=rule, imputations=100) for rule in (IMOR, *REFERENCE_RULES))
    placebo, drug = at_random.arms
    assert _last(at_random) > 0.1  # the drug does good here
    for r in (jump, copy):
        assert 0 < _last(r) < _last(at_random) - 5 * at_random.difference[-1].monte_carlo_se
        assert r.percent_days[drug] < at_random.percent_days[drug]
        assert r.percent_days[placebo] == at_random.percent_days[placebo]
    assert _last(jump) != _last(copy)
    # copy takes a good record in the drug arm for that of a good participant, so that it draws better days than jump
    assert jump.percent_days[drug] < copy.percent_days[drug]


def test_reference_rules_touch_only_those_who_left_the_active_arm():
    d = leaving(2)
    # the first drug participant has a single gap, and stays
    own = d.participant_id == d.participant_id[d.arm == "drug"].iloc[0]
    d["drinks"] = d.drinks.mask(own, (d.day % 3).astype("Int64")).mask(own & (d.day == 4))
    t = trial(d)
    arm = dict(d[["participant_id", "arm"]].itertuples(index=False))
    stayed = d.participant_id[own].iloc[0]
    last_known = d[d.drinks.notna()].groupby("participant_id").day.max()
    base = _days(t, missing=IMOR, imputations=40)
    for rule in REFERENCE_RULES:
        days = _days(t, missing=rule, imputations=40)
        changed = {i for i in base if (days[i] != base[i]).any()}
        assert changed and {arm[i] for i in changed} == {"drug"} and stayed not in changed
        for i in changed:
            assert days[i][:, last_known[i] :].mean() < base[i][:, last_known[i] :].mean()
            if rule is MissingRule.JUMP_TO_REFERENCE:  # which leaves earlier gaps alone
                assert (days[i][:, : last_known[i]] == base[i][:, : last_known[i]]).all()


@pytest.mark.parametrize("rule", REFERENCE_RULES)
def test_reference_rules_have_no_dial(rule):
    with pytest.raises(SpecError, match="imor only"):
        AnalysisSpec(missing=rule, imor_control=0.5)


# --- who else is there, and in which order ---------------------------------------------------------------------------


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
    one, two = (_days(trial(x), missing=IMOR) for x in (d, renamed))
    kept = set(one) & set(two)
    assert len(kept) == 16 - len(others)
    assert all((one[i] == two[i]).all() for i in kept)
    assert (one["P07"] != two["ZP07"]).any()  # whose own name is new


def _mirrored(t, **changes):
    """The result with the arms' names the other way round, ratios too."""
    spec = _spec(t, missing=IMOR, **changes)
    control, active = spec.imor_active, spec.imor_control
    return analyse.abstinence_result(
        t, spec.replace(control=spec.active, active=spec.control, imor_control=control, imor_active=active)
    )


@pytest.mark.parametrize("ratios", [(0.0, 0.0), (0.0, INF), (INF, INF)])
def test_swapping_the_arms_negates_a_difference_that_is_certain(gaps, ratios):
    a = _imor(gaps, *ratios)
    b = _mirrored(gaps, imor_control=ratios[0], imor_active=ratios[1])
    assert [p.probability for p in b.difference] == pytest.approx([-p.probability for p in a.difference], abs=FIT)


def test_swapping_the_arms_negates_the_difference_draw_for_draw_at_the_fit(monkeypatch):
    """Participants' numbers do not depend on their arm; with the parameters at the fit, the days are the same."""
    plain = imputation.streams

    def at_the_fit(*how):
        s = plain(*how)
        return imputation.Streams(s.uniform, np.zeros_like(s.normal))

    monkeypatch.setattr(imputation, "streams", at_the_fit)
    t = trial(frame(3))  # a trial of its own: nothing is remembered
    a, b = _imor(t, 0.3, 2.0), _mirrored(t, imor_control=0.3, imor_active=2.0)
    assert a.difference[-1].monte_carlo_se > 0
    for p, q in zip(a.difference, b.difference, strict=True):
        assert q.probability == pytest.approx(-p.probability, abs=FIT)
        assert q.se == pytest.approx(p.se, rel=FIT)


def test_swapping_the_arms_negates_the_difference_within_monte_carlo_error(gaps):
    """The parameters' numbers belong to coefficients, which mean another thing with the arms swapped: other draws of
    the same distribution, and the same participants' numbers."""
    a, b = _imor(gaps, 0.3, 2.0, imputations=120), _mirrored(gaps, imor_control=0.3, imor_active=2.0, imputations=120)
    for p, q in zip(a.difference, b.difference, strict=True):
        error = np.hypot(p.monte_carlo_se, q.monte_carlo_se)
        assert q.probability == pytest.approx(-p.probability, abs=4 * error)
        assert q.se == pytest.approx(p.se, rel=0.03)


# --- results agree with each other -----------------------------------------------------------------------------------


def test_days_nnt_and_times_are_of_the_same_draws(gaps):
    spec = _spec(gaps, missing=IMOR, imor_control=0.5, dropout=DropoutRule.IMPUTED)
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
    assert n.modelled.risk_difference == pytest.approx(_last(r), abs=1e-15)
    # imputed, leaving is not an event: relapse is the first heavy day
    assert times["relapse"].rmst == times["first_heavy_day"].rmst
    for t in times.values():
        assert all(p.censored == 0 for p in t.curve if p.day < r.window[1])


def test_times_are_pooled_from_the_analyses_of_each_completed_trial(gaps):
    """First use with tau = 8, imputation by imputation through the kernels for one trial, pooled by Rubin's rules."""
    spec = _spec(gaps, missing=IMOR, dropout=DropoutRule.IMPUTED, tau=8)
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
    spec = _spec(gaps, missing=IMOR)
    p, days, r = analyse.panel_of(gaps, spec), _days(gaps, missing=IMOR), analyse.abstinence_result(gaps, spec)
    for point in r.observed:
        ys = np.stack(
            [days[i] for i, a in zip(p.participant_ids, p.active, strict=True) if a == (point.arm == p.arms[1])]
        )[:, :, point.day - 1]
        share = ys.mean(axis=0)
        assert point.proportion == pytest.approx(share.mean(), abs=1e-14) and point.n == len(ys)
        within, between = (share * (1 - share)).mean() / len(ys), share.var(ddof=1)
        assert point.se == pytest.approx(np.sqrt(within + 1.05 * between), rel=1e-12)
    known = _abstinence(gaps, missing=MissingRule.MISSING)
    assert [o.n_missing for o in r.observed] == [o.n_missing for o in known.observed]


# --- where there is nothing to impute, or nothing to impute from -----------------------------------------------------


@pytest.mark.parametrize("rule", [IMOR, *REFERENCE_RULES])
def test_without_missing_days_imputation_is_complete_data_and_says_so(rule):
    t = trial(frame(5, absent=0))
    assert differing(_numbers(t, AnalysisSpec(missing=rule), *RESULTS), _numbers(t, AnalysisSpec(), *RESULTS)) == []
    assert any("nothing to impute" in w for w in _abstinence(t, missing=rule).warnings)
    imputed, plain = (
        analyse.time_to_event(t, _spec(t, **c))
        for c in ({"missing": rule, "dropout": DropoutRule.IMPUTED}, {"dropout": DropoutRule.CENSORED})
    )
    for endpoint, one in imputed.items():
        assert any("nothing to impute" in w for w in one.warnings)
        assert one.logrank.chi2 == pytest.approx(plain[endpoint].logrank.chi2, abs=1e-10)


def test_an_arm_without_missing_days_has_no_dial(sample):
    a, b = (_imor(sample, control=0.5, active=active) for active in (1.0, 7.0))
    assert [c.estimate for c in a.model.coefficients] == [c.estimate for c in b.model.coefficients]
    ketamine = [(o.proportion, o.se) for o in a.observed if o.arm == "ketamine"]
    plain = [(o.proportion, o.se) for o in _abstinence(sample).observed if o.arm == "ketamine"]
    assert np.array(ketamine) == pytest.approx(np.array(plain), abs=1e-15)
    # the other arm's end of the dial needs no model, whatever this arm's ratio is
    c = _imor(sample, control=0.0, active=7.0)
    assert c.model.n_imputations is None and _last(c) == _last(_abstinence(sample))


@pytest.fixture(scope="module", params=["placebo", "drug"])
def silent(request):
    """A trial of which one arm never reported, and that arm's name."""
    d = frame(5)
    d["drinks"] = d.drinks.mask(d.arm == request.param)
    return trial(d), request.param


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("rule", [IMOR, *REFERENCE_RULES])
def test_an_arm_without_a_known_day_cannot_be_imputed_and_is_named(silent, rule, estimator):
    t, arm = silent
    r = _abstinence(t, missing=rule, estimator=estimator)
    assert not r.model.usable and r.modelled == r.difference == r.odds_ratio_per_day == ()
    assert any(f"nobody in the {arm} arm" in m for m in r.model.convergence.messages)
    # what is known of the other arm would stand under the name of a rule that was not carried out
    assert all(o.proportion is None for o in r.observed)
    assert any("could not be imputed" in w for w in r.warnings)
    n = analyse.nnt_result(t, _spec(t, missing=rule, estimator=estimator))
    assert n.modelled.risk_difference is n.observed.risk_difference is None and arm in n.observed.text
    heavy = analyse.heavy_result(t, _spec(t, missing=rule))
    assert not heavy.model.usable and any(arm in m for m in heavy.model.convergence.messages)
    with pytest.raises(FitError, match=f"nobody in the {arm} arm"):
        analyse.time_to_event(t, _spec(t, missing=rule, dropout=DropoutRule.IMPUTED))


@pytest.mark.parametrize(("ratio", "share"), [(0.0, 0.0), (INF, 1.0)])
def test_an_arm_without_a_known_day_still_has_its_ends(silent, ratio, share):
    t, arm = silent
    r = _imor(t, ratio, ratio)
    assert r.percent_days[arm] == share and {o.proportion for o in r.observed if o.arm == arm} == {share}
    assert not r.model.usable and "separates" in r.model.convergence.messages[0]  # an arm all one way has no odds
    assert _imor(t, ratio, ratio, penalised=True).model.usable
    spec = _spec(t, missing=IMOR, imor_control=ratio, imor_active=ratio, dropout=DropoutRule.IMPUTED)
    assert analyse.nnt_result(t, spec).observed_last_day.risk_difference is not None
    for result in analyse.time_to_event(t, spec).values():
        silent_arm = next(a for a in result.arms if a.arm == arm)
        assert silent_arm.events == (silent_arm.n if share == 0 else 0)


@pytest.fixture(scope="module")
def separated():
    """The drug arm abstinent on every day that is known."""
    d = frame(5)
    return trial(d.assign(drinks=d.drinks.mask((d.arm == "drug") & d.drinks.notna(), 0)))


def test_known_days_that_separate_the_arms_are_imputed_from_the_penalised_fit_and_say_so(separated):
    r = _imor(separated)
    assert any("penalised" in w for w in r.warnings)
    m = r.model
    assert 0 < m.n_failed < m.n_imputations == 20 and not m.convergence.ok
    assert f"{m.n_failed} of 20 imputations have no finite fit" in m.convergence.messages[0]
    if m.usable:
        assert all(np.isfinite(c.estimate) and np.isfinite(c.se) for c in m.coefficients)
    whole = _imor(separated, penalised=True)
    assert whole.model.n_failed == 0 and whole.model.usable and whole.model.method == "Penalised ML"
    assert _last(whole) > 0


def test_where_every_imputation_is_separated_there_is_no_model(separated):
    r = _imor(separated, active=1e6, imputations=4)
    assert not r.model.usable and r.model.n_failed == r.model.n_imputations == 4
    assert r.modelled == () and all(c.estimate is None for c in r.model.coefficients)
    assert any("every day counted in the drug arm is abstinent" in w for w in r.warnings)
    assert analyse.nnt_result(separated, _spec(separated, missing=IMOR, imor_active=1e6, imputations=4)) is not None


def test_where_missing_means_drinking_nothing_is_separated(separated):
    assert _imor(separated, 0.0, 0.0).model.usable
    assert not _imor(separated, INF, INF).model.usable  # nothing is certain of less than always


# --- ratios ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [-1.0, -1e-300, -INF, float("nan")])
@pytest.mark.parametrize("arm", ["control", "active"])
def test_a_ratio_is_0_or_more(bad, arm):
    with pytest.raises(SpecError, match=f"for the {arm} arm"):
        AnalysisSpec(missing=IMOR, **{f"imor_{arm}": bad})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ratio", [0.0, 1e-300, 1e-9, 1e9, 1e300, INF])
def test_huge_and_tiny_ratios_in_opposite_arms(gaps, ratio):
    other = {0.0: INF, INF: 0.0}[ratio] if ratio in (0.0, INF) else 1 / ratio
    r = _imor(gaps, ratio, other, imputations=3)
    assert r.model.usable and -1 < _last(r) < 1
    assert np.isfinite([(p.ci_low, p.ci_high, p.se) for p in (*r.modelled, *r.difference)]).all()
    expected = MissingRule.BEST if ratio < 1 else MissingRule.WORST
    assert _last(r) == pytest.approx(_last(_abstinence(gaps, missing=expected)), abs=1e-12)
