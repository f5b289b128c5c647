"""Our answers to the questions that R has answered, computed by the engines of the pages.

What R said and the data it was asked about are in docs/methods/oracle.json, written by tests/oracle/make_shipped.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketadash.results.comparison_with_r import Beside, Comparison
from ketadash.stats import balance, competing_risks, effects, glmm, pooling, pql, questionnaire_scores, robust, survival
from ketadash.stats.glm_families import IDENTITY
from ketadash.stats.marginal import population_averaged

Array = NDArray[np.float64]


def comparison(method: str, entry: dict[str, Any]) -> Comparison:
    """One method's answers, ours computed now; `entry` is its part of the file."""
    ours = OURS[method](entry["data"])
    expected = entry["answers"]
    rows = tuple(Beside(label, float(x), r, within) for x, (label, r, within) in zip(ours, expected, strict=True))
    return Comparison(method, entry["against"], entry["said"], entry["script"], rows)


def _days(people: Sequence[Sequence[Any]], square: bool = False) -> tuple[Array, Array, Array, Array]:
    """Outcome, design, participant and day from rows of (arm, baseline, outcomes as text)."""
    n_days = len(people[0][2])
    group = np.repeat(np.arange(len(people)), n_days)
    day = np.tile(np.arange(1.0, n_days + 1), len(people))
    arm, base = (np.array([p[k] for p in people], dtype=float)[group] for k in (0, 1))
    y = np.array([float(c) for p in people for c in p[2]])
    return y, _design(day, arm, base, square), group.astype(float), day


def _design(day: Array, arm: Array, base: Array, square: bool) -> Array:
    return np.column_stack([np.ones_like(day), day, *([day**2] if square else []), arm, day * arm, base])


def _likelihood(people: Any) -> tuple[float, ...]:
    y, X, group, _ = _days(people)
    f = glmm.fit(y, X, group)
    return f.beta[3], np.sqrt(f.covariance[3, 3]), f.sigma, f.minus2ll


def _clustered(people: Any) -> tuple[float, ...]:
    y, X, group, _ = _days(people)
    f = glmm.fit(y, X, group, with_informations=True)
    assert f.informations is not None
    kinds = (robust.Correction.NONE, robust.CHOSEN)
    both = (robust.sandwich(f.scores, f.informations, f.covariance, kind, len(y)) for kind in kinds)
    return tuple(float(np.sqrt(covariance[3, 3])) for covariance in (f.covariance, *both))


def _penalised(people: Any) -> tuple[float, ...]:
    y, X, group, _ = _days(people)
    f = glmm.fit(y, X, group, penalty=glmm.Penalty())
    return f.beta[3], f.minus2ll


def _pseudo(people: Any) -> tuple[float, ...]:
    f = pql.fit(*_days(people))
    assert f.rho is not None
    return f.beta[3], np.sqrt(f.covariance[3, 3]), f.sigma, f.rho, f.scale


def _average(people: Any) -> tuple[float, ...]:
    y, X, group, day = _days(people, square=True)
    f = glmm.fit(y, X, group)
    base, last = np.array([p[1] for p in people], dtype=float), np.full(len(people), day.max())
    weight = np.full(len(people), 1 / len(people))
    control, active = (
        population_averaged(f.beta, f.sigma, _design(last, np.full(len(people), arm), base, True)[None], weight)
        for arm in (0.0, 1.0)
    )
    gap = active - control
    error = np.sqrt(gap.variance(f.covariance, np.arange(len(people)))[0])
    return active.probability[0], control.probability[0], gap.probability[0], error


def _times(d: Any) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    return np.array(d["time"], dtype=float), np.array(d["event"], dtype=bool), np.array(d["active"], dtype=bool)


def _kaplan_meier(d: Any) -> tuple[float, ...]:
    time, event, active = _times(d)
    km = survival.kaplan_meier(time[~active], event[~active])
    assert km.median is not None
    return km.survival[-1], km.ci_low[-1], km.ci_high[-1], km.median


def _logrank(d: Any) -> tuple[Any, ...]:
    test = survival.logrank(*_times(d))
    return test.chi2, test.p


def _cox(d: Any) -> tuple[Any, ...]:
    fit = survival.cox(*_times(d))
    return fit.log_hr, fit.se, fit.p


def _rmst(d: Any) -> tuple[Any, ...]:
    arms = survival.rmst(*_times(d), 21).arms
    return *arms["control"], arms["active"][0]


def _competing(d: Any) -> tuple[Any, ...]:
    time, cause, active = np.array(d["time"]), np.array(d["cause"]), np.array(d["active"], dtype=bool)
    test = competing_risks.gray_test(time, cause, active)
    incidence = competing_risks.incidence_difference(time, cause, active, 21).arms["control"]
    return test.chi2, test.p, *incidence


def _limits(table: Any) -> tuple[Any, ...]:
    gap = effects.newcombe(*table)
    return gap.ci_low, gap.ci_high


def _imputation(d: Any) -> tuple[float, ...]:
    one, two = d["pool"], d["shares"]
    estimates, variances = (np.array(one[k]) for k in ("estimates", "variances"))
    pooled = pooling.pool(estimates[:, None], variances[:, None, None])
    total, between = pooled.total[0, 0], pooled.between[0, 0]
    df = pooling.barnard_rubin(total, between, pooled.m, one["dfcom"])
    shares = [np.array(two[f"events{k}"]) / two[f"n{k}"] for k in (1, 0)]
    gap = pooling.difference_of_proportions(shares[0], two["n1"], shares[1], two["n0"], two["level"])
    assert gap.estimate is not None and gap.ci_low is not None and gap.ci_high is not None
    return pooled.estimate[0], total, df, gap.estimate, gap.ci_low, gap.ci_high


def _ranks(d: Any) -> tuple[float, ...]:
    test = questionnaire_scores.kruskal_wallis(np.array(d["x"], dtype=float), np.array(d["y"], dtype=float))
    assert test is not None
    return test


def _exact(d: Any) -> tuple[Any, ...]:
    share = effects.clopper_pearson(*d)
    return share.ci_low, share.ci_high


def _balance(d: Any) -> tuple[Any, ...]:
    x = np.array([np.nan if v is None else v for v in d["x"]])
    return (balance.of_means(x, np.array(d["active"], dtype=bool)),)


def _measure(d: Any) -> tuple[Any, ...]:
    week, arm, base = (np.array(d[k], dtype=float) for k in ("week", "arm", "base"))
    X = np.column_stack([np.ones_like(week), week, arm, week * arm, base])
    f = pql.fit(np.array(d["y"], dtype=float), X, np.array(d["id"]), week, family=IDENTITY)
    return f.beta[3], np.sqrt(f.covariance[3, 3]), f.rho, f.scale


OURS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "logistic-mixed-model": _likelihood,
    "uncertainty": _clustered,
    "rspl": _pseudo,
    "separation": _penalised,
    "population-average": _average,
    "kaplan-meier": _kaplan_meier,
    "log-rank": _logrank,
    "cox": _cox,
    "rmst": _rmst,
    "competing-risks": _competing,
    "nnt": lambda d: (*_limits(d), effects.odds_ratio(*d).estimate, effects.fisher_p(*d)),
    "tipping": lambda d: (*_limits(d), effects.fisher_p(*d)),
    "adverse-events": _limits,
    "imputation": _imputation,
    "cadss": _ranks,
    "follow-up": _exact,
    "table-1": _balance,
    "visit-measures": _measure,
}
