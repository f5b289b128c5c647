"""Write the small synthetic data sets that the R oracles and the Python engines are both fitted to.

Run from anywhere: ``python tests/oracle/make_datasets.py``. Each file is
``datasets/NAME.csv`` with columns id, day, arm (0 control, 1 active), base and
y (0/1), sorted by id and day. No row comes from a real participant. Each data
set has its own seed, so that adding one leaves the others as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "datasets"
Rows = list[tuple[int, int, int, float, int]]
Trend = Callable[[NDArray[np.int64], int], NDArray[np.float64]]


def simulate(
    rng: np.random.Generator, schedule: list[NDArray[np.int64]], n_active: int, sigma: float, trend: Trend
) -> Rows:
    """Draw y ~ Bernoulli(logistic(trend(day, arm) - 0.06 (base - 15) + N(0, sigma²))).

    ``schedule`` holds the days of each participant; the arms are shuffled.
    """
    arms = rng.permutation(np.arange(len(schedule)) < n_active).astype(int)
    rows: Rows = []
    for person, (days, arm) in enumerate(zip(schedule, arms, strict=True), start=1):
        base = round(float(np.clip(rng.normal(15, 5), 0, 28)), 1)
        logit = trend(days, int(arm)) - 0.06 * (base - 15) + sigma * rng.normal()
        y = (rng.random(len(days)) < 1 / (1 + np.exp(-logit))).astype(int)
        rows += [(person, int(d), int(arm), base, int(v)) for d, v in zip(days, y, strict=True)]
    return rows


def every_day(n_people: int, n_days: int) -> list[NDArray[np.int64]]:
    """Everybody seen on days 1 to ``n_days``."""
    return [np.arange(1, n_days + 1) for _ in range(n_people)]


def with_gaps(rng: np.random.Generator, n_people: int, n_days: int) -> list[NDArray[np.int64]]:
    """Dropout on a uniform day, and a fifth of the days before it missing (one is always kept)."""
    schedule = []
    for _ in range(n_people):
        days = np.arange(1, rng.integers(1, n_days + 1) + 1)
        kept = days[rng.random(len(days)) > 0.2]
        schedule.append(kept if len(kept) else days[:1])
    return schedule


def trial40() -> Rows:
    """40 people × 21 days, control falling and levelling off."""

    def trend(day: NDArray[np.int64], arm: int) -> NDArray[np.float64]:
        return 2.0 - 0.30 * day + 0.009 * day**2 + arm * (0.3 + 0.10 * day)

    return simulate(np.random.default_rng(4022), every_day(40, 21), 17, 2.5, trend)


def small_sigma() -> Rows:
    """60 people × 14 days, people alike."""
    return simulate(
        np.random.default_rng(6014),
        every_day(60, 14),
        30,
        0.5,
        lambda day, arm: 0.3 - 0.05 * day + arm * (0.2 + 0.06 * day),
    )


def large_sigma() -> Rows:
    """40 people × 21 days, many of them always or never abstinent."""
    return simulate(
        np.random.default_rng(4105),
        every_day(40, 21),
        20,
        5.0,
        lambda day, arm: 0.8 - 0.08 * day + arm * (0.5 + 0.08 * day),
    )


def unbalanced() -> Rows:
    """50 people, 1 to 30 days each, with gaps and dropout."""
    rng = np.random.default_rng(5030)
    return simulate(rng, with_gaps(rng, 50, 30), 26, 1.5, lambda day, arm: 0.5 - 0.05 * day + arm * (0.4 + 0.04 * day))


def near_separated() -> Rows:
    """30 people × 21 days; the active arm lapses on one to three days in all."""
    return simulate(
        np.random.default_rng(3019), every_day(30, 21), 14, 1.2, lambda day, arm: 0.4 - 0.03 * day + 5.0 * arm
    )


def hundreds() -> Rows:
    """300 people × 28 days, 15% of the days missing."""
    rng = np.random.default_rng(3028)
    schedule = [np.flatnonzero(rng.random(28) > 0.15) + 1 for _ in range(300)]
    return simulate(
        rng, schedule, 150, 2.0, lambda day, arm: 0.2 - 0.04 * day + 0.0006 * day**2 + arm * (0.3 + 0.03 * day)
    )


def separated() -> Rows:
    """30 people × 14 days; the active arm never lapses."""
    rows = simulate(np.random.default_rng(3014), every_day(30, 14), 15, 1.5, lambda day, arm: 0.3 - 0.04 * day)
    return [(person, day, arm, base, 1 if arm else y) for person, day, arm, base, y in rows]


def zero_sigma() -> Rows:
    """40 people × 14 days, days independent; the seed is one whose ML sigma is 0."""
    return simulate(
        np.random.default_rng(4015),
        every_day(40, 14),
        20,
        0.0,
        lambda day, arm: 0.4 - 0.06 * day + arm * (0.2 + 0.05 * day),
    )


def chained(rng: np.random.Generator, n_people: int, n_days: int, intercept: float, sigma: float, pull: float) -> Rows:
    """Each day's log odds leans by ``pull`` towards yesterday's answer; 15% of the days go unrecorded."""
    arms = rng.permutation(np.arange(n_people) < n_people // 2).astype(int)
    rows: Rows = []
    for person, arm in enumerate(arms, start=1):
        base = round(float(np.clip(rng.normal(15, 5), 0, 28)), 1)
        level = intercept + 0.4 * arm - 0.06 * (base - 15) + sigma * rng.normal()
        yesterday = 0.5
        for day in range(1, n_days + 1):
            logit = level - 0.03 * day + 0.03 * arm * day + pull * (yesterday - 0.5)
            yesterday = int(rng.random() < 1 / (1 + np.exp(-logit)))
            if rng.random() > 0.15:
                rows.append((person, day, int(arm), base, yesterday))
    return rows


def negative_rho() -> Rows:
    """50 people × 21 days with gaps; a drinking day tends to follow an abstinent one and the other way round."""
    return chained(np.random.default_rng(5021), 50, 21, 0.4, 1.2, -2.4)


def serial() -> Rows:
    """60 people × 28 days with gaps; spells: a day resembles the day before it."""
    return chained(np.random.default_rng(6028), 60, 28, 0.2, 1.0, 3.0)


def spell(rng: np.random.Generator, n_people: int, n_days: int, stay: float, sigma: float) -> Rows:
    """Each day yesterday's answer stands with probability ``stay``, else it is drawn afresh; 10% of days missing."""
    arms = rng.permutation(np.arange(n_people) < n_people // 2).astype(int)
    rows: Rows = []
    for person, arm in enumerate(arms, start=1):
        base = round(float(np.clip(rng.normal(15, 5), 0, 28)), 1)
        chance = 1 / (1 + np.exp(-(0.5 * arm - 0.06 * (base - 15) + sigma * rng.normal())))
        y = int(rng.random() < chance)
        for day in range(1, n_days + 1):
            if rng.random() > 0.1:
                rows.append((person, day, int(arm), base, y))
            if rng.random() > stay:
                y = int(rng.random() < chance)
    return rows


def spells() -> Rows:
    """40 people × 28 days in long spells: rho near 0.85."""
    return spell(np.random.default_rng(1), 40, 28, 0.9, 0.3)


def spells_no_intercept() -> Rows:
    """80 people × 40 days in longer spells and nothing else between people: sigma_b at 0, rho near 0.98."""
    return spell(np.random.default_rng(4), 80, 40, 0.97, 0.0)


def hard_start() -> Rows:
    """40 people × 28 days, rare events on a slow strong drift: from the logistic fit, RSPL runs away."""
    rng = np.random.default_rng(5)
    arms = rng.permutation(np.arange(40) < 20).astype(int)
    rows: Rows = []
    for person, arm in enumerate(arms, start=1):
        base = round(float(np.clip(rng.normal(15, 5), 0, 28)), 1)
        drift, own = 5.0 * rng.normal(), 0.3 * rng.normal()
        for day in range(1, 29):
            logit = -2.5 - 0.8 * arm + 0.06 * (base - 15) + 0.02 * day + own + drift
            rows.append((person, day, int(arm), base, int(rng.random() < 1 / (1 + np.exp(-logit)))))
            drift = 0.98 * drift + 5.0 * np.sqrt(1 - 0.98**2) * rng.normal()
    return rows


def three_days_a_week() -> Rows:
    """60 people in spells, seen on Mondays, Wednesdays and Fridays of 6 weeks: no two known days are neighbours."""
    return [row for row in spell(np.random.default_rng(7), 60, 42, 0.8, 0.8) if row[1] % 7 in (1, 3, 5)]


def every_other_day() -> Rows:
    """40 people in spells, seen on odd days of 6 weeks: no two known days are neighbours."""
    return [row for row in spell(np.random.default_rng(11), 40, 42, 0.85, 0.8) if row[1] % 2]


def outlying_baseline() -> Rows:
    """22 people × 2 visits, a skewed baseline count up to 318: vague for one column, yet nothing is separated."""
    rng = np.random.default_rng(287)
    base = np.clip(np.round(np.exp(rng.normal(1.5, 1.6, 22))), 0, 400)
    base[0] = 318
    person, day = np.repeat(np.arange(22), 2), np.tile([1, 2], 22)
    arm = person % 2
    logit = 1.5 + arm - 0.25 * (day - 1) - 0.15 * base[person] + rng.normal(0, 0.8, 22)[person]
    y = (rng.random(44) < 1 / (1 + np.exp(-logit))).astype(int)
    rows = zip(person, day, arm, base[person], y, strict=True)
    return [(int(i) + 1, int(t), int(a), float(b), int(v)) for i, t, a, b, v in rows]


def own_slopes() -> Rows:
    """60 people × 21 days with gaps; people differ in their level (SD 1.5 on day 0) and in their slope (SD 0.15)."""
    rng = np.random.default_rng(6021)
    arms = rng.permutation(np.arange(60) < 30).astype(int)
    rows: Rows = []
    for person, arm in enumerate(arms, start=1):
        base = round(float(np.clip(rng.normal(15, 5), 0, 28)), 1)
        level, drift = 1.5 * rng.normal(), rng.normal()
        slope = 0.15 * (-0.3 * level / 1.5 + np.sqrt(1 - 0.3**2) * drift)
        for day in np.flatnonzero(rng.random(21) > 0.15) + 1:
            logit = 0.3 - 0.04 * day + arm * (0.3 + 0.05 * day) - 0.06 * (base - 15) + level + slope * day
            rows.append((person, int(day), int(arm), base, int(rng.random() < 1 / (1 + np.exp(-logit)))))
    return rows


DATASETS = (
    trial40,
    small_sigma,
    large_sigma,
    unbalanced,
    near_separated,
    hundreds,
    separated,
    zero_sigma,
    negative_rho,
    serial,
    spells,
    spells_no_intercept,
    hard_start,
    three_days_a_week,
    every_other_day,
    outlying_baseline,
    own_slopes,
)


def main() -> None:
    """Write every data set, replacing what is there."""
    FOLDER.mkdir(exist_ok=True)
    for make in DATASETS:
        with open(FOLDER / f"{make.__name__}.csv", "w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(["id", "day", "arm", "base", "y"])
            writer.writerows(make())


if __name__ == "__main__":
    main()
