"""The numbers of each page, with the code that gives each: the call, the attributes, the place in the JSON.

One expression is both what is shown and what is evaluated (`value`), so that the two cannot part.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import Any

from ketadash import analyse
from ketadash.results import BinaryOutcome
from ketadash.spec import AnalysisSpec, DropoutRule
from ketadash.trial import Trial

ABSTINENCE = "analyse.abstinence_result(trial, spec)"
HEAVY = "analyse.heavy_result(trial, spec)"
EVENTS = "analyse.time_to_event(trial, spec)"
NNT = "analyse.nnt_result(trial, spec)"
WAYS = "analyse.dropout_ways(trial, spec)"
STRIPS = "analyse.strips(trial, spec)"
PEOPLE = "analyse.participants_result(trial, spec)"
CALLED = {"relapse": "Relapse", "first_use": "First use", "first_heavy_day": "First heavy day"}
INTERVAL = ("estimate", "ci_low", "ci_high")
CURVE = ("probability", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True)
class Number:
    """One number (or a number with its interval) on screen.

    `expression` gives an object in Python and `fields` are its attributes, `json` and `json_fields` the same in the
    JSON of `ketadash analyze --only part`.  `what` names the R and SAS that compute it, "" where there are none, and
    `outcome` the daily outcome or the endpoint they compute it for; `arm` is 0 (control), 1 (active) or None.
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

    @property
    def names(self) -> tuple[str, ...]:
        """What the values are called; one that is the object itself is called by the label."""
        return self.fields or ("value",)


