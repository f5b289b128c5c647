"""A title, a caption or a sentence stands in one source file: a copy in a second one drifts until the two differ."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from source_trees import nodes, tree

ROOT = Path(__file__).parents[1]
# The glossary lists, as it must, the words of other files: those under which a term stands on screen.
GLOSSARY = ROOT / "ketadash/questions/shared/glossary_terms.py"
EVERY = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "ketadash").rglob("*.py"))]
SOURCES = [path for path in EVERY if path != GLOSSARY]
PROGRAM = re.compile(r"<- |\bif .* then |y\[d\$")  # lines of R or SAS that we write: programs repeat themselves
LEAST = 18  # characters: shorter ones are words, such as "Participants"


def _docstrings(of: ast.AST) -> set[int]:
    """The nodes of the docstrings, which say what code does and are shown to nobody else."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(statement.value)
        for node in nodes(of)
        if isinstance(node, owners)
        for statement in node.body
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    }


def _template(text: ast.JoinedStr) -> str:
    """A text with holes in it, such as ``f"{n} of {total} participants"``, each hole as ``{}``."""
    return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in text.values)


def written(of: ast.AST) -> set[str]:
    """The titles, captions and sentences of a source file, as they are compared: without case and closing marks."""
    docstrings = _docstrings(of)
    holes = [node for node in nodes(of) if isinstance(node, ast.JoinedStr)]
    pieces = {id(piece) for text in holes for piece in ast.walk(text) if piece is not text}
    texts = [_template(text) for text in holes if id(text) not in pieces]
    texts += [
        node.value
        for node in nodes(of)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | pieces
    ]
    texts = [text for text in texts if not PROGRAM.search(text)]
    plain = {re.sub("<[^>]*>", "", text).strip().rstrip(".?!:").casefold() for text in texts}
    return {text for text in plain if " " in text and len(text.replace("{}", "")) >= LEAST}


def twice(sources: dict[str, ast.AST]) -> dict[str, list[str]]:
    """The texts that stand in more than one file, with those files."""
    files = defaultdict(list)
    for name, source in sources.items():
        for text in written(source):
            files[text].append(name)
    return {text: names for text, names in files.items() if len(names) > 1}


def test_no_title_or_caption_stands_in_two_files():
    sources = {path.relative_to(ROOT).as_posix(): tree(path) for path in SOURCES}
    copies = twice(sources)
    assert not copies, "\n".join(f"{text!r}: {', '.join(names)}" for text, names in sorted(copies.items()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('title = "How long until relapse?"', 'show("How long until relapse")'),
        ('f"{n} participants were lost to {what}"', 'f"{m:.0f} participants were lost to {m}."'),
        ('print("Kaplan–Meier " "estimates by arm")', 'x = {"a": "kaplan–meier estimates by arm"}'),
    ],
)
def test_a_copy_is_seen(one, other):
    assert len(twice({"one": ast.parse(one), "other": ast.parse(other)})) == 1


@pytest.mark.parametrize(
    "both",
    [
        '"""How long until relapse, and why?"""',
        'x = "baseline_heavy_days_before"',
        'x = "Participants"',
        'f"{a} {b} {c} {d} {e}"',
    ],
)
def test_what_is_no_title_may_stand_twice(both):
    assert not twice({"one": ast.parse(both), "other": ast.parse(both)})
