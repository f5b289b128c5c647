"""The report of checks as a table, as text and as JSON: the same from the page and from `ketadash validate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from ketadash.findings import SEVERITIES, Check, counted

SAYS = {"error": "must be mended", "warning": "read this", "note": "for the record"}


def worst_first(checks: Sequence[Check]) -> list[Check]:
    """Errors, then warnings, then notes, each in the order found."""
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
    lines = [f"{c.severity:8} {c.name}: {c.message}" for c in worst_first(checks)]
    return "\n".join([*lines, "cannot be analysed as it is" if failed(checks) else "ready to analyse"])


def as_json(checks: Sequence[Check]) -> str:
    """``{"schema_version", "ok", "checks": [{"name", "severity", "message", "count", "where"}]}``."""
    document = {"schema_version": "1.0", "ok": not failed(checks), "checks": [asdict(c) for c in worst_first(checks)]}
    return json.dumps(document, indent=1, ensure_ascii=False)


def failed(checks: Sequence[Check]) -> bool:
    """Whether anything must be mended first."""
    return any(c.severity == "error" for c in checks)
