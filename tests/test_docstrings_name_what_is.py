"""A name in single backticks in a docstring is one of ours, and there: a rename leaves no word of the old one behind.

Names of R, SAS and other libraries stand in double backticks.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from every_file import ROOT, in_every
from source_trees import nodes, tree

SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "ketadash").rglob("*.py"))]
OWNERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
NAME = re.compile(r"(?<!`)`([A-Za-z_][\w.]*)`(?!`)")


def docstrings(of: ast.AST) -> dict[int, str]:
    """The docstrings of a module and of all in it, by their nodes."""
    first = [node.body[0] for node in nodes(of) if isinstance(node, OWNERS) and node.body]
    texts = [s.value for s in first if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)]
    return {id(text): text.value for text in texts if isinstance(text.value, str)}


def words_of(of: ast.AST) -> set[str]:
    """All that code names: what is defined, used, imported, passed, or a word of a text that is no docstring."""
    prose, words = docstrings(of), set[str]()
    for node in nodes(of):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.arg | ast.keyword):
            words.add(node.arg or "")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            words.add(node.name)
        elif isinstance(node, ast.alias):
            words |= {*node.name.split("."), node.asname or ""}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            words |= set(re.findall(r"\w+", node.value))
    return words


@cache
def known() -> tuple[frozenset[str], frozenset[str]]:
    """The words of all sources, folders and modules among them; and the names of the files in these folders."""
    words = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    for path in SOURCES:
        words |= words_of(tree(path))
    named = {p.name for folder in ("ketadash", "pages", "sample_data") for p in (ROOT / folder).rglob("*.*")}
    return frozenset(words), frozenset({"app.py", *named})


def strangers(of: ast.AST, words: frozenset[str], files: frozenset[str]) -> list[str]:
    """The names in single backticks of a module's docstrings of which a part is nothing that there is."""
    names = {name for text in docstrings(of).values() for name in NAME.findall(text)}
    return sorted(name for name in names - files if not set(filter(None, name.split("."))) <= words)


@in_every(SOURCES)
def test_names_in_docstrings_are_there(path: Path):
    assert strangers(tree(path), *known()) == []


@pytest.mark.parametrize("name", ["gone", "trial.gone", "Trial.gone_too"])
def test_a_name_that_went_is_seen(name):
    source = f'def f():\n    """As `{name}`, ``R::glm`` and `trial` in `days.csv`."""\n'
    assert strangers(ast.parse(source), frozenset({"trial", "Trial"}), frozenset({"days.csv"})) == [name]
