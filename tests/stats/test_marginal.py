"""Probabilities implied by a fit: R's population-averaged curve, limits, and numerical derivatives."""

import numpy as np
import pytest
from mixed import days, design, oracle
from scipy.special import expit, logit

from ketadash.stats import glmm, robust
from ketadash.stats.marginal import interval, population_averaged, typical
from ketadash.stats.wald import normal_quantile

REFERENCE = oracle("glmm")["population_averaged"]  # tests/oracle/glmm.R: stats::integrate, numDeriv gradients


def _settings(d, day, active):
    """(days, people, p): everyone's baseline, the arm set."""
    base = d.groupby("id").base.first().to_numpy()
    t, b = np.meshgrid(np.asarray(day, float), base, indexing="ij")
    one = np.ones_like(t)
    return np.stack([one, t, t**2, active * one, active * t, b], axis=-1)


@pytest.fixture(scope="module")
def fitted():
    d = days("trial40")
    return d, glmm.fit(d.y, design(d, "quadratic"), d.id, n_quad=101)


@pytest.mark.parametrize("arm, active", [("control", 0.0), ("active", 1.0)])
def test_curve_and_standard_errors_agree_with_r(fitted, arm, active):
    d, f = fitted
    X = _settings(d, REFERENCE["day"], active)
    q = population_averaged(f.beta, f.sigma, X, np.full(40, 1 / 40))
    # the fit agrees with R's to 1e-4 of a standard error, and a probability has an SE of .08 here: 1e-5 at most
    assert q.probability == pytest.approx(np.array(REFERENCE[arm]), abs=1e-6)
    assert q.se(f.covariance) == pytest.approx(np.array(REFERENCE[f"se_{arm}"]), rel=1e-4)


def test_the_difference_agrees_with_r(fitted):
    if "difference" not in REFERENCE:
        pytest.skip("the oracle holds no difference")
    d, f = fitted
    active, control = (
        population_averaged(f.beta, f.sigma, _settings(d, REFERENCE["day"], k), np.full(40, 1 / 40)) for k in (1.0, 0.0)
    )
    gap = active - control
    assert gap.probability == pytest.approx(np.array(REFERENCE["difference"]), abs=1e-6)
    assert gap.se(f.covariance) == pytest.approx(np.array(REFERENCE["se_difference"]), rel=1e-4)


def test_grouping_equal_covariates_by_weight_changes_nothing(fitted):
    d, f = fitted
    X = _settings(d, [1, 10, 21], 1.0)
    base, n = np.unique(X[0, :, -1], return_counts=True)
    first = [int(np.flatnonzero(X[0, :, -1] == b)[0]) for b in base]
    a = population_averaged(f.beta, f.sigma, X, np.full(40, 1 / 40))
    b = population_averaged(f.beta, f.sigma, X[:, first], n / 40)
    assert b.probability == pytest.approx(a.probability, abs=1e-14)
    assert b.gradient == pytest.approx(a.gradient, abs=1e-13)


def test_without_variance_and_with_one_pattern_a_typical_participant_is_the_population():
    beta, X = np.array([0.3, -0.1, 0.8]), np.random.default_rng(0).normal(size=(5, 3))
    a, b = population_averaged(beta, 0.0, X[:, None, :], np.ones(1)), typical(beta, X)
    assert a.probability == pytest.approx(b.probability, abs=1e-15)
    assert a.gradient == pytest.approx(b.gradient, abs=1e-15)
    assert (b.gradient[:, -1] == 0).all()


def test_a_population_lies_between_its_typical_participant_and_a_half():
    beta, X = np.array([2.0, -0.3]), np.column_stack([np.ones(9), np.arange(9.0)])
    averaged = population_averaged(beta, 2.5, X[:, None, :], np.ones(1)).probability
    median = typical(beta, X).probability
    assert (np.abs(averaged - 0.5) <= np.abs(median - 0.5)).all()
    assert ((averaged - 0.5) * (median - 0.5) >= 0).all()


@pytest.mark.parametrize("sigma", [0.2, 2.0, 8.0])
def test_gradients_are_derivatives(sigma):
    rng = np.random.default_rng(1)
    beta, X, weight = rng.normal(size=3), rng.normal(size=(4, 5, 3)), rng.dirichlet(np.ones(5))
    q, h = population_averaged(beta, sigma, X, weight), 1e-6
    for k in range(3):
        up, down = (population_averaged(beta + s * h * np.eye(3)[k], sigma, X, weight).probability for s in (1, -1))
        assert q.gradient[:, k] == pytest.approx((up - down) / (2 * h), abs=1e-9)  # rounding: 1e-16 / 1e-6
    up, down = (population_averaged(beta, sigma + s * h, X, weight).probability for s in (1, -1))
    assert q.gradient[:, 3] == pytest.approx((up - down) / (2 * h), abs=1e-9)


