"""Why a model's terms cannot be told apart on the days there are, in the words of the trial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ketadash.core.errors import FitError

Array = NDArray[np.float64]


def require_estimable(
    X: Array, names: Sequence[str], day: Array, active: Array, arms: tuple[str, str], unit: str
) -> None:
    """Raise for the first term of a design that repeats those before it, with the cause.

    Parameters
    ----------
    X : (n, p) columns `names`
    day, active : (n,) of the same rows
    arms
        Names of the control and the active arm.
    unit
        What `day` counts: ``day`` or ``week``.

    Raises
    ------
    FitError
        If a column is constant or a combination of others.
    """
    if len(X) == 0:
        return
    scale = np.maximum(np.sqrt((X**2).mean(axis=0)), 1e-300)
    spread = np.abs(np.diag(np.linalg.qr(X / scale, mode="r"))) / np.sqrt(len(X))
    if len(spread) == len(names) and (spread > 1e-9).all():
        return
    flat = int(np.flatnonzero(spread <= 1e-9)[0]) if (spread <= 1e-9).any() else len(spread)
    raise FitError(_cause(names[flat], [f"{d:g}" for d in np.unique(day)], active, arms, unit))


def _cause(term: str, days: list[str], active: Array, arms: tuple[str, str], unit: str) -> str:
    empty = [arm for k, arm in enumerate(arms) if not (active == k).any()]
    if empty:
        return f"nobody in the {empty[0]} arm has a known {unit}, so the arms cannot be compared"
    if len(days) == 1:
        return f"all known {unit}s are {unit} {days[0]}, so there is no trend to model; choose a longer window"
    if term == "day^2" and len(days) == 2:
        return (
            f"the known {unit}s are {unit}s {days[0]} and {days[1]} only, and a quadratic trend needs three; choose a "
            "linear trend"
        )
    if term == "day:arm":
        return f"one arm has a single known {unit}, so its trend over {unit}s cannot be told from the other's"
    if term in ("day", "day^2", "arm"):
        return f"the model's {term} repeats its other terms on these {unit}s; choose a longer window"
    return f"{term} is the same for everybody, or repeats what arm and {unit} say; leave it out (no adjustment)"
