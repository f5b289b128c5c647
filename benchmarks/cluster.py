"""The same work in this process, in loky's processes and on a Dask cluster: same bits, cost of a task, a worker killed.

    python benchmarks/cluster.py            prints tables, writes benchmarks/results/cluster.json

The cluster is a local one of two processes on 127.0.0.1; `ketadash.analyse.batch` reaches it as it would any other, by
KETADASH_DASK.  Two processes on two cores show that the numbers are the same and what a task costs, no speed-up.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("KETADASH_WORKERS", "2")

import json
import pickle
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from distributed import LocalCluster
from engines import here, simulated

from ketadash.analyse import batch, tipping_problem
from ketadash.analyse.binary import abstinence_fit, model_abstinence, panel_of
from ketadash.analyse.design import matrix, terms
from ketadash.analyse.provenance import versions
from ketadash.analyse.randomisation import randomisation_problem, shuffles_of
from ketadash.analyse.specification_tasks import rows_of
from ketadash.analyse.specifications import PROBLEMS
from ketadash.analyse.tipping_map import cells
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, MissingRule, PValues, Trend
from ketadash.export.provenance import stamp
from ketadash.export.supplement.ask import supplement_file
from ketadash.export.supplement.content import Order, usual_pages
from ketadash.stats import glmm
from ketadash.trial import Trial, load_sample, resolve

HERE = Path(__file__).resolve().parent
PATIENCE_S = 40
SUPPLEMENT = "supplement, 3 pages"
Work = tuple[Callable[[Any], Any], Sequence[Any]]


# --- the work, each a pure function of one task -----------------------------------------------------------------------


def imputed(task: tuple[Any, AnalysisSpec]) -> list[float]:
    """Impute, fit each imputation, pool."""
    return [float(c.estimate) for c in model_abstinence(*task).fitted.model.coefficients]


def resampled(task: tuple[Any, int]) -> list[float]:
    """One bootstrap of participants: the task's seed decides who is drawn."""
    (y, X, group), seed = task
    people = np.unique(group)
    drawn = np.random.default_rng(seed).choice(people, len(people))
    rows = [np.flatnonzero(group == who) for who in drawn]
    order, again = np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    return _numbers(glmm.fit(y[order], X[order], again))


def simulation(seed: int) -> list[float]:
    """A simulated trial of 40 people, fitted."""
    d = simulated(40, 21, seed)
    return _numbers(glmm.fit(d["y"], d["quadrature"], d["group"]))


def nothing(task: int) -> int:
    """What is left is the cost of sending it."""
    return task


def slow(task: int) -> int:
    """A tenth of a second, and a number that says it was done."""
    time.sleep(0.1)
    return task * task


def deadly(task: tuple[int, int]) -> int:
    """Kills whichever worker takes task 3, however often it is tried; never the process that asks."""
    number, asked_by = task
    if number == 3 and os.getpid() != asked_by:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _numbers(f: glmm.GlmmFit) -> list[float]:
    return [*f.beta.tolist(), f.sigma, f.minus2ll, *f.covariance.ravel().tolist()]


def _work(trial: Trial) -> dict[str, Work]:
    spec, _ = resolve(trial, AnalysisSpec(imputations=10))
    p, problem, curve = panel_of(trial, spec), tipping_problem(trial, spec), PROBLEMS["abstinence"](trial, spec)
    r = abstinence_fit(trial, spec).rows
    assert r is not None and curve is not None
    shuffled, places = randomisation_problem(trial, spec.replace(shuffles=240)), cells(problem)
    rows = [[at for at in places if at[0] == row] for row in sorted({at[0] for at in places})]
    X = matrix(terms(Trend.QUADRATIC, r.covariate_names), r.day, r.active, r.covariates)
    stops = [spec.replace(missing=MissingRule.IMOR, imor_control=x) for x in np.geomspace(0.1, 10, 12)]
    return {
        "imputation, 12 dial stops": (imputed, [(p, s) for s in stops]),
        "tipping map": (problem.cell, cells(problem)[:16]),
        "tipping map, cells of a row together": (problem.cells, rows),
        "240 shuffles": (shuffles_of, [(shuffled, block) for block in shuffled.blocks]),
        "specification curve": (rows_of, curve.tasks),
        "bootstrap of participants": (resampled, [((r.ys[0], X, r.group), seed) for seed in range(24)]),
        "simulated trials": (simulation, list(range(24))),
    }


