"""Results → sentences: answers, what they rest on, and text alternatives of the pictures.

Numbers are rounded as journals round them; full precision is in the tables and the JSON.
"""

from __future__ import annotations

from ketadash.results import (
    BinaryOutcome,
    Counts,
    CurvePoint,
    ModelFit,
    Nnt,
    NntResult,
    OddsRatioPerDay,
    TimeToEvent,
)
from ketadash.spec import AnalysisSpec, DropoutRule, Estimand, MissingRule
from ketadash.terms import DRINKS, Terms

NBSP = "\u00a0"  # keeps "p .04" on one line
ENDPOINT = {
    "relapse": "relapsed",
    "first_use": "used",
    "first_heavy_day": "had a {heavy}",
}


def percent(fraction: float | None, digits: int = 0) -> str:
    """``0.784`` → ``"78%"``; a dash for None."""
    return "–" if fraction is None else f"{plain_number(100 * fraction, digits)}%"


def points(difference: float, digits: int = 0) -> str:
    """A difference of two fractions in percentage points, without its sign: ``-0.26`` → ``"26"``."""
    return plain_number(abs(100 * difference), digits)


def number(x: float | None, digits: int = 2) -> str:
    """``1.1931`` → ``"1.19"``; a dash for None."""
    return "–" if x is None else plain_number(x, digits)


def plain_number(x: float, digits: int) -> str:
    """A number with a true minus sign, and none before a zero."""
    text = f"{x:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def p_cell(p: float | None) -> str:
    """`p_value` for a column headed p: ``.04``, ``< .001``, a dash for None."""
    return "–" if p is None else p_value(p).removeprefix("p").strip()


def p_value(p: float | None) -> str:
    """``p .04``, ``p .007``, ``p < .001``: two digits, three where it matters; ``p not estimable`` for None."""
    if p is None:
        return "p not estimable"
    if p < 0.001:
        return f"p{NBSP}<{NBSP}.001"
    if p > 0.995:
        return f"p{NBSP}>{NBSP}.99"
    digits = 3 if p < 0.01 or 0.045 <= p < 0.055 else 2
    return f"p {p:.{digits}f}".replace("0.", ".", 1).replace(" ", NBSP)


def level(confidence: float) -> str:
    return f"{100 * confidence:g}% CI"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """``1.14–1.25``; "to" where an end is negative, a word where there is none."""
    if low is None or high is None:
        return "not estimable"
    joint = " to " if low < 0 or high < 0 else "–"
    return f"{number(low, digits)}{joint}{number(high, digits)}"


def point_ends(low: float, high: float) -> str:
    """The ends of a difference in percentage points: whole, unless an end beside no difference would round to it."""
    nearest = 100 * min(abs(low), abs(high)) if low > 0 or high < 0 else 1.0
    return interval(100 * low, 100 * high, next((digits for digits in (0, 1) if round(nearest, digits)), 2))


def ratio_digits(low: float, high: float) -> int:
    """Decimals that show a ratio's interval: two, and more where it is narrow, as over many days."""
    return 2 if high - low > 0.05 else 3 if high - low > 0.005 else 4


# --- answers ---------------------------------------------------------------------------------------------------------


def abstinence(result: BinaryOutcome) -> str:
    """Who was abstinent on more days, by how much on the last day, and how sure."""
    control, active = result.arms
    shares = result.percent_days
    first, last = result.window
    there, here = percent(shares[active]), percent(shares[control])
    if first < last:
        opening = (
            f"Over days {first}–{last}, {active} participants were abstinent on {there} of days against {here} with "
            f"{control}"
        )
    else:
        opening = f"On day {first}, {there} of {active} participants were abstinent against {here} with {control}"
    if not result.difference:
        return f"{opening}. The model has no finite answer here: see why below."
    return f"{opening}. {last_day(result)}"


def last_day(result: BinaryOutcome) -> str:
    """The modelled difference on the last day, with its interval and what the interval says."""
    gap = result.difference[-1]
    return f"On day {gap.day} the model puts abstinence {_gap(gap, result.arms, result.confidence)}."


