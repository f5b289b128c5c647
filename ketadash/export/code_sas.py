"""The SAS that gives a number, put together from `snippets/analysis.sas`; written from the manual, never run by us."""

from __future__ import annotations

from functools import partial

from ketadash.core.choices.endpoint import definition_under
from ketadash.core.choices.endpoint.definition import Definition
from ketadash.core.spec import Estimand
from ketadash.export import code_r, code_sas_people
from ketadash.export.code_data import FILE, State
from ketadash.export.code_people import HAZARD, PEOPLE
from ketadash.export.code_r import EVENTS, MODELS, STRIP
from ketadash.export.code_text import fill_places, part, remark, sas_string, wrapped
from ketadash.questions.shared.code_numbers import Number

_part = partial(part, "analysis.sas")
DRAWS = (
    "SAS has no procedure that imputes from this model: PROC MI (FCS LOGISTIC, with MNAR ADJUST for the shift) fits "
    "each day's logistic regression on other days instead of one mixed model, so that its answer would differ. To pool "
    "in SAS, impute in R or Python, analyse BY _IMPUTATION_ with the program of the rule 'missing', and give the "
    "estimates and standard errors to PROC MIANALYZE (EDF= the containment degrees of freedom)."
)
COMPETING = "SAS prints the curve of incidence (PROC LIFETEST with EVENTCODE=1), but not this number of it; R gives it."
SHUFFLED = (
    "There is no SAS for this test by shuffling: PROC MULTTEST (PERMUTATION) takes t-tests, not Welch's t, and "
    "does not count the arms as they were: its answer is another."
)
LOGRANK = "logrank"
OF_RELAPSE = (
    "In SAS: PROC FREQ with TABLES active*relapsed / RISKDIFF(CL=NEWCOMBE) RELRISK by level, on the events of Time to "
    "relapse; PROC LOGISTIC with and without active*level, whose -2 log L differ by the test's chi-square."
)
ZPH = (
    "SAS has another test of this (PROC PHREG with ZPH correlates residuals with time); this is the score test, as R "
    "has it from survival 3.0 on."
)
POOLED = (*MODELS, "share", "count")


def why_not(number: Number, s: State) -> str:
    """Why a number has no SAS here; empty where it has."""
    if reason := code_r.why_not(number, s):
        return reason
    if number.what in code_r.SUBGROUP:
        return OF_RELAPSE
    if number.what in PEOPLE:
        return code_sas_people.why_not(number)
    if number.what in ("shuffled", "zph"):
        return SHUFFLED if number.what == "shuffled" else ZPH
    if s.draws and number.what in POOLED:
        return DRAWS
    competes = (
        number.dropout is not None and number.dropout.about.competes and number.what in ("rmst", "incidence", "median")
    )
    return COMPETING if competes else ""


def program(number: Number, s: State) -> str | None:
    """The SAS of a number, None where `why_not` has a reason."""
    if why_not(number, s):
        return None
    what = number.what
    if what in MODELS:
        blocks = _model(number, s)
    elif what == "share":
        blocks = [_days("abstinence", s), _part("share", arm=number.arm)]
    elif what == "count":
        blocks = [_days("abstinence", s), _status(number.outcome == "observed", s), _part("newcombe", alpha=s.alpha)]
    elif what in STRIP:
        good = "(not heavy)" if number.outcome == "no_heavy_day" else "(not use)"
        blocks = [
            _part("strip", good=good),
            _status(number.outcome != "last_day", s),
            _part("strip counts", alpha=s.alpha),
        ]
    elif what == "completed":
        blocks = [_part("completed", last=s.last, arm=number.arm)]
    elif what in PEOPLE:
        blocks = _people(number, s)
    else:
        blocks = _times(number, s)
    return wrapped("\n\n".join([_read(number, s), *blocks]) + "\n", " ")


def _people(number: Number, s: State) -> list[str]:
    """The programs of `code_sas_people`, with the days filled and the times found as everywhere."""
    if number.dropout is not None:
        return [*_event_times(number, s), *code_sas_people.of_events(number, s)]
    rules = {outcome: code_r.filled(outcome, s, "sas") for outcome in ("abstinence", "heavy", "amounts")}
    return code_sas_people.of_days(number, s, rules, _part("newcombe", alpha=s.alpha))


def _read(number: Number, s: State) -> str:
    x = s.covariate(number.outcome) if number.what in (*MODELS, "standardised", HAZARD) else None
    own = s.columns(number.outcome) if number.what in MODELS else code_sas_people.columns(number, s)
    group = ["subgroup"] if s.spec.subgroup is not None else []
    more = [*(["stratum"] if s.stratified else []), *s.meant, *group]
    text = _part(
        "read",
        file=FILE,
        control=remark(s.control),
        active=sas_string(s.active),
        first=s.first,
        last=s.last,
        use=f"(amount > 0 or etg_overrides {'>= 1' if s.overrides else '= 2'})",
        women=f"{s.spec.heavy_women:g}",
        men=f"{s.spec.heavy_men:g}",
        covariate=" ".join(own),
        more="".join(f" {column}" for column in more),
        arms=f"\n  if arm in ({sas_string(s.control)}, {sas_string(s.active)});" if s.others else "",
        length=(" stratum $ 2000" if s.stratified else "") + (" subgroup $ 200" if group else ""),
    )
    lines = [text, *([_part("fill", column=x)] if x else [])]
    return "\n".join([*lines, *(f"/* {c}: {remark(s.meant[c])} */" for c in own if c in s.meant)])


