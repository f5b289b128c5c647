"""Files of a page or of everything, made when they are asked for: functions that a process of its own can run."""

from __future__ import annotations

from collections.abc import Callable

from ketadash.core.spec import AnalysisSpec
from ketadash.export import catalogue
from ketadash.export.analysis_json import analysis, dumps, section_names
from ketadash.export.bundle import Content, written
from ketadash.export.provenance import Stamp
from ketadash.export.sections import Material, methods_of
from ketadash.export.small_cells import document
from ketadash.trial import Trial

Step = Callable[[int, int, str], None]  # how many are done, of how many, and what is being done


def every_result(trial: Trial, chosen: AnalysisSpec, suppressed: bool, hidden: bool, step: Step) -> bytes:
    """The JSON of `ketadash analyze`, without p-values if `hidden`.

    Section by section: each is remembered, so that the whole is then there.
    """
    names = section_names()
    for k, name in enumerate(names):
        step(k, len(names), name.replace("_", " "))
        analysis(trial, chosen, (name,))
    whole = analysis(trial, chosen, hidden=hidden)
    return dumps(document(whole) if suppressed else whole).encode("utf-8", "replace")


def page_file(
    trial: Trial,
    m: Material,
    chosen: AnalysisSpec,
    page: str,
    name: str,
    origin: Stamp,
    step: Step,
) -> bytes:
    """A page in the format `name`; `m` is of `trial`, whose results go along into a process of its own."""
    step(0, 2, "its sections")
    sections = catalogue.sections_of(page, m)
    step(1, 2, "the file")
    notes = (catalogue.SUPPRESSED,) if m.suppress else ()
    methods = methods_of(m, sections, origin)
    return written(name, Content(m, chosen, sections, origin, methods, notes=notes, whole=False))
