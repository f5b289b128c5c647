"""Results remembered beside the trial they belong to, keyed by only the choices they depend on.

A result lives exactly as long as its trial object: an uploaded trial's results go with its session and cannot be
reached from another, the sample trial's are shared.  Nothing is pickled or hashed but a frozen spec.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import wraps
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from ketadash.core.errors import stop_point
from ketadash.core.families import Family
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial

Result = TypeVar("Result")

MOST_RESULTS = 400  # a trial: small frozen objects of a few kB
MOST_KEPT = 40  # maps and curves under way or done: tens of kB each
_shelves: WeakKeyDictionary[Trial, _Shelf] = WeakKeyDictionary()
_door = Lock()


class _Shelf:
    def __init__(self) -> None:
        self.results: OrderedDict[tuple[str, AnalysisSpec], Any] = OrderedDict()
        self.locks: dict[tuple[str, AnalysisSpec], Lock] = {}
        self.computed: dict[str, int] = {}
        self.most = MOST_RESULTS
        self.kept: OrderedDict[tuple[str, AnalysisSpec], Any] = OrderedDict()


def remembered(
    family: Family,
) -> Callable[[Callable[[Trial, AnalysisSpec], Result]], Callable[[Trial, AnalysisSpec], Result]]:
    """Decorate ``f(trial, spec)``: f sees the fields of its family, every other at its default.

    What f does not declare it therefore cannot use, so a toggle that does not matter to it cannot refit it.
    """

    def decorate(f: Callable[[Trial, AnalysisSpec], Result]) -> Callable[[Trial, AnalysisSpec], Result]:
        @wraps(f)
        def recall(trial: Trial, spec: AnalysisSpec) -> Result:
            seen = family.seen(spec)
            key = (f"{f.__module__}.{f.__qualname__}", seen)
            with _door:
                shelf = _shelves.setdefault(trial, _Shelf())
                if key in shelf.results:
                    shelf.results.move_to_end(key)
                    return shelf.results[key]
                lock = shelf.locks.setdefault(key, Lock())
            stop_point()  # a good moment to stop: no lock is held
            with lock:  # two browsers asking for one new result wait for one computation
                if key in shelf.results:
                    return shelf.results[key]
                result = f(trial, seen)
                with _door:
                    shelf.results[key] = result
                    shelf.computed[key[0]] = shelf.computed.get(key[0], 0) + 1
                    shelf.locks.pop(key, None)
                    while len(shelf.results) > shelf.most:
                        shelf.results.popitem(last=False)
            return result

        return recall

    return decorate


def known(
    f: Callable[[Trial, AnalysisSpec], Result], family: Family, trial: Trial, spec: AnalysisSpec
) -> Result | None:
    """What a remembered function of that family gave under `spec`; None if it was not asked. Nothing is computed."""
    with _door:
        shelf = _shelves.get(trial)
        return shelf.results.get((f"{f.__module__}.{f.__qualname__}", family.seen(spec))) if shelf else None


def beside(trial: Trial, key: tuple[str, AnalysisSpec], make: Callable[[], Result]) -> Result:
    """What `make` gave when it was first asked for under `key`, kept as long as the trial; bounded like results."""
    with _door:
        kept = _shelves.setdefault(trial, _Shelf()).kept
        if key not in kept:
            kept[key] = make()
            while len(kept) > MOST_KEPT:
                kept.popitem(last=False)
        kept.move_to_end(key)
        result: Result = kept[key]
        return result


def kept(trial: Trial, key: tuple[str, AnalysisSpec]) -> Any:
    """What `beside` keeps under `key`; None if it was never computed. Nothing is computed here."""
    with _door:
        shelf = _shelves.get(trial)
        return shelf.kept.get(key) if shelf else None


def remember_more(trial: Trial, most: int) -> None:
    """Remember up to `most` results of a trial: for work of its own process that goes through hundreds of states."""
    with _door:
        _shelves.setdefault(trial, _Shelf()).most = most


def results_of(trial: Trial) -> dict[tuple[str, AnalysisSpec], Any]:
    """Everything remembered of a trial, to be brought along where it goes: see `bring`."""
    with _door:
        shelf = _shelves.get(trial)
        return dict(shelf.results) if shelf else {}


def bring(trial: Trial, results: Mapping[tuple[str, AnalysisSpec], Any]) -> None:
    """Remember what another process has remembered of this trial."""
    with _door:
        _shelves.setdefault(trial, _Shelf()).results.update(results)


def computed(trial: Trial) -> dict[str, int]:
    """How often each remembered function has really run for this trial: what the tests count."""
    with _door:
        shelf = _shelves.get(trial)
        return dict(shelf.computed) if shelf else {}
