"""Whether one hazard ratio holds for all days: Schoenfeld's residuals against time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from ketadash.results.hazards import Proportionality
from ketadash.stats.pooling import pool_each
from ketadash.stats.risk_sets import Bools, Floats, Ints, efron_terms, risk_sets
from ketadash.stats.wald import t_tails

NOTHING_CHANGES = "no test of proportional hazards: the events of both arms at risk fall on too few days"


def schoenfeld(time: Floats, event: Bools, active: Bools, log_hr: float, strata: Ints | None = None) -> Proportionality:
    """Score test of arm × time, time as 1 − Kaplan–Meier just before it (Grambsch & Therneau 1994), Efron's ties.

    What R's ``cox.zph(fit, transform = "km")`` gives from survival 3.0 on.

    Parameters
    ----------
    time, event, active : (n,) days since the origin, whether it is an event, whether in the active arm
    log_hr : where the partial likelihood is largest, so that the residuals sum to 0
    strata : (n,) codes; each has a baseline hazard of its own
    """
    codes = np.zeros(len(time), dtype=int) if strata is None else strata
    residual, variance, at = (
        np.concatenate(part)
        for part in zip(
            *(
                _of_stratum(time[own], event[own], active[own], log_hr)
                for own in (codes == s for s in np.unique(codes))
            ),
            strict=True,
        )
    )
    g = _one_less_kaplan_meier(time, event, at)
    score, whole = float((g * residual).sum()), float(variance.sum())
    g = g - float((g * variance).sum()) / whole if whole > 0 else g
    information = float((g * g * variance).sum())
    if not information > 1e-12 * max(whole, 1e-300):
        return Proportionality(None, 1, None, message=NOTHING_CHANGES)
    chi2 = score**2 / information
    return Proportionality(chi2, 1, float(chdtrc(1, chi2)), score / information, float(1 / np.sqrt(information)))


def _of_stratum(time: Floats, event: Bools, active: Bools, log_hr: float) -> tuple[Floats, Floats, Floats]:
    """Of each event time (k,): active events less those expected, their variance, and the time."""
    sets, at = risk_sets(time, event, active), np.unique(time[event])
    which, a, b = efron_terms(sets)
    p = a / (a + b * np.exp(-log_hr))  # that an event is one of the active arm
    expected, variance = (_summed(which, x, len(at)) for x in (p, p * (1 - p)))
    return np.asarray(sets.events_active - expected, dtype=float), variance, np.asarray(at, dtype=float)


def _summed(which: Ints, values: Floats, n: int) -> Floats:
    """Sums (n,) of the values that have each number 0 … n − 1 in `which`."""
    return np.asarray(np.bincount(which, weights=values, minlength=n), dtype=float)


def _one_less_kaplan_meier(time: Floats, event: Bools, at: NDArray[np.float64]) -> Floats:
    """1 less the share of everybody without the event just before each time `at`."""
    sets, steps = risk_sets(time, event, np.ones(len(time), dtype=bool)), np.unique(time[event])
    survival = np.concatenate([[1.0], np.cumprod(1 - sets.events / sets.at_risk)])
    return np.asarray(1 - survival[np.searchsorted(steps, at, side="left")])


def pooled(tests: Sequence[Proportionality | None]) -> Proportionality | None:
    """The test over imputations, by Rubin's rules on the slopes.

    With one data set it is that one's own.  Where half of the imputations or more have no test there is none, with why.
    """
    usable = [(t.slope, t.se) for t in tests if t is not None and t.slope is not None and t.se is not None]
    if len(tests) == 1:
        return tests[0]
    if 2 * len(usable) <= len(tests):
        why = f"no test of proportional hazards: {len(tests) - len(usable)} of {len(tests)} imputations have none"
        return Proportionality(None, 1, None, message=why)
    slopes, errors = (np.array(values, dtype=float)[:, None] for values in zip(*usable, strict=True))
    both = pool_each(slopes, errors**2)
    slope, se, df = (float(x[0]) for x in (both.estimate, both.se, both.df))
    return Proportionality((slope / se) ** 2, 1, t_tails(slope / se, df), slope, se)
