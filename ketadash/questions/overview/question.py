"""Who did better, by how much, and how sure are we?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.core.spec import AnalysisSpec, Uncertainty
from ketadash.questions.abstinence.question import ABSTINENCE
from ketadash.questions.abstinence.question import card as abstinence_card
from ketadash.questions.endpoints import words as endpoint_words
from ketadash.questions.heavy_drinking.question import HEAVY_DRINKING
from ketadash.questions.heavy_drinking.question import card as heavy_drinking_card
from ketadash.questions.nnt.question import NNT
from ketadash.questions.nnt.question import card as nnt_card
from ketadash.questions.overview import agreement, spark, standing, tables, words
from ketadash.questions.question import (
    Answer,
    Block,
    Card,
    Cards,
    Data,
    Discloses,
    Doubts,
    Group,
    Growing,
    Later,
    Material,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
    WebOnly,
)
from ketadash.questions.relapse.question import RELAPSE
from ketadash.questions.relapse.question import card as relapse_card
from ketadash.questions.shared import believable, estimand, holding, office_chart_forest
from ketadash.questions.shared import words as shared_words
from ketadash.questions.shared.code_numbers import Number
from ketadash.results import BinaryOutcome, Sensitivity
from ketadash.trial import Trial

AGREEMENT = "agreement"


def blocks(m: Material) -> Iterator[Block]:
    """The answer, the results in short, and how many specifications agree."""
    analyse.abstinence_result(m.trial, _robust(m.spec))  # first: the model's own errors come with it
    abstinence = analyse.abstinence_result(m.trial, m.spec)
    by_person = analyse.percent_days_abstinent(m.trial, m.spec)
    endpoint = endpoint_words.on_the_overview(analyse.endpoints(m.trial, m.spec), m.trial.declared.primary)
    yield Answer(words.overview(abstinence, by_person, endpoint=endpoint))
    yield Later(partial(_stands, m, abstinence))
    yield Cards(tuple(partial(make, m) for make in (_abstinence, _heavy, _relapse, _all_days)))
    yield Growing(AGREEMENT, partial(_agreement, m), make=lambda: long_work.all_combinations(m.trial, m.spec))
    yield RestsOn(shared_words.rests_on(abstinence, m.spec), estimand.of_abstinence(m, abstinence))
    checks = (analyse.abstinence_check(m.trial, m.spec), analyse.heavy_check(m.trial, m.spec))
    not_described = dict.fromkeys(message for check in checks for message in believable.doubts(check, m))
    yield Doubts((*shared_words.doubts(abstinence), *not_described), abstinence)
    yield WebOnly("reading_doubts")
    yield WebOnly("how_far_results_hold")
    yield WebOnly("overview_code")


def _robust(spec: AnalysisSpec) -> AnalysisSpec:
    return spec.replace(uncertainty=Uncertainty.ROBUST)


def _stands(m: Material, abstinence: BinaryOutcome) -> Iterator[Block]:
    """How the last day's difference stands under other ways to be sure, where it has any."""
    if text := standing.how_it_stands(m.trial, m.spec, abstinence, m.p_values, on_page=m.on_page):
        yield Answer(text)


def _abstinence(m: Material) -> Card:
    return replace(abstinence_card(m), standing=standing.abstinence(m), holds=holding.of_card(m, "abstinence"))


def _heavy(m: Material) -> Card:
    analyse.heavy_result(m.trial, _robust(m.spec))  # first, as above
    return replace(heavy_drinking_card(m), standing=standing.heavy(m), holds=holding.of_card(m, "heavy"))


def _relapse(m: Material) -> Card:
    return replace(relapse_card(m), standing=standing.relapse(m), holds=holding.of_card(m, "relapse"))


def _all_days(m: Material) -> Card:
    return replace(nnt_card(m), standing=standing.all_days(m), holds=holding.of_card(m, "nnt"))


def _agreement(m: Material, every: Sensitivity) -> Iterator[Block]:
    """How many specifications agree, as far as they are computed."""
    text = agreement.agreement(every, on_page=m.on_page)
    if any(row.failed is None for row in every.rows):
        yield Picture(
            "agreement",
            "agreement",
            lambda _, view: spark.agreement(every, view),
            alt=text,
            legend=agreement.legend(every, m.arms),
            charts=lambda: (office_chart_forest.agreement(every),),
            moves=False,
        )
    yield Answer(text)
    if every.n_open:
        return
    yield Table(
        "specifications",
        "Difference under each specification",
        lambda: tables.specifications(every),
        Discloses.NOBODY,
        place=Place.FOLDED,
    )
    yield Data("specifications", lambda: tables.specifications_full(every), Discloses.NOBODY, offered=False)


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The first number of each result."""
    results = (ABSTINENCE, HEAVY_DRINKING, RELAPSE, NNT)
    return tuple(n for one in results if one.numbers is not None for n in one.numbers(trial, spec)[:1])


OVERVIEW = Question(
    key="overview",
    title="Who did better, by how much, and how sure are we?",
    name="Overview",
    group=Group.RESULTS,
    path="",
    icon="dashboard",
    help="Who did better, by how much, and how sure we are.",
    blocks=blocks,
    beside=("missing",),
    discloses=Discloses.NOBODY,
    topic=("abstinence",),
    numbers=numbers,
)
