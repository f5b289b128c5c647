"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.choices.endpoint import Endpoint
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
        *_every_arm(trial, spec),
    )


def _every_arm(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The p-values adjusted by Holm of a trial with more than two arms."""
    result, numbers = analyse.every_arm(trial, spec), list[Number]()
    for k, one in enumerate(() if result is None else result.others):
        at, path = f"analyse.every_arm(trial, spec).others[{k}]", f".arms.against_control[{k}]"
        if one.p_holm is not None:
            label = f"{one.arm} v. {spec.control}: p of the percent of days abstinent, by Holm"
            where = (at, ("p_holm",), "abstinence", path, ("p_holm",))
            numbers.append(Number(label, *where, "holm days", "abstinence", level=one.arm))
        if one.relapse_p_holm is not None:
            label = f"{one.arm} v. {spec.control}: p of relapse, by Holm"
            where = (at, ("relapse_p_holm",), "abstinence", path, ("relapse_p_holm",))
            numbers.append(Number(label, *where, "holm relapse", Endpoint.RELAPSE, dropout=spec.dropout, level=one.arm))
    return tuple(numbers)
