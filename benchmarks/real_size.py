"""The app and the command line on trials of the size that trials have: from a dropped file to the pictures, and memory.

    python benchmarks/real_size.py [--sizes 300x90,570x168,1400x112,10000x90] [--commands] [--peers] [--minutes 12]

Simulated days, 15% of them missing (a tenth of the people leave, the others miss days), decided by the size alone.  A
reader who speaks the browser's protocol (serving.py) drops the file, opens the Overview, then every other page, and
flips choices, each to a word that nobody has chosen, back, and again.  *First picture* is when the server has sent one,
*whole* when nothing goes on for the page, in the background neither; nothing is painted.  Beside the clock stands the
server's own processor time, as other work on the machine lengthens the former.  `--commands` adds the command line's
parts, shuffles and subgroups among them, each in a process of its own.  The bare kernels and, where `Rscript` is and
`--peers` asks for them, R's (real_size.R) fit the same days.  What would go beyond `--limit` seconds, or beyond the
`--minutes` of all, is ended and said to be.  Prints, and writes benchmarks/results/real_size.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import serving
from crowd import health
from engines import here, timed
from serving import Reader, Run, Server, server

from ketadash.analyse.binary import abstinence_fit, heavy_fit, panel_of
from ketadash.analyse.fits import by_quadrature, by_rspl
from ketadash.analyse.outcomes import time_to
from ketadash.analyse.provenance import versions
from ketadash.core.choices.missing_choice import STOPS
from ketadash.core.spec import Trend
from ketadash.trial import load, resolve

HERE = Path(__file__).resolve().parent
SIZES = ("300x90", "1400x112")  # 570x168 and 10000x90 by `--sizes`
# page: the choices flipped there, each with the word that nobody has chosen yet and the one it has
FLIPPED = {
    "": {"missing": ("missing", "drinking")},
    "abstinent-days": {
        "missing": ("missing", "drinking"),
        "trend": ("linear", "quadratic"),
        "baseline": ("unadjusted", "adjusted"),
        "curve": ("typical", "population"),
    },
    "heavy-days": {"missing": ("missing", "drinking")},
    "time-to-relapse": {"dropout": ("censored", "event")},
    "number-needed-to-treat": {"missing": ("missing", "drinking")},
}
PARTS = {
    "main results": (),
    "subgroups": ("--only", "subgroups", "--subgroup", "site"),
    "sensitivity": ("--only", "sensitivity"),
    "1,000 shuffles": ("--only", "randomisation", "--shuffles", "1000"),
}
PEERS_S = 60.0  # for R: its glmer takes minutes beyond 300 × 90
Found = dict[str, Any]


def days(people: int, n_days: int) -> str:
    """A trial's file: arms, sites, a baseline, drinks a day; the size decides every number in it."""
    rng = np.random.default_rng([20, people, n_days])
    arm, baseline = np.arange(people) % 2, np.clip(rng.normal(20, 6, people).round(), 0, 28)
    t = np.arange(1, n_days + 1) / n_days
    level = rng.normal(0, 1.8, people) - 0.05 * (baseline - 20) + 0.35 * arm - 0.6
    log_odds = level[:, None] + (0.5 + 0.5 * arm[:, None]) * t
    drinks = np.where(
        rng.random((people, n_days)) < 1 / (1 + np.exp(-log_odds)), 0, 1 + rng.poisson(4.5, log_odds.shape)
    )
    leaves = np.where(rng.random(people) < 0.15, rng.integers(2, n_days + 1, people), n_days + 1)
    known = (np.arange(1, n_days + 1) < leaves[:, None]) & (rng.random(log_odds.shape) < 0.92)
    rows = ["participant_id,arm,site,day,drinks,baseline_drinks"]
    for i in range(people):
        who = f"P{i + 1:05},{('placebo', 'active')[arm[i]]},{'ABCDE'[i % 10 // 2]}"
        rows += [f"{who},{j + 1},{drinks[i, j]},{baseline[i]:g}" for j in np.flatnonzero(known[i])]
    return "\n".join(rows) + "\n"


# --- the app ---------------------------------------------------------------------------------------------------------


