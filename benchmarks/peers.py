"""What statsmodels and lifelines take for the rows of `engines.py`, in the same run; each with what it computes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketadash.stats import survival

Array = NDArray[np.float64]
Timed = Callable[[Callable[[], Any], int], tuple[dict[str, Any], Any]]  # seconds, and the last result

# For each the engine it stands beside, and what it computes.
PEERS = {
    "lme4::glmer, nAGQ = 25": ("quadrature", "the same likelihood at 25 nodes for everyone"),
    "ordinal::clmm, nAGQ = 25": ("quadrature", "the same likelihood at 25 nodes, as an ordinal model of two levels"),
    "loop around nlme::lme": ("RSPL", "the same RSPL, one start, to 1e-6"),
    "survival: survfit, survdiff, coxph": ("relapse", "the same curves, log-rank test and Cox model"),
    "statsmodels BinomialBayesMixedGLM, fit_map": ("quadrature", "a posterior mode under priors; no −2 log L"),
    "statsmodels BinomialBayesMixedGLM, fit_vb": ("quadrature", "a variational approximation of that posterior"),
    "statsmodels GEE, exchangeable": ("quadrature", "population-averaged odds, robust SEs: another estimand"),
    "lifelines: KaplanMeierFitter, logrank_test, CoxPHFitter": ("relapse", "the same curves, log-rank and Cox model"),
}


def mixed(y: Array, X: Array, group: Array, timed: Timed, repeats: int) -> list[dict[str, Any]]:
    """statsmodels on the rows of the quadrature fit; X has the intercept first."""
    import statsmodels.api as sm
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    scaled = np.column_stack([X[:, 0], (X[:, 1:] - X[:, 1:].mean(axis=0)) / X[:, 1:].std(axis=0)])
    person = (np.unique(group)[None, :] == group[:, None]).astype(float)

    def bayes() -> Any:
        return BinomialBayesMixedGLM(y, scaled, person, np.zeros(person.shape[1], int), vcp_p=2, fe_p=5)

    runs: dict[str, Callable[[], Any]] = {
        "statsmodels BinomialBayesMixedGLM, fit_map": lambda: bayes().fit_map(),
        "statsmodels BinomialBayesMixedGLM, fit_vb": lambda: bayes().fit_vb(),
        "statsmodels GEE, exchangeable": lambda: sm.GEE(
            y, scaled, group, family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable()
        ).fit(),
    }
    few = person.shape[1] < 100  # the Bayesian ones take minutes for hundreds of people
    return [{"peer": peer, **timed(run, repeats)[0]} for peer, run in runs.items() if few or "GEE" in peer]


def ours_relapse(time: Array, event: Array, active: Array) -> Any:
    """Curves of both arms, log-rank and Cox: what both peers of it do."""
    for arm in (active, ~active):
        survival.kaplan_meier(time[arm], event[arm])
    survival.logrank(time, event, active)
    return survival.cox(time, event, active)


def lifelines_relapse(time: Array, event: Array, active: Array, timed: Timed, repeats: int) -> dict[str, Any]:
    """The same by lifelines."""
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import logrank_test

    d = pd.DataFrame({"time": time, "event": event, "active": active.astype(float)})

    def run() -> Any:
        for arm in (active, ~active):
            KaplanMeierFitter().fit(time[arm], event[arm])
        logrank_test(time[active], time[~active], event[active], event[~active])
        return CoxPHFitter().fit(d, "time", "event")

    return {"peer": "lifelines: KaplanMeierFitter, logrank_test, CoxPHFitter", **timed(run, repeats)[0]}


def quietly(run: Callable[[], Any]) -> Any:
    """Peers warn about their own approximations; what matters here is their time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run()
