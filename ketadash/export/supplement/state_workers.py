"""Goes through the states of a file in worker processes; what is done is kept beside the file, so that it can go on."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from ketadash import analyse
from ketadash.analyse import batch, memo
from ketadash.core.choices import missing_choice
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, Uncertainty
from ketadash.export.provenance import Stamp
from ketadash.export.supplement.content import Order, Pages
from ketadash.export.supplement.document import document
from ketadash.export.supplement.made import Made
from ketadash.export.supplement.states import Plan, State, is_a_stop
from ketadash.trial import Trial

AT_ONCE = 24  # states that stay with one worker
STOPS_AT_ONCE = 4  # the same of a dial, each of which is drawn anew
HANDED_OVER_S = 4.0  # of work, after which a worker hands over the states that are done, and goes on
# Times the work of another state, roughly, is one whose missing days are drawn; and a stop of a dial, whose days are
# drawn for it alone, so that it has all fits to itself
DRAWN, A_STOP = 4, 25
KEPT_AS = "packed texts by their fingerprint"  # how what is done is written; another word for another way
MOST_RESULTS = 5_000  # that a worker remembers, of a few kB each
SHARING_FITS = ("missing", *missing_choice.RATIOS, "adjust")  # a page of one trend or fit has the others' models too
Progress = Callable[[int, int], None]  # how many states are done, of how many


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """States that a worker makes one after the other; `seconds` is how long it works before it hands them over."""

    run: str
    trial: Trial
    order: Order
    origin: Stamp
    states: tuple[State, ...]
    seconds: float


_at_hand: dict[str, Pages] = {}  # in a worker: the run that it works for, and that run's pages


@dataclass(frozen=True, slots=True)
class Supplement:
    """A file that was made: how many states it holds, how long that took, how large it is."""

    n_states: int
    seconds: float
    content: bytes


def make(
    trial: Trial,
    spec: AnalysisSpec,
    plan: Plan,
    order: Order,
    origin: Stamp,
    *,
    kept: Path | None = None,
    progress: Progress = lambda done, of: None,
) -> Supplement:
    """The file with all the states of `plan`.

    Parameters
    ----------
    trial, spec
        The trial, and the resolved analysis that the file opens with.
    plan, order, origin
        Which states, which pages, and where it comes from.
    kept
        Where what is done is kept, until the caller has the file; what an interrupted run left there is taken up.
    progress
        Called as states are done; may raise to stop.

    Raises
    ------
    KetadashError
        If a worker was killed, or what is done cannot be kept.
    """
    begun = perf_counter()
    key = _key(trial, spec, plan, order, origin)
    store = _Store(kept, key)
    done = store.read()
    progress(len(done.states), len(plan.valid))
    lanes = lanes_of(plan, done.states, batch.at_once())
    tasks = [Task(key, trial, order, origin, states, HANDED_OVER_S) for states in lanes]
    for _, made in batch.in_lanes(work, tasks, rest):
        store.add(made)
        done.add(made)
        progress(len(done.states), len(plan.valid))
    content = document(trial, spec, plan, order, origin, done)
    return Supplement(len(plan.valid), perf_counter() - begun, content)


def work(task: Task) -> Made:
    """Every page of the first states of a task, as many as its seconds allow, and of one at least.

    A run that is interrupted loses only what the workers have at hand; so they hand over soon.  A worker keeps what it
    has computed for the next task of the run: how far a result holds rests on the fits under every missing-day rule,
    and begun anew, each task would make them all.
    """
    begun = perf_counter()
    pages = _at_hand.get(task.run)
    if pages is None:
        _at_hand.clear()
        memo.remember_more(task.trial, MOST_RESULTS)
        pages = _at_hand[task.run] = Pages(task.trial, task.order, task.origin)
    made = Made()
    for state in task.states:
        made.take(pages.made, state.place, pages.marks(state.spec))
        if perf_counter() - begun >= task.seconds:
            break
    return made


def rest(task: Task, made: Made, n: int) -> list[Task]:
    """What a worker that has handed over goes on with, shared by n workers if it is more than each of them had done."""
    states = tuple(state for state in task.states if state.place not in made.states)
    n = max(1, min(n, work_of(states) // max(1, work_of(task.states) - work_of(states))))
    return [replace(task, states=share) for share in _shares(states, n) if share]


def _shares(states: Sequence[State], n: int) -> list[tuple[State, ...]]:
    """States in n parts of about the same work; those that stand together stay together but where the parts meet."""
    total, before, shares = max(1, work_of(states)), 0, [list[State]() for _ in range(n)]
    for state in states:
        shares[n * before // total].append(state)
        before += work_of((state,))
    return [tuple(share) for share in shares]


def lanes_of(plan: Plan, done: Container[str], n: int) -> list[tuple[State, ...]]:
    """The states that are not done, in up to n parts of about the same work, one for each worker.

    A page says how far its result holds under every missing-day rule, and has the fits of other trends beside its own;
    but with or without the baseline it has none of the other's. So those are kept apart as far as there are workers:
    what two workers both need, both compute. Within a part, states that share their fits stand together.
    """
    groups, dials = _groups([state for state in plan.valid if state.place not in done])
    by_adjustment: dict[bool, list[tuple[State, ...]]] = {}
    for group in groups:
        by_adjustment.setdefault(group[0].spec.adjust, []).append(group)
    lanes = [list[State]() for _ in range(n)]
    home = {adjust: lanes[k % n :: len(by_adjustment)] for k, adjust in enumerate(by_adjustment)}
    for adjust, alike in by_adjustment.items():
        _dealt(alike, home[adjust])
    if dials:  # last, since they share least: whoever has nothing to do is given of them first
        _dealt(dials, home.get(dials[0][0].spec.adjust, lanes))
    return [tuple(lane) for lane in lanes if lane]


def _groups(states: Sequence[State]) -> tuple[list[tuple[State, ...]], list[tuple[State, ...]]]:
    """States that share their fits together, those whose days are drawn first; and the stops of the dials.

    Of states that share them those with robust errors come first: such a fit has that with the model's own in it.
    """
    dials = [state for state in states if is_a_stop(state)]
    alike: dict[object, list[State]] = {}
    for state in states[: len(states) - len(dials)]:
        alike.setdefault(tuple(getattr(state.spec, name) for name in SHARING_FITS), []).append(state)
    together = [
        sorted(group, key=lambda state: state.spec.uncertainty is not Uncertainty.ROBUST)
        for group in sorted(alike.values(), key=lambda group: not group[0].spec.missing.imputed)
    ]
    return [part for group in together for part in _parts(group, AT_ONCE)], list(_parts(dials, STOPS_AT_ONCE))


def _dealt(groups: Sequence[tuple[State, ...]], lanes: Sequence[list[State]]) -> None:
    """Each group to the lane that has least to do."""
    for group in groups:
        min(lanes, key=work_of).extend(group)


def work_of(states: Sequence[State]) -> int:
    """How much work states are, in states of which no day is drawn; roughly."""
    return sum(A_STOP if is_a_stop(state) else DRAWN if state.spec.missing.imputed else 1 for state in states)


def _parts(states: Sequence[State], n: int) -> Iterator[tuple[State, ...]]:
    for first in range(0, len(states), n):
        yield tuple(states[first : first + n])


def _key(trial: Trial, spec: AnalysisSpec, plan: Plan, order: Order, origin: Stamp) -> str:
    """What a run must have in common with another to take up what that has done."""
    places = [(state.place, repr(state.spec)) for state in plan.valid]
    facts = (
        KEPT_AS,
        trial.sha256,
        trial.title,
        repr(spec),
        places,
        repr(order),
        origin.versions,
        analyse.exploratory(trial, spec),
    )
    return hashlib.sha256(repr(facts).encode("utf-8", "replace")).hexdigest()


def not_written(path: Path, error: OSError) -> KetadashError:
    """Why a file could not be written, and what to do where there is no room for it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return KetadashError(
            f"there is no room to write {path}: make room, and the same command goes on where it stopped; or write to "
            "another place"
        )
    return KetadashError(f"cannot write {path}: {error.strerror}")


