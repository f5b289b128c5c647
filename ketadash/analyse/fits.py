"""Fits a model to the days, once or once for each imputation, and lays it out in the tables that SAS GLIMMIX prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.coefficients import coefficients, type_iii_tests
from ketadash.analyse.design import Outcomes, Rows, arm_sizes, model_matrix, terms
from ketadash.analyse.kernels import Kernel
from ketadash.core.errors import FitError
from ketadash.core.p_values import about_p
from ketadash.core.spec import Trend, Uncertainty
from ketadash.results import Convergence, ModelFit
from ketadash.stats import glmm, pql, robust, slopes
from ketadash.stats.glm_families import LOGIT, Family
from ketadash.stats.pooling import Pooled, pool
from ketadash.stats.wald import containment_df

Array = NDArray[np.float64]


NO_DF = (
    "hardly anybody has two known days, so no degrees of freedom are left: coefficients, odds ratios and tests have no "
    f"interval{about_p(' and no p-value')}"
)
# robust errors were not shown to hold where an arm has fewer people than this and a smaller share of all:
# docs/methods/uncertainty.md
FEW, SHARE = 30, 1 / 3
ENOUGH = 0.75  # share of the imputations that must have a fit before they are pooled


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A model as shown, and the usable kernel fits behind it: one, or one for each imputation that has one.

    Where errors are robust `by_model` is the same fit with the model's own.
    """

    model: ModelFit
    each: tuple[Kernel, ...]
    by_model: Fitted | None = None


def by_quadrature(
    r: Rows, trend: Trend, outcome: str, n_quad: int, penalised: bool, uncertainty: Uncertainty = Uncertainty.MODEL
) -> Fitted:
    """Maximum likelihood by adaptive Gauss–Hermite quadrature (or the penalised fit, and labelled so)."""
    return next(each_by_quadrature(r, [r.ys], trend, outcome, n_quad, penalised, uncertainty))


def each_by_quadrature(
    r: Rows,
    outcomes: Iterable[Outcomes],
    trend: Trend,
    outcome: str,
    n_quad: int,
    penalised: bool,
    uncertainty: Uncertainty,
) -> Iterator[Fitted]:
    """`by_quadrature` of each of several `outcomes` (k, n) of the rows r, which are laid out once.

    Each begins where the one before ended.
    """
    X, names = model_matrix(r, trend)
    penalty = glmm.Penalty() if penalised else None
    layout, near = glmm.laid_out(X, r.group, penalty), None
    for all_ys in outcomes:
        ys, which = _distinct(all_ys)
        robust_too = uncertainty is Uncertainty.ROBUST
        fits = glmm.fit_many(
            ys, X, r.group, near, n_quad=n_quad, penalty=penalty, with_informations=robust_too, layout=layout
        )
        near = fits[0]
        yield _by_quadrature(replace(r, ys=all_ys), X, names, outcome, fits, which, penalised, uncertainty)


def _by_quadrature(
    r: Rows,
    X: Array,
    names: tuple[str, ...],
    outcome: str,
    fits: Sequence[glmm.GlmmFit],
    which: Sequence[int],
    penalised: bool,
    uncertainty: Uncertainty,
) -> Fitted:
    kernels = [
        Kernel(
            f.beta,
            f.sigma,
            f.covariance,
            f.convergence,
            not f.separated and bool(np.isfinite(f.covariance).all()),
            None if f.separated else f.minus2ll,
            f.n_quad,
        )
        for f in fits
    ]
    method = "Penalised ML" if penalised else "ML"
    fitted = _fitted(r, X, names, outcome, method, [kernels[k] for k in which])
    if uncertainty is Uncertainty.MODEL:
        return fitted
    kernels = [_clustered(k, f) for k, f in zip(kernels, fits, strict=True)]
    return replace(_fitted(r, X, names, outcome, method, [kernels[k] for k in which], True), by_model=fitted)


SLOPES = "ML, random slopes"


