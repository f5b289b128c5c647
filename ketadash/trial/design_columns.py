"""Columns of the trial's design: sites, strata, blocks, clusters; nothing uses them unless they are chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ketadash.core.findings import Check, listed, short

_NAMES = re.compile(
    r"(^|_)(study)?(site|sites|centre|center|clinic|hospital|stratum|strata|stratification|strat|block|cluster)"
    r"(_?(id|no|nr|num|number|code|name|factor|\d+))?$"
)


def is_design(column: str) -> bool:
    """Whether a column's name, tidy, is that of a site, a stratum, a block or a cluster."""
    return bool(_NAMES.search(column))


def crossed(columns: Iterable[str]) -> str:
    """What follows for a test that shuffles people across such columns; empty without one."""
    names = [c for c in dict.fromkeys(columns) if is_design(c)]
    clusters = [c for c in names if "cluster" in c]
    strata = [c for c in names if c not in clusters]
    parts = []
    if strata:
        parts.append(
            f"shuffles cross {listed(map(short, strata))}: if arms were given out within its levels, they show an "
            "effect rather too seldom than too often"
        )
    if clusters:
        parts.append(
            f"shuffles cross {listed(map(short, clusters))}: if whole clusters were given one arm, they show an "
            "effect too often"
        )
    return "; ".join(parts)


def ignored(columns: Iterable[str]) -> Check | None:
    """A word on them: they are kept, and participants are taken as independent of each other."""
    columns_ignored = [c for c in dict.fromkeys(columns) if is_design(c)]
    if not columns_ignored:
        return None
    return Check(
        "design",
        "note",
        f"{listed(map(short, columns_ignored))}: ignored unless chosen as strata. Without that no model has site, "
        "stratum, block or cluster effects; participants are taken as independent of each other, and shuffles of who "
        "got what cross them",
        len(columns_ignored),
        tuple(columns_ignored[:5]),
    )
