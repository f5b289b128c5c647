"""The numbers of each page, with the code that gives each: the call, the attributes, the place in the JSON.

One expression is both what is shown and what is evaluated (`value`), so that the two cannot part.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, DropoutRule
from ketadash.results import BinaryOutcome
from ketadash.results.adjusted import AdjustedEndpoints
from ketadash.trial import Trial

ABSTINENCE = "analyse.abstinence_result(trial, spec)"
HEAVY = "analyse.heavy_result(trial, spec)"
EVENTS = "analyse.time_to_event(trial, spec)"
NNT = "analyse.nnt_result(trial, spec)"
WAYS = "analyse.dropout_ways(trial, spec)"
STRIPS = "analyse.strips(trial, spec)"
PEOPLE = "analyse.participants_result(trial, spec)"
DAYS_TEST = "subgroup days test"  # the R of the one test of days abstinent by level
INTERVAL = ("estimate", "ci_low", "ci_high")
CURVE = ("probability", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True)
class Number:
    """One number (or a number with its interval) on screen.

    `expression` gives an object in Python and `fields` are its attributes, `json` and `json_fields` the same in the
    JSON of `ketadash analyze --only part`.  `what` names the R and SAS that compute it, "" where there are none, and
    `outcome` the daily outcome or the endpoint they compute it for; `arm` is 0 (control), 1 (active) or None; `day`
    is where a quadratic's odds ratio is taken.
    """

    label: str
    expression: str
    fields: tuple[str, ...]
    part: str
    json: str
    json_fields: tuple[str, ...]
    what: str = ""
    outcome: str = ""
    arm: int | None = None
    dropout: DropoutRule | None = None  # as this number takes it, whatever is chosen
    day: int | None = None
    level: str = ""  # of a subgroup, or the arm compared with the control

    @property
    def names(self) -> tuple[str, ...]:
        """What the values are called; one that is the object itself is called by the label."""
        return self.fields or ("value",)


def value(number: Number, trial: Trial, spec: AnalysisSpec) -> tuple[Any, ...]:
    """What the expression gives, attribute by attribute; a resolved spec."""
    result = _walk(ast.parse(number.expression, mode="eval").body, {"analyse": analyse, "trial": trial, "spec": spec})
    return tuple(getattr(result, name) for name in number.fields) if number.fields else (result,)


def _walk(node: ast.expr, names: dict[str, Any]) -> Any:
    """Names, attributes, places and calls: all that an expression here is made of."""
    match node:
        case ast.Name(id=name):
            return names[name]
        case ast.Attribute(value=of, attr=name):
            return getattr(_walk(of, names), name)
        case ast.Subscript(value=of, slice=at):
            return _walk(of, names)[ast.literal_eval(at)]
        case ast.Call(func=f, args=given):
            return _walk(f, names)(*(_walk(a, names) for a in given))
        case ast.Constant(value=constant):
            return constant
    raise TypeError(f"{ast.unparse(node)} is not part of an expression here")


def quoted(text: str) -> str:
    """A string as JSON and jq have it."""
    return json.dumps(text, ensure_ascii=False)


def difference(r: BinaryOutcome, part: str, call: str, label: str) -> tuple[Number, ...]:
    """The modelled difference on the last day."""
    if not r.difference:
        return ()
    full_label = f"{label} on day {r.window[1]} (model)"
    return (
        Number(full_label, f"{call}.difference[-1]", CURVE, part, f".{part}.difference[-1]", CURVE, "difference", part),
    )


def model(r: BinaryOutcome, part: str, call: str, model: str) -> tuple[Number, ...]:
    """The day-by-arm coefficient and its test; nothing where the fit has no finite answer."""
    if not r.model.usable:
        return ()
    fields = ("estimate", "se", "p", "df")
    numbers = [
        Number(
            "Day × arm coefficient (log odds ratio)",
            f"{call}.model.coefficient('day:arm')",
            fields,
            part,
            f'{model}.coefficients[] | select(.term == "day:arm")',
            fields,
            "coefficient",
            part,
        ),
        Number(
            "Day × arm: F test",
            f"{call}.model.test('day:arm')",
            ("f", "df_den", "p"),
            part,
            f'{model}.tests[] | select(.effect == "day:arm")',
            ("f", "df_den", "p"),
            "test",
            part,
        ),
    ]
    if r.model.minus2ll is not None and r.model.n_imputations is None:
        likelihood = ("minus2ll", "aic", "bic") if r.model.aic is not None else ("minus2ll",)
        numbers.append(Number("−2 log L, AIC, BIC", f"{call}.model", likelihood, part, model, likelihood, "fit", part))
    if r.model.rho is not None:
        residual = ("rho", "scale")
        numbers.append(
            Number(
                "AR(1) correlation ρ and scale φ", f"{call}.model", residual, part, model, residual, "residual", part
            )
        )
    return tuple(numbers)


def odds(r: BinaryOutcome, part: str, call: str, what: str) -> tuple[Number, ...]:
    """The odds ratios per day."""
    fields, numbers = (*INTERVAL, "p"), []
    for k, o in enumerate(r.odds_ratio_per_day):
        at = "" if o.day is None else f", at day {o.day}"
        numbers.append(
            Number(
                f"Odds ratio of {what} per day, {o.arm}{at}",
                f"{call}.odds_ratio_per_day[{k}]",
                fields,
                part,
                f".{part}.odds_ratio_per_day[{k}]",
                fields,
                "odds ratio",
                part,
                r.arms.index(o.arm),
                day=o.day,
            )
        )
    return tuple(numbers)


def tests(
    label: str, base: str, path: str, name: str, test: str, rule: DropoutRule, part: str = "time_to_event"
) -> list[Number]:
    """The test of two arms' times to an event, and the hazard ratio."""
    hazard = ("hr", "ci_low", "ci_high", "p")
    return [
        Number(
            f"{label}: {test} χ² and p",
            f"{base}.logrank",
            ("chi2", "p"),
            part,
            f"{path}.logrank",
            ("chi2", "p"),
            "logrank",
            name,
            dropout=rule,
        ),
        Number(
            f"{label}: hazard ratio (Cox)",
            f"{base}.cox",
            hazard,
            part,
            f"{path}.cox",
            hazard,
            "cox",
            name,
            dropout=rule,
        ),
    ]


