"""Pseudo-likelihood by sums over people × days, beside the same row by row: the quick and the slow."""

import numpy as np
import pytest

from ketadash.stats import day_grid, pql, pql_design
from ketadash.stats.glm_families import IDENTITY, LOGIT

PEOPLE, DAYS = 130, 24
pytestmark = pytest.mark.filterwarnings("error")


def _trial(there="all", seed=1, first=1.0):
    """(y, X, group, day) of a trial with a quadratic trend and two covariates; rows in any order."""
    rng = np.random.default_rng(seed)
    group, day = np.repeat(np.arange(PEOPLE), DAYS), np.tile(np.arange(first, DAYS + first), PEOPLE)
    arm, kept = (group % 2).astype(float), np.column_stack([rng.normal(20, 5, PEOPLE), np.arange(PEOPLE) % 3 == 0])
    t = day - first
    eta = (
        -1 + 0.05 * t + 0.3 * arm + 0.02 * arm * t + 0.04 * (kept[group, 0] - 20) + 1.3 * rng.normal(size=PEOPLE)[group]
    )
    y = (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    X = np.column_stack([np.ones(len(day)), day, day**2, arm, day * arm, kept[group]])
    known = {
        "all": np.ones(len(y), bool),
        "until they leave": t < 12 + group % 13,
        "some": rng.random(len(y)) < 0.85,
    }[there]
    mixed = rng.permutation(np.flatnonzero(known))
    return y[mixed], X[mixed], group[mixed], day[mixed]


def _slow(monkeypatch):
    monkeypatch.setattr(day_grid, "find", lambda *_: None)


WAYS = [(ar1, there) for ar1 in (True, False) for there in ("all", "until they leave", "some")]


@pytest.mark.parametrize("ar1, there", WAYS)
def test_a_fit_is_the_one_row_by_row(monkeypatch, ar1, there):
    days = _trial(there)
    quick = pql.fit(*days, ar1=ar1, free_scale=ar1)
    _slow(monkeypatch)
    slow = pql.fit(*days, ar1=ar1, free_scale=ar1)
    se = np.sqrt(np.diag(slow.covariance))
    assert quick.convergence.ok and quick.convergence.n_iter == slow.convergence.n_iter
    assert np.abs(quick.beta - slow.beta) / se == pytest.approx(0, abs=1e-8)
    assert quick.covariance / np.outer(se, se) == pytest.approx(slow.covariance / np.outer(se, se), abs=1e-8)
    assert (quick.sigma, quick.rho, quick.scale) == pytest.approx((slow.sigma, slow.rho, slow.scale), abs=1e-8)
    assert quick.scores * se == pytest.approx(slow.scores * se, abs=1e-7)
    assert quick.informations * np.outer(se, se) == pytest.approx(slow.informations * np.outer(se, se), abs=1e-8)


@pytest.mark.parametrize("ar1, there", WAYS)
def test_many_outcomes_are_those_row_by_row(monkeypatch, ar1, there):
    y, *design = _trial(there)
    rng = np.random.default_rng(2)
    ys = np.array([np.where(rng.random(len(y)) < 0.05, 1 - y, y) for _ in range(3)])
    quick = pql.fit_many(ys, *design, ar1=ar1, free_scale=ar1)
    _slow(monkeypatch)
    for q, s in zip(quick, pql.fit_many(ys, *design, ar1=ar1, free_scale=ar1), strict=True):
        assert np.abs(q.beta - s.beta) / np.sqrt(np.diag(s.covariance)) == pytest.approx(0, abs=1e-7)
        assert (q.sigma, q.scale) == pytest.approx((s.sigma, s.scale), abs=1e-7)


@pytest.mark.parametrize("ar1, there", WAYS)
@pytest.mark.parametrize("first", [1.0, 400.0])
def test_moments_are_those_of_the_rows(ar1, there, first):
    y, X, group, day = _trial(there, first=first)
    d = pql_design.design(y, X, group, day)
    eta = np.random.default_rng(3).normal(0, 5, len(y)).clip(-10, 10)  # beyond, 1 − μ of the rows loses digits
    apart = ar1 and there == "some"  # days apart by one and more: neighbours in the grid are not those of AR(1)
    assert (pql_design.grid_for(d, LOGIT, ar1) is None) == apart
    found = pql_design.moments(d, eta, LOGIT, ar1, ar1)
    rows = pql_design.reml.moments(pql_design.linearised(d, eta, LOGIT), d.layout, ar1, ar1)
    assert (found.q, found.n_free) == (rows.q, rows.n_free)
    own = found.table.reshape(len(found.table), -1), rows.table.reshape(len(rows.table), -1)
    size = np.abs(own[1]).max(axis=1, keepdims=True)
    assert own[0] / size == pytest.approx(own[1] / size, abs=1e-10)


def test_differences_of_days_that_are_nearly_alike_lose_nothing():
    """A day changes so little that its moments are 1e-8 of the days' own."""
    y, X, group, day = _trial()
    d = pql_design.design(y, X, group, day)
    eta = 0.5 + 1e-4 * d.X[1]
    found = pql_design.moments(d, eta, LOGIT, True, True).table[2]
    rows = pql_design.reml.moments(pql_design.linearised(d, eta, LOGIT), d.layout, True, True).table[2]
    person = slice((found_q := X.shape[1] + 1) ** 2 + found_q * PEOPLE, None)  # Σ (√w − √w of the day before)²
    assert rows[person].max() < 1e-7 and found[person] == pytest.approx(rows[person], rel=1e-8)


def test_a_grid_is_laid_out_where_columns_are_products():
    y, X, group, day = _trial("some")
    d = pql_design.design(y, X, group, day)
    eta = d.grid.predictor(np.arange(1.0, 8.0), np.linspace(-1, 1, PEOPLE))
    assert eta == pytest.approx(np.arange(1.0, 8.0) @ d.X + np.linspace(-1, 1, PEOPLE)[d.group], abs=1e-9)
    assert pql_design.grid_for(d, IDENTITY, False) is None
    few = group < 60
    assert pql_design.design(y[few], X[few], group[few], day[few]).grid is None
    own_days = np.column_stack([X, np.random.default_rng(0).normal(size=len(y))])  # a column of no day and no person
    assert pql_design.design(y, own_days, group, day).grid is None
    no_main = np.delete(X, 1, axis=1)  # the day enters in one arm alone
    assert pql_design.design(y, no_main, group, day).grid is None
    sparse = np.random.default_rng(0).random(len(y)) < 0.5
    assert pql_design.design(y[sparse], X[sparse], group[sparse], day[sparse]).grid is None
