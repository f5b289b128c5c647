"""Every choice that changes a number (`AnalysisSpec`), with its default, once.

Widgets, the command line, links, tests and docs read the defaults from here.  A result asks for the
fields it depends on (`ketadash.core.families`), so that a choice which does not matter to it can neither
change it nor make it be computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from ketadash.core.choices.choice import Choice
from ketadash.core.choices.dropout import DropoutRule as DropoutRule
from ketadash.core.choices.missing import ON_SCREEN, YOUR_ASSUMPTION
from ketadash.core.choices.missing import MissingRule as MissingRule
from ketadash.core.choices.model import Estimand as Estimand
from ketadash.core.choices.model import Estimator as Estimator
from ketadash.core.choices.model import ReadingOfTests as ReadingOfTests
from ketadash.core.choices.model import Scale as Scale
from ketadash.core.choices.model import Trend as Trend
from ketadash.core.choices.model import Uncertainty as Uncertainty
from ketadash.core.choices.ranges import check
from ketadash.core.choices.relapse_choices import RelapseChoices
from ketadash.core.choices.subgroup_choices import SubgroupEndpoint as SubgroupEndpoint
from ketadash.core.choices.window import Window as Window
from ketadash.core.view import PValues as PValues
from ketadash.core.view import ViewSpec as ViewSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSpec(RelapseChoices):
    """Every choice that changes a number (`RelapseChoices` has them); the defaults are the published analysis.

    ``None`` means "as the trial says" (arms, window, columns) or "the last day of the window" (`tau`).

    Raises
    ------
    SpecError
        For a value out of its range or two choices that contradict each other.
    """

    def __post_init__(self) -> None:
        check(self)

    def only(self, *names: str) -> AnalysisSpec:
        """This spec with every field but `names` at its default."""
        return AnalysisSpec(**{name: getattr(self, name) for name in names})

    def replace(self, **changes: Any) -> AnalysisSpec:
        """This spec with some fields changed, checked again."""
        return replace(self, **changes)

    def differences(self, published: AnalysisSpec) -> dict[str, Any]:
        """The fields, with their values, in which this spec differs from `published`."""
        every = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in every if value != getattr(published, name)}

    def describe(self, name: str, many: str = "drinks", use: str = "drinking") -> str:
        """The choice `name` in words: ``"missing days = left out"``; `many`: what is counted, `use`: using it."""
        value = getattr(self, name)
        if value == 0 and CHOICES[name].at_zero:
            return CHOICES[name].at_zero
        if value is MissingRule.IMOR and (self.imor_control, self.imor_active) != (1, 1):
            return CHOICES[name].sentence.format(YOUR_ASSUMPTION)
        return CHOICES[name].sentence.format(_plain(name, value, use), many=many)


CHOICES: dict[str, Choice] = {f.name: f.metadata["choice"] for f in fields(AnalysisSpec)}


def _plain(name: str, value: Any, use: str) -> str:
    """A value as a sentence has it: the word of its control, or the rule's label, never a code."""
    plain = CHOICES[name].plain
    if plain is not None:
        return plain(value)
    if isinstance(value, MissingRule):
        return ON_SCREEN.get(value.about.label, value.about.label).replace("drinking", use)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return "∞" if value == float("inf") else f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(CHOICES[name].control.word(value) if CHOICES[name].words else value)


def flag_of(name: str) -> str:
    """A field's option on the command line."""
    return "--" + name.replace("_", "-")
