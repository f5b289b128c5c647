"""Shuffling who got what, for each participant's endpoints: no model is fitted but that of the rate of amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.binary import panel_of
from ketadash.analyse.memo import remembered
from ketadash.analyse.person_days import People, days_of, people_of
from ketadash.analyse.person_values import Values, read_off, withheld
from ketadash.analyse.randomisation import AT_A_TIME, MOST, Block
from ketadash.core.choices.missing import MissingRule
from ketadash.core.choices.person_endpoint import ENDPOINTS as EVERY
from ketadash.core.choices.person_endpoint.definition import Kind
from ketadash.core.errors import FitError, stop_point
from ketadash.core.families import ENDPOINT_SHUFFLES
from ketadash.core.spec import AnalysisSpec
from ketadash.results.endpoints import ShuffledEndpoint, ShuffledEndpoints
from ketadash.stats import negative_binomial
from ketadash.stats import randomisation as kernel
from ketadash.trial import Panel, Trial

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ShuffledValues:
    """Statistics in standard errors: of the arms as they were (E,), and of some shuffles (count, E)."""

    observed: Array
    each: Array


@dataclass(frozen=True, slots=True, eq=False)
class EndpointShuffles:
    """All that a block of shuffles needs, to be sent to another process."""

    panel: Panel
    spec: AnalysisSpec
    people: People
    keys: tuple[str, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All shuffles, a few at a time."""
        size, n = min(max(AT_A_TIME // self.panel.amount.size, MOST // 2), 4 * MOST), self.spec.shuffles
        return tuple(Block(first, min(size, n - first)) for first in range(0, n, size))

    def block(self, block: Block) -> ShuffledValues:
        """Every endpoint for the arms as they were and for each shuffle of the block."""
        draws = kernel.shuffled(self.panel.active, self.panel.strata, block.first, block.count, seed=self.spec.seed)
        every = np.vstack([self.panel.active, draws])
        if self._depends_on_arms():
            table = np.array([self._once(active) for active in every])
        else:
            table = self._statistics(self._values(self.panel.active), every)
        return ShuffledValues(table[0], table[1:])

    def _depends_on_arms(self) -> bool:
        """Whether a missing day counts by its participant's arm, or is drawn anew."""
        rule, missing = self.spec.missing, bool(np.isnan(self.panel.amount).any())
        if not missing or not (rule.fills or rule.imputed):
            return False
        turned = rule.about.fill(self.panel.amount, ~self.panel.active, 1.0)
        own = rule.about.fill(self.panel.amount, self.panel.active, 1.0)
        return rule.imputed or not np.array_equal(np.asarray(own), np.asarray(turned), equal_nan=True)

    def _values(self, active: Bools) -> Values:
        p = replace(self.panel, active=active)
        return read_off(days_of(p, self.spec, self.people))

    def _once(self, active: Bools) -> Array:
        stop_point()
        return np.asarray(self._statistics(self._values(active), active[None])[0])

    def _statistics(self, v: Values, every: Bools) -> Array:
        """(N, E) for N allocations of one set of values."""
        columns = []
        for key in self.keys:
            values = np.where(v.eligible[key], v.values[key].mean(axis=0), np.nan)
            if EVERY[key].kind is Kind.RATE:
                columns.append(_rates(values, v.known_days.mean(axis=0), every))
            else:
                columns.append(kernel.studentised(*kernel.welch(values, every)))
        return np.column_stack(columns) if columns else np.zeros((len(every), 0))


def _rates(totals: Array, days: Array, every: Bools) -> Array:
    """The log ratio of rates in robust standard errors for each allocation; NaN without an answer."""
    known = ~np.isnan(totals)
    statistics = np.full(len(every), np.nan)
    for k, active in enumerate(every):
        stop_point()
        try:
            fit = negative_binomial.fit(totals[known], days[known], active[known])
        except FitError:
            continue
        statistics[k] = kernel.studentised(np.array([fit.log_ratio]), np.array([fit.se]))[0]
    return statistics


@remembered(ENDPOINT_SHUFFLES)
def endpoint_shuffles(trial: Trial, spec: AnalysisSpec) -> EndpointShuffles:
    """What is shuffled: the allocations are those of the page Chance."""
    p = panel_of(trial, spec)
    people = people_of(trial, spec, p)
    left_out = spec.replace(missing=MissingRule.MISSING, imor_control=1.0, imor_active=1.0)
    v = read_off(days_of(p, left_out, people))
    keys = tuple(key for key, d in EVERY.items() if not withheld(d, v, spec))
    return EndpointShuffles(p, spec, people, keys)


def endpoint_block(task: tuple[EndpointShuffles, Block]) -> ShuffledValues:
    """A block of a problem, as a function to be sent to another process."""
    problem, block = task
    return problem.block(block)


def shuffled_endpoints(problem: EndpointShuffles, done: Sequence[tuple[Block, ShuffledValues]]) -> ShuffledEndpoints:
    """What the shuffles so far say."""
    blocks = sorted(done, key=lambda pair: pair[0].first)
    n_done = sum(block.count for block, _ in blocks)
    results = []
    for e, key in enumerate(problem.keys if blocks else ()):
        observed = float(blocks[0][1].observed[e])
        draws = np.concatenate([values.each[:, e] for _, values in blocks])
        failed = int(np.isnan(draws).sum())
        if np.isnan(observed):
            results.append(ShuffledEndpoint(key, None, None, None, failed))
            continue
        tail = kernel.tail(draws, observed)
        results.append(ShuffledEndpoint(key, observed, tail.p, tail.monte_carlo_se, failed))
    spec = problem.spec
    return ShuffledEndpoints(tuple(results), n_done, spec.shuffles, spec.seed)