def supplement(trial: Trial) -> bytes:
    """A file with its toggles: two choices that can be flipped, three pages."""
    spec, _ = resolve(trial, AnalysisSpec())
    order = Order(usual_pages(("abstinence", "nnt", "missing_days")), PValues.SHOWN, False)
    origin = stamp(trial, AnalysisSpec(), spec, when=datetime(2026, 11, 30, tzinfo=UTC))
    return supplement_file(trial, AnalysisSpec(), ("missing", "trend"), order, origin, lambda done, of, what: None)


def bits(result: Any) -> bytes:
    """A result as bytes, every bit of its numbers; pickled ones differ by what they share."""
    if isinstance(result, np.ndarray):
        return repr((result.shape, result.dtype.str)).encode() + result.tobytes()
    if is_dataclass(result) and not isinstance(result, type):
        return b"".join(bits(getattr(result, f.name)) for f in fields(result))
    if isinstance(result, Mapping):
        return b"".join(bits(key) + bits(value) for key, value in result.items())
    if isinstance(result, list | tuple):
        return b"[" + b",".join(map(bits, result)) + b"]"
    return repr(result).encode()


def thinned(trial: Trial) -> Trial:
    """The sample with the last days of every third participant of either arm taken away."""
    days = trial.days.copy()
    gone = days["participant_id"].isin(list(trial.participants["participant_id"])[::3]) & (days["day"] > 14)
    days.loc[gone, str(trial.declared.amount)] = float("nan")
    return replace(trial, days=days)


# --- where it is done ------------------------------------------------------------------------------------------------


