"""Write the synthetic sample trial: 40 invented people, 28 days each, the same bytes on every run.

    python sample_data/generate.py [FOLDER]

Each person gets a course (abstinent, a lapse that ends, steady drinking, leaving the study) so that the numbers of
users, heavy drinkers and dropouts are those of the published trial; chance fills in days, amounts and measures.
Only `random.Random.random` is drawn from, the one generator Python promises to keep as it is.
"""

from __future__ import annotations

import csv
import math
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

SEED = 2923  # among 3,000 tried, one whose daily proportions run smoothly
FIRST_DAY, LAST_DAY = -6, 21  # day 0 is the infusion
VISITS = (-6, -3, -1, 0, 1, 4, 8, 11, 15, 18, 21)


@dataclass(frozen=True)
class Course:
    """What a person does after the infusion.

    From day `onset` to `until` they drink with chance `often` on a weekday (more on Fridays to Sundays), a share
    `heavy` of these days heavily.  Their last visit is on `last`; on the days in `hidden` they report nothing drunk.
    """

    onset: int | None = None
    until: int = LAST_DAY
    often: float = 0.0
    heavy: float = 0.0
    last: int = LAST_DAY
    hidden: tuple[int, ...] = ()


ABSTINENT = Course()
KETAMINE = [
    Course(9, 21, 0.70, 0.35),
    Course(4, 15, 0.30, 0.25),
    Course(13, 21, 0.50, 0.30),
    Course(2, 21, 0.40),
    Course(5, 6, 1.0),  # a lapse that ends
    Course(10, 21, 0.25),
    Course(16, 17, 1.0),
    Course(6, 18, 0.30, hidden=(12, 13, 14, 15)),  # found by the test on day 15
    *[ABSTINENT] * 9,
]
MIDAZOLAM = [
    Course(last=0),  # never came back after the infusion
    Course(last=11),  # leaves while abstinent
    Course(9, 15, 0.50, last=15),  # leaves; heavy days only before the infusion
    Course(6, 8, 0.80, 0.50, last=8),
    Course(7, 11, 0.60, 0.40, last=11),
    Course(10, 18, 0.70, 0.40, last=18),
    Course(9, 21, 0.60, 0.35),
    Course(10, 14, 0.90, 0.40),  # a lapse that ends
    Course(11, 21, 0.75, 0.35),
    Course(13, 21, 0.75, 0.40),
    Course(14, 21, 0.80, 0.30),
    Course(17, 21, 0.85, 0.40),
    Course(4, 21, 0.30),
    Course(11, 21, 0.50, hidden=(16, 17, 18)),  # found by the test on day 18
    Course(15, 21, 0.65),
    *[ABSTINENT] * 8,
]
ARMS = {
    # courses, women, age (mean, SD), baseline drinks a day (mean, SD), chance of drinking before the infusion
    "ketamine": (KETAMINE, 7, (50.4, 11.3), (6.8, 3.9), 0.46),
    "midazolam": (MIDAZOLAM, 14, (55.0, 8.3), (6.5, 4.3), 0.62),
}


@dataclass
class Person:
    """One invented participant; `drunk` is the truth, `reported` what the files say (a missing day has no entry)."""

    arm: str
    sex: str
    age: int
    employed: bool
    weekday: int  # of the infusion; 0 is a Monday
    baseline_drinks: int
    course: Course
    drunk: dict[int, float] = field(default_factory=dict)
    tests: dict[int, int | str] = field(default_factory=dict)
    recent: dict[int, bool] = field(default_factory=dict)  # by visit: drunk in the two days before
    id: str = ""

    @property
    def heavy_above(self) -> int:
        return 4 if self.sex == "M" else 3

    @property
    def reported(self) -> dict[int, float]:
        return {
            day: 0 if day in self.course.hidden else amount
            for day, amount in self.drunk.items()
            if day <= self.course.last
        }

    @property
    def heavy_days_before_infusion(self) -> int:
        return sum(amount > self.heavy_above for day, amount in self.drunk.items() if day <= 0)


