"""A trial's published analysis, computed here, beside what its report printed."""

from __future__ import annotations

from ketadash.analyse.memo import remembered
from ketadash.core.errors import DataError
from ketadash.core.families import fields_of
from ketadash.core.spec import AnalysisSpec
from ketadash.export.analysis_json import analysis, section_names
from ketadash.questions.paper import tables as tables_paper
from ketadash.questions.paper import words as words_paper
from ketadash.questions.paper.printed import Reproduced, report_of, reproduce
from ketadash.trial import Trial

WHY = "Why it may differ"
NOTHING = (
    "this trial brings no published.toml, the list of a report's printed numbers, so there is nothing to compare with"
)


@remembered(fields_of())
def reproduced(trial: Trial, spec: AnalysisSpec) -> tuple[Reproduced, ...]:
    """Every printed number beside ours, always under the declared analysis, whatever is chosen on screen.

    Raises
    ------
    DataError
        If the trial brings no list of printed numbers, or a broken one.
    """
    printed = report_of(trial)
    if printed is None:
        raise DataError(NOTHING)
    wanted = [section for section in section_names() if any(n.path.startswith(section) for n in printed.numbers)]
    sets = dict.fromkeys(n.population for n in printed.numbers)
    documents = {
        name: analysis(trial, trial.declared.published.replace(population=name or None), wanted) for name in sets
    }
    return tuple(row for n in printed.numbers for row in reproduce((n,), documents[n.population]))


def as_text(rows: tuple[Reproduced, ...]) -> str:
    """The table for a terminal."""
    frame = tables_paper.table(rows)
    frame[WHY] = ["" if r.agrees else r.printed.note for r in rows]
    frame = frame.drop(columns=["Note", *([] if frame[WHY].any() else [WHY])])
    widths = {c: max(len(c), *(len(v) for v in frame[c])) for c in frame.columns}
    lines = ["  ".join(c.ljust(widths[c]) for c in frame.columns)]
    lines += ["  ".join(row[c].ljust(widths[c]) for c in frame.columns).rstrip() for _, row in frame.iterrows()]
    return "\n".join([*lines, "", words_paper.answer(rows)])
