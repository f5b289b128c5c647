"""Kernel fits dressed as the tables GLIMMIX prints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ketadash.analyse.design import Rows, matrix, terms
from ketadash.errors import FitError
from ketadash.results import Coefficient, Convergence, EffectTest, ModelFit
from ketadash.spec import Trend
from ketadash.stats import glmm, pql
from ketadash.stats.wald import containment_df, t_test

Array = NDArray[np.float64]


def by_quadrature(r: Rows, trend: Trend, outcome: str, n_quad: int, penalised: bool) -> ModelFit:
    """Maximum likelihood by adaptive Gauss–Hermite quadrature (or the penalised fit, and labelled so)."""
    names = terms(trend, r.covariate_name)
    X = matrix(names, r.day, r.active, r.covariate)
    f = glmm.fit(r.y, X, r.group, n_quad=n_quad, penalty=glmm.Penalty() if penalised else None)
    deviance = None if f.separated else f.minus2ll
    n_parameters = X.shape[1] + 1
    return _model(
        r, X, names, outcome, f.beta, f.covariance, f.convergence, f.separated,
        method="Penalised ML" if penalised else "ML",
        n_quadrature=f.n_quad,
        sigma=f.sigma,
        minus2ll=deviance,
        # a penalised fit is not at the likelihood's maximum, which is what AIC and BIC compare
        aic=None if deviance is None or penalised else deviance + 2 * n_parameters,
        # the sample size of a BIC with random effects is the number of participants, as in SAS
        bic=None if deviance is None or penalised else deviance + n_parameters * np.log(r.counts.n_participants),
    )  # fmt: skip


def by_rspl(r: Rows, trend: Trend, outcome: str, *, ar1: bool, family: pql.Family = pql.LOGIT) -> ModelFit:
    """Restricted pseudo-likelihood: with AR(1) and a scale, or as GLIMMIX does by default, without either."""
    names = terms(trend, r.covariate_name)
    X = matrix(names, r.day, r.active, r.covariate)
    f = pql.fit(r.y, X, r.group, r.day, ar1=ar1, free_scale=ar1, family=family)
    covariance = np.zeros((X.shape[1] + 1,) * 2)
    covariance[:-1, :-1] = f.covariance
    return _model(
        r, X, names, outcome, f.beta, covariance, f.convergence, f.separated,
        method="RSPL", sigma=f.sigma, rho=f.rho, scale=f.scale,
    )  # fmt: skip


def failed(r: Rows, trend: Trend, outcome: str, method: str, error: FitError) -> ModelFit:
    """A model that could not be estimated at all: every number None, the reason in its messages."""
    names = terms(trend, r.covariate_name)
    none = Convergence(False, 0, None, (str(error),))
    p = len(names)
    return _model(
        r, np.eye(p), names, outcome, np.full(p, np.nan), np.full((p + 1, p + 1), np.nan), none, True,
        method=method, sigma=np.nan, df=1,
    )  # fmt: skip


def _model(
    r: Rows, X: Array, names: tuple[str, ...], outcome: str, beta: Array, covariance: Array, convergence: Convergence,
    separated: bool, *, method: str, sigma: float, n_quadrature: int | None = None, rho: float | None = None,
    scale: float | None = None, minus2ll: float | None = None, aic: float | None = None, bic: float | None = None,
    df: int | None = None,
) -> ModelFit:  # fmt: skip
    df = containment_df(X, r.group) if df is None else df
    usable = not separated and bool(np.isfinite(covariance).all())
    return ModelFit(
        method=method,
        formula=_formula(names, outcome, rho is not None),
        n_observations=r.counts.n_rows,
        n_participants=r.counts.n_participants,
        n_quadrature=n_quadrature,
        convergence=convergence,
        random_intercept_sd=sigma if usable else None,
        random_intercept_sd_se=float(np.sqrt(covariance[-1, -1])) if usable and covariance[-1, -1] > 0 else None,
        rho=rho if usable else None,
        scale=scale if usable else None,
        minus2ll=minus2ll,
        aic=aic,
        bic=bic,
        coefficients=tuple(_coefficient(names, k, beta, covariance, df, usable) for k in range(len(names))),
        tests=tuple(_tests(names, beta, covariance, df, usable)),
        covariance=covariance,
        beta=beta,
        usable=usable,
        df=df,
    )


def _formula(names: tuple[str, ...], outcome: str, ar1: bool) -> str:
    residual = " + AR(1) residual within participant, scale" if ar1 else ""
    return f"logit P({outcome}) ~ {' + '.join(names[1:])} + (1 | participant){residual}"


def _coefficient(names: tuple[str, ...], k: int, beta: Array, covariance: Array, df: int, usable: bool) -> Coefficient:
    if not usable:
        return Coefficient(names[k], None, None, None, df, None, None, None)
    se = float(np.sqrt(covariance[k, k]))
    t, p, low, high = t_test(float(beta[k]), se, df, 0.95)
    return Coefficient(names[k], float(beta[k]), se, t, df, p, low, high)


def _tests(names: tuple[str, ...], beta: Array, covariance: Array, df: int, usable: bool) -> list[EffectTest]:
    """Type III tests, one degree of freedom each.

    With the arm a class and the day continuous, Type III tests the day's slope averaged over the two arms
    (SAS/STAT, "The four types of estimable functions"): day + ½ day:arm in this coding.
    """
    tests = []
    for k, name in enumerate(names[1:], start=1):
        if not usable:
            tests.append(EffectTest(name, None, 1, df, None))
            continue
        contrast = np.zeros(len(names))
        contrast[k] = 1
        if name == "day":
            contrast[names.index("day:arm")] = 0.5
        f = float(contrast @ beta) ** 2 / float(contrast @ covariance[:-1, :-1] @ contrast)
        tests.append(EffectTest(name, f, 1, df, float(stats.f.sf(f, 1, df))))
    return tests
