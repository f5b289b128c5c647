"""Which choices each family of results depends on, by the steps that the choices say they come in at.

Nothing here names a choice that is only added to `AnalysisSpec`: it is in every family that holds one of its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from ketadash.core.choices.endpoint.relapse_rules import relapse_rule
from ketadash.core.choices.step import Step
from ketadash.core.spec import CHOICES, AnalysisSpec


@dataclass(frozen=True)
class Family:
    """The choices that a result may see.

    Attributes
    ----------
    names
        Their fields.
    where
        For some of them when they matter: the fields that say so, of which specs, and which say nothing otherwise.
    every_outcome
        Whether the result runs through every outcome at once, so that no choice in it makes another moot.
    """

    names: frozenset[str]
    where: tuple[tuple[frozenset[str], Callable[[AnalysisSpec], bool], frozenset[str]], ...] = ()
    every_outcome: bool = field(default=False, kw_only=True)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.names))

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __or__(self, other: Family) -> Family:
        return Family(self.names | other.names, self.where + other.where)

    def plus(self, *names: str) -> Family:
        """With some fields more."""
        return replace(self, names=self.names.union(names))

    def without(self, *names: str) -> Family:
        """Without the choices that the result makes itself, one after the other, or has no use for."""
        return replace(self, names=self.names.difference(names))

    def seen(self, spec: AnalysisSpec) -> AnalysisSpec:
        """`spec` with all that the result does not depend on at its default.

        That is also a field that another of the family makes moot, such as imputations where nothing is imputed.
        """
        return spec.only(*(self.names if self.every_outcome else self.names - self._moot(spec)))

    def depends_on(self, name: str, spec: AnalysisSpec) -> bool:
        """Whether the field can change the result while all else is as in `spec`."""
        return name in self.names and (self.every_outcome or name not in self._moot(spec))

    def _moot(self, spec: AnalysisSpec) -> set[str]:
        moot = {name for name in self._governed if CHOICES[name].is_moot(spec)}
        for governors, matters, names in self.where:
            if governors <= self.names and not matters(spec):
                moot |= names
        return moot

    @cached_property
    def _governed(self) -> frozenset[str]:
        """The fields that another of the family can make moot."""
        moot = {name: CHOICES[name].moot for name in self.names}
        return frozenset(name for name, by in moot.items() if by is not None and by.governor in self.names)


def fields_of(*names: str) -> Family:
    """A family of the fields named."""
    return Family(frozenset(names))


def at(*steps: Step) -> Family:
    """The fields that come in at one of the steps."""
    return fields_of(*(name for name, choice in CHOICES.items() if set(steps) & set(choice.enters)))


DAYS = at(Step.DAYS)
PANEL = DAYS | at(Step.HEAVY_DAYS)
ABSTINENCE_DRAWS = DAYS | at(Step.ABSTINENCE_DRAWS)
ABSTINENCE_RECORD = ABSTINENCE_DRAWS.without("missing")  # what draws under every rule begin with
ABSTINENCE_FILLED = ABSTINENCE_DRAWS | at(Step.ABSTINENCE_FILLED)
ABSTINENCE_FIT = ABSTINENCE_FILLED | at(Step.ABSTINENCE_FIT)
ABSTINENCE = NNT = ABSTINENCE_FIT | at(Step.ABSTINENCE_READ)
ABSTINENCE_PERSONS = ABSTINENCE_FILLED | at(Step.PERSONS)
HEAVY_DRAWS = PANEL | at(Step.HEAVY_DRAWS)
HEAVY_RECORD = HEAVY_DRAWS.without("missing")
HEAVY_FILLED = HEAVY_DRAWS | at(Step.HEAVY_FILLED)
HEAVY_FIT = HEAVY_FILLED | at(Step.HEAVY_FIT)
HEAVY = HEAVY_FIT | at(Step.HEAVY_READ)
ENDPOINTS = ABSTINENCE_FILLED | HEAVY_FILLED | at(Step.ENDPOINTS)
ENDPOINT_SHUFFLES = replace(ENDPOINTS | at(Step.SHUFFLES), every_outcome=True)  # shuffles always need the seed
PARTICIPANTS = PANEL | at(Step.PARTICIPANTS)
# Filled days matter to times only where days after dropout are drawn.
_FROM_FILLED_DAYS = (ABSTINENCE_FILLED | HEAVY_FILLED).names - PANEL.names - at(Step.TIMES).names
_RATIOS = ("imor_control", "imor_active")
# Where relapse counts weeks, those without information are what the missing-day rule says.
_OF_WEEKS = frozenset(("missing", *_RATIOS))


def _weeks_filled(spec: AnalysisSpec) -> bool:
    return relapse_rule(spec.relapse).by_weeks


TIME_TO_EVENT = replace(
    (PANEL | at(Step.TIMES)).plus(*_FROM_FILLED_DAYS),
    where=(
        (frozenset(("dropout",)), lambda spec: spec.dropout.about.imputed, _FROM_FILLED_DAYS - _OF_WEEKS),
        (
            frozenset(("dropout", "relapse")),
            lambda spec: spec.dropout.about.imputed or _weeks_filled(spec),
            _FROM_FILLED_DAYS & _OF_WEEKS,
        ),
    ),
)
DROPOUT_WAYS = replace(
    (PANEL | at(Step.DROPOUT_WAYS)).plus(*_OF_WEEKS), where=((frozenset(("relapse",)), _weeks_filled, _OF_WEEKS),)
)
ADJUSTED_EVENTS = replace(TIME_TO_EVENT.plus("adjust"), where=())  # adjusted under every reading of dropout
SUBGROUPS_OF_RELAPSE = TIME_TO_EVENT.without("tau") | at(Step.SUBGROUPS)
SUBGROUPS_OF_DAYS = ABSTINENCE_PERSONS | at(Step.SUBGROUPS)
EVERY_ARM = replace(ABSTINENCE_PERSONS | TIME_TO_EVENT.without("tau"), every_outcome=True)
TIPPING = ABSTINENCE.without("missing", *_RATIOS)
HEAVY_ASSUMPTIONS = HEAVY.without("missing", *_RATIOS, "estimand")
SENSITIVITY = TIPPING.without("imputations", "seed", "adjust", "trend", "estimator", "estimand")
_EVERY_OUTCOME = ABSTINENCE | HEAVY | TIME_TO_EVENT
SPECIFICATIONS = _EVERY_OUTCOME.without(
    *("missing", *_RATIOS, "adjust", "trend", "estimator", "uncertainty", "dropout", "tau", "estimand")
)
INFLUENCE = replace(_EVERY_OUTCOME.without("tau"), every_outcome=True)
# Shuffles are always measured in clustered errors.
RANDOMISATION = replace(_EVERY_OUTCOME.without("tau", "uncertainty") | at(Step.SHUFFLES), every_outcome=True)
