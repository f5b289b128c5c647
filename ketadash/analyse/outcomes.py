"""From the table of participants × days to outcomes: abstinent, heavy, time to event.

Here missing days are filled by the chosen rule.  Definitions: docs/methods/outcomes.md and
docs/methods/time-to-event-definitions.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import Endpoint, definition_under
from ketadash.core.choices.endpoint.definition import Definition
from ketadash.core.choices.endpoint.relapse_rules import relapse_rule
from ketadash.core.choices.endpoint.relapse_rules.kind import Reported
from ketadash.core.choices.missing import ON_SCREEN, MissingRule
from ketadash.core.spec import AnalysisSpec, ReadingOfTests
from ketadash.core.terms import Terms

if TYPE_CHECKING:
    from ketadash.trial import Panel


@dataclass(frozen=True, eq=False)
class Daily:
    """A yes/no outcome by participant and day.

    Attributes
    ----------
    y
        (G, T) float, 1 yes, 0 no, NaN where it is not known, or where the missing-day rule leaves it so.
    filled
        (G, T) bool: not reported, given a value by the rule.
    missing
        (G, T) bool: not reported, whatever the rule.
    """

    y: np.ndarray
    filled: np.ndarray
    missing: np.ndarray


@dataclass(frozen=True, eq=False)
class Times:
    """Time to an event.

    Attributes
    ----------
    day
        (G,) int, day of the event or of censoring, numbered as in the data; the day before the window for
        someone censored without a single known day.
    event
        (G,) bool.
    kind
        (G,) str: "heavy", "use", "dropout" (no event where it is a competing one), or "" where censored.
    definition
        What is counted, in words.
    """

    day: np.ndarray
    event: np.ndarray
    kind: np.ndarray
    definition: str


def abstinence(panel: Panel, missing: MissingRule) -> Daily:
    """Abstinent days: no drinks reported, and not overridden by a positive EtG test.

    Rules that impute leave missing days unknown here: `ketadash.analyse.filled_days` draws them.
    """
    return _daily(panel, ~_use(panel), missing, bad=0.0)


def heavy_drinking(panel: Panel, missing: MissingRule) -> Daily:
    """Heavy days: more drinks than the participant's threshold.

    A day overridden by EtG is a drinking day of unknown amount and counts as not heavy.  With amounts of
    only 0 and 1 (`panel.can_tell_heavy` False) the result says nothing; callers must not show it.
    """
    return _daily(panel, _heavy(panel), missing, bad=1.0)


def last_known_day(panel: Panel) -> np.ndarray:
    """Last reported day of the window, (G,) int; the day before the window where none is reported."""
    known = ~np.isnan(panel.amount)
    position = known.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    return np.where(known.any(axis=1), panel.days[position], panel.days[0] - 1)


def dropout_day(panel: Panel) -> np.ma.MaskedArray:
    """First day of the unbroken missing run that ends the window, (G,) int, masked where the last day is known."""
    last = last_known_day(panel)
    return np.ma.masked_array(last + 1, mask=last == panel.days[-1])


def time_to(panel: Panel, endpoint: str, dropout: DropoutRule, spec: AnalysisSpec) -> Times:
    """Days to an endpoint, with its event's kind.

    An event happens on its day; everybody else is censored at the last known day.  For an endpoint that takes dropout,
    whoever left without the event is what the dropout reading says, on `dropout_day` (the first day of the window for
    someone who never returned); the others always censor it.  A missing day before the last known one is neither an
    event nor an end.  Where relapse counts weeks (`spec`), a week without information is what the missing-day rule
    says, also after leaving; dropout taken as the event then comes first if it does.
    """
    about, reading = definition_under(endpoint, spec), dropout.about
    happened = falls_on(about, reported(panel, spec), spec, panel.days)
    event = np.asarray(happened.any(axis=1))
    day = np.where(event, panel.days[np.argmax(happened, axis=1)], last_known_day(panel))
    kind = np.where(event, about.of, "")
    if about.takes_dropout:
        left = dropout_day(panel)
        at, had_it = reading.leave(left.filled(0), last_known_day(panel), panel.active)
        # An event that was reported lies before the missing days; only one of unknown weeks may come after leaving.
        first = ~np.ma.getmaskarray(left) & (~event | (had_it & (at < day)))
        day, event = np.where(first, at, day), event | (first & had_it)
        kind = np.where(first & (had_it | reading.competes), "dropout", kind)
    return Times(day.astype(int), event, kind, definition(panel, endpoint, dropout, spec))


def reported(panel: Panel, spec: AnalysisSpec) -> Reported:
    """What is known of everybody's days, and what becomes of weeks without information."""
    return Reported(
        use=_use(panel),
        heavy=_heavy(panel),
        known=~np.isnan(panel.amount),
        positive=panel.tests == 1,
        tested=~np.isnan(panel.tests),
        needs_test=spec.etg and spec.tested is ReadingOfTests.REQUIRED,
        fill=lambda weeks: _filled_weeks(weeks, panel, spec),
    )


