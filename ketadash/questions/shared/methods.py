"""The methods paragraph: what was done, in a trialist's words, from the specification that did it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from ketadash.core.choices.population import in_words
from ketadash.core.spec import CHOICES, AnalysisSpec, Estimand, Estimator, Scale, Trend, Uncertainty
from ketadash.core.terms import DRINKS, Terms
from ketadash.questions.shared import methods_of_times
from ketadash.questions.shared.methods_of_people import people_sentences
from ketadash.questions.shared.references import numbered
from ketadash.questions.shared.words import analysis, imor

OUTCOMES = ("abstinence", "heavy", "nnt", "relapse", "endpoints", "responders", "chance")
TOPICS = (*OUTCOMES, "table_one", "events", "cadss", "measures", "follow_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the paragraph says of the trial besides the choices.

    `tested` is whether there are EtG tests, `filled_baseline` whether someone's baseline was filled in,
    `heavy_baseline` the heavy-day model's covariate, `log_measures` the visit measures modelled with a log link;
    `exploratory` says in what the analysis differs from the declared one.
    """

    n_control: int
    n_active: int
    n_missing: int
    event: str | None
    tested: bool
    can_tell_heavy: bool
    filled_baseline: bool = False
    heavy_baseline: str | None = None
    log_measures: tuple[str, ...] = ()
    exploratory: tuple[str, ...] = ()
    declared: str = analysis("published")
    synthetic: bool = False
    terms: Terms = DRINKS
    software: str = "ketadash"
    p_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Methods:
    """Paragraphs, and the references that they cite by number."""

    paragraphs: tuple[str, ...]
    references: tuple[str, ...]

    @property
    def text(self) -> str:
        """All paragraphs as one text."""
        return "\n\n".join(self.paragraphs)


def methods(spec: AnalysisSpec, facts: Facts, topics: Iterable[str] = TOPICS) -> Methods:
    """Statistical methods for the outcomes in `topics`; `spec` must be resolved.

    References are marked with braces until they are numbered; braces in the data's own names are none.
    """
    spec, facts = _shielded(spec), _shielded(facts)
    wanted = [t for t in TOPICS if t in set(topics)]
    if not facts.can_tell_heavy:
        wanted = [t for t in wanted if t != "heavy"]
    modelled = any(t in wanted for t in ("abstinence", "nnt", "heavy"))
    parts = [
        f"{_people(spec, facts)} {_outcomes(spec, facts, wanted)} {_missing(spec, facts, wanted)}".strip(),
        _models(spec, facts, wanted) if modelled else "",
        _relapse(spec, facts) if "relapse" in wanted else "",
        _others(spec, facts, wanted),
        _closing(spec, facts),
    ]
    text, references = numbered("\n\n".join(p for p in parts if p))
    return Methods(tuple(text.translate(_BACK).split("\n\n")), references)


# Two code points that are no character stand for a name's braces: no text that is written may hold them.
_SHIELD = str.maketrans({"{": "\ufdd0", "}": "\ufdd1", "\n": " "})
_BACK = str.maketrans({"\ufdd0": "{", "\ufdd1": "}"})
Shielded = TypeVar("Shielded")


def _shielded(value: Shielded) -> Shielded:
    """The same with the braces of every text in it, and its line ends, taken out of the way."""
    made: Any = value
    if isinstance(value, str) and not isinstance(value, StrEnum):
        made = value.translate(_SHIELD)
    elif isinstance(value, tuple):
        made = tuple(map(_shielded, value))
    elif is_dataclass(value) and not isinstance(value, type):
        made = replace(value, **{f.name: _shielded(getattr(value, f.name)) for f in fields(value)})
    return made


# --- who and what ----------------------------------------------------------------------------------------------------


