"""The endpoints of participants again: within strata, and adjusted for what was known before, beside the unadjusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from ketadash.analyse.binary import panel_of
from ketadash.analyse.filled_days import abstinent_days
from ketadash.analyse.memo import remembered
from ketadash.analyse.person_endpoints import endpoints
from ketadash.analyse.person_values import Values, values_of
from ketadash.core.choices.person_endpoint.definition import Kind
from ketadash.core.errors import FitError
from ketadash.core.families import ENDPOINTS
from ketadash.core.spec import AnalysisSpec
from ketadash.results import Estimate
from ketadash.results.adjusted import AdjustedEndpoint, AdjustedEndpoints, RankTest
from ketadash.results.endpoints import EndpointResult
from ketadash.stats import ends_of_shares, stratified
from ketadash.stats.pooling import pool_each
from ketadash.stats.standardised import standardised
from ketadash.stats.wald import f_tail, t_quantile, t_test
from ketadash.trial import Panel, Trial

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Result = TypeVar("Result")
RARE = 5  # people with the rarer outcome for each coefficient; with fewer, an adjusted estimate cannot be trusted
FEW = (
    f"fewer than {RARE} participants with the rarer outcome for each coefficient, so the adjusted interval may be too "
    "narrow"
)

ONE_OUTCOME = (
    "within each stratum everybody of an arm has the same outcome, so that how far the difference could vary is not "
    "estimable: there is no interval"
)
ONE_VALUE = "within each stratum of both arms everybody has the same value, so that there is nothing to test"


@remembered(ENDPOINTS)
def adjusted_endpoints(trial: Trial, spec: AnalysisSpec) -> AdjustedEndpoints | None:
    """Every endpoint that is a share or a mean; None where neither strata nor further covariates are chosen."""
    p = panel_of(trial, spec)
    if p.strata is None and not p.covariate_names:
        return None
    v = values_of(trial, spec)
    covariates, names = abstinent_days(p, spec).adjusted_for
    compared = [e for e in endpoints(trial, spec).each if e.kind != Kind.RATE and e.difference.estimate is not None]
    each = tuple(_adjusted(e, v, covariates, spec.confidence) for e in compared)
    return AdjustedEndpoints(p.arms, spec.confidence, p.strata_columns, names, each)


def _adjusted(e: EndpointResult, v: Values, covariates: Array, confidence: float) -> AdjustedEndpoint:
    values = v.values[e.key]
    known = ~np.isnan(values).any(axis=0) & v.eligible[e.key]
    named = Named(e.key, e.label, e.kind, e.unit, e.difference)
    return adjust(named, values[:, known], v.panel, known, covariates, confidence)


@dataclass(frozen=True, slots=True)
class Named:
    """An endpoint's names, whether it is a share of people (``count``) or a mean, and its difference as it is."""

    key: str
    label: str
    kind: str
    unit: str
    unadjusted: Estimate


def adjust(named: Named, ys: Array, p: Panel, known: Bools, covariates: Array, confidence: float) -> AdjustedEndpoint:
    """An endpoint (k, n) of the n participants `known` (G,), within strata and adjusted for covariates (G, c)."""
    active, yes_no, messages = p.active[known], named.kind == Kind.COUNT, list[str]()
    within: Estimate | None = None
    ranks: RankTest | None = None
    if p.strata is not None:
        codes = p.strata[known]
        if yes_no:
            within = _or_none(lambda: _within(ys, active, codes, confidence), messages)
            messages += [ONE_OUTCOME] if within is not None and within.ci_low is None else []
        else:
            ranks = _or_none(lambda: _ranks(ys, active, codes), messages)
            messages += [ONE_VALUE] if ranks is not None and ranks.z is None else []
    one = _or_none(lambda: _standardised(ys, active, covariates[known], confidence, yes_no=yes_no), messages)
    if one is not None and named.unit == "percent":
        low, high, was_cut = ends_of_shares.cut(one[0].ci_low, one[0].ci_high)
        one = replace(one[0], ci_low=low, ci_high=high), one[1]
        messages += was_cut
    rarer = min(ys.sum(axis=1).min(), (1 - ys).sum(axis=1).min()) if yes_no else np.inf
    if one is not None and rarer < RARE * (2 + covariates.shape[1]):
        messages.append(FEW)
    gap, arms = (None, None) if one is None else one
    return AdjustedEndpoint(
        named.key,
        named.label,
        named.kind,
        named.unit,
        int(known.sum()),
        named.unadjusted,
        within,
        ranks,
        gap,
        arms,
        tuple(messages),
    )


def _or_none(compute: Callable[[], Result], messages: list[str]) -> Result | None:
    """What is computed; None, and why among the messages, where it cannot be."""
    try:
        return compute()
    except FitError as error:
        messages.append(str(error))
        return None


def _within(ys: Array, active: Bools, strata: NDArray[np.int64], confidence: float) -> Estimate:
    """Mantel–Haenszel's difference, pooled over imputations, with Sato's interval and the test's p."""
    each = [stratified.risk_difference(y, active, strata) for y in ys]
    pooled = pool_each(np.array([[r.difference] for r in each]), np.array([[r.variance] for r in each]))
    estimate, se = float(pooled.estimate[0]), float(pooled.se[0])
    test = _test([r.test for r in each])
    if not se > 0:
        return Estimate(estimate, None, None, test.p, 0.0)
    half = float(t_quantile(confidence, float(pooled.df[0]))) * se
    return Estimate(estimate, max(estimate - half, -1.0), min(estimate + half, 1.0), test.p, se)


def _ranks(ys: Array, active: Bools, strata: NDArray[np.int64]) -> RankTest:
    return _test([stratified.van_elteren(y, active, strata) for y in ys])


def _test(scores: list[stratified.Score]) -> RankTest:
    """U / √V; over imputations Rubin's rules on U / V, each with variance 1 / V, as the pooled log-rank has it."""
    u, v = np.array([[s.score, s.variance] for s in scores]).T
    if not (v > 0).all():
        return RankTest(None, None)
    pooled = pool_each((u / v)[:, None], (1 / v)[:, None])
    z, df = float(pooled.estimate[0] / pooled.se[0]), float(pooled.df[0])
    return RankTest(z, float(chdtrc(1, z**2)) if np.isinf(df) else f_tail(z**2, df))


def _standardised(
    ys: Array, active: Bools, covariates: Array, confidence: float, *, yes_no: bool
) -> tuple[Estimate, tuple[float, float]]:
    """The adjusted difference with its unconditional variance, pooled, and both arms' means."""
    each = [standardised(y, active, covariates, yes_no=yes_no) for y in ys]
    arms = (float(np.mean([s.control for s in each])), float(np.mean([s.active for s in each])))
    estimates, variances = (np.array([[getattr(s, k)] for s in each]) for k in ("difference", "variance"))
    pooled = pool_each(estimates, variances, float(each[0].df))
    estimate, se, df = (float(x[0]) for x in (pooled.estimate, pooled.se, pooled.df))
    _, p, low, high = t_test(estimate, se, df, confidence)
    return Estimate(estimate, low, high, p, se), arms
