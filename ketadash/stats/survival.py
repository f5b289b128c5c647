"""Time to event: Kaplan–Meier, log-rank, Cox and restricted mean survival time.

Times are days since the origin, 0 or more; 0 means censored at once (or, in theory, an event at once) and
counts as at risk at time 0 only.  Where an event and a censoring share a time, the event comes first.
Numbers that the data cannot give are None (NaN inside arrays), with the reason in `messages`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from ketadash.core.errors import FitError
from ketadash.core.p_values import about_p
from ketadash.results import Cox, Estimate, LogRank, Rmst, SurvivalArm, SurvivalPoint
from ketadash.stats.proportional_hazards import schoenfeld
from ketadash.stats.risk_sets import (
    Bools,
    Floats,
    Ints,
    RiskSets,
    check_horizon,
    checked,
    checked_arms,
    checked_strata,
    day_text,
    efron_terms,
    no_comparison,
    no_maximum,
    nobody_in,
    risk_sets,
)

CI_TYPE = "log(-log), Greenwood variance"
AT_HALF = 1e-8  # S within this of one half is one half: products of fractions round at 1e-16


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """A Kaplan–Meier curve: one row for time 0 and for every later time at which anything happens.

    `time`, `at_risk` (just before), `events`, `censored`, `survival` (just after), `ci_low`, `ci_high` are (k,);
    the limits are NaN where the log(-log) interval is undefined (survival 1 or 0).  A median of None was not
    reached; a limit of None is not reached or not defined.
    """

    n: int
    time: Floats
    at_risk: Ints
    events: Ints
    censored: Ints
    survival: Floats
    ci_low: Floats
    ci_high: Floats
    median: float | None
    median_ci: tuple[float | None, float | None]
    confidence: float
    ci_type: str = CI_TYPE

    def points(self, arm: str) -> tuple[SurvivalPoint, ...]:
        """The rows as results for `arm`; FitError if a time is not a whole day."""
        if np.any(self.time != np.floor(self.time)):
            raise FitError(f"'{arm}' has times that are not whole days; count time in days since the origin")
        limits = zip(_or_none(self.ci_low), _or_none(self.ci_high), strict=True)
        rows = zip(self.time, self.at_risk, self.events, self.censored, self.survival, limits, strict=True)
        return tuple(SurvivalPoint(arm, int(t), int(n), int(d), int(c), float(s), *ci) for t, n, d, c, s, ci in rows)

    def summary(self, arm: str) -> SurvivalArm:
        """Numbers of participants, events and censorings, and the median, as a result for `arm`."""
        events, censored = int(self.events.sum()), int(self.censored.sum())
        return SurvivalArm(arm, self.n, events, censored, self.median, self.median_ci)


@dataclass(frozen=True, slots=True, eq=False)
class AtRiskTable:
    """The rows under a KMunicate plot, each (k,): `at_risk` just before `time`, the others up to and including it."""

    time: Floats
    at_risk: Ints
    censored: Ints
    events: Ints


def kaplan_meier(time: ArrayLike, event: ArrayLike, *, confidence: float = 0.95) -> KaplanMeier:
    """Kaplan–Meier estimate with pointwise log(-log) intervals and the median with its interval.

    Parameters
    ----------
    time : (n,) days since the origin, 0 or more.
    event : (n,) True for an event, False for censoring.
    confidence : level of the intervals, a fraction.

    Returns
    -------
    KaplanMeier
        The median is R's and SAS's: the first time with survival below one half, or, where survival is exactly
        one half for a while, the middle of that while.  Its interval (Brookmeyer & Crowley 1982, on the log(-log)
        scale) applies the same rule to the two limits of the band.

    Raises
    ------
    FitError
        For no participants, or times that are missing or negative.
    """
    t, e = checked(time, event)
    at, row = np.unique(np.append(t, 0.0), return_inverse=True)  # time 0 has a row whatever happens then
    ended = np.bincount(row[:-1], minlength=len(at))
    events = np.bincount(row[:-1][e], minlength=len(at))
    at_risk = len(t) - np.cumsum(ended) + ended
    left = at_risk - events
    survival = np.cumprod(left / at_risk, dtype=float)
    low, high = _band(survival, np.cumsum(events / (at_risk * np.maximum(left, 1))), confidence)
    return KaplanMeier(
        n=len(t),
        time=at,
        at_risk=at_risk,
        events=events,
        censored=ended - events,
        survival=survival,
        ci_low=low,
        ci_high=high,
        median=time_at_half(at, survival),
        median_ci=(time_at_half(at, low), time_at_half(at, high)),
        confidence=confidence,
    )


def _band(survival: Floats, greenwood: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Pointwise log(-log) limits (k,) of `survival` (k,); NaN at 1 and 0, where log(-log S) is infinite.

    `greenwood` (k,) is the variance of log S, used where S is above 0.
    """
    defined = (survival > 0) & (survival < 1)
    log_s = np.log(np.where(defined, survival, 0.5))
    half = float(ndtri(0.5 + confidence / 2)) * np.sqrt(greenwood) / np.abs(log_s)
    low, high = (np.where(defined, np.exp(log_s * np.exp(way * half)), np.nan) for way in (1, -1))
    return low, high


