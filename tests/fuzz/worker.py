"""The process in which cases are read: the reader's own code and its limits, without a new process for each file.

`ketadash.files.isolate` has every file read in a process of its own.  Here what that process would do is done in this
one, through the same functions; the harness is told when the reader begins and ends, so that a death inside it
(which `isolate` turns into a sentence) can be told from one outside.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import time
import traceback
import warnings
from dataclasses import dataclass, field
from types import SimpleNamespace

import pandas as pd

from ketadash.core.errors import KetadashError
from ketadash.core.spec import MissingRule
from ketadash.export.analysis_json import analysis, dumps, section_names
from ketadash.files import child, isolate
from ketadash.files.limits import limits
from ketadash.files.readers import Ended, NotStartedError
from ketadash.files.transfer import LENGTH, Request, request_of
from ketadash.questions.paper import printed as published
from ketadash.trial import load, validate
from ketadash.trial.recipe import Recipe, from_link, from_toml
from ketadash.trial.sources import gather

LONGEST = 2_500  # characters of a message that a page can show
_LINK = 4_000


@dataclass
class Outcome:
    """What became of one case."""

    kind: str = "crash"  # loaded, refused, crash
    said: str = ""
    trace: str = ""
    seconds: float = 0.0
    megabytes: int = 0
    analysed: str = ""  # "", done, refused
    broken: list[str] = field(default_factory=list)  # what the reader died of where isolate says "damaged"


class Harness:
    """Reads cases one after the other; `tell` says to the parent where it is."""

    def __init__(self, tell, real: bool) -> None:
        self.tell, self.broken = tell, list[str]()
        if not real:
            isolate.readers = SimpleNamespace(ask=self._ask, Ended=Ended, NotStartedError=NotStartedError)

    def _ask(self, request: Request, raw: bytes, most: int) -> Ended:
        """What the reading process answers, and its exit status."""
        request_of(request.packed()[LENGTH:])
        self.tell("reader")
        try:
            whole = b"".join(bytes(piece) for piece in child.answer(request, raw))
            return Ended(memoryview(whole)[LENGTH:], 0)
        except MemoryError:
            return Ended(None, child.OUT_OF_MEMORY)
        except BaseException as error:  # a panic of a library in Rust is no Exception
            self.broken.append(f"{type(error).__name__} in {_place(error)}: {str(error)[:80]}")
            return Ended(None, 1)
        finally:
            self.tell("engine")

    def outcome(self, case, analyse: bool) -> Outcome:
        found, self.broken = Outcome(), []
        begun = time.process_time()
        _forget_peak()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.filterwarnings("error", module="ketadash")
                self._read(case, analyse, found)
        except KetadashError as error:
            found.kind, found.said = "refused", str(error)
        except BaseException as error:
            found.kind, found.said, found.trace = (
                "crash",
                f"{type(error).__name__} in {_place(error)}",
                traceback.format_exc()[-6_000:],
            )
        found.seconds, found.megabytes = time.process_time() - begun, _peak()
        found.broken = self.broken
        if found.kind == "refused" and (wrong := _wrong_with(found.said)):
            found.kind, found.trace, found.said = "crash", found.said[:3_000], f"message {wrong}"
        return found

    def _read(self, case, analyse: bool, found: Outcome) -> None:
        recipe = from_toml(case.recipe) if case.recipe else None
        [(name, raw), *more] = case.files.items()
        given = gather(case.files if more else raw, None if more else name)
        checks = validate(given, recipe=recipe)
        for check in checks:
            if wrong := _wrong_with(check.message, remedy=check.severity == "error"):
                raise AssertionError(f"{check.name} {wrong}: {check.message[:300]}")
        # Which arm is the control is asked of the analysis; every other question, before anything is loaded.
        asked = any(c.severity == "question" and c.key != "control" for c in checks)
        stopped = asked or any(c.severity == "error" and c.name != "choices" for c in checks)
        try:
            trial = load(given, recipe=recipe)
        except KetadashError:
            assert stopped, "load refuses what validate lets pass"
            raise
        assert not stopped, "validate refuses what load reads"
        found.kind = "loaded"
        self._again(given, trial)
        if analyse:
            found.analysed = _analysed(case, trial)

    def _again(self, given, trial) -> None:
        """The completed recipe reads the same, from its file and from its link."""
        assert from_toml(trial.recipe.to_toml()) == trial.recipe, "recipe.toml says something else"
        link = trial.recipe.to_link()
        if len(link) <= _LINK and link.count("&") < 199:
            assert from_link(link) == trial.recipe, "the link says something else"
        again = load(given, recipe=trial.recipe)
        pd.testing.assert_frame_equal(again.days, trial.days)
        pd.testing.assert_frame_equal(again.participants, trial.participants)
        assert again.recipe == trial.recipe, f"the recipe changes: {_difference(again.recipe, trial.recipe)}"


def _difference(a: Recipe, b: Recipe) -> str:
    return ", ".join(f for f in Recipe.__slots__ if getattr(a, f) != getattr(b, f))


def _analysed(case, trial) -> str:
    """As `ketadash analyze` does it: everything, or, for most, the quicker parts under another missing-day rule."""
    spec = trial.declared.published
    wanted = tuple(s for s in section_names() if case.number % 4 == 0 or s != "sensitivity")
    if case.number % 4 == 1:
        spec = spec.replace(missing=list(MissingRule)[case.number // 4 % 5])
    try:
        document = analysis(trial, spec, wanted)
    except KetadashError as error:
        if wrong := _wrong_with(str(error)):
            raise AssertionError(f"message {wrong}: {str(error)[:300]}") from None
        return "refused"
    text = dumps(document)
    text.encode()
    json.loads(text, parse_constant=lambda name: 1 / 0)
    if trial.published:
        with contextlib.suppress(KetadashError):
            published.reproduce(published.read(trial.published).numbers, document)
    return "done"


def _wrong_with(message: str, remedy: bool = True) -> str:
    """What a message lacks: a text that fits a page and says what to do."""
    if not message.strip():
        return "is empty"
    if len(message) > LONGEST:
        return f"has {len(message):,} characters"
    if remedy and not any(mark in message for mark in (";", ":", ". ", " or ", "choose", "write ")):
        return "has no remedy"
    return ""


def _place(error: BaseException) -> str:
    """The last line of ours that an error went through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/ketadash/" in f.filename] or [None]
    return f"{frames[-1].filename.rpartition('/ketadash/')[2]}:{frames[-1].lineno}" if frames[-1] else "?"


def _forget_peak() -> None:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as stream:
        stream.write("5")


def _peak() -> int:
    """Most megabytes held since `_forget_peak` (Linux), else since the process began."""
    with contextlib.suppress(OSError), open("/proc/self/status") as stream:
        return next(int(line.split()[1]) // 1024 for line in stream if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def serve(connection, stacks: str, real: bool) -> None:
    """Answer (case, analyse) with an `Outcome` until there are no more; `stacks` gets where it was when it hung."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries that panic say so at length
    memory = limits().memory * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    harness = Harness(lambda where: connection.send(where), real)
    with open(stacks, "w") as log:
        faulthandler.enable(log)
        while (asked := connection.recv()) is not None:
            log.seek(0)
            log.truncate()
            connection.send(harness.outcome(*asked))
