"""How often the intervals of shuffling, of RSPL and of the heavy-day model hold the truth, on simulated spells.

    python benchmarks/interval_coverage.py [TRIALS [SIZE,… [SHUFFLES]]]    400, 40,150 and 99 unless said

prints a table and writes the cells `intervals` of benchmarks/results/operating_characteristics.json.

Every interval is the product's own: of the percent of days by test inversion, of the modelled last day by the shuffles'
quantile; of the last day by RSPL, and of the arms' trends of heavy days (day × arm by RSPL with AR(1)), with the
model's own errors and with robust ones.  The days are those of `operating_characteristics.simulated`; a day of use
stands for a heavy day.  A modelled difference is held against the truth and against what the model tends to as
people become many (the mean over trials of 2,000 people), which no standard error can mend.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import operating_characteristics as spells
from numpy.typing import NDArray
from shuffled_arms import panel_of

from ketadash.analyse import randomisation as shuffling
from ketadash.analyse.binary import Modelled, model_abstinence, model_heavy
from ketadash.analyse.curves import difference_on
from ketadash.analyse.filled_days import abstinent_days, complete
from ketadash.analyse.randomisation import DAY_BY_ARM, LAST_DAY, PERCENT_DAYS, Block, RandomisationProblem, Shuffled
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec, Estimator, Trend, Uncertainty
from ketadash.stats import randomisation as kernel
from ketadash.trial.panel import Panel

Array = NDArray[np.float64]
Ends = dict[str, tuple[float, float]]

TRIALS, SIZES, SHUFFLES, N_DAYS = 400, (40, 150), 99, 21
MANY, REPEATS = 2_000, 8  # people in a trial that shows what a model tends to, and such trials
RSPL_LAST, HEAVY = "last day by RSPL", "heavy day × arm by RSPL with AR(1)"
ROBUST = AnalysisSpec(missing=MissingRule.MISSING, uncertainty=Uncertainty.ROBUST)


def drawn(n: int, effect: float, rng: np.random.Generator) -> Panel:
    """A trial of n people as the product lays it out."""
    y, arm, base = spells.simulated(n, N_DAYS, effect, rng)
    return panel_of(1 - y, arm, base)


def truths(effect: float, rng: np.random.Generator) -> dict[str, float]:
    """The true differences of the last day and of the percent of days, from 400,000 people."""
    gaps = []
    for _ in range(20):
        y, arm, _ = spells.simulated(20_000, N_DAYS, effect, rng)
        gaps.append((y[arm == 1] - 0.0).mean(axis=0) - y[arm == 0].mean(axis=0))
    by_day = np.mean(gaps, axis=0)
    return {LAST_DAY: float(by_day[-1]), PERCENT_DAYS: float(by_day.mean())}


def limits(effect: float, rng: np.random.Generator) -> dict[str, float]:
    """What each pseudo-likelihood fit tends to."""
    found = [_estimates(drawn(MANY, effect, rng)) for _ in range(REPEATS)]
    return {name: float(np.mean([f[name] for f in found])) for name in found[0]}


def _fits(p: Panel) -> tuple[Modelled, Modelled]:
    return model_abstinence(p, ROBUST.replace(estimator=Estimator.RSPL)), model_heavy(p, ROBUST)


def _estimates(p: Panel) -> dict[str, float]:
    last, heavy = _fits(p)
    assert last.rows is not None
    gap = difference_on(last.rows, last.fitted, Trend.QUADRATIC, ROBUST, N_DAYS)
    return {
        RSPL_LAST: float(gap.estimate or 0.0),
        HEAVY: float(heavy.fitted.model.coefficient(DAY_BY_ARM).estimate or 0),
    }


def by_errors(p: Panel) -> Ends:
    """The intervals of both pseudo-likelihood fits, by the model's own errors and by robust ones."""
    last, heavy = _fits(p)
    ends: Ends = {}
    for kind, pick in (("model", lambda m: m.fitted.by_model), ("robust", lambda m: m.fitted)):
        fitted = pick(last)
        if last.rows is not None and fitted is not None and fitted.each:
            gap = difference_on(last.rows, fitted, Trend.QUADRATIC, ROBUST, N_DAYS)
            if gap.ci_low is not None and gap.ci_high is not None:
                ends[f"{RSPL_LAST}, {kind}"] = (gap.ci_low, gap.ci_high)
        fitted = pick(heavy)
        if fitted is not None and fitted.model.usable:
            c = fitted.model.coefficient(DAY_BY_ARM)
            if c.ci_low is not None and c.ci_high is not None:
                ends[f"{HEAVY}, {kind}"] = (c.ci_low, c.ci_high)
    return ends


