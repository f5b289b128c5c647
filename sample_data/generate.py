"""Write the synthetic sample trial: 40 invented people, the same bytes on every run.

    python sample_data/generate.py [FOLDER]

`PEOPLE` is the calibrated part: who each person is and what kind of day each of the 21 days after the infusion was.
It was searched until this program's own engines gave the numbers printed in the paper (README.md says how).  Chance
fills in the rest: how many drinks on a light or a heavy day, the days before the infusion, the measures at visits.
Only `random.Random.random` is drawn from, the one generator Python promises to keep as it is.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

SEED = 1  # among those tried, the first with no week-by-arm interaction in any visit measure
CONSENT, LAST_DAY = -7, 21  # day 0 is the infusion
BEFORE = (CONSENT, -4, -1, 0, 1)  # visits of the first two weeks; three days in a row around the infusion
LATER = {
    "a": (4, 8, 11, 15, 18, 21),
    "b": (4, 7, 11, 14, 18, 21),
    "c": (5, 8, 12, 15, 19, 21),
    "d": (5, 9, 12, 16, 19, 21),
}

# A row is a person.  arm M midazolam, K ketamine; '-' not known.
# race A Asian, B Black or African American, W White, X multiracial; eth H Hispanic or Latino, N not;
# job E employed, U not; edu 1 grades 7-12, 2 high school, 3 college, 4 master's; fam first-degree family history of
# alcoholism; ham, ffm, ciw, pss, bis, aas the scales of Table 1; bas and hdd drinks and heavy days in the 7 days before
# consent, pre and hvy those in the 7 days before the infusion; cad the CADSS after it; six abstinent six months later;
# ae adverse events, S sedation, H headache, A agitation; v schedule of visits (LATER); day weekday of the infusion,
# 1 a Tuesday; course, days 1 to 21: . abstinent, l light, H heavy, e reported abstinent but contradicted by the urine,
# ? missing.
PEOPLE = """
id  arm sex age race eth job edu fam ham ffm ciw pss bis aas bas hdd pre hvy cad six ae v day course
P01 K   M   64  -    N   E   3   Y   1   129 0   32  67  70  101 7   37  3   19  Y   S  b 3   .....................
P02 M   M   61  B    H   E   3   Y   6   111 3   17  57  38  29  5   28  2   2   -   S  c 2   .H..........HH..H.l..
P03 K   M   32  W    N   E   3   Y   7   120 1   31  73  83  44  3   9   1   15  N   H  d 2   ....l.lll........l...
P04 M   F   64  -    N   E   3   Y   2   136 7   22  63  40  19  4   13  3   16  -   -  b 1   .....................
P05 M   F   61  W    N   E   3   Y   0   162 10  31  51  57  37  7   22  1   10  Y   S  a 1   .....................
P06 M   F   37  A    N   U   3   Y   2   137 0   34  85  74  20  4   15  3   0   N   SH d 3   .......lHl.H.Hll....l
P07 M   M   51  W    N   E   3   Y   0   155 1   15  50  83  89  -   28  1   0   N   -  c 1   ..H..H.Hl.llH...llH.H
P08 K   F   58  W    N   E   1   Y   1   118 8   30  69  21  39  4   20  5   -   -   S  a 3   l......HlHllHl..ll..l
P09 K   F   42  B    N   U   3   Y   2   137 8   16  56  23  21  5   1   0   9   -   H  d 2   .....................
P10 K   M   30  W    N   E   3   Y   3   106 0   14  83  66  60  6   1   0   19  -   S  a 3   .....................
P11 M   F   45  W    N   U   3   N   0   146 0   38  48  38  34  3   12  0   2   -   S  d 2   .....................
P12 M   F   68  X    N   E   3   N   6   165 0   17  74  74  26  6   12  0   0   -   SH b 2   ..............???????
P13 M   F   48  A    N   E   3   N   4   160 4   12  69  43  18  4   13  0   19  N   -  c 2   ..l.......HHH.lHll.ee
P14 K   F   46  W    N   U   3   Y   0   120 0   28  53  70  57  4   0   0   0   -   SA b 1   .ll.ll.HlllHlllllHll.
P15 K   M   39  -    H   U   3   Y   6   116 0   31  54  56  35  2   13  2   19  Y   H  b 2   lllHllllllll.llll.ll.
P16 M   M   54  W    N   E   4   Y   4   182 0   32  54  35  22  4   19  3   0   N   S  c 3   .............ll......
P17 M   F   49  W    N   E   2   Y   8   141 0   28  49  62  24  6   11  0   2   -   S  a 2   ..............ll.lll.
P18 K   M   57  W    H   E   3   Y   -   155 6   31  58  62  23  4   4   0   13  Y   SH a 2   ...l...ll.l..........
P19 M   M   47  W    N   U   3   Y   4   141 0   26  66  41  76  7   24  0   1   -   -  b 2   .....l..ll.l.l???????
P20 M   M   59  X    N   -   4   Y   1   144 6   31  64  38  20  4   15  0   0   -   SH c 3   llll..llHHlllll??????
P21 M   F   61  W    N   E   2   Y   0   159 10  25  51  39  41  7   32  6   11  -   -  b 2   .....................
P22 M   F   51  W    N   E   3   Y   0   104 2   30  38  71  62  7   27  2   6   -   -  c 1   ....l.....HH?????????
P23 M   M   64  W    N   U   3   Y   5   131 5   20  44  69  27  5   26  5   2   -   S  a 3   .....................
P24 K   M   60  B    N   E   3   Y   4   138 -   16  57  49  31  6   1   0   21  -   A  d 2   ..l...l..............
P25 K   F   58  W    N   U   2   Y   1   140 0   22  52  20  30  4   12  1   66  -   -  b 1   ....l....l.eee.l..l..
P26 M   M   60  W    H   E   3   Y   1   144 1   39  55  43  115 7   46  3   22  N   -  d 3   .....................
P27 M   M   50  X    N   E   3   Y   6   147 11  18  59  41  95  7   52  4   2   -   -  b 1   ....l..llHHlll???????
P28 K   M   46  W    H   E   3   Y   1   104 -   22  65  60  84  4   37  6   19  -   -  d 1   .....................
P29 K   M   49  B    N   U   3   Y   7   142 6   25  61  49  28  4   9   0   66  N   -  d 3   .....................
P30 K   M   36  B    N   E   3   Y   0   153 0   29  85  76  105 6   19  2   66  Y   S  b 2   .....................
P31 M   F   67  X    N   U   1   Y   3   166 1   17  69  58  68  -   18  0   10  Y   -  a 2   .....................
P32 M   F   63  W    N   E   4   Y   0   101 1   27  50  44  23  5   16  4   -   -   S  c 2   ?????????????????????
P33 M   F   47  W    N   E   3   Y   4   109 2   22  52  54  38  7   12  0   7   Y   S  a 2   .........H..l...l..l.
P34 K   F   63  W    N   E   3   Y   3   118 12  19  69  63  61  5   44  4   9   -   -  a 1   l.ll.l....ll.llllllll
P35 M   F   50  W    N   E   3   Y   3   115 0   32  76  80  50  -   39  5   3   N   -  b 2   .l.l..ll.llllllllllll
P36 K   F   61  W    N   E   3   Y   8   181 1   33  43  59  52  7   19  1   60  Y   H  c 3   .....................
P37 M   M   61  W    N   E   3   Y   -   138 1   24  65  80  94  5   64  6   0   N   -  d 3   .....................
P38 K   F   61  W    N   E   3   Y   0   155 12  20  66  65  16  4   5   0   0   -   S  d 1   .....................
P39 K   M   55  W    H   U   4   Y   2   133 0   36  62  38  25  5   23  4   0   Y   SH d 1   .....................
P40 M   F   46  W    H   E   3   N   5   133 14  15  49  31  17  4   4   0   7   N   SH b 1   ..lHHlH.Hlllllll.llHl
"""

RACES = {"A": "Asian", "B": "Black or African American", "W": "White", "X": "Multiracial"}
EDUCATION = {
    "1": "grades 7-12",
    "2": "high school or GED",
    "3": "college or associate's degree",
    "4": "master's degree",
}
EVENTS = {"S": "sedation", "H": "headache", "A": "agitation"}
YES_NO = {"Y": "yes", "N": "no", "-": ""}
NEVER, STOPPED = "did not return after the infusion", "stopped attending"


@dataclass
class Person:
    """One invented participant; `drunk` is by day what the files report, None where nothing is known."""

    row: dict[str, str]
    drunk: dict[int, int | None] = field(default_factory=dict)
    tests: dict[int, int | str] = field(default_factory=dict)

    def number(self, name: str) -> int:
        return int(self.row[name])

    @property
    def id(self) -> str:
        return self.row["id"]

    @property
    def arm(self) -> str:
        return {"M": "midazolam", "K": "ketamine"}[self.row["arm"]]

    @property
    def limit(self) -> int:
        """A heavy day has more drinks than this."""
        return 4 if self.row["sex"] == "M" else 3

    @property
    def last(self) -> int:
        """The last day reported, which is that of the last visit."""
        return len(self.row["course"].rstrip("?"))

    @property
    def visits(self) -> list[int]:
        return [day for day in (*BEFORE, *LATER[self.row["v"]]) if day <= self.last]

    def weekend(self, day: int) -> bool:
        """Friday to Sunday."""
        return (self.number("day") + day) % 7 >= 4


class Chance:
    """Draws made from `random` alone."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed).random

    def normal(self, mean: float, sd: float) -> float:
        return NormalDist(mean, sd).inv_cdf(0.001 + 0.998 * self.draw())


