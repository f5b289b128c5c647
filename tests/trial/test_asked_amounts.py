"""What the daily column means, where it could mean two things: asked, and each answer reads it so."""

from __future__ import annotations

import dressed
import numpy as np
import pytest
from read_alike import KNOWN, LONG, amounts, csv, text, truth

from ketadash.core.errors import DataError
from ketadash.trial import attempt, load
from ketadash.trial.recipe import Recipe

LATE = LONG[LONG["day"] > 0]


def questions(raw, **answers: str) -> dict[str, list[str]]:
    """Key → the answers offered, of every question that is left."""
    checks = attempt(raw, recipe=answered(**answers)).checks
    return {c.key: [a.value for a in c.answers] for c in checks if c.severity == "question"}


def answered(**answers: str) -> Recipe | None:
    return Recipe(answers=tuple(answers.items())) if answers else None


def read(raw, value: str = "drinks", **answers: str) -> dict[tuple[str, int], float]:
    return amounts(load(raw, recipe=answered(**answers)), value)


@pytest.mark.sweep(3)
@pytest.mark.parametrize("name", ["drank", "abstinent", "used", "any_drinking"])
@pytest.mark.parametrize("yes", ["1", "2"])
@pytest.mark.parametrize("wide", [False, True])
def test_1_and_2_are_asked_about(name, yes, wide):
    no = "2" if yes == "1" else "1"
    says_yes = (LATE["drinks"] > 0) == (name != "abstinent")
    frame = LATE.assign(drinks=np.where(LATE["drinks"].isna(), "", np.where(says_yes, yes, no)))
    raw = csv(dressed.wide(frame, name + "_d{}") if wide else frame.rename(columns={"drinks": name}))
    assert questions(raw) == {"yes": ["1", "2"]}
    assert read(raw, "use", yes=yes) == truth(KNOWN[KNOWN["day"] > 0], use=True)


@pytest.mark.parametrize("name", ["drank", "abstinent", "any_use"])
def test_a_grid_of_yes_and_no_is_what_its_headers_say(name):
    says_yes = (LATE["drinks"] > 0) == (name != "abstinent")
    frame = LATE.assign(drinks=np.where(LATE["drinks"].isna(), "", np.where(says_yes, "1", "0")))
    raw = csv(dressed.wide(frame, name + "_d{}"))
    assert questions(raw) == {}
    assert read(raw, "use") == truth(KNOWN[KNOWN["day"] > 0], use=True)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("codes", [("77",), ("88", "99"), ("98",), ("66", "77", "88", "99")])
def test_codes_far_above_every_amount_are_asked_about(codes):
    lost = LONG["drinks"].isna()
    cells = text().where(~lost, [codes[i % len(codes)] for i in range(len(LONG))])
    raw = csv(LONG.assign(drinks=cells))
    assert questions(raw) == {"codes": ["unknown", "amounts"]}
    assert read(raw, codes="unknown") == truth()
    kept = read(raw, codes="amounts")
    assert {kept[key] for key in set(kept) - set(truth())} == {float(c) for c in codes if c in set(cells)}


@pytest.mark.sweep(2)
@pytest.mark.parametrize("name", ["drank", "used", "abstinent"])
@pytest.mark.parametrize("code", ["9", "7", "8", "99", "-9", "999"])
def test_codes_beside_yes_and_no_are_asked_about(name, code):
    says_yes = (LONG["drinks"] > 0) == (name != "abstinent")
    cells = np.where(LONG["drinks"].isna(), code, says_yes.astype(int).astype(str))
    raw = csv(LONG.drop(columns="drinks").assign(**{name: cells}))
    assert questions(raw) == {"codes": ["unknown", "amounts"]}
    assert read(raw, "use", codes="unknown") == truth(use=True)


@pytest.mark.parametrize(("name", "most"), [("drinks", 50), ("grams", 60)])
def test_amounts_that_may_well_be_are_not_asked_about(name, most):
    """77 among amounts of 50, or among grams, is an amount."""
    values = LONG["drinks"].mask(LONG.index == 5, 77.0).mask(LONG.index == 6, float(most))
    assert questions(csv(LONG.assign(drinks=values).rename(columns={"drinks": name}))) == {}


