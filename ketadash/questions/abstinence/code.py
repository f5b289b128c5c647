"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import ABSTINENCE, Number, difference, model, odds, quoted
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The last day's difference, the share of days, the model and its odds ratios."""
    r = analyse.abstinence_result(trial, spec)
    return (
        *difference(r, "abstinence", ABSTINENCE, "Difference in abstinence"),
        *(
            Number(
                f"Days abstinent, {arm}: share of all days",
                f"{ABSTINENCE}.percent_days[{arm!r}]",
                (),
                "abstinence",
                f".abstinence.percent_days[{quoted(arm)}]",
                (),
                "share",
                "abstinence",
                k,
            )
            for k, arm in enumerate(r.arms)
        ),
        *model(r, "abstinence", ABSTINENCE, f".abstinence.models.{r.chosen}"),
        *odds(r, "abstinence", ABSTINENCE, "an abstinent day"),
    )
