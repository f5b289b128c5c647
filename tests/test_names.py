"""Names say what a thing is: the words that could name anything name nothing that another file reads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "ketadash").rglob("*.py"))]
VAGUE = {"said", "found", "called", "told"}


def named(tree: ast.AST) -> list[tuple[int, str]]:
    """Line and name of each attribute, field, parameter and function of a module."""
    names: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.append((node.lineno, node.name))
        elif isinstance(node, ast.Attribute):
            names.append((node.lineno, node.attr))
        elif isinstance(node, ast.arg):
            names.append((node.lineno, node.arg))
        elif isinstance(node, ast.ClassDef):
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            names += [(f.lineno, f.target.id) for f in fields if isinstance(f.target, ast.Name)]
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_names_that_others_read_say_what_they_hold(path):
    vague = [f"line {line}: {name}" for line, name in named(ast.parse(path.read_text("utf-8"))) if name in VAGUE]
    assert not vague, "; ".join(vague)


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    said: str",
        "def f(*, told): ...",
        "f = lambda found: found[0]",
        "x = trial.declared.called",
        "class A:\n    def said(self): ...",
    ],
)
def test_a_vague_name_is_seen(text):
    assert {name for _, name in named(ast.parse(text))} & VAGUE
