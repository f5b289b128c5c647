"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import Number, estimate
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """What adverse events, dissociation, visit measures and follow-up give, as the Code tab lists it."""
    numbers_of_page: list[Number] = []
    events, score = analyse.adverse_events_result(trial, spec), analyse.dissociation_result(trial, spec)
    later = analyse.follow_up_result(trial, spec)
    if events is not None:
        numbers_of_page.append(
            estimate(
                "Any adverse event: risk difference",
                "analyse.adverse_events_result(trial, spec).overall.difference",
                ".safety.adverse_events.overall.risk_difference",
            )
        )
    if score is not None:
        numbers_of_page.append(
            Number(
                "Dissociation: Kruskal–Wallis χ² and p",
                "analyse.dissociation_result(trial, spec).test",
                ("chi2", "p"),
                "safety",
                ".safety.cadss.kruskal_wallis",
                ("chi2", "p"),
            )
        )
    for k, m in enumerate(analyse.measures_result(trial, spec)):
        if m.model.test("week:arm") is not None:
            numbers_of_page.append(
                Number(
                    f"{m.label}: week × arm, F and p",
                    f"analyse.measures_result(trial, spec)[{k}].model.test('week:arm')",
                    ("f", "p"),
                    "safety",
                    f'.safety.measures[{k}].model.tests[] | select(.effect == "week:arm")',
                    ("f", "p"),
                )
            )
    if later is not None and later.difference.estimate is not None:
        numbers_of_page.append(
            estimate(
                "Late follow-up: difference among those reached",
                "analyse.follow_up_result(trial, spec).difference",
                ".safety.follow_up.risk_difference",
            )
        )
    return tuple(numbers_of_page)
