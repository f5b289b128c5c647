"""Errors clustered by participant: R's references, laws, and where they cannot be had."""

from itertools import pairwise

import numpy as np
import pytest
from mixed import days, design, oracle
from scipy.special import expit

from ketadash.core.errors import FitError
from ketadash.stats import glmm, pql, robust
from ketadash.stats.glm_families import IDENTITY
from ketadash.stats.robust import Correction

R = oracle("robust")
KINDS = pytest.mark.parametrize("kind", list(Correction))
LIKELIHOOD = pytest.mark.parametrize("row", R["likelihood"], ids=lambda r: f"{r['dataset']} {r['model']}")


def _clustered(d, model="linear"):
    return glmm.fit(d.y, design(d, model), d.id, with_informations=True)


def _sandwich(f, kind, n_rows):
    return robust.sandwich(f.scores, f.informations, f.covariance, kind, n_rows)


def _same(ours, r, rel):
    """Covariances equal, in units of the standard errors."""
    r = np.array(r)
    scale = np.sqrt(np.diag(r))
    assert ours / np.outer(scale, scale) == pytest.approx(r / np.outer(scale, scale), abs=rel)


@LIKELIHOOD
def test_each_participant_has_the_score_that_r_has(row):
    f = _clustered(days(row["dataset"]), row["model"])
    se = np.sqrt(np.diag(row["covariance"]))
    # a gradient by Richardson is right to about 1e-8 of the largest score; nodes settle −2 log L to 1e-4
    assert f.scores * se == pytest.approx(np.array(row["scores"]) * se, abs=1e-4)


@KINDS
@LIKELIHOOD
def test_the_likelihoods_sandwich_is_that_of_r(row, kind):
    d = days(row["dataset"])
    _same(_sandwich(_clustered(d, row["model"]), kind, len(d)), row["robust"][kind.value], 1e-3)


@pytest.mark.parametrize("kind", R["linear"])
def test_the_linear_models_sandwich_is_that_of_clubsandwich(kind):
    d = days("measures")
    arm = d.arm.to_numpy(float)
    X = np.column_stack([np.ones(len(d)), d.week, arm, d.week * arm, d.base_identity]).astype(float)
    f = pql.fit(d.y_identity.to_numpy(float), X, d.id.to_numpy(), d.week.to_numpy(float), family=IDENTITY)
    _same(_sandwich(f, Correction(kind), len(d)), R["linear"][kind], 1e-5)  # lme stops at about 1e-6 in ρ


@pytest.mark.parametrize("kind", R["independent"]["robust"])
def test_one_day_a_person_is_the_sandwich_of_logistic_regression(kind):
    d = days("hundreds").query("day == 14")
    X = np.column_stack([np.ones(len(d)), d.arm, d.base]).astype(float)
    p = expit(X @ np.array(R["independent"]["beta"]))
    informations = (p * (1 - p))[:, None, None] * X[:, :, None] * X[:, None]
    ours = robust.sandwich(
        (d.y.to_numpy() - p)[:, None] * X,
        informations,
        np.linalg.inv(informations.sum(axis=0)),
        Correction(kind),
        len(d),
    )
    _same(ours, R["independent"]["robust"][kind], 1e-9)


@pytest.mark.parametrize("ar1", [True, False])
@pytest.mark.parametrize("name", ["serial", "three_days_a_week", "negative_rho"])
def test_pseudo_likelihoods_scores_are_those_of_its_working_model_written_out(name, ar1):
    d = days(name).sort_values(["id", "day"])
    X = design(d, "linear").astype(float)
    f = pql.fit(d.y, X, d.id, d.day, ar1=ar1, free_scale=ar1)
    people = list(d.reset_index(drop=True).groupby("id").groups.values())
    y, day = d.y.to_numpy(float), d.day.to_numpy(float)
    for k, rows in enumerate(people):
        b = _intercept(f, y[rows], X[rows], day[rows])
        eta = X[rows] @ f.beta + b
        mu = expit(eta)
        V = f.sigma**2 + f.scale * _correlation(f, day[rows]) / np.sqrt(np.outer(mu * (1 - mu), mu * (1 - mu)))
        e = b + (y[rows] - mu) / (mu * (1 - mu))
        se = np.sqrt(np.diag(f.covariance))
        assert f.scores[k] * se == pytest.approx(X[rows].T @ np.linalg.solve(V, e) * se, abs=1e-5)
        ours, brute = f.informations[k] * np.outer(se, se), X[rows].T @ np.linalg.solve(V, X[rows]) * np.outer(se, se)
        assert ours == pytest.approx(brute, abs=1e-6)


