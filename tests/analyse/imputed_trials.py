"""Trials with days to impute, and their results under a rule."""

import numpy as np
import pandas as pd
from trials import document, frame

from ketadash import analyse
from ketadash.analyse.binary import abstinence_fit
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.trial import resolve

INF = float("inf")
IMOR = MissingRule.IMOR
REFERENCE_RULES = (MissingRule.JUMP_TO_REFERENCE, MissingRule.COPY_REFERENCE)
RESULTS = ("abstinence", "heavy", "nnt")


def resolved(t, **changes):
    return resolve(t, AnalysisSpec(**changes))[0]


def abstinence(t, **changes):
    return analyse.abstinence_result(t, resolved(t, **changes))


def imor(t, control=1.0, active=1.0, **changes):
    return abstinence(t, missing=IMOR, imor_control=control, imor_active=active, **changes)


def completed_days(t, **changes):
    """The completed days by participant, {id: (k, T)}, as the abstinence model has them."""
    spec = resolved(t, **changes)
    p, ys = analyse.panel_of(t, spec), abstinence_fit(t, spec).days.ys
    return {i: ys[:, k] for k, i in enumerate(p.participant_ids)}


def last_difference(r):
    return r.difference[-1].probability


def numbers(t, spec, *wanted):
    """The results without what says in words what a missing day is."""
    found = document(t, spec, *wanted)
    for n in found.get("nnt", {}).values():
        n.pop("definition")
    return found


def leaving(seed, n_people=30, n_days=10):
    """A trial of which half the participants leave, and in which the drug makes six drinking days in ten dry."""
    d = frame(seed, n_people, n_days)
    rng = np.random.default_rng(1000 + seed)
    drug = d.arm == "drug"
    d["drinks"] = d.drinks.mask(drug & (rng.random(len(d)) < 0.6) & d.drinks.notna(), 0)
    last = pd.Series(np.where(rng.random(n_people) < 0.5, rng.integers(2, n_days, n_people), n_days))
    d["drinks"] = d.drinks.mask(d.day > last[d.participant_id.str[1:].astype(int)].to_numpy())
    return d
