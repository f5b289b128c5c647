"""Its numbers as Python and JSON give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import INTERVAL, Number
from ketadash.trial import Trial

CALL = "analyse.subgroups_result(trial, spec)"


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    result = analyse.subgroups_result(trial, spec)
    if result is None or result.trouble:
        return ()
    made = list[Number]()
    for k, one in enumerate(result.levels):
        if not one.shown:
            continue
        at, path, ratio = f"{CALL}.levels[{k}]", f".subgroups.levels[{k}]", one.odds_ratio
        made.append(_interval(f"{one.level}: difference", f"{at}.difference", f"{path}.difference"))
        if ratio is not None and ratio.estimate is not None:
            made.append(_interval(f"{one.level}: odds ratio", f"{at}.odds_ratio", f"{path}.odds_ratio"))
    if result.interaction.p is not None:
        fields = ("statistic", "p")
        made.append(Number("Interaction", f"{CALL}.interaction", fields, "subgroups", ".subgroups.interaction", fields))
    return tuple(made)


def _interval(label: str, expression: str, path: str) -> Number:
    return Number(label, expression, INTERVAL, "subgroups", path, INTERVAL)
