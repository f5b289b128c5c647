"""R's data sets of times with a competing event, and made-up ones."""

from pathlib import Path

import numpy as np

ORACLE = Path(__file__).parents[1] / "oracle"


# Exact algebra on both sides: only rounding differs (R writes 15 digits; seen: 8e-15 relative, 1e-15 absolute).
EXACT = 1e-12


def load(name):
    d = np.loadtxt(ORACLE / "datasets" / f"comp_{name}.csv", delimiter=",", skiprows=1, dtype=int)
    return d[:, 0], d[:, 1], d[:, 2] == 1


def arm_of(name, arm):
    time, cause, active = load(name)
    members = active == (arm == "active")
    return time[members], cause[members]


def simulate(rng, n, relapse, dropout, last=21):
    t = np.ceil(rng.exponential(1 / (relapse + dropout), n))
    end = np.where(rng.random(n) < 0.3, rng.integers(1, last + 1, n), last)
    cause = np.where(rng.random(n) < relapse / (relapse + dropout), 1, 2)
    return np.minimum(t, end), np.where(t <= end, cause, 0)
