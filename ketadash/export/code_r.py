"""The R that gives a number, put together from `snippets/analysis.R` for the choices of a state."""

from __future__ import annotations

from functools import partial

from ketadash.core.choices.endpoint import definition_under
from ketadash.core.choices.endpoint.definition import Definition
from ketadash.core.choices.missing.rule import Rule
from ketadash.core.spec import Estimand, Estimator, MissingRule, Scale
from ketadash.export import code_r_people
from ketadash.export.code_data import FILE, State
from ketadash.export.code_people import HAZARD, HOLM, OF_SUBGROUPS, PEOPLE
from ketadash.export.code_r_people import WITHIN_STRATA
from ketadash.export.code_text import fill_places, part, r_string, remark, wrapped
from ketadash.questions.shared.code_numbers import Number

_part = partial(part, "analysis.R")
SUBGROUP = ("subgroup difference", "subgroup ratio", "subgroup test")
STRIP = ("strip difference", "strip p")
MODELS = ("difference", "modelled nnt", "coefficient", "test", "odds ratio", "fit", "residual")
VALUES: dict[str, tuple[float | str, int, str]] = {  # what a bad day and a good one are, and the bad one in words
    "abstinence": (0, 1, "not abstinent"),
    "heavy": (1, 0, "a heavy day"),
    "amounts": ("Inf", 0, "use, and nobody says how much"),
}
EVENTS = ("logrank", "cox", "zph", "rmst", "incidence", "median")
PENALISED = (
    "No standard routine has this penalised fit. tests/oracle/glmm.R maximises it directly; the page on separation has "
    "the formula."
)
SLOPES = (
    "lme4 fits random slopes by Laplace's approximation only (nAGQ = 1), which differs from this number by more than "
    "rounding. In R: glmer(y ~ day * arm + x + (1 + day | id), family = binomial), with I(day^2) for a quadratic "
    "trend; in SAS: PROC GLIMMIX METHOD=QUAD with RANDOM INTERCEPT day / SUBJECT=id TYPE=UN. "
    "tests/oracle/slopes.R integrates directly."
)
SCALE = (
    "nlme has no residual scale fixed at 1 that is right under REML. In SAS: PROC GLIMMIX METHOD=RSPL with RANDOM "
    "INTERCEPT / SUBJECT=id, RANDOM _RESIDUAL_ / SUBJECT=id TYPE=AR(1), and PARMS with HOLD= on the residual at 1."
)
IMPUTED = (
    "With dropout imputed, each of the completed trials is analysed as under 'censored' and the answers are pooled by "
    "Rubin's rules (see the page on imputation). Only Python and the command are given."
)


def why_not(number: Number, s: State) -> str:
    """Why a number has no R and SAS here; empty where it has."""
    if not number.what:
        return "Only Python and the command are given for this number; the page on the method has the formula."
    if s.spec.penalised and number.what in MODELS and number.outcome != "heavy":
        return PENALISED
    if number.what in MODELS and number.outcome != "heavy" and s.spec.estimator is Estimator.SLOPE:
        return SLOPES
    if number.what in MODELS and number.outcome == "heavy" and s.spec.scale is Scale.FIXED:
        return SCALE
    if number.dropout is not None and number.dropout.about.imputed:
        return IMPUTED
    return code_r_people.why_not(number, s)


def program(number: Number, s: State) -> str | None:
    """The R of a number, None where `why_not` has a reason."""
    if why_not(number, s):
        return None
    what = number.what
    if what in MODELS:
        blocks = [_days(number.outcome, s), *_model(number, s)]
    elif what == "share":
        blocks = [_days("abstinence", s), *_share(number, s)]
    elif what == "count":
        blocks = [_days("abstinence", s), *_count(number, s)]
    elif what == "shuffled":
        shuffle = _part("shuffled within" if s.stratified else "shuffled all")
        shuffled = _part("shuffled", seed=s.spec.seed, shuffles=s.spec.shuffles, shuffle=shuffle)
        blocks = [_days("abstinence", s), shuffled]
    elif what in STRIP:
        blocks = _strip(number)
    elif what == "completed":
        blocks = [_part("completed", arm=number.arm)]
    elif what in PEOPLE:
        blocks = _people(number, s)
    else:
        blocks = _times(number, s)
    return wrapped("\n\n".join([_read(number, s), *blocks, "print(answer, digits = 10)"]) + "\n", ", ")