def by_slopes(r: Rows, trend: Trend, outcome: str, uncertainty: Uncertainty = Uncertainty.MODEL) -> Fitted:
    """Maximum likelihood with a random intercept and slope of day, by adaptive quadrature in two dimensions."""
    X, names = model_matrix(r, trend)
    ys, which = _distinct(r.ys)
    fits = slopes.fit_many(ys, X, r.group, r.day)
    kernels = [
        Kernel(
            f.beta,
            f.effects.intercept_sd,
            f.covariance,
            f.convergence,
            not f.separated and bool(np.isfinite(f.covariance).all()),
            None if f.separated else f.minus2ll,
            f.n_quad,
            effects=f.effects,
        )
        for f in fits
    ]
    fitted = _fitted(r, X, names, outcome, SLOPES, [kernels[k] for k in which])
    if uncertainty is Uncertainty.MODEL:
        return fitted
    kernels = [_clustered(k, f) for k, f in zip(kernels, fits, strict=True)]
    return replace(_fitted(r, X, names, outcome, SLOPES, [kernels[k] for k in which], True), by_model=fitted)


def by_rspl(
    r: Rows,
    trend: Trend,
    outcome: str,
    *,
    ar1: bool,
    family: Family = LOGIT,
    free_scale: bool | None = None,
    uncertainty: Uncertainty = Uncertainty.MODEL,
) -> Fitted:
    """Restricted pseudo-likelihood: with AR(1) and a scale, or as GLIMMIX does by default, without either.

    `free_scale` says whether φ is estimated, where not as GLIMMIX has it: with AR(1) and not without.
    """
    free_scale = ar1 if free_scale is None else free_scale
    X, names = model_matrix(r, trend)
    ys, which = _distinct(r.ys)
    clustered = uncertainty is not Uncertainty.MODEL
    fits: Sequence[pql.PqlFit | FitError]
    if len(ys) == 1 and len(r.ys) == 1:  # `fit` raises what is wrong; `fit_many` returns it, one for each outcome
        fits = [pql.fit(ys[0], X, r.group, r.day, ar1=ar1, free_scale=free_scale, family=family, with_scores=clustered)]
    else:
        fits = pql.fit_many(ys, X, r.group, r.day, ar1=ar1, free_scale=free_scale, family=family, with_scores=clustered)
    kernels = [_none(X.shape[1], f) if isinstance(f, FitError) else _pql_kernel(f) for f in fits]
    fitted = _fitted(r, X, names, outcome, "RSPL", [kernels[k] for k in which])
    if not clustered:
        return fitted
    pairs = zip(kernels, fits, strict=True)
    kernels = [k if isinstance(f, FitError) else _clustered(k, f) for k, f in pairs]
    return replace(_fitted(r, X, names, outcome, "RSPL", [kernels[k] for k in which], True), by_model=fitted)


def _clustered(k: Kernel, f: glmm.GlmmFit | pql.PqlFit | slopes.SlopeFit) -> Kernel:
    """A kernel fit with errors clustered by participant; not usable, and why, where they cannot be had."""
    if not k.usable:
        return k
    G, q = f.scores.shape
    assert f.informations is not None, "asked for above"
    influence = np.zeros((G, len(k.covariance)))  # a pseudo-likelihood has no score of σ
    try:
        influence[:, :q] = robust.influences(f.scores, f.informations, k.covariance[:q, :q], robust.CHOSEN)
    except FitError as error:
        doubts = replace(k.convergence, messages=(*k.convergence.messages, str(error)))
        nothing = np.full_like(k.covariance, np.nan)
        return replace(k, covariance=nothing, convergence=doubts, usable=False, unclustered=True)
    return replace(k, covariance=influence.T @ influence, influence=influence)


def _distinct(ys: Outcomes) -> tuple[Outcomes, list[int]]:
    """Rows that differ, from small to large, and each row's place among them: imputations that are alike have one fit.

    As `np.unique` of rows, which makes a field of every column and takes longer over it than the fit.
    """
    # the bytes of numbers that are not negative sort as the numbers do, and the bits of yes and no
    yes_no = ys.dtype == np.int8 or bool(((ys == 0) | (ys == 1)).all())
    each = [row.tobytes() for row in (np.packbits(ys > 0, axis=1) if yes_no else ys.astype(">f8"))]
    kept = sorted(set(each))
    return ys[[each.index(row) for row in kept]], [kept.index(row) for row in each]


