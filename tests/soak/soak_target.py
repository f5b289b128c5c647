"""The server under attack, what is watched of it meanwhile, and what an attack gives back.

Every address is on 127.0.0.1, of a server that was started here; `Target` refuses any other.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
from serving import Reader, Server

LONGEST_S = 300.0  # for anything that an attack waits for; nothing that is bounded takes so long
EVERY_S = 0.1  # between two looks at the server


@dataclass(frozen=True)
class Outcome:
    """What was measured, and whether it stayed within the bound."""

    measured: str
    kept: bool


@dataclass(frozen=True)
class Attack:
    """One attempt: the item of the list that it is from, what it does, and what must hold."""

    item: str
    what: str
    bound: str
    run: Callable[[Target], Outcome]
    cheap: bool  # a few seconds, and no clock decides: tests/soak/test_soak.py runs it too


ATTACKS: list[Attack] = []


def attack(item: str, what: str, bound: str, *, cheap: bool = False) -> Callable[[Callable[[Target], Outcome]], Attack]:
    """Put a function on the list."""

    def listed(run: Callable[[Target], Outcome]) -> Attack:
        one = Attack(item, what, bound, run, cheap)
        ATTACKS.append(one)
        return one

    return listed


@dataclass
class Seen:
    """What an honest visitor and the machine's owner saw while something went on."""

    answers_s: list[float] = field(default_factory=list)
    failures: int = 0
    peak_mb: float = 0.0
    log_bytes: int = 0

    @property
    def longest_s(self) -> float:
        """The longest wait for a small answer."""
        return max(self.answers_s, default=0.0)


class Target:
    """A server on 127.0.0.1 that may be attacked."""

    def __init__(self, server: Server) -> None:
        parts = urlsplit(server.address)
        if parts.hostname != "127.0.0.1" or parts.port is None:
            raise SystemExit("only a server on 127.0.0.1 is attacked")
        self.server, self.address, self.port = server, server.address, parts.port

    def reader(self) -> Reader:
        """An honest page, as a browser opens it."""
        return Reader(self.address)

    def processes(self) -> list[psutil.Process]:
        """The server and all that it has started."""
        own = psutil.Process(self.server.process.pid)
        return [own, *own.children(recursive=True)]

    def memory_mb(self) -> float:
        """Of all processes together; what they share is counted once."""
        return sum(map(_proportional_mb, self.processes()))

    def cpu_s(self) -> float:
        """Seconds of processor time that the living processes have used."""
        total = 0.0
        for process in self.processes():
            try:
                times = process.cpu_times()
            except psutil.Error:  # ended meanwhile
                continue
            total += times.user + times.system
        return total

    def log(self) -> str:
        """Everything that the server has written."""
        return "".join(self.server.log)

    @contextmanager
    def watched(self) -> Iterator[Seen]:
        """Ask for something small again and again, and look at the memory, until the attack is over."""
        seen, over = Seen(), threading.Event()
        before = len(self.log())
        threads = [threading.Thread(target=f, args=(seen, over)) for f in (self._ask, self._weigh)]
        for thread in threads:
            thread.start()
        try:
            yield seen
        finally:
            over.set()
            for thread in threads:
                thread.join(LONGEST_S)
            seen.log_bytes = len(self.log()) - before

    def _ask(self, seen: Seen, over: threading.Event) -> None:
        with httpx.Client(base_url=self.address, timeout=LONGEST_S) as client:
            while not over.wait(EVERY_S):
                begun = time.perf_counter()
                try:
                    client.get("/healthz")
                except httpx.HTTPError:
                    seen.failures += 1
                seen.answers_s.append(time.perf_counter() - begun)

    def _weigh(self, seen: Seen, over: threading.Event) -> None:
        while not over.wait(2 * EVERY_S):
            seen.peak_mb = max(seen.peak_mb, self.memory_mb())


def _proportional_mb(process: psutil.Process) -> float:
    try:
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
        return float(process.memory_info().rss / 1e6)
    except (OSError, psutil.Error):  # ended meanwhile, or another system
        return 0.0


def wait_until(condition: Callable[[], object], most_s: float = LONGEST_S) -> float | None:
    """Seconds until a condition held; None if it never did."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > most_s:
            return None
        time.sleep(EVERY_S)
    return time.monotonic() - begun


def load() -> float:
    """How many processes wanted a processor in the last minute: times mean little where others work too."""
    return round(os.getloadavg()[0], 1)