def _people(number: Number, s: State) -> list[str]:
    """The programs of `code_r_people`, with the days filled and the times found as everywhere."""
    if number.what in HOLM:
        times = [] if number.dropout is None else _event_times(number, s)
        return code_r_people.of_every_arm(number, s, times, filled("abstinence", s, "r"))
    if number.dropout is not None:
        return [*_event_times(number, s), *code_r_people.of_events(number, s)]
    rules = {outcome: filled(outcome, s, "r") for outcome in ("abstinence", "heavy", "amounts")}
    return code_r_people.of_days(number, s, rules)


def _packages(number: Number, s: State) -> str:
    what, packages = number.what, list[str]()
    if (s.draws and what in (*MODELS, "share", "count")) or (what in MODELS and s.likelihood(number.outcome)):
        packages.append("lme4")
    if what in MODELS or packages:
        packages += ["numDeriv", *(["nlme"] if number.outcome == "heavy" else [])]
    if what in EVENTS or number.dropout is not None:
        packages.append("survival")
    if what == "endpoint" and number.outcome == "total_drinks":
        packages.append("MASS")
    if number.dropout is not None and number.dropout.about.competes and what in ("logrank", "holm relapse"):
        packages.append("cmprsk")
    return f"packages {', '.join(packages)}" if packages else "no package"


def _read(number: Number, s: State) -> str:
    use = f"(d$amount > 0 | d$etg_overrides {'>= 1' if s.overrides else '== 2'})"
    note = "a positive test overrides a report of none" if s.overrides else "tests override nothing"
    text = _part(
        "read",
        packages=_packages(number, s),
        classes=', subgroup = "character"' if number.what in (*SUBGROUP, *OF_SUBGROUPS) else "",
        before=code_r_people.before(number, s),
        arms=_arms(number, s),
        file=FILE,
        first=s.first,
        last=s.last,
        active=r_string(s.active),
        control=remark(s.control),
        use=f"{use}  # {note}",
        women=f"{s.spec.heavy_women:g}",
        men=f"{s.spec.heavy_men:g}",
    )
    x = s.covariate(number.outcome)
    if not (number.what in (*MODELS, "standardised", HAZARD) or s.draws):
        return text
    lines = [text, *([_part("fill", column=x)] if x else [])]
    return "\n".join([*lines, *(f"# {c}: {remark(s.meant[c])}" for c in s.columns(number.outcome) if c in s.meant)])


def _arms(number: Number, s: State) -> str:
    """The condition that leaves the pair of arms, where the file has others too that are not asked for."""
    two = f" & d$arm %in% c({r_string(s.control)}, {r_string(s.active)})"
    return two if s.others and number.what not in HOLM else ""


def _days(outcome: str, s: State) -> str:
    """`y`, the outcome by day under the missing-day rule; NA where days are left out or drawn."""
    lines = [_part("heavy" if outcome == "heavy" else "abstinence"), filled(outcome, s, "r")]
    return "\n".join(lines)


def filled(outcome: str, s: State, language: str) -> str:
    """The missing-day rule's own lines in R or SAS; where the odds ratios leave no doubt, each arm has its value."""
    rule = s.spec.missing
    bad: float | str
    good: float | str
    bad, good, what = VALUES.get(outcome, VALUES["abstinence"])
    if outcome == "amounts" and language == "sas":
        bad = "1e9"
    if s.certain is not None:  # (control, active); the best case's lines, with the values that are certain
        control, active = (good if favourable else bad for favourable in s.certain)
        rule, good, bad = MissingRule.BEST, active, control
    elif rule.imputed and not s.draws:  # no day is missing
        rule = MissingRule.MISSING
    return fill_places(getattr(rule.about, language), good=good, bad=bad, what=what)


def _design(outcome: str, s: State) -> str:
    columns = ["1", "day", *(["day^2"] if s.quadratic(outcome) else []), "arm", "day * arm"]
    x = ["x"] if s.columns(outcome) else []
    return f"design <- function(day, arm, x) cbind({', '.join([*columns, *x])})\ncovariate <- {_x('d', outcome, s)}"


