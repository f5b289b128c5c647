"""The ``[analysis]`` table of `trial.toml`: the analysis that was published or laid down beforehand."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from ketadash.core.choices.control import NumberBox, columns_named
from ketadash.core.errors import SpecError
from ketadash.core.findings import CheckFailedError, listed
from ketadash.core.spec import CHOICES, AnalysisSpec

ANALYSIS_NAMES = ("published", "pre-specified")
OF_THE_DATA = ("control", "active", "days", "amount", "baseline", "tests")  # declared at the top of the file


@dataclass(frozen=True, slots=True)
class Prespecified:
    """The analysis, its name (None: nothing is declared), and whether p-values of any other are hidden."""

    spec: AnalysisSpec = AnalysisSpec()
    analysis_name: str | None = None
    strict: bool = False


def analysis(declaration: dict[str, Any], file: str) -> Prespecified:
    """What ``[analysis]`` declares: ``called = "pre-specified"``, ``missing = "missing"``, ``strict = true``, ….

    Raises
    ------
    DataError
        For a name that is no choice of an analysis, a value it cannot have, or choices that contradict each other.
    """
    if "analysis" not in declaration:
        return Prespecified()
    table = declaration["analysis"]
    if not isinstance(table, dict):
        raise CheckFailedError("declared", f'{file}: write [analysis] as a table, such as missing = "missing"')
    choices = dict(table)
    analysis_name, strict = choices.pop("called", "pre-specified"), choices.pop("strict", False)
    if analysis_name not in ANALYSIS_NAMES or not isinstance(strict, bool):
        raise CheckFailedError(
            "declared",
            f"{file}: under [analysis], called is one of {', '.join(ANALYSIS_NAMES)}, and strict is true or false",
        )
    known = {f.name: f for f in fields(AnalysisSpec) if f.name not in OF_THE_DATA}
    unknown = [name for name in choices if name not in known]
    if unknown:
        raise CheckFailedError(
            "declared", f"{file}: [analysis] has no choice {listed(unknown)}; the choices are {', '.join(known)}"
        )
    try:
        values = {name: _value(name, value, known[name].default) for name, value in choices.items()}
        return Prespecified(AnalysisSpec(**values), analysis_name, strict)
    except SpecError as error:
        raise CheckFailedError("declared", f"{file}: under [analysis], {error}") from None


def _value(name: str, value: Any, default: Any) -> Any:
    """A TOML value as the field's kind; SpecError says what it may be."""
    if isinstance(default, StrEnum):
        allowed = [member.value for member in type(default)]
        if value not in allowed:
            raise SpecError(f"{name} is one of {', '.join(allowed)}, not {str(value)[:30]!r}")
        return type(default)(value)
    if isinstance(default, tuple):
        names = columns_named(value) if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or not all(isinstance(n, str) for n in names):
            raise SpecError(f'{name} is a list of columns such as ["site", "sex"], not {str(value)[:30]!r}')
        return tuple(names)
    kinds = {"tau": int, "relapse_from": int, "population": str, "subgroup": str, "subgroup_cut": float}
    kind = kinds.get(name, type(default))
    fits = isinstance(value, bool) == (kind is bool) and isinstance(value, (int, float) if kind is float else kind)
    if not fits:
        words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}[kind]
        raise SpecError(f"{name} is {words}, not {str(value)[:30]!r}")
    control = CHOICES[name].control
    if isinstance(control, NumberBox) and not control.least <= value <= control.most:
        raise SpecError(f"{name} is a number from {control.least:g} to {control.most:.0f}, not {str(value)[:30]!r}")
    return control.parse(value) if kind is str else kind(value)
