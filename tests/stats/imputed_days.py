"""Days laid out for imputation, their random numbers, and draws from a fit."""

from functools import cache

import numpy as np
from mixed import days, design, made_up

from ketadash.stats import glmm
from ketadash.stats.imputation import draw, streams


@cache
def laid_out(name, seed=0, sigma=1.2):
    """(y, X, fit): outcome (G, T) with NaN where missing, the design (G, T, p), and the fit to the known days."""
    if name == "imp_trial40":
        d = days(name)
    else:
        d = made_up(seed, absent=0, sigma=sigma, n_people=40 if name == "alike" else 16)
        rng = np.random.default_rng(100 + seed)
        d["y"] = d.y.astype(float).mask((rng.random(len(d)) < 0.25) & (d.id != 3))  # 3 has every day
        d.loc[d.id.isin([4, 5]), "y"] = np.nan  # and these none
    known = d.y.notna()
    fit = glmm.fit(d.y[known], design(d[known]), d.id[known])
    shape = (d.id.nunique(), d.day.nunique())
    return d.y.to_numpy(float).reshape(shape), design(d).reshape(*shape, -1), fit


def streams_of(y, m, seed=1, q=6, people=None):
    ids = [f"P{i}" for i in (range(len(y)) if people is None else people)]
    return streams(ids, np.isnan(y), q, m, seed)


def draws_of(y, X, fit, m=20, seed=1):
    return draw(fit, y, X, X, streams_of(y, m, seed))


SEEDS = (1, 2, 3)  # σ is estimated above 0 in each
