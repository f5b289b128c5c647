"""Names say what a thing is: the words that could name anything name nothing."""

from __future__ import annotations

import ast

import pytest
from every_file import ROOT, in_every
from source_trees import nodes, tree

SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "ketadash").rglob("*.py"))]
VAGUE = {"said", "found", "called", "told", "asked", "there", "here", "sure", "believe", "making"}


def named(of: ast.AST) -> list[tuple[int, str]]:
    """Line and name of each attribute, field, parameter, variable, function, class and imported module."""
    names: list[tuple[int, str]] = []
    for node in nodes(of):
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
    vague = [f"line {line}: {name}" for line, name in named(tree(path)) if name in VAGUE]
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
        "def f(*, here=False): ...",
        "there = {}",
        "from ketadash.export.supplement import making",
    ],
)
def test_a_vague_name_is_seen(text):
    assert {name for _, name in named(ast.parse(text))} & VAGUE


TESTS = sorted((ROOT / "tests").rglob("*.py"))


def behind_the_door(of: ast.AST) -> list[tuple[int, str]]:
    """Line and name of each private part of our own modules that is imported, read or replaced."""
    ours, parts = set[str](), list[tuple[int, str]]()
    for node in nodes(of):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ketadash"):
            ours |= {alias.asname or alias.name for alias in node.names}
            parts += [(node.lineno, alias.name) for alias in node.names if _is_private(alias.name)]
    for node in nodes(of):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ours:
            parts += [(node.lineno, node.attr)] if _is_private(node.attr) else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("ketadash."):
            parts += [(node.lineno, node.value)] if _is_private(node.value.rpartition(".")[2]) else []
        elif isinstance(node, ast.Call) and len(node.args) > 1 and _last_name(node.func).endswith("setattr"):
            whose, what = node.args[0], node.args[1]
            if isinstance(whose, ast.Name) and whose.id in ours and isinstance(what, ast.Constant):
                parts += [(node.lineno, what.value)] if _is_private(what.value) else []
    return parts


def _last_name(of: ast.expr) -> str:
    return of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@in_every([*TESTS, *SOURCES])
def test_others_go_through_the_front_door(path):
    """What only one module may touch is nobody's promise: a seam that others need is public and says what it is for."""
    assert behind_the_door(tree(path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "from ketadash.ui import state\nstate._stamps(path)",
        "from ketadash.analyse.sensitivity import _interaction",
        "from ketadash.ui import state\nmonkeypatch.setattr(state, '_stamps', None)",
        "patch('ketadash.questions.missing_days.document._map', None)",
    ],
)
def test_a_way_behind_the_door_is_seen(text):
    assert behind_the_door(ast.parse(text))
