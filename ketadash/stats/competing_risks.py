"""Competing risks: an event of interest (cause 1, say relapse) that another (cause 2, say dropout) forestalls.

Kaplan–Meier with cause 2 censored answers "if nobody dropped out"; the incidence here answers "as things are".
Arrays only: `time` in days since the origin, 0 or more, in whole days and hence with many ties; `cause` 0 for
censored, 1 or 2.  Where events and censorings share a time, the events of both causes come first and at once.
Numbers that the data cannot give are None (NaN inside arrays).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from ketadash.core.errors import FitError
from ketadash.results import Estimate, LogRank
from ketadash.stats.effects import square_and_add
from ketadash.stats.risk_sets import (
    Bools,
    Floats,
    Ints,
    check_horizon,
    checked,
    checked_arms,
    checked_strata,
    day_text,
    no_comparison,
    nobody_in,
    risk_sets,
)

CI_TYPE = "log(-log) of the share without the event, infinitesimal-jackknife variance"
# A variance that its corrections for ties bring to 0 comes out as rounding: this share of the uncorrected one is 0.
NO_VARIANCE = 1e-12
ROUNDING = 1e-12  # shares that differ by less are equal: they are products and sums of fractions
Pair = tuple[float | None, float | None]  # an estimate and its standard error


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeIncidence:
    """Aalen–Johansen curves: one row for time 0 and for every later time at which anything happens.

    `time`, `at_risk` (just before), `events` (cause 1), `competing` (cause 2), `censored`, both incidences (just
    after), `se` (of `incidence`), `ci_low`, `ci_high` are (k,); the limits are NaN at an incidence of 0 or 1, where
    `se` is 0.  `known_until` is the last follow-up, or infinity if events took everyone: the curve stays as it is.
    """

    n: int
    time: Floats
    at_risk: Ints
    events: Ints
    competing: Ints
    censored: Ints
    incidence: Floats
    incidence_competing: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats
    known_until: float
    confidence: float
    ci_type: str = CI_TYPE

    def at(self, day: float) -> Pair:
        """Incidence of cause 1 by `day` (0 or later, included) and its standard error; None beyond `known_until`."""
        if not day >= 0:
            raise FitError(f"day {day:g} is before the origin: choose day 0 or a later one")
        if day > self.known_until:
            return None, None
        row = int(np.searchsorted(self.time, day, side="right")) - 1
        return float(self.incidence[row]), float(self.se[row])


@dataclass(frozen=True, slots=True)
class IncidenceDifference:
    """Incidence of cause 1 by day `at`: `arms` maps an arm to (estimate, SE), the difference is active − control."""

    at: float
    arms: dict[str, Pair]
    difference: Estimate
    messages: tuple[str, ...] = ()


def aalen_johansen(time: ArrayLike, cause: ArrayLike, *, confidence: float = 0.95) -> CumulativeIncidence:
    """Cumulative incidence of both causes, with pointwise intervals for that of cause 1.

    Parameters
    ----------
    time : (n,) days since the origin, 0 or more.
    cause : (n,) 0 censored, 1 event of interest, 2 competing event.
    confidence : level of the intervals, a fraction.

    Returns
    -------
    CumulativeIncidence
        The standard error is the infinitesimal jackknife's (see `_variance`), without cause 2 Greenwood's.  The
        interval is taken on the log(-log) scale of 1 − incidence: without cause 2 it is `survival.kaplan_meier`'s.

    Raises
    ------
    FitError
        For no participants, times that are missing or negative, or another cause than 0, 1 and 2.
    """
    t, c = _checked(time, cause)
    path = _path(t, c, np.unique(np.append(t, 0.0)))
    by_now = np.tril(np.ones((len(path.time), len(path.time))))  # row: the curve's time, column: the hazard's
    variance = _variance(path, by_now, np.tril(path.incidence[:, None] - path.incidence))
    defined = (path.incidence > 0) & (path.without > 0)
    se = np.where(defined, np.sqrt(variance), 0.0)
    without = np.where(defined, path.without, 0.5)  # any number will do where the limits are thrown away
    half = -float(ndtri(0.5 + confidence / 2)) * se / (without * np.log(without))
    low, high = (np.where(defined, 1 - without ** np.exp(side * half), np.nan) for side in (-1, 1))
    return CumulativeIncidence(
        n=len(t),
        time=path.time,
        at_risk=path.at_risk,
        events=path.events,
        competing=path.competing,
        censored=path.censored,
        incidence=path.incidence,
        incidence_competing=path.incidence_competing,
        se=se,
        ci_low=low,
        ci_high=high,
        known_until=_known_until(t, c),
        confidence=confidence,
    )


def gray_test(time: ArrayLike, cause: ArrayLike, active: ArrayLike, strata: ArrayLike | None = None) -> LogRank:
    """Gray's two-arm test that the incidence of cause 1 is the same, `active` (n,) True for the active arm.

    Gray (1988, Annals of Statistics 16:1141) with rho = 0 and the corrections for ties of R's `cmprsk::cuminc`; with
    `strata` (n,) scores and variances are summed over them, as cuminc does.

    None, with a message, where the variance is not above 0 (no event of cause 1 while both arms were at risk and
    someone stayed event-free), or the incidence in common passes 1 before the last such event, as it can when the
    arms' censoring differs wildly (cuminc goes on and takes 1 − F below 0 for a probability).
    """
    t, c, a = _checked_arms(time, cause, active)
    codes = checked_strata(strata, len(t))
    each = [np.ones(len(t), bool)] if codes is None else [codes == s for s in np.unique(codes)]
    scores = [_gray_score(t[own], c[own], a[own]) for own in each if 0 < a[own].sum() < own.sum() or codes is None]
    if any(score is None for score in scores):
        why = "the arms were followed so differently that their incidence in common passes 1, so they are not compared"
        return LogRank(chi2=None, df=1, p=None, messages=(why,))
    score, variance, untied = np.sum([s for s in scores if s is not None], axis=0) if scores else (0.0, 0.0, 0.0)
    if not variance > NO_VARIANCE * untied:
        return LogRank(chi2=None, df=1, p=None, messages=(no_comparison(risk_sets(t, c == 1, a, codes), codes),))
    chi2 = float(score) ** 2 / float(variance)
    return LogRank(chi2=chi2, df=1, p=float(chdtrc(1, chi2)))


def _gray_score(t: Floats, c: Ints, a: Bools) -> tuple[float, float, float] | None:
    """Gray's score, its variance, and that without the corrections for ties; None where it cannot be had.

    Just before t let n_k of arm k be at risk, S_k event-free, F_k its incidence, h_k = n_k / S_k and H = h_1 + h_0.
    The score is the active arm's events of cause 1 less its share of all of them, by h_k (1 − F_k); `_gray_variance`
    has its variance.  Without cause 2 the score is the log-rank's, the variance only in the limit.
    """
    at = np.unique(t[c > 0])
    arms = [_path(t[members], c[members], at) for members in (a, ~a)]
    h1, h0 = (np.divide(k.at_risk, k.before, out=np.zeros(len(at)), where=k.at_risk > 0) for k in arms)
    d, total = arms[0].events + arms[1].events, h1 + h0  # above 0: someone is at risk when something happens
    expects, others = (h * _just_before(k.without, 1.0) for h, k in zip((h1, h0), arms, strict=True))
    score = float(np.sum(arms[0].events - d * expects / (expects + others)))

    in_common, now = np.cumsum(d / total), h1 * h0 / total
    rest, moved = 1 - _just_before(in_common, 0.0), now * d / total
    if np.any(rest[moved > 0] <= 0):
        return None
    so_far = np.cumsum(moved / np.where(moved > 0, rest, 1.0))
    later = so_far[-1:] - so_far
    variance, untied = np.sum([_gray_variance(k, d, total, in_common, now, later) for k in arms], axis=0)
    return score, float(variance), float(untied)


def incidence_difference(
    time: ArrayLike,
    cause: ArrayLike,
    active: ArrayLike,
    at: float,
    *,
    confidence: float = 0.95,
    labels: tuple[str, str] = ("control", "active"),
    origin: int | None = None,
) -> IncidenceDifference:
    """Incidence of cause 1 by day `at`, active minus control, with Newcombe's interval and its p.

    An arm counts for as many participants as its standard error is worth, all of them where nobody was censored: see
    `effects.square_and_add`.  Where an arm's curve is not known on day `at`, that arm and the difference are None.
    `messages` say so, with the arms' names `labels` (control, active), and where a standard error is 0.  FitError for
    a day before 0, or input as in `aalen_johansen`.  Messages name days as the data do if `origin` is their day 0 here.
    """
    t, c, a = _checked_arms(time, cause, active)
    arms: dict[str, Pair] = {}
    worth: list[float] = []
    messages: list[str] = []
    for label, members in zip(labels, (~a, a), strict=True):
        arms[label], message = _arm_incidence(t[members], c[members], at, label, origin)
        worth.append(_worth(arms[label], t[members], c[members], at))
        messages += [message] if message else []
    difference = _difference(arms[labels[1]], worth[1], arms[labels[0]], worth[0], confidence)
    return IncidenceDifference(at, arms, difference, tuple(messages))


def restricted_mean_free(time: ArrayLike, cause: ArrayLike, tau: float) -> Pair:
    """Mean time free of cause 1 up to `tau` days (area under 1 − incidence) and its standard error.

    Someone taken by cause 2 stays free of cause 1 for good.  The standard error is the infinitesimal jackknife's.
    (None, None) where the curve is not known up to `tau`; FitError for a `tau` of 0 or less, or as `aalen_johansen`.
    """
    check_horizon(tau)
    t, c = _checked(time, cause)
    if _known_until(t, c) < tau:
        return None, None
    path = _path(t, c, np.unique(np.append(t[t < tau], 0.0)))
    lasts = np.diff(path.time, append=tau)
    later = np.triu(path.incidence - path.incidence[:, None]) @ lasts  # what is added to the incidence, times days
    return float(tau - path.incidence @ lasts), float(np.sqrt(_variance(path, tau - path.time, later)))


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """One arm at the times `time` (k,): counts, the event-free share just before and after, incidences after."""

    time: Floats
    at_risk: Ints
    events: Ints
    competing: Ints
    censored: Ints
    before: Floats
    free: Floats
    incidence: Floats
    incidence_competing: Floats

    @property
    def without(self) -> Floats:
        """Share without cause 1 just after: exactly 0 once all had it, as 1 − incidence might not be."""
        return self.free + self.incidence_competing


def _path(time: Floats, cause: Ints, at: Floats) -> _Path:
    """Aalen–Johansen at the times `at`, in order; among them every event up to the last of them."""
    censored, events, competing = (np.sum(time[cause == k, None] == at, axis=0) for k in (0, 1, 2))
    at_risk = len(time) - np.searchsorted(np.sort(time), at)
    risk = np.maximum(at_risk, 1)  # of none at risk none has an event
    free = np.cumprod((risk - events - competing) / risk, dtype=np.float64)
    before = _just_before(free, 1.0)
    first, second = (np.cumsum(before * d / risk, dtype=np.float64) for d in (events, competing))
    return _Path(at, at_risk, events, competing, censored, before, free, first, second)


def _variance(path: _Path, weight: Floats, later: Floats) -> Floats:
    """Variance of the incidence, or of its sum over time: weights and later gains (…, k) for k times give (…).

    With S the event-free share before and n at risk, let a day's hazards be p = d_1 / n and q = d_2 / n, with
    multinomial covariances.  An event of cause 1 adds `weight`, and either cause takes away g = `later` / S after,
    what the event-free go on to gain.  Hence the sum of S² / n · [p (1 − p) (weight − g)² + q (1 − q) g²
    + 2 p q g (weight − g)] (Marubini & Valsecchi 1995, ch. 10).  It is the infinitesimal jackknife's, the sum over
    participants of the squared derivative in their weight: a day's residuals add up to 0 over those at risk later.
    """
    risk = np.maximum(path.at_risk, 1)
    p, q = path.events / risk, path.competing / risk
    gain = np.divide(later, path.free, out=np.zeros_like(later), where=path.free > 0)
    lost = weight - gain
    spread = p * (1 - p) * lost**2 + q * (1 - q) * gain**2 + 2 * p * q * gain * lost
    return np.asarray(np.sum(path.before**2 / risk * spread, axis=-1))


def _gray_variance(arm: _Path, events: Ints, total: Floats, in_common: Floats, now: Floats, later: Floats) -> Floats:
    """One arm's part in the variance of Gray's score (2,): with the corrections for ties, and without.

    If the arms do not differ, dF = d / H estimates the incidence in common.  A jump in arm k's incidence of cause 1
    moves the score by w + (1 − u) times `later`, one in that of cause 2 by u times `later`: w = h_1 h_0 / H (`now`),
    `later` is the sum of w dF / (1 − F) still to come and u = (1 − F) / S_k (0 where S_k is), S_k just after.  The
    jumps' variances are S_k dF / n_k and S_k² d_2k / n_k² (S_k just before), each times 1 − (d − 1) / (m − 1) for
    ties: d of m = H S_k for cause 1, where d counts both arms, and d_2k of n_k for cause 2.
    """
    risk = np.maximum(arm.at_risk, 1)
    u = np.divide(1 - in_common, arm.free, out=np.zeros_like(total), where=arm.free > 0)
    first = (arm.at_risk > 0) * (now + (1 - u) * later) ** 2 * arm.before * events / (total * risk)
    second = (u * later * arm.before / risk) ** 2 * arm.competing
    corrected = first * _ties(events, total * arm.before) + second * _ties(arm.competing, risk)
    return np.array([corrected.sum(), first.sum() + second.sum()])


def _ties(events: Ints, at_risk: Floats | Ints) -> Floats:
    """The factor on the variance where `events` of `at_risk` happen at once (sampling without replacement)."""
    tied = (events > 1) & (at_risk > 1)  # in an arm with anyone at risk, `at_risk` is then above 1
    return np.where(tied, 1 - (events - 1) / np.where(tied, at_risk - 1.0, 1.0), 1.0)


def _arm_incidence(time: Floats, cause: Ints, at: float, label: str, origin: int | None) -> tuple[Pair, str | None]:
    """(incidence, SE) of one arm by day `at`, and a message if there is something to know about them."""
    if len(time) == 0:
        return (None, None), nobody_in(label)
    estimate, se = aalen_johansen(time, cause).at(at)
    if estimate is None:
        return (None, None), (
            f"the incidence in {label} is not known beyond {day_text(time.max(), origin)}, the last follow-up, "
            f"so it cannot be estimated for day {at + (origin or 0):g}"
        )
    if se == 0:
        return (estimate, se), (
            f"the incidence in {label} by {day_text(at, origin)} is {estimate:.0f} with standard error 0: the "
            "interval of the difference takes that arm's uncertainty from its number of participants (Wilson)"
        )
    return (estimate, se), None


def _worth(arm: Pair, time: Floats, cause: Ints, at: float) -> float:
    """The number of uncensored participants that would give an incidence the same precision; 0 where it is unknown."""
    estimate, se = arm
    if estimate is None or se is None:
        return 0.0
    if se > 0:
        return estimate * (1 - estimate) / se**2
    return float(len(time) - ((cause == 0) & (time < at)).sum())  # all one way: whoever was not lost before


def _difference(active: Pair, n1: float, control: Pair, n0: float, confidence: float) -> Estimate:
    """Active minus control for two independent incidences worth `n1` and `n0` participants."""
    if active[0] is None or active[1] is None or control[0] is None or control[1] is None:
        return Estimate(None, None, None)
    se = float(np.hypot(active[1], control[1]))
    share = control[0] if abs(active[0] - control[0]) < ROUNDING else active[0]
    if not (n1 > 0 and n0 > 0):
        return Estimate(share - control[0], None, None, se=se)
    return replace(square_and_add(share, n1, control[0], n0, confidence=confidence), se=se)


def _known_until(time: Floats, cause: Ints) -> float:
    """Up to when the curve is known: for ever once events took all, else until the last follow-up."""
    return np.inf if cause[time == time.max()].all() else float(time.max())


def _just_before(after: Floats, start: float) -> Floats:
    """Left limits of a step function known just after each of its times."""
    return np.concatenate([[start], after[:-1]]) if len(after) else after


def _checked(time: ArrayLike, cause: ArrayLike) -> tuple[Floats, Ints]:
    """Both as (n,) arrays; FitError as in `risk_sets.checked`, or for a cause that is not 0, 1 or 2."""
    c = np.asarray(cause, dtype=float)
    t, _ = checked(time, c != 0)
    if not np.all(np.isin(c, (0, 1, 2))):
        raise FitError("a cause is missing or unknown; use 0 for censored, 1 for the event, 2 for the competing event")
    return t, c.astype(np.int64)


def _checked_arms(time: ArrayLike, cause: ArrayLike, active: ArrayLike) -> tuple[Floats, Ints, Bools]:
    """As `_checked`, with `active` (n,) as bool."""
    t, c = _checked(time, cause)
    return t, c, checked_arms(t, c != 0, active)[2]