def _filled_weeks(weeks: np.ndarray, panel: Panel, spec: AnalysisSpec) -> np.ndarray:
    """Weeks of use (…, G, W) with those unknown as the missing-day rule has them; it draws none."""
    unknown = np.isnan(weeks)
    if not unknown.any():
        return weeks
    if spec.missing is MissingRule.IMOR:  # certain where the odds of abstinence are 0 or infinite
        odds = np.where(panel.active, spec.imor_active, spec.imor_control)[:, None]
        return np.where(unknown & (odds == 0), 1.0, np.where(unknown & np.isinf(odds), 0.0, weeks))
    return np.where(unknown, spec.missing.about.fill(weeks, panel.active, 1.0), weeks)


def falls_on(about: Definition, days: Reported, spec: AnalysisSpec, numbers: np.ndarray) -> np.ndarray:
    """(…, G, T) bool: whether the event falls on a day; `numbers` (T,) are the days as the data number them."""
    if about.rule is None:
        return np.asarray(about.falls_on(days.heavy if about.needs_heavy_days else days.use))
    happened = about.rule.falls_on(days)
    return happened if spec.relapse_from is None else happened & (numbers >= spec.relapse_from)


def tells(panel: Panel, endpoint: str, spec: AnalysisSpec) -> bool:
    """Whether the amounts can tell an endpoint: whether it needs no heavy days, or they do."""
    return panel.can_tell_heavy or not definition_under(endpoint, spec).needs_heavy_days


def earlier_events(panel: Panel, endpoint: str, spec: AnalysisSpec) -> tuple[int, int]:
    """How many had the event on a day of treatment before the window, control and active."""
    amount = np.nan_to_num(panel.earlier, nan=-1.0)
    none, known = np.zeros(amount.shape, bool), ~np.isnan(panel.earlier)
    days = Reported(amount > 0, amount > panel.heavy_threshold[:, None], known, none, none, False, lambda weeks: weeks)
    if spec.relapse_from is not None and endpoint == Endpoint.RELAPSE:
        return 0, 0  # the analysis lets relapse begin later than these days
    about = definition_under(endpoint, spec)
    happened = np.asarray(falls_on(about, days, spec, panel.days[:1]).any(axis=1))
    return int(happened[~panel.active].sum()), int(happened[panel.active].sum())


def late_window(panel: Panel, endpoint: str, spec: AnalysisSpec) -> tuple[str, ...]:
    """What a window that begins late does to people who had the event before it."""
    counts = earlier_events(panel, endpoint, spec)
    if not any(counts):
        return ()
    happened = Endpoint(endpoint).about.happened.format(heavy=panel.terms.heavy_day)
    who = " and ".join(f"{n} {arm}" for n, arm in zip(counts, panel.arms, strict=True) if n)
    return (
        f"{who} participants had {happened} before day {panel.days[0]}, on which the window begins, and are counted "
        "from then on: for the first time since treatment began, choose a window that begins with it",
    )