def people() -> list[Person]:
    """The participants as calibrated, without their days."""
    head, *rows = (line.split() for line in PEOPLE.strip().splitlines())
    return [Person(dict(zip(head, row, strict=True))) for row in rows]


def week(person: Person, days: range, total: int, heavy: int, chance: Chance) -> dict[int, int]:
    """Days of drinking that add up to `total`, `heavy` of them heavy; weekends first, and more on them."""
    limit = person.limit
    drawn = {day: chance.draw() + 0.5 * person.weekend(day) for day in days}
    ranked = sorted(days, key=lambda day: -drawn[day])
    drunk = {day: (limit + 1) * (place < heavy) for place, day in enumerate(ranked)}
    while sum(drunk.values()) < total:
        room = [day for day in ranked if drunk[day] > limit or (drunk[day] < limit and day not in ranked[:heavy])]
        # one drink after the other, evenly but for chance; days without a drink stay so while others can take more
        wish = {day: chance.draw() * (1 + drawn[day]) / (2 + drunk[day]) for day in room}
        drunk[max(room, key=lambda day: wish[day] * (1.5 if drunk[day] else 1))] += 1
    return drunk


def amount(person: Person, kind: str, day: int, chance: Chance) -> int | None:
    """Drinks on a day of the course."""
    luck, limit = chance.draw(), person.limit
    if kind == "?":
        return None
    if kind == "l":
        return min(limit, 1 + int(luck * (limit - 0.5 + person.weekend(day))))
    if kind == "H":
        usual = person.number("bas") / 7
        return limit + 1 + int(luck * (2 + 0.35 * usual + person.weekend(day)))
    return 0


