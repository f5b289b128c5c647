"""Results → sentences: answers, what they rest on, and text alternatives of the pictures.

Numbers are rounded as journals round them; full precision is in the tables and the JSON.
"""

from __future__ import annotations

from ketadash.core.findings import enumerated
from ketadash.core.numbers import (
    level,
    percent,
    point_digits,
    point_ends,
    points,
    reads_as_none,
    signed_points,
    with_points,
)
from ketadash.core.spec import AnalysisSpec, Estimand
from ketadash.core.terms import DRINKS, Terms
from ketadash.questions.shared import believable
from ketadash.results import BinaryOutcome, Counts, CurvePoint, ModelFit
from ketadash.results.safety import Measure

EXPLORATORY = "Exploratory: differs in "


def last_day(result: BinaryOutcome, chosen: int | None = None) -> str:
    """The modelled difference on the last day, with its interval and what the interval says.

    Where the reader has `chosen` another day, that one's, and after it that the analysis is about the last.
    """
    if believable.gives_no_verdict(result):
        return f"{believable.NO_VERDICT}."
    last = result.difference[-1]
    gap = next((p for p in result.difference if p.day == chosen), last)
    sentence = f"On day {gap.day} the model puts {_modelled(result)} {_gap(gap, result.arms, interval_of(result))}."
    if gap.day == last.day:
        return sentence
    size = f"{with_points(signed_points(last.probability, last.ci_low, last.ci_high))}, {interval_of(result)}"
    return (
        f"{sentence} Day {gap.day} was chosen by the reader; the analysis is about day {last.day} ({size} "
        f"{point_ends(last.ci_low, last.ci_high)})."
    )


DIAMOND = "The diamond is the main analysis."  # declared, or the default where a trial declares none
TYPICAL = "a typical participant's"


def _modelled(result: BinaryOutcome) -> str:
    """What a difference is one of."""
    typical = result.estimand == Estimand.TYPICAL
    if result.outcome == "abstinence":
        return "a typical participant's chance of abstinence" if typical else "abstinence"
    whose = TYPICAL if typical else "the"
    return f"{whose} chance of a {result.terms.heavy_day}"


def interval_of(result: BinaryOutcome | Measure) -> str:
    """What the model's intervals are called: ``95% CI``, ``robust 95% CI``."""
    return f"{'' if result.model.clusters is None else 'robust '}{level(result.confidence)}"


def _gap(gap: CurvePoint, arms: tuple[str, str], kind: str) -> str:
    low, high = gap.ci_low, gap.ci_high
    return f"{points_apart(gap.probability, arms, low, high)} ({ends_and_zero(low, high, kind)})"


def interval_and_zero(low: float, high: float, confidence: float) -> str:
    """``95% CI 9–51 points, which does not include zero``."""
    return ends_and_zero(low, high, level(confidence))


def ends_and_zero(low: float, high: float, kind: str) -> str:
    """The same for an interval of a `kind`: ``robust 95% CI``."""
    return f"{kind} {point_ends(low, high)} points, which {what_an_interval_says(low, high)}"


EVERY_DIFFERENCE = "is every difference there can be, so it says nothing"
WHOLE_RANGE = 0.995  # from here on both ends read as 100 points


def what_an_interval_says(low: float, high: float) -> str:
    """What an interval of a difference in shares does with zero; one from end to end says nothing at all."""
    if low <= -WHOLE_RANGE and high >= WHOLE_RANGE:
        return EVERY_DIFFERENCE
    return verb_and_zero(low > 0 or high < 0)


def verb_and_zero(clear: bool) -> str:
    """What an interval does with zero; `clear`: all of it lies on one side."""
    return "does not include zero" if clear else "includes zero"


def points_apart(difference: float, arms: tuple[str, str], low: float | None = None, high: float | None = None) -> str:
    """``26 percentage points higher with ketamine than with midazolam``; what an interval shows apart is said so."""
    control, active = arms
    size = points(difference, point_digits(difference, low, high))
    if reads_as_none(size) and (low is None or high is None or low <= 0 <= high):
        return f"as high with {active} as with {control}"
    way = "higher" if difference >= 0 else "lower"
    return f"{with_points(size, 'percentage ')} {way} with {active} than with {control}"


# --- what a number rests on ------------------------------------------------------------------------------------------


