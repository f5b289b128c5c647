"""Files as people have them: each is read right, or a question is asked whose right answer reads it right."""

from __future__ import annotations

import csv

import pytest
from known_cases import CASES, FILES

from ketadash.trial import attempt
from ketadash.trial.recipe import Recipe
from ketadash.trial.resolve import resolve

with (FILES / "cases.tsv").open(encoding="utf-8", newline="") as lines:
    ACCEPTED = {row["file"]: row["accept"].split("|") for row in csv.DictReader(lines, delimiter="\t")}
NOT_YET = sorted(set(ACCEPTED) - set(CASES))


@pytest.mark.sweep(8)
@pytest.mark.parametrize("name", ACCEPTED)
def test_a_case_is_read_right_or_asked_about(name, request):
    if name in NOT_YET:
        request.applymarker(pytest.mark.xfail(strict=True, reason="not mended yet"))
    case = CASES[name]
    assert ("ask" if case.answers else "truth") in ACCEPTED[name]
    first = attempt(FILES / name)
    asked = {c.key: c for c in first.checks if c.severity == "question"}
    assert set(asked) == set(case.answers), [c.message for c in first.checks]
    for key, question in asked.items():
        assert case.answers[key] in [a.value for a in question.answers]
        given = {(a.participants, a.days, a.abstinent_share) for a in question.answers}
        assert (len(given) == 1) == case.amounts_alone
    recipe = Recipe(answers=tuple(case.answers.items())) if case.answers else None
    reading = attempt(FILES / name, recipe=recipe)
    if case.days is None:
        assert reading.trial is None and any(c.severity == "error" for c in reading.checks)
        return
    assert reading.trial is not None, [c.message for c in reading.checks]
    trial = reading.trial
    people = {case.ids.format(i): ("ketamine", "placebo")[i % 2] for i in range(1, 13)}
    arms = trial.participants["arm"].str.lower()
    assert dict(zip(trial.participants["participant_id"], arms, strict=True)) == people
    spec, _ = resolve(trial, trial.declared.published)
    known = trial.days.dropna(subset=[spec.amount])
    found = {
        (p, int(d)): float(a) for p, d, a in zip(known["participant_id"], known["day"], known[spec.amount], strict=True)
    }
    assert found == case.days()


def test_each_case_is_known():
    assert set(CASES) <= set(ACCEPTED)