def by_shuffling(p: Panel, shuffles: int, seed: int) -> Ends:
    """Both intervals that the product gives from shuffles."""
    spec = AnalysisSpec(missing=MissingRule.MISSING, shuffles=shuffles, seed=seed)
    problem, block = RandomisationProblem(p, spec), Block(0, shuffles)
    outcome = abstinent_days(p, spec)
    ys = complete(p, spec, outcome).ys
    near = shuffling.Starts(spec)
    pairs = []
    for active in (p.active, *problem.draws(block)):
        moved = replace(p, active=active)
        model = shuffling.abstinence_contrasts(moved, spec, outcome, ys, near).get(LAST_DAY, shuffling.NOTHING)
        pairs.append((model, shuffling._of_people(shuffling._percent_days(ys), active)))
    table = np.array(pairs).transpose(0, 2, 1)  # (shuffles + 1, 2, contrasts)
    blocks = [(block, Shuffled((LAST_DAY, PERCENT_DAYS), table[0], table[1:]))]
    ends: Ends = {}
    for k, name in enumerate((LAST_DAY, PERCENT_DAYS)):
        draws = kernel.studentised(table[1:, 0, k], table[1:, 1, k])
        interval, _ = shuffling._interval(problem, name, table[0, :, k], draws, blocks)
        if interval is not None:
            ends[name] = interval
    return ends


def cell(n: int, effect: float, trials: int, shuffles: int) -> dict[str, Any]:
    """Shares of intervals that hold the truth and the model's own limit, over trials of n people."""
    start, rng = time.perf_counter(), np.random.default_rng([spells.SEED, n, int(10 * effect), shuffles])
    truth, own = truths(effect, rng), limits(effect, rng) if effect else {}
    every = [
        by_errors(p) | by_shuffling(p, shuffles, k) for k, p in enumerate(drawn(n, effect, rng) for _ in range(trials))
    ]
    targets = {LAST_DAY: (truth[LAST_DAY], None), PERCENT_DAYS: (truth[PERCENT_DAYS], None)}
    for kind in ("model", "robust"):
        targets[f"{RSPL_LAST}, {kind}"] = (truth[LAST_DAY], own.get(RSPL_LAST))
        targets[f"{HEAVY}, {kind}"] = (None if effect else 0.0, own.get(HEAVY))
    return {
        "data": f"simulated spells, effect {effect:g}",
        "n": n,
        "days": N_DAYS,
        "trials": trials,
        "shuffles": shuffles,
        "truth": truth,
        "own_limit": own,
        "intervals": {name: _held([e[name] for e in every if name in e], trials, *at) for name, at in targets.items()},
        "seconds": round(time.perf_counter() - start, 1),
    }


def _held(ends: list[tuple[float, float]], trials: int, truth: float | None, own: float | None) -> dict[str, Any]:
    low, high = np.array(ends).T
    result: dict[str, Any] = {"none": trials - len(ends), "mean_width": round(float((high - low).mean()), 4)}
    for name, at in (("truth", truth), ("own_limit", own)):
        if at is not None:
            share = float(((low <= at) & (at <= high)).mean())
            result[f"holds_{name}_percent"] = round(100 * share, 2)
            result[f"{name}_binomial_se"] = round(100 * sqrt(share * (1 - share) / len(ends)), 2)
    return result


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    sizes = tuple(int(n) for n in sys.argv[2].split(",")) if len(sys.argv) > 2 else SIZES
    shuffles = int(sys.argv[3]) if len(sys.argv) > 3 else SHUFFLES
    for n in sizes:
        for effect in (0.0, spells.EFFECT):
            result = cell(n, effect, trials, shuffles)
            print(f"{result['data']}, n = {n}, {result['seconds']} s, own limits {result['own_limit']}", flush=True)
            for name, held in result["intervals"].items():
                print(f"  {name:45} {held}", flush=True)
            spells.write("intervals", result)


if __name__ == "__main__":
    main()