def at_risk_table(time: ArrayLike, event: ArrayLike, at: Sequence[float]) -> AtRiskTable:
    """Numbers at risk, censored and with events at the times `at` (k,), as R's `summary(survfit, times)` counts.

    Someone whose last day is exactly `at` is still at risk and already counted as censored or as an event, so the
    three rows sum to n only between days.
    """
    t, e = checked(time, event)
    when = np.asarray(at, dtype=float)

    def up_to(times: Floats) -> Ints:
        return np.searchsorted(np.sort(times), when, side="right").astype(np.int64)

    before = np.searchsorted(np.sort(t), when, side="left").astype(np.int64)
    return AtRiskTable(time=when, at_risk=len(t) - before, censored=up_to(t[~e]), events=up_to(t[e]))


def logrank(time: ArrayLike, event: ArrayLike, active: ArrayLike, strata: ArrayLike | None = None) -> LogRank:
    """Two-arm log-rank test (Mantel 1966, hypergeometric variance), `active` (n,) True for the active arm.

    Within each of the `strata` (n,), if any: scores and variances are summed over them.

    None, with a message, where the variance is 0: no event happened while both arms were at risk and someone stayed
    event-free.
    """
    t, e, a = checked_arms(time, event, active)
    codes = checked_strata(strata, len(t))
    sets = risk_sets(t, e, a, codes)
    if not np.any(sets.shared & (sets.events < sets.at_risk)):
        return LogRank(chi2=None, df=1, p=None, messages=(no_comparison(sets, codes),))
    score, variance = _score(sets)
    return LogRank(chi2=score**2 / variance, df=1, p=float(chdtrc(1, score**2 / variance)))


def logrank_score(
    time: ArrayLike, event: ArrayLike, active: ArrayLike, strata: ArrayLike | None = None
) -> tuple[float, float]:
    """The log-rank's score, active events less those expected, and its hypergeometric variance (Mantel 1966)."""
    t, e, a = checked_arms(time, event, active)
    return _score(risk_sets(t, e, a, checked_strata(strata, len(t))))


def _score(sets: RiskSets) -> tuple[float, float]:
    """The sums over event times of what the active arm's events exceed their expectation by, and of their variance."""
    n, d = sets.at_risk, sets.events
    share = sets.at_risk_active / n
    spread = np.where(n > 1, d * share * (1 - share) * (n - d) / np.maximum(n - 1, 1), 0.0)
    return float((sets.events_active - d * share).sum()), float(spread.sum())


