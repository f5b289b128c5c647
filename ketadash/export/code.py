"""One number on screen as code that gives it: Python, the command line, R, SAS."""

from __future__ import annotations

import shlex
from dataclasses import fields
from enum import Enum
from typing import Any

from ketadash.core import paths
from ketadash.core.spec import AnalysisSpec, MissingRule, Window
from ketadash.export.command import RECIPE, command
from ketadash.questions.shared.code_numbers import Number

DIGITS = 12  # digits of a float as the code shows it; further ones carry no information
SLOW = "# --only sensitivity also computes the tipping map and the specification curves: minutes"


def python(number: Number, chosen: AnalysisSpec, file: str | None, *, recipe: bool = False) -> str:
    """A script that ends with the number's values in `answer`; `chosen` is as on screen, not resolved."""
    read = f", recipe=from_file({RECIPE!r})" if recipe else ""
    example = file in paths.examples()
    place = f"example_folder({file!r})" if example else repr(file)
    lines = [
        "from ketadash import analyse",
        *imports(chosen),
        f"from ketadash.trial import {'load' if file else 'load_sample'}, resolve",
        *(["from ketadash.trial.recipe import from_file"] if recipe else []),
        *(["from ketadash.core.paths import example_folder"] if example else []),
        "",
        f"trial = load({place}{read})" if file else "trial = load_sample()  # synthetic",
        f"spec, notes = resolve(trial, {constructor(chosen)})",
    ]
    if number.fields:
        lines += [f"result = {number.expression}", f"answer = {_tuple(f'result.{name}' for name in number.fields)}"]
    else:
        lines += [f"answer = {_tuple([number.expression])}"]
    return "\n".join([*lines, "print(*answer)", *_peer(number, chosen)])


def _tuple(parts: Any) -> str:
    parts = list(parts)
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def constructor(chosen: AnalysisSpec) -> str:
    """``AnalysisSpec(missing=MissingRule.MISSING)``: what differs from the defaults."""
    default = AnalysisSpec()
    values = {f.name: getattr(chosen, f.name) for f in fields(chosen)}
    changed = {k: v for k, v in values.items() if v != getattr(default, k)}
    return "AnalysisSpec(" + ", ".join(f"{k}={_literal(v)}" for k, v in changed.items()) + ")"


def _literal(value: Any) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Window):
        return f"Window({value.first}, {value.last})"
    return 'float("inf")' if value == float("inf") else repr(value)


def imports(chosen: AnalysisSpec) -> list[str]:
    """The line of Python that imports what `constructor` names."""
    default = AnalysisSpec()
    values = [getattr(chosen, f.name) for f in fields(chosen) if getattr(chosen, f.name) != getattr(default, f.name)]
    names = sorted({type(v).__name__ for v in values if isinstance(v, Enum | Window)} | {"AnalysisSpec"})
    return [f"from ketadash.core.spec import {', '.join(names)}"]


# What gives the same number in a library that ketadash does not use for it, or wraps: `peer` equals `answer`.
TIMES = """
# the same by {library}
from ketadash.analyse.outcomes import time_to
{imports}

panel = analyse.panel_of(trial, spec)
times = time_to(panel, {endpoint!r}, {dropout}, spec)
days, event, active = times.day - (panel.days[0] - 1), times.event, panel.active
{body}
print(*peer)"""
LOGRANK = """test = logrank_test(days[active], days[~active], event[active], event[~active])
peer = (test.test_statistic, test.p_value)"""
STRATIFIED_LOGRANK = "peer = survdiff(days, event, active.astype(int), strata=panel.strata)"
COX = """frame = pd.DataFrame({{"days": days, "event": event, "active": active.astype(float){column}}})
model = CoxPHFitter(alpha={alpha}).fit(frame, "days", "event"{strata}, fit_options={{"precision": 1e-12}})
fit = model.summary.loc["active"]
level = {level}
peer = (fit["exp(coef)"], fit[f"exp(coef) lower {{level}}"], fit[f"exp(coef) upper {{level}}"], fit["p"])"""
NEWCOMBE = """
# the same by statsmodels
from statsmodels.stats.proportion import confint_proportions_2indep

control, active = result.counts
low, high = confint_proportions_2indep(
    active.events, active.n, control.events, control.n, method="newcomb", compare="diff", alpha={alpha}
)
gap = active.events / active.n - control.events / control.n
peer = (gap, low, high, 1 / gap if gap else None)
print(*peer)"""


def _peer(number: Number, chosen: AnalysisSpec) -> list[str]:
    alpha = f"{1 - chosen.confidence:.{DIGITS}g}"
    if number.what == "count" and not chosen.missing.imputed:
        return [NEWCOMBE.format(alpha=alpha)]
    if number.what not in ("logrank", "cox") or number.dropout is None:
        return []
    reading = number.dropout.about
    if reading.imputed or (reading.competes and number.what == "logrank"):
        return []
    body, library, import_line = LOGRANK, "lifelines", "from lifelines.statistics import logrank_test"
    if chosen.strata:
        body, library = STRATIFIED_LOGRANK, "statsmodels"
        import_line = "from statsmodels.duration.survfunc import survdiff"
    if number.what == "cox":
        level = f"{100 * chosen.confidence:g}%"
        column, strata = (', "stratum": panel.strata', ', strata=["stratum"]') if chosen.strata else ("", "")
        body = COX.format(alpha=alpha, level=repr(level), column=column, strata=strata)
        library, import_line = "lifelines", "import pandas as pd\nfrom lifelines import CoxPHFitter"
    rule_said = f"DropoutRule.{number.dropout.name}"
    imports = f"from ketadash.core.spec import DropoutRule\n{import_line}"
    return [TIMES.format(library=library, imports=imports, endpoint=number.outcome, dropout=rule_said, body=body)]


def shell(
    number: Number, chosen: AnalysisSpec, file: str | None, declared: AnalysisSpec, *, recipe: bool = False
) -> str:
    """The `ketadash analyze` command, and the way to the number in what it writes."""
    call = command(chosen, file, declared, recipe=recipe, only=number.part, json="-")
    path = jq(number)
    slow = f"{SLOW}\n" if number.part == "sensitivity" else ""
    return f"{slow}{call} | jq {shlex.quote(path)}"


def jq(number: Number) -> str:
    """A jq filter that prints the number's values, a line each."""
    if not number.json_fields:
        return number.json
    return f"{number.json} | {', '.join(f'.{name}' for name in number.json_fields)}"


def needs_draws(spec: AnalysisSpec) -> bool:
    """Whether a missing-day rule draws days at all: with every odds ratio 0 or infinite each day is certain."""
    if spec.missing is MissingRule.IMOR:
        return not all(x in (0, float("inf")) for x in (spec.imor_control, spec.imor_active))
    return spec.missing.imputed
