"""Which states a file with its toggles holds: every combination of the choices that are alive in it.

The stops of the dial of missing days are held beside the other choices as they were when the file was made: all of
them with everything else would be tens of thousands of states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ketadash import analyse
from ketadash.analyse.binary import TAKE_LONG, rules_quick, slopes_quick
from ketadash.core.choices import missing_choice
from ketadash.core.choices.control import Buttons, OptionList, odds_word
from ketadash.core.choices.missing import ON_SCREEN
from ketadash.core.errors import SpecError, without_options
from ketadash.core.spec import CHOICES, AnalysisSpec, Estimator, MissingRule, flag_of
from ketadash.core.terms import Terms
from ketadash.questions.shared.code_numbers import capital
from ketadash.trial import Trial, resolve

ALIVE = ("missing", "trend", "adjust", "estimand", "estimator", "uncertainty", "dropout")
MOST_STATES = 4_000
# The stops of a trial so large that each takes seconds: two arms have 49 pairs of them, not 289
FEW_STOPS = ("0", "0.1", "0.33", "1", "3", "10", "inf")
ARMS = ("control", "active")


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice: what its button says, what it sets, and what a link says for it."""

    label: str
    sets: tuple[tuple[str, Any], ...]
    link: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A choice that is alive, its options, and which of them holds at first."""

    field: str
    label: str
    help: str
    options: tuple[Option, ...]
    at_first: int


@dataclass(frozen=True, slots=True)
class Dial:
    """The stops of an arm's ratio of missing days, what they are called, and where it stands at first.

    `key` is its name in links.
    """

    field: str
    key: str
    label: str
    stops: tuple[str, ...]
    names: tuple[str, ...]
    at_first: int


@dataclass(frozen=True, slots=True)
class State:
    """One state: where it is found, the analysis that it is, and what a link to it says; `refused`: why it is none."""

    place: str
    spec: AnalysisSpec
    link: tuple[tuple[str, str], ...]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The states of a file.

    Attributes
    ----------
    axes
        The choices that are alive.
    dials
        One for each arm that has missing days; empty where the missing-day rule is not alive or nothing is missing.
    dial
        The option of the missing-day rule at which the dials stand.
    states
        All of them, those of the dials last.
    """

    axes: tuple[Axis, ...]
    dials: tuple[Dial, ...]
    dial: Option | None
    states: tuple[State, ...]

    @property
    def valid(self) -> tuple[State, ...]:
        """Those that are analyses."""
        return tuple(state for state in self.states if not state.refused)


def is_a_stop(state: State) -> bool:
    """Whether it is one of a dial's, with the other choices as the file opens."""
    return state.place.startswith("dial.")


def fields_named(text: str | None) -> tuple[str, ...]:
    """Choices named on the command line, as options are: ``missing,errors`` or ``missing,uncertainty``.

    Raises
    ------
    SpecError
        For one that there is not, and for one whose values cannot be listed.
    """
    if text is None:
        return ALIVE
    known = {name: name for name in CHOICES} | {choice.key: name for name, choice in CHOICES.items()}
    known |= {flag_of(name)[2:]: name for name in CHOICES}
    chosen: list[str] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        field = known.get(word)
        if field is None or not _can_be_listed(field):
            can = ", ".join(name for name in CHOICES if _can_be_listed(name))
            raise SpecError(f"'{word[:30]}' cannot be alive in a file; these can: {can}")
        chosen.append(field)
    if not chosen:
        raise SpecError("no choice is named to be alive; leave the option out for the usual ones")
    return tuple(dict.fromkeys(chosen))


def _can_be_listed(field: str) -> bool:
    return isinstance(CHOICES[field].control, Buttons | OptionList) and field not in missing_choice.RATIOS


def plan(trial: Trial, spec: AnalysisSpec, alive: Sequence[str] = ALIVE, *, slopes: bool = False) -> Plan:
    """The states that a file of this analysis holds.

    Those with random slopes in a trial where they take long only if the file opens with them, or with `slopes`: the
    others' button is there and says why it cannot be pressed.

    Raises
    ------
    SpecError
        Where they are more than a file can hold; it says which choice makes how many.
    """
    terms = analyse.terms(trial, resolve(trial, spec)[0])
    axes = tuple(_axis(field, spec, terms) for field in alive)
    n_states = prod(len(axis.options) for axis in axes)
    if n_states > MOST_STATES:
        each = ", ".join(f"{axis.field} {len(axis.options)}" for axis in axes)
        raise SpecError(
            f"{n_states:,} states are more than a file can hold ({MOST_STATES:,}): leave out some of the choices that "
            f"are alive in it ({each})"
        )
    dials = _dials(trial, spec, terms) if "missing" in alive else ()
    dial = _dial_option(terms) if dials else None
    states = [*_combined(trial, spec, axes), *(_at_the_dials(trial, spec, dials) if dial else ())]
    panel = analyse.panel_of(trial, resolve(trial, spec)[0])
    if not (slopes or spec.estimator is Estimator.SLOPE or slopes_quick(panel)):
        states = [_without_slopes(state) for state in states]
    return Plan(axes, dials, dial, tuple(states))


