"""What `trial.toml` beside the data declares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ketadash.core.choices.person_endpoint import ENDPOINTS
from ketadash.core.errors import SpecError
from ketadash.core.findings import COLUMNS_SHOWN, Check, CheckFailedError, listed, short
from ketadash.core.spec import Window
from ketadash.files import decode
from ketadash.trial import declared_people, prespecified, toml
from ketadash.trial.model import Declared
from ketadash.trial.recognise import UNIT_OF, amount_column, snake
from ketadash.trial.sources import Source
from ketadash.trial.understood import Understood
from ketadash.trial.units import UNITS

_TYPES: dict[str, type] = {
    "title": str,
    "source": str,
    "synthetic": bool,
    "control": str,
    "active": str,
    "days": str,
    "amount": str,
    "baseline": str,
    "tests": str,
    "event": str,
    "unit": str,
    "substance": str,
    "primary": str,
}
PRIMARY = ("abstinence", "heavy", "relapse", *ENDPOINTS)
LINKS = ("log", "identity")


def read(source: Source | None) -> tuple[dict[str, Any], Declared]:
    """All that the file says, and the part that fills in an `AnalysisSpec`.

    Raises
    ------
    DataError
        For text that is no TOML, a value of the wrong kind, or a window that is none.
    """
    if source is None:
        return {}, Declared()
    try:
        declaration = toml.loads(decode(source.plain, source.file))
    except ValueError as error:
        raise CheckFailedError("declared", toml.not_valid(source.file, error)) from None
    for key, kind in _TYPES.items():
        if key in declaration and not isinstance(declaration[key], kind):
            example = "true or false" if kind is bool else 'text in quotes, such as days = "1:21"'
            raise CheckFailedError("declared", f"{source.file}: '{key}' must be {example}")
    try:
        days = Window.parse(declaration["days"]) if "days" in declaration else None
    except SpecError as error:
        why = str(error).replace(declaration["days"], short(declaration["days"], 30))
        raise CheckFailedError("declared", f"{source.file}: {why}") from None
    links = _links(declaration.get("measures", {}), source.file)
    flow, planned = declared_people.flow(declaration, source.file), prespecified.analysis(declaration, source.file)
    tau = planned.spec.tau
    if tau is not None and days is not None and not days.first <= tau <= days.last:
        raise CheckFailedError(
            "declared",
            f"{source.file}: under [analysis], tau = {tau} lies outside the days "
            f"{days}; write a day within them, or leave it out for the last one",
        )
    amount, baseline = (snake(declaration[key]) if key in declaration else None for key in ("amount", "baseline"))
    return declaration, Declared(
        declaration.get("control"),
        declaration.get("active"),
        days,
        amount,
        baseline,
        declaration.get("event"),
        links,
        tests=snake(declaration["tests"]) if "tests" in declaration else None,
        published=planned.spec,
        analysis_name=planned.analysis_name,
        strict=planned.strict,
        screened=flow.get("screened"),
        enrolled=flow.get("enrolled"),
        table1=declared_people.table_one(declaration, source.file),
        unit=_unit(declaration, source.file),
        substance=declaration.get("substance"),
        primary=_primary(declaration, source.file),
    )


def _primary(declaration: dict[str, Any], file: str) -> str | None:
    primary = declaration.get("primary")
    if primary is not None and primary not in PRIMARY:
        raise CheckFailedError("declared", f"{file}: primary = '{short(primary)}': write one of {', '.join(PRIMARY)}")
    return primary


def _unit(declaration: dict[str, Any], file: str) -> str | None:
    unit = declaration.get("unit")
    if unit is not None and unit not in UNITS:
        raise CheckFailedError("declared", f"{file}: '{short(unit)}' is no known unit; choose {', '.join(UNITS)}")
    return unit


def completed(declared: Declared, declaration: dict[str, Any], understood: Understood) -> Declared:
    """What `trial.toml` leaves open, from what was understood of the files: the daily column, its unit, thresholds."""
    recipe, names = understood.recipe, understood.tables["days"].frame.columns
    amount = understood.amount if understood.amount != amount_column(names) else None
    unit = recipe.unit or declared.unit or UNIT_OF.get(_counts(understood.amount))
    named = declaration.get("analysis", {})
    published = declared.published
    if unit is not None and not ({"heavy_men", "heavy_women"} & set(named if isinstance(named, dict) else ())):
        published = published.replace(heavy_men=UNITS[unit].heavy_men, heavy_women=UNITS[unit].heavy_women)
    control, active = declared.control, declared.active
    if (answer := recipe.answer("control")) is not None:
        control, active = answer, None
    return replace(
        declared,
        control=control,
        active=active,
        amount=amount if amount is not None else declared.amount,
        unit=unit,
        published=published,
        substance=recipe.substance or declared.substance,
    )


def _counts(amount: str | None) -> str:
    """The word of an amount's name that says what it counts."""
    return next((word for word in UNIT_OF if amount is not None and word[:-1] in amount), "")


def _links(table: Any, file: str) -> tuple[tuple[str, str], ...]:
    """The links that ``[measures]`` gives: ``craving = "log"``."""
    wrong = [n for n, link in table.items() if link not in LINKS] if isinstance(table, dict) else ["measures"]
    if wrong:
        raise CheckFailedError(
            "declared",
            f"{file}: '{short(wrong[0])}' cannot be so; under [measures] write a visit measure and its "
            f'link, such as craving = "log"; the links are {" and ".join(LINKS)}',
        )
    return tuple((snake(name), link) for name, link in table.items())


def unknown_keys(declaration: dict[str, Any]) -> Check | None:
    """Keys that mean nothing to this version."""
    extra = sorted(set(declaration) - set(_TYPES) - {"measures", "analysis", *declared_people.TABLES})
    if not extra:
        return None
    return Check(
        "declared_keys",
        "note",
        f"trial.toml: {listed(extra)} not used; known are {', '.join(_TYPES)}",
        len(extra),
        tuple(extra),
    )


def not_in_data(declared: Declared, arms: Iterable[str], columns: Iterable[str]) -> Check | None:
    """Arms or columns that are declared but not there."""
    arms, columns = list(arms), list(columns)
    missing = [f"arm '{short(a)}'" for a in (declared.control, declared.active) if a is not None and a not in arms]
    missing += [f"column '{c}'" for c in (declared.amount, declared.baseline) if c is not None and c not in columns]
    if not missing:
        return None
    present = f"arms: {listed(map(short, arms), most=COLUMNS_SHOWN)}; columns: {listed(columns, most=COLUMNS_SHOWN)}"
    return Check(
        "declared",
        "error",
        f"trial.toml, or the recipe's answer, names the {listed(missing)}, which the "
        f"data do not have ({present}); correct the name",
        len(missing),
        tuple(missing),
    )
