"""What the daily column means: refusals are missing, yes beside nothing is use, no beside nothing is none."""

from __future__ import annotations

import dressed
import numpy as np
import pandas as pd
import pytest
from read_alike import KNOWN, LONG, amounts, csv, text, truth

from ketadash.analyse.outcomes import abstinence, heavy_drinking
from ketadash.core.families import PANEL
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.results.people import DayState
from ketadash.trial import amount_columns, load, panel, resolve
from ketadash.trial.amounts.words import Word, word_of
from ketadash.trial.recognise import UNKNOWN_AMOUNT

REFUSALS = [
    "Refused",
    "refused to answer",
    "Don't know",
    "don’t know",
    "DK",
    "RF",
    "?",
    "Not answered",
    "Skipped",
    "Legitimate skip",
    "Unable to recall",
    "Prefer not to answer",
    "prefers not to say",
    "Missing",
    "unknown",
    "Cannot remember",
    "Did not answer",
    "No response",
    "not asked",
    "Declined",
    "Does not recall",
]


@pytest.mark.sweep(3)
@pytest.mark.parametrize("word", REFUSALS)
def test_refusals_in_words_are_missing(word):
    cells = text().mask(LONG["drinks"].isna(), word)
    trial = load(csv(LONG.assign(drinks=cells)))
    assert amounts(trial) == truth()
    assert any("mean that nothing is known" in line.text for line in trial.lines)
    wide = dressed.wide(LONG.assign(drinks=cells).query("day > 0"), "day{}")
    assert amounts(load(csv(wide))) == truth(KNOWN.query("day > 0"))
    drank = np.where(LONG["drinks"].isna(), word, np.where(LONG["drinks"] > 0, "Yes", "No"))
    assert amounts(load(csv(LONG.drop(columns="drinks").assign(drank=drank))), "use") == truth(use=True)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("label", [w for w in REFUSALS if len(w) > 2])
def test_refusals_by_value_label_are_missing(tmp_path, label):
    import pyreadstat

    code = (-9.0, 9.0, 77.0, 999.0)[len(label) % 4]

    amount = LONG["drinks"].fillna(code)
    words = {code: label, -8.0: "Legitimate skip"}
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(LONG.assign(drinks=amount), str(path), variable_value_labels={"drinks": words})
    assert amounts(load(path)) == truth(KNOWN[KNOWN["drinks"] != code])


@pytest.mark.sweep(5)
@pytest.mark.parametrize(("yes", "no"), [(1.0, 2.0), (2.0, 1.0), (1.0, 0.0), (5.0, 1.0)])
@pytest.mark.parametrize(("name", "is_use"), [("drank", True), ("abstinent", False), ("q7", True)])
@pytest.mark.parametrize("words", [("Yes", "No"), ("yes, any", "no")])
def test_yes_and_no_are_what_their_labels_say(tmp_path, yes, no, name, is_use, words):
    import pyreadstat

    says_yes = (LONG["drinks"] > 0) == is_use
    cells = np.where(LONG["drinks"].isna(), 9.0, np.where(says_yes, yes, no))
    path = tmp_path / "a.sav"
    labels = {name: {yes: words[0], no: words[1], 9.0: "Prefer not to say"}}
    pyreadstat.write_sav(
        LONG.drop(columns="drinks").assign(**{name: cells}),
        str(path),
        variable_value_labels=labels,
        column_labels={name: "Any drinking" if name == "q7" else name},
    )
    assert amounts(load(path), "use") == truth(use=True)


@pytest.mark.parametrize("words", [("Drank", "Abstinent"), ("drinking day", "no drinking"), ("Used", "did not use")])
@pytest.mark.parametrize("name", ["drank", "abstinent"])
def test_words_of_use_mean_the_same_in_either_column(words, name):
    cells = np.where(LONG["drinks"].isna(), "", np.where(LONG["drinks"] > 0, *words))
    assert amounts(load(csv(LONG.drop(columns="drinks").assign(**{name: cells}))), "use") == truth(use=True)


GATES = {
    "drank": ("Yes", "No"),
    "any_drinking": ("1", "0"),
    "used": ("TRUE", "FALSE"),
    "drinking_day": ("1", "2"),
    "any_alcohol": ("2", "1"),
    "abstinent": ("no", "yes"),
    "sober": ("0", "1"),
    "no_drinking": ("2", "1"),
}


@pytest.mark.sweep(4)
@pytest.mark.parametrize("gate", GATES)
def test_no_beside_an_empty_amount_is_none(gate):
    said = np.where(LONG["drinks"].isna(), "", np.where(LONG["drinks"] > 0, *GATES[gate]))
    asked = LONG["drinks"].where(LONG["drinks"] > 0)
    trial = load(csv(LONG.assign(drinks=asked, **{gate: said})))
    assert amounts(trial) == truth()
    assert not any(c.severity != "note" for c in trial.checks)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("gate", GATES)
