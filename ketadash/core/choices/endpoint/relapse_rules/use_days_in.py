"""K days of use within M days in a row."""

from __future__ import annotations

from functools import partial

from ketadash.core.choices.endpoint.relapse_rules.kind import Kind, at_least, some_of

KIND = Kind(
    word="use",
    form="use:KinM",
    pattern=r"use:(\d{1,3})in(\d{1,3})",
    what=partial(some_of, "{day}"),
    of="use",
    possible=lambda numbers: 1 <= numbers[0] <= numbers[1],
    least=lambda numbers: numbers[0],
    falls_on=lambda days, numbers: at_least(days.use, *numbers),
    r="days_in(d$use, {0}, {1})",
    sas="use and (select sum(b.use) from days b where b.participant_id = days.participant_id and "
    "b.day between days.day and days.day + {1} - 1) >= {0}",
    part="days in",
)
