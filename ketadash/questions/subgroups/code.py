"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.choices.endpoint import Endpoint
from ketadash.core.spec import AnalysisSpec, DropoutRule, SubgroupEndpoint
from ketadash.questions.shared.code_numbers import DAYS_TEST, INTERVAL, Number
from ketadash.trial import Trial

CALL = "analyse.subgroups_result(trial, spec)"


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """Each level's effect and the test of interaction, as the Code tab lists them."""
    result = analyse.subgroups_result(trial, spec)
    if result is None or result.trouble:
        return ()
    made = list[Number]()
    dropout = spec.dropout if result.endpoint == SubgroupEndpoint.RELAPSE else None
    for k, one in enumerate(result.levels):
        if not one.shown:
            continue
        at, path, ratio = f"{CALL}.levels[{k}]", f".subgroups.levels[{k}]", one.odds_ratio
        made.append(_interval("difference", "difference", one.level, f"{at}.difference", f"{path}.difference", dropout))
        if ratio is not None and ratio.estimate is not None:
            at, path = f"{at}.odds_ratio", f"{path}.odds_ratio"
            made.append(_interval("odds ratio", "ratio", one.level, at, path, dropout))
    if result.interaction.p is not None:
        fields = ("statistic", "p")
        made.append(
            Number(
                "Interaction",
                f"{CALL}.interaction",
                fields,
                "subgroups",
                ".subgroups.interaction",
                fields,
                "subgroup test" if dropout is not None else DAYS_TEST,
                Endpoint.RELAPSE if dropout is not None else SubgroupEndpoint.PERCENT_DAYS,
                dropout=dropout,
            )
        )
    return tuple(made)


def _interval(kind: str, kind_in_r: str, level: str, expression: str, path: str, dropout: DropoutRule | None) -> Number:
    """A level's effect: on relapse, which takes dropout some way, or on the percent of days abstinent."""
    what = f"subgroup {kind_in_r}" if dropout is not None else "subgroup days"
    return Number(
        f"{level}: {kind}",
        expression,
        INTERVAL,
        "subgroups",
        path,
        INTERVAL,
        what,
        Endpoint.RELAPSE if dropout is not None else SubgroupEndpoint.PERCENT_DAYS,
        dropout=dropout,
        level=level,
    )
