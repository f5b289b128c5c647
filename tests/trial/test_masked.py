"""Masked identifiers: the same numbers, and none of the file's identifiers anywhere."""

import json
from dataclasses import asdict, replace

import pytest
from sweeps import others_slow

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule
from ketadash.export.analysis_json import analysis, dumps
from ketadash.trial import load, resolve
from ketadash.trial.masking import masked, with_masks

IMPUTED = AnalysisSpec(missing=MissingRule.IMOR, imor_control=0.5, imputations=3, dropout=DropoutRule.IMPUTED)


# Imputed, everything is drawn by participant beside.
@pytest.mark.parametrize("spec", others_slow([AnalysisSpec(), IMPUTED], IMPUTED), ids=["published", "imputed"])
def test_no_number_changes(sample, spec):
    assert dumps(analysis(masked(sample), spec)) == dumps(analysis(sample, spec))


@pytest.mark.parametrize("step", others_slow([1, 5], 5))  # every participant, or one in five
def test_every_record_is_the_same_under_its_new_name(sample, step):
    other = masked(sample)
    spec, _ = resolve(sample, AnalysisSpec())
    ours, theirs = (analyse.participants_result(t, spec).days for t in (other, sample))
    assert {other.masks[i] for i in ours.participant_ids} == set(theirs.participant_ids)
    at = {i: k for k, i in enumerate(theirs.participant_ids)}
    for k, shown in enumerate(ours.participant_ids):
        assert (ours.state[k] == theirs.state[at[other.masks[shown]]]).all()
        if k % step:
            continue
        record = analyse.person_record(other, spec, shown)
        assert replace(record, participant_id=other.masks[shown]) == analyse.person_record(
            sample, spec, other.masks[shown]
        )


def test_the_order_of_the_masks_is_drawn_anew_and_follows_a_secret(sample):
    a, b, c, d = (masked(sample, secret) for secret in (None, None, b"one", b"one"))
    assert a.masks != b.masks and c.masks == d.masks
    assert list(c.masks.values()) != sorted(c.masks.values())
    assert sorted(c.masks) == list(c.masks) and set(c.masks) == {f"M{k:03d}" for k in range(1, 41)}


def test_rows_of_the_map_with_equal_days_are_in_the_order_of_the_masks(sample):
    spec, _ = resolve(sample, AnalysisSpec())
    days = analyse.participants_result(masked(sample, b"one"), spec).days
    alike = [
        (i, j)
        for (i, a, m), (j, b, n) in zip(
            zip(days.participant_ids, days.abstinent_days, days.active, strict=True),
            list(zip(days.participant_ids, days.abstinent_days, days.active, strict=True))[1:],
            strict=False,
        )
        if a == b
        and m == n
        and days.state[list(days.participant_ids).index(i)].tolist().count(2)
        == days.state[list(days.participant_ids).index(j)].tolist().count(2)
    ]
    assert alike and all(i < j for i, j in alike)


def trial_of(name):
    """A trial about whose participants there is much to warn of; `name` makes their identifiers."""
    rows = ["participant_id,arm,day,drinks,etg_positive,baseline_drinks"]
    for k in range(12):
        for day in range(1, 22):
            if k == 3 and day == 9:
                continue  # a gap
            drinks = 45 if (k, day) == (4, 2) else 3 if k == 5 else (day * 3) % 5 if k in (6, 7) else (k + day) % 4
            etg = "what" if (k, day) == (8, 3) else ""
            baseline = "" if k == 9 else str(20 + k)
            rows.append(f"{name(k)},{'ab'[k % 2]},{day},{drinks},{etg},{baseline}")
    visits = ["participant_id,day,craving", f"{name(99)},7,4", f"{name(1)},7,4"]
    people = ["participant_id,arm"] + [f"{name(k)},{'ab'[k % 2]}" for k in range(13)]
    return load(
        {
            "days.csv": "\n".join(rows).encode(),
            "visits.csv": "\n".join(visits).encode(),
            "participants.csv": "\n".join(people).encode(),
        },
        name="mine",
    )


@pytest.mark.parametrize(
    "name",
    [
        lambda k: f"SITE-{k:02d}/x",
        lambda k: str(9_876_543_000 + k),
        lambda k: f"Anna {'B' * (k + 1)}",
        lambda k: f"{'very' * 20}{k:02d}",
    ],
    ids=["codes", "numbers", "names", "long"],
)
def test_no_identifier_is_left_in_any_message_or_result(name):
    trial = trial_of(name)
    named = "\n".join([*trial.warnings, *(c.message for c in trial.checks)])
    assert named.count(name(3)[:30]) and named.count(name(99)[:30]), "nothing to mask"
    shown = masked(trial)
    spec, notes = resolve(shown, AnalysisSpec(control="a", active="b", etg=True))
    everything = json.dumps(
        [
            [asdict(c) for c in shown.checks],
            shown.warnings,
            notes,
            [line.text for line in shown.lines],
            analysis(shown, spec, ("participants", "abstinence", "safety")),
            repr(shown),
            [t.to_csv() for t in (shown.days, shown.participants, shown.visits)],
            list(analyse.participants_result(shown, spec).days.participant_ids),
        ],
        default=str,
    )
    assert not [i for i in shown.masks.values() if i[:40] in everything]
    assert len(shown.masks) == 14  # the stranger too


MASKS = {"12": "P001", "7": "P002", "A-1": "P003", "A-12": "P004", "B": "P005"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("line 12 (12, day 7), and 7 more", "line 12 (P001, day 7), and 7 more"),
        ("x is missing for 12 participants (7, 12)", "x is missing for 12 participants (P002, P001)"),
        ("12 and 7 and B; A-12, A-1", "P001 and P002 and P005; P004, P003"),
        ("12 day 3, 7 day 12", "P001 day 3, P002 day 12"),
        ("12 days of 7 rows, more than 12", "12 days of 7 rows, more than 12"),
        ("Baseline, AB and 127", "Baseline, AB and 127"),
        ("nobody", "nobody"),
    ],
)
def test_identifiers_in_messages_are_told_from_numbers_and_words(text, left):
    assert with_masks(text, MASKS) == left


def test_a_mask_looks_like_no_identifier():
    assert next(iter(masked(trial_of(lambda k: f"P{k:03d}")).masks)) == "M001"
    assert next(iter(masked(trial_of(lambda k: f"m{k:03d}")).masks)) == "P001"
    crowded = masked(trial_of(lambda k: f"{'PMQZ'[k % 4]}{k:03d}"))
    assert next(iter(crowded.masks)) == "Masked 001"
