"""Thirty readers flip while somebody brings the worst files again and again (the readers are those of crowd.py)."""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import suppress
from typing import Any

import soak_files as made
from crowd import PATHS, Visitor
from serving import server
from soak_listener import Listener
from soak_target import LONGEST_S, Outcome, Target, load

P95_MS = 500


def beside_the_worst(readers: int, seconds: float) -> Outcome:
    """The readers' slowest twentieth once all are there, in a server that is attacked the whole time."""
    with server() as served:
        target = Target(served)
        first = Listener(target.address)  # what is imported and computed once, for everybody
        first.open()
        for path in PATHS:
            first.turn(path)
        first.close()
        until = time.monotonic() + seconds
        crowd = [Visitor(target.address, seed, until) for seed in range(readers)]
        # in a process of its own: in this one it would hold up the readers themselves, whatever the server does
        attack = multiprocessing.get_context("spawn")
        brought = attack.Value("i", 0)
        attacker = attack.Process(target=_bring, args=(target.address, seconds, brought), daemon=True)
        with target.watched() as seen:
            attacker.start()
            for thread in crowd:
                thread.start()
            for thread in crowd:
                thread.join(seconds + LONGEST_S)
            attacker.kill()
    all_there = max((v.opened for v in crowd if v.opened is not None), default=0.0)
    flips = sorted(1000 * s for v in crowd for when, s in v.flips if when - s >= all_there)
    trouble = [t for v in crowd for t in v.trouble]
    p95 = flips[min(len(flips) - 1, round(0.95 * len(flips)))] if flips else float("inf")
    middle = flips[len(flips) // 2] if flips else float("inf")
    return Outcome(
        f"{len(flips)} flips, median {middle:.0f} ms, p95 {p95:.0f} ms, {len(trouble)} errors {trouble[:2]}; "
        f"{brought.value} files brought; {seen.peak_mb:,.0f} MB; load {load()}",
        p95 <= P95_MS and not trouble,
    )


def _bring(address: str, seconds: float, brought: Any) -> None:
    """One after the other, as fast as they are answered."""
    os.nice(10)  # an attacker's machine is another one
    until = time.monotonic() + seconds
    worst = (
        ("x.csv.gz", made.padded()),
        ("x.csv", made.quotes()),
        ("x.xlsx", made.workbook()),
        ("y.csv", made.commas()),
        ("x.zip", made.directory()),
    )
    while time.monotonic() < until:
        for name, raw in worst:
            with suppress(Exception):
                one = Listener(address)
                one.open()
                one.upload(name, raw)
                one.close()
                brought.value += 1
            if time.monotonic() >= until:
                return