def cox(
    time: ArrayLike,
    event: ArrayLike,
    active: ArrayLike,
    *,
    confidence: float = 0.95,
    labels: tuple[str, str] = ("control", "active"),
    strata: ArrayLike | None = None,
) -> Cox:
    """Hazard ratio, active against control, by Cox's partial likelihood: Efron's ties, Wald interval and p.

    With `strata` (n,) each has a baseline hazard of its own, and the hazard ratio is common to them.

    Where the likelihood has no maximum the hazard ratio is None and `messages` says why; `labels` (control, active)
    are the names used there.  The check is exact for one yes/no covariate, not a threshold on the estimate.
    """
    t, e, a = checked_arms(time, event, active)
    codes = checked_strata(strata, len(t))
    problem = no_maximum(t, e, a, labels, codes)
    if problem is not None:
        return Cox(None, None, None, None, messages=(problem,))
    log_hr, information = _efron(risk_sets(t, e, a, codes))
    se = float(1 / np.sqrt(information))
    low, high, p = _wald(log_hr, se, confidence)
    with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
        hr, ci_low, ci_high = (float(np.exp(x)) for x in (log_hr, low, high))
    proportional = schoenfeld(t, e, a, log_hr, codes)
    return Cox(hr=hr, ci_low=ci_low, ci_high=ci_high, p=p, log_hr=log_hr, se=se, proportional=proportional)


def _efron(sets: RiskSets) -> tuple[float, float]:
    """The log hazard ratio and its information, where there is a maximum.

    With one yes/no covariate x, Efron's partial likelihood is a product over events of exp(θ x) / (a e^θ + b), a and b
    as `efron_terms` has them: concave in θ, so Newton's steps, shortened to 1, end there.  lifelines agrees and takes
    twenty times as long, which imputation would wait for.
    """
    _, a, b = efron_terms(sets)
    theta, in_active = 0.0, sets.events_active.sum()
    for _ in range(200):
        p = a / (a + b * np.exp(-theta))
        information = float((p * (1 - p)).sum())
        step = float(in_active - p.sum()) / information
        theta += float(np.clip(step, -1, 1))
        if abs(step) < 1e-12:
            break
    return theta, information


def rmst(
    time: ArrayLike,
    event: ArrayLike,
    active: ArrayLike,
    tau: int,
    *,
    confidence: float = 0.95,
    labels: tuple[str, str] = ("control", "active"),
    origin: int | None = None,
) -> Rmst:
    """Restricted mean survival time up to `tau` days by arm, and the difference active minus control.

    Where survival at an arm's last follow-up is above 0 and `tau` lies beyond it, the area is not identified: that
    arm and the difference are None, and `messages` names the largest horizon possible.

    Parameters
    ----------
    time, event, active : (n,) as in `kaplan_meier`, and True for the active arm
    tau : the horizon, in days since the origin
    labels : the arms' names in results and messages, control first
    origin : which day of the data time 0 is, so that messages name days as the data number them

    Raises
    ------
    FitError
        For a `tau` of 0 or less, or input as in `kaplan_meier`.
    """
    check_horizon(tau)
    t, e, a = checked_arms(time, event, active)
    arms: dict[str, tuple[float | None, float | None]] = {}
    messages = []
    for label, members in zip(labels, (~a, a), strict=True):
        arms[label], message = _arm_rmst(t[members], e[members], tau, label, origin)
        if message:
            messages.append(message)
    limit = min(_horizon(t[a], e[a]), _horizon(t[~a], e[~a]))
    if limit < tau:
        messages.append(f"the largest horizon that both arms allow is {day_text(limit, origin)}")
    gap = difference(arms[labels[1]], arms[labels[0]], confidence)
    if gap.p is None:
        messages += unvarying_means(unvarying(arms), gap)
    return Rmst(tau=tau, arms=arms, difference=gap, messages=tuple(messages))


def unvarying(arms: Mapping[str, tuple[float | None, float | None]]) -> list[str]:
    """The arms whose restricted mean has a standard error of 0; `arms` as in `Rmst`."""
    return [arm for arm, (mean, se) in arms.items() if mean is not None and se == 0]


def unvarying_means(still: Sequence[str], gap: Estimate, in_how_many: tuple[int, int] = (1, 1)) -> tuple[str, ...]:
    """What it does to a difference `gap` of restricted means that the arms `still` have a standard error of 0.

    `in_how_many` imputations, of how many, that is so; between imputations the means may vary all the same.  (1, 1)
    where nothing is imputed.
    """
    if gap.estimate is None or not still:
        return ()
    if gap.p is None:
        return ("neither restricted mean varies (standard errors 0), so their difference has no interval",)
    some, all_ = in_how_many
    if some < all_:
        return (
            f"in {some} of {all_} imputations everybody in the {still[0]} arm was alike (standard error 0 within "
            "them), so the difference of restricted means rests mostly on the other arm's spread: its interval is too "
            f"narrow{about_p(' and its p-value too small')}",
        )
    return (
        f"everybody in the {still[0]} arm was alike (standard error 0), so the difference of restricted means rests on "
        f"the other arm's spread alone: its interval is too narrow{about_p(' and its p-value too small')}",
    )