def _gap(gap: CurvePoint, arms: tuple[str, str], confidence: float) -> str:
    control, active = arms
    up = gap.probability >= 0
    clear, size = gap.ci_low > 0 or gap.ci_high < 0, points(gap.probability)
    sure = "excludes no difference" if clear else "includes no difference"
    many = "percentage point" if size == "1" else "percentage points"
    apart = f"{size} {many} {'higher' if up else 'lower'} with {active} than with {control}"
    return (
        f"{apart if clear or size != '0' else f'as high with {active} as with {control}'} "
        f"({level(confidence)} {point_ends(gap.ci_low, gap.ci_high)} points, which {sure})"
    )


def heavy(result: BinaryOutcome) -> str:
    """How the odds of a heavy drinking day moved with each day, arm by arm."""
    day = result.terms.heavy_day
    ratios = [_trend(r, result.confidence, day) for r in result.odds_ratio_per_day]
    if not ratios:
        return f"The model of {day}s has no finite answer here: see why below."
    sentence = ". ".join(ratios) + "."
    test = result.model.test("day:arm")
    if test is None or test.f is None:
        return sentence
    return (
        f"{sentence} The arms' trends differ by F({test.df_num}, {test.df_den}) = {number(test.f)}, {p_value(test.p)}."
    )


def _trend(r: OddsRatioPerDay, confidence: float, day: str) -> str:
    """How the odds moved with each day in one arm, the change named only where the interval excludes none."""
    moved = "grew" if r.estimate > 1 else "fell"
    clear = r.ci_low > 1 or r.ci_high < 1
    digits = ratio_digits(r.ci_low, r.ci_high)
    ends = f"{level(confidence)} {interval(r.ci_low, r.ci_high, digits)}"
    ratio = f"(odds ratio {number(r.estimate, digits)}, {ends}, {p_value(r.p)})"
    if clear:
        change = percent(abs(r.estimate - 1), digits - 2)
        return f"With {r.arm} the odds of a {day} {moved} by {change} with each day {ratio}"
    return f"With {r.arm} the odds showed no clear change {ratio}"


def time_to_event(result: TimeToEvent) -> str:
    """How many had the event, the log-rank test and the restricted mean difference."""
    control, active = result.arms
    what = happened(result)
    opening = (
        f"By day {result.window[1]}, {events(active.events)} of {active.n} {active.arm} and "
        f"{events(control.events)} of {control.n} {control.arm} participants had {what}"
    )
    if result.logrank.chi2 is None:
        return f"{opening}; there are too few events to compare the curves."
    test = f"{result.test} χ² {number(result.logrank.chi2, 1)}, {p_value(result.logrank.p)}"
    mean = result.rmst.difference
    if mean.estimate is None:
        return f"{opening} ({test})."
    much = number(abs(mean.estimate), 1)
    days = "as many days" if much == "0.0" else f"{much} {'more' if mean.estimate > 0 else 'fewer'} days"
    ends = (
        "without an interval: too few events"
        if mean.ci_low is None
        else f"{level(result.confidence)} {interval(mean.ci_low, mean.ci_high, 1)} days"
    )
    return (
        f"{opening} ({test}). Up to day {result.rmst.tau}, {active.arm} participants spent {days} free of it on "
        f"average ({ends})."
    )


def happened(result: TimeToEvent) -> str:
    """What those with the event had done: ``relapsed``."""
    return ENDPOINT.get(result.endpoint, "had the event").format(heavy=result.terms.heavy_day)


def events(count: float) -> str:
    """A count, or its mean over imputations."""
    return f"{count:.0f}" if float(count).is_integer() else f"{count:.1f}"


def nnt(result: NntResult) -> str:
    """The number needed to treat, observed over all days and modelled on the last."""
    seen, fitted = (n.definition.split(";")[0] for n in (result.observed, result.modelled))
    return (
        f"Observed, {seen}: {_nnt(result.observed, result.arms)}. "
        f"Modelled, {fitted}: {_nnt(result.modelled, result.arms)}."
    )


