"""WHO risk levels of drinking: five, by grams of alcohol a day, and what both reductions share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.person_endpoint.definition import Definition, Kind, PersonDays, mean_of_known

if TYPE_CHECKING:
    from ketadash.core.choices.person_endpoint.definition import Array

LEVELS = ("abstinent", "low", "medium", "high", "very high")
MEN, WOMEN = (0.0, 40.0, 60.0, 100.0), (0.0, 20.0, 40.0, 60.0)  # grams a day above which each level begins
FORMULA = (
    "grams a day, averaged over the days with a known amount, put in five levels: none, low, medium, high, very high; "
    " limits 40, 60 and 100 g for men, 20, 40 and 60 g for women"
)
UNKNOWN = (
    "A missing day counts as the rule says; where that makes it one of use, no one knows of how much, and the level is "
    "very high; where missing days are left out, the level is of the days known."
)
R = "level(grams_before) - max(level(grams * mean(d$amount, na.rm = TRUE)), any(d$unmeasured))"
SAS = (
    "case when n(amount) = 0 or max(level_before) = . then . else "
    "max(level_before) - max(%level(max(grams) * mean(amount)), max(unmeasured)) >= {by} end"
)


def levels(grams: Array, limits: Array) -> Array:
    """WHO risk levels 0 to 4 of grams a day (…, G); NaN where they are not known."""
    import numpy as np

    level = (grams[..., None] > limits * (1 + 1e-9)).sum(axis=-1).astype(float)
    return np.where(np.isnan(grams), np.nan, level)


def level_after(days: PersonDays) -> Array:
    """(k, G) the WHO level of the assessed days; the highest where the rule says use and not how much."""
    import numpy as np

    amount = days.amount[..., -days.assessed :]
    grams = np.where(np.isinf(amount).any(axis=-1), np.inf, mean_of_known(amount) * days.grams)
    # whoever used an amount that nobody measured is not abstinent
    used = days.unmeasured[..., -days.assessed :].any(axis=-1)
    return np.where(used & (grams == 0), 1.0, levels(grams, days.limits))


def came_down(days: PersonDays, by: int) -> Array:
    """(k, G) 1 for whoever came down by so many levels or more, NaN where that is not known."""
    import numpy as np

    down = days.before - level_after(days)
    return np.where(np.isnan(down), np.nan, down >= by)


def reduction(by: int) -> Definition:
    """A WHO risk level lower by so many levels or more; of those who began high enough for it."""
    return Definition(
        key=f"who_reduction_{by}",
        label=f"WHO risk down {by} or more",
        kind=Kind.COUNT,
        definition=f"The WHO risk level of {{days}} is lower by {by} level{'s' if by > 1 else ''} or more than that of "
        "{before}.",
        formula=FORMULA,
        unknown=UNKNOWN,
        value=lambda d: came_down(d, by),
        least_before=by,
        good=True,
        unit="percent",
        assesses=True,
        amounts=True,
        baseline=True,
        r=f"{R} >= {by}",
        sas=SAS.format(by=by),
    )
