"""How often each kind of interval is wrong: type I error and coverage of the models' errors and the robust ones.

    python benchmarks/operating_characteristics.py [REPLICATES [SIZE,… [WORDS]]]    400 and 40,80,150,570 unless said

prints a table and writes benchmarks/results/operating_characteristics.json, where cells that are not run now are kept;
with WORDS only those whose data have these words in their name.

The published kind of model (quadratic in time, baseline, random intercept, by quadrature) is fitted to

- real days (../shared/data, skipped without them) of n people drawn anew each time, their arms shuffled: whatever
  differs is chance, so a 5% test must reject in 5%;
- simulated days that come in spells (today's odds rest on yesterday's day), with people's own levels and slopes, with
  no effect and with one: the interval of the last day's difference must hold the true one in 95%.

Real days are also re-randomised, for every statistic of the test (`shuffled_arms`).

Where one arm is small, robust tests are made with t on participants less coefficients and on the number chosen.

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
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shuffled_arms
from engines import here
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from ketadash.core.choices.missing import MissingRule
from ketadash.core.errors import FitError
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
SMALL_ARMS = (
    (40, 3),
    (40, 4),
    (40, 6),
    (40, 8),
    (40, 20),
    (150, 3),
    (150, 5),
    (150, 20),
    (150, 30),
)  # people, and those of one arm
SHUFFLES = 19  # whatever their number the test is exact; few are enough to see that
SEED = 20261129


def simulated(n: int, n_days: int, effect: float, rng: np.random.Generator, n_active: int | None = None) -> Days:
    """Days in spells, with people's own levels (SD 1) and slopes (SD 0.06 a day)."""
    arm, base = _arms(n, rng, n_active), rng.normal(size=n)
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


def own_difference(n_days: int, effect: float, rng: np.random.Generator) -> float:
    """What the model itself would call the last day's difference with people without number: from 40,000."""
    gaps = []
    for _ in range(8):
        y, arm, base = simulated(5_000, n_days, effect, rng)
        gaps.append(float(_last_day(_fit(y, arm, base)[0], n_days, base).probability[0]))
    return float(np.mean(gaps))


def _arms(n: int, rng: np.random.Generator, n_active: int | None = None) -> Array:
    arm = np.zeros(n)
    arm[rng.permutation(n)[: round(n * ACTIVE) if n_active is None else n_active]] = 1
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


def one(days: Days, truth: float, own: float) -> dict[str, tuple[bool, ...]] | None:
    """Whether each method's 95% interval leaves out 0 for day × arm, and for the last day the truth and the difference
    that the model itself tends to; None: no fit.
    """
    y, arm, base = days
    f, X, n = _fit(y, arm, base)
    if not f.convergence.ok:
        return None
    df_between = robust.between_df((n - int(arm.sum()), int(arm.sum())), X.shape[1])
    gap = _last_day(f, y.shape[1], base)
    covariances = {"model": f.covariance}
    covariances |= {c.value: robust.sandwich(f.scores, f.informations, f.covariance, c, len(X)) for c in Correction}
    found = {}
    for name, covariance in covariances.items():
        slope = abs(f.beta[4]) / np.sqrt(covariance[4, 4])
        last, tends = (abs(gap.probability[0] - at) / gap.se(covariance)[0] for at in (truth, own))
        for quantile, df in (("z", np.inf), ("t", df_between)):
            q = stats.t.ppf(0.975, df)
            found[f"{name}, {quantile}"] = (bool(slope > q), bool(last > q), bool(tends > q))
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


def cells(replicates: int, sizes: tuple[int, ...] = SIZES, words: str = "") -> Iterator[dict[str, Any]]:
    """Each situation's shares of rejections, one at a time; those alone whose data have `words` in their name."""
    for n in sizes:
        n_days = 28 if n == SIZES[-1] else 21
        for effect in (e for e in (0.0, EFFECT) if words in _spells(e)):
            rng = np.random.default_rng([SEED, n, int(10 * effect)])
            truth = true_difference(n_days, effect, rng) if effect else 0.0
            own = own_difference(n_days, effect, np.random.default_rng([SEED, n_days])) if effect else 0.0

            def draw(n: int = n, t: int = n_days, e: float = effect, r: np.random.Generator = rng) -> Days:
                return simulated(n, t, e, r)

            yield _cell(_spells(effect), n, n_days, (truth, own), replicates, draw, rng)
        for rule in ("left out", "use") if REAL.exists() else ():
            if words not in _real(rule):
                continue
            rng = np.random.default_rng([SEED, n, len(rule)])
            y, base = real_days(28, rule == "use")

            def shuffled(n: int = n, y: Array = y, base: Array = base, r: np.random.Generator = rng) -> Days:
                who = r.permutation(len(y))[:n]
                return y[who], _arms(len(who), r), base[who]

            yield _cell(_real(rule), min(n, len(y)), 28, (0.0, 0.0), replicates, shuffled, rng)


def small_arm_cells(trials: int, words: str = "") -> Iterator[dict[str, Any]]:
    """How often a robust 5% test rejects where nothing differs and one arm is small, by its degrees of freedom."""
    for n, n_active in SMALL_ARMS:
        for data in (_spells(0.0), *((_real("left out"), _real("use")) if REAL.exists() else ())):
            if words not in (name := f"{data}, {n_active} in the small arm"):
                continue
            start, rng = time.perf_counter(), np.random.default_rng([SEED, n, n_active, len(data)])
            pool = None if data == _spells(0.0) else real_days(28, data == _real("use"))
            found = []
            for _ in range(trials):
                if pool is None:
                    days = simulated(n, 21, 0.0, rng, n_active)
                else:
                    who = rng.permutation(len(pool[0]))[:n]
                    days = pool[0][who], _arms(n, rng, n_active), pool[1][who]
                found.append(_by_df(days))
            methods, failed = _shares(found)
            seconds = round(time.perf_counter() - start, 1)
            yield {"data": name, "n": n, "trials": trials, "failed": failed, "methods": methods, "seconds": seconds}


