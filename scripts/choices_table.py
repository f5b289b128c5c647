"""Writes the table of docs/choices.md from the fields of `AnalysisSpec`: `python scripts/choices_table.py`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

from ketadash.core import families
from ketadash.core.spec import CHOICES, AnalysisSpec, flag_of
from ketadash.core.terms import DRINKS

PAGE = Path(__file__).parents[1] / "docs" / "choices.md"
HEAD = """# Every choice that changes a number

One row a field of `AnalysisSpec`, written by `scripts/choices_table.py` from the declarations in
`ketadash/core/choices/every_choice.py`. The defaults are the published analysis. A link holds `key=word`; the command
line takes the value itself.

"""
MEMBERS = {"missing": "ketadash/core/choices/missing", "dropout": "ketadash/core/choices/dropout"}
RESULTS = {
    "abstinence, NNT": families.ABSTINENCE,
    "heavy days": families.HEAVY,
    "time to event": families.TIME_TO_EVENT,
    "endpoints": families.ENDPOINTS,
    "participants": families.PARTICIPANTS,
}


def shown(value: Any) -> str:
    """A default as the command line takes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value == ():
        return "none"
    return "left to the trial" if value is None else str(value.value if isinstance(value, Enum) else value)


def page() -> str:
    """The whole page."""
    rows = ["| Choice | Default | Command line | In links | Enters |", "|---|---|---|---|---|"]
    for name, choice in CHOICES.items():
        label = choice.label.format(baseline=DRINKS.baseline, heavy_day=DRINKS.heavy_day)
        words = ", ".join(choice.words or choice.offered) or (choice.control.metavar or "").lower()
        if name in MEMBERS:  # a new member is its file and its line in the registry, and changes no page
            words = f"a word a member, see `{MEMBERS[name]}`"
        enters = ", ".join(part for part, fields in RESULTS.items() if name in fields)
        value = shown(getattr(AnalysisSpec(), name))
        rows.append(
            f"| {label[:1].upper()}{label[1:]}: {choice.cli} | {value} | `{flag_of(name)}` | `{choice.key}`: {words} | "
            f"{enters} |"
        )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