# --- restricted mean -------------------------------------------------------------------------------------------------


def _horizon(time: Floats, event: Bools) -> float:
    """Up to when the curve is known: for ever once it reached 0, else until the last follow-up (0 for no one)."""
    if len(time) == 0:
        return 0.0
    last = time.max()
    return np.inf if event[time == last].all() else float(last)


def _arm_rmst(
    time: Floats, event: Bools, tau: float, label: str, origin: int | None
) -> tuple[tuple[float | None, float | None], str | None]:
    """(area, SE) of one arm up to `tau`, and a message if there is something to know about them."""
    if len(time) == 0:
        return (None, None), nobody_in(label)
    if _horizon(time, event) < tau:
        return (None, None), (
            f"survival in {label} is not known beyond {day_text(time.max(), origin)}, the last follow-up, "
            f"so its restricted mean up to day {tau + (origin or 0):g} cannot be estimated"
        )
    area, se = restricted_mean(kaplan_meier(time, event), tau)
    if se == 0 and not event[time < tau].any():
        return (area, se), (
            f"no event in {label} before day {tau + (origin or 0):g}: its restricted mean has standard error 0, "
            "so an interval for the difference leaves that arm's uncertainty out"
        )
    return (area, se), None


def restricted_mean(curve: KaplanMeier, tau: float) -> tuple[float, float]:
    """Area under `curve` from 0 to `tau` (days) and its standard error; the caller sees to it that both exist.

    Var = sum over event times t_i < tau of A_i² d_i / (n_i (n_i - d_i)), with A_i the area from t_i to tau
    (Klein & Moeschberger 2003, eq. 4.5.2).  That of min(T, tau) between people would be n times too large.
    """
    inside = curve.time < tau
    t, s = curve.time[inside], curve.survival[inside]
    pieces = s * np.diff(t, append=tau)
    area_after = np.cumsum(pieces[::-1])[::-1]
    d, n = curve.events[inside], curve.at_risk[inside]
    left = n - d
    # where all at risk have the event the area after it is 0, and so is the term
    greenwood = np.where(left > 0, d / (n * np.maximum(left, 1)), 0.0)
    return float(pieces.sum()), float(np.sqrt(np.sum(area_after**2 * greenwood)))


def difference(
    active: tuple[float | None, float | None], control: tuple[float | None, float | None], confidence: float
) -> Estimate:
    """Active minus control for two independent (estimate, SE), with normal interval and p."""
    if active[0] is None or active[1] is None or control[0] is None or control[1] is None:
        return Estimate(None, None, None)
    estimate, se = active[0] - control[0], float(np.hypot(active[1], control[1]))
    if se == 0:
        return Estimate(estimate, None, None, se=0.0)
    return Estimate(estimate, *_wald(estimate, se, confidence), se=se)


def _wald(estimate: float, se: float, confidence: float) -> tuple[float, float, float]:
    """Normal limits and two-sided p."""
    z = float(ndtri(0.5 + confidence / 2))
    return estimate - z * se, estimate + z * se, float(2 * ndtr(-abs(estimate / se)))


def time_at_half(time: Floats, curve: Floats) -> float | None:
    """When a falling step curve (NaN where undefined) passes one half; the middle of a step at exactly one half."""
    known = np.flatnonzero(curve < 0.5 + AT_HALF)  # NaN compares false
    if len(known) == 0:
        return None
    first = known[0]
    below = known[curve[known] < 0.5 - AT_HALF]
    if abs(curve[first] - 0.5) <= AT_HALF and len(below):
        return float((time[first] + time[below[0]]) / 2)
    return float(time[first])


def _or_none(values: Floats) -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in values]
