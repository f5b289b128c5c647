"""The logistic mixed model with random slopes: R's double integrals, lme4's Laplace, and laws."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from mixed import case_id, days, design, made_up, numbers, oracle, swapped

from ketadash.core.errors import FitError
from ketadash.stats import adaptive, glmm, slope_nodes, slopes
from ketadash.stats import slope_integrals as integrals

REFERENCE = oracle("slopes")["fits"]  # tests/oracle/slopes.R: the integrals on a grid, and lme4 with nAGQ = 1


def _fit(d, model="linear", **how):
    return slopes.fit(d.y, design(d, model), d.id, d.day, **how)


def _covariance(effects):
    a, b, r = effects["intercept_sd"], effects["slope_sd"], effects["correlation"]
    return [[a * a, r * a * b], [r * a * b, b * b]]


def log_likelihood(y, X, group, day, beta, covariance, *, n_quad):
    """The log-likelihood at given parameters; `covariance` (2, 2) is that of the intercept on day 0 and the slope.

    One node is Laplace's approximation at the modes; with more they are placed by the posterior moments.
    """
    layout = adaptive.lay_out(np.asarray(X, float), np.asarray(group))
    t = np.zeros(layout.X1.shape[:2])
    t[layout.cell] = np.asarray(day, float)[layout.order]
    d = integrals.with_days(adaptive.with_outcome(layout, np.asarray(y, float)), t)
    root = np.linalg.cholesky(np.asarray(covariance, float))
    gamma = np.linalg.solve(layout.back, np.asarray(beta, float))
    theta, place = np.array([*gamma, root[0, 0], root[1, 0], root[1, 1]]), integrals.anywhere(d, n_quad)
    place = replace(place, mode=integrals.modes(d, theta, place.mode, 1e-10)[0])
    for _ in range(1 if n_quad < integrals.FEW else 4):
        at = integrals.integrate(d, theta, place)
        place = at.place
    return at.value


def _log_likelihood(d, model, row, n_quad):
    beta = numbers(row["estimates"])
    return log_likelihood(d.y, design(d, model), d.id, d.day, beta, _covariance(row["random"]), n_quad=n_quad)


@pytest.mark.parametrize("row", REFERENCE, ids=case_id)
def test_every_data_set_agrees_with_double_integrals_in_r(row):
    f = _fit(days(row["dataset"]), row["model"])
    assert f.convergence.ok and not f.separated and not f.convergence.messages
    assert f.minus2ll == pytest.approx(row["minus2ll"], abs=slope_nodes.SETTLED)  # what is promised
    se = numbers(row["se"])
    # an error of 0.01 in −2 log L moves an estimate by no more than a tenth of its standard error, and seldom by 0.01
    assert (f.beta - numbers(row["estimates"])) / se == pytest.approx(0, abs=0.02)
    assert np.sqrt(np.diag(f.covariance))[: len(se)] / se == pytest.approx(1, abs=0.005)
    for name, value in row["random"].items():
        assert getattr(f.effects, name) == pytest.approx(value, abs=0.02 * row["random_se"][name])
    se_intercept = f.effects.intercept_sd_se(f.covariance[-3:, -3:])
    assert se_intercept == pytest.approx(row["random_se"]["intercept_sd"], rel=0.02)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("row", REFERENCE, ids=case_id)
def test_many_nodes_give_the_double_integral_and_one_node_gives_laplace(row):
    d = days(row["dataset"])
    assert -2 * _log_likelihood(d, row["model"], row, 81) == pytest.approx(row["minus2ll"], abs=1e-4)
    laplace = row["laplace"]
    assert -2 * _log_likelihood(d, row["model"], laplace, 1) == pytest.approx(laplace["minus2ll"], abs=1e-4)


def _days(d, model="linear"):
    layout = adaptive.lay_out(design(d, model), d.id.to_numpy())
    t = np.zeros(layout.X1.shape[:2])
    t[layout.cell] = ((d.day - d.day.mean()) / d.day.std()).to_numpy()[layout.order]
    return integrals.with_days(adaptive.with_outcome(layout, d.y.to_numpy(float)), t)


def test_scores_and_informations_are_the_log_integrals_derivatives():
    d = _days(made_up(3))
    theta = np.array([0.3, -0.2, 0.1, 0.2, -0.1, 1.1, -0.4, 0.7])

    def settled(at):
        place = integrals.anywhere(d, 31)
        for _ in range(6):
            result = integrals.integrate(d, at, place)
            place = result.place
        return result

    at, h = settled(theta), 1e-4
    for k, step in enumerate(h * np.eye(len(theta))):
        up, down = settled(theta + step), settled(theta - step)
        assert (up.each - down.each) / (2 * h) == pytest.approx(at.scores[:, k], abs=1e-6)
        assert (down.scores - up.scores) / (2 * h) == pytest.approx(at.informations[:, k], abs=1e-5)
    assert at.score == pytest.approx(at.scores.sum(axis=0))
    assert at.hessian == pytest.approx(-at.informations.sum(axis=0))


def test_people_who_are_alike_are_integrated_once_and_as_if_each_were_alone(monkeypatch):
    twice = made_up(3)
    d = pd.concat([twice, twice.assign(id=twice.id + 1000)], ignore_index=True)
    alike = _days(d)
    apart = replace(alike, alike=np.arange(len(alike.t)))
    assert len(set(alike.alike)) <= len(alike.t) // 2
    theta, place, seen = np.array([0.3, -0.2, 0.1, 0.2, -0.1, 1.1, -0.4, 0.7]), integrals.anywhere(alike, 9), []
    nodes = integrals.nodes_at
    monkeypatch.setattr(integrals, "nodes_at", lambda d, who, *more: seen.append(len(who)) or nodes(d, who, *more))
    for _ in range(3):
        once, each = integrals.integrate(alike, theta, place), integrals.integrate(apart, theta, place)
        for name in ("value", "score", "hessian", "each", "scores", "informations"):
            assert getattr(once, name) == pytest.approx(getattr(each, name), rel=1e-9, abs=1e-9), name
        place = once.place
        place.points[::3] = 13  # of people who are alike, some may have more nodes
    assert sum(seen) < 3 * len(alike.t) * 1.9
    who = np.arange(0, len(alike.t), 2)
    both = [integrals.log_integrals(days, theta, place, who) for days in (alike, apart)]
    for one, other in zip(*both, strict=True):
        for a, b in (
            [(one, other)] if isinstance(one, np.ndarray) else [(one.shift, other.shift), (one.root, other.root)]
        ):
            assert a == pytest.approx(b, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("sd", [0.5, 2.0])
def test_without_slopes_the_likelihood_is_that_of_a_random_intercept(sd):
    d = made_up(5)
    X, beta = design(d), np.array([0.2, -0.05, 0.4, 0.03, 0.01])
    b = adaptive.with_outcome(adaptive.lay_out(X, d.id.to_numpy()), d.y.to_numpy(float))
    theta = np.append(np.linalg.solve(b.back, beta), sd)
    place = adaptive.anywhere(b, 61)
    for _ in range(3):
        one = adaptive.integrate(b, theta, place)
        place = one.place
    previous = np.inf
    for slope in (1e-2, 1e-3, 1e-5):
        S = [[sd**2, 0], [0, slope**2]]
        apart = abs(log_likelihood(d.y, X, d.id, d.day, beta, S, n_quad=41) - one.value)
        assert apart < previous
        previous = apart
    assert previous < 1e-6


def test_a_model_with_slopes_is_never_less_likely_than_one_without():
    for name in ("trial40", "own_slopes", "unbalanced", "serial", "small_sigma"):
        d = days(name)
        assert _fit(d).minus2ll < glmm.fit(d.y, design(d), d.id).minus2ll + slope_nodes.SETTLED


def test_where_days_begin_and_what_a_day_is_do_not_matter():
    d = days("own_slopes")
    f, g = _fit(d), _fit(d.assign(day=7 * d.day + 100))
    assert g.minus2ll == pytest.approx(f.minus2ll, abs=1e-6)
    assert g.beta[1] == pytest.approx(f.beta[1] / 7, rel=1e-5)
    assert g.effects.slope_sd == pytest.approx(f.effects.slope_sd / 7, rel=1e-5)
    assert g.effects.sd_on([107.0])[0] == pytest.approx(f.effects.sd_on([1.0])[0], rel=1e-5)


def test_arms_that_trade_places_and_participants_in_another_order_change_nothing():
    d = days("own_slopes")
    f, g = _fit(d), _fit(d.assign(arm=1 - d.arm))
    assert g.beta == pytest.approx(swapped(f.beta), abs=1e-5)
    shuffled = d.sample(frac=1, random_state=1)
    assert _fit(shuffled).beta == pytest.approx(f.beta, abs=1e-6)


def test_outcomes_turned_round_turn_the_coefficients_round():
    d = days("own_slopes")
    f, g = _fit(d), _fit(d.assign(y=1 - d.y))
    assert g.beta == pytest.approx(-f.beta, abs=1e-5)
    assert g.root == pytest.approx(f.root, abs=1e-5)


def test_the_sd_of_a_day_and_its_derivatives_belong_together():
    root = np.array([[1.5, 0.0], [0.4, 0.7]])
    effects = slopes.RandomDays(root, 10.0, 6.0)
    at = np.array([1.0, 10.0, 21.0])
    sd, gradient = effects.sd_on(at)
    S = np.array(_covariance({name: getattr(effects, name) for name in ("intercept_sd", "slope_sd", "correlation")}))
    assert sd**2 == pytest.approx(S[0, 0] + 2 * at * S[0, 1] + at**2 * S[1, 1])
    for k, (i, j) in enumerate(((0, 0), (1, 0), (1, 1))):
        moved = root.copy()
        moved[i, j] += 1e-6
        numeric = (slopes.RandomDays(moved, 10.0, 6.0).sd_on(at)[0] - sd) / 1e-6
        assert numeric == pytest.approx(gradient[:, k], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unbalanced", "random-slope variance is estimated as zero"),
        ("trial40", "perfectly correlated"),
        ("separated", "separates what the model compares"),
    ],
)
def test_boundaries_and_separation_are_said(name, words):
    f = _fit(days(name), "linear" if name == "separated" else "quadratic")
    assert words in " ".join(f.convergence.messages)
    assert f.separated == (name == "separated")
    assert f.convergence.ok == (name != "separated")
    if name != "separated":
        assert np.isfinite(f.covariance).all()
        assert f.covariance[-1, -1] == 0  # at its boundary


def test_one_day_each_ends_in_a_sentence():
    d = made_up(2, n_people=60, n_days=1, absent=0)
    d["day"] = np.tile(np.arange(1, 13), 5)
    f = _fit(d)
    assert f.convergence.messages


def test_nobody_differs_ends_in_a_sentence():
    d = days("zero_sigma")
    rng = np.random.default_rng(12)
    f = _fit(d.assign(y=(rng.random(len(d)) < 0.5).astype(int)))
    assert np.isfinite(f.minus2ll)
    assert f.convergence.messages


def test_everybody_one_way_is_separated():
    d = made_up(4)
    f = _fit(d.assign(y=(d.id % 3 == 0).astype(int)))
    assert f.separated and not f.convergence.ok


def test_no_rows_and_repeated_columns_are_refused():
    d = made_up(6)
    with pytest.raises(FitError, match="no rows"):
        slopes.fit([], np.zeros((0, 2)), [], [])
    with pytest.raises(FitError, match="repeats"):
        slopes.fit(d.y, np.column_stack([design(d), d.day]), d.id, d.day)


def test_many_outcomes_are_fitted_as_each_alone():
    d = days("own_slopes")
    rng = np.random.default_rng(1)
    ys = [np.where(rng.random(len(d)) < 0.05, 1 - d.y, d.y) for _ in range(3)]
    together = slopes.fit_many(ys, design(d), d.id, d.day)
    for y, f in zip(ys, together, strict=True):
        alone = slopes.fit(y, design(d), d.id, d.day)
        assert f.minus2ll == pytest.approx(alone.minus2ll, abs=slope_nodes.SETTLED)
        assert f.beta == pytest.approx(alone.beta, abs=0.02 * np.sqrt(np.diag(alone.covariance)).min())


def test_a_fit_at_a_boundary_does_not_hold_the_next_one_there():
    """From where the intercept or the slope does not vary at all the likelihood shows no way out."""
    d = made_up(4)
    rng = np.random.default_rng(3)
    nobody_differs = (rng.random(len(d)) < 0.5).astype(int)
    X, y = design(d), d.y.to_numpy()
    f = slopes.fit_many([nobody_differs, y], X, d.id, d.day)
    assert min(f[0].root[0, 0], f[0].root[1, 1]) < slopes.NO_SD, "the first lies at a boundary"
    assert f[1].minus2ll == pytest.approx(slopes.fit(y, X, d.id, d.day).minus2ll, abs=slope_nodes.SETTLED)


def test_nodes_of_the_fit_before_are_checked_where_outcomes_changed():
    d = days("own_slopes")
    rng = np.random.default_rng(5)
    X, G = design(d), d.id.nunique()
    one_person = (d.id == d.id.iloc[0]).to_numpy()
    ys = [np.where(one_person & (rng.random(len(d)) < 0.5), 1 - d.y, d.y) for _ in range(4)]
    promised = slope_nodes.SETTLED * max(1.0, G / 100)
    for y, f in zip(ys, slopes.fit_many(ys, X, d.id, d.day), strict=True):
        covariance = f.root @ f.root.T
        back = np.array([[1.0, -f.centre / f.scale], [0.0, 1 / f.scale]])
        exact = log_likelihood(y, X, d.id, d.day, f.beta, back @ covariance @ back.T, n_quad=61)
        assert f.minus2ll == pytest.approx(-2 * exact, abs=promised)


def test_estimates_are_near_what_days_were_made_from():
    rng = np.random.default_rng(8)
    n, T = 600, 14
    person, day = np.repeat(np.arange(n), T), np.tile(np.arange(1, T + 1), n)
    u0, u1 = rng.normal(0, 1.5, n), rng.normal(0, 0.2, n)
    arm = person % 2
    eta = 0.5 - 0.05 * day + 0.3 * arm + 0.04 * day * arm + u0[person] + u1[person] * day
    d = pd.DataFrame({"id": person, "day": day, "arm": arm, "base": rng.normal(0, 1, n)[person]})
    d["y"] = (rng.random(n * T) < 1 / (1 + np.exp(-eta))).astype(int)
    f = _fit(d)
    error = (f.beta - [0.5, -0.05, 0.3, 0.04, 0.0]) / np.sqrt(np.diag(f.covariance))[:5]
    assert np.abs(error).max() < 3.5
    assert f.effects.slope_sd == pytest.approx(0.2, abs=0.04)
    assert f.effects.intercept_sd == pytest.approx(1.5, abs=0.3)