def test_counts_of_use_are_no_codes():
    assert questions(csv(LONG.rename(columns={"drinks": "used"}))) == {}


@pytest.mark.parametrize("word", ["None", "none", "NONE"])
def test_none_without_empty_cells_is_asked_about(word):
    cells = text(KNOWN).replace("0", word).replace(word, "0", regex=False)
    some = KNOWN["drinks"].eq(0) & (KNOWN.index % 2 == 0)
    raw = csv(KNOWN.assign(drinks=cells.mask(some, word)))
    assert questions(raw) == {"none": ["zero", "unknown"]}
    assert read(raw, none="zero") == truth()
    assert read(raw, none="unknown") == truth(KNOWN[~some])


def test_none_as_python_writes_it_is_asked_about_beside_empty_cells_too():
    some = LONG["drinks"].eq(0) & (LONG.index % 2 == 0)
    assert set(questions(csv(LONG.assign(drinks=text().mask(some, "None"))))) == {"none"}


def test_a_yes_or_no_that_contradicts_the_amount_is_asked_about():
    said = np.where(LONG["drinks"] > 0, "Yes", np.where(LONG["drinks"] == 0, "No", ""))
    wrong = (LONG["drinks"] > 0) & (LONG.index % 10 == 0)
    raw = csv(LONG.assign(drank=np.where(wrong, "No", said)))
    assert questions(raw) == {"contradiction": ["amount", "yes or no"]}
    assert read(raw, contradiction="amount") == truth()
    assert read(raw, contradiction="yes or no") == truth(KNOWN.assign(drinks=KNOWN["drinks"].mask(wrong, 0)))


NAMES = [("drinks", "standard_drinks"), ("drinks", "total_drinks"), ("std_drinks", "units"), ("drinks", "grams")]


@pytest.mark.sweep(2)
@pytest.mark.parametrize(("one", "other"), NAMES)
def test_several_amounts_that_differ_are_asked_about(one, other):
    more = LONG["drinks"] + (LONG["drinks"] > 0) * (1 + LONG["day"] % 3)
    raw = csv(LONG.rename(columns={"drinks": one}).assign(**{other: more}))
    assert {k: sorted(v) for k, v in questions(raw).items()} == {"amount": sorted([one, other])}
    assert read(raw, one, amount=one) == truth()
    assert read(raw, other, amount=other) == truth(KNOWN.assign(drinks=more.loc[KNOWN.index]))


@pytest.mark.parametrize("factor", [1.0, 14.0, 1.75])
def test_the_same_amounts_in_two_units_are_no_question(factor):
    raw = csv(LONG.assign(standard_drinks=LONG["drinks"] * factor))
    assert questions(raw) == {} and read(raw) == truth()


@pytest.mark.sweep(3)
@pytest.mark.parametrize("name", ["drinks_per_day", "units_per_day", "drinks"])
@pytest.mark.parametrize("daily", ["standard_drinks", "drank"])
def test_an_amount_that_never_changes_is_a_baseline(name, daily):
    usual = LONG["participant_id"].str[1:].astype(int) + 3.0
    cells = np.where(LONG["drinks"] > 0, "Yes", np.where(LONG["drinks"] == 0, "No", ""))
    frame = (
        LONG.rename(columns={"drinks": daily}) if daily != "drank" else LONG.drop(columns="drinks").assign(drank=cells)
    )
    raw = csv(frame.assign(**{name: usual}))
    assert questions(raw) == {}
    use = daily == "drank"
    assert read(raw, "use" if use else daily) == truth(use=use)


def test_an_amount_that_never_changes_alone_is_asked_about():
    usual = LONG["participant_id"].str[1:].astype(int) + 3.0
    raw = csv(LONG.drop(columns="drinks").assign(drinks_per_day=usual))
    assert questions(raw)["daily"] == ["daily", "baseline"]
    with pytest.raises(DataError, match="no other column of daily amounts"):
        load(raw, recipe=answered(daily="baseline"))