def live(person: Person, chance: Chance) -> None:
    """Fill in every day from consent to day 21, then the urine tests."""
    # nobody drank in the 24 hours before the infusion
    person.drunk |= week(person, range(CONSENT, -1), person.number("pre"), person.number("hvy"), chance) | {-1: 0, 0: 0}
    person.drunk |= {day: amount(person, kind, day, chance) for day, kind in enumerate(person.row["course"], start=1)}
    for previous, visit in pairwise(person.visits):
        person.tests[visit] = "" if visit == 0 else test(person, range(previous + 1, visit + 1))


def test(person: Person, since: range) -> int | str:
    """Ethyl glucuronide in urine, 1 or 0; empty where drinking was reported anyway."""
    if any(person.drunk[day] for day in since):
        return ""
    return int(any(person.row["course"][day - 1] == "e" for day in since if day >= 1))


@dataclass(frozen=True)
class Scale:
    """A visit measure: its value at consent (a column of PEOPLE, or a mean and SD), bounds, and how it moves."""

    start: str | tuple[float, float]
    low: int
    high: int
    after: float  # change from the infusion on
    weekly: float  # further change a week
    drinking: float  # change at a visit with drinking in the two days before
    noise: float
    proportional: bool = False  # changes are multiples, and the noise a share


WITHDRAWAL = 3.5  # its mean at consent, for those not asked
SCALES = {
    "craving": Scale((38, 16), 0, 100, 0.62, 0.93, 1.25, 0.28, proportional=True),
    "arousal": Scale((30, 12), 0, 100, 0.80, 0.96, 1.10, 0.28, proportional=True),
    "withdrawal": Scale("ciw", 1, 67, 0.75, 0.92, 1.10, 0.25, proportional=True),
    "self_efficacy": Scale("aas", 0, 100, 8, 1.0, -4, 6),
    "stress": Scale("pss", 0, 56, -2, -0.4, 1.5, 3),
    "mindfulness": Scale("ffm", 39, 195, 3, 0.8, -1, 6),
    "impulsivity": Scale("bis", 30, 120, -1, -0.3, 0.5, 3),
}