def test_the_delta_method_agrees_with_simulation():
    """SE of a probability against 2,000 draws of the parameters from their normal distribution."""
    rng = np.random.default_rng(2)
    beta, sigma = np.array([0.4, -0.2]), 1.5
    root = rng.normal(size=(3, 3)) * 0.02
    covariance = root @ root.T
    X = np.array([[[1.0, 2.0]]])
    se = population_averaged(beta, sigma, X, np.ones(1)).se(covariance)[0]
    draws = rng.multivariate_normal(np.append(beta, sigma), covariance, size=2000)
    spread = np.std([population_averaged(t[:2], t[2], X, np.ones(1)).probability[0] for t in draws])
    # an SD from 2,000 draws has a standard error of 1.6%: five of them
    assert spread == pytest.approx(se, rel=0.08)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_an_interval_stays_within_0_and_1_and_around_its_estimate(confidence):
    p = np.array([1e-9, 1e-4, 0.02, 0.5, 0.98, 0.9999, 1 - 1e-9])
    for se in (1e-6, 0.01, 0.3, 5.0):
        low, high = interval(p, np.full(7, se), normal_quantile(confidence))
        assert (low >= 0).all() and (high <= 1).all()
        assert (low <= p + 1e-15).all() and (p <= high + 1e-15).all()


def test_an_interval_is_the_one_made_on_the_logit_scale():
    p, se = np.array([0.7]), np.array([0.05])
    low, high = interval(p, se, normal_quantile(0.9))
    half = normal_quantile(0.9) * 0.05 / (0.7 * 0.3)
    assert (logit(high) - logit(p), logit(p) - logit(low)) == (pytest.approx(half), pytest.approx(half))
    assert expit(logit(0.7) - half) == pytest.approx(low[0])


def test_no_spread_no_interval():
    low, high = interval(np.array([0.3]), np.array([0.0]), 1.96)
    assert low[0] == high[0] == pytest.approx(0.3)


# --- unconditional errors: tests/oracle/standardised.R ----------------------------------------------------------------


@pytest.fixture(scope="module", params=oracle("standardised")["curves"], ids=lambda r: f"{r['dataset']}, {r['model']}")
def with_others(request):
    """R's errors, our fit of the same data, and both arms' curves on the first and the last day."""
    row = request.param
    d = days(row["dataset"])
    f = glmm.fit(d.y, design(d, row["model"]), d.id, n_quad=101, with_informations=True)
    base = d.groupby("id").base.first().to_numpy()
    names = ["intercept", "day", *(["day^2"] if row["model"] == "quadratic" else []), "arm", "day:arm", "baseline"]

    def curve(active):
        t, b = np.meshgrid(np.asarray(row["day"], float), base, indexing="ij")
        known = {"intercept": t**0, "day": t, "day^2": t**2, "arm": active * t**0, "day:arm": active * t, "baseline": b}
        X = np.stack([known[n] for n in names], axis=-1)
        return population_averaged(f.beta, f.sigma, X, np.full(len(base), 1 / len(base)))

    control, active = curve(0.0), curve(1.0)
    return row["rows"], f, {"control": control, "active": active, "difference": active - control}, len(base)


def test_errors_for_other_people_agree_with_r(with_others):
    """With the model's own errors and with everybody's influence; the part of other people is there to be seen."""
    rows, f, curves, n = with_others
    people, plain = np.arange(n), robust.Correction.NONE
    influence = robust.influences(f.scores, f.informations, f.covariance, plain)
    for name, q in curves.items():
        for kind, se in (
            ("fixed", q.se(f.covariance)),
            ("model", np.sqrt(q.variance(f.covariance, people))),
            ("influence", np.sqrt(q.variance(f.covariance, people, influence))),
        ):
            assert se == pytest.approx(np.array([r[name][kind] for r in rows]), rel=2e-4), (name, kind)
        if name != "difference":
            assert (q.variance(f.covariance, people) > 1.001 * q.se(f.covariance) ** 2).all()


def test_influences_are_what_a_sandwich_is_the_sum_of(with_others):
    _, f, _, _ = with_others
    for kind in robust.Correction:
        if kind is not robust.Correction.MOREL:
            each = robust.influences(f.scores, f.informations, f.covariance, kind)
            expected = robust.sandwich(f.scores, f.informations, f.covariance, kind, len(f.scores))
            assert each.T @ each == pytest.approx(expected, rel=1e-12)


def test_people_alike_or_a_typical_one_add_no_variance():
    X = np.array([[[1.0, 2.0]], [[1.0, 5.0]]])
    covariance = np.diag([0.1, 0.02, 0.05])
    alike = population_averaged(np.array([0.3, -0.1]), 1.2, X, np.ones(1))
    assert alike.variance(covariance, np.zeros(30, int)) == pytest.approx(alike.se(covariance) ** 2, rel=1e-14)
    one = typical(np.array([0.3, -0.1]), X[:, 0])
    assert one.variance(covariance, np.zeros(30, int)) == pytest.approx(one.se(covariance) ** 2, rel=1e-14)
