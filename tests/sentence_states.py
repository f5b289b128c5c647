"""States for the laws over sentences: trials of every kind under choices of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimand, Estimator, MissingRule, PValues, Window
from ketadash.questions.question import Material
from ketadash.trial import Trial, load, load_sample, resolve
from ketadash.trial.masking import masked

DAYS = 12


def _days(effect: float = 0.5, n: int = 16, absent: float = 0.12, leave: float = 0.3, seed: int = 1) -> pd.DataFrame:
    """A made-up trial of `n` people on twelve days; some days are blank, and some people leave."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        level, last = rng.normal(0, 1.2), rng.integers(4, DAYS) if rng.random() < leave else DAYS
        for day in range(1, DAYS + 1):
            dry = rng.random() < 1 / (1 + np.exp(-(level + effect * (i % 2) * day / 6)))
            drinks = 0 if dry else int(rng.integers(1, 9))
            blank = day > last or rng.random() < absent
            rows.append((f"P{i:02}", ("placebo", "drug")[i % 2], day, None if blank else drinks, 5 + i % 7))
    columns = ["participant_id", "arm", "day", "drinks", "baseline_drinks"]
    return pd.DataFrame(rows, columns=columns).astype({"drinks": "Int64"})


def _constant(d: pd.DataFrame) -> pd.DataFrame:
    return d.assign(drinks=d.drinks.mask(d.arm == "drug", 0))


MADE: dict[str, Callable[[], pd.DataFrame]] = {
    "no effect": lambda: _days(0.0),
    "reversed": lambda: _days(-2.5, n=24),
    "one arm constant": lambda: _constant(_days(leave=0.0)),
    "three an arm": lambda: _days(n=6, seed=4),
    "no missing": lambda: _days(absent=0.0, leave=0.0),
    "no dropout": lambda: _days(leave=0.0),
    "other substance": lambda: _days().rename(columns={"drinks": "cannabis", "baseline_drinks": "baseline_cannabis"}),
}
TRIALS = ("sample", "masked", *MADE)


@cache
def trial(name: str) -> Trial:
    """One of the trials."""
    if name in ("sample", "masked"):
        return load_sample() if name == "sample" else masked(load_sample())
    return load(MADE[name]().to_csv(index=False).encode())


@dataclass(frozen=True)
class State:
    """A trial under choices; `p_values` hidden or shown."""

    trial: str
    choices: tuple[tuple[str, Any], ...]
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.trial}: {dict(self.choices)}"

    def material(self) -> Material | None:
        """What pages are made from; None where the choices are refused."""
        shown = trial(self.trial)
        named = {"amount": "cannabis"} if self.trial == "other substance" else {}
        try:
            spec, _ = resolve(shown, AnalysisSpec(imputations=3, shuffles=19, **named, **dict(self.choices)))
        except KetadashError:
            return None
        return Material(shown, spec, PValues.HIDDEN if self.hidden else PValues.SHOWN)


def states() -> list[State]:
    """Every missing-day rule with every reading of dropout, every fit and every window, in every trial."""
    choices: list[dict[str, Any]] = [
        {"missing": rule, "dropout": reading}
        for rule, reading in product(MissingRule, DropoutRule)
        if rule.imputed or not reading.about.imputed
    ]
    choices += [
        {"missing": r, "estimator": e} for r, e in product((MissingRule.NONABSTINENT, MissingRule.MISSING), Estimator)
    ]
    choices += [{"days": window} for window in (Window(1, 6), Window(4, 12), Window(7, 7))]
    choices += [{"estimand": Estimand.TYPICAL}, {"confidence": 0.8}, {"adjust": False}]
    choices += [{"missing": MissingRule.IMOR, "imor_control": 0.2, "imor_active": float("inf")}]
    made = [State(name, tuple(c.items())) for name, c in product(TRIALS, choices)]
    return [*made, *(State("sample", tuple(c.items()), hidden=True) for c in choices[:8])]