NNT_MEANS = (
    "NNTB is the number to treat with the active treatment for one more to benefit, NNTH for one more to be harmed; "
    "an interval that includes no difference runs through infinity (∞)."
)


def _nnt(n: Nnt, arms: tuple[str, str]) -> str:
    if n.risk_difference is None or n.risk_active is None or n.risk_control is None:
        return n.text
    return f"{percent(n.risk_active)} with {arms[1]} against {percent(n.risk_control)} with {arms[0]}: {n.text}"


def nnt_short(n: Nnt) -> str:
    """A whole number for a card: ``6``, rounded up as is the custom; ``harm 6`` for harm."""
    if n.nnt is None:
        return "–"
    up = -int(-abs(n.nnt) // 1) if abs(abs(n.nnt) - round(abs(n.nnt))) > 1e-9 else round(abs(n.nnt))
    return f"{up}" if n.nnt > 0 else f"harm {up}"


# --- what a number rests on ------------------------------------------------------------------------------------------


# What each rule takes a day without a report to be, and when that is right.
ASSUMES = {
    MissingRule.NONABSTINENT: "A day without a report counts as a {} day: the least favourable reading of it",
    MissingRule.MISSING: "A day without a report is left out: right if unreported days were like reported ones, "
    "given the rest of the person's record",
    MissingRule.LOCF: "A day without a report repeats the last reported one ({} where there is none before): right "
    "only if people never changed after they stopped reporting",
    MissingRule.BEST: "A bound, believed by nobody: unreported days count against the control arm and for the active "
    "arm",
    MissingRule.WORST: "A bound, believed by nobody: unreported days count against the active arm and for the control "
    "arm",
    MissingRule.IMOR: "A day without a report is drawn from the model of the reported days, its odds of {} multiplied "
    "by {} in the control arm and {} in the active arm (1: unreported days were like reported ones, given the rest of "
    "the person's record)",
    MissingRule.JUMP_TO_REFERENCE: "Whoever left the active arm is taken to do as the control arm does from that day "
    "on; other unreported days are like reported ones",
    MissingRule.COPY_REFERENCE: "Whoever left the active arm is taken to have been like the control arm all along; "
    "other unreported days are like reported ones",
}


def assumes(spec: AnalysisSpec, heavy: bool = False, terms: Terms = DRINKS) -> str:
    """The missing-day rule as a sentence without its full stop."""
    bad, good = (terms.heavy_use, f"no {terms.heavy_use}") if heavy else (terms.use, "abstinence")
    said = ASSUMES[spec.missing]
    if spec.missing is MissingRule.IMOR:
        return said.format(good, imor(spec.imor_control), imor(spec.imor_active))
    return said.format(bad)


def imor(x: float) -> str:
    """An informative-missingness odds ratio as the dial has it: ``0.33``, ``∞``."""
    return "∞" if x == float("inf") else f"{x:g}"


def rests_on(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Assumption, n used, n filled in, and the model, in one line."""
    assumed = assumes(spec, heavy=result.outcome == "heavy", terms=result.terms)
    return f"{assumed}. {used(result.counts, spec)} {model(result.model, result.estimand, result.terms)}"


def doubts(result: BinaryOutcome) -> tuple[str, ...]:
    """What the fit and the data say against the result; a window of one day has its own plain reason."""
    first, last = result.window
    if first == last:
        return ("The window is a single day, and a model over days needs two or more: choose a longer window.",)
    return (*result.model.convergence.messages, *result.warnings)


def used(c: Counts, spec: AnalysisSpec) -> str:
    """``40 participants, 840 days used, 63 of them filled in.``"""
    if not c.n_missing:
        return f"{c.n_participants} participants, {c.n_rows:,} days used, none missing."
    how = f"imputed {spec.imputations} times" if spec.missing.imputed else "filled in"
    filled = f"{c.n_filled:,} of them {how}" if c.n_filled else "none filled in"
    left = "" if spec.missing.fills else f", {c.n_missing:,} missing left out"
    return f"{c.n_participants} participants, {c.n_rows:,} days used, {filled}{left}."


def model(m: ModelFit, estimand: str, terms: Terms = DRINKS) -> str:
    """The model behind a curve in one sentence."""
    if not m.usable:
        return f"The model ({m.method}) has no finite answer, so no curve is drawn."
    trend = "quadratic" if any(c.term == "day^2" for c in m.coefficients) else "linear"
    covariate = next((c.term for c in m.coefficients if c.term.startswith("baseline")), None)
    adjusted = f"adjusted for {terms.covariate(covariate).replace('_', ' ')}" if covariate else "unadjusted"
    how = {
        "ML": f"maximum likelihood with {m.n_quadrature} quadrature points",
        "Penalised ML": f"penalised likelihood with {m.n_quadrature} quadrature points",
        "RSPL": "restricted pseudo-likelihood (RSPL)",
    }[m.method]
    if m.n_imputations is not None:
        how += f", pooled over {m.n_imputations - m.n_failed} imputations by Rubin's rules"
    residual = " with AR(1) days" if m.rho is not None else ""
    whose = (
        "population-averaged curve"
        if estimand == Estimand.POPULATION
        else "curve of a typical participant (random effect 0), which does not estimate the observed proportions"
    )
    return f"Logistic mixed model{residual}, {trend} in time, {adjusted}, by {how}; {whose}."


def method(m: ModelFit) -> str:
    """How a model was fitted, as tables and the JSON head it."""
    return m.method if m.n_imputations is None else f"{m.method}, {m.n_imputations - m.n_failed} imputations pooled"


DROPOUT = {
    DropoutRule.EVENT: "Dropout counts as an event here",
    DropoutRule.CENSORED: "Dropout is censored here: right if whoever left was as likely to relapse as whoever stayed",
    DropoutRule.COMPETING: "Dropout is a competing event here: whoever left is out of reach and counts as not relapsed",
    DropoutRule.IMPUTED: "Days after dropout are imputed here",
}


def survival_rests_on(result: TimeToEvent, spec: AnalysisSpec) -> str:
    """Definition, what dropout counts as, n."""
    n, rule = sum(a.n for a in result.arms), DropoutRule(result.dropout)
    dropouts = f", {result.counts.n_filled} of the events are dropouts" if result.counts.n_filled else ""
    entering = (
        f"{assumes(spec, heavy=result.endpoint != 'first_use', terms=result.terms)}."
        if rule is DropoutRule.IMPUTED
        else "The missing-day rule, the time trend and the baseline adjustment do not enter this curve."
    )
    return (
        f"Counted: {result.definition}. {DROPOUT[rule]}{dropouts}. {n} participants; curve: {result.method}; bands are "
        f"{level(result.confidence)} by {result.ci_type}. {entering}"
    )


CALLED = {
    "published": ("Published analysis", "the published analysis"),
    "pre-specified": ("Pre-specified analysis", "the pre-specified analysis"),
    None: ("Default analysis (this trial declares none)", "the default analysis"),
}


def status(differences: tuple[str, ...], called: str | None) -> str:
    """The quiet line at the top of every page."""
    return CALLED[called][0] if not differences else "Exploratory: differs in " + "; ".join(differences)


def analysis(called: str | None) -> str:
    """What the trial's declared analysis is called inside a sentence."""
    return CALLED[called][1]


OWN = " No convention says so: the thresholds are settings, under More choices."


def heavy_question(terms: Terms) -> str:
    """What the page on heavy days asks."""
    return f"Did the chance of a {terms.heavy_day} grow?"


def heavy_threshold(spec: AnalysisSpec, terms: Terms) -> str:
    """What a heavy day is here."""
    return (
        f"A {terms.heavy_day} is more than {spec.heavy_men:g} {terms.many} for men and more than {spec.heavy_women:g} "
        f"for women; for someone whose sex is not given, the men's threshold holds.{'' if terms.alcohol else OWN}"
    )


def no_heavy(spec: AnalysisSpec) -> str:
    """Why there are no heavy days to show."""
    return (
        f"This trial's amounts ('{spec.amount}') are only 0 and 1: they tell use from no use, but not a heavy day. "
        "Choose a column of amounts under More choices, or look at first use instead."
    )
