"""What else happened: adverse events, dissociation, visit measures, late follow-up."""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.analyse.measures import measure_columns
from ketadash.analyse.safety import has_safety_data
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Material,
    Note,
    Notice,
    Part,
    Picture,
    Place,
    Question,
    RestsOn,
    Row,
    Summary,
    Table,
)
from ketadash.questions.safety import code, document, figure, office_chart, tables, words
from ketadash.questions.safety import measures as measure_figure
from ketadash.questions.shared import estimand
from ketadash.results.safety import AdverseEvents, Dissociation, FollowUp, Measure
from ketadash.trial import Trial

MOST_LETTERS = 80  # of a measure's name in the picture's key


def blocks(m: Material) -> Iterator[Block]:
    """A part for each kind of what else happened; one that the trial has not says which file would bring it."""
    events = analyse.adverse_events_result(m.trial, m.spec)
    score = analyse.dissociation_result(m.trial, m.spec)
    measures = analyse.measures_result(m.trial, m.spec)
    later = analyse.follow_up_result(m.trial, m.spec)
    yield Summary(words.overview(events, later, measures))
    yield Part("events", "Which adverse events occurred?", Discloses.PEOPLE, ("events",))
    yield from _events(m, events) if events is not None else _absent("events")
    yield Part("cadss", "How dissociated were people, and was that linked to abstinence?", Discloses.PEOPLE, ("cadss",))
    yield from _dissociation(score) if score is not None else _absent("cadss")
    yield Part("measures", "What did the visits measure?", Discloses.NOBODY, ("measures",))
    yield from _measures(m, measures) if measures else _absent("measures")
    yield Part("follow_up", "What was reported months later?", Discloses.PEOPLE, ("follow_up",))
    yield from _follow_up(later) if later is not None else _absent("follow_up")
    if score is None and not measures:
        yield Note("No model: neither visit measures nor a dissociation score are there.", Place.MODEL_TAB)


def _absent(part: str) -> Iterator[Block]:
    yield Notice(words.WOULD_BRING[part])


def _events(m: Material, result: AdverseEvents) -> Iterator[Block]:
    yield Answer(words.events(result))
    if result.events:
        yield Picture(
            "events",
            "adverse-events",
            lambda _, view: figure.events(result, view),
            alt=words.alt_events(result),
            legend=words.legend_adverse_events(result),
            charts=lambda: (office_chart.events(result),),
            moves=False,
        )
    yield RestsOn(words.events_rest_on(result), estimand.of_events(m))
    yield Table(
        "adverse-events",
        "Adverse events: participants with the event",
        lambda: tables.events(result),
        Discloses.PEOPLE,
    )
    yield Data("adverse events", lambda: tables.events_full(result), Discloses.PEOPLE)


def _dissociation(result: Dissociation) -> Iterator[Block]:
    yield Answer(words.dissociation(result))
    yield Picture(
        "cadss",
        "dissociation",
        lambda _, view: figure.dissociation(result, view),
        alt=words.dissociation(result),
        legend=words.legend_dissociation(result),
        charts=lambda: (office_chart.scores(result),),
        moves=False,
    )
    yield RestsOn(words.dissociation_rests_on(result))
    yield Doubts(result.messages)
    yield Table("dissociation", "Dissociation (CADSS)", lambda: tables.dissociation(result), Discloses.PEOPLE)
    yield Table(
        "dissociation-tests",
        "Dissociation: rank test and logistic regression",
        lambda: tables.association(result),
        Discloses.PEOPLE,
        place=Place.MODEL_TAB,
        deep=True,
    )


def _measures(m: Material, results: tuple[Measure, ...]) -> Iterator[Block]:
    yield Answer(words.measures(results))
    yield Row(tuple(_measure(i, one) for i, one in enumerate(results)))
    unused = (*m.spec.strata, *(c for c in m.spec.adjust_for if c not in m.spec.strata))
    yield RestsOn(words.measures_rest_on(results, unused), estimand.of_measures(m))
    left_out = analyse.measures_left_out(m.trial)
    of_fits = tuple(text for one in results for text in (*one.warnings, *one.model.convergence.messages))
    yield Doubts((*of_fits, *([left_out] if left_out else [])))

    def model(key: str, caption: str, make: tables.Make, deep: bool = True) -> Table:
        return Table(key, caption, lambda: make(results), Discloses.NOBODY, place=Place.MODEL_TAB, deep=deep)

    yield model("measures", "Visit measures: weekly change and the interaction", tables.measures, deep=False)
    yield Table(
        "measures-means", "Visit measures: means by week", lambda: tables.means(results), Discloses.NOBODY, deep=True
    )
    yield model("measures-type-iii", "Type III tests of fixed effects, visit measures", tables.type_iii)
    yield model("measures-covariance", "Covariance parameters, visit measures", tables.covariance)
    yield Data("visit measures", lambda: tables.means_full(results), Discloses.NOBODY)


def _measure(place: int, result: Measure) -> Picture:
    """One measure by week; its name is the picture's key where a web page can use it so."""
    name = result.measure
    return Picture(
        f"measure_{place if '__' in name or len(name) > MOST_LETTERS else name}",
        f"measure-{name.replace('_', '-')}",
        lambda _, view: measure_figure.panel(result, view),
        alt=words.alt_measure(result),
        legend=words.legend_measure(result),
        charts=lambda: (office_chart.measure(result),),
        moves=False,
    )


def _follow_up(result: FollowUp) -> Iterator[Block]:
    yield Answer(words.follow_up(result))
    yield Picture(
        "follow_up",
        "follow-up",
        lambda _, view: figure.follow_up(result, view),
        alt=words.alt_follow_up(result),
        legend=words.legend_follow_up(result),
        charts=lambda: (office_chart.follow_up(result),),
        moves=False,
    )
    yield RestsOn(words.follow_up_rests_on(result))
    yield Table("follow-up", "Late follow-up", lambda: tables.follow_up(result), Discloses.PEOPLE)
    yield Data("follow-up", lambda: tables.follow_up_full(result), Discloses.PEOPLE)


def _answerable(trial: Trial, spec: AnalysisSpec, suppress: bool) -> bool:
    """Whether there is any part that may be shown."""
    return bool(measure_columns(trial)) or (not suppress and has_safety_data(trial, spec))


SAFETY = Question(
    key="safety",
    title="What else happened?",
    name="Safety and measures",
    group=Group.THE_TRIAL,
    path="what-else-happened",
    icon="monitor_heart",
    help="Events, measures, follow-up.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    methods=("adverse-events", "cadss", "visit-measures", "follow-up"),
    numbers=code.numbers,
    document=document.document,
    only="safety",
    answerable=_answerable,
    usual_in_report=False,
)