def assumes(spec: AnalysisSpec, heavy: bool = False, terms: Terms = DRINKS) -> str:
    """The missing-day rule as a sentence without its full stop."""
    bad, good = (terms.heavy_use, f"no {terms.heavy_use}") if heavy else (terms.use, "abstinence")
    return spec.missing.about.assumes.format(
        bad=bad, good=good, imor_control=imor(spec.imor_control), imor_active=imor(spec.imor_active)
    )


def imor(x: float) -> str:
    """An informative-missingness odds ratio as the dial has it: ``0.33``, ``∞``."""
    return "∞" if x == float("inf") else f"{x:g}"


def rests_on(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Assumption, n used, n filled in, and the model, in one line."""
    none = not result.counts.n_missing
    assumed = "" if none else f"{assumes(spec, heavy=result.outcome == 'heavy', terms=result.terms)}."
    fitted = model(result.model, result.estimand, result.terms)
    return f"{assumed}{favours(result, spec)} {used(result.counts, spec)} {fitted}".lstrip()


ABOUT_EQUAL = 0.02  # two shares of an arm's days that differ by less are about equal: a model may see it otherwise


def favours(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Whom a rule that takes missing days for failures favours in these data, as a sentence after a space."""
    c = result.counts
    if not spec.missing.about.penalises or c.missing_by_arm is None or c.days_by_arm is None or not c.n_missing:
        return ""
    bad = result.terms.heavy_use if result.outcome == "heavy" else result.terms.use
    control, active = result.arms
    for missing, this, other in zip(c.missing_by_arm, (control, active), (active, control), strict=True):
        if missing == c.n_missing:
            return f" Here all missing days are in the {this} arm, so counting them as {bad} favours {other}."
    shares = [m / n for m, n in zip(c.missing_by_arm, c.days_by_arm, strict=True)]
    in_control, in_active = (percent(share, 1) for share in shares)
    by_control, by_active = _lost(result, control, shares[0]), _lost(result, active, shares[1])
    if by_control is None or by_active is None:  # an arm without a reported day
        return f" Here {in_control} of the {control} arm's days are missing and {in_active} of the {active} arm's."
    favoured = active if by_control > by_active else control
    if abs(by_active - by_control) < ABOUT_EQUAL:
        favoured = "neither arm by much"
    digits = 0 if points(by_control) != points(by_active) else 1
    with_control, with_active = (with_points(points(share, digits)) for share in (by_control, by_active))
    does = (
        f"raises the share of {result.terms.heavy_day}s"
        if result.outcome == "heavy"
        else "lowers the share of days abstinent"
    )
    # whom it favours comes first and is short: a page folds what follows
    return (
        f" Here counting missing days as {bad} favours {favoured}. It {does} by {with_control} with {control} "
        f"({in_control} of its days missing) and by {with_active} with {active} ({in_active}), if each arm's missing "
        "days were like its reported ones."
    )


def _lost(result: BinaryOutcome, arm: str, missing: float) -> float | None:
    """By what share of its days an arm fares worse than if its missing days were like its reported ones."""
    counted = result.percent_days[arm]
    if counted is None or missing >= 1:
        return None
    if result.outcome == "heavy":  # every missing day is among those counted
        return missing * (1 - (counted - missing) / (1 - missing))
    return missing * counted / (1 - missing)


def doubts(result: BinaryOutcome) -> tuple[str, ...]:
    """What the fit and the data say against the result; a window of one day has its own plain reason."""
    first, last = result.window
    if first == last:
        return ("The window is a single day, and a model over days needs two or more: choose a longer window.",)
    return (*result.model.convergence.messages, *result.warnings)


def used(c: Counts, spec: AnalysisSpec) -> str:
    """``40 participants, 840 days used, 63 of them filled in.``"""
    who = f"{c.n_participants:,} participants"
    if c.n_without:
        who = (
            f"{c.n_participants:,} of {c.n_participants + c.n_without:,} participants ({c.n_without:,} reported no day)"
        )
    if not c.n_missing:
        return f"{who}, {c.n_rows:,} days used, none missing."
    how = f"imputed {spec.imputations} times" if spec.missing.imputed else "filled in"
    filled = f"{c.n_filled:,} of them {how}" if c.n_filled else "none filled in"
    left = "" if spec.missing.fills else f", {c.n_missing:,} missing left out"
    return f"{who}, {c.n_rows:,} days used, {filled}{left}."


def model(m: ModelFit, estimand: str, terms: Terms = DRINKS) -> str:
    """The model behind a curve in one sentence."""
    if not m.usable:
        return f"The model ({m.method}) has no finite answer, so no curve is drawn."
    trend = "quadratic" if any(c.term == "day^2" for c in m.coefficients) else "linear"
    how = {
        "ML": f"maximum likelihood with {m.n_quadrature} quadrature points",
        "Penalised ML": f"penalised likelihood with {m.n_quadrature} quadrature points",
        "ML, random slopes": (
            f"maximum likelihood with random slopes of day ({m.n_quadrature} quadrature points a dimension)"
        ),
        "RSPL": "restricted pseudo-likelihood (RSPL)",
    }[m.method]
    if m.n_imputations is not None:
        how += f", pooled over {m.n_imputations - m.n_failed} imputations by Rubin's rules"
    residual = " with AR(1) days" if m.rho is not None else ""
    # covariates must be averaged over, or held fixed: without any there is nothing to say
    others = ", whose interval allows for other people in the trial" if covariates(m) else ""
    held = ", with an interval for just these baseline values" if covariates(m) else ""
    whose = (
        f"population-averaged curve{others}"
        if estimand == Estimand.POPULATION
        else f"curve of a typical participant (random effect 0), which does not estimate the observed proportions{held}"
    )
    return f"Logistic mixed model{residual}, {trend} in time, {adjusted(m, terms)}, by {how}; {whose}.{clustered(m)}"


def adjusted(m: ModelFit, terms: Terms = DRINKS) -> str:
    """``adjusted for baseline drinks``, as the model really is."""
    columns = terms.covariates(covariates(m))
    return f"adjusted for {enumerated(columns)}" if columns else "unadjusted"


def covariates(m: ModelFit) -> list[str]:
    """The terms of a model behind those of day and arm."""
    terms = [c.term for c in m.coefficients]
    return terms[terms.index("day:arm") + 1 :] if "day:arm" in terms else []


def clustered(m: ModelFit) -> str:
    """What robust errors are, as a sentence after a space; empty for the model's own."""
    if m.clusters is None:
        return ""
    return (
        f" Standard errors are robust: clustered by {m.clusters:,} participants "
        f"({CORRECTIONS.get(m.correction or '')}), with t on {m.df} degrees of freedom."
    )


def method(m: ModelFit) -> str:
    """How a model was fitted, as tables and the JSON head it."""
    return m.method if m.n_imputations is None else f"{m.method}, {m.n_imputations - m.n_failed} imputations pooled"


CORRECTIONS = {"Mancl-DeRouen": "Mancl–DeRouen correction"}  # the one that `stats.robust` chose

ANALYSIS_NAMES = {
    "published": "Published analysis",
    "pre-specified": "Pre-specified analysis",
    None: "Default analysis",
}


def status(differences: tuple[str, ...], analysis_name: str | None) -> str:
    """The quiet line at the top of every page."""
    if differences:  # a page's own departure is one of the trial's where that is strict: it is named once
        return EXPLORATORY + "; ".join(dict.fromkeys(differences))
    return ANALYSIS_NAMES[analysis_name] + (" (this trial declares none)" if analysis_name is None else "")


def page(name: str, *, on_page: bool) -> str:
    """What a sentence calls a page: in files and on slides, which may lack it, it is the dashboard's."""
    return f"the page {name}" if on_page else f"the dashboard's page {name}"


def analysis(analysis_name: str | None) -> str:
    """What the trial's declared analysis is called inside a sentence."""
    return f"the {ANALYSIS_NAMES[analysis_name].lower()}"


def no_heavy(spec: AnalysisSpec, *, on_page: bool = False) -> str:
    """Why there are no heavy days to show."""
    choose = "Choose" if on_page else "In the dashboard, choose"
    return (
        f"This trial's amounts ('{spec.amount}') are only 0 and 1: they tell use from no use, but not a heavy day. "
        f"{choose} a column of amounts under More choices, or look at first use instead."
    )


def not_estimated(failed: int) -> str:
    """How many of several analyses have no result; empty if none."""
    return f" {failed} could not be estimated." if failed else ""