def _without_slopes(state: State) -> State:
    if state.refused or state.spec.estimator is not Estimator.SLOPE:
        return state
    long = f"{TAKE_LONG[:1].upper()}{TAKE_LONG[1:]}"
    why = f"{long}: this file was made without them (--alive estimator,… makes one that has them)."
    return replace(state, refused=why)


def _axis(field: str, spec: AnalysisSpec, terms: Terms) -> Axis:
    choice = CHOICES[field]
    options = _rules(terms) if field == "missing" else _values(field, terms)
    label, help_text = (missing_choice.in_words(text, terms) or "" for text in (choice.label, choice.help))
    held = [k for k, option in enumerate(options) if _agrees(spec, option)]
    if not held:
        own = _own_option(field, spec)
        options, held = (*options, own), [len(options)]
    return Axis(field, capital(label), help_text.replace("*", ""), options, held[0])


def _agrees(spec: AnalysisSpec, option: Option) -> bool:
    return all(getattr(spec, name) == value for name, value in option.sets)


def _own_option(field: str, spec: AnalysisSpec) -> Option:
    """The value that the file is made with, where it is none of the usual ones."""
    if field == "missing":
        ratios = tuple((name, getattr(spec, name)) for name in missing_choice.RATIOS)
        words = ", ".join(odds_word(value) for _, value in ratios)
        link = (("missing", missing_choice.DIAL), *((_key(name), odds_word(value)) for name, value in ratios))
        return Option(f"your assumption ({words})", (("missing", MissingRule.IMOR), *ratios), link)
    value = getattr(spec, field)
    word = str(CHOICES[field].control.word(value))
    return Option(word, ((field, value),), ((CHOICES[field].key, word),))


def _key(field: str) -> str:
    return CHOICES[field].key


def _rules(terms: Terms) -> tuple[Option, ...]:
    """The missing-day rules in the order of their buttons, those behind *other rules* last."""
    plain = tuple((name, 1.0) for name in missing_choice.RATIOS)
    own = [
        Option(missing_choice.on_button(word, terms), (("missing", rule), *plain), (("missing", word),))
        for word, rule in missing_choice.MISSING.items()
        if rule is not None and word != missing_choice.DIAL
    ]
    others = [
        Option(
            terms.worded(ON_SCREEN.get(rule.about.label, rule.about.label)),
            (("missing", rule), *plain),
            (("missing", missing_choice.MORE), ("rule", word)),
        )
        for word, rule in missing_choice.RULES.items()
    ]
    return (*own, *others)


def _values(field: str, terms: Terms) -> tuple[Option, ...]:
    choice = CHOICES[field]
    words = choice.words or {word: choice.control.read(word) for word in choice.offered}
    return tuple(Option(terms.worded(word), ((field, value),), ((choice.key, word),)) for word, value in words.items())


def _dials(trial: Trial, spec: AnalysisSpec, terms: Terms) -> tuple[Dial, ...]:
    panel = analyse.panel_of(trial, resolve(trial, spec)[0])
    lost = np.isnan(panel.amount).sum(axis=1)
    stops = missing_choice.STOPS if rules_quick(panel, spec) else FEW_STOPS
    names = tuple(missing_choice.at_stop(stop, terms) for stop in stops)
    dials = []
    for k, field in enumerate(missing_choice.RATIOS):
        n_days = int(lost[panel.active == bool(k)].sum())
        if n_days:
            label = f"{panel.arms[k]} ({n_days:,} missing days)"
            dials.append(Dial(field, _key(field), label, stops, names, stops.index("1")))
    return tuple(dials)


def _dial_option(terms: Terms) -> Option:
    word = missing_choice.DIAL
    return Option(missing_choice.on_button(word, terms), (("missing", MissingRule.IMOR),), (("missing", word),))


def _combined(trial: Trial, spec: AnalysisSpec, axes: Sequence[Axis]) -> Iterator[State]:
    for at in product(*(range(len(axis.options)) for axis in axes)):
        options = [axis.options[k] for axis, k in zip(axes, at, strict=True)]
        link = tuple(
            pair for axis, k in zip(axes, at, strict=True) if k != axis.at_first for pair in axis.options[k].link
        )
        sets = dict(pair for option in options for pair in option.sets)
        yield _state(trial, spec, ".".join(map(str, at)), sets, link)


def _at_the_dials(trial: Trial, spec: AnalysisSpec, dials: Sequence[Dial]) -> Iterator[State]:
    """Every pair of stops, with all other choices as the file was made."""
    for at in product(*(range(len(dial.stops)) for dial in dials)):
        stops = [(dial, dial.stops[k]) for dial, k in zip(dials, at, strict=True)]
        sets = {"missing": MissingRule.IMOR, **dict.fromkeys(missing_choice.RATIOS, 1.0)}
        sets |= {dial.field: float(stop) for dial, stop in stops}
        link = (("missing", missing_choice.DIAL), *((_key(dial.field), stop) for dial, stop in stops))
        yield _state(trial, spec, "dial." + ".".join(map(str, at)), sets, link)


def _state(
    trial: Trial, spec: AnalysisSpec, place: str, sets: dict[str, Any], link: tuple[tuple[str, str], ...]
) -> State:
    try:
        return State(place, resolve(trial, spec.replace(**sets))[0], link)
    except SpecError as error:
        return State(place, spec, link, without_options(str(error)))
