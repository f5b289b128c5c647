"""A recipe says how a file is read: saved, linked, completed, refused."""

from __future__ import annotations

import dressed
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_alike import KNOWN, LONG, SAVED, same

from ketadash.core.errors import DataError, SpecError
from ketadash.trial import load, validate
from ketadash.trial.recipe import Mark, Outcome, Recipe, Shape, from_link, from_toml


@pytest.mark.parametrize("name", SAVED)
def test_a_completed_recipe_reads_the_same_again(name):
    frame, columns = SAVED[name]
    raw = dressed.as_bytes(frame, "csv")
    first = load(raw, recipe=Recipe(columns=tuple(columns.items())))
    for text in (first.recipe, from_toml(first.recipe.to_toml()), from_link(first.recipe.to_link())):
        again = load(raw, recipe=text)
        pd.testing.assert_frame_equal(first.days, again.days)
        pd.testing.assert_frame_equal(first.participants, again.participants)
        assert again.recipe == first.recipe


def test_a_recipe_beside_the_data_and_one_apart():
    frame = LONG.rename(columns={"drinks": "x9"})
    recipe = Recipe(columns=(("amount", "x9"),), outcome=Outcome.AMOUNT)
    raw = dressed.as_bytes(frame, "csv")
    beside = load({"days.csv": raw, "recipe.toml": recipe.to_toml().encode()})
    same(beside, KNOWN, "x9")
    assert len({beside.sha256, load(raw).sha256, load(raw, recipe=recipe).sha256}) == 3  # other days are other data
    assert load(raw, recipe=Recipe()).sha256 == load(raw).sha256


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@given(
    st.builds(
        Recipe,
        shape=st.none() | st.sampled_from(Shape),
        days=st.lists(TEXTS, max_size=3).map(tuple),
        participants=st.none() | TEXTS,
        columns=st.dictionaries(st.sampled_from(["arm", "day", "amount"]), TEXTS).map(lambda d: tuple(d.items())),
        outcome=st.none() | st.sampled_from(Outcome),
        start_date=st.none() | st.dates(),
        start_day=st.sampled_from([None, 0, 1]),
        decimal=st.none() | st.sampled_from(Mark),
        unknown=st.lists(TEXTS, max_size=3).map(tuple),
        unit=st.sampled_from([None, "uk", "grams"]),
        arms=st.dictionaries(TEXTS, TEXTS, max_size=3).map(lambda d: tuple(d.items())),
    )
)
def test_recipes_survive_their_file_and_their_link(recipe):
    assert from_toml(recipe.to_toml()) == recipe
    assert from_link(recipe.to_link()) == recipe


@given(st.text(max_size=200))
def test_a_broken_recipe_is_one_sentence(text):
    for read in (from_toml, from_link):
        try:
            read(text)
        except SpecError as error:
            assert str(error).endswith(tuple(".…")) or len(str(error)) > 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shape = 'tall'", "shape is one of long, wide, use days, not 'tall'"),
        ("colour = 'red'", "says colour, which means nothing here"),
        ("[columns]\ndrug = 'x'", "maps drug; the columns are"),
        ("start_date = 'soon'", "start_date is a date such as 2024-03-01"),
        ("start_day = 2", "start_day is the number of the day treatment started: 0 or 1"),
        ("unit = 'pints'", "unit 'pints' is not known; choose us, uk"),
        ("days = 3.5\ndays = 2", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_a_recipe(text, said):
    with pytest.raises(SpecError, match=said):
        from_toml(text)


def test_a_recipe_that_names_what_is_not_there():
    raw = dressed.as_bytes(LONG, "csv")
    with pytest.raises(DataError, match=r"no column 'armm' for arm .did you mean 'arm'"):
        load(raw, recipe=Recipe(columns=(("arm", "armm"),)))
    with pytest.raises(DataError, match="takes days from 'Sheet9', but there is only"):
        load(raw, recipe=Recipe(days=("Sheet9",)))
    assert [c.name for c in validate(raw, recipe=Recipe(days=("Sheet9",)))] == ["recipe"]