def _x(frame: str, outcome: str, s: State) -> str:
    """The covariates of a model, as a vector or a matrix of a frame's columns."""
    columns = s.columns(outcome)
    if len(columns) < 2:
        return f"{frame}${columns[0]}" if columns else "NULL"
    return f"as.matrix({frame}[, c({', '.join(map(r_string, columns))})])"


def _fit(outcome: str, s: State, name: str = "fit") -> str:
    clustered = s.clustered and name == "fit"  # imputations are drawn with the model's own errors, not with robust ones
    head = [_part("sandwich")] if clustered else []
    if s.likelihood(outcome) or name == "known_fit":
        lines = f"{_part('sandwich likelihood')}\n" if clustered else ""
        nodes = 25 if s.draws else s.nodes  # many fits: fewer nodes
        adds = _part("adds likelihood") if clustered else ""
        return "\n\n".join([*head, _part("likelihood", nodes=nodes, name=name, sandwich=lines, adds=adds)])
    how = "ar1" if outcome == "heavy" else "independent"
    lines = f"{_part(f'sandwich pseudo {how}')}\n{_part('sandwich pseudo')}\n" if clustered else ""
    adds = _part("adds pseudo") if clustered else ""
    return "\n\n".join([*head, _part("pseudo ar1" if outcome == "heavy" else "pseudo", sandwich=lines, adds=adds)])


def _draws(outcome: str, s: State, *, fitted: bool) -> list[str]:
    """A list `sets` of completed outcomes; `fitted` says whether the design and the analysis's fit stand above."""
    rule = s.spec.missing.about
    same = fitted and s.likelihood(outcome) and not s.clustered
    known = "known_fit <- fit" if same else _fit(outcome, s, "known_fit")
    sign = "-" if outcome == "heavy" else ""
    drawn = _part(
        "draws",
        m=s.spec.imputations,
        seed=s.spec.seed,
        read=rule.r_record,
        drawn=rule.r_drawn,
        shift_active=f"{sign}log({_inf(s.spec.imor_active)})",
        shift_control=f"{sign}log({_inf(s.spec.imor_control)})",
    )
    return [*([] if fitted else [_design(outcome, s)]), known, drawn]


def _inf(x: float) -> str:
    return "Inf" if x == float("inf") else f"{x:.12g}"


def _model(number: Number, s: State) -> list[str]:
    what, outcome = number.what, number.outcome
    if what == "modelled nnt" or outcome == "modelled":
        outcome = "abstinence"
    blocks = [_design(outcome, s), _fit(outcome, s), *(_draws(outcome, s, fitted=True) if s.draws else [])]
    if what == "fit":
        k = 5 + s.quadratic(outcome) + len(s.columns(outcome))  # sigma counts
        return [*blocks, _part("fit", k=k)]
    if what == "residual":
        return [*blocks, _part("residual drawn" if s.draws else "residual")]
    curve = what in ("difference", "modelled nnt")
    blocks.append("\n".join(_curve(outcome, s)) if curve else _slope(number, outcome, s))
    normal = curve and not s.draws and not s.clustered
    df = "df <- Inf" if normal else _part("clusters df" if s.clustered else "df", y="sets[[1]]" if s.draws else "y")
    each = _part("pool") if s.draws else _part("single")
    return [*blocks, df, each, "\n".join([_part("half", level=s.level), _part(f"answer {what}")])]


def _curve(outcome: str, s: State) -> list[str]:
    columns, x = s.columns(outcome), _x("people", outcome, s)
    if s.spec.estimand is Estimand.POPULATION:
        variance = _part("variance clustered" if s.clustered else "variance")
        return [_part("population", x=x), _part("gap", variance=variance)]
    typical = f"mean({x})" if len(columns) == 1 else f"t(colMeans({x}))"
    return [_part("typical", x=typical if columns else x), _part("gap", variance=_part("variance typical"))]


