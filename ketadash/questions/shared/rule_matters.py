"""Whether the missing-day rule can change anything on a question's page, and why not."""

from __future__ import annotations

from collections.abc import Callable

from ketadash.core.families import Family
from ketadash.core.spec import AnalysisSpec

Idle = Callable[[AnalysisSpec], str]
NOTHING_HERE = "Whatever is chosen, nothing on this page changes."
NONE_MISSING = "No day is missing, so all of these give the same."


def it_matters(spec: AnalysisSpec) -> str:
    """No reason why it should not."""
    return ""


def nowhere(spec: AnalysisSpec) -> str:
    """The reason of a page on which it never matters."""
    return NOTHING_HERE


def unless(family: Family, why: str) -> Idle:
    """It does not matter, and `why`, where the results of the page do not depend on it."""
    return lambda spec: "" if family.depends_on("missing", spec) else why
