"""Trials of which endpoints of each participant are computed, made from records of their days."""

from __future__ import annotations

import numpy as np

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import load, resolve


def of(trial, **choices):
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    return analyse.endpoints(trial, spec)


def trial_of(tmp_path, days, *, people=None, toml=""):
    """A trial of the files' texts."""
    (tmp_path / "days.csv").write_text(days)
    (tmp_path / "trial.toml").write_text('control = "placebo"\nactive = "drug"\n' + toml)
    if people:
        (tmp_path / "participants.csv").write_text(people)
    return load(tmp_path)


def made(tmp_path, records, *, toml="", factor=1.0, column="drinks"):
    """A trial from participant → (arm, sex, amounts before, amounts after), None where a day is missing."""
    rows = [f"participant_id,arm,sex,day,{column}"]
    for name, (arm, sex, before, after) in records.items():
        for day, amount in [*zip(range(-len(before), 0), before, strict=True), *enumerate(after, 1)]:
            rows.append(f"{name},{arm},{sex},{day},{'' if amount is None else f'{amount * factor:.10g}'}")
    return trial_of(tmp_path, "\n".join(rows) + "\n", toml=toml)


HAND = {
    # before: 5 drinks = 70 g (a man: high, 3); after: 0 0 1 0, mean 0.25 = 3.5 g: low, 1
    "a": ("placebo", "M", [5, 5], [0, 0, 1, 0]),
    # a woman: 70 g very high, 4; a heavy day; a missing one; 4 + 0 + 2 over 3 = 28 g: medium, 2
    "b": ("placebo", "F", [5, 5], [4, 0, None, 2]),
    # 14 g: low, 1; abstinent throughout: 0
    "c": ("drug", "M", [1, 1], [0, 0, 0, 0]),
    # 112 g: very high, 4; nothing known after
    "d": ("drug", "M", [8, 8], [None, None, None, None]),
}


def random_records(seed, n=24, n_days=14):
    rng = np.random.default_rng(seed)
    records = {}
    for i in range(n):
        after = [int(x) if rng.random() > 0.15 else None for x in rng.poisson(rng.choice([0.3, 2, 6]), n_days)]
        before = [int(x) for x in rng.poisson(rng.choice([2, 6]), 7)]
        records[f"p{i:02d}"] = ("drug" if i % 2 else "placebo", "F" if i % 3 else "M", before, after)
    return records