def _correlation(f, day):
    return (f.rho or 0.0) ** np.abs(day[:, None] - day) if f.rho else np.eye(len(day))


def _intercept(f, y, X, day):
    """The predicted intercept at the fixed point, found by itself: b = σ² 1'V⁻¹(P − Xβ)."""
    b = 0.0
    for _ in range(500):
        mu = expit(X @ f.beta + b)
        w = mu * (1 - mu)
        V = f.sigma**2 + f.scale * _correlation(f, day) / np.sqrt(np.outer(w, w))
        new = float(f.sigma**2 * np.linalg.solve(V, b + (y - mu) / w).sum())
        if abs(new - b) < 1e-12:
            break
        b = b + (new - b) / 2
    return b


@KINDS
def test_the_unit_of_a_column_scales_its_errors_and_nothing_else(kind):
    d = days("trial40")
    X, scale = design(d, "linear").astype(float), np.array([1, 100, 1, 100, 0.01])
    a, b = (glmm.fit(d.y, x, d.id, with_informations=True) for x in (X, X * scale))
    se_a, se_b = (np.sqrt(np.diag(_sandwich(f, kind, len(d)))) for f in (a, b))
    if kind is Correction.MOREL:  # its trace is the same on any scale too
        assert np.isfinite(se_b).all()
    assert se_b[:-1] * scale == pytest.approx(se_a[:-1], rel=1e-5)


def test_everybody_twice_halves_the_variance():
    d = days("trial40")
    twice = d._append(d.assign(id=d.id + 1000), ignore_index=True)
    once, both = (_sandwich(_clustered(x), Correction.NONE, len(x)) for x in (d, twice))
    _same(2 * both, once, 1e-4)


def test_every_day_twice_changes_the_models_errors_and_not_the_robust_ones():
    """A linear working model of repeated rows: the same residuals, and the model believes in twice the days."""
    d = days("measures").dropna(subset=["y_identity"])
    arm = d.arm.to_numpy(float)
    X = np.column_stack([np.ones(len(d)), d.week, arm, d.week * arm]).astype(float)
    y, group = d.y_identity.to_numpy(float), np.unique(d.id, return_inverse=True)[1]
    found = []
    for copies in (1, 2):
        rows, g = np.tile(X, (copies, 1)), np.tile(group, copies)
        A = np.array([rows[g == k].T @ rows[g == k] for k in range(g.max() + 1)])
        bread = np.linalg.inv(A.sum(axis=0))
        e = np.tile(y - X @ np.linalg.lstsq(X, y, rcond=None)[0], copies)
        scores = np.array([rows[g == k].T @ e[g == k] for k in range(g.max() + 1)])
        found.append((bread, robust.sandwich(scores, A, bread, Correction.MANCL_DEROUEN, len(rows))))
    (bread_1, once), (bread_2, twice) = found
    assert bread_2 == pytest.approx(bread_1 / 2, rel=1e-9)
    assert twice == pytest.approx(once, rel=1e-9)


def test_many_fits_at_once_are_each_as_alone():
    d = days("trial40")
    X, rng = design(d, "linear"), np.random.default_rng(2)
    ys = [d.y.to_numpy(), np.where(rng.random(len(d)) < 0.1, 1 - d.y, d.y)]
    fits = glmm.fit_many(ys, X, d.id, with_informations=True)
    together = robust.clustered(np.array([f.scores for f in fits]), np.array([f.covariance for f in fits]))
    for f, one in zip(fits, together, strict=True):
        assert one == pytest.approx(_sandwich(f, Correction.CLUSTERS, len(d)), rel=1e-10, abs=1e-14)


