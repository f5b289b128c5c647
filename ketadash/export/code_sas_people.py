"""The SAS of what compares a value of each participant; written from the manual, never run by us."""

from __future__ import annotations

from functools import partial

from ketadash.core.choices.person_endpoint.definition import Definition, Kind
from ketadash.export.code_data import FILE, State
from ketadash.export.code_people import HAZARD, HOLM, OF_SUBGROUPS, columns_within_strata, definitions, filled_days
from ketadash.export.code_text import part, sas_string
from ketadash.questions.shared.code_numbers import DAYS_TEST, Number

_part = partial(part, "people.sas")
OF_SHIFT = (
    "In SAS: PROC NPAR1WAY with WILCOXON and HL prints this shift; its interval (Moses) takes no account of ties, so "
    "that it can differ. The R has the ends that are on screen."
)
OF_ARMS = (
    "In SAS: the p-value of each arm against the control by PROC TTEST (the row of Satterthwaite) on everybody's share "
    "of days, or by PROC LIFETEST with STRATA on the times to relapse; PROC MULTTEST INPVALUES=… HOLM adjusts them."
)


def why_not(number: Number) -> str:
    """Why such a number has no SAS though it has R; empty where it has."""
    return OF_SHIFT if number.what == "shift" else OF_ARMS if number.what in HOLM else ""


def of_days(number: Number, s: State, rules: dict[str, str], newcombe: str) -> list[str]:
    """What reads a value of each participant off the days and compares it."""
    needed = definitions(number)
    blocks = filled_days(_part, needed, rules)
    if any(d.baseline for d in needed):
        assert s.before is not None, "an endpoint of levels is only given where there are days before"
        places = {"file": FILE, "grams": f"{s.grams:.12g}", "from": s.before[0], "to": s.before[1]}
        blocks.append(_part("levels", **places))
    if number.what == "rung":
        blocks.append(_part("rungs begin"))
        for d in needed:
            blocks += [*_value(d, s, table="rung", name="one", instead="0"), _part("rung")]
        return [*blocks, _part("rungs end"), newcombe]
    (d,) = needed
    return [*blocks, *_value(d, s, table="status", name="good", instead="."), *_compared(number, d, s, newcombe)]


def _value(d: Definition, s: State, *, table: str, name: str, instead: str) -> list[str]:
    """Everybody's value of an endpoint; `instead` where somebody could not reach it."""
    first = s.first + (s.spec.grace if d.forgives else 0)
    if d.last:
        first = max(first, s.last - d.last + 1)
    if d.assesses and s.spec.assessment_days:
        first = max(first, s.last - s.spec.assessment_days + 1)
    more = ", sum(amount ne . and amount < 1e9) as known" if d.kind is Kind.RATE else ""
    more += ", level_before" if d.baseline else ""
    value = _part(
        "value",
        table=table,
        name=name,
        sas=d.sas,
        more=more,
        where=f" where day >= {first}" if first > s.first else "",
        also=", level_before" if d.baseline else "",
    )
    able = _part("able", table=table, name=name, most=d.least_before - 1, instead=instead) if d.baseline else ""
    return [value, *([able] if able else [])]


def _compared(number: Number, d: Definition, s: State, newcombe: str) -> list[str]:
    if number.what == "endpoint":
        if d.kind is Kind.COUNT:
            return [newcombe]
        return [_part("rates" if d.kind is Kind.RATE else "means", alpha=s.alpha)]
    people = _part("with people")
    if number.what == "subgroup days":
        return [people, _part("subgroup days", of_level=sas_string(number.level)), _part("means", alpha=s.alpha)]
    if number.what == DAYS_TEST:
        return [people, _part(DAYS_TEST)]
    return [people, *_adjusted(number, d.kind is Kind.COUNT, s)]


def _adjusted(number: Number, yes_no: bool, s: State) -> list[str]:
    if number.what != "standardised":
        return [_part("within shares", alpha=s.alpha) if yes_no else _part("within ranks")]
    mean, slope = ("1 / (1 + exp(-eta))", "mu # (1 - mu)") if yes_no else ("eta", "j(nrow(mu), 1, 1)")
    x = " ".join(s.columns("abstinence"))
    return [_part("standardised", x=x, mean=mean, slope=slope, alpha=s.alpha)]


def of_events(number: Number, s: State) -> list[str]:
    """What compares who had an event, or the hazards, adjusted; behind the times to it."""
    assert number.dropout is not None
    if number.what != HAZARD:
        return [_part("event"), _part("with people"), *_adjusted(number, True, s)]
    own = " ".join(columns_within_strata(s))
    strata = "  strata stratum;\n" if s.stratified else ""
    censored = "0, 2" if number.dropout.about.competes else "0"
    return [_part("adjusted hazard", x=own, strata=strata, censored=censored, alpha=s.alpha)]


def columns(number: Number, s: State) -> tuple[str, ...]:
    """What a program needs of each participant beside the days."""
    if number.what in ("within", "ranks"):
        return ("stratum",)
    if number.what in OF_SUBGROUPS:
        return ("subgroup",)
    return s.columns("abstinence") if number.what in ("standardised", HAZARD) else ()
