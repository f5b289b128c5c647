"""Its numbers as Python, JSON and R give them: those that need no thousand fits."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import Number
from ketadash.trial import Trial

SHUFFLED = "analyse.shuffled_percent_days(trial, spec)"
CHECK = "analyse.abstinence_check(trial, spec)"
FIELDS = ("observed", "expected", "low", "high")


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The test by shuffling of the percent of days, and what the abstinence model expects of the days."""
    where = '.randomisation.contrasts[] | select(.name == "percent_days_abstinent")'
    shuffles = Number(
        "Percent of days abstinent: by shuffling",
        SHUFFLED,
        ("statistic", "p", "monte_carlo_se"),
        "randomisation",
        where,
        ("statistic", "p", "monte_carlo_se"),
        "shuffled" if not spec.missing.imputed else "",
    )
    measures = analyse.abstinence_check(trial, spec).measures
    return (
        shuffles,
        *(
            Number(NAMES[m.key], f"{CHECK}.measures[{k}]", FIELDS, "model_check", f".model_check.{m.key}", FIELDS)
            for k, m in enumerate(measures)
        ),
    )


NAMES = {
    "lag1_odds_ratio": "Model check: odds ratio of neighbouring days",
    "spells": "Model check: length of spells",
    "always_one_way": "Model check: share always one way",
    "slopes": "Model check: spread of people's own trends",
}
