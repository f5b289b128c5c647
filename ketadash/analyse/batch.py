"""Many small computations in other processes, on this machine or on a Dask cluster, by configuration alone.

    KETADASH_WORKERS=4                    processes on this machine (default: one for each core)
    KETADASH_DASK=tcp://scheduler:8786    a Dask scheduler's address instead; needs `ketadash[cluster]`

The tasks are pure functions of picklable arguments, so where they run cannot change a number.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from threading import Event, Lock, Thread, current_thread, main_thread
from time import sleep
from typing import Any, TypeVar

from ketadash.core import threads
from ketadash.core.errors import KetadashError

Task = TypeVar("Task")
Result = TypeVar("Result")

WORKERS, DASK = "KETADASH_WORKERS", "KETADASH_DASK"
PATIENCE = "10s"  # for a Dask scheduler to answer
LONGEST_S = 3600  # for a task on a cluster, which would wait for ever once all its workers are gone
IDLE_S = 300  # a worker without work is let go
PARENT_S = 2.0  # between two checks that the server still runs, on systems that cannot wait for its end
# The workers are shared: runs take turns, a few tasks each, and one that is stopped kills none of another's.
_turn = Lock()
_begun = Event()  # set as soon as this machine has worker processes, which somebody must end


def workers() -> int:
    """How many processes work; KetadashError if the setting is no number."""
    setting = os.environ.get(WORKERS, "")
    if not setting:
        return os.cpu_count() or 1
    if not setting.isdigit() or int(setting) < 1:
        raise KetadashError(f"{WORKERS}={setting}: give a whole number of processes, 1 or more")
    return int(setting)


def run(f: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
    """``f(task)`` for each task, in their order, one for each worker at a time; stop asking, and no further is begun.

    On this machine a further task is begun for each that is done; a cluster is given as many as it has threads at once.

    Raises
    ------
    KetadashError
        If a worker was killed, or the cluster cannot be reached.
    """
    address = os.environ.get(DASK)
    client = dask_client(address) if address else None
    try:
        if client is None:
            yield from _in_local_processes(f, tasks, workers())
            return
        n = max(1, sum(client.nthreads().values()))
        for i in range(0, len(tasks), n):
            with _turn:
                done = _on_cluster(f, tasks[i : i + n])
            yield from zip(tasks[i : i + n], done, strict=True)
    except Exception as error:
        if not _of_workers(error):
            raise
        kind = type(error).__name__
        raise KetadashError(f"the computation was interrupted ({kind}); start it again") from error


def in_lanes(
    f: Callable[[Task], Result], tasks: Sequence[Task], rest: Callable[[Task, Result, int], Sequence[Task]]
) -> Iterator[tuple[Task, Result]]:
    """As `run`; and as soon as a task is done, ``f`` of what ``rest(task, result, n)`` says is left of it, in n parts
    at most, as many as there are workers without work.

    With as many tasks as are done `at_once`, the worker that has just done one is the one that is free: it goes on
    with the rest of it, and with what it remembers, until another has nothing to do.  A cluster's worker may be
    another, and has to begin anew.

    Raises
    ------
    KetadashError
        If a worker was killed, or the cluster cannot be reached.
    """
    if os.environ.get(DASK):
        left = list(tasks)
        while left:
            todo, left = left, []
            for task, result in run(f, todo):
                left += rest(task, result, 1)
                yield task, result
        return
    try:
        yield from _local_lanes(f, tasks, rest, workers())
    except Exception as error:
        if not _of_workers(error):
            raise
        raise KetadashError(f"the computation was interrupted ({type(error).__name__}); start it again") from error


def at_once() -> int:
    """How many tasks are done at the same time, here or on the cluster; KetadashError if there is none."""
    address = os.environ.get(DASK)
    return max(1, sum(dask_client(address).nthreads().values())) if address else workers()


def _local_lanes(
    f: Callable[[Task], Result], tasks: Sequence[Task], rest: Callable[[Task, Result, int], Sequence[Task]], n: int
) -> Iterator[tuple[Task, Result]]:
    todo, going = deque(tasks), dict[Future[Result], Task]()

    def begin() -> None:
        some = [todo.popleft() for _ in range(min(len(todo), n - len(going)))]
        if some:
            going.update(zip(_begun_here(f, some, n), some, strict=True))

    try:
        begin()
        while going:
            future = next(iter(wait(going, return_when=FIRST_COMPLETED).done))
            task, result = going.pop(future), future.result()
            todo.extendleft(reversed(rest(task, result, max(1, n - len(going) - len(todo)))))
            begin()  # before anybody looks at the result: the worker is free now
            yield task, result
    finally:
        for future in going:
            future.cancel()


def _on_cluster(f: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
    import joblib  # not needed by the command line's other parts

    with joblib.parallel_config(backend="dask"):
        # max_nbytes: joblib would write large arrays to a shared folder for the workers to read
        at_once = joblib.Parallel(max_nbytes=None, timeout=LONGEST_S)
        done: list[Result] = at_once(joblib.delayed(_calmly)(f, task, os.getpid()) for task in tasks)
    return done


def _in_local_processes(f: Callable[[Task], Result], tasks: Sequence[Task], n: int) -> Iterator[tuple[Task, Result]]:
    """Tasks and results, in the order of the tasks, of this machine's n processes, of which none waits for another.

    While the oldest task lasts further ones are begun for those behind it that are done.

    They are joblib's, without its `Parallel`: that makes a folder in ``/dev/shm`` for each handful of tasks, which
    stays until the server ends, and speaks of each in the log then.
    """
    waiting: deque[tuple[Task, Future[Result]]] = deque()  # begun, their results not yet given
    todo = iter(tasks)

    def begin(most: int) -> bool:
        some = list(islice(todo, max(most, 0)))
        if some:
            waiting.extend(zip(some, _begun_here(f, some, n), strict=True))
        return bool(some)

    try:
        while True:
            begin(n - len(waiting))
            if not waiting:
                return
            task, future = waiting[0]
            while not future.done():
                going = [each for _, each in waiting if not each.done()]
                if not begin(n - len(going)):
                    wait(going, return_when=FIRST_COMPLETED)
            waiting.popleft()
            yield task, future.result()
    finally:
        for _, future in waiting:  # of whoever stopped, or after an error: the next caller does not wait for the rest
            future.cancel()


def _begun_here(f: Callable[[Task], Result], tasks: Sequence[Task], n: int) -> list[Future[Result]]:
    """The tasks, given to this machine's processes in their turn."""
    from joblib.externals.loky import get_reusable_executor

    cores = str(max(1, (os.cpu_count() or 1) // n))
    settings = dict.fromkeys(threads.SETTINGS, cores)
    with _turn:
        if not _begun.is_set():
            _begun.set()
            _silence_tracker()  # comes first, since it lets interrupts through again when it is done
            # a worker that keeps much is ended after its task and another takes its place: no concern of whoever waits
            warnings.filterwarnings("ignore", message="A worker stopped while some jobs", category=UserWarning)
        with _interrupts_held_back():
            executor = get_reusable_executor(max_workers=n, timeout=IDLE_S, reuse=True, env=settings)
            return [executor.submit(_while_it_lives, f, task, os.getpid()) for task in tasks]


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Begin processes that do not hear Ctrl-C, which a terminal sends to all: what is blocked here is blocked there.

    Whoever asks for their work ends them; one that heard it while it begins would print a traceback of its own.  Here
    it is only late.
    """
    if not hasattr(signal, "pthread_sigmask"):  # not on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _silence_tracker() -> None:
    """Start the process that tidies up after workers so that it does not warn of each thing that it tidies.

    Workers that are killed at the server's end leave locks to it; its warnings would be no JSON in a log of JSON.
    """
    from joblib.externals.loky.backend import resource_tracker

    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = "ignore"
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def end_workers() -> None:
    """End this machine's workers with whatever they are at; those of a cluster are not ours to end.

    A server ended by SIGTERM runs no `atexit`, and joblib's workers would outlive it by five minutes.
    """
    if _begun.is_set():
        from joblib.externals.loky import get_reusable_executor

        _begun.clear()
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)
        # An interrupt in the moment in which it ends them has left one, and Python's own end waits for each.
        for worker in multiprocessing.active_children():
            if worker.name.startswith("LokyProcess"):
                worker.terminate()


def _of_workers(error: Exception) -> bool:
    """Whether the workers or the cluster failed rather than the task."""
    # joblib's TerminatedWorkerError is a RuntimeError; Dask's KilledWorker is only an Exception
    return isinstance(error, OSError | RuntimeError | CancelledError) or type(error).__module__.startswith(
        "distributed"
    )


def _calmly(f: Callable[[Task], Result], task: Task, parent: int) -> Result:
    """Let the pages go first: whoever waits for a toggle waits less than whoever waits for a map."""
    # a Dask cluster with one thread left makes joblib work in the process that asks, which must not be slowed for good
    if os.getpid() != parent and not os.environ.get("KETADASH_CALM"):
        os.environ["KETADASH_CALM"] = "yes"
        if hasattr(os, "nice"):
            os.nice(10)
    return f(task)


def _while_it_lives(f: Callable[[Task], Result], task: Task, parent: int) -> Result:
    """A task in a worker of this machine, which ends with the process that began it."""
    if not os.environ.get("KETADASH_CALM"):  # the worker's first
        if os.getppid() == parent:
            if current_thread() is main_thread():
                # Ctrl-C is the command's, which ends its workers; each would print a traceback
                signal.signal(signal.SIGINT, signal.SIG_IGN)
            Thread(target=_end_with, args=(parent,), name="ketadash parent", daemon=True).start()
        elif os.name == "posix":
            os._exit(1)  # it ended before this began: to watch it is too late, and the answer would wait for ever
    return _calmly(f, task, parent)


def _end_with(parent: int) -> None:
    """End this worker as soon as the process that began it is gone, killed or not: nobody asks for its work."""
    try:
        handle = os.pidfd_open(parent)  # Linux: one wait, no looking again and again
    except (AttributeError, OSError):
        while os.getppid() == parent:
            sleep(PARENT_S)
    else:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        while os.getppid() == parent:
            waiting.poll(60_000)
    os._exit(1)


@lru_cache(maxsize=1)
def dask_client(address: str) -> Any:
    """The connection to the Dask scheduler at an address, made once; KetadashError if there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise KetadashError(f"{DASK} is set, but Dask is not installed: pip install 'ketadash[cluster]'") from None
    try:
        return Client(address, timeout=PATIENCE, set_as_default=True)
    except OSError as error:
        raise KetadashError(f"no Dask scheduler answers at {address} ({error}); correct {DASK} or unset it") from error
