"""The private parts of Streamlit that ketadash touches, all in this folder, each with its reason and when it can go.

Each works when the private thing has vanished: what is a comfort is then absent, what is a lock stays locked. The
tests of `tests/server/test_seams.py` say which of them a new Streamlit has moved, and that no other file touches any.
"""

from __future__ import annotations

import importlib
from typing import Any


def part(module: str, name: str | None = None) -> Any:
    """A module of Streamlit, or something in it; None where this Streamlit has none of that name."""
    try:
        home = importlib.import_module(module)
    except ImportError:
        return None
    return home if name is None else getattr(home, name, None)
