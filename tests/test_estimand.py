"""Every result says in a line what it estimates, and whether the trial declares it as primary."""

from dataclasses import replace

import pytest
from rendered import blocks_of

from ketadash import analyse
from ketadash.core.errors import DataError
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimand, MissingRule
from ketadash.export.from_blocks import sections
from ketadash.questions.question import Group, Material, RestsOn
from ketadash.questions.registry import QUESTIONS, question
from ketadash.questions.shared.words import adjusted
from ketadash.trial import load, resolve
from ketadash.ui import show
from ketadash.ui.presenting_words import brief

RESULTS = [q.key for q in QUESTIONS if q.group is Group.RESULTS]
HOW_SURE = ["missing_days", "dropout"]
ROWS = "\n".join(f"P{i},{'ab'[i % 2]},{d},{(i * 7 + d * 3) % 4}" for i in range(12) for d in range(1, 8))


def lines(trial, key, **changes):
    m = Material(trial, resolve(trial, AnalysisSpec(**changes))[0])
    return [b.estimand for b in blocks_of(question(key), m) if isinstance(b, RestsOn) and b.estimand]


@pytest.mark.parametrize("key", RESULTS + HOW_SURE)
def test_every_result_has_its_estimand(sample, key):
    found = lines(sample, key)
    assert found and all(text.startswith("Estimand (") and text.endswith(".") for text in found)
    for text in found:
        assert "all 40 randomised; ketamine against midazolam, as randomised" in text
        assert "(primary outcome)" in text or "(not the primary outcome)" in text


def test_it_says_what_is_primary_and_that_nothing_is_declared(sample):
    assert "(primary outcome)" in lines(sample, "abstinence")[0]
    assert "(not the primary outcome)" in lines(sample, "heavy_drinking")[0]
    undeclared = replace(sample, declared=replace(sample.declared, primary=None))
    assert "(the trial declares no primary outcome)" in lines(undeclared, "abstinence")[0]


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        ({"missing": MissingRule.MISSING}, "abstinence", "missing days are left out"),
        ({"missing": MissingRule.WORST}, "abstinence", "a missing day counts as"),
        ({"estimand": Estimand.TYPICAL}, "abstinence", "difference in a typical participant's chance"),
        ({"dropout": DropoutRule.CENSORED}, "relapse", "dropout is censored"),
        ({"dropout": DropoutRule.COMPETING}, "relapse", "dropout is a competing event"),
        ({"adjust": False}, "heavy_drinking", "unadjusted"),
    ],
)
def test_it_follows_the_choices(sample, changes, key, says):
    assert says in lines(sample, key, **changes)[0]


def test_adjusted_is_what_the_model_is(sample):
    for adjust in (True, False):
        spec = resolve(sample, AnalysisSpec(adjust=adjust))[0]
        model = analyse.abstinence_result(sample, spec).model
        assert adjusted(model) in lines(sample, "abstinence", adjust=adjust)[0]
        assert (adjusted(model) != "unadjusted") == adjust == any(c.term.startswith("base") for c in model.coefficients)


def test_a_primary_outcome_that_is_none_is_refused():
    files = {"days.csv": f"participant_id,arm,day,drinks\n{ROWS}".encode(), "trial.toml": b'primary = "weight"'}
    with pytest.raises(DataError, match="write one of abstinence, heavy, relapse"):
        load(files)
    files["trial.toml"] = b'primary = "relapse"\ncontrol = "a"'
    assert load(files).declared.primary == "relapse"


def test_a_page_shows_two_lines_and_files_all(sample):
    m = Material(sample, resolve(sample, AnalysisSpec())[0])
    for key in RESULTS:
        (block, *_) = [b for b in blocks_of(question(key), m) if isinstance(b, RestsOn)]
        first = brief(block.text, show.TWO_LINES)
        assert len(first) <= show.TWO_LINES and block.text.startswith(first)
    for section in sections(question("abstinence"), m):
        assert "Logistic mixed model" in section.rests_on and "Estimand (primary outcome)" in section.rests_on
