"""How often each kind of interval is wrong: type I error and coverage of the models' errors and the robust ones.

    python benchmarks/operating_characteristics.py [REPLICATES [SIZE,…]]    400 and 40,80,150,570 unless said

prints a table and writes benchmarks/results/operating_characteristics.json, where sizes that are not run now are kept.

The published kind of model (quadratic in time, baseline, random intercept, by quadrature) is fitted to

- real days (../shared/data, skipped without them) of n people drawn anew each time, their arms shuffled: whatever
  differs is chance, so a 5% test must reject in 5%;
- simulated days that come in spells (today's odds rest on yesterday's day), with people's own levels and slopes, with
  no effect and with one: the interval of the last day's difference must hold the true one in 95%.

Robust errors are computed with every correction and quantile that `ketadash.stats.robust` has to choose from; the one
it chose is marked.  At n = 40 arms are also re-randomised: the share of shuffles as far out as what was observed,
studentised by the CR1 sandwich.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from engines import here
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from ketadash.stats import glmm, robust
from ketadash.stats.marginal import Predicted, population_averaged
from ketadash.stats.robust import Correction

Array = NDArray[np.float64]
Days = tuple[Array, Array, Array]  # abstinent (n, T), NaN unknown; arm and baseline (n,)

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[1] / "shared" / "data" / "ctn0051_days.csv.gz"
SIZES = (40, 80, 150, 570)
ACTIVE = 17 / 40  # of everyone, as in the published trial
EFFECT = 0.8  # log-odds a day, given the day before
SHUFFLES = 19  # whatever their number the test is exact; few are enough to see that
SEED = 20261129


def simulated(n: int, n_days: int, effect: float, rng: np.random.Generator) -> Days:
    """Days in spells, with people's own levels (SD 1) and slopes (SD 0.06 a day)."""
    arm, base = _arms(n, rng), rng.normal(size=n)
    level, slope = rng.normal(size=n), rng.normal(0, 0.06, n)
    eta = (level - 0.4 * base - 0.6 + effect * arm)[:, None] + slope[:, None] * (np.arange(n_days) - (n_days - 1) / 2)
    y, before = np.zeros((n, n_days)), rng.random(n) < expit(eta[:, 0] + 0.6)
    for t in range(n_days):
        before = rng.random(n) < expit(eta[:, t] - 1.2 + 2.4 * before)
        y[:, t] = before
    return y, arm, base


def true_difference(n_days: int, effect: float, rng: np.random.Generator) -> float:
    """The last day's difference between the arms, from 400,000 people."""
    gaps = []
    for _ in range(20):
        y, arm, _ = simulated(20_000, n_days, effect, rng)
        gaps.append(y[arm == 1, -1].mean() - y[arm == 0, -1].mean())
    return float(np.mean(gaps))


def _arms(n: int, rng: np.random.Generator) -> Array:
    arm = np.zeros(n)
    arm[rng.permutation(n)[: round(n * ACTIVE)]] = 1
    return arm


def real_days(n_days: int, counted_as_use: bool) -> tuple[Array, Array]:
    """Days of the real trial without opioids, and baseline; missing days are use, or left out."""
    d = pd.read_csv(REAL)
    people = d.drop_duplicates("participant_id").sort_values("participant_id")
    use = d[d.day <= n_days].pivot(index="participant_id", columns="day", values="opioid").to_numpy(float)
    base = people.baseline_opioid_days.fillna(people.baseline_opioid_days.mean()).to_numpy(float)
    y = 1 - (np.nan_to_num(use, nan=1.0) if counted_as_use else use)
    known = ~np.isnan(y).all(axis=1)
    return y[known], base[known]


def _columns(n_days: int, arm: Array, base: Array) -> Array:
    """(n, T, p): intercept, day, day², arm, day × arm, baseline."""
    day, arm, base = np.broadcast_arrays(np.arange(1.0, n_days + 1), arm[:, None], base[:, None])
    return np.stack([np.ones_like(day), day, day**2, arm, day * arm, base], axis=-1)


def _fit(y: Array, arm: Array, base: Array) -> tuple[glmm.GlmmFit, Array, int]:
    known = ~np.isnan(y)
    X, group = _columns(y.shape[1], arm, base)[known], np.nonzero(known)[0]
    return glmm.fit(y[known], X, group, with_informations=True), X, len(np.unique(group))


def _last_day(f: glmm.GlmmFit, n_days: int, base: Array) -> Predicted:
    """Population-averaged difference on the last day."""
    one = np.ones(len(base))
    control, active = (
        population_averaged(f.beta, f.sigma, _columns(n_days, a * one, base)[None, :, -1], one / len(one))
        for a in (0.0, 1.0)
    )
    return Predicted(active.probability - control.probability, active.gradient - control.gradient)


def one(days: Days, truth: float) -> dict[str, tuple[bool, bool]] | None:
    """Whether each method's 95% interval leaves out 0 for day × arm, and the truth for the last day; None: no fit."""
    y, arm, base = days
    f, X, n = _fit(y, arm, base)
    if not f.convergence.ok:
        return None
    gap = _last_day(f, y.shape[1], base)
    covariances = {"model": f.covariance}
    covariances |= {c.value: robust.sandwich(f.scores, f.informations, f.covariance, c, len(X)) for c in Correction}
    found = {}
    for name, covariance in covariances.items():
        slope = abs(f.beta[4]) / np.sqrt(covariance[4, 4])
        last = abs(gap.probability[0] - truth) / gap.se(covariance)[0]
        for quantile, df in (("z", np.inf), ("t", robust.between_df(n, X.shape[1]))):
            q = stats.t.ppf(0.975, df)
            found[f"{name}, {quantile}"] = (bool(slope > q), bool(last > q))
    return found


