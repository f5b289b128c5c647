"""Names say what a thing is: the words that could name anything name nothing."""

from __future__ import annotations

import ast

import pytest
from every_file import ROOT, in_every

SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "ketadash").rglob("*.py"))]
VAGUE = {"said", "found", "called", "told"}


def named(tree: ast.AST) -> list[tuple[int, str]]:
    """Line and name of each attribute, field, parameter, variable, function, class and imported module."""
    names: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append((node.lineno, node.name))
        elif isinstance(node, ast.Attribute):
            names.append((node.lineno, node.attr))
        elif isinstance(node, ast.arg):
            names.append((node.lineno, node.arg))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):  # a field of a class is one too
            names.append((node.lineno, node.id))
        elif isinstance(node, ast.alias):
            names.append((node.lineno, node.asname or node.name))
    return names


@in_every(SOURCES)
def test_names_say_what_they_hold(path):
    vague = [f"line {line}: {name}" for line, name in named(ast.parse(path.read_text("utf-8"))) if name in VAGUE]
    assert path.stem not in VAGUE and not vague, "; ".join(vague)


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    said: str",
        "def f(*, told): ...",
        "f = lambda found: found[0]",
        "x = trial.declared.called",
        "class A:\n    def said(self): ...",
        "found = 1",
        "x = [said for said in ()]",
        "if told := 1: ...",
        "from ketadash.trial import called",
    ],
)
def test_a_vague_name_is_seen(text):
    assert {name for _, name in named(ast.parse(text))} & VAGUE
