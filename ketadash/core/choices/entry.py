"""What the glossary says of a member of a choice."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A term, what it means, other spellings under which it appears on screen, and its method's page."""

    name: str
    means: str
    also: tuple[str, ...]
    method: str