@contextmanager
def dask(**how: Any) -> Iterator[LocalCluster]:
    """A cluster of two processes that `batch` uses until the block ends."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50, **how
    ) as cluster:
        os.environ[batch.DASK] = cluster.scheduler_address
        try:
            yield cluster
        finally:
            del os.environ[batch.DASK]
            batch.dask_client(cluster.scheduler_address).close(timeout=10)
            batch.dask_client.cache_clear()


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def _through_batch(work: Work) -> list[Any]:
    return [done for _, done in batch.run(*work)]


def _overhead(n: int = 60) -> dict[str, float]:
    """Milliseconds a task that does nothing takes, one at a time for each worker as `batch` hands them out."""
    _through_batch((nothing, range(8)))
    seconds = [_timed(lambda: _through_batch((nothing, range(n))))[0] for _ in range(3)]
    return {"ms_a_task": 1000 * statistics.median(seconds) / n}


def _when_killed(pid_of: Callable[[], int], tasks: int = 60) -> dict[str, Any]:
    """Kill a worker one second into the run: what comes of it, and how long it took."""
    _through_batch((slow, range(4)))
    threading.Timer(1.0, lambda: os.kill(pid_of(), signal.SIGKILL)).start()
    return _outcome((slow, range(tasks)), [x * x for x in range(tasks)])


def _outcome(work: Work, expected: list[Any]) -> dict[str, Any]:
    """What comes of it within `PATIENCE_S`; whoever still waits then is left behind."""
    found: list[str] = []

    def run() -> None:
        try:
            found.append("the result, the same" if _through_batch(work) == expected else "ANOTHER RESULT")
        except KetadashError as error:
            found.append(f"message: {error}")
        except Exception as error:
            found.append(f"{type(error).__name__}, not a message: {error}")

    start = time.perf_counter()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return {
        "outcome": found[0] if found else f"no answer in {PATIENCE_S} s",
        "seconds": round(time.perf_counter() - start, 2),
    }


def _until(mended: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"seconds": _timed(mended)[0]}
    except TimeoutError:
        return {"outcome": f"one alone after {PATIENCE_S} s"}


def _loky_worker() -> int:
    workers = [p for p in psutil.Process().children(recursive=True) if "loky.backend.popen" in " ".join(p.cmdline())]
    return int(workers[0].pid)


# --- the run ---------------------------------------------------------------------------------------------------------


def main() -> None:
    """Run everything in three places, compare, print, write."""
    machine, sample = here(), load_sample()
    work = _work(thinned(sample))
    found: dict[str, dict[str, Any]] = {}
    alone: dict[str, Any] = {}
    for name, (f, tasks) in work.items():
        f(tasks[0])  # imports
        seconds, alone[name] = _timed(lambda f=f, tasks=tasks: [f(task) for task in tasks])
        found[name] = {"tasks": len(tasks), "bytes_a_task": len(pickle.dumps((f, tasks[0]))), "here_s": seconds}
    # its states go through workers wherever they are: with one, all is done in the order of one process
    os.environ[batch.WORKERS] = "1"
    seconds, alone[SUPPLEMENT] = _timed(lambda: supplement(sample))
    os.environ[batch.WORKERS] = "2"
    found[SUPPLEMENT] = {"bytes": len(alone[SUPPLEMENT]), "here_s": seconds}
    said = (
        "nothing to do",
        "a worker killed",
        "until there are two again",
        "the next run",
        "a task that kills every worker",
    )
    behaviour: dict[str, dict[str, Any]] = {what: {} for what in said}
    fatal = [(number, os.getpid()) for number in range(6)]

    def everywhere(where: str, pid_of: Callable[[], int], mended: Callable[[], Any]) -> None:
        behaviour["nothing to do"][where] = _overhead()
        for name, one in work.items():
            _through_batch((one[0], one[1][:2]))  # imports in the workers
            seconds, results = _timed(lambda one=one: _through_batch(one))
            found[name][f"{where}_s"] = seconds
            found[name][f"{where}_same"] = bits(results) == bits(alone[name])
        seconds, file = _timed(lambda: supplement(sample))
        found[SUPPLEMENT][f"{where}_s"], found[SUPPLEMENT][f"{where}_same"] = seconds, file == alone[SUPPLEMENT]
        behaviour["a worker killed"][where] = _when_killed(pid_of)
        behaviour["until there are two again"][where] = _until(mended)
        behaviour["the next run"][where] = _outcome((nothing, range(6)), list(range(6)))
        # last: where there is no answer, the worker processes stay taken
        behaviour["a task that kills every worker"][where] = _outcome((deadly, fatal), list(range(6)))

    everywhere("loky", _loky_worker, lambda: None)  # the next run starts them
    with dask(processes=True) as cluster:
        everywhere(
            "dask",
            lambda: next(iter(cluster.workers.values())).pid,
            lambda: batch.dask_client(cluster.scheduler_address).wait_for_workers(2, timeout=PATIENCE_S),
        )
    _report(found, behaviour)
    document = {
        "date": date.today().isoformat(),
        "machine": machine,
        "versions": dict(versions()),
        "work": found,
        "behaviour": behaviour,
    }
    target = HERE / "results" / "cluster.json"
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _report(found: dict[str, dict[str, Any]], behaviour: dict[str, Any]) -> None:
    for name, row in found.items():
        times = "".join(f"  {where} {row[f'{where}_s']:6.2f} s" for where in ("here", "loky", "dask"))
        same = "same bits" if row["loky_same"] and row["dask_same"] else "OTHER NUMBERS"
        what = f"{row['tasks']:4} tasks of {row['bytes_a_task'] / 1000:7.1f} kB" if "tasks" in row else " " * 24
        print(f"{name:38}{what} {times}   {same}")
    for what, by_backend in behaviour.items():
        for where, said in by_backend.items():
            print(f"{what:32}{where:6}", *(f"{k} {v:.2f}" if isinstance(v, float) else v for k, v in said.items()))


if __name__ == "__main__":
    main()
