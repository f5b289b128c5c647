"""What a reading of dropout consists of: its words, what becomes of those who left, and the same in R and SAS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def censor(left: Array, last: Array, active: Array) -> tuple[Array, Array]:
    """Followed up to the last known day, without the event."""
    import numpy as np

    return last, np.zeros(left.shape, bool)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What leaving the study counts as in time to relapse.

    Attributes
    ----------
    word
        In the JSON, in links and on the command line; never changed.
    help
        For the sidebar.
    definition
        Behind what is counted: what dropout is.
    rests_on
        The same as a sentence without its full stop, and when it is right.
    methods
        For the methods paragraph; ``{first}`` stands for "Time to relapse was the time to the first heavy day".
    way, means
        On the page of dropout: how leaving is counted, and what whoever left is taken to have done; empty where the
        reading is not shown there.
    head, legend
        Over its picture there, and in what stands under the printed one.
    leave
        (first missing day, last known day, whether active; each (G,)) of those who left without the event →
        (the day on which they are taken to have had it or were censored, whether they had it).
    counts_as_event
        Whether leaving is the event for anybody.
    competes
        Whether leaving is something else that can happen, which puts the event out of reach.
    imputed
        Whether the days after leaving are drawn, with the missing-day rules that draw.
    r, sas
        The same in R, from `hit`, `known` and `last` to `day` and `status`, and in SAS, with ``<<last>>``.
    """

    word: str
    help: str
    definition: str
    rests_on: str
    methods: str
    way: str
    means: str
    head: str
    legend: str
    r: str
    sas: str
    leave: Callable[[Array, Array, Array], tuple[Array, Array]] = censor
    counts_as_event: bool = False
    competes: bool = False
    imputed: bool = False
