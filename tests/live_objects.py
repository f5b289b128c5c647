"""Which objects of a trial are alive in this process: trials, panels, tables and what is made from them."""

import gc
from collections import Counter
from weakref import ref

import pandas as pd

from ketadash.analyse.jobs import Job
from ketadash.export.sections import Material, Section, Table
from ketadash.trial import Panel, Trial
from ketadash.trial.sources import Given
from ketadash.ui import state
from ketadash.ui.report_job import Making

KINDS = (Trial, Panel, pd.DataFrame, Given, state.Own, Job, Making)
SLOTTED = (Material, Section, Table)  # which no weak reference can see


def alive(*kinds):
    """Every object of one of these classes, or of a class made from one.

    An object refers to its class, and who does is asked for.  A list of all objects there are would hold tuples that
    other threads are in the middle of making, and to make one that somebody else holds is an error (SystemError,
    Objects/tupleobject.c): a test that looked while something was computed made that fail.
    """
    classes = _with_subclasses(kinds)
    return [o for o in gc.get_referrers(*classes) if type(o) in classes]


def _with_subclasses(kinds):
    every = set(kinds)
    for kind in kinds:
        every |= _with_subclasses(type.__subclasses__(kind))
    return every


class Watch:
    """What has come into being since it began, and what of that is left."""

    def __init__(self):
        gc.collect()
        self._before = {id(o): ref(o) for o in alive(*KINDS)}
        self._slotted_before = alive(*SLOTTED)  # held, so that nothing new is taken for one of them by its address
        self._refs = []

    def new(self, *kinds):
        """Those of `kinds` that are alive and were not there before: other tests' are nobody's fault here."""
        return [o for o in alive(*kinds) if (was := self._before.get(id(o))) is None or was() is not o]

    def look(self):
        """Begin to watch what is there now and was not before; how many of each kind."""
        self._refs = [ref(o) for o in self.new(*KINDS)]
        return Counter(type(r()).__name__ for r in self._refs) + self._slotted()

    def left(self):
        """What is watched and still alive, and anything slotted that was not there before."""
        gc.collect()
        return Counter(type(o).__name__ for r in self._refs if (o := r()) is not None) + self._slotted()

    def _slotted(self):
        before = {id(o) for o in self._slotted_before}
        return Counter(type(o).__name__ for o in alive(*SLOTTED) if id(o) not in before)

    def holders(self, deep=5, most=40):
        """By what chains what is left is held, for whoever has to find out why."""
        left = [o for r in self._refs if (o := r()) is not None and isinstance(o, Trial)]
        lines, seen = [], {id(left)}
        for depth in range(deep):
            above = []
            for o in left:
                for r in gc.get_referrers(o):
                    if id(r) in seen or r is above or r is left:
                        continue
                    seen.add(id(r))
                    above.append(r)
                    keys = list(r)[:6] if isinstance(r, dict) else str(r)[:80]
                    lines.append(f"{depth} {type(o).__name__} < {type(r).__name__} {keys}"[:300])
            left = above
        return lines[:most]