class Watched:
    """A server with a reader; each step's times by the clock and of the server's processor."""

    def __init__(self, served: Server, reader: Reader) -> None:
        self.served, self.reader = served, reader
        self.process = psutil.Process(served.process.pid)

    def step(self, what: str, do: Callable[[], Run], *, whole: bool = False) -> Found:
        """Do it, and say what it took; with `whole`, also until the server does nothing more for it."""
        begun, used, at_picture = time.perf_counter(), self._used(), []  # type: ignore[var-annotated]
        self.reader.at_first_picture = lambda: at_picture.append(self._used() - used)
        run = do()
        found: Found = {
            "what": what,
            "first_picture_s": run.first_picture_s,
            "first_picture_cpu_s": next(iter(at_picture), None),
            "script_s": run.seconds,
            "cpu_s": self._used() - used,
            "trouble": run.trouble,
        }
        if whole:
            while health(self.served.address)["jobs_running"]:
                time.sleep(1.0)  # as often as a page looks
                self.reader.again()  # a job that nobody looks at stops
            self.reader.again()
            found |= {"whole_s": time.perf_counter() - begun, "whole_cpu_s": self._used() - used}
        found["load_1min"] = round(os.getloadavg()[0], 1)
        _told(found)
        if run.trouble:
            print(f"    the page says that something is wrong: {run.trouble}", flush=True)
        return found

    def _used(self) -> float:
        """Processor seconds of the server and of the processes that work for it."""
        each = [self.process, *self.process.children(recursive=True)]
        return float(sum(sum(one.cpu_times()[:2]) for one in each if one.is_running()))

    def peak_mb(self) -> float | None:
        """The most memory the server itself ever held, as Linux says."""
        status = Path(f"/proc/{self.served.process.pid}/status")
        if not status.exists():
            return None
        mark = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return round(int(mark.split()[1]) / 1024)


def app(size: str, body: bytes) -> Found:
    """From the dropped file through every page."""
    with server() as served:
        reader = Reader(served.address)
        reader.open()  # of the sample: what is imported once is there
        w = Watched(served, reader)
        steps = [
            w.step("file read", lambda: reader.upload(f"{size}.csv", body)),
            w.step("Overview", lambda: reader.turn(""), whole=True),
        ]
        steps += [w.step(f"page {path}", lambda path=path: reader.turn(path)) for path in reader.pages if path]
        steps += [step for path, flips in FLIPPED.items() for step in _flips(w, path, flips)]
        steps += _dial(w)
        found = {"steps": steps, "peak_mb": w.peak_mb()}
        reader.close()
    print(f"  peak of the server {found['peak_mb']} MB", flush=True)
    return found


def _flips(w: Watched, path: str, flips: dict[str, tuple[str, str]]) -> Iterator[Found]:
    name = path or "overview"
    w.reader.turn(path)
    for control, (word, back) in flips.items():
        if control in w.reader.ids:
            # a word may have been chosen on another page before: its models are then known
            yield w.step(f"{name}: {control} new", lambda c=control, v=word: w.reader.choose(c, v))
            w.reader.choose(control, back)
            yield w.step(f"{name}: {control} seen", lambda c=control, v=word: w.reader.choose(c, v))
            w.reader.choose(control, back)


def _dial(w: Watched) -> Iterator[Found]:
    w.reader.turn("what-if")
    yield w.step("dial: turned on", lambda: w.reader.choose("missing", "dial"), whole=True)
    if "dial_control" in w.reader.ids:
        place = len(STOPS) // 2 + 1
        yield w.step("dial: a stop never seen", lambda: w.reader.slide("dial_control", place))
        w.reader.slide("dial_control", place - 1)
        yield w.step("dial: a stop seen", lambda: w.reader.slide("dial_control", place))


# --- the command line, the kernels, R --------------------------------------------------------------------------------


