"""The sample trial: rebuilt byte for byte, and the shape its README says."""

import csv
import math
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from known_trials import sample_trial
from waiting import HANG_S

from ketadash.core.paths import sample_folder
from ketadash.core.spec import AnalysisSpec
from ketadash.export.analysis_json import analysis

TABLES = ("days.csv", "participants.csv", "visits.csv", "adverse_events.csv")


def rows(name: str) -> list[dict[str, str]]:
    with (sample_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def people() -> dict[str, dict]:
    """By participant: their row and, by day, the drinks reported (None where not known)."""
    found = {row["participant_id"]: row | {"drinks": {}, "test": {}} for row in rows("participants.csv")}
    for row in rows("days.csv"):
        person = found[row["participant_id"]]
        assert row["arm"] == person["arm"]
        person["drinks"][int(row["day"])] = float(row["drinks"]) if row["drinks"] else None
        if row["etg_positive"]:
            person["test"][int(row["day"])] = int(row["etg_positive"])
    for name, person in found.items():
        person["limit"] = 4 if person["sex"] == "M" else 3
        after = {day: drinks for day, drinks in person["drinks"].items() if day >= 1}
        visits = sorted(int(row["day"]) for row in rows("visits.csv") if row["participant_id"] == name)
        person["overridden"] = {
            d for since, day in pairwise(visits) if person["test"].get(day) == 1 for d in range(since + 1, day + 1)
        }
        person["used"] = any(after.values()) or bool(person["overridden"])
        person["heavy"] = any(d is not None and d > person["limit"] for d in after.values())
        person["left"] = after[21] is None
        person["returned"] = after[1] is not None
    return found


def count(people, arm: str, what) -> int:
    return sum(bool(what(p)) for p in people.values() if p["arm"] == arm)


def test_it_is_rebuilt_byte_for_byte(tmp_path):
    subprocess.run([sys.executable, str(sample_folder() / "generate.py"), str(tmp_path)], check=True, timeout=HANG_S)
    for name in TABLES:
        assert (tmp_path / name).read_bytes() == (sample_folder() / name).read_bytes(), name


def test_another_seed_is_another_trial(tmp_path):
    code = "import sys; sys.path.insert(0, sys.argv[1]); import generate; from pathlib import Path; "
    code += "generate.write(Path(sys.argv[2]), seed=2)"
    subprocess.run([sys.executable, "-c", code, str(sample_folder()), str(tmp_path)], check=True, timeout=HANG_S)
    assert (tmp_path / "days.csv").read_bytes() != (sample_folder() / "days.csv").read_bytes()


def test_every_participant_has_every_day_once(people):
    assert len(people) == 40
    assert len(rows("days.csv")) == 40 * 29
    assert all(sorted(p["drinks"]) == list(range(-7, 22)) for p in people.values())


# Dakwar et al. 2020, Results: users 8/17 and 13/22, heavy 3/17 and 9/22, relapse 12/23, six left, all on midazolam.
def test_the_counts_are_those_of_the_paper(people):
    arms = ("ketamine", "midazolam")
    assert [count(people, arm, lambda p: True) for arm in arms] == [17, 23]
    assert [count(people, arm, lambda p: p["returned"]) for arm in arms] == [17, 22]
    assert [count(people, arm, lambda p: p["used"]) for arm in arms] == [8, 13]
    assert [count(people, arm, lambda p: p["heavy"]) for arm in arms] == [3, 9]
    assert [count(people, arm, lambda p: p["left"]) for arm in arms] == [0, 6]
    assert [count(people, arm, lambda p: p["left"] or p["heavy"]) for arm in arms] == [3, 12]
    left = [p for p in people.values() if p["left"]]
    assert sum(not p["used"] and p["returned"] for p in left) == 1
    assert sum(p["heavy"] for p in left) == 3
    assert sum(p["heavy"] or int(p["baseline_heavy_days"]) > 0 for p in left) == 4


def abstinent(people, arm: str, day: int) -> float:
    """Share of an arm without drinking on a day, missing days counted as drinking."""
    own = [p for p in people.values() if p["arm"] == arm]
    return sum(p["drinks"][day] == 0 and day not in p["overridden"] for p in own) / len(own)


def test_midazolam_falls_and_ketamine_holds(people):
    def week(arm: str, first: int) -> float:
        return sum(abstinent(people, arm, day) for day in range(first, first + 7)) / 7

    assert week("ketamine", 1) > 0.8 and week("midazolam", 1) > 0.8
    assert week("ketamine", 15) > 0.75 and 0.45 < week("midazolam", 15) < 0.6


def test_no_day_jumps(people):
    # two people of the smaller arm, 2/17; the least that lets two lapses begin or end on one day
    for arm in ("ketamine", "midazolam"):
        shares = [abstinent(people, arm, day) for day in range(1, 22)]
        assert max(abs(b - a) for a, b in pairwise(shares)) < 2.01 / 17


def test_missing_days_are_those_after_the_last_visit(people):
    visits = defaultdict(list)
    for row in rows("visits.csv"):
        visits[row["participant_id"]].append(int(row["day"]))
    for name, person in people.items():
        known = [day for day, drinks in sorted(person["drinks"].items()) if drinks is not None]
        assert known == list(range(-7, known[-1] + 1))
        assert max(visits[name]) == known[-1]


def test_nobody_drank_on_the_day_before_the_infusion(people):
    assert all(p["drinks"][day] == 0 for p in people.values() for day in (-1, 0))


def test_the_week_before_the_infusion_is_that_of_the_days(people):
    for person in people.values():
        week = [person["drinks"][day] for day in range(-7, 0)]
        assert sum(drinks > person["limit"] for drinks in week) == int(person["baseline_heavy_days"])
        assert float(person["drinks_per_day_before_infusion"]) == round(sum(week) / 7, 2)


def test_everyone_was_eligible(people):
    # paper, Participants: four heavy days in 7, or 35 (men) or 28 (women) drinks a week
    for person in people.values():
        heavy, total = person["heavy_days_before_consent"], int(person["baseline_drinks"])
        assert (heavy and int(heavy) >= 4) or total >= {"M": 35, "F": 28}[person["sex"]]
        assert not heavy or int(heavy) * (person["limit"] + 1) <= total


def test_days_hold_plausible_amounts(people):
    for person in people.values():
        after = [drinks for day, drinks in person["drinks"].items() if day >= 1 and drinks is not None]
        assert all(drinks == int(drinks) <= 20 for drinks in after)


def test_two_people_are_contradicted_by_a_test_and_nobody_else(people):
    found = [(p["arm"], sorted(p["overridden"])) for p in people.values() if p["overridden"]]
    assert sorted(found) == [("ketamine", [12, 13, 14]), ("midazolam", [20, 21])]


# The numbers the trial was calibrated to; `ketadash reproduce` holds all of them.
def test_the_engines_give_the_printed_results():
    found = analysis(sample_trial(), AnalysisSpec(), ("abstinence", "heavy", "time_to_event", "nnt", "safety"))
    ml, rspl = found["abstinence"]["models"]["quadratic"], found["abstinence"]["models"]["quadratic_rspl"]
    linear, f = found["abstinence"]["models"]["linear"], {t["effect"]: t["f"] for t in rspl["tests"]}
    fits = [round(m[k], 2) for m in (ml, linear) for k in ("aic", "bic")]
    assert fits == [569.04, 580.87, 576.18, 586.31]
    assert (round(f["day^2"], 2), round(f["day:arm"], 1), round(f["baseline_drinks"], 2)) == (8.21, 25.1, 1.09)
    odds = {
        o["arm"]: [round(o[k], 2) for k in ("estimate", "ci_low", "ci_high")]
        for o in found["heavy"]["odds_ratio_per_day"]
    }
    assert odds == {"midazolam": [1.19, 1.14, 1.25], "ketamine": [0.98, 0.89, 1.08]}
    assert [round(t["f"], 2) for t in found["heavy"]["model"]["tests"] if t["effect"] == "day:arm"] == [12.34]
    assert round(found["time_to_event"]["relapse"]["logrank"]["chi2"], 1) == 4.2
    assert [math.ceil(found["nnt"][k]["nnt"]) for k in ("observed", "modelled")] == [6, 4]
    measures = {m["measure"]: m["model"] for m in found["safety"]["measures"]}
    assert len(measures) == 7 and all(m["converged"] and not m["messages"] for m in measures.values())
    assert all(t["p"] > 0.05 for m in measures.values() for t in m["tests"] if t["effect"] == "week:arm")


def test_visits_and_events_belong_to_participants(people):
    assert {row["participant_id"] for row in rows("visits.csv")} == set(people)
    assert {row["participant_id"] for row in rows("adverse_events.csv")} <= set(people)
    for row in rows("visits.csv"):
        shown = people[row["participant_id"]]["test"].get(int(row["day"]), "")
        assert str(shown) == row["etg_positive"]


def test_the_folder_says_that_it_is_synthetic():
    assert "synthetic = true" in (Path(sample_folder()) / "trial.toml").read_text(encoding="utf-8")