@pytest.mark.sweep(2)
@pytest.mark.parametrize("end", ["end_date", "last_contact", "end_day", "followup_end"])
def test_rows_of_use_alone_with_an_end_are_asked_about_where_few_are_missing(end):
    used = KNOWN.assign(drinks=KNOWN["drinks"] + 1)  # nearly every day has a row
    used = used[used["day"] > 0].iloc[[i for i in range((used["day"] > 0).sum()) if i % 7]]
    people = LONG.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]].assign(**{end: 10})
    raw = {"days.csv": csv(used.drop(columns=["arm", "sex"])), "participants.csv": csv(people)}
    assert questions(raw) == {"no_row": ["none", "unknown"]}
    assert read(raw, no_row="unknown") == truth(used)
    every = {(p, d): 0.0 for p in set(LONG["participant_id"]) for d in range(1, 11)}
    assert read(raw, no_row="none") == every | truth(used)


def test_empty_amounts_without_a_day_of_none_are_asked_about_in_rows_too():
    asked = LONG.assign(drinks=LONG["drinks"].where(LONG["drinks"] > 0))
    raw = csv(asked)
    assert questions(raw) == {"blank": ["none", "unknown"]}
    assert read(raw, blank="none") == truth(LONG.assign(drinks=LONG["drinks"].fillna(0)))
    assert read(raw, blank="unknown") == truth(KNOWN[KNOWN["drinks"] > 0])


def test_a_refusal_is_no_empty_cell():
    cells = text(LONG.assign(drinks=LONG["drinks"].where(LONG["drinks"] > 0)))
    raw = csv(LONG.assign(drinks=cells.mask(LONG["drinks"].isna(), "refused")))
    assert read(raw, blank="none") == truth()


@pytest.mark.sweep(2)
@pytest.mark.parametrize("column", ["substance", "Substance type", "drug", "product"])
@pytest.mark.parametrize("names", [("Alcohol", "Tobacco"), ("etoh", "cannabis"), ("wine", "nicotine")])
def test_rows_of_several_substances_are_asked_about(column, names):
    mine = LONG["day"] % 2 == 0
    raw = csv(LONG.assign(**{column: np.where(mine, *names)}))
    [offered] = questions(raw).values()
    assert offered[0] == "alcohol" and offered[-1] == "all" and len(offered) == 3
    assert read(raw, substance="alcohol") == truth(KNOWN[mine[KNOWN.index]])
    assert read(raw, substance="all") == truth()
    other = load(raw, recipe=answered(substance=offered[1]))
    assert amounts(other) == truth(KNOWN[~mine[KNOWN.index]]) and other.declared.substance == offered[1]


@pytest.mark.parametrize("column", ["substance", "drug"])
def test_one_substance_or_an_arm_is_no_question(column):
    assert questions(csv(LONG.assign(**{column: "alcohol"}))) == {}
    assert questions(csv(LONG.rename(columns={"arm": "drug"}))) == {}


def heavy(raw, **answers: str) -> tuple[float, float]:
    published = load(raw, recipe=answered(**answers)).declared.published
    return published.heavy_men, published.heavy_women


@pytest.mark.sweep(2)
@pytest.mark.parametrize(("name", "unit"), [("ounces", "oz"), ("Drinks (oz)", "oz"), ("alcohol_ml", "ml")])
@pytest.mark.parametrize("wide", [False, True])
def test_amounts_that_are_no_drinks_are_asked_about(name, unit, wide):
    frame = LATE[LATE["drinks"].notna()]
    raw = csv(
        dressed.wide(frame, "oz_d{}" if unit == "oz" else "ml day {}")
        if wide
        else frame.rename(columns={"drinks": name})
    )
    assert questions(raw) == {"unit": [unit, "drinks", "beverage"]}
    assert heavy(raw, unit="drinks") == (4, 3)
    assert heavy(raw, unit=unit) == {"oz": (2.4, 1.8), "ml": (76, 51)}[unit]
    assert read(raw, "use", unit="beverage") == truth(KNOWN[KNOWN["day"] > 0], use=True)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("label", ["Glasses of wine", "Bottles drunk", "Number of cans", "Pints"])
def test_a_label_may_say_that_they_are_no_drinks(tmp_path, label):
    import pyreadstat

    pyreadstat.write_sav(KNOWN, str(tmp_path / "a.sav"), column_labels={"drinks": label})
    assert questions(tmp_path / "a.sav") == {"unit": ["drinks", "beverage"]}


