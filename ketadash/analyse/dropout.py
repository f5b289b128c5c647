"""Relapse under every reading of dropout, side by side, and over every choice of who of the dropouts relapsed."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from scipy.special import chdtrc

from ketadash.analyse.binary import panel_of
from ketadash.analyse.events import endpoint_of
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import Times, tells, time_to
from ketadash.core.choices.dropout import DropoutRule, side_by_side
from ketadash.core.families import DROPOUT_WAYS
from ketadash.core.spec import AnalysisSpec
from ketadash.results import TimeToEvent
from ketadash.results.sensitivity import CountedDropouts, DropoutWays
from ketadash.stats.survival import logrank_score
from ketadash.trial import Panel, Trial

MOST = 12  # dropouts; 2^12 log-rank tests take a tenth of a second


@remembered(DROPOUT_WAYS)
def dropout_readings(trial: Trial, spec: AnalysisSpec) -> tuple[TimeToEvent, ...]:
    """Relapse with dropout as an event, censored, and competing; the amounts must tell heavy days."""
    p = panel_of(trial, spec)
    return tuple(endpoint_of(p, "relapse", spec.replace(dropout=rule)) for rule in side_by_side())


@remembered(DROPOUT_WAYS)
def dropout_ways(trial: Trial, spec: AnalysisSpec) -> DropoutWays | None:
    """The same, and every choice of who of the dropouts relapsed; None where the amounts cannot tell relapse."""
    p = panel_of(trial, spec)
    if not tells(p, "relapse", spec):
        return None
    ways = dropout_readings(trial, spec)
    competing = time_to(p, "relapse", DropoutRule.COMPETING, spec)
    gone = np.flatnonzero(competing.kind == "dropout")
    if len(gone) > MOST:
        note = (
            f"With {len(gone)} dropouts not every combination of who relapsed is worked out, as it is with up to {MOST}"
        )
        return DropoutWays(ways, (), (note,))
    return DropoutWays(ways, tuple(_counted(p, competing, gone)) if len(gone) else ())


def _counted(p: Panel, times: Times, gone: np.ndarray) -> list[CountedDropouts]:
    """Every number of relapsed dropouts in each arm: the range of p over which of them it could be."""
    origin = int(p.days[0]) - 1
    counts = []
    sides = [gone[~p.active[gone]], gone[p.active[gone]]]
    for k0, k1 in product(range(len(sides[0]) + 1), range(len(sides[1]) + 1)):
        ps = [
            _p(p, times, origin, np.array([*a, *b], dtype=int), gone)
            for a, b in product(combinations(sides[0], k0), combinations(sides[1], k1))
        ]
        known = [x for x in ps if x is not None]
        counts.append(CountedDropouts(k0, k1, min(known, default=None), max(known, default=None), len(ps)))
    return counts


def _p(p: Panel, times: Times, origin: int, relapsed: np.ndarray, gone: np.ndarray) -> float | None:
    """The log-rank p with some dropouts relapsed on the day they left and the others censored the day before."""
    time, event = times.day - origin, times.event.copy()
    event[relapsed] = True
    stayed = np.setdiff1d(gone, relapsed)
    time = time.copy()
    time[stayed] -= 1
    score, variance = logrank_score(time, event, p.active, p.strata)
    return float(chdtrc(1, score**2 / variance)) if variance > 0 else None
