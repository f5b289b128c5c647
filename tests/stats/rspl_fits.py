"""Pseudo-likelihood fits of the oracle's data sets and of made-up trials whose two cold starts part."""

import numpy as np
import pytest
from mixed import design, made_up, oracle

from ketadash.stats import pql, pql_design

REFERENCE = oracle("rspl")["fits"]  # tests/oracle/rspl.R; `starts` is the direct engine (see the README there)
SOLVED = [r for r in REFERENCE if any(s["status"] == "converged" for s in r["starts"].values())]


def fitted(d, model="linear", **how):
    return pql.fit(d.y, design(d, model), d.id, d.day, **how)


# made-up trials on which the two cold starts part: to σ = 0 with a high ρ, or away altogether
PARTING = {6: (20, 10, 5), 1353: (20, 10, 5)}
RUNNING_AWAY = {207: (10, 28, 8), 273: (10, 28, 3)}
REJOINING = {91: (20, 28, 8), 142: (20, 10, 5), 215: (40, 28, 8)}  # one start comes by σ = 0, a saddle there


def parting(seed):
    n_people, n_days, sigma = {**PARTING, **RUNNING_AWAY, **REJOINING}[seed]
    return made_up(seed, n_people=n_people, n_days=n_days, sigma=sigma)


def rows_of(d, model="linear"):
    return pql_design.design(d.y.to_numpy(float), design(d, model), d.id.to_numpy(), d.day.to_numpy(float))


def same(f, g, abs_=1e-7):
    scale = np.sqrt(np.diag(f.covariance))
    assert np.abs(g.beta - f.beta) / scale == pytest.approx(0, abs=abs_)
    assert (g.sigma, g.scale) == pytest.approx((f.sigma, f.scale), abs=abs_)
