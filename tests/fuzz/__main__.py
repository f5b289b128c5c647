"""``python -m tests.fuzz --files 5000 --seed 1``: exit status 1 if anything crashed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "trial")]

import corpus  # noqa: E402  (the folders above come first)
import runner  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=5_000, help="how many spoiled files are read (default: 5000)")
    parser.add_argument("--analyses", type=int, default=300, help="how many of those that load are analysed, at least")
    parser.add_argument("--isolated", type=int, default=200, help="how many more are read in a process of their own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--keep", type=Path, help="the folder for what crashes (default: a new one)")
    options = parser.parse_args()
    keep = options.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    begun = time.monotonic()
    tally = runner.run(options.seed, options.files, options.analyses, keep, options.first)
    isolated = runner.through_isolate(options.seed, options.isolated, tally, keep, options.first)
    report(tally, isolated, options.seed, time.monotonic() - begun)
    if tally.crashes:
        print(f"what crashed is kept in {keep}")
    return 1 if tally.crashes else 0


def report(tally: runner.Tally, isolated: Counter, seed: int, seconds: float) -> None:
    """The table format × shape, then what was slow, large or broken."""
    print(f"\ncases read / refused / crashed, seed {seed}")
    print(f"{'':10}" + "".join(f"{shape:>13}" for shape in corpus.SHAPES))
    for how in dict.fromkeys(f for f, _ in tally.cells):
        cells = [tally.cells[how, shape] for shape in corpus.SHAPES]
        print(f"{how:10}" + "".join(f"{c['loaded']:>6}/{c['refused']}/{c['crash']}".rjust(13) for c in cells))
    total = Counter()
    for cell in tally.cells.values():
        total.update(cell)
    print(
        f"\n{total['cases']:,} cases ({tally.files:,} files): {total['loaded']:,} read, {total['refused']:,} refused, "
        f"{total['crash']} crashed; {tally.analysed} analysed; {seconds:.0f} s"
    )
    print(
        f"through isolate itself: {isolated['loaded']} read, {isolated['refused']} refused, {isolated['crash']} crashed"
    )
    for said, worst in (
        ("slowest", [f"{s:.1f} s" for s, _ in tally.slowest]),
        ("largest", [f"{m} MB" for m, _ in tally.largest]),
    ):
        names = [n for _, n in (tally.slowest if said == "slowest" else tally.largest)]
        print(f"{said}: " + "; ".join(f"{w} ({n[:90]})" for w, n in zip(worst, names, strict=True)))
    for said, n in tally.broken.most_common(25):
        print(f"  reader, said to be damaged: {n:4} {said}")
    for said, n in tally.refusals.most_common(30):
        print(f"  refused: {n:4} {said}")
    for said, n in Counter(o.said for _, o in tally.crashes).most_common():
        first = next(c for c, o in tally.crashes if o.said == said)
        print(f"CRASH {n:4} {said[:200]}   e.g. {first.name[:140]}")


if __name__ == "__main__":
    sys.exit(main())
