"""The sample trial: rebuilt byte for byte, and the shape its README says."""

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from ketadash.paths import sample_folder

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
    for person in found.values():
        person["limit"] = 4 if person["sex"] == "M" else 3
        after = {day: drinks for day, drinks in person["drinks"].items() if day >= 1}
        person["used"] = any(after.values())
        person["heavy"] = any(d is not None and d > person["limit"] for d in after.values())
        person["left"] = after[21] is None
        person["returned"] = after[1] is not None
    return found


def count(people, arm: str, what) -> int:
    return sum(bool(what(p)) for p in people.values() if p["arm"] == arm)


def test_it_is_rebuilt_byte_for_byte(tmp_path):
    subprocess.run([sys.executable, str(sample_folder() / "generate.py"), str(tmp_path)], check=True, timeout=60)
    for name in TABLES:
        assert (tmp_path / name).read_bytes() == (sample_folder() / name).read_bytes(), name


def test_another_seed_is_another_trial(tmp_path):
    code = "import sys; sys.path.insert(0, sys.argv[1]); import generate; from pathlib import Path; "
    code += "generate.write(Path(sys.argv[2]), seed=1)"
    subprocess.run([sys.executable, "-c", code, str(sample_folder()), str(tmp_path)], check=True, timeout=60)
    assert (tmp_path / "days.csv").read_bytes() != (sample_folder() / "days.csv").read_bytes()


def test_every_participant_has_every_day_once(people):
    assert len(people) == 40
    assert len(rows("days.csv")) == 40 * 28
    assert all(sorted(p["drinks"]) == list(range(-6, 22)) for p in people.values())


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


def test_midazolam_falls_and_ketamine_holds(people):
    def abstinent(arm: str, days: range) -> float:
        """Share of person-days without drinking, missing days counted as drinking."""
        known = [p["drinks"][day] == 0 for p in people.values() if p["arm"] == arm for day in days]
        return sum(known) / len(known)

    assert abstinent("ketamine", range(1, 8)) > 0.85
    assert abstinent("midazolam", range(1, 8)) > 0.85
    assert abstinent("ketamine", range(15, 22)) > 0.8
    assert 0.35 < abstinent("midazolam", range(15, 22)) < 0.6
    jumps = [abs(abstinent(arm, range(21, 22)) - abstinent(arm, range(20, 21))) for arm in ("ketamine", "midazolam")]
    assert max(jumps) < 0.1


def test_missing_days_are_those_after_the_last_visit(people):
    for person in people.values():
        known = [day for day, drinks in sorted(person["drinks"].items()) if drinks is not None]
        assert known == list(range(-6, known[-1] + 1))
        assert max(person["test"]) <= known[-1]


def test_nobody_drank_on_the_day_before_the_infusion(people):
    assert all(p["drinks"][day] == 0 for p in people.values() for day in (-1, 0))


def test_baseline_heavy_days_are_counted_from_the_days(people):
    for person in people.values():
        heavy = sum(person["drinks"][day] > person["limit"] for day in range(-6, 1))
        assert heavy == int(person["baseline_heavy_days"])


def test_two_people_are_contradicted_by_a_test_and_nobody_else(people):
    found = defaultdict(int)
    for name, person in people.items():
        previous = -9
        for day in sorted(int(row["day"]) for row in rows("visits.csv") if row["participant_id"] == name):
            since = [person["drinks"].get(d, 0) for d in range(previous + 1, day + 1)]
            if person["test"].get(day) == 1 and not any(since):
                found[person["arm"]] += 1
            previous = day
    assert found == {"ketamine": 1, "midazolam": 1}


def test_visits_and_events_belong_to_participants(people):
    assert {row["participant_id"] for row in rows("visits.csv")} == set(people)
    assert {row["participant_id"] for row in rows("adverse_events.csv")} <= set(people)
    for row in rows("visits.csv"):
        shown = people[row["participant_id"]]["test"].get(int(row["day"]), "")
        assert str(shown) == row["etg_positive"]


def test_the_folder_says_that_it_is_synthetic():
    assert "synthetic = true" in (Path(sample_folder()) / "trial.toml").read_text(encoding="utf-8")
