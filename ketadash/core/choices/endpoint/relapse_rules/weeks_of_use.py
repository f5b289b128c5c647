"""K weeks in a row with any use, by report or test; a week without information is what the missing-day rule says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.endpoint.relapse_rules.kind import WEEK, Kind, Numbers, Reported

if TYPE_CHECKING:
    from ketadash.core.choices.endpoint.relapse_rules.kind import Days


def _falls_on(days: Reported, numbers: Numbers) -> Days:
    import numpy as np

    (k,) = numbers
    n = days.use.shape[-1] // WEEK

    def in_week(of_days: Days) -> Days:
        weeks = of_days[..., : n * WEEK]
        return np.asarray(weeks.reshape(*weeks.shape[:-1], n, WEEK).any(axis=-1))

    used = in_week(days.use | days.positive)
    informed = in_week(np.broadcast_to(days.tested if days.needs_test else days.known | days.tested, days.use.shape))
    weeks = days.fill(np.where(used, 1.0, np.where(informed, 0.0, np.nan)))
    begins = np.zeros(days.use.shape, bool)
    if n >= k:
        runs = np.lib.stride_tricks.sliding_window_view(weeks == 1, k, axis=-1).all(axis=-1)
        begins[..., : (n - k + 1) * WEEK : WEEK] = runs
    return begins


def _run(k: int) -> str:
    return "a week" if k == 1 else f"{k} weeks in a row"


KIND = Kind(
    word="weeks",
    form="weeks:K",
    pattern=r"weeks:(\d{1,3})",
    what=lambda numbers: f"the first day of {_run(numbers[0])} with any use",
    of="use",
    possible=lambda numbers: numbers[0] >= 1,
    least=lambda numbers: WEEK * numbers[0],
    falls_on=_falls_on,
    r="weeks_of_use({0})",
    sas="exists (select 1 from week_runs w where w.participant_id = days.participant_id and w.first_day = days.day and "
    "w.n >= {0})",
    by_weeks=True,
    part="weeks",
)
