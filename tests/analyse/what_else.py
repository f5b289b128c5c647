"""A trial with every optional file, made up and seeded, as the bytes that `load` takes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial, load, resolve

WEEK_DAYS = (-3, 0, 2, 5, 9, 13, 16, 20)


def tables(seed: int = 1, per_arm: int = 12) -> dict[str, pd.DataFrame]:
    """days, participants, visits, adverse_events; some visits missed, some scores and follow-ups not known."""
    rng = np.random.default_rng(seed)
    ids = [f"P{i:02d}" for i in range(2 * per_arm)]
    arm = np.array(["placebo", "ketamine"] * per_arm)
    ket = arm == "ketamine"
    days = pd.DataFrame(
        {"participant_id": np.repeat(ids, 21), "arm": np.repeat(arm, 21), "day": np.tile(np.arange(1, 22), len(ids))}
    )
    days["drinks"] = np.where(rng.random(len(days)) < 0.6, 0, rng.integers(1, 8, len(days)))
    people = pd.DataFrame({"participant_id": ids, "arm": arm})
    people["cadss_after_infusion"] = np.where(ket, rng.poisson(18, len(ids)), rng.poisson(4, len(ids))).astype(float)
    people.loc[2, "cadss_after_infusion"] = np.nan
    people["followup_6m_abstinent"] = np.where(rng.random(len(ids)) < 0.5, np.nan, rng.integers(0, 2, len(ids)))
    visits = pd.DataFrame({"participant_id": np.repeat(ids, len(WEEK_DAYS)), "day": np.tile(WEEK_DAYS, len(ids))})
    own = np.repeat(rng.normal(0, 1, len(ids)), len(WEEK_DAYS))
    noise = rng.normal(0, 1, (2, len(visits)))
    visits["craving"] = np.exp(3.4 + 0.4 * own - 0.02 * visits.day + 0.3 * noise[0]).round(1)
    visits["stress"] = (25 + 5 * own + 0.1 * visits.day + 3 * noise[1]).round(1)
    visits["attended"] = 1
    visits = visits[(rng.random(len(visits)) > 0.15) | (visits.day <= 0)]
    events = pd.DataFrame(
        {
            "participant_id": ["P00", "P01", "P01", "P03", "P05", "P04", "P02", "P99"],
            "day": [0, 0, 3, 0, None, 1, -2, 0],
            "event": ["Sedation", "sedation ", "Sedation", "headache", "headache", "sedation", "flu", "headache"],
            "severity": ["mild", "mild", "moderate", *["mild"] * 5],
        }
    )
    return {"days": days, "participants": people, "visits": visits, "adverse_events": events}


def trial(changed: dict[str, pd.DataFrame | None] | None = None, toml: str = "", **kwargs: int) -> Trial:
    """Load the tables, some of them changed or (None) left out."""
    found = tables(**kwargs) | (changed or {})
    files = {f"{name}.csv": t.to_csv(index=False).encode() for name, t in found.items() if t is not None}
    if toml:
        files["trial.toml"] = toml.encode()
    return load(files, name="made up")


def resolved(made: Trial, **choices: object) -> AnalysisSpec:
    return resolve(made, AnalysisSpec(**choices))[0]
