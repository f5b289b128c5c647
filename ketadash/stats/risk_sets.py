"""Who is at risk when each event happens, and whether a hazard ratio exists at all; and the checks of the input.

Arrays only: times in days since the origin, 0 or more; n participants, k distinct event times.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketadash.core.errors import FitError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def checked(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Bools]:
    """Both as (n,) arrays of float and bool; FitError for none, differing shapes, missing or negative times."""
    t, e = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    if t.ndim != 1 or t.shape != e.shape:
        raise FitError(f"times {t.shape} and events {e.shape} differ in shape; give one of each per participant")
    if len(t) == 0:
        raise FitError("no participants to follow; give at least one")
    if not np.all(np.isfinite(t) & (t >= 0)):
        raise FitError("a time is missing or negative; count days since the origin, 0 or more")
    return t, e


def checked_strata(strata: ArrayLike | None, n: int) -> Ints | None:
    """Codes of strata (n,), None where there are none.

    Raises
    ------
    FitError
        For another number of codes than participants.
    """
    if strata is None:
        return None
    codes = np.asarray(strata, dtype=np.int64)
    if codes.shape != (n,):
        raise FitError(f"{n} times and strata {codes.shape} differ in shape; give one of each per participant")
    return codes


def checked_arms(time: ArrayLike, event: ArrayLike, active: ArrayLike) -> tuple[Floats, Bools, Bools]:
    """As `checked`, with `active` (n,) as bool."""
    t, e = checked(time, event)
    a = np.asarray(active, dtype=bool)
    if a.shape != t.shape:
        raise FitError(f"times {t.shape} and arms {a.shape} differ in shape; give one of each per participant")
    return t, e, a


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """At each distinct event time, all (k,): how many are at risk and have the event, in all and in the active arm.

    `shared` says whether both arms have somebody at risk.
    """

    at_risk: Ints
    at_risk_active: Ints
    events: Ints
    events_active: Ints
    shared: Bools


def risk_sets(time: Floats, event: Bools, active: Bools, strata: Ints | None = None) -> RiskSets:
    """Count the risk set and the events at each distinct event time; within each stratum of `strata` (n,), if any.

    Log-rank, Cox and the checks of both are sums over event times, and stratified ones the same sums over those of
    every stratum, so that stratifying them is no more than counting here.
    """
    if strata is not None:
        each = [risk_sets(time[own], event[own], active[own]) for own in (strata == s for s in np.unique(strata))]
        return RiskSets(*(np.concatenate([getattr(s, f.name) for s in each]) for f in fields(RiskSets)))
    at = np.unique(time[event])

    def count(members: Bools) -> tuple[Ints, Ints]:
        ordered, failed = np.sort(time[members]), np.sort(time[members & event])
        at_risk = len(ordered) - np.searchsorted(ordered, at, side="left")
        return at_risk, np.searchsorted(failed, at, side="right") - np.searchsorted(failed, at, side="left")

    (n1, d1), (n0, d0) = count(active), count(~active)
    return RiskSets(n1 + n0, n1, d1 + d0, d1, (n1 > 0) & (n0 > 0))


def efron_terms(sets: RiskSets) -> tuple[Ints, Floats, Floats]:
    """What each event compares in Efron's partial likelihood (Efron 1977, JASA 72:557).

    The l-th of d events at one time, l = 0, 1, …, is taken to happen when l / d of them are gone already: among
    n₁ − l d₁/d of the active arm and n₀ − l d₀/d of the other.

    Returns
    -------
    which, active, control : (events,) the place of its time among the sets, and those two numbers
    """
    d, d1 = sets.events, sets.events_active
    which = np.asarray(np.repeat(np.arange(len(d)), d), dtype=np.int64)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(d) - d, d)) / d[which]
    active = np.asarray(sets.at_risk_active[which] - share * d1[which], dtype=float)
    control = np.asarray((sets.at_risk - sets.at_risk_active)[which] - share * (d - d1)[which], dtype=float)
    return which, active, control


def no_maximum(
    time: Floats, event: Bools, active: Bools, labels: tuple[str, str], strata: Ints | None = None
) -> str | None:
    """Why the partial likelihood of one yes/no covariate has no maximum, or None if it has one.

    Only event times at which both arms are at risk tell the arms apart.  If all events at those times are in one
    arm, each term rises (or falls) steadily in log HR; a single event in each arm bounds it on both sides.
    """
    sets = risk_sets(time, event, active, strata)
    total, in_active = int(sets.events[sets.shared].sum()), int(sets.events_active[sets.shared].sum())
    if not event.any():
        return "no events: a hazard ratio cannot be estimated"
    if total == 0:
        return f"{_never_shared(strata)}: a hazard ratio cannot be estimated"
    if 0 < in_active < total:
        return None
    arm, limit = (labels[1], "infinity") if in_active else (labels[0], "0")
    return (
        f"every event while both arms were at risk is in {arm}: the likelihood keeps rising as the hazard ratio goes "
        f"to {limit} (monotone likelihood), so no hazard ratio is given; read the log-rank test and the curves"
    )


def _never_shared(strata: Ints | None) -> str:
    where = "" if strata is None else "in the same stratum "
    return f"no event while both arms had someone {where}at risk"


def no_comparison(sets: RiskSets, strata: Ints | None = None) -> str:
    """Why a test of two curves, within `strata` if any, has no variance, and so no answer."""
    if not sets.events.any():
        why = "no events"
    elif not sets.shared.any():
        why = _never_shared(strata)
    elif (sets.events == sets.at_risk)[sets.shared].all():
        why = "whoever was still at risk had the event on the same day"
    else:
        why = "nothing varies between the arms"
    return f"{why}, so the curves cannot be compared"


def day_text(time: float, origin: int | None) -> str:
    """A time as a day: of the data where `origin` says which of theirs is time 0, else since the origin."""
    return f"day {time:g} since the origin" if origin is None else f"day {time + origin:g}"


def check_horizon(tau: float) -> None:
    """Refuse a horizon at or before the origin.

    Raises
    ------
    FitError
        For a `tau` of 0 or less.
    """
    if not tau > 0:
        raise FitError(f"a horizon of {tau:g} days since the origin: choose one above 0")


def nobody_in(label: str) -> str:
    """What is said of an arm without participants."""
    return f"no participants in {label}"
