"""K heavy days within M days in a row."""

from __future__ import annotations

from functools import partial

from ketadash.core.choices.endpoint.relapse_rules.kind import Kind, at_least, some_of

KIND = Kind(
    word="heavy",
    form="heavy:KinM",
    pattern=r"heavy:(\d{1,3})in(\d{1,3})",
    what=partial(some_of, "{heavy}"),
    of="heavy",
    possible=lambda numbers: 1 <= numbers[0] <= numbers[1],
    least=lambda numbers: numbers[0],
    falls_on=lambda days, numbers: at_least(days.heavy, *numbers),
    r="days_in(d$heavy, {0}, {1})",
    sas="heavy and (select sum(b.heavy) from days b where b.participant_id = days.participant_id and "
    "b.day between days.day and days.day + {1} - 1) >= {0}",
    part="days in",
)