def commands(file: Path, limit: Callable[[], float]) -> Iterator[Found]:
    """Each part of `ketadash analyze`, in a process of its own; `limit` says for how many seconds it may go on."""
    for part, words in PARTS.items():
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "ketadash", "analyze", str(file), *words, "--quiet", "--json", os.devnull]
        process, allowed = subprocess.Popen(command, stderr=subprocess.PIPE, text=True), limit()
        try:
            _, said = process.communicate(timeout=allowed)
            ended: Found = {"status": process.returncode, "said": said[-300:] if process.returncode else ""}
        except subprocess.TimeoutExpired:
            process.terminate()
            process.communicate()
            ended = {"status": None, "said": f"not finished after {allowed:.0f} s"}
            print(f"  {part}: {ended['said']}", flush=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found = {"what": part, "script_s": time.perf_counter() - begun, "cpu_s": cpu, **ended}
        found["load_1min"] = round(os.getloadavg()[0], 1)
        _told(found)
        yield found


def kernels(file: Path, peers: bool, limit: Callable[[], float]) -> Iterator[Found]:
    """The fits alone, in this process, and R's of the same days, in `limit` seconds."""
    trial = load(file)
    spec, _ = resolve(trial, trial.declared.published)
    abstinent, heavy = abstinence_fit(trial, spec).rows, heavy_fit(trial, spec)
    assert abstinent is not None and heavy is not None and heavy.rows is not None
    rows = heavy.rows
    asked: dict[str, Callable[[], Any]] = {
        "quadrature, quadratic": lambda: by_quadrature(abstinent, Trend.QUADRATIC, "abstinent", 25, False),
        "RSPL with AR(1), linear": lambda: by_rspl(rows, Trend.LINEAR, "heavy", ar1=True),
    }
    for name, fit in asked.items():
        took, _ = timed(fit, 1)
        yield _kernel(name, took["median_s"], took["cpu_s"])
    if peers and (rscript := shutil.which("Rscript")):
        p = panel_of(trial, spec)
        times = time_to(p, "relapse", spec.dropout, spec)
        with tempfile.TemporaryDirectory() as folder:
            columns = (abstinent.ys[0], abstinent.group, abstinent.day, abstinent.active, abstinent.covariates[:, 0])
            _csv(Path(folder) / "days.csv", "y,id,day,arm,covariate", columns)
            _csv(Path(folder) / "relapse.csv", "time,event,arm", (times.day, times.event, p.active))
            try:
                run = subprocess.run(
                    [rscript, HERE / "real_size.R", folder], capture_output=True, text=True, timeout=limit()
                )
            except subprocess.TimeoutExpired as late:
                told = late.stdout or b""
                said = told if isinstance(told, str) else told.decode()
                print(f"  R had not finished after {late.timeout:.0f} s", flush=True)
                run = subprocess.CompletedProcess([], 0, said, "")
        if run.returncode:
            print(f"  R could not run: {run.stderr.strip()[-200:]}", file=sys.stderr)
            return
        for line in run.stdout.splitlines():
            name, clock, cpu = line.split("\t")
            yield _kernel(name, float(clock), float(cpu))


def _kernel(name: str, clock: float, cpu: float) -> Found:
    found = {"what": name, "script_s": clock, "cpu_s": cpu, "load_1min": round(os.getloadavg()[0], 1)}
    _told(found)
    return found


def _csv(file: Path, head: str, columns: tuple[Any, ...]) -> None:
    table = np.column_stack([np.asarray(column, float) for column in columns])
    np.savetxt(file, table, delimiter=",", header=head, comments="", fmt="%g")


def _told(found: Found) -> None:
    first = found.get("first_picture_s")
    picture = "" if first is None else f"first picture {first:6.2f} s ({found['first_picture_cpu_s']:.2f}), "
    whole = (
        f", whole {found['whole_s']:6.2f} s ({found['whole_cpu_s']:.1f} of processors)" if "whole_s" in found else ""
    )
    print(
        f"  {found['what']:44} {picture}script {found['script_s']:6.2f} s ({found['cpu_s']:.2f} of processors){whole}"
        f"  load {found['load_1min']}",
        flush=True,
    )


def main() -> None:
    """Measure, print, and write the results."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--sizes", default=",".join(SIZES))
    asked.add_argument("--commands", action="store_true")
    asked.add_argument("--peers", action="store_true", help="R's fits too, a minute a size")
    asked.add_argument("--limit", type=float, default=900.0, help="seconds for a command or a page")
    asked.add_argument("--minutes", type=float, default=12.0, help="for all sizes together")
    asked.add_argument("--out", default=str(HERE / "results" / "real_size.json"))
    said = asked.parse_args()
    serving.PATIENCE_S = int(said.limit)
    end = time.monotonic() + 60 * said.minutes
    found: Found = {"date": date.today().isoformat(), "machine": here(), "versions": dict(versions()), "sizes": {}}

    def left() -> float:
        return max(1.0, min(said.limit, end - time.monotonic()))

    for size in said.sizes.split(","):
        people, n_days = map(int, size.split("x"))
        print(f"{people:,} × {n_days}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "days.csv"
            file.write_text(days(people, n_days))
            found["sizes"][size] = app(size, file.read_bytes())
            found["sizes"][size]["kernels"] = list(kernels(file, said.peers, lambda: min(left(), PEERS_S)))
            if said.commands:
                found["sizes"][size]["commands"] = list(commands(file, left))
        Path(said.out).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")  # what is there is kept


if __name__ == "__main__":
    main()