def test_a_unit_that_is_declared_is_not_asked_about():
    raw = {"days.csv": csv(KNOWN.rename(columns={"drinks": "ounces"})), "trial.toml": b'unit = "oz"'}
    assert questions(raw) == {} and heavy(raw) == (2.4, 1.8)


def test_what_an_answer_gives_counts_days_of_an_unknown_amount():
    said = np.where(LONG["drinks"] > 0, "Yes", np.where(LONG["drinks"] == 0, "No", ""))
    lost = LONG["drinks"].mask((LONG["drinks"] > 0) & (LONG.index % 5 == 0))
    frame = LONG.assign(drinks=lost, drank=said, standard_drinks=lost * (1 + LONG["day"] % 2))
    [question] = [c for c in attempt(csv(frame)).checks if c.severity == "question"]
    assert {a.days for a in question.answers} == {int((KNOWN["day"] >= 1).sum())}


def in_two_units(names: tuple[str, str]) -> bytes:
    """The days, every third of them not in drinks but in the other unit, 14 of which are one drink."""
    other = np.arange(len(LONG)) % 3 == 0
    drinks = LONG["drinks"].where(~other, LONG["drinks"] * 14)
    return csv(LONG.assign(drinks=drinks, unit=np.where(other, names[1], names[0])))


@pytest.mark.parametrize("names", [("drinks", "g"), ("Standard drinks", "Grams")])
def test_several_units_in_one_column_are_converted_or_taken_as_they_stand(names):
    raw = in_two_units(names)
    assert questions(raw) == {"row_units": ["convert", "numbers"]}
    assert read(raw, row_units="convert") == pytest.approx(truth())
    assert read(raw, row_units="numbers") != truth()


def test_units_that_nobody_can_convert_stop_the_reading():
    raw = in_two_units(("drinks", "cans"))
    assert questions(raw) == {"row_units": ["stop", "numbers"]}
    with pytest.raises(DataError, match="write all of them in standard drinks"):
        load(raw, recipe=answered(row_units="stop"))
    assert questions(csv(LONG.assign(unit="drinks"))) == {}


@pytest.mark.sweep(2)
@pytest.mark.parametrize(("yes", "no"), [("ja", "nein"), ("oui", "non"), ("Sí", "No"), ("Ja", "Nee")])
def test_yes_and_no_in_other_languages(yes, no):
    drank = np.where(LONG["drinks"].isna(), "", np.where(LONG["drinks"] > 0, yes, no))
    raw = csv(LONG.drop(columns="drinks").assign(drank=drank))
    assert questions(raw) == {}
    assert read(raw, "use") == truth(use=True)


def test_what_an_empty_cell_means_is_not_asked_beside_words_that_stop_the_reading():
    raw = csv(LONG.assign(drinks=text().map(lambda t: f"{t} Bier" if t else "")))
    checks = attempt(raw).checks
    assert questions(raw) == {} and any(c.severity == "error" for c in checks)


@pytest.mark.sweep(2)
@pytest.mark.parametrize(
    ("name", "lost", "there"),
    [("missing", "1", "0"), ("imputed", "Y", ""), ("reported", "0", "1"), ("diary_completed", "no", "yes")],
)
def test_days_that_a_column_marks_as_missing_are_asked_about(name, lost, there):
    marked = np.where(LONG["drinks"].isna(), lost, there)
    raw = csv(LONG.assign(drinks=LONG["drinks"].fillna(4), **{name: marked}))
    assert questions(raw) == {"flagged": ["unknown", "amounts"]}
    assert read(raw, flagged="unknown") == truth()
    assert len(read(raw, flagged="amounts")) == len(LONG)


def test_a_mark_that_agrees_or_is_about_the_person_is_no_question():
    marked = np.where(LONG["drinks"].isna(), "1", "0")
    assert questions(csv(LONG.assign(missing=marked))) == {}
    person = LONG["participant_id"] == LONG["participant_id"].iloc[0]
    assert questions(csv(LONG.assign(completed=np.where(person, "0", "1")))) == {}
