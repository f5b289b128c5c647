"""What the product defines the product uses: nothing is kept that only tests call, or nobody.

Names are looked for in all of the product, whoever they belong to: what bears the name of something used is not seen.
"""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from every_file import ROOT, in_every
from source_trees import nodes, tree

SOURCES = [
    ROOT / "app.py",
    *(p for folder in ("pages", "ketadash", "scripts", "sample_data") for p in sorted((ROOT / folder).rglob("*.py"))),
]
# Used by no code of ours, with the reason that they stay.
MAY = {"OF_PEOPLE": "the parts of the JSON that were looked at and left out, which a test holds against all parts"}


def used_in(of: ast.AST) -> set[str]:
    """Every name that code reads: alone, behind a dot, as a keyword, or as a text of one word (a key, ``getattr``)."""
    names = set[str]()
    for node in nodes(of):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.keyword):
            names.add(node.arg or "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\w+", node.value):
            names.add(node.value)
    return names


def defined_in(of: ast.Module) -> list[str]:
    """The functions and classes of a module, methods among them, and its constants."""
    names = []
    for node in nodes(of):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
    for node in of.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", ast.Constant(0))]
        names += [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    return [name for name in names if not re.fullmatch(r"__\w+__|_", name)]


@cache
def used() -> frozenset[str]:
    """What any file of the product reads."""
    return frozenset().union(*(used_in(tree(path)) for path in SOURCES))


@in_every(SOURCES)
def test_what_is_defined_is_used(path):
    assert [n for n in defined_in(tree(path)) if n not in used() | set(MAY)] == []


@pytest.mark.parametrize(
    "text", ["def spare(): ...", "SPARE = 1", "class A:\n    def spare(self): ...\nA()", "SPARE: int = 1"]
)
def test_what_nobody_uses_is_seen(text):
    of = ast.parse(text)
    assert [name for name in defined_in(of) if name not in used_in(of)][-1].lower() == "spare"
