"""Long computations in the background: progressive, cancelled and resumed at will, kept as long as their trial."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from threading import Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from ketadash.analyse import batch
from ketadash.analyse.memo import beside, kept
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial

UNWATCHED_S = 30.0  # a job that no page has looked at for so long is stopped; a page that shows it looks every second
Task = TypeVar("Task")
Result = TypeVar("Result")
_started: weakref.WeakSet[Job[Any, Any]] = weakref.WeakSet()


class Job(Generic[Task, Result]):
    """Tasks and those of their results that are there; one thread feeds the workers while it runs.

    What is done is never done again: a job that was cancelled goes on where it stopped.  One that nobody has looked at
    for a while stops by itself.
    """

    def __init__(self, f: Callable[[Task], Result], tasks: Sequence[Task], *, in_this_process: bool = False) -> None:
        self._f, self.tasks, self._run = f, tuple(tasks), _in_this_process if in_this_process else batch.run
        self._results: dict[int, Result] = {}
        self._lock = Lock()
        self.cancelled = False
        self._looked_at = monotonic()
        self._waiting = 0
        self._thread: Thread | None = None
        self.trouble: str | None = None

    @property
    def results(self) -> list[tuple[Task, Result]]:
        """Tasks done, with their results, in the order of the tasks; whoever asks is looking at it."""
        with self._lock:
            self._looked_at = monotonic()
            return [(self.tasks[i], self._results[i]) for i in sorted(self._results)]

    @property
    def n_done(self) -> int:
        """How many tasks have their result."""
        return len(self._results)

    @property
    def n_tasks(self) -> int:
        """How many there are in all."""
        return len(self.tasks)

    @property
    def finished(self) -> bool:
        """Whether every task has its result."""
        return len(self._results) == len(self.tasks)

    @property
    def running(self) -> bool:
        """Whether it is computing now."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def watched(self) -> bool:
        """Whether somebody waits for it or has looked at it lately."""
        return self._waiting > 0 or monotonic() - self._looked_at <= UNWATCHED_S

    def start(self) -> None:
        """Begin, or go on where it stopped; nothing happens to a job that runs or has ended."""
        with self._lock:
            if self.running or len(self._results) == len(self.tasks):
                return
            self.cancelled, self.trouble, self._looked_at = False, None, monotonic()
            self._thread = Thread(target=self.work, name="ketadash job", daemon=True)
            self._thread.start()
            _started.add(self)

    def cancel(self) -> None:
        """Stop after the tasks under way; their results are kept."""
        self.cancelled = True

    def keep(self, place: int, result: Result) -> None:
        """Keep the result of the task at `place` among `tasks`, wherever it was computed."""
        with self._lock:
            self._results[place] = result

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the job has ended or was stopped, or until `seconds` have passed; who waits is looking."""
        thread = self._thread
        if thread is None:
            return
        with self._lock:
            self._waiting += 1
        try:
            thread.join(seconds)
        finally:
            with self._lock:
                self._waiting -= 1
                self._looked_at = monotonic()

    def work(self) -> None:
        """Compute what is left in the thread that calls; `start` gives it one of its own."""
        rest = [i for i in range(len(self.tasks)) if i not in self._results]
        try:
            for position, (_, result) in enumerate(self._run(self._f, [self.tasks[i] for i in rest])):
                self.keep(rest[position], result)
                if self.cancelled or not self.watched:
                    return
        except KetadashError as error:
            self.trouble = str(error)
        except Exception as error:
            self.trouble = f"the computation failed ({type(error).__name__}); the server's log says where"
            raise


def _in_this_process(f: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
    """As `batch.run`, in the thread that asks: for results of which another process would send too much back."""
    return ((task, f(task)) for task in tasks)


def job(
    trial: Trial,
    name: str,
    spec: AnalysisSpec,
    f: Callable[[Any], Any],
    tasks: Callable[[], Sequence[Any]],
    *,
    in_this_process: bool = False,
) -> Job[Any, Any]:
    """The job of that name and those choices for a trial: the same one each time, and gone with the trial.

    One that works in a thread of this process must not hold the trial: it would never go.
    """

    def make() -> Job[Any, Any]:
        made: Job[Any, Any] = Job(f, tasks(), in_this_process=in_this_process)
        weakref.finalize(trial, made.cancel)
        return made

    return beside(trial, (name, spec), make)


def done(trial: Trial, name: str, spec: AnalysisSpec) -> dict[Any, Any] | None:
    """Tasks with results of a finished job; None if it was never asked for or is still running. Nothing is started."""
    job: Job[Any, Any] | None = kept(trial, (name, spec))
    return dict(job.results) if job is not None and job.finished else None


def results_so_far(trial: Trial, name: str, spec: AnalysisSpec) -> dict[Any, Any]:
    """Tasks with those results of a job that are there; nothing is started."""
    job: Job[Any, Any] | None = kept(trial, (name, spec))
    return {} if job is None else dict(job.results)


def running() -> int:
    """How many jobs are under way."""
    return sum(1 for job in tuple(_started) if job.running)


def end() -> None:
    """Stop every job, and the processes that work on them; what is under way is lost."""
    for job in tuple(_started):
        job.cancel()
    batch.end_workers()
