"""Laws of the odds ratio of missing days (IMOR): its ends, what it moves between them, and which ratios there are."""

import io
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from imputed_trials import (
    IMOR,
    INF,
    RESULTS,
    abstinence,
    completed_days,
    imor,
    last_difference,
    leaving,
    numbers,
    resolved,
)
from trials import differing, frame, sample_files, trial

from ketadash import analyse
from ketadash.analyse.filled_days import complete, heavy_days
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule
from ketadash.trial import load

STOPS = (0.0, 0.1, 0.2, 1 / 3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, INF)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_a_ratio_of_0_is_missing_means_drinking(request, data):
    t = request.getfixturevalue(data)
    a = numbers(t, AnalysisSpec(missing=IMOR, imor_control=0.0, imor_active=0.0), *RESULTS)
    assert differing(a, numbers(t, AnalysisSpec(), *RESULTS)) == []
    assert differing(a, numbers(t, AnalysisSpec(missing=MissingRule.MISSING), *RESULTS)) != []


def test_a_ratio_of_0_makes_dropout_the_relapse(sample):
    """On the sample every gap is a dropout, so that its first day is the day the published rule counts."""
    a, b = (
        analyse.time_to_event(sample, resolved(sample, **changes))["relapse"]
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
    at_random = analyse.time_to_event(sample, resolved(sample, missing=IMOR, dropout=DropoutRule.IMPUTED))["relapse"]
    assert abs(at_random.logrank.chi2 - b.logrank.chi2) > 0.01


def _dry(d):
    """The trial's days with no drinks on every missing one."""
    return d.assign(drinks=d.drinks.fillna(0))


def _dry_sample():
    files = sample_files()
    d = pd.read_csv(io.BytesIO(files["days.csv"]))
    files["days.csv"] = _dry(d).to_csv(index=False).encode()
    return load(files)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_a_ratio_without_end_is_missing_means_abstinent(request, data):
    t = request.getfixturevalue(data)
    dry = {"sample": _dry_sample, "gaps": lambda: trial(_dry(frame(3))), "dropouts": lambda: trial(_dry(leaving(1)))}
    full = dry[data]()
    ours = AnalysisSpec(missing=IMOR, imor_control=INF, imor_active=INF, dropout=DropoutRule.IMPUTED)
    theirs = AnalysisSpec(dropout=DropoutRule.CENSORED)
    a, b = numbers(t, ours, *RESULTS), numbers(full, theirs, *RESULTS)
    left = [x for x in differing(a, b) if not any(name in x for name in ("n_missing", "n_filled", "counts"))]
    assert left == []
    one, two = (
        analyse.time_to_event(
            x, resolved(x, **{f: getattr(s, f) for f in ("missing", "imor_control", "imor_active", "dropout")})
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
    a, b = imor(t, near, near, imputations=3), imor(t, end, end, imputations=3)
    assert a.model.n_imputations == 3 and b.model.n_imputations is None  # drawn, against set
    for c, e in zip(a.model.coefficients, b.model.coefficients, strict=True):
        assert (c.estimate, c.se, c.df) == pytest.approx((e.estimate, e.se, e.df), rel=1e-12)
        assert c.monte_carlo_se == pytest.approx(0, abs=1e-14)
    for p, q in zip((*a.modelled, *a.difference), (*b.modelled, *b.difference), strict=True):
        assert (p.probability, p.ci_low, p.ci_high) == pytest.approx((q.probability, q.ci_low, q.ci_high), abs=1e-12)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_the_bounds_are_opposite_ends_and_bracket_every_ratio(request, data):
    t = request.getfixturevalue(data)
    best, worst = (abstinence(t, missing=rule) for rule in (MissingRule.BEST, MissingRule.WORST))
    for bound, control, active in ((best, 0.0, INF), (worst, INF, 0.0)):
        r = imor(t, control, active)
        assert [c.estimate for c in r.model.coefficients] == [c.estimate for c in bound.model.coefficients]
    for control in (0.0, 0.2, 1.0, 5.0, INF):
        for active in (0.0, 0.2, 1.0, 5.0, INF):
            r = imor(t, control, active, imputations=3)
            assert last_difference(worst) - 1e-12 <= last_difference(r) <= last_difference(best) + 1e-12
            observed = {o.arm: o.proportion for o in r.observed if o.day == r.window[1]}
            ends = [{o.arm: o.proportion for o in b.observed if o.day == r.window[1]} for b in (worst, best)]
            low, gap, high = (o[r.arms[1]] - o[r.arms[0]] for o in (ends[0], observed, ends[1]))
            assert low - 1e-12 <= gap <= high + 1e-12
    assert last_difference(worst) < last_difference(imor(t)) < last_difference(best)


@pytest.mark.parametrize("data", ["sample", "gaps", "dropouts"])
def test_the_difference_falls_as_the_controls_ratio_rises(request, data):
    """The same draws at every stop: no stop may turn back, however few imputations there are.

    Where dropout is all that is missing that holds on the last day too; a single gap early on may, once abstinent,
    flatten the control arm's slope.
    """
    t = request.getfixturevalue(data)
    results = [imor(t, control=stop, imputations=5) for stop in STOPS]
    averages = [np.mean([p.probability for p in r.difference]) for r in results]
    assert all(b < a for a, b in pairwise(averages))
    if data != "gaps":
        last = [last_difference(r) for r in results]
        assert all(b < a for a, b in pairwise(last))
    shares = [r.percent_days[r.arms[0]] for r in results]
    assert shares == sorted(shares) and shares[0] < shares[5] < shares[-1]
    assert len({r.percent_days[r.arms[1]] for r in results}) == 1


def test_the_difference_rises_with_the_active_arms_ratio(dropouts):
    results = [imor(dropouts, active=stop, imputations=5) for stop in STOPS]
    gaps = [last_difference(r) for r in results]
    assert all(b > a for a, b in pairwise(gaps))


def test_one_arms_ratio_moves_that_arm_alone_draw_for_draw(gaps):
    arm = {i: a for i, a in frame(3)[["participant_id", "arm"]].itertuples(index=False)}
    base = completed_days(gaps, missing=IMOR)
    for control in (0.2, 5.0, INF):
        moved = completed_days(gaps, missing=IMOR, imor_control=control)
        changed = {i for i in base if (base[i] != moved[i]).any()}
        assert changed and {arm[i] for i in changed} == {"placebo"}
        rises = [(moved[i] >= base[i]).all() if control > 1 else (moved[i] <= base[i]).all() for i in base]
        assert all(rises)


@pytest.mark.parametrize("data", ["sample", "gaps"])
def test_heavy_days_go_the_other_way(request, data):
    """Its odds ratio is that of abstinence: on the log-odds of a heavy day it is taken away."""
    t = request.getfixturevalue(data)
    spec = resolved(t, missing=IMOR)
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
    r = analyse.heavy_result(gaps, resolved(gaps, missing=IMOR, imputations=5))
    assert r.model.usable and r.model.n_imputations == 5 and r.model.method == "RSPL"
    assert all(p.monte_carlo_se > 0 for p in r.difference) and r.model.rho is not None
    low, high = (
        analyse.heavy_result(gaps, resolved(gaps, missing=IMOR, imor_control=i, imor_active=i, imputations=5))
        for i in (INF, 0.0)
    )
    for arm in r.arms:
        assert low.percent_days[arm] < r.percent_days[arm] < high.percent_days[arm]


@pytest.mark.parametrize("bad", [-1.0, -1e-300, -INF, float("nan")])
@pytest.mark.parametrize("arm", ["control", "active"])
def test_a_ratio_is_0_or_more(bad, arm):
    with pytest.raises(SpecError, match=f"for the {arm} arm"):
        AnalysisSpec(missing=IMOR, **{f"imor_{arm}": bad})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ratio", [0.0, 1e-300, 1e-9, 1e9, 1e300, INF])
def test_huge_and_tiny_ratios_in_opposite_arms(gaps, ratio):
    other = {0.0: INF, INF: 0.0}[ratio] if ratio in (0.0, INF) else 1 / ratio
    r = imor(gaps, ratio, other, imputations=3)
    assert r.model.usable and -1 < last_difference(r) < 1
    assert np.isfinite([(p.ci_low, p.ci_high, p.se) for p in (*r.modelled, *r.difference)]).all()
    expected = MissingRule.BEST if ratio < 1 else MissingRule.WORST
    assert last_difference(r) == pytest.approx(last_difference(abstinence(gaps, missing=expected)), abs=1e-12)