class _Store:
    """What is done, a line for each task, under the key of the run that it belongs to; a text is written once."""

    def __init__(self, path: Path | None, key: str) -> None:
        self._path, self._key = path, key
        self._written: set[str] = set()  # the fingerprints of the texts in the file

    def read(self) -> Made:
        """What an interrupted run of the same file has done."""
        done, known = Made(), Made()
        if self._path is None or not os.path.isfile(self._path):
            return done
        with self._path.open(encoding="utf-8") as lines:
            if lines.readline().strip() != self._key:
                return done
            for line in lines:
                try:
                    part = json.loads(line)
                except ValueError:  # it was being written when the run ended
                    break
                known.packed.update({mark: b64decode(text) for mark, text in part["texts"].items()})
                known.named.update({mark: tuple(named) for mark, named in part["named"].items()})
                for place, pages in part["states"].items():
                    if known.holds(pages.values()):
                        done.take(known, place, pages)
        self._written = set(known.packed)
        return done

    def add(self, made: Made) -> None:
        """Keep what a task has made; `KetadashError` where it cannot be written."""
        if self._path is None:
            return
        try:
            if not self._belongs():
                self._path.write_text(f"{self._key}\n", encoding="utf-8")
                self._written.clear()
            new = {mark: text for mark, text in made.packed.items() if mark not in self._written}
            texts = {mark: b64encode(text).decode("ascii") for mark, text in new.items()}
            with self._path.open("a", encoding="utf-8") as out:
                out.write(f"{json.dumps({'texts': texts, 'named': made.named, 'states': made.states})}\n")
        except OSError as error:
            raise not_written(self._path, error) from error
        self._written.update(new)

    def _belongs(self) -> bool:
        assert self._path is not None
        if not os.path.isfile(self._path):
            return False
        with self._path.open(encoding="utf-8") as lines:
            if lines.readline().strip() != self._key:
                return False
        with self._path.open("rb+") as out:  # without a line that was cut short
            out.seek(0, os.SEEK_END)
            end = out.tell()
            out.seek(end - 1)
            if out.read(1) != b"\n":
                out.seek(0)
                whole = out.read().rfind(b"\n") + 1
                out.truncate(whole)
        return True
