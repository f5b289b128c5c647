"""Syntax trees of our own files, each parsed and walked once in a process for all the laws that look through them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree(path: Path) -> ast.Module:
    """A file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(of: ast.AST) -> tuple[ast.AST, ...]:
    """A tree and all in it, as `ast.walk` gives them: to find them takes longer than most laws do with them."""
    return tuple(ast.walk(of))
