"""Many readers at once: sessions that flip a control every two seconds, one of them with a tipping map under way.

    python benchmarks/crowd.py [--minutes 5] [--sessions 30] [--port 8618]

Readers speak the browser's protocol (serving.py) and paint nothing, so times are those of the server, from the click
to the end of its answer.  Every third has brought a trial of their own (60 people, 28 days, all different), the others
look at the sample, on pages mixed by chance, and each turns to another page every ten flips.  The map is of a trial
with days missing in both arms, 121 cells.  On 127.0.0.1 alone.  Prints a table, writes benchmarks/results/crowd.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import threading
import time
import urllib.request
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from engines import here
from serving import Reader, Run, Server, server

from ketadash.analyse.provenance import versions

HERE = Path(__file__).resolve().parent
PATHS = (
    "",
    "abstinent-days",
    "heavy-days",
    "time-to-relapse",
    "number-needed-to-treat",
    "if-dropout-is-not-relapse",
    "who-they-were",
    "what-else-happened",
)
CONTROLS = {
    "missing": ("drinking", "missing"),
    "trend": ("quadratic", "linear"),
    "baseline": ("adjusted", "unadjusted"),
    "curve": ("population", "typical"),
}
EVERY_S = 2.0
LEAVING_S = 75  # a closed page can come back for a minute


def trial(seed: int, people: int = 60, days: int = 28) -> bytes:
    """Invented people: the active arm drinks a little less, a tenth of the days are missing in both arms."""
    by = random.Random(seed)
    rows = ["participant_id,arm,day,drinks"]
    for i in range(people):
        active, leaning = i % 2, by.gauss(0, 1.5)
        for day in range(1, days + 1):
            if by.random() < 0.1:
                continue
            drinks = 0 if by.gauss(0, 1) + leaning + 0.4 * active > 0 else by.randint(1, 12)
            rows.append(f"P{i:03},{('placebo', 'active')[active]},{day},{drinks}")
    return "\n".join(rows).encode()


class Visitor(threading.Thread):
    """One reader: a click every two seconds, another page every ten clicks."""

    def __init__(self, address: str, seed: int, until: float) -> None:
        super().__init__(daemon=True)
        self._address, self._random, self._until = address, random.Random(seed), until
        self._seed, self.own = seed, seed % 3 == 0
        self.flips: list[tuple[float, float]] = []  # when, and how long
        self.turns: list[float] = []
        self.opened: float | None = None  # when all was there for the first click
        self.trouble: list[str] = []

    def run(self) -> None:
        time.sleep(self._random.uniform(0, EVERY_S))
        try:
            reader = Reader(self._address)
            self._heard(reader.open(self._random.choice(PATHS)))
            if self.own:
                self._heard(reader.upload(f"trial{self._seed}.csv", trial(self._seed)))
                self._heard(reader.turn(self._random.choice(PATHS)))
            self.opened = due = time.monotonic()
            while time.monotonic() < self._until:
                due += EVERY_S
                time.sleep(max(0.0, due - time.monotonic()))
                if len(self.flips) % 10 == 9 and len(self.turns) * 10 < len(self.flips):
                    self.turns.append(self._heard(reader.turn(self._random.choice(PATHS))).seconds)
                    continue
                key = self._random.choice([key for key in CONTROLS if key in reader.ids])
                run = self._heard(reader.choose(key, self._random.choice(CONTROLS[key])))
                self.flips.append((time.monotonic(), run.seconds))
            reader.close()
        except Exception as error:
            self.trouble.append(type(error).__name__)

    def _heard(self, run: Run) -> Run:
        self.trouble += run.trouble
        return run


def main() -> None:
    """Measure, print, and write the results."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--minutes", type=float, default=5.0)
    asked.add_argument("--sessions", type=int, default=30)
    asked.add_argument("--port", type=int)
    asked.add_argument("--out", default=str(HERE / "results" / "crowd.json"))
    said = asked.parse_args()
    found: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": here(),
        "versions": dict(versions()),
        "sessions": said.sessions,
        "minutes": said.minutes,
    }
    with server(said.port) as served:
        found |= _measure(served, said.sessions, said.minutes)
    found["machine"]["load_1min_at_the_end"] = round(os.getloadavg()[0], 2)
    Path(said.out).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _measure(served: Server, n: int, minutes: float) -> dict[str, Any]:
    first = Reader(served.address)  # what is imported and computed once, for everybody
    for path in PATHS:
        first.pages or first.open()
        first.turn(path)
    first.close()
    start = served.memory_mb()
    until = time.monotonic() + 60 * minutes
    crowd = [Visitor(served.address, seed, until) for seed in range(n)]
    for visitor in crowd:
        visitor.start()
    time.sleep(20 * minutes)  # a third of the time
    load = round(os.getloadavg()[0], 2)
    mapper = Reader(served.address)
    mapper.open()
    mapper.upload("mapped.csv", trial(1_000, people=85))
    begun = time.monotonic()
    mapped = _map(mapper, served.address, until)
    full = served.memory_mb()
    for visitor in crowd:
        visitor.join(60 * minutes + 120)
    mapper.close()
    time.sleep(LEAVING_S)
    after = served.memory_mb()
    flips = [f for v in crowd for f in v.flips]
    rows = {
        "all": _summary([s for _, s in flips]),
        "before the map": _summary([s for at, s in flips if at < begun]),
        "while the map runs": _summary([s for at, s in flips if begun <= at < begun + mapped]),
        "their own trial": _summary([s for v in crowd if v.own for _, s in v.flips]),
        "the sample": _summary([s for v in crowd if not v.own for _, s in v.flips]),
        "page turns": _summary([s for v in crowd for s in v.turns]),
    }
    for what, row in rows.items():
        print(f"{what:24}{row}")
    trouble = [t for v in crowd for t in v.trouble]
    errors = [line for line in served.log if re.search(r"Error|Exception|Traceback", line)]
    memory = {
        "start_mb": round(start),
        "full_mb": round(full),
        "after_mb": round(after),
        "a_session_mb": round((full - start) / (n + 1), 2),
        "health": health(served.address),
    }
    print(f"errors {len(trouble)} {trouble[:3]}, in the log {len(errors)}; {memory}; load {load}")
    return {
        "flips": rows,
        "errors": trouble,
        "log_errors": errors[:10],
        "memory": memory,
        "map_s": round(mapped, 1),
        "load_under_way": load,
    }


def _map(mapper: Reader, address: str, until: float) -> float:
    """Seconds for which the background work of the what-if page was under way; it is looked at, as a page does."""
    begun, seen = time.monotonic(), 0.0
    while time.monotonic() < until:
        time.sleep(1)
        mapper.turn("what-if")
        if health(address)["jobs_running"]:
            seen = time.monotonic() - begun
        elif seen or time.monotonic() - begun > 20:
            break
    return seen


def health(address: str) -> dict[str, Any]:
    """What the server says of itself."""
    with ExitStack() as stack:
        answer = stack.enter_context(urllib.request.urlopen(f"{address}/healthz", timeout=30))
        found: dict[str, Any] = json.loads(answer.read())
    return found


def _summary(seconds: list[float]) -> dict[str, Any]:
    if not seconds:
        return {"n": 0}
    ordered = sorted(1000 * s for s in seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return {
        "n": len(ordered),
        "p50_ms": round(statistics.median(ordered)),
        "p95_ms": round(p95),
        "most_ms": round(ordered[-1]),
    }


if __name__ == "__main__":
    main()
