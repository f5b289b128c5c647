"""Results → sentences: answers, what they rest on, and text alternatives of the pictures.

Numbers are rounded as journals round them; full precision is in the tables and the JSON.
"""

from __future__ import annotations

from ketadash.results import (
    BinaryOutcome,
    Counts,
    CurvePoint,
    Estimate,
    ModelFit,
    Nnt,
    NntResult,
    OddsRatioPerDay,
    Sensitivity,
    TimeToEvent,
)
from ketadash.spec import AnalysisSpec, DropoutRule, Estimand, Estimator, MissingRule, Trend

NBSP = "\u00a0"  # keeps "p .04" on one line
ENDPOINT = {
    "relapse": "relapsed",
    "first_use": "used",
    "first_heavy_day": "had a heavy drinking day",
}


def percent(fraction: float | None, digits: int = 0) -> str:
    """``0.784`` → ``"78%"``; a dash for None."""
    return "–" if fraction is None else f"{_plain(100 * fraction, digits)}%"


def points(difference: float, digits: int = 0) -> str:
    """A difference of two fractions in percentage points, without its sign: ``-0.26`` → ``"26"``."""
    return _plain(abs(100 * difference), digits)


def number(x: float | None, digits: int = 2) -> str:
    """``1.1931`` → ``"1.19"``; a dash for None."""
    return "–" if x is None else _plain(x, digits)


def _plain(x: float, digits: int) -> str:
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
        return f"p <{NBSP}.001"
    if p > 0.995:
        return f"p >{NBSP}.99"
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
    sure = "excludes no difference" if gap.ci_low > 0 or gap.ci_high < 0 else "includes no difference"
    return (
        f"{points(gap.probability)} percentage points {'higher' if up else 'lower'} with {active} than with {control} "
        f"({level(confidence)} {interval(100 * gap.ci_low, 100 * gap.ci_high, 0)} points, which {sure})"
    )


def heavy(result: BinaryOutcome) -> str:
    """How the odds of a heavy drinking day moved with each day, arm by arm."""
    ratios = [_trend(r, result.confidence) for r in result.odds_ratio_per_day]
    if not ratios:
        return "The model of heavy drinking days has no finite answer here: see why below."
    sentence = ". ".join(ratios) + "."
    test = result.model.test("day:arm")
    if test is None or test.f is None:
        return sentence
    return (
        f"{sentence} The arms' trends differ by F({test.df_num}, {test.df_den}) = {number(test.f)}, {p_value(test.p)}."
    )


def _trend(r: OddsRatioPerDay, confidence: float) -> str:
    """How the odds moved with each day in one arm, the change named only where the interval excludes none."""
    moved = "grew" if r.estimate > 1 else "fell"
    clear = r.ci_low > 1 or r.ci_high < 1
    digits = ratio_digits(r.ci_low, r.ci_high)
    ends = f"{level(confidence)} {interval(r.ci_low, r.ci_high, digits)}"
    ratio = f"(odds ratio {number(r.estimate, digits)}, {ends}, {p_value(r.p)})"
    if clear:
        change = percent(abs(r.estimate - 1), digits - 2)
        return f"With {r.arm} the odds of a heavy drinking day {moved} by {change} with each day {ratio}"
    return f"With {r.arm} the odds showed no clear change {ratio}"


def time_to_event(result: TimeToEvent) -> str:
    """How many had the event, the log-rank test and the restricted mean difference."""
    control, active = result.arms
    what = ENDPOINT[result.endpoint]
    opening = (
        f"By day {result.window[1]}, {active.events} of {active.n} {active.arm} and {control.events} of {control.n} "
        f"{control.arm} participants had {what}"
    )
    if result.logrank.chi2 is None:
        return f"{opening}; there are too few events to compare the curves."
    test = f"log-rank χ² {number(result.logrank.chi2, 1)}, {p_value(result.logrank.p)}"
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


def sensitivity(result: Sensitivity) -> str:
    """How many specifications agree in direction and in excluding no difference, and their range."""
    control, active = result.arms
    done = [r.difference for r in result.rows if r.difference.estimate is not None]
    failed = len(result.rows) - len(done)
    if not done:
        return "No specification could be estimated: see why on the Sensitivity page."
    estimates = [d.estimate for d in done if d.estimate is not None]
    up = sum(e > 0 for e in estimates)
    agree, direction = (up, "higher") if 2 * up >= len(done) else (sum(e < 0 for e in estimates), "lower")
    clear = sum(_excludes_zero(d) for d in done)
    lost = f" {failed} could not be estimated." if failed else ""
    return (
        f"In {agree} of {len(done)} specifications abstinence on day {result.last_day} is {direction} with {active} "
        f"than with {control}, and in {clear} the {level(result.confidence)} excludes no difference. The difference "
        f"runs from {_plain(100 * min(estimates), 0)} to {_plain(100 * max(estimates), 0)} percentage points.{lost} "
        "These are the same data looked at in several ways: agreement is not new evidence."
    )


def sensitivity_doubts(result: Sensitivity) -> tuple[str, ...]:
    """Each message of the fits once, with how many specifications it concerns."""
    said: dict[str, int] = {}
    for row in result.rows:
        for message in row.messages:
            said[message] = said.get(message, 0) + 1
    return tuple(f"{m} ({n} of {len(result.rows)} specifications)" for m, n in said.items())


def _excludes_zero(e: Estimate) -> bool:
    return e.ci_low is not None and e.ci_high is not None and (e.ci_low > 0 or e.ci_high < 0)


