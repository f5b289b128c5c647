"""How long a file will take and how large it will be, before it is made: as measured on two cores, roughly."""

from __future__ import annotations

from math import sqrt

from ketadash import analyse
from ketadash.analyse import batch
from ketadash.export.supplement.states import Plan
from ketadash.trial import Trial, resolve

# Measured on the sample (docs/supplement.md): seconds of one core for a state, where days are drawn and where they are
# not; and bytes of the file for each state, and without any.  States share their fits, and people their days, so that a
# trial of 114 times the days (X:BOT) took eleven times as long a state: it goes with the root of the days.
A_STATE_S, A_DRAWN_STATE_S, OF_DAYS = 0.085, 0.34, 840
A_STATE_BYTES, NO_STATE_BYTES = 1_400, 690_000


def expected(trial: Trial, plan: Plan) -> tuple[float, float]:
    """Seconds, and bytes, that a file of these states will take."""
    n_days = analyse.panel_of(trial, resolve(trial, plan.valid[0].spec)[0]).amount.size
    drawn = sum(state.spec.missing.imputed for state in plan.valid)
    of_days = sqrt(n_days / OF_DAYS)
    seconds = of_days * (A_DRAWN_STATE_S * drawn + A_STATE_S * (len(plan.valid) - drawn)) / batch.workers()
    return seconds, NO_STATE_BYTES + A_STATE_BYTES * len(plan.valid)


def in_words(trial: Trial, plan: Plan) -> str:
    """``1,313 states, about 2 minutes, 2.5 MB``."""
    seconds, size = expected(trial, plan)
    minutes = max(1, round(seconds / 60))
    long = "less than a minute" if seconds < 50 else f"about {minutes:,} minute{'s' if minutes > 1 else ''}"
    return f"{len(plan.valid):,} states, {long}, some {size / 1e6:.1f} MB"