def test_yes_beside_an_empty_amount_is_use_of_an_unknown_amount(gate):
    said = np.where(LONG["drinks"].isna(), "", np.where(LONG["drinks"] > 0, *GATES[gate]))
    lost = (LONG["drinks"] > 0) & (LONG.index % 5 == 0)
    trial = load(csv(LONG.assign(drinks=LONG["drinks"].mask(lost), **{gate: said})))
    used_as_unknown(trial, lost)


@pytest.mark.sweep(2)
@pytest.mark.parametrize(
    "word",
    [
        "drank, amount unknown",
        "Yes",
        "Use of unknown amount",
        "used, not sure how much",
        "drinking day (number not recorded)",
    ],
)
def test_words_for_use_of_an_unknown_amount(word):
    lost = (LONG["drinks"] > 0) & (LONG.index % 5 == 0)
    used_as_unknown(load(csv(LONG.assign(drinks=text().mask(lost, word)))), lost)


def used_as_unknown(trial, lost: pd.Series) -> None:
    """The lost days are drinking days, not heavy, known, whatever is chosen of EtG tests; all others as they were."""
    resolved, _ = resolve(trial, AnalysisSpec())
    whole, _ = resolve(load(csv(LONG)), AnalysisSpec())
    for etg in (True, False):
        p = panel(trial, PANEL.seen(resolved.replace(etg=etg)))
        full = panel(load(csv(LONG)), PANEL.seen(whole))
        assert p.unknown_amount.sum() == (lost & (LONG["day"] > 0)).sum() > 0
        for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING):
            np.testing.assert_array_equal(abstinence(p, rule).y, abstinence(full, rule).y)
            heavy = np.where(p.unknown_amount, 0.0, heavy_drinking(full, rule).y)
            np.testing.assert_array_equal(heavy_drinking(p, rule).y, heavy)
    assert UNKNOWN_AMOUNT not in amount_columns(trial)


def test_a_day_of_unknown_amount_is_shown_as_one():
    from ketadash import analyse
    from ketadash.export.code_data import long_table
    from ketadash.questions.participants.tables import record

    lost = LONG["participant_id"].eq("S01") & (LONG["drinks"] > 0)
    said = np.where(LONG["drinks"] > 0, "Yes", "No")
    trial = load(csv(LONG.assign(drinks=LONG["drinks"].mask(lost), drank=said)))
    spec, _ = resolve(trial, AnalysisSpec())
    one = analyse.person_record(trial, spec, "S01")
    states = [d.state for d in one.days if d.day in set(LONG.loc[lost, "day"])]
    assert set(states) == {DayState.UNKNOWN_AMOUNT}
    shown = record(one)
    assert set(shown.loc[shown["Counted as"] == "drinking, amount unknown", "Drinks"]) == {"unknown"}
    table = long_table(trial, spec)
    assert (table["etg_overrides"] == 2).sum() == lost.sum()
    assert table.loc[table["etg_overrides"] == 2, "amount"].eq(0).all()


def test_a_gate_about_something_else_is_none():
    """A yes or no that often contradicts the amounts, and one that never changes, is about something else."""
    other = np.where(LONG.index % 2, "Yes", "No")
    assert amounts(load(csv(LONG.assign(any_use=other)))) == truth()
    assert amounts(load(csv(LONG.assign(any_use="Yes")))) == truth()


def test_none_beside_empty_cells_is_0():
    cells = text().replace("0", "none")
    assert amounts(load(csv(LONG.assign(drinks=cells)))) == truth()
    some = text().where((LONG["drinks"] != 0) | (LONG.index % 2 == 0), "None".lower())
    assert amounts(load(csv(LONG.assign(drinks=some)))) == truth()


@pytest.mark.parametrize("word", ["zero", "nil", "no drinks", "did not drink", "abstinent", "no"])
def test_words_for_none_are_0(word):
    assert amounts(load(csv(LONG.assign(drinks=text().replace("0", word))))) == truth()


@pytest.mark.parametrize("word", ["", "NA", "n/a", ".", "3", "0", "-9", "two", "lots", "1 beer", "x" * 500, "N/A"])
def test_other_cells_are_no_such_words(word):
    assert word_of(word) is None


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("drinks not reported", Word.UNKNOWN),
        ("Drinking not assessed", Word.UNKNOWN),
        ("no answer", Word.UNKNOWN),
        ("Drank, but does not know how much", Word.USE_OF_UNKNOWN),
        ("No drinks", Word.NONE),
        ("Yes", Word.YES),
    ],
)
def test_what_a_word_says(word, meaning):
    assert word_of(word) is meaning
