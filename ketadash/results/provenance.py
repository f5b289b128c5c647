"""What was analysed and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was analysed and how: enough to do it again.

    `analysis_set` is None where everyone randomised is analysed; else what the set is, and each arm's size in it and
    as randomised.
    """

    data_sha256: str
    n_participants: int
    n_rows: int
    arms: dict[str, int]
    spec: dict[str, Any]
    versions: dict[str, str]
    exploratory: tuple[str, ...]
    synthetic: bool
    title: str
    source: str | None = None
    analysis_set: dict[str, Any] | None = None
