"""The same trial with other people in it: without some, or with some several times."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketadash.trial.panel import Panel

OF_THE_TRIAL = (  # and of no participant
    *("arms", "days", "baseline_filled", "can_tell_heavy", "warnings", "terms"),
    *("covariate_names", "of_strata", "strata_columns", "strata_labels"),
)


def some_people(p: Panel, places: NDArray[np.int64]) -> Panel:
    """The panel of the participants at these places (n,), in this order; a place may stand there more than once."""
    theirs: dict[str, Any] = {}
    for f in fields(p):
        value = getattr(p, f.name)
        if f.name in OF_THE_TRIAL or value is None:
            continue
        theirs[f.name] = value[places] if isinstance(value, np.ndarray) else tuple(value[i] for i in places)
    return replace(p, **theirs)
