"""How long a file will take and how large it will be, before it is made: as measured on two cores, roughly."""

from __future__ import annotations

from math import cbrt, sqrt

from ketadash import analyse
from ketadash.analyse import batch
from ketadash.analyse.binary import slopes_quick
from ketadash.core.findings import counted
from ketadash.core.spec import Estimator
from ketadash.export.supplement.states import Plan, is_a_stop
from ketadash.trial import Trial, resolve

# Seconds of one core, measured on the sample and on X:BOT, which has 114 times its days (docs/supplement.md).  States
# share their fits, and people their days: a state whose days are drawn takes longer, a stop of a dial has all fits to
# itself, and random slopes are most of it where they are in the file.
A_STATE_S, A_DRAWN_STATE_S, A_STOP_S, SLOPES_OF_A_STOP_S, OF_DAYS = 0.035, 0.06, 0.6, 2.4, 840
# To begin with, each process makes what all states rest on; at the end one puts everything together
BEGIN_S, TOGETHER_S = 5.0, 0.005
A_STATE_BYTES, NO_STATE_BYTES, BY_DAYS = 1_000, 690_000, 0.43  # a state's bytes go with this power of the days


def expected(trial: Trial, plan: Plan) -> tuple[float, float]:
    """Seconds, and bytes, that a file of these states will take."""
    panel = analyse.panel_of(trial, resolve(trial, plan.valid[0].spec)[0])
    days, n_states = panel.amount.size / OF_DAYS, len(plan.valid)
    n_stops = sum(map(is_a_stop, plan.valid))
    drawn = sum(state.spec.missing.imputed and not is_a_stop(state) for state in plan.valid)
    with_slopes = slopes_quick(panel) or any(state.spec.estimator is Estimator.SLOPE for state in plan.valid)
    work = cbrt(days) * (A_DRAWN_STATE_S * drawn + A_STATE_S * (n_states - n_stops - drawn))
    work += n_stops * (sqrt(days) * A_STOP_S + days * SLOPES_OF_A_STOP_S * with_slopes)
    seconds = BEGIN_S * cbrt(days) + work / batch.workers() + TOGETHER_S * n_states
    return seconds, NO_STATE_BYTES + A_STATE_BYTES * days**BY_DAYS * n_states


def in_words(trial: Trial, plan: Plan) -> str:
    """``1,313 states, about 1 minute, some 2.0 MB``."""
    seconds, size = expected(trial, plan)
    minutes = max(1, round(seconds / 60))
    long = "less than a minute" if seconds < 50 else f"about {minutes:,} minute{'s' if minutes > 1 else ''}"
    return f"{counted(len(plan.valid), 'state')}, {long}, some {size / 1e6:.1f} MB"
