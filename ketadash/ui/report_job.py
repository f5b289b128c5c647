"""A report made in the background, page by page and file by file; it can be stopped, and lives in its session alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.influence import influence_problem
from ketadash.analyse.jobs import Job
from ketadash.analyse.randomisation import randomisation_problem
from ketadash.analyse.specifications import PROBLEMS, specification_curve
from ketadash.analyse.tipping_map import tipping_map
from ketadash.core.errors import KetadashError, StoppedError
from ketadash.core.spec import AnalysisSpec
from ketadash.export import catalogue
from ketadash.export.bundle import FORMATS, Content, written
from ketadash.export.provenance import Stamp
from ketadash.export.sections import Material, Section, methods_of
from ketadash.questions.chance.question import INFLUENCE, SHUFFLES
from ketadash.ui.server import stopping
from ketadash.ui.server.downloads import Progress

POLL_S = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is to be made."""

    pages: tuple[str, ...]
    formats: tuple[str, ...]
    brief: bool
    long: bool
    material: Material
    chosen: AnalysisSpec
    origin: Stamp


class Making:
    """An order under way: how far it is, and in the end its files by format."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.n_steps = len(order.pages) + len(order.formats)
        self.n_done, self.now = 0, "Beginning"
        self.files: dict[str, bytes] = {}
        self.sections: tuple[Section, ...] = ()
        self.trouble: str | None = None
        self.progress = Progress()
        self._thread = Thread(target=self._work, name="ketadash report", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is being made now."""
        return self._thread.is_alive()

    @property
    def finished(self) -> bool:
        """Whether every step is done."""
        return self.n_done == self.n_steps

    def look(self) -> float:
        """The share that is done; whoever asks is looking at it."""
        self.progress.look()
        return self.n_done / max(self.n_steps, 1)

    def stop(self) -> None:
        """Stop at the next section."""
        self.progress.stop()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is made or was stopped, or until `seconds` have passed."""
        self._thread.join(seconds)

    def _go_on(self) -> None:
        if self.progress.stopped:
            raise StoppedError("stopped; what was computed is kept, so that making it again is quicker")

    def _work(self) -> None:
        with stopping.working_for(self.progress):
            self._make()

    def _make(self) -> None:
        try:
            self.sections = tuple(self._sections())
            methods = methods_of(self.order.material, self.sections, self.order.origin)
            notes = (catalogue.SUPPRESSED,) if self.order.material.suppress else ()
            content = Content(
                self.order.material,
                self.order.chosen,
                self.sections,
                self.order.origin,
                methods,
                self.order.brief,
                notes,
            )
            for name in self.order.formats:
                self.now = next(f.label for f in FORMATS if f.name == name)
                self._go_on()
                self.files[name] = written(name, content, self._go_on)
                self.n_done += 1
        except KetadashError as error:
            self.trouble = str(error)
        except Exception as error:
            self.trouble = f"the report could not be made ({type(error).__name__}); the server's log says where"
            raise

    def _sections(self) -> list[Section]:
        made: list[Section] = []
        for chapter in catalogue.CHAPTERS:
            if chapter.page not in self.order.pages:
                continue
            self.now = chapter.title
            self._go_on()
            ready = long_results(self.order.material, chapter.page, self._wait_for if self.order.long else None)
            made += catalogue.sections_of(chapter.page, replace(self.order.material, ready=ready))
            self.n_done += 1
        return made

    def _wait_for(self, name: str, work: Job[Any, Any]) -> None:
        """Let a long computation end, telling how far it is."""
        title = self.now
        work.start()
        while not work.finished:
            work.wait(POLL_S)
            self.now = f"{title}, {name}: {len(work.results)} of {work.n_tasks}"
            if self.progress.stopped:
                work.cancel()
            self._go_on()
            if work.trouble is not None:
                raise KetadashError(work.trouble)
            if not work.running and not work.finished:
                work.start()
        self.now = title


def long_results(m: Material, page: str, wait: Callable[[str, Job[Any, Any]], None] | None = None) -> Mapping[str, Any]:
    """What the long computations of a page have; with `wait`, it is called to let each of them end."""
    if page == "missing_days":
        return _tipping(m, wait)
    if page == "chance":
        return _chance(m, wait)
    return _specifications(m, wait) if page == "specifications" else {}


def _tipping(m: Material, wait: Callable[[str, Job[Any, Any]], None] | None) -> dict[str, Any]:
    if not analyse.abstinence_result(m.trial, m.spec).counts.n_missing:
        return {}
    problem = analyse.tipping_problem(m.trial, m.spec)
    work = long_work.tipping_map(m.trial, m.spec, problem)
    if wait is not None:
        wait("tipping map", work)
    done = work.results
    return {"tipping": tipping_map(problem, dict(done))} if done else {}


def _chance(m: Material, wait: Callable[[str, Job[Any, Any]], None] | None) -> dict[str, Any]:
    shuffles, people = randomisation_problem(m.trial, m.spec), influence_problem(m.trial, m.spec)
    shuffling = long_work.randomisation(m.trial, m.spec, shuffles)
    leaving_out = long_work.influence(m.trial, m.spec, people)
    if wait is not None:
        wait("shuffles", shuffling)
        if not m.suppress:
            wait("participants left out", leaving_out)
    ready: dict[str, Any] = {}
    if done := shuffling.results:
        ready[SHUFFLES] = long_work.shuffled(m.trial, m.spec, shuffles, done)
    if done := leaving_out.results:
        ready[INFLUENCE] = long_work.carried(people, done)
    return ready


def _specifications(m: Material, wait: Callable[[str, Job[Any, Any]], None] | None) -> dict[str, Any]:
    curves: dict[str, Any] = {}
    for outcome, lay_out in PROBLEMS.items():
        problem = lay_out(m.trial, m.spec)
        if problem is None:
            continue
        work = long_work.specifications(m.trial, m.spec, problem)
        if wait is not None:
            wait(outcome, work)
        if done := work.results:
            curves[f"specifications {outcome}"] = specification_curve(problem, [r for _, rows in done for r in rows])
    return curves


def usual(pages: Sequence[str]) -> list[str]:
    """Those of `pages` that a report usually has."""
    return [page for page in pages if page in catalogue.USUAL]
