"""Words and pictures in the terms of the trial: the same results, of drinks and of something else."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "figures"))
import fakes
import fakes_sensitivity

from ketadash.core.choices.missing import missing_day
from ketadash.core.spec import AnalysisSpec, MissingRule, ViewSpec
from ketadash.core.terms import DRINKS, Terms, of_use
from ketadash.questions.dropout import words as words_dropout
from ketadash.questions.heavy_drinking import words as heavy_drinking_words
from ketadash.questions.missing_days import alt as words_alt_sensitivity
from ketadash.questions.missing_days import dial, tipping_map
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.overview import words as words_overview
from ketadash.questions.relapse import figure as survival
from ketadash.questions.relapse import words as relapse_words
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import curve, forest, words
from ketadash.questions.specifications import figure as specification_curve
from ketadash.questions.specifications import words as specifications_words
from ketadash.results.sensitivity import DropoutWays

SPEC = AnalysisSpec()
USE = of_use()
UNITS = Terms(many="units", measure="UK units")


def told(terms: Terms, view: ViewSpec) -> dict[str, str]:
    """Everything that is said or drawn of made-up results in some terms."""
    heavy = replace(fakes.binary("heavy", linear=True), terms=terms)
    relapse = replace(fakes.time_to_event(), terms=terms)
    every = replace(fakes.sensitivity(), terms=terms)
    every = replace(
        every, rows=tuple(replace(r, choices=("drinking", "adjusted", "linear", "RSPL")) for r in every.rows)
    )
    tm = replace(fakes_sensitivity.tipping_map(), terms=terms)
    one = replace(fakes_sensitivity.tipping_map(varies=(True, False)), terms=terms)
    specs = replace(fakes_sensitivity.specifications(outcome="heavy"), terms=terms)
    first = replace(relapse, endpoint="first_use")
    pictures = {
        "heavy curve": curve.plot(heavy, view),
        "first use": survival.plot(first, view),
        "first heavy day": survival.plot(replace(relapse, endpoint="first_heavy_day"), view),
        "tipping map": tipping_map.plot(tm, view),
        "one arm": dial.one_arm(one, view),
        "forest": forest.plot(every, view),
        "specifications": specification_curve.plot(specs, view),
    }
    sentences = {
        "heavy": heavy_drinking_words.answer(replace(heavy, odds_ratio_per_day=())),
        "rests": words.assumes(SPEC, terms=terms) + words.assumes(SPEC, heavy=True, terms=terms),
        "threshold": heavy_drinking_words.threshold(SPEC, terms),
        "question": heavy_drinking_words.title(terms),
        "card": str(words_overview.card_heavy(heavy, terms)),
        "time": relapse_words.answer(replace(relapse, endpoint="first_heavy_day")),
        "alt": words_alt.curve(heavy) + words_alt_sensitivity.assumptions(every) + specifications_words.alt(specs),
        "dropout": words_dropout.rests_on(DropoutWays((relapse,) * 3, ()), SPEC),
        "rules": " ".join(missing_day(rule, terms.use) for rule in MissingRule),
        "table": overview_tables.specifications(every).to_csv(),
        "status": SPEC.replace(heavy_men=9).describe("heavy_men", terms.many),
    }
    return sentences | {name: json.dumps(figure, ensure_ascii=False) for name, figure in pictures.items()}


@pytest.mark.parametrize("view", [ViewSpec(), ViewSpec(narrow=True)], ids=["wide", "narrow"])
def test_what_says_drinking_of_drinks_says_use_of_anything_else(view):
    of_drinks, of_something = told(DRINKS, view), told(USE, view)
    for name, text in of_drinks.items():
        assert "drink" in text.lower(), name  # else the test below could not fail
        assert "drink" not in of_something[name].lower() and "drank" not in of_something[name].lower(), name
        assert "use" in of_something[name], name


def test_units_are_counted_in_units_and_drunk():
    said = told(UNITS, ViewSpec())
    assert "more than 4 units for men" in said["threshold"] and "No convention" not in said["threshold"]
    assert said["question"] == "Did the chance of a heavy drinking day grow?"
    assert said["status"] == "heavy day for men: more than 9 units"
    assert UNITS.covariate("baseline_drinks") == "baseline_units" and UNITS.covariate("day:arm") == "day:arm"
