"""What the R and the SAS of a value of each participant share: which endpoints, whose days, which columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ketadash.analyse.responders import RUNGS
from ketadash.core.choices.person_endpoint import ENDPOINTS
from ketadash.core.choices.person_endpoint.definition import Definition
from ketadash.core.choices.subgroup_choices import SubgroupEndpoint
from ketadash.export.code_data import State
from ketadash.questions.shared.code_numbers import DAYS_TEST, Number

ENDPOINT = ("endpoint", "rung", "shift", "within", "ranks", "standardised")  # of days, or of a time to an event
HOLM = ("holm days", "holm relapse")
OF_SUBGROUPS = ("subgroup days", DAYS_TEST)
HAZARD = "adjusted hazard"
PEOPLE = (*ENDPOINT, *HOLM, *OF_SUBGROUPS, HAZARD)


def definitions(number: Number) -> list[Definition]:
    """The endpoints of which a number needs everybody's value."""
    if number.what == "rung":
        return [ENDPOINTS[key] for key in RUNGS[: RUNGS.index(number.outcome) + 1]]
    if number.what in OF_SUBGROUPS:
        return [ENDPOINTS[SubgroupEndpoint.PERCENT_DAYS]]
    return [ENDPOINTS[number.outcome]] if number.what in ENDPOINT and number.outcome in ENDPOINTS else []


def filled_days(part: Callable[..., str], needed: Sequence[Definition], rules: dict[str, str]) -> list[str]:
    """The parts of a program that fill each kind of day that the endpoints `needed` are read off, by its rule.

    `part` takes a part of the language's file of snippets.
    """
    blocks = [part("abstinent days", rule=rules["abstinence"])]
    if any(d.heavy for d in needed):
        blocks.append(part("heavy days", rule=rules["heavy"]))
    if any(d.amounts for d in needed):
        blocks.append(part("amounts", rule=rules["amounts"]))
    return blocks


def columns_within_strata(s: State) -> tuple[str, ...]:
    """The covariates' columns but for those of strata, within which a hazard's model is fitted."""
    return tuple(column for column in s.columns("abstinence") if column not in s.of_strata)
