"""A large trial's missing days imputed in the background: the page says so, and comes once they are there."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import streamlit as st

from ketadash.analyse import long_work
from ketadash.analyse.binary import draws_wait
from ketadash.analyse.holding import ABSTINENCE, HEAVY
from ketadash.ui.components import background_results, dial
from ketadash.ui.state import Current

# What a page draws at once where a rule imputes.
RESTS_ON = {
    "overview": (ABSTINENCE, HEAVY),
    "abstinence": (ABSTINENCE,),
    "heavy_drinking": (HEAVY,),
    "missing_days": (ABSTINENCE,),
    "nnt": (ABSTINENCE,),
    "endpoints": (ABSTINENCE, HEAVY),
    "responders": (ABSTINENCE, HEAVY),
    "chance": (ABSTINENCE, HEAVY),
}
AT_ONCE_S = 0.3  # draws that are there so soon are waited for: nothing comes and goes


def awaited(now: Current, key: str) -> bool:
    """Whether the page waits for draws, and says so: they are made meanwhile, and then it is drawn anew."""
    with now.above or nullcontext():
        if not drawing(now, outstanding(now, key)):
            return False
    if key == "missing_days":
        dial.dial(now)  # whoever turns it further need not wait
    return True


def outstanding(now: Current, key: str) -> tuple[str, ...]:
    """The outcomes that a page draws at once and whose missing days are still to be imputed."""
    rests_on = RESTS_ON.get(key, ()) if now.spec.missing.imputed else ()
    return tuple(o for o in rests_on if draws_wait(now.trial, now.spec, heavy=o == HEAVY))


def drawing(now: Current, outcomes: tuple[str, ...]) -> bool:
    """Whether draws of the outcomes are under way, told in a line; False once they are there."""
    open_ = tuple(o for o in outcomes if draws_wait(now.trial, now.spec, heavy=o == HEAVY))
    if not open_:
        return False
    work = long_work.draws(now.trial, now.spec, open_)
    if work.trouble is None:
        work.start()
        work.wait(AT_ONCE_S)
    if work.finished:
        return False

    def say(done: list[tuple[Any, Any]]) -> None:
        if work.finished:
            st.rerun()
        st.info(
            f"The missing days are imputed {now.spec.imputations} times, which takes some seconds in a trial of this "
            "size. What rests on them is shown as soon as they are there; the page stays usable.",
            icon=":material/hourglass_top:",
        )

    background_results.in_a_line(work, "the imputed days", say, at_once=True)
    return True