def _people(spec: AnalysisSpec, f: Facts) -> str:
    assert spec.days is not None
    n, since = f.n_control + f.n_active, f" after the {f.event.lower()}" if f.event else ""
    window = f"days {spec.days.first} to {spec.days.last}" if spec.days.n_days > 1 else f"day {spec.days.first}"
    arms = f"{spec.active} (n = {f.n_active:,}) or {spec.control} (n = {f.n_control:,})"
    who = "were analysed as randomised"
    if _leaves_out(spec, f):
        who = "who had at least one reported day were analysed as randomised"
    data = "The data are synthetic. " if f.synthetic else ""
    only = f" with {in_words(spec.population)} (a supplementary analysis)" if spec.population else ""
    return f"{data}All {n:,} participants assigned to {arms}{only} {who}, over {window}{since}."


def _outcomes(spec: AnalysisSpec, f: Facts, wanted: list[str]) -> str:
    sentences = [f"A day was counted as abstinent if the amount reported ({_name(spec.amount)}) was zero."]
    if f.can_tell_heavy and any(t in wanted for t in ("heavy", "relapse")):
        sentences.append(
            f"A {f.terms.heavy_day} was one of more than {spec.heavy_men:g} {f.terms.many} for men (and where sex was "
            f"not known) or more than {spec.heavy_women:g} for women."
        )
    if f.tested:
        sentences.append(methods_of_times.tests(spec, f.terms))
    return " ".join(sentences)


def _name(column: str | None) -> str:
    return (column or "").replace("_", " ")


# --- missing days ----------------------------------------------------------------------------------------------------


def _missing(spec: AnalysisSpec, f: Facts, wanted: list[str]) -> str:
    if not f.n_missing:
        return "No day was missing."
    return f"Of all participant-days, {f.n_missing:,} were missing. {_rule(spec, f, _heavy(f, wanted))}"


def _heavy(f: Facts, wanted: list[str]) -> bool:
    return f.can_tell_heavy and "heavy" in wanted


def _rule(spec: AnalysisSpec, f: Facts, heavy: bool) -> str:
    control, active, day = spec.control, spec.active, f.terms.day
    if spec.missing.imputed:
        return f"{_imputed(spec, f, heavy)} {_pooled(spec)}"
    too = f", and as {f.terms.heavy_day}s" if heavy else ""
    likewise = f", {f.terms.heavy_day}s likewise" if heavy else ""
    return spec.missing.about.methods.format(control=control, active=active, day=day, too=too, likewise=likewise)


def _imputed(spec: AnalysisSpec, f: Facts, heavy: bool) -> str:
    good = f"abstinence (of no {f.terms.heavy_use}, for {f.terms.heavy_day}s)" if heavy else "abstinence"
    how = (
        f"Missing days were multiply imputed ({spec.imputations:,} imputation{'s' if spec.imputations > 1 else ''}, "
        f"random seed {spec.seed}) from the logistic mixed model of the known days, drawing its parameters and each "
        "participant's random intercept anew for each imputation {rubin}"
    )
    at_random = " (missing at random)" if (spec.imor_control, spec.imor_active) == (1, 1) else ""
    return how + spec.missing.about.methods.format(
        good=good,
        control=spec.control,
        active=spec.active,
        imor_control=imor(spec.imor_control),
        imor_active=imor(spec.imor_active),
        at_random=at_random,
    )


def _pooled(spec: AnalysisSpec) -> str:
    if spec.imputations == 1:
        return "With a single imputation, intervals leave the uncertainty of imputing out."
    return (
        "Results were combined by Rubin's rules with the degrees of freedom of Barnard and Rubin {barnard}, those of "
        "proportions by Lott and Reiter's pooled Wilson limits {lott}."
    )


# --- daily outcomes --------------------------------------------------------------------------------------------------


