"""Effects by level of a baseline characteristic: choices declared as in `EveryChoice`, and behind its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ketadash.core.choices.choice import Choice, Moot
from ketadash.core.choices.control import Buttons, DataName, TextBox
from ketadash.core.choices.endpoint_choices import EndpointChoices
from ketadash.core.choices.step import Step
from ketadash.core.errors import SpecError

NONE_CHOSEN = "none"  # as the list and the link have it
NO_SUBGROUPS = Moot("subgroup", lambda column: column is None)


class SubgroupEndpoint(StrEnum):
    """What is compared within each subgroup; the words are those of the endpoints in the JSON."""

    RELAPSE = "relapse"
    PERCENT_DAYS = "percent_days_abstinent"


def cut_number(text: str) -> float:
    """The value at which a column of numbers is cut; SpecError for anything but a number."""
    try:
        value = float(text)
    except ValueError:
        raise SpecError(f"'{text[:20]}' is not a number at which a column can be cut") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise SpecError("a column is cut at a finite number")
    return value


def _compared(endpoint: SubgroupEndpoint) -> str:
    if endpoint is SubgroupEndpoint.RELAPSE:
        return (
            "Within each level relapse was compared by Woolf's odds ratio and Newcombe's difference, and the levels by "
            "the likelihood ratio of arm by level."
        )
    return "Within each level the percent of days abstinent was compared by Welch's test, and the levels by Welch's F."


def _field(default: Any, **texts: Any) -> Any:
    return field(default=default, metadata={"choice": Choice(**texts)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupChoices(EndpointChoices):
    """The fields of subgroups."""

    subgroup: str | None = _field(
        None,
        sentence="subgroups by '{}'",
        key="subgroup",
        label="Subgroups by",
        help="A characteristic from before treatment. The effect is shown within each of its levels, on the page "
        "*Subgroups* alone; numbers are cut in two.",
        cli="effect by level of a baseline characteristic, with one test of interaction (always exploratory)",
        control=DataName(metavar="COLUMN", unsaid=NONE_CHOSEN, placed=True),
        enters=(Step.SUBGROUPS,),
        plain=lambda column: column or NONE_CHOSEN,
        methods=lambda column: (
            f"Exploratory subgroups were formed by {column.replace('_', ' ')}; levels with fewer than five people in "
            "an arm were left out, and one test of interaction was made."
            if column
            else "No subgroups were analysed."
        ),
    )
    subgroup_cut: float | None = _field(
        None,
        sentence="subgroups cut at {}",
        key="cut",
        label="Cut numbers at",
        help="Where a column of numbers is cut in two: below this value, and this value or more. Empty: its median.",
        cli="where a numeric --subgroup is cut in two (default: its median)",
        control=TextBox(metavar="VALUE", parse=cut_number, placeholder="median", until="it is cut at the median"),
        enters=(Step.SUBGROUPS,),
        moot=NO_SUBGROUPS,
        plain=lambda value: "the median" if value is None else f"{value:g}",
        methods=lambda value: f"A numeric characteristic was cut at {'its median' if value is None else f'{value:g}'}.",
    )
    subgroup_endpoint: SubgroupEndpoint = _field(
        SubgroupEndpoint.RELAPSE,
        sentence="subgroups compared in {}",
        key="subgroup-endpoint",
        label="Compared in",
        help="What is compared within each subgroup: relapse by the last day, or the percent of days abstinent.",
        cli="what is compared within each subgroup",
        control=Buttons(words={"relapse": SubgroupEndpoint.RELAPSE, "days abstinent": SubgroupEndpoint.PERCENT_DAYS}),
        enters=(Step.SUBGROUPS,),
        moot=NO_SUBGROUPS,
        methods=_compared,
    )
