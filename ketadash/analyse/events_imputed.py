"""Time to an event with the missing days imputed: nobody is censored before the window's last day.

Each completed data set has every day of everyone, so the share without the event by a day is a plain proportion and
the restricted mean a plain mean; the comparisons are pooled by Rubin's rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from ketadash.analyse.filled_days import abstinent_days, complete, heavy_days
from ketadash.analyse.outcomes import definition, falls_on, late_window, reported
from ketadash.core.choices.endpoint import definition_under
from ketadash.core.choices.endpoint.definition import Definition
from ketadash.core.choices.endpoint.relapse_rules.kind import Reported
from ketadash.core.errors import stop_point
from ketadash.core.spec import AnalysisSpec
from ketadash.results import ArmsTest, Counts, Cox, Estimate, LogRank, Rmst, SurvivalArm, SurvivalPoint, TimeToEvent
from ketadash.stats import survival
from ketadash.stats.pooling import difference_of_proportions, pool_each, proportion, whole
from ketadash.stats.proportional_hazards import pooled as pooled_tests
from ketadash.stats.wald import f_tail, t_quantile, t_tails
from ketadash.trial import Panel

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Times:
    """Days since the origin (k, G) and whether there was an event, for each of k completed data sets."""

    time: Ints
    event: Bools
    n_days: int


def imputed(p: Panel, endpoint: str, spec: AnalysisSpec) -> TimeToEvent:
    """One endpoint from days completed under the missing-day rule of `spec`, pooled.

    Raises
    ------
    FitError
        Where nothing can be imputed from (see `complete`).
    """
    about = definition_under(endpoint, spec)
    days, messages = _imputed_days(p, about, spec)
    t = _times(falls_on(about, days, spec, p.days))
    origin, last = int(p.days[0]) - 1, int(p.days[-1])
    tau = spec.tau if spec.tau is not None else last
    arms, curve = [], []
    for k, arm in enumerate(p.arms):
        own = p.active == k
        points = _curve(arm, t.time[:, own], t.event[:, own], t.n_days, spec.confidence)
        arms.append(_summary(arm, points, t.event[:, own], origin))
        curve += [_at(point, origin) for point in points]
    return TimeToEvent(
        endpoint=about.word,
        definition=definition(p, endpoint, spec.dropout, spec),
        window=(origin + 1, last),
        confidence=spec.confidence,
        ci_type="Wilson scores, pooled over imputations",
        arms=(arms[0], arms[1]),
        curve=tuple(curve),
        logrank=_logrank(t, p.active, p.strata),
        cox=_cox(t, p, spec.confidence, p.strata),
        rmst=_rmst(t, p, tau, tau - origin, spec.confidence),
        difference=_difference(t, p.active, spec.confidence),
        counts=Counts(len(p.active), p.amount.size, 0, int(np.isnan(p.amount).sum())),
        dropout=spec.dropout.value,
        method="share without the event" + (f", mean of {len(t.time)} imputations" if len(t.time) > 1 else ""),
        test=ArmsTest.LOG_RANK if p.strata is None else ArmsTest.STRATIFIED_LOG_RANK,
        estimator=f"mean of {len(t.time)} imputations" if len(t.time) > 1 else "share of participants",
        warnings=(*p.warnings, *late_window(p, endpoint, spec), *messages),
        terms=p.terms,
        strata=p.strata_columns,
        unstratified=None if p.strata is None else (_logrank(t, p.active, None), _cox(t, p, spec.confidence, None)),
    )


def had_event(p: Panel, endpoint: str, spec: AnalysisSpec) -> Array:
    """Who had it by the last day, 1 or 0, in each completed data set (k, G).

    Raises
    ------
    FitError
        Where nothing can be imputed from.
    """
    return _completed(p, endpoint, spec).event.astype(float)


def completed_times(p: Panel, endpoint: str, spec: AnalysisSpec) -> list[tuple[Ints, Bools]]:
    """Time since the origin and event of everybody in each completed data set, one only if they are all alike.

    Raises
    ------
    FitError
        Where nothing can be imputed from.
    """
    return _distinct(_completed(p, endpoint, spec))


def _completed(p: Panel, endpoint: str, spec: AnalysisSpec) -> _Times:
    about = definition_under(endpoint, spec)
    days, _ = _imputed_days(p, about, spec)
    return _times(falls_on(about, days, spec, p.days))


def _imputed_days(p: Panel, about: Definition, spec: AnalysisSpec) -> tuple[Reported, tuple[str, ...]]:
    """Every day of everybody in each completed data set, of the kinds that an endpoint counts; and messages."""
    none = np.zeros((1, *p.amount.shape), bool)
    use, heavy, messages = none, none, list[str]()
    kinds = {about.of} if about.rule is None else {part.kind.of for part in about.rule.parts}
    if "heavy" in kinds:
        drawn = complete(p, spec, heavy_days(p, spec))
        heavy, messages = drawn.ys == 1.0, [*messages, *drawn.messages]
    if "use" in kinds:
        drawn = complete(p, spec, abstinent_days(p, spec))
        use, messages = drawn.ys == 0.0, [*messages, *drawn.messages]
    everywhere = np.ones(p.amount.shape, bool)
    days = replace(reported(p, spec), use=use, heavy=heavy, known=everywhere, needs_test=False)
    return days, tuple(dict.fromkeys(messages))


def _times(happened: Bools) -> _Times:
    event = np.asarray(happened.any(axis=2))
    n_days = happened.shape[2]
    return _Times(np.where(event, happened.argmax(axis=2) + 1, n_days), event, n_days)


def _curve(arm: str, time: Ints, event: Bools, n_days: int, confidence: float) -> list[SurvivalPoint]:
    """One point for the start and for each day with an event in any of the imputations, and the last."""
    n = time.shape[1]
    points = [SurvivalPoint(arm, 0, n, 0, 0, 1.0, None, None)]
    for day in range(1, n_days + 1):
        stop_point()
        now, before = ((time == day) & event).sum(axis=1), ((time < day) & event).sum(axis=1)
        if day < n_days and not now.any():
            continue
        share = 1 - (before + now) / n
        mean, low, high = proportion(share, n, confidence)
        ends = (low, high) if 0 < mean < 1 else (None, None)
        censored = n - float((before + now).mean()) if day == n_days else 0
        points.append(
            SurvivalPoint(arm, day, whole(n - before.mean()), whole(now.mean()), whole(censored), mean, *ends)
        )
    return points


def _at(point: SurvivalPoint, origin: int) -> SurvivalPoint:
    return SurvivalPoint(
        point.arm,
        point.day + origin,
        point.at_risk,
        point.events,
        point.censored,
        point.survival,
        point.ci_low,
        point.ci_high,
    )


def _summary(arm: str, points: list[SurvivalPoint], event: Bools, origin: int) -> SurvivalArm:
    day = np.array([p.day for p in points], float)
    bands = [np.array([p.survival for p in points])]
    bands += [
        np.array([np.nan if v is None else v for v in ends])
        for ends in ([p.ci_low for p in points], [p.ci_high for p in points])
    ]
    half = [survival.time_at_half(day, band) for band in bands]
    median, low, high = (None if h is None else h + origin for h in half)
    events = float(event.sum(axis=1).mean())
    return SurvivalArm(arm, event.shape[1], whole(events), whole(event.shape[1] - events), median, (low, high))


def _logrank(t: _Times, active: Bools, strata: Ints | None) -> LogRank:
    """The pooled log-rank: Rubin's rules on Peto's one-step estimates U / V of log HR, each with variance 1 / V.

    With one data set, or all alike, it is the log-rank test itself: (U / V)² V = U² / V.
    """
    scores = [survival.logrank_score(time, event, active, strata) for time, event in zip(t.time, t.event, strict=True)]
    u, v = np.array(scores).T
    if not (v > 0).all():
        lost = int((v <= 0).sum())
        of = f"in {lost} of {len(v)} imputations " if len(v) > 1 else ""
        why = "nobody, or everybody on one day, had the event, so the curves cannot be compared"
        return LogRank(None, 1, None, (of + why,))
    pooled = pool_each((u / v)[:, None], (1 / v)[:, None])
    chi2 = float((pooled.estimate / pooled.se)[0] ** 2)
    df = float(pooled.df[0])
    return LogRank(chi2, 1, float(chdtrc(1, chi2)) if np.isinf(df) else f_tail(chi2, df))


def _cox(t: _Times, p: Panel, confidence: float, strata: Ints | None) -> Cox:
    return pooled_cox(
        [
            survival.cox(time, event, p.active, confidence=0.95, labels=p.arms, strata=strata)
            for time, event in _distinct(t)
        ],
        confidence,
    )


def pooled_cox(fits: Sequence[Cox], confidence: float) -> Cox:
    """The hazard ratio, pooled on the logarithmic scale over the imputations that have one."""
    usable = [f for f in fits if f.log_hr is not None and f.se is not None]
    messages = tuple(dict.fromkeys(m for f in fits for m in f.messages))
    if len(usable) < len(fits) and len(fits) > 1:
        so = ", so none is given" if 2 * len(usable) < len(fits) else ""
        messages = (f"{len(fits) - len(usable)} of {len(fits)} imputations have no hazard ratio{so}", *messages)
    if 2 * len(usable) < len(fits):  # the imputations that have an estimate are not like those that have none
        return Cox(None, None, None, None, messages=messages)
    pooled = pool_each(np.array([[f.log_hr] for f in usable], float), np.array([[f.se] for f in usable], float) ** 2)
    estimate, se, df = (float(x[0]) for x in (pooled.estimate, pooled.se, pooled.df))
    half = float(t_quantile(confidence, df)) * se
    with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
        hr, low, high = (float(np.exp(x)) for x in (estimate, estimate - half, estimate + half))
    p_value = t_tails(estimate / se, df)
    proportional = pooled_tests([f.proportional for f in fits])
    return Cox(hr, low, high, p_value, messages=messages, log_hr=estimate, se=se, proportional=proportional)


def _distinct(t: _Times) -> list[tuple[Ints, Bools]]:
    """The data sets, one only if they are all alike."""
    alike = (t.time == t.time[0]).all() and (t.event == t.event[0]).all()
    return list(zip(t.time[:1], t.event[:1], strict=True)) if alike else list(zip(t.time, t.event, strict=True))


def _rmst(t: _Times, p: Panel, tau: int, horizon: int, confidence: float) -> Rmst:
    """Mean event-free days up to the horizon; without censoring Greenwood's variance is that of a mean."""
    days = np.minimum(t.time, horizon).astype(float)
    each = [days[:, p.active == k] for k in (0, 1)]
    means = np.stack([d.mean(axis=1) for d in each] + [each[1].mean(axis=1) - each[0].mean(axis=1)], axis=1)
    variances = np.stack([d.var(axis=1) / d.shape[1] for d in each], axis=1)
    pooled = pool_each(means, np.column_stack([variances, variances.sum(axis=1)]))
    arms: dict[str, tuple[float | None, float | None]] = {
        arm: (float(pooled.estimate[k]), float(pooled.se[k])) for k, arm in enumerate(p.arms)
    }
    estimate, se, df = (float(x[2]) for x in (pooled.estimate, pooled.se, pooled.df))
    still = [arm for k, arm in enumerate(p.arms) if 2 * (variances[:, k] == 0).sum() > len(variances)]
    in_how_many = (max((int((variances[:, p.arms.index(arm)] == 0).sum()) for arm in still), default=0), len(variances))
    if se == 0:
        gap = Estimate(estimate, None, None, se=0.0)
        return Rmst(tau, arms, gap, survival.unvarying_means(still, gap, in_how_many))
    half = float(t_quantile(confidence, df)) * se
    p_value = t_tails(estimate / se, df)
    gap = Estimate(estimate, estimate - half, estimate + half, p_value, se)
    return Rmst(tau, arms, gap, survival.unvarying_means(still, gap, in_how_many))


def _difference(t: _Times, active: Bools, confidence: float) -> Estimate:
    """Difference of the arms' shares with the event by the last day."""
    one, nought = (t.event[:, own].mean(axis=1) for own in (active, ~active))
    return difference_of_proportions(one, int(active.sum()), nought, int((~active).sum()), confidence)


def events_of_people(p: Panel, endpoint: str, spec: AnalysisSpec) -> Bools:
    """(k, G) who had the event by the window's last day, in each of k completed data sets."""
    about = definition_under(endpoint, spec)
    days, _ = _imputed_days(p, about, spec)
    return _times(falls_on(about, days, spec, p.days)).event