def _slope(number: Number, outcome: str, s: State) -> str:
    names = ["intercept", "day", *(["day^2"] if s.quadratic(outcome) else []), "arm", "day:arm"]
    names += s.columns(outcome)
    weights = {"day:arm": "1"}
    if number.what == "odds ratio":
        square = "0" if number.day is None else f"2 * {number.day}"
        weights = {"day": "1", "day:arm": str(number.arm), "day^2": square}
    return _part("slope", contrast=f"c({', '.join(weights.get(n, '0') for n in names)})", columns=", ".join(names))


def _share(number: Number, s: State) -> list[str]:
    if not s.draws:
        return [f"answer <- c(share = mean(y[d$active == {number.arm}], na.rm = TRUE))"]
    return [
        *_draws("abstinence", s, fitted=False),
        f"answer <- c(share = mean(sapply(sets, function(y) mean(y[d$active == {number.arm}]))))",
    ]


def _count(number: Number, s: State) -> list[str]:
    which = "throughout" if number.outcome == "observed" else "last day"
    if not s.draws:
        return [f"status <- {_part(which)}", _part("newcombe", level=s.level)]
    return [
        *_draws("abstinence", s, fitted=False),
        _part("pooled newcombe", level=s.level, status=_part(which)),
    ]


def _strip(number: Number) -> list[str]:
    outcome = "!d$heavy" if number.outcome == "no_heavy_day" else "!d$use"
    return [
        f"y <- as.numeric({outcome}); y[d$missing] <- NA",
        f"status <- {_part('last day' if number.outcome == 'last_day' else 'throughout')}",
        _part("strip"),
        _part(number.what),
    ]


def _relapse(about: Definition, s: State) -> list[str]:
    """The functions that a relapse rule needs."""
    if about.rule is None:
        return []
    blocks = []
    for name in dict.fromkeys(one.kind.part for one in about.rule.parts if one.kind.part):
        informed = "!is.na(d$test)" if s.needs_test else "!d$missing | !is.na(d$test)" if s.spec.etg else "!d$missing"
        rule = fill_places(weeks_rule(s).r, good=0, bad=1, what="a week of use")
        positive = "d$test %in% 1" if s.spec.etg else "FALSE"
        blocks.append(_part(name, informed=informed, positive=positive, rule=rule) if name == "weeks" else _part(name))
    return blocks


def weeks_rule(s: State) -> Rule:
    """What weeks without information are: the missing-day rule; one that draws days leaves weeks unknown."""
    rule, certain = s.spec.missing, (s.spec.imor_control, s.spec.imor_active)
    if rule is MissingRule.IMOR:
        for same in MissingRule:  # a rule that sets days as these ratios do
            if same.about.dial is not None and tuple(map(float, same.about.dial)) == certain:
                return same.about
    return MissingRule.MISSING.about if rule.imputed else rule.about


def _event_times(number: Number, s: State) -> list[str]:
    """`time` and `status` of everybody, and `arm`."""
    assert number.dropout is not None, "an endpoint knows how it takes dropout"
    about = definition_under(number.outcome, s.spec)
    return [*_relapse(about, s), _part("times", event_day=about.r, rule=number.dropout.about.r)]


def _times(number: Number, s: State) -> list[str]:
    assert number.dropout is not None, "an endpoint knows how it takes dropout"
    competes, what = number.dropout.about.competes, number.what
    blocks = _event_times(number, s)
    if what in SUBGROUP:
        inside = [] if what == "subgroup test" else [_part("subgroup", level=r_string(number.level))]
        return [*blocks, *inside, _part(what, confidence=s.level)]
    if what not in ("logrank", "cox", "zph"):
        blocks.append(_part("states") if competes else _part("curves", level=s.level))
    name = f"{what} competing" if competes and what not in ("cox", "zph") else what
    within = WITHIN_STRATA if s.stratified else ""
    if competes and what == "logrank":
        within = ", people$stratum" if s.stratified else ""
    blocks.append(_part(name, level=s.level, tau=s.tau, arm=number.arm, strata=within))
    if what == "rmst":
        blocks.append(_part("normal", level=s.level, p=", p = 2 * pnorm(-abs(gap / se))"))
    if what == "incidence":
        blocks.append(_part("square and add", level=s.level))
    return blocks
