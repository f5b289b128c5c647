"""Tables, legends and the methods paragraph as LaTeX: booktabs tables in a document that compiles as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ketadash.export.printable import printable
from ketadash.export.provenance import HEADING, Stamp
from ketadash.export.sections import Section, Table
from ketadash.questions.shared.methods import Methods

LONG = 40  # rows from which a table may run over pages
PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp,booktabs,longtable,array,amssymb}
\usepackage[margin=20mm]{geometry}
\setlength{\LTleft}{0pt}
\begin{document}
"""
# Names from files may hold anything; signs of our own are written so that every engine has them.
SIGNS = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\u00a0": "~",
    "\u2060": "",
    "\u2003": r"\quad{}",
    "–": "--",
    "—": "---",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "∞": r"$\infty$",
    "²": r"$^2$",
    "χ": r"$\chi$",
    "σ": r"$\sigma$",
    "ρ": r"$\rho$",
    "φ": r"$\varphi$",
    "δ": r"$\delta$",
    "τ": r"$\tau$",
    "†": r"\dag{}",
    "◆": r"$\blacklozenge$",
    "…": r"\ldots{}",
    "’": "'",
    "✓": r"$\checkmark$",
    "■": r"$\blacksquare$",
    "●": r"$\bullet$",
    "→": r"$\rightarrow$",
    "≈": r"$\approx$",
    "÷": r"$\div$",
    "⁻": r"$^{-}$",
    "⁵": r"$^5$",
}
_SIGN = re.compile("|".join(re.escape(sign) for sign in SIGNS))


def tex(text: str) -> str:
    """Text that LaTeX sets as it is and never obeys."""
    flat = printable(text).replace("\n", " ").replace("\t", " ")
    return _SIGN.sub(lambda match: SIGNS[match[0]], flat)


def latex(
    made: Sequence[Section],
    origin: Stamp,
    methods: Methods,
    *,
    brief: bool = False,
    notes: Sequence[str] = (),
    step: Callable[[], None] = lambda: None,
) -> bytes:
    """The sections' answers, tables and legends, the methods and where it comes from; see `report.report`."""
    origin_lines = "".join(f"% {k}: {' '.join(v.split())}\n" for k, v in origin.lines())
    parts = [origin_lines, PREAMBLE, rf"\section*{{{tex(origin.title)}}}" "\n"]
    if origin.mark:
        parts.append(rf"\noindent\textbf{{{tex(origin.mark)}}}" "\n\n")
    parts += [f"{tex(note)}\n\n" for note in (origin.status, *notes)]
    for section in made:
        parts.append(_section(section, origin.mark, brief))
        step()
    if not brief:
        parts.append("\\section*{Methods}\n" + "\n\n".join(map(tex, methods.paragraphs)) + "\n")
        if methods.references:
            items = "\n".join(rf"\item {tex(r)}" for r in methods.references)
            parts.append(f"\\subsection*{{References}}\n\\begin{{enumerate}}\n{items}\n\\end{{enumerate}}\n")
    lines = "\n".join(rf"\item[{tex(k)}] {tex(v)}" for k, v in origin.lines())
    parts.append(f"\\section*{{{HEADING}}}\n\\sloppy\n\\begin{{description}}\n{lines}\n\\end{{description}}\n")
    return "".join([*parts, "\\end{document}\n"]).encode("utf-8", "replace")


def _section(section: Section, mark: str | None, brief: bool) -> str:
    lines = [
        f"\\section*{{{tex(section.question)}}}\n{tex(section.answer)}\n\n"
        f"\\textbf{{What this rests on.}} {tex(section.rests_on)}\n\n"
    ]
    lines += [f"Note: {tex(doubt)}\n\n" for doubt in section.doubts]
    if not brief:
        lines += [f"\\textbf{{Legend, {tex(p.name)}.}} {tex(p.legend)}\n\n" for p in section.pictures]
    lines += [table(t, mark) for t in section.tables if not (brief and t.deep) and not t.shown.empty]
    return "".join(lines)


def table(held: Table, mark: str | None = None) -> str:
    """A table with booktabs' rules, over several pages if it is long."""
    frame = held.shown
    head = " & ".join(tex(str(c)) for c in frame.columns) + r" \\"
    rows = "\n".join(" & ".join(tex(str(x)) for x in row) + r" \\" for row in frame.itertuples(index=False))
    caption = tex(held.caption + (f" ({mark})" if mark else ""))
    columns = "@{}" + _columns([list(map(str, frame.iloc[:, k])) for k in range(len(frame.columns))]) + "@{}"
    if len(frame) > LONG:
        return (
            f"{{\\footnotesize\n\\begin{{longtable}}{{{columns}}}\n\\caption{{{caption}}}\\\\\n\\toprule\n{head}\n\\midrule\n"
            f"\\endfirsthead\n\\toprule\n{head}\n\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n{rows}\n"
            "\\end{longtable}}\n\n"
        )
    return (
        f"\\begin{{table}}[htbp]\n\\centering\\footnotesize\n\\caption{{{caption}}}\n\\begin{{tabular}}{{{columns}}}\n"
        f"\\toprule\n{head}\n\\midrule\n{rows}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n\n"
    )


def _columns(cells: Sequence[Sequence[str]]) -> str:
    """Left-set columns; those with long texts share what is left of the line and wrap."""
    widths = [max((len(c) for c in column), default=1) for column in cells]
    if sum(widths) + 2 * len(widths) <= 100:
        return "l" * len(widths)
    total = sum(min(w, 40) for w in widths)
    return "".join(rf">{{\raggedright\arraybackslash}}p{{{0.92 * min(w, 40) / total:.3f}\linewidth}}" for w in widths)