def throughout(y: np.ndarray) -> np.ndarray:
    """Abstinent on every day of (…, G, T) daily abstinence: 1 yes, 0 no, NaN unknown.

    Someone with unknown days and no known drinking is unknown, and someone with a known drinking day is not
    abstinent whatever the unknown days were.
    """
    return np.where((y == 0).any(axis=-1), 0.0, np.where(np.isnan(y).any(axis=-1), np.nan, 1.0))


def _use(panel: Panel) -> np.ndarray:
    """(G, T) bool: known to be a drinking day."""
    return (np.nan_to_num(panel.amount, nan=0.0) > 0) | panel.overridden


def _heavy(panel: Panel) -> np.ndarray:
    """(G, T) bool: known to be a heavy day."""
    # NaN becomes -1, below every threshold: an unreported day is not a known heavy day.
    return np.nan_to_num(panel.amount, nan=-1.0) > panel.heavy_threshold[:, None]


def _daily(panel: Panel, known: np.ndarray, rule: MissingRule, bad: float) -> Daily:
    """One daily outcome; `bad` is its unfavourable value, which a missing day has under the least favourable rule."""
    missing = np.isnan(panel.amount)
    y = np.where(missing, np.nan, known.astype(float))
    filled = np.where(missing, rule.about.fill(y, panel.active, bad), y)
    return Daily(filled, missing & ~np.isnan(filled), missing)


def definition(panel: Panel, endpoint: str, dropout: DropoutRule, spec: AnalysisSpec) -> str:
    """What is counted, in words."""
    about, reading, terms = definition_under(endpoint, spec), dropout.about, panel.terms
    counted = about.definition if reading.counts_as_event else about.definition_without_dropout
    applies = about.takes_dropout or reading.imputed
    rest = (reading if applies else DropoutRule.CENSORED.about).definition
    if applies and about.rule is not None and about.rule.by_weeks and not (reading.counts_as_event or reading.imputed):
        rest += ", unless weeks without information make a relapse later"
    unsure = about.needs_heavy_days and not panel.can_tell_heavy
    doubt = "; the amounts cannot tell a heavy day" if unsure else ""
    notes = "; ".join(notes_of_relapse(spec, terms)) if about.rule is not None else ""
    note = f" ({notes})" if notes else ""
    return f"{counted.format(heavy=terms.heavy_day, day=terms.day, note=note)}; {rest}{doubt}"


def relapse_in_words(spec: AnalysisSpec, terms: Terms) -> str:
    """What relapse is: ``the first heavy drinking day``."""
    notes = "; ".join(notes_of_relapse(spec, terms))
    what = relapse_rule(spec.relapse).what.format(heavy=terms.heavy_day, day=terms.day)
    return what + (f" ({notes})" if notes else "")


def notes_of_relapse(spec: AnalysisSpec, terms: Terms) -> Iterator[str]:
    """From when on relapse counts, and what a week without information is where weeks are counted."""
    if spec.relapse_from is not None:
        begins = spec.relapse_from if spec.days is None else max(spec.relapse_from, spec.days.first)
        yield f"from day {begins} on"
    if relapse_rule(spec.relapse).by_weeks:
        yield weeks_without(spec, terms)


def weeks_without(spec: AnalysisSpec, terms: Terms) -> str:
    """What a week without information counts as, in relapse by weeks."""
    if not spec.etg:
        what = "a week without a report"
    elif spec.tested is ReadingOfTests.REQUIRED:
        what = f"a week without a {terms.test}"
    else:
        what = "a week without a report or test"
    if spec.dropout.about.imputed:
        return f"{what}: its days are imputed"
    if spec.missing.imputed or not spec.missing.fills:
        return f"{what} is no week of {terms.use}, and ends a run"
    label = ON_SCREEN.get(spec.missing.about.label, spec.missing.about.label).replace("drinking", terms.use)
    return f"{what} counts as {label}" if label == terms.use else f"{what}: {label}"


def abstinent_on(day: int, filled: str) -> str:
    """The definition of abstinence on one day; `filled` says what missing days are."""
    return f"abstinent on day {day}; {filled}"
