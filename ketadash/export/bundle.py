"""The formats in which sections leave, and one way to ask for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.export import sheets
from ketadash.export.analysis_json import analysis, dumps
from ketadash.export.printable import everywhere
from ketadash.export.provenance import HEADING, Stamp
from ketadash.export.sections import Material, Section
from ketadash.export.small_cells import document
from ketadash.questions.shared.methods import Methods

EVERY_RESULT = "Every result (JSON)"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name here, what it is called on a button, its ending and its media type."""

    name: str
    label: str
    short: str
    ending: str
    mime: str


OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = (
    Format("html", "Interactive report (HTML, works offline, prints)", "HTML", "html", "text/html"),
    Format(
        "slides",
        "Slides with editable charts (PowerPoint)",
        "PowerPoint",
        "pptx",
        f"{OFFICE}.presentationml.presentation",
    ),
    Format("word", "Tables and text (Word)", "Word", "docx", f"{OFFICE}.wordprocessingml.document"),
    Format("latex", "Tables and text (LaTeX)", "LaTeX", "tex", "application/x-tex"),
    Format("excel", "Tables in full precision (Excel)", "Excel", "xlsx", sheets.EXCEL),
    Format("text", "Methods paragraph and legends (text)", "Methods text", "txt", "text/plain"),
    Format("json", EVERY_RESULT, "JSON", "json", "application/json"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What is written, whatever the format."""

    material: Material
    chosen: AnalysisSpec
    sections: Sequence[Section]
    origin: Stamp
    methods: Methods
    brief: bool = False
    notes: tuple[str, ...] = ()
    whole: bool = True


def written(name: str, content: Content, step: Callable[[], None] = lambda: None) -> bytes:
    """`content` in the format `name`; the libraries of a format are imported when it is asked for.

    Raises
    ------
    KetadashError
        If it cannot be written, which says why; whatever `step` raises passes.
    """
    stopped = _Watched(step)
    try:
        return _written(
            name, replace(content, **{part: everywhere(getattr(content, part)) for part in _TEXTS}), stopped
        )
    except Exception as error:
        if isinstance(error, KetadashError) or error is stopped.raised:
            raise
        label = next(f.label for f in FORMATS if f.name == name)
        raise KetadashError(
            f"{label} could not be made ({type(error).__name__}: {error}); choose another format, and send this "
            "message to whoever looks after ketadash"
        ) from error


_TEXTS = ("sections", "origin", "methods", "notes")  # the parts of a content whose texts are made printable


class _Watched:
    """A step of the caller's, which may raise to stop, and what it raised."""

    def __init__(self, step: Callable[[], None]) -> None:
        self._step = step
        self.raised: Exception | None = None

    def __call__(self) -> None:
        try:
            self._step()
        except Exception as error:
            self.raised = error
            raise


def _written(name: str, c: Content, step: Callable[[], None]) -> bytes:
    if name == "slides":
        from ketadash.export.slides import slides

        return slides(c.sections, c.origin, c.methods, title=c.whole, notes=c.notes, step=step)
    if name == "word":
        from ketadash.export.word import word

        return word(c.sections, c.origin, c.methods, brief=c.brief, notes=c.notes, step=step)
    if name == "html":
        from ketadash.export.report import report

        return report(c.sections, c.origin, c.methods, brief=c.brief, notes=c.notes, step=step)
    if name == "latex":
        from ketadash.export.latex import latex

        return latex(c.sections, c.origin, c.methods, brief=c.brief, notes=c.notes, step=step)
    plain = {"excel": _excel, "text": plain_text, "json": _json}
    return plain[name](c)


def _excel(c: Content) -> bytes:
    lines = [*c.origin.lines(), *(("Note", note) for note in c.notes)]
    about = pd.DataFrame(lines, columns=[HEADING.lower(), ""])
    full = {name: frame for section in c.sections for name, frame in section.full.items()}
    return sheets.workbook({"provenance": about, **full})


def plain_text(c: Content) -> bytes:
    """The methods paragraph, its references, the legends and where it comes from."""
    legends = [f"{p.name}: {p.legend}" for s in c.sections for p in s.pictures]
    references = [f"{i}. {r}" for i, r in enumerate(c.methods.references, 1)]
    blocks = [
        c.origin.title,
        *([c.origin.mark] if c.origin.mark else []),
        *c.notes,
        "METHODS",
        *c.methods.paragraphs,
        "REFERENCES",
        "\n".join(references),
        "FIGURE LEGENDS",
        *legends,
        HEADING.upper(),
        "\n".join(f"{name}: {value}" for name, value in c.origin.lines()),
    ]
    return ("\n\n".join(blocks) + "\n").encode("utf-8", "replace")


def _json(c: Content) -> bytes:
    numbers = analysis(c.material.trial, c.chosen, hidden=c.material.p_values is PValues.HIDDEN)
    return dumps(document(numbers) if c.material.suppress else numbers).encode("utf-8", "replace")


def copied(frame: pd.DataFrame) -> str:
    """A table as text with tabs between its cells, to be pasted into a document or a spreadsheet."""
    rows = [list(map(str, frame.columns)), *([str(x) for x in row] for row in frame.itertuples(index=False))]
    return "\n".join("\t".join(sheets.text(" ".join(cell.split())) for cell in row) for row in rows)
