"""How often each statistic of the re-randomisation test rejects where nothing differs: real days, arms shuffled.

A permutation p's own law needs no loop within a loop.  Arms of the same people are shuffled 200 times, and every
allocation is as likely as every other to have been the real one, so its statistic ranked among all 200 is a p of the
test that the product makes, its own law included: exactly uniform, but for ties and shuffles without an answer, which
count as large.  The share at or below 5% is therefore the level that the statistic can attain on these people.  As a
check with independent shuffles the same 200 are also cut into ten tests of 19 shuffles each, by the product's own
`tail`; those reject in 5%, within binomial error, but for ties.  Of the statistics that need no fit ten times as many
trials are made.

Use of the day's substance stands in for a heavy day, and first use for relapse: the real days have no amounts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ketadash.analyse import randomisation as analysis
from ketadash.analyse.filled_days import abstinent_days, complete
from ketadash.analyse.outcomes import throughout
from ketadash.analyse.randomisation import ANY_USE, PERCENT_DAYS, RELAPSE, Block, RandomisationProblem
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec
from ketadash.stats import randomisation as kernel
from ketadash.trial.panel import Panel

Array = NDArray[np.float64]

ALLOCATIONS, TESTS = 200, 10  # of one trial's people; tests of 19 shuffles that they make
MORE = 10  # times the trials, of statistics without a fit
LEVEL = 0.05


def panel_of(use: Array, arm: Array, base: Array) -> Panel:
    """Days (n, T) of use, NaN unknown, as the product lays them out; any use is a heavy day."""
    people = tuple(f"p{i}" for i in range(len(use)))
    return Panel(
        participant_ids=people,
        arms=("control", "active"),
        active=arm > 0,
        days=np.arange(1, use.shape[1] + 1),
        amount=use,
        overridden=np.zeros(use.shape, bool),
        unknown_amount=np.zeros(use.shape, bool),
        heavy_threshold=np.zeros(len(use)),
        baseline=base,
        baseline_filled=False,
        baseline_heavy=None,
        can_tell_heavy=True,
        warnings=(),
        streams=people,
        earlier=np.zeros((len(use), 0)),
        tests=np.full(use.shape, np.nan),
    )


def cell(
    data: str, n: int, tests: int, draw: Callable[[], tuple[Array, Array, Array]], rule: MissingRule
) -> dict[str, Any]:
    """Every statistic's shares of rejections over `tests` / 10 trials, each of other people."""
    start, trials = time.perf_counter(), max(1, tests // TESTS)
    rates: dict[str, list[_Rates]] = {}
    exact = []
    for k in range(trials * MORE):
        panel = panel_of(*draw())
        spec = AnalysisSpec(missing=rule, shuffles=ALLOCATIONS - 1, seed=k)
        problem = RandomisationProblem(panel, spec)
        for name, statistics in (_all(problem) if k < trials else _without_a_fit(problem)).items():
            rates.setdefault(name, []).append(_rates(statistics))
        exact.append(_attainable(panel, rule))
    statistics_of = {name: _summary(each) for name, each in rates.items()}
    statistics_of[ANY_USE]["attainable_percent"] = round(100 * float(np.mean(exact)), 2)
    return {
        "data": data,
        "n": n,
        "allocations": ALLOCATIONS,
        "statistics": statistics_of,
        "seconds": round(time.perf_counter() - start, 1),
    }


@dataclass(frozen=True)
class _Rates:
    """Of one trial's people: the level by ranks, the tests of 19 shuffles that reject, shuffles without an answer."""

    by_ranks: float
    rejected: int
    without_answer: float


def _rates(statistics: Array) -> _Rates:
    rejected = sum(p <= LEVEL for p in _tested(statistics))
    return _Rates(float((_ranked(statistics) <= LEVEL).mean()), rejected, float(np.isnan(statistics).mean()))


def _summary(each: list[_Rates]) -> dict[str, float]:
    n = len(each) * TESTS
    return {
        "tests": n,
        "rejects_percent": round(100 * sum(r.rejected for r in each) / n, 2),
        "binomial_se": round(100 * sqrt(LEVEL * (1 - LEVEL) / n), 2),
        "level_by_ranks_percent": round(100 * float(np.mean([r.by_ranks for r in each])), 2),
        "without_answer_percent": round(100 * float(np.mean([r.without_answer for r in each])), 2),
    }


def _all(problem: RandomisationProblem) -> dict[str, Array]:
    """Every statistic of the arms as they are and of each shuffle, (allocations,)."""
    made = problem.block(Block(0, ALLOCATIONS - 1))
    pairs = np.concatenate([made.observed[None], made.each])
    table = kernel.studentised(pairs[:, 0], pairs[:, 1])
    return dict(zip(problem.names, table.T, strict=True))


def _without_a_fit(problem: RandomisationProblem) -> dict[str, Array]:
    """The same of those that need no fit; days are filled by rules that do not ask for the arm."""
    p, spec = problem.panel, problem.spec
    active = np.concatenate([p.active[None], problem.draws(Block(0, ALLOCATIONS - 1))])
    ys = complete(p, spec, abstinent_days(p, spec)).ys
    values = {PERCENT_DAYS: analysis._percent_days(ys), ANY_USE: 1 - throughout(ys).mean(axis=0)}
    relapse = np.array([analysis.relapse_contrast(replace(p, active=a), spec) for a in active])
    return {name: kernel.studentised(*kernel.welch(value, active)) for name, value in values.items()} | {
        RELAPSE: kernel.studentised(relapse[:, 0], relapse[:, 1])
    }


def _ranked(column: Array) -> Array:
    """Each allocation's p among all of them, itself one; 1 for one without an answer, which the product gives no p."""
    size = np.where(np.isnan(column), np.inf, np.abs(column))
    p = np.array([(size >= s * (1 - kernel.TIE) - kernel.TIE).mean() for s in size])
    return np.where(np.isnan(column), 1.0, p)


def _tested(column: Array) -> list[float]:
    """The p of ten tests with shuffles of their own, by the product's `tail`."""
    return [1.0 if np.isnan(own[0]) else kernel.tail(own[1:], float(own[0])).p for own in column.reshape(TESTS, -1)]


def _attainable(panel: Panel, rule: MissingRule) -> float:
    """The level that the exact test of any use has on these people: every count of users that an arm can have."""
    use = panel.amount > 0 if rule is MissingRule.MISSING else (panel.amount > 0) | np.isnan(panel.amount)
    value = use.any(axis=1).astype(float)
    if rule is MissingRule.MISSING:  # without use, and with a day unknown: nobody can say
        value[~use.any(axis=1) & np.isnan(panel.amount).any(axis=1)] = np.nan
    known, n_active = value[~np.isnan(value)], int(panel.active.sum())
    if len(known) < len(value):  # who is unknown moves between the arms too: by many shuffles
        draws = kernel.shuffled(panel.active, None, 0, 4000, seed=1)
        size = np.abs(kernel.studentised(*kernel.welch(value, draws)))
        p = np.array([(size >= s * (1 - kernel.TIE) - kernel.TIE).mean() for s in np.unique(size)])
        share = np.array([(size == s).mean() for s in np.unique(size)])
        return float(share[p <= LEVEL].sum())
    users = int(known.sum())
    counts = np.arange(max(0, users + n_active - len(known)), min(users, n_active) + 1)
    chance = stats.hypergeom.pmf(counts, len(known), users, n_active)
    sizes = []
    for c in counts:
        ordered = np.concatenate([np.arange(n_active) < c, np.arange(len(known) - n_active) < users - c]).astype(float)
        active = np.arange(len(known)) < n_active
        sizes.append(abs(float(kernel.studentised(*kernel.welch(ordered, active[None]))[0])))
    size = np.array(sizes)
    p = np.array([chance[size >= s * (1 - kernel.TIE) - kernel.TIE].sum() for s in size])
    return float(chance[p <= LEVEL + 1e-12].sum())
