"""Relapse as the trial defines it, by default the first heavy day; leaving too, where that is counted as relapse."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ketadash.core.choices.endpoint.definition import Definition
from ketadash.core.choices.endpoint.relapse_rules import DEFAULT, relapse_rule

_BY = Definition(
    word="relapse",
    label="relapse",
    title="How long until relapse?",
    definition="days to relapse, {what} or dropout, whichever comes first",
    definition_without_dropout="days to {what} (relapse, not counting dropout)",
    happened="relapsed",
    free="without relapse",
    methods="relapse",
    of="heavy",
    takes_dropout=True,
    r="",
    sas="",
)


@lru_cache(maxsize=64)
def by(rule: str, begins: int | None = None) -> Definition:
    """Relapse by a rule, from day `begins` on."""
    parsed = relapse_rule(rule)
    what, plain = parsed.what + "{note}", begins is None and rule == DEFAULT
    r, sas = parsed.joined("r", " | "), parsed.joined("sas", " or ")
    if begins is not None:
        r, sas = f"({r}) & d$day >= {begins}", f"({sas}) and day >= {begins}"
    return replace(
        _BY,
        definition=_BY.definition.replace("{what}", what),
        definition_without_dropout=(_BY.definition_without_dropout if plain else "days to relapse, {what}").replace(
            "{what}", what
        ),
        of="heavy" if parsed.needs_heavy_days else "use",
        rule=parsed,
        r=r,
        sas=sas,
    )


DEFINITION = by(DEFAULT)
