"""What counts as relapse, and what tests say beside self-report: declared as in `EveryChoice`, behind its own."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.core.choices.choice import Moot, choice_field
from ketadash.core.choices.control import Buttons, DataName, TextBox, day_number
from ketadash.core.choices.endpoint.relapse_rules import DEFAULT, EVER, canonical
from ketadash.core.choices.model import ReadingOfTests
from ketadash.core.choices.step import Step
from ketadash.core.choices.subgroup_choices import SubgroupChoices

NO_TESTS = Moot("etg", lambda applied: not applied)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapseChoices(SubgroupChoices):
    """Every choice, those of relapse and of tests among them."""

    tests: str | None = choice_field(
        None,
        sentence="tests from '{}'",
        key="tests",
        label="Test results",
        help="A column of positive and negative results, empty where no test was taken: urine, breath, EtG.",
        cli="the column of test results (positive, negative, empty where none was taken)",
        control=DataName(metavar="COLUMN"),
        enters=(Step.DAYS,),
        moot=NO_TESTS,
    )
    tested: ReadingOfTests = choice_field(
        ReadingOfTests.DAYS,
        sentence="tests speak for {}",
        key="tested",
        label="A test speaks for",
        help="*days before it*: a positive one turns the days reported abstinent since the previous visit into {day}s. "
        "*its week*: it counts in relapse by weeks only. *its week, and is needed*: a week without a test is unknown, "
        "too, whatever was reported.",
        cli="days: a positive test overrides reports back to the last visit; week: it counts as use in its week, in "
        "relapse by weeks; required: the same, and a week without a test is unknown whatever was reported",
        control=Buttons(
            words={
                "days before it": ReadingOfTests.DAYS,
                "its week": ReadingOfTests.WEEK,
                "its week, and is needed": ReadingOfTests.REQUIRED,
            }
        ),
        enters=(Step.DAYS,),
        moot=NO_TESTS,
    )
    relapse: str = choice_field(
        DEFAULT,
        sentence="relapse = {}",
        key="relapse-as",
        label="Relapse is",
        help="Empty: the first {heavy_day}. Or *first-use*, *heavy:2in7* (2 such days within 7), *use:7in7*, *weeks:4* "
        "(4 weeks in a row with any use); several joined by +, whichever comes first.",
        cli=f"what relapse is: {EVER}; several joined by + mean whichever comes first",
        control=TextBox(
            metavar="RULE",
            parse=canonical,
            placeholder=DEFAULT,
            until="the first heavy day is relapse",
            empty=DEFAULT,
        ),
        enters=(Step.TIMES, Step.DROPOUT_WAYS),
    )
    relapse_from: int | None = choice_field(
        None,
        sentence="relapse from day {} on",
        key="relapse-from",
        label="Relapse from day",
        help="The first day on which relapse can begin. Empty: the first of the window.",
        cli="the first day on which relapse can begin",
        control=TextBox(metavar="DAY", parse=day_number, placeholder="first day", until="it is the first day"),
        enters=(Step.TIMES, Step.DROPOUT_WAYS),
    )