def adjusted_numbers(
    result: AdjustedEndpoints | None, call: str, path: str, part: str, dropout: DropoutRule | None = None
) -> tuple[Number, ...]:
    """What stands within strata and adjusted, of endpoints or (with `dropout`) of a time to an event."""
    if result is None:
        return ()
    fields, numbers = (*INTERVAL, "p"), list[Number]()
    for k, e in enumerate(result.each):
        at, place = f"{call}.each[{k}]", f"{path}.each[{k}]"
        if e.within is not None:
            label = f"{e.label}: difference within strata"
            where = (f"{at}.within", fields, part, f"{place}.within_strata", fields)
            numbers.append(Number(label, *where, "within", e.key, dropout=dropout))
        if e.ranks is not None:
            label, ranks = f"{e.label}: van Elteren's test", ("z", "p")
            at_ranks, place_of_ranks = f"{at}.ranks", f"{place}.rank_test"
            numbers.append(Number(label, at_ranks, ranks, part, place_of_ranks, ranks, "ranks", e.key, dropout=dropout))
        if e.standardised is not None:
            label = f"{e.label}: adjusted difference"
            where = (f"{at}.standardised", fields, part, f"{place}.standardised", fields)
            numbers.append(Number(label, *where, "standardised", e.key, dropout=dropout))
    return tuple(numbers)


def capital(text: str) -> str:
    """A text that begins with a capital."""
    return text[:1].upper() + text[1:]


def estimate(label: str, expression: str, path: str) -> Number:
    """A number of the optional files, with its interval."""
    return Number(label, expression, INTERVAL, "safety", path, INTERVAL)
