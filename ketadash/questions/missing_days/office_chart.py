"""Missing days as a chart that office software can edit."""

from __future__ import annotations

from dataclasses import replace

from ketadash.questions.shared import office_chart_daily, theme
from ketadash.questions.shared.office_chart import (
    Chart,
    Series,
    arm_names,
    day_axis,
    days_of,
    percent_axis,
    whole_tenths,
)
from ketadash.results import BinaryOutcome
from ketadash.results.sensitivity import Missingness


def compared(result: BinaryOutcome, declared: BinaryOutcome, analysis_name: str) -> Chart:
    """Abstinence by day under the chosen rule, and as thin grey lines the model under the declared one."""
    drawn = office_chart_daily.binary(result)
    grey = tuple(
        Series(
            f"{arm}, modelled, {analysis_name} rule",
            days_of(mine := [p for p in declared.modelled if p.arm == arm]),
            tuple(p.probability for p in mine),
            "edge",
            theme.LIGHT.muted,
        )
        for arm in declared.arms
        if declared.modelled
    )
    return replace(drawn, series=(*drawn.series, *grey), key=f"{drawn.key} Grey: under the {analysis_name} rule.")


def missing(result: Missingness) -> Chart:
    """The share of each arm that did not report, by day."""
    series = []
    for arm, ink in arm_names(result.arms).items():
        days = [d for d in result.days if d.arm == arm and d.n]
        series.append(
            Series(
                arm,
                tuple(float(d.day) for d in days),
                tuple(1 - d.reported / d.n for d in days),
                "line",
                ink.colour,
                ink.dash,
                ink.symbol,
                label=arm,
            )
        )
    top = max((v for s in series for v in s.y), default=0.1)
    y = percent_axis("Participants without a report", 0, max(whole_tenths(0, top * 1.05)[1], 0.1))
    return Chart(day_axis(*result.window), y, tuple(series), "Lines: share of the arm's participants.")
