"""The choices that only each participant's endpoints have, declared as in `ketadash.core.choices.every_choice`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ketadash.core.choices.choice import Choice
from ketadash.core.choices.control import NumberBox
from ketadash.core.choices.every_choice import EveryChoice
from ketadash.core.choices.ranges import MOST_DAYS, MOST_GRAMS
from ketadash.core.choices.step import Step

SO_MANY_DAYS = NumberBox(metavar="DAYS", parse=int, least=0, most=MOST_DAYS, narrow=True)


def _of_people(default: Any, **texts: Any) -> Any:
    return field(default=default, metadata={"choice": Choice(enters=(Step.ENDPOINTS,), **texts)})


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChoices(EveryChoice):
    """Every choice, these among them."""

    grace: int = _of_people(
        0,
        sentence="grace period of {} days",
        at_zero="no grace period",
        key="grace",
        label="Grace period (days)",
        help="Days at the start that are forgiven: they cost nobody *no {heavy_day}* or *abstinent on every day*.",
        cli="days at the start that no-heavy-day and abstinence responders are forgiven",
        control=SO_MANY_DAYS,
    )
    assessment_days: int = _of_people(
        0,
        sentence="WHO levels from the last {} days",
        at_zero="WHO levels from every day of the window",
        key="assessed",
        needs_amounts=True,
        label="WHO level: last days",
        help="WHO risk levels are of the mean of this many days at the end of the window; 0: all of them.",
        cli="days at the end of the window that WHO risk levels are taken from; 0: all of them",
        control=SO_MANY_DAYS,
    )
    baseline_days: int = _of_people(
        0,
        sentence="WHO levels before from {} days",
        at_zero="WHO levels before from every day before treatment",
        key="before",
        needs_amounts=True,
        label="WHO level: days before",
        help="The level before treatment is of this many days before it; 0: all that the file has.",
        cli="days before treatment that the WHO risk level before is taken from; 0: all that there are",
        control=SO_MANY_DAYS,
    )
    drink_grams: float = _of_people(
        0.0,
        sentence="{} g of alcohol in one of the {many}",
        at_zero="grams as the unit has them",
        key="grams",
        needs_amounts=True,
        label="Grams in one",
        help="Grams in one of the {measure}, for WHO risk levels; 0: as the unit has it.",
        cli="grams of alcohol in one of the amounts, for WHO risk levels; 0: as the unit has it (a US drink 14)",
        control=NumberBox(metavar="GRAMS", parse=float, least=0.0, most=MOST_GRAMS, narrow=True),
    )