def _models(spec: AnalysisSpec, f: Facts, wanted: list[str]) -> str:
    sentences = []
    primary = "abstinence" in wanted or "nnt" in wanted
    if primary:
        squared = " and its square" if spec.trend is Trend.QUADRATIC else ""
        sentences.append(
            f"Abstinent days were modelled by logistic regression with a random intercept{_slopes(spec)} for each "
            f"participant and fixed effects of day{squared}, arm and the day-by-arm "
            f"interaction{_adjusted(spec, f)}. {_estimator(spec)}"
        )
    if _heavy(f, wanted):
        start = " with" if primary else " by logistic regression with"
        sentences.append(
            f"{f.terms.heavy_day.capitalize()}s were modelled{start} a random intercept and fixed effects of day "
            f"(linear), arm and their interaction{_adjusted_heavy(spec, f)}, with first-order autoregressive (AR(1)) "
            f"residuals within participants and {_scale(spec)}, by restricted pseudo-likelihood (RSPL)"
            f"{'' if _rspl(spec, primary) else ' {wolfinger}'}."
        )
    sentences += [_df(spec, f), _averaged(spec)]
    if "nnt" in wanted:
        left = "; participants whose outcome was not known were left out" if _leaves_out(spec, f) else ""
        sentences.append(
            "The number needed to treat is the inverse of the risk difference; observed risk differences have "
            f"Newcombe's score intervals {{newcombe}}{', pooled over imputations' if _many(spec, f) else ''}, modelled "
            f"ones intervals by the delta method{left}. "
            "Where the interval of the difference includes zero, that of the number needed to treat runs "
            "through infinity {altman}."
        )
    return " ".join(sentences)


def _slopes(spec: AnalysisSpec) -> str:
    return " and a correlated random slope of day" if spec.estimator is Estimator.SLOPE else ""


def _scale(spec: AnalysisSpec) -> str:
    return "a scale parameter" if spec.scale is Scale.FREE else "the scale parameter fixed at 1"


def _rspl(spec: AnalysisSpec, primary: bool) -> bool:
    """Whether the primary model already cites pseudo-likelihood."""
    return primary and spec.estimator is Estimator.RSPL


def _many(spec: AnalysisSpec, f: Facts) -> bool:
    return spec.missing.imputed and bool(f.n_missing) and spec.imputations > 1


def _leaves_out(spec: AnalysisSpec, f: Facts) -> bool:
    return not spec.missing.fills and bool(f.n_missing)


def _adjusted(spec: AnalysisSpec, f: Facts) -> str:
    if not spec.adjust:
        return ", without adjustment for baseline"
    mean = " (its mean where it was not known {white_thompson})" if f.filled_baseline else ""
    return f", adjusted for {_name(spec.baseline)}{mean}"


def _adjusted_heavy(spec: AnalysisSpec, f: Facts) -> str:
    if not spec.adjust or f.heavy_baseline is None:
        return ", without adjustment for baseline"
    return f", adjusted for {_name(f.heavy_baseline)}"


def _estimator(spec: AnalysisSpec) -> str:
    if spec.estimator is Estimator.RSPL:
        return (
            "The model was fitted by restricted pseudo-likelihood (RSPL) without residual correlation, the default of "
            "SAS PROC GLIMMIX {wolfinger}."
        )
    if spec.estimator is Estimator.SLOPE:
        return (
            "The model was fitted by maximum likelihood with adaptive Gauss–Hermite quadrature in two dimensions "
            "{pinheiro}; the covariance of intercept and slope was left free."
        )
    points = f"adaptive Gauss–Hermite quadrature from {spec.quadrature_points} points upwards"
    if spec.penalised:
        return (
            f"The model was fitted by penalised maximum likelihood with {points} {{pinheiro}} and weakly informative "
            "normal penalties on the slopes and the random-intercept standard deviation {gelman}."
        )
    return f"The model was fitted by maximum likelihood with {points} {{pinheiro}}."


def _df(spec: AnalysisSpec, f: Facts) -> str:
    more = ", which served as complete-data degrees of freedom" if _many(spec, f) else ""
    if spec.uncertainty is Uncertainty.ROBUST:
        return (
            "Standard errors were clustered by participant (sandwich estimator from each participant's score {liang}, "
            "with the leverage correction of Mancl and DeRouen {mancl}), with t and F tests and intervals on the "
            "number of participants less that of coefficients as degrees of freedom, or on Welch's number {welch} for "
            f"the arms' sizes where that is smaller{more}."
        )
    return (
        "Fixed effects were tested by t and F tests with containment denominator degrees of freedom {schaalje}"
        f"{more}."
    )


