"""The `ketadash analyze` command that gives the numbers on screen."""

from __future__ import annotations

import shlex
from dataclasses import fields
from enum import Enum
from typing import Any

from ketadash.core import paths
from ketadash.core.spec import AnalysisSpec, flag_of

RECIPE = "recipe.toml"  # as the Data page names it


def options(spec: AnalysisSpec, default: AnalysisSpec) -> list[str]:
    """The options by which a spec differs from the analysis that the trial declares, as the command line takes them."""
    flags: list[str] = []
    for f in fields(spec):
        value = getattr(spec, f.name)
        if value == getattr(default, f.name):
            continue
        flag = flag_of(f.name)
        if isinstance(value, bool):
            flags.append(flag if value else f"--no-{flag[2:]}")
        else:
            flags.append(f"{flag}={_text(value)}")  # one word, so that a name may begin with a dash
    return flags


def command(
    spec: AnalysisSpec,
    data: str | None,
    declared: AnalysisSpec,
    *,
    recipe: bool = False,
    only: str | None = None,
    json: str = "results.json",
) -> str:
    """A line to paste into a shell; `data` is a file's or an example's name, None for the sample trial."""
    example = ["--example"] if data in paths.examples() else []
    read = [*example, *([data] if data else []), *(["--recipe", RECIPE] if recipe else [])]
    part = ["--only", only] if only else []
    words = ["ketadash", "analyze", *read, *options(spec, declared), *part, "--json", json]
    return shlex.join(words)


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return str(value)  # in full: 0.123456789 is not 0.123457
