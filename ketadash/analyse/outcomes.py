"""From the table of participants × days to outcomes: abstinent, heavy, time to event.

Here missing days are filled by the chosen rule.  Definitions: docs/methods/outcomes.md and
docs/methods/time-to-event-definitions.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import Endpoint
from ketadash.core.choices.missing import MissingRule

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


def time_to(panel: Panel, endpoint: str, dropout: DropoutRule) -> Times:
    """Days to an endpoint, with its event's kind.

    An event happens on its day; everybody else is censored at the last known day.  For an endpoint that takes dropout,
    whoever left without the event is what the dropout reading says, on `dropout_day` (the first day of the window for
    someone who never returned); the others always censor it.  A missing day before the last known one is neither an
    event nor an end.
    """
    about, reading = Endpoint(endpoint).about, dropout.about
    happened = about.falls_on(_heavy(panel) if about.needs_heavy_days else _use(panel))
    event = np.asarray(happened.any(axis=1))
    day = np.where(event, panel.days[np.argmax(happened, axis=1)], last_known_day(panel))
    kind = np.where(event, about.of, "")
    if about.takes_dropout:
        left = dropout_day(panel)
        # An event was reported, so it lies before the run of missing days: whoever has one had it by then.
        first = ~event & ~np.ma.getmaskarray(left)
        at, had_it = reading.leave(left.filled(0), last_known_day(panel), panel.active)
        day, event = np.where(first, at, day), event | (first & had_it)
        kind = np.where(first & (had_it | reading.competes), "dropout", kind)
    return Times(day.astype(int), event, kind, definition(panel, endpoint, dropout))


def earlier_events(panel: Panel, endpoint: str) -> tuple[int, int]:
    """How many had the event on a day of treatment before the window, control and active."""
    about = Endpoint(endpoint).about
    least = panel.heavy_threshold[:, None] if about.needs_heavy_days else 0.0
    happened = np.asarray(about.falls_on(np.nan_to_num(panel.earlier, nan=-1.0) > least).any(axis=1))
    return int(happened[~panel.active].sum()), int(happened[panel.active].sum())


def late_window(panel: Panel, endpoint: str) -> tuple[str, ...]:
    """What a window that begins late does to people who had the event before it."""
    counts = earlier_events(panel, endpoint)
    if not any(counts):
        return ()
    happened = Endpoint(endpoint).about.happened.format(heavy=panel.terms.heavy_day)
    who = " and ".join(f"{n} {arm}" for n, arm in zip(counts, panel.arms, strict=True) if n)
    return (
        f"{who} participants had {happened} before day {panel.days[0]}, on which the window begins, and count as free "
        "of it until the next time: choose a window from the start of treatment for the first time",
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


def definition(panel: Panel, endpoint: str, dropout: DropoutRule) -> str:
    """What is counted, in words."""
    about, reading, terms = Endpoint(endpoint).about, dropout.about, panel.terms
    counted = about.definition if reading.counts_as_event else about.definition_without_dropout
    applies = about.takes_dropout or reading.imputed
    rest = (reading if applies else DropoutRule.CENSORED.about).definition
    unsure = about.needs_heavy_days and not panel.can_tell_heavy
    doubt = "; the amounts cannot tell a heavy day" if unsure else ""
    return f"{counted.format(heavy=terms.heavy_day, day=terms.day)}; {rest}{doubt}"


def abstinent_on(day: int, filled: str) -> str:
    """The definition of abstinence on one day; `filled` says what missing days are."""
    return f"abstinent on day {day}; {filled}"
