"""How often intervals of population-averaged curves hold the truth for people in general, not only for these people.

    python benchmarks/standardised_coverage.py [TRIALS [SIZE,…]]    1000 and 40,150 unless said

prints a table and writes benchmarks/results/standardised_coverage.json.

Days come from the logistic random-intercept model that is fitted (σ 1, linear trend), with a baseline that foretells
them strongly: 1.5 in log-odds per SD.  Every trial has other people.  The truth is the model's own, averaged over the
normal baseline and intercept.  "fixed" takes the participants as given (the delta method alone), "other people" is the
product's interval by the model's own errors, "robust" the one clustered by participant
(`docs/methods/population-average.md`).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ketadash.stats import glmm, robust
from ketadash.stats.marginal import Predicted, interval, population_averaged
from ketadash.stats.quadrature import logistic_normal
from ketadash.stats.wald import normal_quantile, t_quantile

Array = NDArray[np.float64]

RESULTS = Path(__file__).parent / "results" / "standardised_coverage.json"
TRIALS, SIZES, N_DAYS, SEED = 1000, (40, 150), 21, 20261129
BETA = np.array([0.6, -0.05, 0.3, 0.03, 1.5])  # intercept, day, arm, day × arm, baseline per SD
SIGMA = 1.0
CURVES = ("control", "active", "difference")
KINDS = ("fixed", "other people", "robust")


def design(day: Array, arm: Array, base: Array) -> Array:
    """The columns of the model."""
    return np.stack([np.ones_like(base), day, arm, day * arm, base], axis=-1)


def truth() -> tuple[float, float, float]:
    """Both arms' probability on the last day, and the difference; baseline and intercept are normal together."""
    sd = float(np.hypot(BETA[-1], SIGMA))
    eta = np.array([BETA[0] + N_DAYS * BETA[1] + k * (BETA[2] + N_DAYS * BETA[3]) for k in (0, 1)])
    control, active = (float(p) for p in logistic_normal(eta, sd)[0])
    return control, active, active - control


def trial(n: int, rng: np.random.Generator) -> dict[str, dict[str, tuple[float, float, float, float]]] | None:
    """Estimate, error and interval on the last day by curve and kind; None where the fit has no finite answer."""
    arm, base = rng.permutation(np.arange(n) % 2).astype(float), rng.normal(size=n)
    who, day = np.repeat(np.arange(n), N_DAYS), np.tile(np.arange(1.0, N_DAYS + 1), n)
    X = design(day, arm[who], base[who])
    y = (rng.random(len(day)) < expit(X @ BETA + SIGMA * rng.normal(size=n)[who])).astype(float)
    f = glmm.fit(y, X, who, with_informations=True)
    if f.separated or not np.isfinite(f.covariance).all() or f.informations is None:
        return None
    share, last = np.full(n, 1 / n), np.full(n, float(N_DAYS))
    control, active = (
        population_averaged(f.beta, f.sigma, design(last, np.full(n, k), base)[None], share) for k in (0.0, 1.0)
    )
    each = robust.influences(f.scores, f.informations, f.covariance, robust.CHOSEN)
    df = robust.between_df((int((arm == 0).sum()), int(arm.sum())), len(BETA))
    curves = dict(zip(CURVES, (control, active, active - control), strict=True))
    return {name: _intervals(name, q, f.covariance, each, n, df) for name, q in curves.items()}


def _intervals(
    name: str, q: Predicted, V: Array, influence: Array, n: int, df: int
) -> dict[str, tuple[float, float, float, float]]:
    people = np.arange(n)
    errors = {
        "fixed": (q.se(V), normal_quantile(0.95)),
        "other people": (np.sqrt(q.variance(V, people)), normal_quantile(0.95)),
        "robust": (np.sqrt(q.variance(V, people, influence)), float(t_quantile(0.95, df))),
    }
    found = {}
    for kind, (se, quantile) in errors.items():
        p = q.probability
        low, high = (p - quantile * se, p + quantile * se) if name == "difference" else interval(p, se, quantile)
        found[kind] = (float(p[0]), float(se[0]), float(low[0]), float(high[0]))
    return found


def cell(n: int, trials: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """One row a curve and kind: coverage, its Monte Carlo error, the mean standard error, the SD of the estimates."""
    found = [t for t in (trial(n, rng) for _ in range(trials)) if t is not None]
    rows = []
    for name, true in zip(CURVES, truth(), strict=True):
        for kind in KINDS:
            table = np.array([t[name][kind] for t in found])
            held = float(((table[:, 2] <= true) & (true <= table[:, 3])).mean())
            rows.append(
                {
                    "n": n,
                    "trials": len(found),
                    "curve": name,
                    "kind": kind,
                    "coverage": held,
                    "monte_carlo_se": float(np.sqrt(held * (1 - held) / len(found))),
                    "mean_se": float(table[:, 1].mean()),
                    "sd": float(table[:, 0].std(ddof=1)),
                    "bias": float(table[:, 0].mean() - true),
                }
            )
    return rows


def main() -> None:
    """Run, print and write."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    sizes = tuple(int(s) for s in sys.argv[2].split(",")) if len(sys.argv) > 2 else SIZES
    rows = [row for n in sizes for row in cell(n, trials, np.random.default_rng([SEED, n]))]
    for r in rows:
        print(
            f"{r['n']:>4} {r['curve']:<10} {r['kind']:<13} held {100 * r['coverage']:5.1f}% "
            f"(± {100 * r['monte_carlo_se']:.1f})  mean SE {r['mean_se']:.4f}  SD {r['sd']:.4f}  bias {r['bias']:+.4f}"
        )
    RESULTS.write_text(json.dumps({"seed": SEED, "days": N_DAYS, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