def rerandomised(days: Days, rng: np.random.Generator) -> dict[str, tuple[bool, bool]] | None:
    """Whether the observed arms lie among the outermost 5% of shuffled ones, in either contrast."""
    y, arm, base = days
    known = ~np.isnan(y)
    group, statistics = np.nonzero(known)[0], []
    for k in range(SHUFFLES + 1):
        shuffled = rng.permutation(arm) if k else arm
        f = glmm.fit(y[known], _columns(y.shape[1], shuffled, base)[known], group)
        if not f.convergence.ok:
            if not k:
                return None
            continue
        covariance, gap = robust.clustered(f.scores, f.covariance), _last_day(f, y.shape[1], base)
        slope = abs(f.beta[4]) / np.sqrt(covariance[4, 4])
        statistics.append((slope, abs(gap.probability[0]) / gap.se(covariance)[0]))
    at = np.array(statistics)
    p = (at >= at[0]).mean(axis=0)
    return {"re-randomisation": (bool(p[0] <= 0.05), bool(p[1] <= 0.05))}


def cells(replicates: int, sizes: tuple[int, ...] = SIZES) -> Iterator[dict[str, Any]]:
    """Each situation's shares of rejections, one at a time."""
    for n in sizes:
        n_days = 28 if n == SIZES[-1] else 21
        for effect in (0.0, EFFECT):
            rng = np.random.default_rng([SEED, n, int(10 * effect)])
            truth = true_difference(n_days, effect, rng) if effect else 0.0

            def draw(n: int = n, t: int = n_days, e: float = effect, r: np.random.Generator = rng) -> Days:
                return simulated(n, t, e, r)

            yield _cell(f"simulated spells, effect {effect:g}", n, n_days, truth, replicates, draw, rng)
        for rule in ("left out", "use") if REAL.exists() else ():
            rng = np.random.default_rng([SEED, n, len(rule)])
            y, base = real_days(28, rule == "use")

            def shuffled(n: int = n, y: Array = y, base: Array = base, r: np.random.Generator = rng) -> Days:
                who = r.permutation(len(y))[:n]
                return y[who], _arms(len(who), r), base[who]

            yield _cell(f"real days, missing {rule}, arms shuffled", min(n, len(y)), 28, 0.0, replicates, shuffled, rng)


def _cell(
    data: str,
    n: int,
    n_days: int,
    truth: float,
    replicates: int,
    draw: Callable[[], Days],
    rng: np.random.Generator,
) -> dict[str, Any]:
    start = time.perf_counter()
    methods, failed = _shares([one(draw(), truth) for _ in range(replicates)])
    if n == SIZES[0] and not truth:
        methods |= _shares([rerandomised(draw(), rng) for _ in range(replicates)])[0]
    return {
        "data": data,
        "n": n,
        "days": n_days,
        "true_difference": truth,
        "replicates": replicates,
        "failed": failed,
        "methods": methods,
        "seconds": round(time.perf_counter() - start, 1),
    }


def _shares(found: list[dict[str, tuple[bool, bool]] | None]) -> tuple[dict[str, Any], int]:
    """By method the share of intervals that leave out 0 (day × arm) and the truth (the last day's difference)."""
    made = [f for f in found if f is not None]
    shares = {
        name: {
            "n": len(made),
            "day:arm excludes 0": round(float(np.mean([f[name][0] for f in made])), 4),
            "last_day_difference excludes truth": round(float(np.mean([f[name][1] for f in made])), 4),
        }
        for name in (made[0] if made else ())
    }
    return shares, len(found) - len(made)


def main() -> None:
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    sizes = tuple(int(n) for n in sys.argv[2].split(",")) if len(sys.argv) > 2 else SIZES
    for cell in cells(replicates, sizes):
        print(f"{cell['data']}, n = {cell['n']}, {cell['seconds']} s, {cell['failed']} failed", flush=True)
        for name, m in cell["methods"].items():
            mark = "  <- chosen" if name == f"{robust.CHOSEN.value}, t" else ""
            values = [f"{v:7.3f}" for k, v in m.items() if k != "n"]
            print(f"  {name:22} {' '.join(values)}{mark}", flush=True)
        _write(cell)


def _write(cell: dict[str, Any]) -> None:
    """Put a cell into the file, in the place of the same one of an earlier run."""
    path = HERE / "results" / "operating_characteristics.json"
    before = json.loads(path.read_text(encoding="utf-8"))["cells"] if path.exists() else []
    kept = [c for c in before if (c["data"], c["n"]) != (cell["data"], cell["n"])]
    table = sorted([*kept, cell], key=lambda c: (c["data"], c["n"]))
    result = {"date": date.today().isoformat(), "machine": here(), "seed": SEED, "chosen": robust.CHOSEN}
    path.write_text(json.dumps(result | {"cells": table}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
