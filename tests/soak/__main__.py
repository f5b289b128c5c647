"""Attack a server of its own with the list of docs/security.md, and say whether its bounds hold.

    make soak                                      every attack, and thirty readers beside the worst of the files
    make soak ARGS="--only 13 --no-crowd"          the attacks of one item
    make soak ARGS="--seconds 300"                 the thirty readers for five minutes

On 127.0.0.1 alone.  It takes up to half of the machine's memory, about a quarter of an hour, and a server whose times
mean something only where nothing else works.  Exit status 1 if a bound was broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "benchmarks"), str(HERE.parents[1])]

import serving  # noqa: E402  (the folders above come first)
import soak_attacks  # noqa: E402, F401  (puts its attacks on the list)
import soak_crowd  # noqa: E402
import soak_doors  # noqa: E402, F401
from soak_target import ATTACKS, LONGEST_S, Attack, Outcome, Target, load  # noqa: E402

serving.PATIENCE_S = LONGEST_S


def tried(one: Attack, target: Target) -> Outcome:
    """What became of an attack; one that ends in an error has broken its bound."""
    try:
        return one.run(target)
    except Exception as error:
        return Outcome(f"{type(error).__name__}: {str(error)[:80]}", False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", help="items or words of the attacks to try (default: all)")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long the thirty readers flip (default: 120)")
    parser.add_argument("--readers", type=int, default=30)
    parser.add_argument("--no-crowd", action="store_true", help="without the thirty readers")
    options = parser.parse_args()
    broken = 0
    print(f"load before: {load()}\n")
    for one in [a for a in ATTACKS if chosen(a, options.only)]:
        with serving.server() as served:
            begun = time.monotonic()
            outcome = tried(one, Target(served))
        broken += not outcome.kept
        said(one.item, one.what, one.bound, outcome, time.monotonic() - begun)
    if not options.no_crowd:
        outcome = soak_crowd.beside_the_worst(options.readers, options.seconds)
        broken += not outcome.kept
        said(
            "all",
            f"{options.readers} readers flip while one brings the worst files again and again",
            f"p95 ≤ {soak_crowd.P95_MS} ms, no error",
            outcome,
            options.seconds,
        )
    print(f"\n{broken} of the bounds broken; load after: {load()}" if broken else f"\nevery bound held; load: {load()}")
    return 1 if broken else 0


def chosen(one: Attack, only: list[str] | None) -> bool:
    """Whether an attack was asked for."""
    items = [part.strip() for part in one.item.split(",")]
    return not only or any(word in items or word in one.what for word in only)


def said(item: str, what: str, bound: str, outcome: Outcome, seconds: float) -> None:
    """A row of the table."""
    verdict = "held  " if outcome.kept else "BROKEN"
    print(
        f"{verdict}  {item:7} {what}\n"
        f"        expected: {bound}\n        measured: {outcome.measured}  [{seconds:.0f} s]",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