def numbers(page: str, trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The numbers of a page (the key of its tabs) for a resolved spec, the most prominent first."""
    if page == "overview":
        return tuple(n for of in ("abstinence", "heavy", "relapse", "nnt") for n in numbers(of, trial, spec)[:1])
    if page in ("abstinence", "missing"):
        daily = _abstinence(analyse.abstinence_result(trial, spec))
        return (*daily[:1], *_strips(trial, spec), *daily[1:]) if page == "missing" else daily
    if page == "heavy":
        return _heavy(analyse.heavy_result(trial, spec))
    if page == "relapse":
        return _events(trial, spec)
    if page == "nnt":
        return _nnt(trial, spec)
    if page == "dropout":
        return _ways(trial, spec)
    if page == "participants":
        return _people(trial, spec)
    return _safety(trial, spec) if page == "safety" else ()


def value(number: Number, trial: Trial, spec: AnalysisSpec) -> tuple[Any, ...]:
    """What the expression gives, attribute by attribute; a resolved spec."""
    found = _walk(ast.parse(number.expression, mode="eval").body, {"analyse": analyse, "trial": trial, "spec": spec})
    return tuple(getattr(found, name) for name in number.fields) if number.fields else (found,)


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


def _q(text: str) -> str:
    """A string as JSON and jq have it."""
    return json.dumps(text, ensure_ascii=False)


def _abstinence(r: BinaryOutcome) -> tuple[Number, ...]:
    model = f".abstinence.models.{r.chosen}"
    return (
        *_difference(r, "abstinence", ABSTINENCE, "Difference in abstinence"),
        *(
            Number(
                f"Days abstinent, {arm}: share of all days",
                f"{ABSTINENCE}.percent_days[{arm!r}]",
                (),
                "abstinence",
                f".abstinence.percent_days[{_q(arm)}]",
                (),
                "share",
                "abstinence",
                k,
            )
            for k, arm in enumerate(r.arms)
        ),
        *_model(r, "abstinence", ABSTINENCE, model),
        *_odds(r, "abstinence", ABSTINENCE, "an abstinent day"),
    )


def _heavy(r: BinaryOutcome | None) -> tuple[Number, ...]:
    if r is None:
        return ()
    return (
        *_odds(r, "heavy", HEAVY, "a heavy day"),
        *_model(r, "heavy", HEAVY, ".heavy.model"),
        *_difference(r, "heavy", HEAVY, "Difference in heavy days"),
    )


def _difference(r: BinaryOutcome, part: str, call: str, label: str) -> tuple[Number, ...]:
    if not r.difference:
        return ()
    said = f"{label} on day {r.window[1]} (model)"
    return (Number(said, f"{call}.difference[-1]", CURVE, part, f".{part}.difference[-1]", CURVE, "difference", part),)


def _model(r: BinaryOutcome, part: str, call: str, model: str) -> tuple[Number, ...]:
    if not r.model.usable:
        return ()
    fields = ("estimate", "se", "p", "df")
    found = [
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
        found.append(Number("−2 log L, AIC, BIC", f"{call}.model", likelihood, part, model, likelihood, "fit", part))
    if r.model.rho is not None:
        residual = ("rho", "scale")
        found.append(
            Number(
                "AR(1) correlation ρ and scale φ", f"{call}.model", residual, part, model, residual, "residual", part
            )
        )
    return tuple(found)


def _odds(r: BinaryOutcome, part: str, call: str, what: str) -> tuple[Number, ...]:
    fields, found = (*INTERVAL, "p"), []
    for k, o in enumerate(r.odds_ratio_per_day):
        at = "" if o.day is None else f", at day {o.day}"
        found.append(
            Number(
                f"Odds ratio of {what} per day, {o.arm}{at}",
                f"{call}.odds_ratio_per_day[{k}]",
                fields,
                part,
                f".{part}.odds_ratio_per_day[{k}]",
                fields,
                f"odds ratio {o.day or ''}".strip(),
                part,
                r.arms.index(o.arm),
            )
        )
    return tuple(found)


def _events(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    found: list[Number] = []
    for name, r in analyse.time_to_event(trial, spec).items():
        if r is None:
            continue
        base, path, said = f"{EVENTS}[{name!r}]", f".time_to_event.{name}", CALLED[name]
        found += _tests(said, base, path, name, r.test, DropoutRule(r.dropout))
        rmst = Number(
            f"{said}: restricted mean, difference in days to day {r.rmst.tau}",
            f"{base}.rmst.difference",
            (*INTERVAL, "p"),
            "time_to_event",
            f"{path}.rmst.difference",
            (*INTERVAL, "p"),
            "rmst",
            name,
            dropout=DropoutRule(r.dropout),
        )
        gap = Number(
            f"{said}: difference in shares by day {r.window[1]}",
            f"{base}.difference",
            INTERVAL,
            "time_to_event",
            f"{path}.difference_on_last_day",
            INTERVAL,
            "incidence",
            name,
            dropout=DropoutRule(r.dropout),
        )
        medians = [
            Number(
                f"{said}: median day, {a.arm}",
                f"{base}.arms[{k}].median",
                (),
                "time_to_event",
                f"{path}.arms[{_q(a.arm)}].median",
                (),
                "median",
                name,
                k,
                DropoutRule(r.dropout),
            )
            for k, a in enumerate(r.arms)
        ]
        found += [rmst, gap, *medians]
    return tuple(found)


def _tests(
    said: str, base: str, path: str, name: str, test: str, rule: DropoutRule, part: str = "time_to_event"
) -> list[Number]:
    hazard = ("hr", "ci_low", "ci_high", "p")
    return [
        Number(
            f"{said}: {test} χ² and p",
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
            f"{said}: hazard ratio (Cox)", f"{base}.cox", hazard, part, f"{path}.cox", hazard, "cox", name, dropout=rule
        ),
    ]


def _ways(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    ways = analyse.dropout_ways(trial, spec)
    found: list[Number] = []
    for k, way in enumerate(ways.ways if ways is not None else ()):
        rule = DropoutRule(way.dropout)
        found += _tests(
            f"Dropout {rule.value}",
            f"{WAYS}.ways[{k}]",
            f".dropout.ways.{rule.value}",
            "relapse",
            way.test,
            rule,
            "sensitivity",
        )
    return tuple(found)


def _nnt(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    r = analyse.nnt_result(trial, spec)
    fields = ("risk_difference", "ci_low", "ci_high", "nnt")
    return tuple(
        Number(
            f"{_capital(n.definition.split(';')[0])}: difference and NNT",
            f"{NNT}.{n.name}",
            fields,
            "nnt",
            f".nnt.{n.name}",
            fields,
            what,
            n.name,
        )
        for n, what in ((r.observed, "count"), (r.observed_last_day, "count"), (r.modelled, "modelled nnt"))
        if n.risk_difference is not None
    )


def _strips(trial: Trial, spec: AnalysisSpec) -> list[Number]:
    """Endpoints of whole participants with everybody unknown counted as a failure."""
    found = []
    for k, s in enumerate(analyse.strips(trial, spec)):
        for said, field, name in (("difference", "difference", "risk_difference"), ("Fisher's exact p", "p", "p")):
            found.append(
                Number(
                    f"{_capital(s.definition)}, unknown counted as not: {said}",
                    f"{STRIPS}[{k}].{field}[0, 0]",
                    (),
                    "sensitivity",
                    f".tipping.strips[{k}].cells[0].{name}",
                    (),
                    f"strip {field}",
                    s.endpoint,
                )
            )
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _people(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    r = analyse.participants_result(trial, spec)
    rows = [(k, row) for k, row in enumerate(r.table.rows) if row.standardised_difference is not None]
    arms = [
        Number(
            f"Known to the last day, {arm.arm}",
            f"{PEOPLE}.flow.arms[{k}]",
            ("completed", "randomised"),
            "participants",
            f".participants.flow.arms[{k}]",
            ("completed", "randomised"),
            "completed",
            "",
            k,
        )
        for k, arm in enumerate(r.flow.arms)
    ]
    return (
        *arms,
        *(
            Number(
                f"{row.label}: standardised difference",
                f"{PEOPLE}.table.rows[{k}].standardised_difference",
                (),
                "participants",
                f".participants.table1[{k}].standardised_difference",
                (),
            )
            for k, row in rows
        ),
    )


def _safety(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    found: list[Number] = []
    events, score = analyse.adverse_events_result(trial, spec), analyse.dissociation_result(trial, spec)
    later = analyse.follow_up_result(trial, spec)
    if events is not None:
        found.append(
            _estimate(
                "Any adverse event: risk difference",
                "analyse.adverse_events_result(trial, spec).overall.difference",
                ".safety.adverse_events.overall.risk_difference",
            )
        )
    if score is not None:
        found.append(
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
            found.append(
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
        found.append(
            _estimate(
                "Late follow-up: difference among those reached",
                "analyse.follow_up_result(trial, spec).difference",
                ".safety.follow_up.risk_difference",
            )
        )
    return tuple(found)


def _estimate(label: str, expression: str, path: str) -> Number:
    return Number(label, expression, INTERVAL, "safety", path, INTERVAL)