def measured(scale: Scale, start: float, day: int, drank: bool, own: float, chance: Chance) -> int:
    """A value at a visit after consent; `own` is how this person differs, in units of the noise, at every visit."""
    weeks = max(0, day) / 7
    noise = 0.8 * own + chance.normal(0, 1)
    if scale.proportional:
        usual = scale.start[0] if isinstance(scale.start, tuple) else WITHDRAWAL
        course = scale.after ** (day > 0) * scale.weekly**weeks * scale.drinking**drank
        # the 2 keep a start of 0 in play
        found = (start + 2) ** 0.8 * (usual + 2) ** 0.2 * course * (1 + scale.noise * max(-2, noise)) - 2
    else:
        found = start + scale.after * (day > 0) + scale.weekly * weeks + scale.drinking * drank + scale.noise * noise
    return min(scale.high, max(scale.low, round(found)))


def visit_rows(trial: list[Person], chance: Chance) -> Iterable[list[object]]:
    """The test and every measure at each visit that was kept."""
    for p in trial:
        start, own = {}, {}
        for name, scale in SCALES.items():
            own[name] = chance.normal(0, 1)
            given = p.row[scale.start] if isinstance(scale.start, str) else ""
            usual = max(8.0, chance.normal(*scale.start)) if isinstance(scale.start, tuple) else WITHDRAWAL
            start[name] = float(given) if given not in ("", "-") else usual
        for day in p.visits:
            drank = any(p.drunk.get(before) for before in (day - 2, day - 1))
            values: list[object] = []
            for name, scale in SCALES.items():
                later = measured(scale, start[name], day, drank, own[name], chance)
                unknown = isinstance(scale.start, str) and p.row[scale.start] == "-"
                values.append(later if day > CONSENT else "" if unknown else round(start[name]))
            yield [p.id, day, p.tests.get(day, ""), *values]


def adverse_event_rows(trial: list[Person], chance: Chance) -> Iterable[list[object]]:
    """Events on the day of the infusion: sedation and headache for about 12 hours, agitation for one."""
    for p in trial:
        for letter in p.row["ae"].strip("-"):
            luck, other = chance.draw(), chance.draw()
            hours = 1 if letter == "A" else 8 + round(8 * luck)
            yield [p.id, 0, EVENTS[letter], "mild" if letter == "A" or other < 0.85 else "moderate", hours]


def participant_rows(trial: list[Person]) -> Iterable[list[object]]:
    for p in trial:
        r = {name: "" if value == "-" else value for name, value in p.row.items()}
        left = "" if p.last == LAST_DAY else STOPPED if p.last else NEVER
        yield [
            p.id,
            p.arm,
            r["sex"],
            r["age"],
            RACES.get(r["race"], ""),
            "Hispanic or Latino" if r["eth"] == "H" else "Not Hispanic or Latino",
            {"E": "employed", "U": "unemployed"}.get(r["job"], ""),
            EDUCATION[r["edu"]],
            YES_NO[r["fam"]],
            r["ham"],
            r["ffm"],
            r["ciw"],
            r["pss"],
            r["bis"],
            r["aas"],
            r["bas"],
            round(int(r["bas"]) / 7, 2),
            r["hdd"],
            round(int(r["pre"]) / 7, 2),
            r["hvy"],
            "yes",
            r["cad"],
            left,
            YES_NO[p.row["six"]],
        ]


PARTICIPANTS = (
    "participant_id arm sex age race ethnicity employment education family_history hamilton_depression "
    "baseline_mindfulness baseline_withdrawal baseline_stress baseline_impulsivity baseline_self_efficacy "
    "baseline_drinks drinks_per_day_before_consent heavy_days_before_consent drinks_per_day_before_infusion "
    "baseline_heavy_days received_infusion cadss_after_infusion dropout_reason followup_6m_abstinent"
)


def table(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    """Write a CSV whose bytes depend on nothing but its rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows([f"{x:g}" if isinstance(x, float) else x for x in row] for row in rows)


def day_rows(trial: list[Person]) -> Iterable[list[object]]:
    """Every person and day; drinks are empty where not known, the test where none was made."""
    for p in trial:
        for day, drinks in sorted(p.drunk.items()):
            yield [p.id, p.arm, day, "" if drinks is None else drinks, p.tests.get(day, "")]


def write(folder: Path, seed: int = SEED) -> None:
    """Write the four tables of the sample trial to `folder`."""
    chance = Chance(seed)
    trial = people()
    for person in trial:
        live(person, chance)
    table(folder / "days.csv", "participant_id arm day drinks etg_positive", day_rows(trial))
    table(folder / "participants.csv", PARTICIPANTS, participant_rows(trial))
    names = " ".join(SCALES)
    table(folder / "visits.csv", f"participant_id day etg_positive {names}", visit_rows(trial, chance))
    table(folder / "adverse_events.csv", "participant_id day event severity hours", adverse_event_rows(trial, chance))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
