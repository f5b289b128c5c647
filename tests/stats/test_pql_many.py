"""RSPL of many outcomes of one design has the fits that they have alone."""

from dataclasses import replace

import numpy as np
import pytest
from mixed import days, design, made_up
from rspl_fits import PARTING, REJOINING, RUNNING_AWAY, fitted, parting

from ketadash.core.errors import FitError
from ketadash.stats import pql
from ketadash.stats.glm_families import IDENTITY, LOG


def _imputed(d, m, seed=0):
    """`m` outcomes that differ on an eighth of the days, drawn at the participant's own rate."""
    rng = np.random.default_rng(seed)
    rate = (d.groupby("id").y.transform("sum") + 1) / (d.groupby("id").y.transform("size") + 2)
    missing = rng.random(len(d)) < 1 / 8
    return np.where(missing, rng.random((m, len(d))) < rate.to_numpy(), d.y.to_numpy()).astype(float)


def _many(ys, d, **how):
    return pql.fit_many(ys, design(d), d.id, d.day, **how)


def _as_if_alone(f, alone, abs_=1e-6):
    se = np.sqrt(np.diag(alone.covariance))
    assert np.abs(f.beta - alone.beta) / se == pytest.approx(0, abs=abs_)
    assert np.sqrt(np.diag(f.covariance)) / se == pytest.approx(1, abs=abs_)
    assert (f.sigma, f.scale) == pytest.approx((alone.sigma, alone.scale), rel=abs_, abs=abs_)
    assert f.rho == (None if alone.rho is None else pytest.approx(alone.rho, abs=abs_))
    assert f.convergence.ok == alone.convergence.ok and f.separated == alone.separated
    assert f.convergence.messages == alone.convergence.messages


@pytest.mark.sweep(8)
@pytest.mark.parametrize("name", ["trial40", "unbalanced", "negative_rho", "serial", "spells"])
@pytest.mark.parametrize("ar1", [True, False])
@pytest.mark.parametrize("given", [True, False])
def test_many_outcomes_have_the_fits_they_have_alone(name, ar1, given):
    d = days(name)
    how = {"ar1": ar1, "free_scale": ar1}
    ys = _imputed(d, 5)
    fits = _many(ys, d, near=fitted(d, **how) if given else None, **how)
    alone = [fitted(d.assign(y=y), **how) for y in ys]
    for f, g in zip(fits, alone, strict=True):
        _as_if_alone(f, g)
    assert all(f.convergence.n_iter <= g.convergence.n_iter for f, g in zip(fits, alone, strict=True))
    assert sum(f.convergence.n_iter for f in fits) < sum(g.convergence.n_iter for g in alone), "they start warm"


def test_many_outcomes_with_the_rows_in_any_order():
    d = days("negative_rho")
    ys, shuffle = _imputed(d, 3), np.random.default_rng(1).permutation(len(d))
    for f, g in zip(_many(ys, d), _many(ys[:, shuffle], d.iloc[shuffle]), strict=True):
        _as_if_alone(g, f, 1e-7)


@pytest.mark.sweep(3)
@pytest.mark.parametrize("factor", [2, 3, 7])
@pytest.mark.parametrize("name", ["serial", "negative_rho"])
def test_many_outcomes_on_days_that_lie_apart(name, factor):
    d = days(name).assign(day=lambda d: factor * d.day)
    ys = _imputed(d, 3)
    for f, y in zip(_many(ys, d, near=fitted(d)), ys, strict=True):
        _as_if_alone(f, fitted(d.assign(y=y)))


@pytest.mark.parametrize("link", ["identity", "log"])
def test_many_measures(link):
    d, family = days("measures"), {"identity": IDENTITY, "log": LOG}[link]
    X = np.column_stack([np.ones(len(d)), d.week, d.arm, d.week * d.arm, d[f"base_{link}"]]).astype(float)
    y = d[f"y_{link}"].to_numpy(float)
    ys = y * np.exp(np.random.default_rng(0).normal(0, 0.05, (4, len(d))))
    for f, one in zip(pql.fit_many(ys, X, d.id, d.week, family=family), ys, strict=True):
        _as_if_alone(f, pql.fit(one, X, d.id, d.week, family=family))


@pytest.mark.parametrize("ar1", [True, False])
def test_one_bad_outcome_spoils_no_other(ar1):
    d = made_up(5, n_people=24, n_days=14)
    how = {"ar1": ar1, "free_scale": ar1}
    arm, own = (d.arm == 1).to_numpy(), d.y.to_numpy(float)
    never, separated, persons = np.zeros(len(d)), np.where(arm, 0.0, own), (d.id % 4 < 2).to_numpy(float)
    first, *bad, last = _many([own, never, 1 - never, separated, persons, own], d, **how)
    _as_if_alone(first, fitted(d, **how))
    _as_if_alone(last, fitted(d, **how))
    assert [type(f) for f in bad] == [FitError, FitError, pql.PqlFit, pql.PqlFit]
    assert "same on every day" in str(bad[0])
    for f, y in zip(bad[2:], (separated, persons), strict=True):
        g = fitted(d.assign(y=y), **how)
        assert f.convergence.ok == g.convergence.ok and f.separated == g.separated
        assert f.convergence.messages == g.convergence.messages
    assert bad[2].separated


def test_a_first_outcome_that_cannot_be_fitted_is_no_start():
    d = days("trial40")
    never, separated = np.zeros(len(d)), np.where(d.arm == 1, 0.0, d.y)
    fits = _many([never, separated, d.y], d, near=fitted(d.assign(y=separated)))
    assert isinstance(fits[0], FitError) and fits[1].separated
    _as_if_alone(fits[2], fitted(d))


def test_a_bad_design_is_a_fit_error_for_all():
    d = made_up(1)
    d.loc[1, "day"] = d.loc[0, "day"]
    with pytest.raises(FitError, match="two rows for one day"):
        _many([d.y, d.y], d)
    with pytest.raises(FitError, match="no rows"):
        pql.fit_many(np.zeros((2, 0)), np.zeros((0, 2)), np.zeros(0, int), np.zeros(0))


@pytest.mark.sweep(8)
@pytest.mark.parametrize("seed", [*PARTING, *RUNNING_AWAY, *REJOINING])
@pytest.mark.parametrize("amiss", [{"sigma": 0.0}, {"sigma": 0.0, "rho": 0.9}, {"sigma": 40.0}, {"rho": 1.0}])
def test_a_start_that_misleads_is_made_good(seed, amiss):
    d = parting(seed)
    f = fitted(d)
    (g,) = _many([d.y], d, near=replace(f, **amiss))
    se = np.sqrt(np.diag(f.covariance))
    assert g.convergence.ok and np.abs(g.beta - f.beta) / se == pytest.approx(0, abs=1e-6)
    assert (g.sigma, g.rho, g.scale) == pytest.approx((f.sigma, f.rho, f.scale), abs=1e-6)