def _by_df(days: Days) -> dict[str, tuple[bool, ...]] | None:
    """Whether the robust interval leaves out 0 for day × arm and the last day, by each number of degrees of freedom."""
    y, arm, base = days
    f, X, n = _fit(y, arm, base)
    if not f.convergence.ok or not np.isfinite(f.covariance).all():
        return None
    try:
        covariance = robust.sandwich(f.scores, f.informations, f.covariance, robust.CHOSEN, len(X))
    except FitError:
        return None
    gap = _last_day(f, y.shape[1], base)
    t = abs(f.beta[4]) / np.sqrt(covariance[4, 4]), abs(gap.probability[0]) / gap.se(covariance)[0]
    k, sizes = X.shape[1], (n - int(arm.sum()), int(arm.sum()))
    by_name = {"participants − coefficients": n - k, "chosen": robust.between_df(sizes, k)}
    return {name: tuple(bool(at > stats.t.ppf(0.975, df)) for at in t) for name, df in by_name.items()}


def rerandomised_cells(tests: int, sizes: tuple[int, ...] = SIZES, words: str = "") -> Iterator[dict[str, Any]]:
    """How often each statistic of the re-randomisation rejects on real days whose arms were shuffled."""
    rules = {"left out": MissingRule.MISSING, "use": MissingRule.NONABSTINENT}
    for n in sizes if REAL.exists() else ():
        for name, rule in rules.items():
            if words not in (data := f"real days re-randomised, missing {name}"):
                continue
            rng = np.random.default_rng([SEED, n, len(name), shuffled_arms.ALLOCATIONS])
            y, base = real_days(28, name == "use")

            def draw(n: int = n, y: Array = y, base: Array = base, r: np.random.Generator = rng) -> Days:
                who = r.permutation(len(y))[:n]
                return 1 - y[who], _arms(len(who), r), base[who]

            yield shuffled_arms.cell(data, min(n, len(y)), tests, draw, rule)


def _spells(effect: float) -> str:
    return f"simulated spells, effect {effect:g}"


def _real(rule: str) -> str:
    return f"real days, missing {rule}, arms shuffled"


def _cell(
    data: str,
    n: int,
    n_days: int,
    differences: tuple[float, float],
    replicates: int,
    draw: Callable[[], Days],
    rng: np.random.Generator,
) -> dict[str, Any]:
    start, (truth, own) = time.perf_counter(), differences
    methods, failed = _shares([one(draw(), truth, own) for _ in range(replicates)])
    if n == SIZES[0] and not truth:
        methods |= _shares([rerandomised(draw(), rng) for _ in range(replicates)])[0]
    return {
        "data": data,
        "n": n,
        "days": n_days,
        "true_difference": truth,
        "own_difference": own,
        "replicates": replicates,
        "failed": failed,
        "methods": methods,
        "seconds": round(time.perf_counter() - start, 1),
    }


EXCLUDED = ("day:arm excludes 0", "last_day_difference excludes truth", "last_day_difference excludes the model's own")


def _shares(found: Sequence[dict[str, tuple[bool, ...]] | None]) -> tuple[dict[str, Any], int]:
    """By method the share of intervals that leave out each of `EXCLUDED`, as far as the method was asked."""
    made = [f for f in found if f is not None]
    shares: dict[str, Any] = {
        name: {"n": len(made)}
        | dict(zip(EXCLUDED, np.mean([f[name] for f in made], axis=0).round(4).tolist(), strict=False))
        for name in (made[0] if made else ())
    }
    return shares, len(found) - len(made)


def main() -> None:
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    sizes = tuple(int(n) for n in sys.argv[2].split(",")) if len(sys.argv) > 2 else SIZES
    words = sys.argv[3] if len(sys.argv) > 3 else ""
    for cell in cells(replicates, sizes, words):
        print(f"{cell['data']}, n = {cell['n']}, {cell['seconds']} s, {cell['failed']} failed", flush=True)
        for name, m in cell["methods"].items():
            mark = "  <- chosen" if name == f"{robust.CHOSEN.value}, t" else ""
            values = [f"{v:7.3f}" for k, v in m.items() if k != "n"]
            print(f"  {name:22} {' '.join(values)}{mark}", flush=True)
        write("cells", cell)
    for cell in rerandomised_cells(replicates, sizes, words):
        print(f"{cell['data']}, n = {cell['n']}, {cell['seconds']} s", flush=True)
        for name, m in cell["statistics"].items():
            print(f"  {name:24} {m}", flush=True)
        write("rerandomised", cell)
    for cell in small_arm_cells(replicates, words):
        print(f"{cell['data']} of {cell['n']}, {cell['seconds']} s, {cell['failed']} failed", flush=True)
        for name, m in cell["methods"].items():
            print(f"  {name:28} {m}", flush=True)
        write("small arms", cell)


def write(kind: str, cell: dict[str, Any]) -> None:
    """Put a cell into the file, in the place of the same one of an earlier run."""
    path = HERE / "results" / "operating_characteristics.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    tables = {name: before.get(name, []) for name in ("cells", "rerandomised", "intervals", "small arms")}
    kept = [c for c in tables[kind] if (c["data"], c["n"]) != (cell["data"], cell["n"])]
    tables[kind] = sorted([*kept, cell], key=lambda c: (c["data"], c["n"]))
    result = {"date": date.today().isoformat(), "machine": here(), "seed": SEED, "chosen": robust.CHOSEN}
    path.write_text(json.dumps(result | tables, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