def _days(outcome: str, s: State) -> str:
    return _part("heavy" if outcome == "heavy" else "abstinence", rule=code_r.filled(outcome, s, "sas"))


def _terms(outcome: str, s: State) -> list[str]:
    square = ["day*day"] if s.quadratic(outcome) else []
    return ["day", *square, "active", "day*active", *s.columns(outcome)]


def _model(number: Number, s: State) -> list[str]:
    what, outcome = number.what, "heavy" if number.outcome == "heavy" else "abstinence"
    terms, likelihood = _terms(outcome, s), s.likelihood(outcome)
    name = "likelihood" if likelihood else "pseudo ar1" if outcome == "heavy" else "pseudo"
    errors = {"empirical": "", "df": "ddfm=contain"}
    if s.clustered:  # MODEL's DDF= has a value for each effect
        each = ",".join([str(s.between[outcome])] * len(terms))
        errors = {"empirical": f" empirical={'mbn' if likelihood else 'firores'}", "df": f"ddf={each}"}
    fit = _part(name, nodes=s.nodes, terms=" ".join(terms), alpha=s.alpha, estimate=_estimate(number, s), **errors)
    note = [_part("mbn" if likelihood else "firores")] if s.clustered else []
    blocks = [_days(outcome, s), *note, fit]
    if what not in ("difference", "modelled nnt"):
        return blocks
    places = [f"b{k}" for k in range(len(terms) + 1)]
    if likelihood:
        eta = " + ".join([places[0], *(f"{b}*{t}" for b, t in zip(places[1:], terms, strict=True))])
        starts = " ".join(f"{b}=0" for b in places)
        blocks += [_part("classical")] if s.clustered else []
        empirical = " empirical" if s.clustered else ""
        joint = _part("joint", nodes=s.nodes, starts=starts, eta=eta, empirical=empirical)
        blocks += [joint, _part("iml joint", names=" ".join(places))]
    else:
        blocks.append(_part("iml pseudo"))
    return [*blocks, _curve(terms, outcome, s)]


def _curve(terms: list[str], outcome: str, s: State) -> str:
    columns = {
        "day": "j(n, 1, day)",
        "day*day": "j(n, 1, day##2)",
        "active": "j(n, 1, arm)",
        "day*active": "j(n, 1, day*arm)",
    }
    design = " || ".join(["j(n, 1, 1)", *dict.fromkeys(columns.get(t, "x") for t in terms)])
    x = (
        "{" + (" ".join(s.columns(outcome)) or "active") + "} into x;"
    )  # without a covariate x only tells how many there are
    averaged = s.spec.estimand is Estimand.POPULATION
    people = _part("iml people", last=s.last) if averaged else _part("iml one")
    answer = _part("iml answer", last=s.last, quantile=_quantile(outcome, s), people=people)
    return "\n".join([_part("iml curve" if averaged else "iml typical", x=x, design=design), answer])


def _quantile(outcome: str, s: State) -> str:
    upper = f"1 - {s.alpha} / 2"
    return f'quantile("t", {upper}, {s.between[outcome]})' if s.clustered else f'quantile("normal", {upper})'


def _estimate(number: Number, s: State) -> str:
    """An odds ratio is a slope within an arm: of a quadratic, at its day."""
    if number.what != "odds ratio":
        return ""
    square = "" if number.day is None else f" day*day {2 * number.day}"
    arm = " day*active 1" if number.arm else ""
    return f"  estimate 'per day' day 1{square}{arm} / exp cl alpha={s.alpha};\n"


def _status(throughout: bool, s: State) -> str:
    return _part("throughout") if throughout else _part("last day", last=s.last)


def _relapse(about: Definition, s: State) -> list[str]:
    """The weeks that a relapse rule counts, and the runs of them."""
    weeks = [part for part in about.rule.parts if part.kind.by_weeks] if about.rule is not None else []
    informed = "test ne ." if s.needs_test else "(not missing or test ne .)" if s.spec.etg else "not missing"
    rule = fill_places(code_r.weeks_rule(s).sas, good=0, bad=1, what="a week of use")
    places = {"first": s.first, "n": (s.last - s.first + 1) // 7, "informed": informed, "rule": rule}
    positive = "test = 1" if s.spec.etg else "0"
    return [_part("weeks", positive=positive, **places)] if weeks else []


def _event_times(number: Number, s: State) -> list[str]:
    """`time` and `status` of everybody."""
    assert number.dropout is not None, "an event takes dropout some way"
    about = definition_under(number.outcome, s.spec)
    return [
        *_relapse(about, s),
        _part(
            "times",
            event=about.sas,
            first=s.first,
            dropout=fill_places(number.dropout.about.sas, last=s.last),
            stratum=", stratum" if s.stratified else "",
        ),
    ]


def _times(number: Number, s: State) -> list[str]:
    assert number.dropout is not None and number.what in EVENTS
    competes = number.dropout.about.competes
    name = "logrank competing" if competes and number.what == "logrank" else number.what
    return [
        *_event_times(number, s),
        _part(
            name,
            alpha=s.alpha,
            groups="stratum / group=active" if s.stratified else "active",
            test=f"stratum / group=active test={LOGRANK}" if s.stratified else f"active / test={LOGRANK}",
            strata="  strata stratum;\n" if s.stratified else "",
            censored="0, 2" if competes else "0",
            tau=s.tau - s.first + 1,
            n_days=s.last - s.first + 1,
            first=s.first,
        ),
    ]
