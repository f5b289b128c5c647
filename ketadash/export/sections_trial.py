"""Sections of the pages Participants, Safety and measures, and Paper and app.

The map of every day of everyone is not among them: what is handed on shows groups, not people.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ketadash import analyse
from ketadash.export.reproduction import report, reproduced
from ketadash.export.sections import Material, Section, Table, picture
from ketadash.questions.paper import tables as tables_paper
from ketadash.questions.paper import words as words_paper
from ketadash.questions.participants import chart as participants_chart
from ketadash.questions.participants import staying
from ketadash.questions.participants import tables as tables_people
from ketadash.questions.participants import words as participants_words
from ketadash.questions.participants import words as words_people
from ketadash.questions.safety import chart as safety_chart
from ketadash.questions.safety import figure as safety
from ketadash.questions.safety import measures
from ketadash.questions.safety import tables as tables_safety
from ketadash.questions.safety import words as safety_words
from ketadash.questions.safety import words as words_safety
from ketadash.questions.shared import tables


def participants(m: Material) -> Iterator[Section]:
    """Flow, retention, Table 1."""
    result = analyse.participants_result(m.trial, m.spec)
    found = [Table("leaving", "Who left", tables_people.leaving(result), deep=True)]
    if result.table.rows:
        found.insert(0, Table("table-1", "Table 1. Baseline characteristics", tables_people.table_one(result.table)))
    yield Section(
        "participants",
        "participants",
        "Who were they, and who stayed?",
        words_people.answer(result),
        words_people.rests_on(result, m.spec),
        (
            picture(
                "flow",
                lambda v: staying.flow(result.flow, v),
                m,
                words_people.alt_flow(result),
                participants_words.legend_flow(result),
            ),
            picture(
                "retention",
                lambda v: staying.retention(result, v),
                m,
                words_people.alt_retention(result),
                participants_words.legend_retention(result),
                (participants_chart.retention(result),),
            ),
        ),
        tuple(t for t in found if not t.shown.empty),
        (),
        {"table 1": tables_people.table_one_full(result.table), "retention": tables.full(result.retention)},
        ("table_one",),
    )


def what_else(m: Material) -> Iterator[Section]:
    """Adverse events, dissociation, visit measures, late follow-up: those that the trial has."""
    yield from _events(m)
    yield from _dissociation(m)
    yield from _measures(m)
    yield from _follow_up(m)


def _events(m: Material) -> Iterator[Section]:
    found = analyse.adverse_events_result(m.trial, m.spec)
    if found is None:
        return
    pictures = (
        picture(
            "adverse-events",
            lambda v: safety.events(found, v),
            m,
            words_safety.alt_events(found),
            safety_words.legend_adverse_events(found),
            (safety_chart.events(found),),
        ),
    )
    yield Section(
        "events",
        "safety",
        "Which adverse events were there?",
        words_safety.events(found),
        words_safety.events_rest_on(found),
        pictures if found.events else (),
        (Table("adverse-events", "Adverse events: participants with the event", tables_safety.events(found)),),
        (),
        {"adverse events": tables_safety.events_full(found)},
        ("events",),
    )


def _dissociation(m: Material) -> Iterator[Section]:
    found = analyse.dissociation_result(m.trial, m.spec)
    if found is None:
        return
    yield Section(
        "cadss",
        "safety",
        "How dissociated were they, and did it go with abstinence?",
        words_safety.dissociation(found),
        words_safety.dissociation_rests_on(found),
        (
            picture(
                "dissociation",
                lambda v: safety.dissociation(found, v),
                m,
                words_safety.dissociation(found),
                safety_words.legend_dissociation(found),
                (safety_chart.scores(found),),
            ),
        ),
        (
            Table("dissociation", "Dissociation (CADSS)", tables_safety.dissociation(found)),
            Table(
                "dissociation-tests", "Rank test and logistic regression", tables_safety.association(found), deep=True
            ),
        ),
        found.messages,
        {},
        ("cadss",),
    )


def _measures(m: Material) -> Iterator[Section]:
    found = analyse.measures_result(m.trial, m.spec)
    if not found:
        return
    yield Section(
        "measures",
        "safety",
        "What did the visits measure?",
        words_safety.measures(found),
        words_safety.measures_rest_on(found),
        tuple(
            picture(
                f"measure-{k.measure.replace('_', '-')}",
                partial(measures.panel, k),
                m,
                words_safety.alt_measure(k),
                safety_words.legend_measure(k),
                (safety_chart.measure(k),),
            )
            for k in found
        ),
        (
            Table("measures", "Weekly change and the interaction", tables_safety.measures(found)),
            Table("measures-means", "Means by week", tables_safety.means(found), deep=True),
            Table(
                "measures-type-iii",
                "Type III tests of fixed effects, visit measures",
                tables_safety.type_iii(found),
                deep=True,
            ),
            Table(
                "measures-covariance",
                "Covariance parameters, visit measures",
                tables_safety.covariance(found),
                deep=True,
            ),
        ),
        tuple(text for k in found for text in (*k.warnings, *k.model.convergence.messages)),
        {"visit measures": tables_safety.means_full(found)},
        ("measures",),
    )


def _follow_up(m: Material) -> Iterator[Section]:
    found = analyse.follow_up_result(m.trial, m.spec)
    if found is None:
        return
    yield Section(
        "follow_up",
        "safety",
        "And months later?",
        words_safety.follow_up(found),
        words_safety.follow_up_rests_on(found),
        (
            picture(
                "follow-up",
                lambda v: safety.follow_up(found, v),
                m,
                words_safety.alt_follow_up(found),
                safety_words.legend_follow_up(found),
                (safety_chart.follow_up(found),),
            ),
        ),
        (Table("follow-up", "Late follow-up", tables_safety.follow_up(found)),),
        (),
        {"follow-up": tables_safety.follow_up_full(found)},
        ("follow_up",),
    )


def paper(m: Material) -> Iterator[Section]:
    """Every printed number beside ours, for a trial whose report is known."""
    printed = report(m.trial)
    if printed is None:
        return
    found = reproduced(m.trial, m.trial.declared.published)
    yield Section(
        "paper",
        "paper",
        "Do we get what was printed?",
        words_paper.answer(found, m.p_values),
        f"{words_paper.HOW} Printed in: {printed.source}.",
        (),
        (Table("printed-and-ours", "Printed and ours", tables_paper.table(found, m.p_values)),),
        (),
        {"printed and ours": tables_paper.table(found, m.p_values)},
    )