def _none(p: int, error: FitError) -> Kernel:
    """A fit that could not be made at all."""
    nothing = Convergence(False, 0, None, (str(error),))
    return Kernel(np.full(p, np.nan), np.nan, np.full((p + 1, p + 1), np.nan), nothing, False)


def _pql_kernel(f: pql.PqlFit) -> Kernel:
    p = len(f.beta)
    covariance = np.zeros((p + 1, p + 1))
    covariance[:-1, :-1] = f.covariance
    usable = not f.separated and bool(np.isfinite(covariance).all())
    return Kernel(f.beta, f.sigma, covariance, f.convergence, usable, rho=f.rho, scale=f.scale)


def failed(
    trend: Trend,
    covariates: Sequence[str],
    outcome: str,
    method: str,
    error: FitError,
    n_rows: int = 0,
    n_participants: int = 0,
) -> Fitted:
    """A model that could not be estimated at all: every number None, the reason in its messages."""
    names = terms(trend, covariates)
    return Fitted(
        _model(names, outcome, method, _none(len(names), error), n_rows=n_rows, n_participants=n_participants, df=1), ()
    )


def _fitted(
    r: Rows,
    X: Array,
    names: tuple[str, ...],
    outcome: str,
    method: str,
    kernels: Sequence[Kernel],
    clustered: bool = False,
) -> Fitted:
    sizes = arm_sizes(r)
    df = robust.between_df(sizes, len(names)) if clustered else containment_df(X, r.group)
    small_arm = clustered and min(sizes) < FEW and min(sizes) < SHARE * sum(sizes)
    if small_arm:
        arm = r.arms[int(np.argmin(sizes))]
        kernels = [replace(k, convergence=_few(k.convergence, arm, min(sizes), sum(sizes))) for k in kernels]

    def model(k: Kernel, pooled: Pooled | None = None, m: int | None = None) -> ModelFit:
        return _model(
            names,
            outcome,
            method,
            k,
            n_rows=r.n_rows,
            n_participants=r.n_participants,
            df=df,
            clustered=clustered,
            small_arm=small_arm,
            pooled=pooled,
            m=m,
            n_failed=sum(not k.usable for k in kernels) if m else 0,
        )

    if len(kernels) == 1:
        return Fitted(model(kernels[0]), (kernels[0],) if kernels[0].usable else ())
    usable = tuple(k for k in kernels if k.usable)
    # fits fail where the arms differ most, so that pooling the others alone would lean towards no difference
    if len(usable) < ENOUGH * len(kernels):
        lost = replace(kernels[0], convergence=_together(kernels), usable=False, minus2ll=None)
        return Fitted(model(lost, m=len(kernels)), ())
    pooled = pool(np.array([k.parameters for k in usable]), np.array([k.covariance for k in usable]))
    p, effects = X.shape[1], usable[0].effects
    if effects is not None:
        l11, l21, l22 = pooled.estimate[p:]
        effects = replace(effects, root=np.array([[l11, 0.0], [l21, l22]]))
    together = Kernel(
        pooled.estimate[:p],
        float(pooled.estimate[p]) if effects is None else effects.intercept_sd,
        pooled.total,
        _together(kernels),
        True,
        n_quadrature=max((k.n_quadrature for k in usable if k.n_quadrature is not None), default=None),
        rho=_mean([k.rho for k in usable]),
        scale=_mean([k.scale for k in usable]),
        effects=effects,
    )
    return Fitted(model(together, pooled, len(kernels)), usable)