def missing_matters(result: Sensitivity, spec: AnalysisSpec) -> str:
    """Whether the conclusion holds when the missing-day rule alone is changed."""
    rows = {
        r.changes.get("missing", MissingRule.NONABSTINENT): r
        for r in result.rows
        if r.changes.get("trend", Trend.QUADRATIC) == spec.trend
        and ("unadjusted" not in r.label.split(" · ")) == spec.adjust  # without a baseline, no change says so
        and r.changes.get("estimator", Estimator.QUADRATURE) == spec.estimator
    }
    both = [rows[rule].difference for rule in MissingRule if rule in rows]
    if len(both) < 2 or any(d.estimate is None for d in both):
        return "Whether the conclusion holds under the other missing-day rule cannot be said: a model has no answer."
    filled, left_out = (f"{_plain(100 * d.estimate, 0)} points" for d in both if d.estimate is not None)
    same = _excludes_zero(both[0]) == _excludes_zero(both[1]) and (both[0].estimate or 0) * (both[1].estimate or 0) > 0
    verdict = "the conclusion is the same either way" if same else "the conclusion depends on this choice"
    return (
        f"With missing days as drinking the difference on day {result.last_day} is {filled}, with them left out "
        f"{left_out}: {verdict}."
    )


# --- what a number rests on ------------------------------------------------------------------------------------------


ASSUMES = {
    MissingRule.NONABSTINENT: "A day without a report counts as a drinking day: the least favourable reading of it",
    MissingRule.MISSING: "A day without a report is left out: right if unreported days were like reported ones, "
    "given the rest of the person's record",
}
ASSUMES_HEAVY = {
    MissingRule.NONABSTINENT: "A day without a report counts as a heavy drinking day: the least favourable reading",
    MissingRule.MISSING: ASSUMES[MissingRule.MISSING],
}


def rests_on(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Assumption, n used, n filled in, and the model, in one line."""
    assumed = (ASSUMES_HEAVY if result.outcome == "heavy" else ASSUMES)[spec.missing]
    return f"{assumed}. {used(result.counts, spec)} {model(result.model, result.estimand)}"


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
    filled = f"{c.n_filled:,} of them filled in" if spec.missing is MissingRule.NONABSTINENT else "none filled in"
    left = "" if spec.missing is MissingRule.NONABSTINENT else f", {c.n_missing:,} missing left out"
    return f"{c.n_participants} participants, {c.n_rows:,} days used, {filled}{left}."


def model(m: ModelFit, estimand: str) -> str:
    """The model behind a curve in one sentence."""
    if not m.usable:
        return f"The model ({m.method}) has no finite answer, so no curve is drawn."
    trend = "quadratic" if any(c.term == "day^2" for c in m.coefficients) else "linear"
    covariate = next((c.term for c in m.coefficients if c.term.startswith("baseline")), None)
    adjusted = f"adjusted for {covariate.replace('_', ' ')}" if covariate else "unadjusted"
    how = {
        "ML": f"maximum likelihood with {m.n_quadrature} quadrature points",
        "Penalised ML": f"penalised likelihood with {m.n_quadrature} quadrature points",
        "RSPL": "restricted pseudo-likelihood (RSPL)",
    }[m.method]
    residual = " with AR(1) days" if m.rho is not None else ""
    whose = (
        "population-averaged curve"
        if estimand == Estimand.POPULATION
        else "curve of a typical participant (random effect 0), which does not estimate the observed proportions"
    )
    return f"Logistic mixed model{residual}, {trend} in time, {adjusted}, by {how}; {whose}."


def survival_rests_on(result: TimeToEvent, spec: AnalysisSpec) -> str:
    """Definition, what dropout counts as, n."""
    n = sum(a.n for a in result.arms)
    censored = "event" if spec.dropout is DropoutRule.EVENT and result.endpoint == "relapse" else "censoring"
    dropouts = f", {result.counts.n_filled} of the events are dropouts" if result.counts.n_filled else ""
    return (
        f"Counted: {result.definition}. Dropout is {'an ' if censored == 'event' else ''}{censored} here{dropouts}. "
        f"{n} participants; bands are {level(result.confidence)} by {result.ci_type}. The missing-day rule, the time "
        "trend and the baseline adjustment at the left do not enter a survival curve."
    )


def status(differences: tuple[str, ...]) -> str:
    """The quiet line at the top of every page."""
    return "Published analysis" if not differences else "Exploratory: " + "; ".join(differences)


def heavy_threshold(spec: AnalysisSpec) -> str:
    """What a heavy drinking day is here."""
    return (
        f"A heavy drinking day is more than {spec.heavy_men:g} drinks for men and more than {spec.heavy_women:g} for "
        "women; for someone whose sex is not given, the men's threshold holds."
    )


def no_heavy(spec: AnalysisSpec) -> str:
    """Why there are no heavy days to show."""
    return (
        f"This trial's amounts ('{spec.amount}') are only 0 and 1: they tell use from no use, but not a heavy day. "
        "Choose a column of amounts under More choices, or look at first use instead."
    )


def sensitivity_rests_on(result: Sensitivity) -> str:
    """What the rows of the forest plot are."""
    diamond = "The diamond is the published specification. " if any(r.published for r in result.rows) else ""
    return (
        f"Each row fits the abstinence model once more. Left: difference in population-averaged abstinence on day "
        f"{result.last_day}, {result.arms[1]} minus {result.arms[0]}, in percentage points. Right: ratio of the arms' "
        f"odds ratios per day (arm × day). {diamond}Missing = missing keeps the estimand's question with another "
        "assumption (sensitivity); unadjusted and RSPL ask it by another model (supplementary)."
    )
