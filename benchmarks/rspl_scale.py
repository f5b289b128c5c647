"""What a free scale φ does to RSPL on yes/no days: coverage and type I error with φ estimated and with φ fixed at 1.

    python -m benchmarks.rspl_scale [REPLICATES]

Days are drawn from the model that is fitted: a random intercept, independent days given it, a linear trend and no
effect of the arm on it.  So every interval should hold the truth in 95 of 100 trials.  The table is in
docs/methods/rspl.md.
"""

from __future__ import annotations

import sys

import numpy as np

from ketadash.core.errors import FitError
from ketadash.stats import pql
from ketadash.stats.wald import containment_df, t_test

SIZES = ((40, 21), (150, 21))
SDS = (1.0, 2.0, 4.0)
BETA = np.array([-1.0, -0.02, 0.3, 0.0])  # intercept, day, arm, day × arm


def trial(rng: np.random.Generator, people: int, days: int, sd: float) -> tuple[np.ndarray, ...]:
    """Outcome, columns, participant and day of one trial."""
    person, day = np.repeat(np.arange(people), days), np.tile(np.arange(1.0, days + 1), people)
    arm = (person % 2).astype(float)
    X = np.column_stack([np.ones_like(day), day, arm, day * arm])
    eta = X @ BETA + rng.normal(0, sd, people)[person]
    return (rng.random(len(day)) < 1 / (1 + np.exp(-eta))).astype(float), X, person, day


def coverage(people: int, days: int, sd: float, replicates: int, seed: int = 1) -> dict[bool, tuple[float, float, int]]:
    """By whether φ is free: the share of 95% intervals of day × arm that hold 0, mean φ, and fits that failed."""
    rng, held, scales, failed = np.random.default_rng(seed), {}, {}, {True: 0, False: 0}
    held, scales = {True: [], False: []}, {True: [], False: []}
    for _ in range(replicates):
        y, X, person, day = trial(rng, people, days, sd)
        for free in (True, False):
            try:
                f = pql.fit(y, X, person, day, ar1=True, free_scale=free)
            except FitError:
                failed[free] += 1
                continue
            if f.separated or not f.convergence.ok:
                failed[free] += 1
                continue
            _, _, low, high = t_test(
                float(f.beta[3]), float(np.sqrt(f.covariance[3, 3])), containment_df(X, person), 0.95
            )
            if low is None or high is None:
                failed[free] += 1
                continue
            held[free].append(low <= BETA[3] <= high)
            scales[free].append(f.scale)
    return {free: (float(np.mean(held[free])), float(np.mean(scales[free])), failed[free]) for free in (True, False)}


def main(replicates: int) -> None:
    """Print the table."""
    print("| people × days | SD of the intercept | φ estimated (mean φ) | φ fixed at 1 | Monte Carlo SE |")
    print("|---|---|---|---|---|")
    for people, days in SIZES:
        for sd in SDS:
            result = coverage(people, days, sd, replicates)
            (free, scale, lost), (fixed, _, lost_fixed) = result[True], result[False]
            note = f"; {lost} and {lost_fixed} fits failed" if lost or lost_fixed else ""
            error = 100 * np.sqrt(0.95 * 0.05 / replicates)
            print(
                f"| {people} × {days} | {sd:g} | {100 * free:.1f}% ({scale:.2f}) | {100 * fixed:.1f}%{note} "
                f"| {error:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