def test_corrections_come_in_the_order_of_their_size():
    f = _clustered(days("trial40"))
    se = {kind: np.sqrt(np.diag(_sandwich(f, kind, 840)))[:5] for kind in Correction}
    order = [Correction.NONE, Correction.CLUSTERS, Correction.KAUERMANN_CARROLL, Correction.MANCL_DEROUEN]
    assert all((se[a] < se[b]).all() for a, b in pairwise(order))


def test_a_standard_deviation_at_zero_has_no_error_of_its_own():
    f = _clustered(days("zero_sigma"))
    for kind in Correction:
        cov = _sandwich(f, kind, 560)
        assert (cov[-1] == 0).all() or np.abs(cov[-1]).max() < 1e-15
        assert (np.diag(cov)[:-1] > 0).all()


def test_penalised_scores_are_centred():
    d = days("separated")
    f = glmm.fit(d.y, design(d, "linear"), d.id, penalty=glmm.Penalty(), with_informations=True)
    cov = _sandwich(f, Correction.CLUSTERS, len(d))
    s = f.scores - f.scores.mean(axis=0)
    assert np.isfinite(cov).all()
    G = len(s)
    assert cov == pytest.approx(G / (G - 1) * f.covariance @ s.T @ s @ f.covariance, rel=1e-9, abs=1e-14)


@KINDS
def test_too_few_people_are_refused_in_words(kind):
    d = days("trial40")
    few = d[d.id.isin([*d.id[d.arm == 0].unique()[:3], *d.id[d.arm == 1].unique()[:2]])]
    f = glmm.fit(few.y, design(few, "linear")[:, :4], few.id, with_informations=True, penalty=glmm.Penalty())
    with pytest.raises(FitError, match="more participants than the model has parameters, and there are 5 for 5"):
        _sandwich(f, kind, len(few))


@KINDS
def test_an_arm_of_one_is_refused_in_words(kind):
    d = days("measures")
    gone = sorted(d.id[d.arm == 1].unique())[1:]
    d = d[~d.id.isin(gone)]
    arm = d.arm.to_numpy(float)
    X = np.column_stack([np.ones(len(d)), d.week, arm]).astype(float)
    f = pql.fit(d.y_identity.to_numpy(float), X, d.id.to_numpy(), d.week.to_numpy(float), family=IDENTITY)
    with pytest.raises(FitError, match="one participant alone decides a coefficient"):
        _sandwich(f, kind, len(d))


def test_no_bread_no_sandwich():
    scores, info = np.ones((9, 2)), np.ones((9, 2, 2))
    assert np.isnan(robust.sandwich(scores, info, np.full((2, 2), np.nan), Correction.CLUSTERS, 9)).all()


@pytest.mark.parametrize("row", oracle("welch")["alike"], ids=lambda r: "{} and {}".format(*r["sizes"]))
def test_degrees_of_freedom_know_the_small_arm(row):
    """Welch's number for arms that scatter alike, as R's t.test has it; never more than people less coefficients."""
    n = sum(row["sizes"])
    assert robust.between_df(tuple(row["sizes"]), 0) == int(row["df"] + 1e-6)
    assert robust.between_df(tuple(row["sizes"]), n // 2) == min(n - n // 2, int(row["df"] + 1e-6))
    assert robust.between_df(tuple(reversed(row["sizes"])), 6) == robust.between_df(tuple(row["sizes"]), 6)


def test_arms_of_a_size_have_the_degrees_of_freedom_of_all():
    assert all(robust.between_df((n, n), k) == 2 * n - k for n in range(3, 400) for k in (2, 4, 6))
    assert robust.between_df((23, 17), 6) == 34
