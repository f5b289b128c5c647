"""The report of checks as a table, as text and as JSON: the same from the page and from `ketadash validate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from ketadash.core.findings import SEVERITIES, Check, counted, how_to_answer

_PARTS = ("name", "severity", "message", "count", "where")


def worst_first(checks: Sequence[Check]) -> list[Check]:
    """Errors, then questions, warnings, notes, each in the order found."""
    return sorted(checks, key=lambda c: SEVERITIES.index(c.severity))


def summary(checks: Sequence[Check]) -> str:
    """How many of each severity, in a few words."""
    counts = {s: sum(c.severity == s for c in checks) for s in SEVERITIES}
    return ", ".join(counted(n, s) for s, n in counts.items() if n) or "nothing to remark"


def as_frame(checks: Sequence[Check]) -> pd.DataFrame:
    """A row a finding, worst first: severity, check, how many it concerns, the first of them, what to do."""
    return pd.DataFrame(
        [(c.severity, c.name, c.count, "; ".join(c.where), c.message) for c in worst_first(checks)],
        columns=["severity", "check", "count", "first", "finding and remedy"],
    )


def as_text(checks: Sequence[Check]) -> str:
    """A line a finding, worst first, and the verdict."""
    lines = [
        how_to_answer(c) if c.severity == "question" else f"{c.severity:8} {c.name}: {c.message}"
        for c in worst_first(checks)
    ]
    return "\n".join([*lines, verdict(checks)])


def verdict(checks: Sequence[Check]) -> str:
    """Whether the file can be analysed, in a few words."""
    if any(c.severity == "error" for c in checks):
        return "cannot be analysed as it is"
    return "cannot be analysed before the questions are answered" if failed(checks) else "ready to analyse"


def as_json(checks: Sequence[Check]) -> str:
    """``{"schema_version", "ok", "checks": [{"name", "severity", "message", "count", "where"}], "questions": […]}``."""
    document = {
        "schema_version": "1.1",
        "ok": not failed(checks),
        "checks": [{part: getattr(c, part) for part in _PARTS} for c in worst_first(checks)],
        "questions": [_question(c) for c in checks if c.severity == "question"],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")  # half of a UTF-16 pair cannot be written in UTF-8


def _question(check: Check) -> dict[str, object]:
    return {
        "name": check.name,
        "key": check.key,
        "message": check.message,
        "option": check.option or "--answer",
        "answers": [asdict(a) for a in check.answers],
    }


def failed(checks: Sequence[Check]) -> bool:
    """Whether anything must be mended or answered first."""
    return any(c.severity in ("error", "question") for c in checks)
