"""A trial with sites, sexes and ages to stratify by and to adjust for."""

import io

import numpy as np
import pandas as pd

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, Trend
from ketadash.trial import load, resolve


def trial_of(people: pd.DataFrame, days: pd.DataFrame):
    text = [io.BytesIO(), io.BytesIO()]
    for frame, into in zip((days, people), text, strict=True):
        frame.to_csv(into, index=False)
    return load({"days.csv": text[0].getvalue(), "participants.csv": text[1].getvalue()})


def made(n=60, last=14, seed=3, **columns):
    """A trial of `n` people and columns of theirs; people drink in a way of their own, less in the active arm."""
    rng = np.random.default_rng(seed)
    ids, arm = [f"P{k:02d}" for k in range(n)], np.array(["placebo", "active"])[np.arange(n) % 2]
    own = rng.normal(0, 1.5, n) - 1.0 * (np.arange(n) % 2)
    rows = [
        (ids[i], arm[i], d, int(rng.random() < 1 / (1 + np.exp(-own[i]))) * rng.integers(1, 9))
        for i in range(n)
        for d in range(1, last + 1)
        if rng.random() > 0.05
    ]
    days = pd.DataFrame(rows, columns=["participant_id", "arm", "day", "drinks"])
    people = pd.DataFrame({"participant_id": ids, "arm": arm, "sex": np.array(["F", "M"])[rng.integers(0, 2, n)]})
    people = people.assign(
        site=rng.integers(1, 5, n), age=rng.integers(20, 70, n), baseline_drinks=rng.integers(10, 90, n), **columns
    )
    return trial_of(people, days)


def model(trial, **choices):
    spec = resolve(trial, AnalysisSpec(trend=Trend.LINEAR, **choices))[0]
    return analyse.abstinence_result(trial, spec)


def adjusted(trial, **choices):
    return analyse.adjusted_endpoints(trial, resolve(trial, AnalysisSpec(**choices))[0])
