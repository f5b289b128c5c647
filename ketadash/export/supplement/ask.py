"""A file with its toggles as somebody asks for it: by words, with a place to be written to."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ketadash.core.errors import SpecError
from ketadash.core.findings import lowered
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.export.provenance import Stamp, stamp
from ketadash.export.supplement.content import Order, usual_pages
from ketadash.export.supplement.expected import in_words
from ketadash.export.supplement.state_workers import Supplement, make, not_written
from ketadash.export.supplement.states import Plan, fields_named, plan
from ketadash.questions.question import Material, Notice
from ketadash.questions.registry import question
from ketadash.trial import Trial, resolve

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    chosen
        The analysis that the file opens with.
    alive, questions
        The choices that can be flipped in it and its pages, with commas between; None: the usual ones.
    p_values, suppress
        How p-values are shown outside the declared analysis, and whether small counts are left out.
    file
        The name of the data's file; None for the sample trial.
    """

    chosen: AnalysisSpec
    alive: str | None
    questions: str | None
    p_values: PValues
    suppress: bool
    file: str | None


def ask(
    trial: Trial, request: Request, output: Path, progress: Progress, announce: Callable[[str], None]
) -> Supplement:
    """Make the file and write it; a run that is interrupted leaves what it has done beside it, for the next.

    `announce` is told beforehand how many states that makes, how long it takes and how large it is; and with how many
    of them done it goes on where an interrupted run stopped.

    Raises
    ------
    KetadashError
        For words that mean nothing, too many states, and a place that cannot be written to.
    """
    spec, _ = resolve(trial, request.chosen)
    alive = fields_named(request.alive)
    # whoever names the fits that are alive has been told how long they take
    states = plan(trial, request.chosen, alive, slopes=request.alive is not None and "estimator" in alive)
    named = request.questions and [word.strip() for word in request.questions.split(",") if word.strip()]
    if request.questions is not None and not named:
        raise SpecError("no question is named; leave the option out for the usual ones")
    pages = usual_pages(named or None)
    if named:
        _have_something_to_show(trial, spec, states, pages, request.suppress)
    announce(in_words(trial, states))
    p_values = PValues.HIDDEN if trial.declared.strict else request.p_values  # as the dashboard and the JSON do
    order = Order(pages, p_values, request.suppress)
    origin = stamp(trial, request.chosen, spec, when=datetime.now(UTC), file=request.file)
    begun = False

    def far(done: int, of: int) -> None:
        nonlocal begun
        if not begun and done:
            announce(f"goes on where it stopped: {done:,} of {of:,} states are done")
        begun = True
        progress("states of the file", done, of)

    made = make(trial, spec, states, order, origin, kept=kept_beside(output), progress=far)
    written_whole(output, made.content)
    kept_beside(output).unlink(missing_ok=True)
    return made


def _have_something_to_show(
    trial: Trial, spec: AnalysisSpec, states: Plan, pages: Sequence[str], suppress: bool
) -> None:
    """Refuse a page that was asked for and that no state of the file has anything to show on."""
    for page in pages:
        one = question(page)
        if not any(one.answerable(trial, state.spec, suppress) for state in states.valid):
            why = "small counts are left out."
            if not suppress or not one.answerable(trial, spec, False):
                blocks = one.blocks(Material(trial, spec, suppress=suppress))
                why = next((b.text for b in blocks if isinstance(b, Notice)), "this trial has no such data.")
            raise SpecError(
                f"{page} has nothing to show in this file: {lowered(why)} Else leave it out of the questions"
            )


def kept_beside(output: Path) -> Path:
    """Where a run keeps the states that are done, until the file is whole."""
    return output.with_name(f"{output.name}.part")


def supplement_file(
    trial: Trial,
    chosen: AnalysisSpec,
    alive: Sequence[str],
    order: Order,
    origin: Stamp,
    step: Callable[[int, int, str], None],
) -> bytes:
    """The file for a page that offers it: nothing is kept but in memory; `step` may raise to stop."""
    states = plan(trial, chosen, alive)
    spec, _ = resolve(trial, chosen)
    made = make(trial, spec, states, order, origin, progress=lambda done, of: step(done, of, "states with their pages"))
    return made.content


def if_interrupted(output: Path) -> str:
    """What becomes of a run of which nothing but its output is known, and which was interrupted."""
    if os.path.isfile(kept_beside(output)):
        return f"interrupted; the same command goes on where it stopped (what is done is in {kept_beside(output).name})"
    return "interrupted before a state was done; the same command begins anew"


def written_whole(output: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all.

    Raises
    ------
    KetadashError
        Where there is no room, or no right, to write it.
    """
    partial = output.with_name(f"{output.name}.new")
    try:
        partial.write_bytes(content)
        os.replace(partial, output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise not_written(output, error) from error
