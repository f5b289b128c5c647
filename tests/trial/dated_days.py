"""The trial of `read_alike` from day 1 on and with calendar days: read as meant, with a question or without."""

from __future__ import annotations

import datetime as dt

import dressed
import pandas as pd
import read_alike

from ketadash.trial import attempt, load
from ketadash.trial.recipe import Recipe, from_link, from_toml

LONG = dressed.long(first=1)
KNOWN = LONG.dropna(subset=["drinks"])
START = {p: dt.date(2024, 3, 27) + dt.timedelta(days=3 * i) for i, p in enumerate(sorted(set(LONG["participant_id"])))}


def same(trial, frame: pd.DataFrame = KNOWN, value: str = "drinks") -> None:
    read_alike.same(trial, frame, value)


def unasked(source, frame: pd.DataFrame = KNOWN):
    """The trial, read as meant and without a question."""
    reading = attempt(source)
    assert [c.message for c in reading.checks if c.severity in ("error", "question")] == []
    same(reading.trial, frame)
    return reading.trial


def asked(source, key: str, answer: str, frame: pd.DataFrame = KNOWN):
    """The trial after its one question was answered; the question, asked of readings that differ."""
    reading = attempt(source)
    questions = [c for c in reading.checks if c.severity == "question"]
    assert [q.key for q in questions] == [key], [c.message for c in reading.checks]
    assert reading.trial is None
    recipe = Recipe(answers=((key, answer),))
    trial = load(source, recipe=recipe)
    same(trial, frame)
    assert from_toml(recipe.to_toml()) == recipe == from_link(recipe.to_link())
    same(load(source, recipe=attempt(source, recipe=recipe).recipe), frame)  # the recipe as completed
    return questions[0]


def dates(frame: pd.DataFrame = LONG) -> pd.Series:
    """Every row's calendar day, the start being day 0."""
    return pd.Series(
        [START[p] + dt.timedelta(days=int(d)) for p, d in zip(frame["participant_id"], frame["day"], strict=True)],
        frame.index,
    )