def _few(convergence: Convergence, arm: str, n: int, n_all: int) -> Convergence:
    """The convergence with a word on an arm that is too small beside the other for robust errors to be relied on."""
    text = (
        f"the {arm} arm has only {n} of the {n_all} participants: beside a large arm, robust intervals of one of fewer "
        f"than {FEW} can be too narrow, above all where most people are the same way on all days; a test by "
        "shuffling does not need more people"
    )
    return replace(convergence, messages=(*convergence.messages, text))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None


def _together(kernels: Sequence[Kernel]) -> Convergence:
    """The convergence of all imputations' fits as one: each warning once, with how many imputations have it."""
    m, counts = len(kernels), Counter(message for k in kernels for message in k.convergence.messages)
    lost = sum(not k.usable and not k.unclustered for k in kernels)
    messages = [f"in {n} of {m} imputations: {message}" for message, n in counts.items()]
    if lost:
        then = "are left out of the pooled answer" if m - lost >= ENOUGH * m else "the rest are too few to pool"
        messages.insert(0, f"{lost} of {m} imputations have no finite fit; {then}: the penalised fit has one for each")
    steepest = [k.convergence.gradient_norm for k in kernels if k.convergence.gradient_norm is not None]
    return Convergence(
        all(k.convergence.ok for k in kernels),
        max(k.convergence.n_iter for k in kernels),
        max(steepest, default=None),
        tuple(messages),
    )


def _model(
    names: tuple[str, ...],
    outcome: str,
    method: str,
    k: Kernel,
    *,
    n_rows: int,
    n_participants: int,
    df: int,
    clustered: bool = False,
    small_arm: bool = False,
    pooled: Pooled | None = None,
    m: int | None = None,
    n_failed: int = 0,
) -> ModelFit:
    n_parameters = len(names) + (1 if k.effects is None else 3)
    # a penalised fit is not at the likelihood's maximum, which is what AIC and BIC compare
    likelihood = k.minus2ll if method in ("ML", SLOPES) else None
    model = ModelFit(
        method=method,
        formula=_formula(names, outcome, k),
        n_observations=n_rows,
        n_participants=n_participants,
        n_quadrature=k.n_quadrature,
        convergence=_with_reason(k, df),
        random_intercept_sd=k.sigma if k.usable else None,
        # pseudo-likelihood takes σ as known: how it differs between imputations is not its standard error
        random_intercept_sd_se=k.sigma_se if k.usable and method not in ("RSPL", "REML") else None,
        rho=k.rho if k.usable else None,
        scale=k.scale if k.usable else None,
        minus2ll=k.minus2ll,
        aic=None if likelihood is None else likelihood + 2 * n_parameters,
        # the sample size of a BIC with random effects is the number of participants, as in SAS
        bic=None if likelihood is None else float(likelihood + n_parameters * np.log(n_participants)),
        coefficients=(),
        tests=(),
        covariance=k.covariance,
        beta=k.beta,
        usable=k.usable,
        df=df,
        clusters=n_participants if clustered else None,
        correction=robust.CHOSEN.value if clustered else None,
        small_arm=small_arm,
        n_imputations=m,
        n_failed=n_failed,
        between=None if pooled is None else pooled.between,
        random_slope_sd=k.effects.slope_sd if k.usable and k.effects is not None else None,
        random_correlation=k.effects.correlation if k.usable and k.effects is not None else None,
    )
    return replace(model, coefficients=coefficients(model, names, 0.95), tests=tuple(type_iii_tests(model, names)))


def _with_reason(k: Kernel, df: int) -> Convergence:
    """The fit's convergence, which says so where no degrees of freedom are left for its tests."""
    if not k.usable or df > 0:
        return k.convergence
    return replace(k.convergence, messages=(*k.convergence.messages, NO_DF))


def _formula(names: tuple[str, ...], outcome: str, k: Kernel) -> str:
    random = "(1 | participant)" if k.effects is None else "(1 + day | participant)"
    residual = "" if k.rho is None else " + AR(1) residual within participant, scale"
    if k.rho is not None and k.scale == 1:
        residual += " fixed at 1"
    return f"logit P({outcome}) ~ {' + '.join(names[1:])} + {random}{residual}"