class Chance:
    """Draws made from `random` alone."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed).random

    def shuffled(self, items: Iterable) -> list:
        """The items in random order."""
        return [item for _, item in sorted(((self.draw(), i), item) for i, item in enumerate(items))]

    def spread(self, n: int, law) -> list[float]:
        """A stratified sample of `n` from a quantile function: close to its law even in a small arm."""
        return [law((i + 0.2 + 0.6 * self.draw()) / n) for i in range(n)]

    def normal(self, mean: float, sd: float) -> float:
        return NormalDist(mean, sd).inv_cdf(0.001 + 0.998 * self.draw())


def people(arm: str, chance: Chance) -> list[Person]:
    """The participants of one arm, without their days."""
    courses, women, age, drinks, _ = ARMS[arm]
    n = len(courses)
    spread = math.log(1 + (drinks[1] / drinks[0]) ** 2)  # log-normal with the published mean and SD
    law = NormalDist(math.log(7 * drinks[0]) - spread / 2, spread**0.5)
    totals = sorted(min(119, max(18, round(math.exp(x)))) for x in chance.spread(n, law.inv_cdf))
    # Those who drink later tend to have drunk more before: half rank, half chance.
    rank = sorted(range(n), key=lambda i: 0.5 * (courses[i].onset is not None) + chance.draw())
    baseline = dict(zip(rank, totals, strict=True))
    sexes = chance.shuffled("F" * women + "M" * (n - women))
    ages = chance.shuffled(min(69, round(x)) for x in chance.spread(n, NormalDist(*age).inv_cdf))
    employed = chance.shuffled(i < round(0.72 * n) for i in range(n))
    weekdays = chance.shuffled(1 + i % 4 for i in range(n))  # infusions were given from Tuesday to Friday
    return [Person(arm, sexes[i], ages[i], employed[i], weekdays[i], baseline[i], courses[i]) for i in range(n)]


def amount(person: Person, heavy: bool, chance: Chance) -> float:
    """Drinks on a drinking day, in half drinks."""
    limit = person.heavy_above
    if not heavy:
        return min(limit, 1 + round(2 * chance.draw() * (limit - 1)) / 2)
    usual = person.baseline_drinks / 7
    return limit + max(1, round((0.2 + chance.draw()) * usual))


def live(person: Person, chance: Chance) -> None:
    """Fill in the drinks of every day, the days after leaving included."""
    before = ARMS[person.arm][4]
    course = person.course
    for day in range(FIRST_DAY, LAST_DAY + 1):
        weekend = (person.weekday + day) % 7 >= 4
        luck, heavy_luck = chance.draw(), chance.draw()
        if day < -1:  # asked to cut down, and not to drink on the last day before the infusion
            drinks, heavy = luck < before * (1.3 if weekend else 1), heavy_luck < 0.6
        elif course.onset is None or not course.onset <= day <= course.until:
            drinks, heavy = False, False
        else:
            third = day == course.onset + 2 and course.heavy > 0  # one heavy day at least, where there are any
            drinks = day == course.onset or third or luck < course.often * (1.4 if weekend else 1)
            heavy = third or heavy_luck < course.heavy * (1.3 if weekend else 1)
        person.drunk[day] = amount(person, heavy, chance) if drinks else 0
    for previous, visit in pairwise((FIRST_DAY - 3, *VISITS)):
        if visit <= course.last:
            person.recent[visit] = max(person.drunk.get(visit - 1, 0), person.drunk.get(visit - 2, 0)) >= 1
            person.tests[visit] = test(person, previous, visit)


def test(person: Person, previous: int, visit: int) -> int | str:
    """Ethyl glucuronide in urine, 1 or 0; empty on the day of the infusion and where drinking was reported."""
    since = range(previous + 1, visit + 1)
    if visit == 0 or any(person.reported.get(day, 0) > 0 for day in since):
        return ""
    return int(any(person.drunk.get(day, 0) >= 1 for day in since if day in (visit - 2, visit - 1)))


def table(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    """Write a CSV whose bytes depend on nothing but its rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows([f"{x:g}" if isinstance(x, float) else x for x in row] for row in rows)


def day_rows(trial: list[Person]) -> Iterable[list[object]]:
    """Every person and day; drinks are empty where not known, the test where none was made."""
    for p in trial:
        for day in range(FIRST_DAY, LAST_DAY + 1):
            yield [p.id, p.arm, day, p.reported.get(day, ""), p.tests.get(day, "")]


def visit_rows(trial: list[Person], chance: Chance) -> Iterable[list[object]]:
    """Test, craving (0 to 100) and withdrawal (0 to 67) at each visit that was kept."""
    for p in trial:
        usual = chance.normal(45, 14)
        for visit, test in p.tests.items():
            relief = 0 if visit < 1 else 14 + 6 * (p.arm == "ketamine") - 0.5 * visit * (p.arm == "midazolam")
            craving = min(100, max(0, round(chance.normal(usual + 16 * p.recent[visit] - relief, 9))))
            withdrawal = max(0, round(chance.normal(3.4 - 0.08 * (visit + 6) + 1.2 * p.recent[visit], 1.6)))
            yield [p.id, visit, test, craving, withdrawal]


def adverse_event_rows(trial: list[Person], chance: Chance) -> Iterable[list[object]]:
    """Events after the infusion, as many as published."""
    counts = {
        "sedation": {"midazolam": 12, "ketamine": 8},
        "headache": {"midazolam": 4, "ketamine": 6},
        "agitation": {"midazolam": 0, "ketamine": 2},
    }
    rows = []
    for event, by_arm in counts.items():
        for arm, n in by_arm.items():
            for p in chance.shuffled(p for p in trial if p.arm == arm)[:n]:
                hours = 1 if event == "agitation" else 6 + round(12 * chance.draw())
                rows.append([p.id, 0, event, "mild" if chance.draw() < 0.8 else "moderate", hours])
    return sorted(rows)


def make_trial(seed: int = SEED) -> tuple[list[Person], Chance]:
    """Forty people in the order of randomisation, and the chance to go on drawing from."""
    chance = Chance(seed)
    trial = [p for arm in ARMS for p in people(arm, chance)]
    for person in trial:
        live(person, chance)
    trial = chance.shuffled(trial)
    for i, person in enumerate(trial, start=1):
        person.id = f"P{i:02d}"
    return trial, chance


def write(folder: Path, seed: int = SEED) -> None:
    """Write the four tables of the sample trial to `folder`."""
    trial, chance = make_trial(seed)
    table(folder / "days.csv", "participant_id arm day drinks etg_positive", day_rows(trial))
    table(
        folder / "participants.csv",
        "participant_id arm sex age employed baseline_drinks baseline_heavy_days",
        (
            [p.id, p.arm, p.sex, p.age, "yes" if p.employed else "no", p.baseline_drinks, p.heavy_days_before_infusion]
            for p in trial
        ),
    )
    table(folder / "visits.csv", "participant_id day etg_positive craving withdrawal", visit_rows(trial, chance))
    table(folder / "adverse_events.csv", "participant_id day event severity hours", adverse_event_rows(trial, chance))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
