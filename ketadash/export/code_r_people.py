"""The R of what compares a value of each participant: endpoints, adjusted differences, every arm, subgroups' days."""

from __future__ import annotations

from functools import partial

from ketadash.analyse.responders import WORST
from ketadash.core.choices.person_endpoint.definition import Definition, Kind
from ketadash.export.code_data import State
from ketadash.export.code_people import HAZARD, PEOPLE, columns_within_strata, definitions, filled_days
from ketadash.export.code_text import part, r_string
from ketadash.questions.shared.code_numbers import DAYS_TEST, Number

_part = partial(part, "people.R")
WITHIN_STRATA = " + strata(people$stratum)"  # in a formula of survival
DRAWN = (
    "With missing days drawn, each participant's value is read off each completed set of days, and the comparisons are "
    "pooled by Rubin's rules: amounts on days drawn as use are drawn too (see the page on endpoints). Only Python and "
    "the command are given."
)


def why_not(number: Number, s: State) -> str:
    """Why such a number has no R here; empty where it has."""
    of_days = number.what in PEOPLE and number.what != HAZARD and number.dropout is None
    return DRAWN if of_days and (s.draws or s.certain is not None) else ""


def before(number: Number, s: State) -> str:
    """Lines that take amounts before treatment from the days while these still stand there."""
    of_levels = number.dropout is None and any(d.baseline for d in definitions(number))
    if not of_levels or s.before is None:
        return ""
    return _part("before", **{"from": s.before[0], "to": s.before[1]}) + "\n"


def of_days(number: Number, s: State, rules: dict[str, str]) -> list[str]:
    """What reads a value of each participant off the days and compares it; `rules` fill missing days of each kind."""
    needed = definitions(number)
    blocks = filled_days(_part, needed, rules)
    if any(d.baseline for d in needed):
        blocks.append(_part("levels", grams=f"{s.grams:.12g}"))
    if number.what == "rung":
        blocks.append("reached <- FALSE")
        for d in needed:
            blocks += [*_value(d, s, instead="0"), _part("rung")]
        return [*blocks, _part("rungs"), _part("shares", level=s.level)]
    (d,) = needed
    return [*blocks, *_value(d, s, instead="NA"), *_compared(number, d, s)]


def _value(d: Definition, s: State, *, instead: str) -> list[str]:
    """Everybody's value of an endpoint; `instead` where somebody could not reach it."""
    days = [_part("days of levels")] if d.baseline else []
    if d.assesses and s.spec.assessment_days:
        days.append(_part("days assessed", assessed=s.spec.assessment_days))
    if d.forgives and s.spec.grace:
        days.append(_part("days forgiven", grace=s.spec.grace))
    value = _part("value", days="".join(f"{line}\n" for line in days), r=d.r)
    able = [_part("able", most=d.least_before - 1, instead=instead)] if d.baseline else []
    return [value, *able]


def _compared(number: Number, d: Definition, s: State) -> list[str]:
    what, level = number.what, s.level
    if what == "endpoint":
        how = _part({Kind.MEAN: "means", Kind.COUNT: "shares", Kind.RATE: "rates"}[d.kind], level=level)
        return [how, *_ends(d), _part("with p")] if d.kind is Kind.MEAN else [how]
    if what == "shift":
        worst = WORST[number.outcome]
        return [_part("shift", level=level, worst="Inf" if worst == float("inf") else f"{worst:g}")]
    if what == "subgroup days":
        return [_part("subgroup days", of_level=r_string(number.level)), _part("means", level=level), *_ends(d)]
    if what == DAYS_TEST:
        return [_part(DAYS_TEST)]
    return _adjusted(number, d.kind is Kind.COUNT, s, shares=d.unit == "percent")


def _ends(d: Definition) -> list[str]:
    """What keeps the interval of a mean of shares where a difference of shares can be."""
    return [_part("ends of shares")] if d.unit == "percent" else []


def _adjusted(number: Number, yes_no: bool, s: State, *, shares: bool = True) -> list[str]:
    known, level = _part("known"), s.level
    if number.what != "standardised":
        return [known, _part("within shares", level=level) if yes_no else _part("within ranks")]
    family = "binomial()" if yes_no else "gaussian()"
    clip = _part("shares end") + "\n" if shares else ""
    x = _columns(s.columns("abstinence"))
    return [known, _part("standardised", x=x, family=family, clip=clip, level=level)]


def _columns(columns: tuple[str, ...]) -> str:
    return f"as.matrix(people[, c({', '.join(map(r_string, columns))}), drop = FALSE])"


def of_events(number: Number, s: State) -> list[str]:
    """What compares who had an event, or the hazards, adjusted; behind the times to it."""
    if number.what != HAZARD:
        return [_part("event"), *_adjusted(number, True, s)]
    within = WITHIN_STRATA if s.stratified else ""
    return [_part("adjusted hazard", x=_columns(columns_within_strata(s)), strata=within, level=s.level)]


def of_every_arm(number: Number, s: State, times: list[str], rule: str) -> list[str]:
    """A p-value for each arm, and those adjusted by Holm; `times` are the blocks that give everybody's time."""
    if number.what == "holm days":
        each = [_part("abstinent days", rule=rule), _part("p of days")]
    else:
        assert number.dropout is not None
        gray = number.dropout.about.competes
        strata = "" if not s.stratified else ", people$stratum" if gray else WITHIN_STRATA
        each = [*times, _part("p of relapse competing" if gray else "p of relapse", strata=strata)]
    lines = "\n".join(f"  {line}" if line else "" for line in "\n".join(each).split("\n"))
    places = {
        "control": r_string(s.control),
        "others": ", ".join(map(r_string, s.others)),
        "arm": r_string(number.level),
    }
    return [_part("every arm", each=lines, **places)]
