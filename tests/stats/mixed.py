"""What the tests of the two mixed-model engines share: oracle data sets, designs and made-up trials."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from ketadash.stats import adaptive, glmm

ORACLE = Path(__file__).parents[1] / "oracle"


def oracle(name):
    return json.loads((ORACLE / f"{name}.json").read_text())


def days(name):
    return pd.read_csv(ORACLE / "datasets" / f"{name}.csv")


def design(d, model="linear"):
    """Columns in the order of tests/oracle/glmm_common.R: intercept, day, (day^2,) arm, day:arm, baseline."""
    square = [d.day**2] if model == "quadratic" else []
    return np.column_stack([np.ones(len(d)), d.day, *square, d.arm, d.day * d.arm, d.base]).astype(float)


def case_id(row):
    return "-".join(str(row[k]) for k in ("dataset", "model", "ar1") if k in row)


def numbers(values):
    """The values of an R named list, NaN for null."""
    return np.array([np.nan if v is None else v for v in values.values()], float)


def made_up(seed, n_people=16, n_days=12, sigma=1.2, absent=0.2):
    """A small unbalanced trial with the columns of the oracle's data sets."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n_people), n_days)
    d = pd.DataFrame({"id": person, "day": np.tile(np.arange(1, n_days + 1), n_people), "arm": person % 2})
    d["base"] = rng.normal(10, 3, n_people)[person]
    eta = 0.4 - 0.06 * d.day + 0.5 * d.arm + 0.05 * d.day * d.arm + rng.normal(0, sigma, n_people)[person]
    d["y"] = (rng.random(len(d)) < 1 / (1 + np.exp(-eta))).astype(int)
    return d[rng.random(len(d)) >= absent].reset_index(drop=True)


def swapped(beta):
    """Coefficients of (intercept, day, arm, day:arm, baseline) when the arms trade places."""
    b0, b_day, b_arm, b_day_arm, b_base = beta
    return np.array([b0 + b_arm, b_day + b_day_arm, -b_arm, -b_day_arm, b_base])


def fit_of(d, model="linear", **how):
    return glmm.fit(d.y, design(d, model), d.id, **how)


def blocks_of(d, X, penalty=None):
    layout = glmm.laid_out(X, d.id.to_numpy(), penalty)
    return adaptive.with_outcome(layout, d.y.to_numpy(float))
