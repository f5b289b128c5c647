"""Sections of the pages Overview, Abstinence, Heavy drinking, Time to relapse and Number needed to treat."""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.export.sections import Material, Section, Table, picture
from ketadash.questions.overview import agreement as overview_agreement
from ketadash.questions.overview import agreement as words_sensitivity
from ketadash.questions.overview import spark
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.overview import words as words_overview
from ketadash.questions.shared import chart_forest as chart_more
from ketadash.questions.shared import words


def overview(m: Material) -> Iterator[Section]:
    """Who did better, and how many specifications agree."""
    found = analyse.abstinence_result(m.trial, m.spec)
    every = analyse.sensitivity(m.trial, m.spec)
    said = f"{words_overview.overview(found)} {words_sensitivity.agreement(every)}"
    pictures = []
    if any(r.failed is None for r in every.rows):
        pictures.append(
            picture(
                "agreement",
                lambda v: spark.agreement(every, v),
                m,
                words_sensitivity.agreement(every),
                overview_agreement.legend(every, m.arms),
                (chart_more.agreement(every),),
            )
        )
    yield Section(
        "overview",
        "overview",
        "Who did better, by how much, and how sure are we?",
        said,
        words.rests_on(found, m.spec),
        tuple(pictures),
        (Table("specifications", "Difference under each specification", overview_tables.specifications(every)),),
        words.doubts(found),
        {"specifications": overview_tables.specifications_full(every)},
        ("abstinence",),
    )
