"""Many small computations in other processes, on this machine or on a Dask cluster, by configuration alone.

    KETADASH_WORKERS=4                    processes on this machine (default: one for each core)
    KETADASH_DASK=tcp://scheduler:8786    a Dask scheduler's address instead; needs `ketadash[cluster]`

The tasks are pure functions of picklable arguments, so where they run cannot change a number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from functools import lru_cache
from threading import Event, Lock
from typing import Any, TypeVar

from ketadash.errors import KetadashError

Task = TypeVar("Task")
Result = TypeVar("Result")

WORKERS, DASK = "KETADASH_WORKERS", "KETADASH_DASK"
PATIENCE = "10s"  # for a Dask scheduler to answer
LONGEST_S = 3600  # for a task on a cluster: one whose workers are all gone waits for new ones for ever
# The workers are shared: runs take turns, a handful of tasks each, and one that is stopped kills none of another's.
_turn = Lock()
_begun = Event()  # there are processes of this machine to end


def workers() -> int:
    """How many processes work; KetadashError if the setting is no number."""
    said = os.environ.get(WORKERS, "")
    if not said:
        return os.cpu_count() or 1
    if not said.isdigit() or int(said) < 1:
        raise KetadashError(f"{WORKERS}={said}: give a whole number of processes, 1 or more")
    return int(said)


def run(f: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
    """``f(task)`` for each task, in their order, one for each worker at a time; stop asking, and no further is begun.

    Raises
    ------
    KetadashError
        If a worker was killed, or the cluster cannot be reached.
    """
    import joblib  # not needed by the command line's other parts

    address = os.environ.get(DASK)
    client = _client(address) if address else None
    n = max(1, sum(client.nthreads().values())) if client else workers()
    # joblib does the work of a single job in this process, where the pages would wait for it
    backend: dict[str, Any] = {"backend": "dask"} if client else {"backend": "loky", "n_jobs": max(n, 2)}
    limit = LONGEST_S if client else None
    if not client:
        _begun.set()
    for i in range(0, len(tasks), n):
        some = tasks[i : i + n]
        with _turn, joblib.parallel_config(**backend):
            try:
                # max_nbytes: joblib would write large arrays to a shared folder for the workers to read
                at_once = joblib.Parallel(max_nbytes=None, timeout=limit)
                done = at_once(joblib.delayed(_calmly)(f, task, os.getpid()) for task in some)
            except Exception as error:
                if not _of_workers(error):
                    raise
                kind = type(error).__name__
                raise KetadashError(f"the computation was interrupted ({kind}); start it again") from error
        yield from zip(some, done, strict=True)


def end_workers() -> None:
    """End this machine's workers with whatever they are at; those of a cluster are not ours to end.

    A server ended by SIGTERM runs no `atexit`, and joblib's workers would outlive it by five minutes.
    """
    if _begun.is_set():
        from joblib.externals.loky import get_reusable_executor

        _begun.clear()
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _of_workers(error: Exception) -> bool:
    """Whether the workers or the cluster failed rather than the task."""
    # joblib's TerminatedWorkerError is a RuntimeError; Dask's KilledWorker is only an Exception
    return isinstance(error, OSError | RuntimeError | CancelledError) or type(error).__module__.startswith(
        "distributed"
    )


def _calmly(f: Callable[[Task], Result], task: Task, asked_by: int) -> Result:
    """Let the pages go first: whoever waits for a toggle waits less than whoever waits for a map."""
    # a Dask cluster with one thread left makes joblib work in the process that asks, which must not be slowed for good
    if hasattr(os, "nice") and os.getpid() != asked_by and not os.environ.get("KETADASH_CALM"):
        os.environ["KETADASH_CALM"] = "yes"
        os.nice(10)
    return f(task)


@lru_cache(maxsize=1)
def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise KetadashError(f"{DASK} is set, but Dask is not installed: pip install 'ketadash[cluster]'") from None
    try:
        return Client(address, timeout=PATIENCE, set_as_default=True)
    except OSError as error:
        raise KetadashError(f"no Dask scheduler answers at {address} ({error}); mend {DASK} or unset it") from error
