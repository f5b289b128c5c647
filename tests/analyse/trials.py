"""Small made-up trials, the sample, and a comparison of whole results."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash import analyse
from ketadash.core import paths
from ketadash.core.spec import AnalysisSpec
from ketadash.export.analysis_json import analysis
from ketadash.trial import load, resolve


def frame(seed=0, n_people=16, n_days=10, absent=0.15):
    """Days of a made-up trial (placebo and drug), with sex and both baselines."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n_people), n_days)
    day, drug = np.tile(np.arange(1, n_days + 1), n_people), person % 2 == 1
    eta = -0.3 + 0.06 * day * drug + 0.3 * drug + rng.normal(0, 1.3, n_people)[person]
    dry = rng.random(len(day)) < 1 / (1 + np.exp(-eta))
    d = pd.DataFrame(
        {
            "participant_id": [f"P{p:02}" for p in person],
            "arm": np.where(drug, "drug", "placebo"),
            "day": day,
            "drinks": np.where(dry, 0, 1 + rng.poisson(3, len(day))),
            "sex": np.where(person % 3 == 0, "F", "M"),
            "baseline_drinks": rng.integers(5, 60, n_people)[person],
            "baseline_heavy_days": rng.integers(0, 8, n_people)[person],
        }
    )
    d["drinks"] = d.drinks.astype("Int64").mask(pd.Series(rng.random(len(d)) < absent))
    return d


def trial(d):
    return load(d.to_csv(index=False).encode(), name="made up")


def sample_files():
    """The sample folder's files as a mapping that `load` takes."""
    return {f.name: f.read_bytes() for f in sorted(paths.sample_folder().iterdir()) if f.suffix in (".csv", ".toml")}


def document(t, spec, *wanted):
    """The results as the JSON has them, without what tells files and choices apart."""
    found = analysis(t, spec, wanted) if wanted else analysis(t, spec)
    return {k: v for k, v in found.items() if k not in ("provenance", "warnings")}


def differing(a, b, rel=0.0, abs_=0.0, path=""):
    """Where two documents differ, as text; numbers may differ by `abs_` + `rel` × their size."""
    if isinstance(a, dict) and isinstance(b, dict):
        found = [f"{path}: keys {sorted(set(a) ^ set(b), key=str)}"] if set(a) != set(b) else []
        return found + [x for k in a if k in b for x in differing(a[k], b[k], rel, abs_, f"{path}/{k}")]
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        if len(a) != len(b):
            return [f"{path}: {len(a)} against {len(b)}"]
        return [x for i, (u, v) in enumerate(zip(a, b, strict=True)) for x in differing(u, v, rel, abs_, f"{path}/{i}")]
    if isinstance(a, float) and isinstance(b, float):
        close = abs(a - b) <= abs_ + rel * max(abs(a), abs(b))
        return [] if close else [f"{path}: {a!r} against {b!r}"]
    return [] if a == b else [f"{path}: {a!r} against {b!r}"]


def spells(seed=0, n_people=80, n_days=14, effect=0.0, slope_sd=0.08, stay=2.4):
    """Days as real ones are: today's odds rest on yesterday's day, and people have slopes of their own.

    Parameters
    ----------
    effect : log-odds of an abstinent day, active against control
    slope_sd : of the change in log-odds a day
    stay : log-odds ratio of abstinence today, abstinent yesterday against not
    """
    rng = np.random.default_rng(seed)
    base = rng.integers(5, 60, n_people)
    drug = rng.permutation(n_people) % 2
    level = rng.normal(0, 1, n_people) - 0.02 * (base - 30) + effect * drug
    slope = rng.normal(0, slope_sd, n_people)
    y = np.zeros((n_people, n_days), dtype=int)
    before = rng.random(n_people) < 1 / (1 + np.exp(-level))
    for t in range(n_days):
        eta = level + slope * (t - (n_days - 1) / 2) + stay * (before - 0.5)
        before = rng.random(n_people) < 1 / (1 + np.exp(-eta))
        y[:, t] = before
    person, drinks = np.repeat(np.arange(n_people), n_days), 1 + rng.poisson(3, y.size)
    return pd.DataFrame(
        {
            "participant_id": [f"P{p:03}" for p in person],
            "arm": np.where(drug[person] == 1, "drug", "placebo"),
            "day": np.tile(np.arange(1, n_days + 1), n_people),
            "drinks": np.where(y.ravel() == 1, 0, drinks),
            "sex": np.where(person % 3 == 0, "F", "M"),
            "baseline_drinks": base[person],
        }
    )


def people(t, **changes):
    spec, _ = resolve(t, AnalysisSpec(**changes))
    return analyse.participants_result(t, spec)