def _effects(spec: AnalysisSpec) -> str:
    return "effects were" if spec.estimator is Estimator.SLOPE else "intercept was"


def _averaged(spec: AnalysisSpec) -> str:
    ends = "confidence intervals by the delta method"
    adjusted = spec.adjust or spec.strata or spec.adjust_for
    if spec.estimand is Estimand.POPULATION:
        others = " and the variance of the covariates among participants (unconditional) {ye}" if adjusted else ""
        return (
            "Modelled probabilities are population-averaged: everyone's covariates were kept, each arm was assigned to "
            f"all participants in turn, and the random {_effects(spec)} integrated out {{zeger}}, with {ends}{others}. "
            "Odds ratios are conditional on the participant."
        )
    held = ", which hold the covariates' mean fixed" if adjusted else ""
    return (
        "Modelled probabilities are those of a typical participant (random intercept zero, mean baseline), which do "
        f"not estimate the observed proportions, with {ends}{held}. Odds ratios are conditional on the participant."
    )


def _relapse(spec: AnalysisSpec, f: Facts) -> str:
    return methods_of_times.relapse(spec, f.terms, can_tell_heavy=f.can_tell_heavy, pooled=_many(spec, f))


# --- the rest --------------------------------------------------------------------------------------------------------


def _others(spec: AnalysisSpec, f: Facts, wanted: list[str]) -> str:
    logs = f", with a log link for {', '.join(f.log_measures)}" if f.log_measures else ""
    sentence_of = people_sentences(spec, f.terms.many) | {
        "chance": f"The allocation was shuffled {spec.shuffles:,} times (random seed {spec.seed}), arm sizes kept, and "
        "the whole analysis repeated for each shuffle; comparisons were studentised by errors clustered by participant "
        "and the share of shuffles as large is reported, those without an answer among them {phipson}. Days drawn from "
        "each fitted model were compared with those observed, and each result was estimated without each participant "
        "in turn.",
        "table_one": "Baseline characteristics are described by arm, with standardised differences {austin} and "
        "without tests.",
        "events": "Adverse events were counted as participants with the event at least once, of all analysed, with "
        "Newcombe's interval {newcombe} for the risk difference and without tests {harms}.",
        "cadss": "Dissociation (CADSS) was compared by the Kruskal–Wallis test, and its association with abstinence on "
        "the last day estimated by logistic regression in both arms together.",
        "measures": "Measures taken at visits were averaged by week and modelled with week, arm, week-by-arm and the "
        f"value before treatment, a random intercept and AR(1) residuals, by REML{logs} (log link: "
        "pseudo-likelihood); weeks without a visit were left out."
        if f.log_measures
        else "Measures taken at visits were averaged by week and modelled with week, arm, week-by-arm and the value "
        "before treatment, a random intercept and AR(1) residuals, by REML; weeks without a visit were left out.",
        "follow_up": "Abstinence at the late follow-up is given for those reached with exact intervals {clopper}, with "
        "bounds for all analysed.",
    }
    if spec.uncertainty is Uncertainty.ROBUST:
        sentence_of["measures"] += (
            " Their standard errors were clustered by participant {liang}, with the leverage correction of Mancl and "
            "DeRouen {mancl}."
        )
    return " ".join(sentence_of[t] for t in wanted if t in sentence_of)


def _declared(spec: AnalysisSpec) -> str:
    """The sentences that choices bring along with their declarations."""
    own = ((name, choice.methods) for name, choice in CHOICES.items() if not choice.is_moot(spec))
    return " ".join(filter(None, (make(getattr(spec, name)) for name, make in own if make is not None)))


def _closing(spec: AnalysisSpec, f: Facts) -> str:
    differs = (
        f"This is an exploratory analysis: it differs from {f.declared} in {'; '.join(f.exploratory)}. "
        if f.exploratory
        else ""
    )
    tests = "p-values are two-sided and not adjusted for multiple comparisons"
    if f.p_hidden:
        tests = f"p-values are hidden, since this is not {f.declared}"
    return f"{differs}{_declared(spec)} {tests}. Analyses were done with {f.software}."
