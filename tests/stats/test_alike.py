"""The likelihood of people who share their days by tables, beside the one by nodes of each: the quick and the slow."""

import numpy as np
import pytest

from ketadash.stats import adaptive, alike, glmm, refits

PEOPLE, DAYS = 120, 24
pytestmark = pytest.mark.filterwarnings("error")


def _trial(sigma=1.5, seed=1, stay=(DAYS, 15)):
    """(y, X, group): each arm's people stay for one of so many days; a number and a yes/no that everybody keeps."""
    rng = np.random.default_rng(seed)
    group, day = np.repeat(np.arange(PEOPLE), DAYS), np.tile(np.arange(1.0, DAYS + 1), PEOPLE)
    arm, kept = (group % 2).astype(float), np.column_stack([rng.normal(20, 5, PEOPLE), np.arange(PEOPLE) % 3 == 0])
    eta = -1 + 0.05 * day + 0.3 * arm + 0.02 * arm * day + 0.04 * (kept[group, 0] - 20)
    y = (rng.random(len(eta)) < 1 / (1 + np.exp(-eta - sigma * rng.normal(size=PEOPLE)[group]))).astype(float)
    X = np.column_stack([np.ones(len(day)), day, day**2, arm, day * arm, kept[group]])
    there = day <= np.take(stay, (group // 2) % len(stay))
    mixed = rng.permutation(np.flatnonzero(there))
    mixed = mixed[np.argsort(day[mixed], kind="stable")]  # people anyhow, their days in order
    return y[mixed], X[mixed], group[mixed]


def _blocks(y, X, group, penalty=None):
    return adaptive.with_outcome(glmm.laid_out(X, group, penalty), y)


def _slow(monkeypatch):
    monkeypatch.setattr(alike, "find", lambda *_: None)


@pytest.mark.parametrize("sigma", [0.3, 1.5, 6.0])
@pytest.mark.parametrize("penalty", [None, glmm.Penalty()])
def test_tables_are_the_integrals_by_many_nodes(sigma, penalty):
    b = _blocks(*_trial(sigma), penalty)
    assert b.alike is not None and len(b.alike.patterns) == 4
    theta = np.array([-0.2, 0.3, -0.4, 0.2, 0.5, 0.1, -0.3, sigma])
    place = adaptive.integrate(b, theta, adaptive.anywhere(b, 401)).place
    by_nodes, by_tables = adaptive.integrate(b, theta, place), adaptive.tabulated(b)(theta, place)
    assert by_tables.each == pytest.approx(by_nodes.each, abs=1e-9)
    assert by_tables.value == pytest.approx(by_nodes.value, abs=1e-8)
    for quick, slow in ((by_tables.scores, by_nodes.scores), (by_tables.hessian, by_nodes.hessian)):
        assert np.abs(quick - slow).max() < 1e-9 * np.abs(slow).max()
    info = adaptive.informations(b, theta, place)
    assert np.abs(-info.sum(axis=0) - b.precision - by_nodes.hessian).max() < 1e-9 * np.abs(by_nodes.hessian).max()


def test_each_persons_information_is_that_by_nodes(monkeypatch):
    days, theta = _trial(), np.array([-0.2, 0.3, -0.4, 0.2, 0.5, 0.1, -0.3, 1.5])
    quick = adaptive.informations(b := _blocks(*days), theta, adaptive.anywhere(b, 401))
    _slow(monkeypatch)
    slow = adaptive.informations(
        b := _blocks(*days), theta, adaptive.integrate(b, theta, adaptive.anywhere(b, 401)).place
    )
    assert np.abs(quick - slow).max() < 1e-8 * np.abs(slow).max()


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.5, 6.0])
def test_fits_are_those_of_people_one_by_one(monkeypatch, sigma):
    y, X, group = _trial(sigma)
    rng = np.random.default_rng(2)
    ys = np.array([np.where(rng.random(len(y)) < 0.03, 1 - y, y) for _ in range(3)])
    quick = glmm.fit_many(ys, X, group, with_informations=True)
    _slow(monkeypatch)
    slow = [glmm.fit(one, X, group, with_informations=True) for one in ys]
    assert quick[0].n_quad == slow[0].n_quad
    for q, s in zip(quick, slow, strict=True):
        se = np.sqrt(np.diag(s.covariance))
        assert q.convergence.ok and q.minus2ll == pytest.approx(s.minus2ll, abs=1e-4)
        assert np.abs(q.beta - s.beta).max() < 1e-4 * se[:-1].max() and q.sigma == pytest.approx(s.sigma, abs=1e-4)
        assert np.sqrt(np.diag(q.covariance)) == pytest.approx(se, rel=1e-4, abs=1e-9)
        assert np.abs(q.informations - s.informations).max() < 1e-4 * np.abs(s.informations).max()


def test_a_shuffle_is_fitted_the_same(monkeypatch):
    y, X, group = _trial(stay=(DAYS,))
    arm = np.array([False, False, False, True, True, False, False])
    start = refits.begin_quadrature(y, X, group, arm, 25, None)
    quick = refits.by_quadrature(y, X, group, start, 25, None)
    _slow(monkeypatch)
    slow = refits.by_quadrature(y, X, group, start, 25, None)
    assert np.abs(quick.beta - slow.beta).max() < 1e-4 * np.sqrt(np.diag(slow.covariance)).max()
    assert quick.robust == pytest.approx(slow.robust, rel=1e-3, abs=1e-9)


def test_patterns_are_of_the_days_alone():
    y, X, group = _trial(stay=(DAYS,))
    found = _blocks(y, X, group).alike
    assert [len(one.who) for one in found.patterns] == [PEOPLE // 2, PEOPLE // 2]
    everyones_own = np.random.default_rng(0).random(len(y)) < 0.9
    assert _blocks(y[everyones_own], X[everyones_own], group[everyones_own]).alike is None
    few = group < 40
    assert _blocks(y[few], X[few], group[few]).alike is None  # nothing to gain from a table


@pytest.mark.parametrize("sigma", [0.0, 1e-4, 1e4])
def test_what_tables_cannot_tell_is_said(sigma):
    b = _blocks(*_trial())
    with pytest.raises(alike.UnsuitedError):
        adaptive.tabulated(b)(np.array([-0.2, 0.3, -0.4, 0.2, 0.5, 0.1, -0.3, sigma]), adaptive.anywhere(b, 25))


def test_a_large_trial_begins_where_some_of_its_people_say(monkeypatch):
    y, X, group = _trial(2.5)
    _slow(monkeypatch)
    all_of_them = glmm.fit(y, X, group)
    glanced, plain = [], adaptive.at_a_glance
    monkeypatch.setattr(adaptive, "at_a_glance", lambda *a: (glanced.append(a[2]), plain(*a))[1])
    monkeypatch.setattr(glmm, "GLANCED_AT", len(y) // 3)
    some = glmm.fit(y, X, group)
    assert [sum(len(part.who) for part in parts) for parts in glanced] == [PEOPLE // 3] * 4
    assert some.beta == pytest.approx(all_of_them.beta, abs=1e-6) and some.minus2ll == pytest.approx(
        all_of_them.minus2ll, abs=1e-6
    )
