"""Cases made, handed to a worker, and counted; what crashes is kept with all that is needed to repeat it."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import corpus
import worker
from worker import Outcome

SECONDS, ANALYSIS = 20, 60  # of processor time: a file that takes longer to read, or to be analysed, is a crash
_EVERY = 500  # cases after which a worker is replaced, so that what it keeps does not count as a file's


@dataclass
class Tally:
    """What became of all cases."""

    cells: dict[tuple[str, str], Counter] = field(default_factory=lambda: defaultdict(Counter))
    crashes: list[tuple[corpus.Case, Outcome]] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    largest: list[tuple[int, str]] = field(default_factory=list)
    broken: Counter = field(default_factory=Counter)
    refusals: Counter = field(default_factory=Counter)
    files: int = 0
    loaded: int = 0
    analysed: int = 0

    def add(self, case: corpus.Case, outcome: Outcome) -> None:
        self.files += len(case.files)
        self.loaded += outcome.kind == "loaded"
        self.analysed += bool(outcome.analysed)
        cell = self.cells[case.format, case.shape]
        cell["cases"] += 1
        cell[outcome.kind] += 1
        if outcome.kind == "crash":
            self.crashes.append((case, outcome))
        if outcome.kind == "refused":
            self.refusals[re.sub(r"\d+|'[^']*'", "#", outcome.said)[:60]] += 1
        self.broken.update(outcome.broken)
        self.slowest = sorted([*self.slowest, (outcome.seconds, case.name)], reverse=True)[:3]
        self.largest = sorted([*self.largest, (outcome.megabytes, case.name)], reverse=True)[:3]


class Worker:
    """One process that reads; begun anew when it dies, hangs or has read enough."""

    def __init__(self, real: bool = False, seconds: int = SECONDS) -> None:
        self.real, self.seconds, self.read = real, seconds, 0
        self.stacks = tempfile.mktemp(prefix="fuzz-stacks-")
        self.process = None

    def _begin(self) -> None:
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # pools of threads reserve memory that the limit counts
        os.environ["RUST_BACKTRACE"] = "0"
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=worker.serve, args=(theirs, self.stacks, self.real))
        self.process.start()
        theirs.close()
        self.read = 0

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None
            Path(self.stacks).unlink(missing_ok=True)

    def outcome(self, case: corpus.Case, analyse: bool) -> tuple[Outcome, str]:
        """What became of a case, and, if the worker died or hung, where: ``reader`` or ``engine``."""
        if self.process is None or self.read >= _EVERY:
            self.end()
            self._begin()
        self.read += 1
        self.connection.send((case, analyse))
        seconds = ANALYSIS if analyse else self.seconds
        until, where = self._used() + seconds + (30 if self.read == 1 else 0), "engine"  # the first one's imports
        last = time.monotonic() + 10 * seconds
        try:
            while self._used() < until and time.monotonic() < last:
                if not self.connection.poll(1):
                    continue
                got = self.connection.recv()
                if isinstance(got, Outcome):
                    return got, ""
                where = got
            os.kill(self.process.pid, signal.SIGABRT)  # which says where it was
            self.process.join(5)
            why = f"longer than {seconds} s"
        except (EOFError, ConnectionError):
            self.process.join(5)
            why = f"died with {self.process.exitcode}"
        stack = Path(self.stacks).read_text(errors="replace") if Path(self.stacks).exists() else ""
        self.end()
        return Outcome("crash", f"{why} in the {where}{_ours(stack)}", stack, self.seconds), where

    def _used(self) -> float:
        """Seconds of processor time so far: a busy machine makes no file slow."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it died, or there is no /proc
            return time.monotonic()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ours(stack: str) -> str:
    found = re.search(r'/ketadash/([\w/]+\.py)", line (\d+)', stack)
    return f", {found.group(1)}:{found.group(2)}" if found else ""


def run(seed: int, cases: int, analyses: int, keep: Path, first: int = 0) -> Tally:
    """`cases` cases, each with a spoiled file or more, and at least `analyses` analyses."""
    warnings.simplefilter("ignore")  # writers have much to say about spoiled tables
    of, tally, reader, really = corpus.formats(), Tally(), Worker(), Worker(real=True, seconds=2 * SECONDS)
    number, begun = first, time.monotonic()
    try:
        while number - first < cases or (tally.analysed < analyses and number - first < 4 * cases):
            case = corpus.case(seed, number, of)
            analyse = bool(analyses) and (number - first >= cases or number % max(1, cases // (4 * analyses)) == 0)
            outcome, where = reader.outcome(case, analyse)
            if where == "reader":  # in real life that happens in a process of its own, which is allowed to
                outcome = really.outcome(case, False)[0]
                tally.broken[f"worker {outcome.kind}: died or hung in the reader"] += 1
            tally.add(case, outcome)
            if outcome.kind == "crash":
                kept(keep, case, outcome)
            number += 1
            if number % 250 == 0:
                print(f"  {number} cases, {len(tally.crashes)} crashes, {time.monotonic() - begun:.0f} s", flush=True)
    except KeyboardInterrupt:
        print("  stopped; this is what there is", flush=True)
    reader.end()
    really.end()
    return tally


def through_isolate(seed: int, cases: int, tally: Tally, keep: Path, first: int = 0) -> Counter:
    """The same cases with every workbook and data set read in a process of its own, as in real life."""
    of, really, found = corpus.formats(), Worker(real=True, seconds=2 * SECONDS), Counter()
    binary = tuple(f for f in of if f not in ("csv", "semicolon", "tab", "bar", "utf-16", "cp1252", "gz", "bz2", "xz"))
    for number in range(cases):
        case = corpus.case(seed, 1_000_000 + first + number, binary)
        outcome, _ = really.outcome(case, False)
        found[outcome.kind] += 1
        if outcome.kind == "crash":
            tally.crashes.append((case, outcome))
            kept(keep, case, outcome)
    really.end()
    return found


def kept(folder: Path, case: corpus.Case, outcome: Outcome) -> None:
    """Write a case that crashed, so that it can be loaded from its folder."""
    where = folder / f"{case.number:06d}"
    where.mkdir(parents=True, exist_ok=True)
    for name, raw in case.files.items():
        (where / (Path(name).name or "file")).write_bytes(raw)
    if case.recipe:
        (where / "given-recipe.toml").write_text(case.recipe, encoding="utf-8")
    (where / "WHY.txt").write_text(
        f"{case.name}\n{outcome.said}\n\n{outcome.trace}", encoding="utf-8", errors="replace"
    )
