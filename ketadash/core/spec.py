"""Every choice that changes a number (`AnalysisSpec`), with its default, once.

Widgets, the command line, links, tests and docs read the defaults from here.  A result asks for the
fields it depends on with `AnalysisSpec.only`, so that a choice which does not matter to it can neither
change it nor make it be computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from ketadash.core.choices.choice import Choice, name_word, odds_word, share_of
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.imputation import check_imputation
from ketadash.core.choices.missing import MissingRule
from ketadash.core.choices.model import Estimand, Estimator, Scale, Trend, Uncertainty
from ketadash.core.choices.window import Window
from ketadash.core.errors import SpecError
from ketadash.core.families import EVERY_OUTCOME, MOOT
from ketadash.core.view import PValues as PValues
from ketadash.core.view import ViewSpec as ViewSpec


def _field(default: Any, **texts: Any) -> Any:
    return field(default=default, metadata={"choice": Choice(**texts)})


def _not_drawn(spec: AnalysisSpec) -> bool:
    return not spec.missing.imputed


def _no_dial(spec: AnalysisSpec) -> bool:
    return spec.missing is not MissingRule.IMOR


def _not_by_quadrature(spec: AnalysisSpec) -> bool:
    return spec.estimator is not Estimator.QUADRATURE


IMOR_HELP = "Odds of abstinence on a missing day against a reported one. 0: {use}; 1: like reported; inf: abstinent."
HEAVY_HELP = "A {heavy_day} is more {measure} than this."


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSpec:
    """Every choice that changes a number; the defaults are the published analysis.

    ``None`` means "as the trial says" (arms, window, columns) or "the last day of the window" (`tau`).

    Raises
    ------
    SpecError
        For a value out of its range or two choices that contradict each other.
    """

    control: str | None = _field(
        None,
        sentence="control arm {}",
        key="control",
        label="Control arm",
        help=None,
        cli="which arm is the control",
        metavar="ARM",
        write=name_word,
    )
    active: str | None = _field(
        None,
        sentence="active arm {}",
        key="active",
        label="Active arm",
        help=None,
        cli="which arm is the active one",
        metavar="ARM",
        write=name_word,
    )
    days: Window | None = _field(
        None,
        sentence="days {}",
        key="days",
        label="Days",
        help="First and last day analysed, such as 1:21. Empty: the trial's own window.",
        cli="analysis window, such as 1:21",
        metavar="FIRST:LAST",
        kind=Window.parse,
        write=lambda window: str(window or ""),
        read=lambda text: Window.parse(text) if text else None,
    )
    amount: str | None = _field(
        None,
        sentence="amounts from '{}'",
        key="amount",
        label="Amounts",
        help=None,
        cli="the column of amounts",
        metavar="COLUMN",
        write=name_word,
    )
    baseline: str | None = _field(
        None,
        sentence="baseline from '{}'",
        key="covariate",
        label="Baseline",
        help=None,
        cli="the baseline covariate",
        metavar="COLUMN",
        write=name_word,
    )
    missing: MissingRule = _field(
        MissingRule.NONABSTINENT,
        sentence="missing days = {}",
        key="missing",
        label="Missing days counted as",
        help="What a day without a report counts as.",
        cli="what a missing day counts as",
        words={rule.about.link: rule for rule in MissingRule},
    )
    imor_control: float = _field(
        1.0,
        sentence="control arm's informative-missingness odds ratio {}",
        key="imor-control",
        label="Control arm's missing days",
        help=IMOR_HELP,
        cli="odds of abstinence of the control arm's missing days against reported ones, 0 to inf, with --missing imor",
        metavar="X",
        kind=float,
        write=odds_word,
        read=float,
        moot=_no_dial,
    )
    imor_active: float = _field(
        1.0,
        sentence="active arm's informative-missingness odds ratio {}",
        key="imor-active",
        label="Active arm's missing days",
        help=IMOR_HELP,
        cli="odds of abstinence of the active arm's missing days against reported ones, 0 to inf, with --missing imor",
        metavar="X",
        kind=float,
        write=odds_word,
        read=float,
        moot=_no_dial,
    )
    imputations: int = _field(
        20,
        sentence="{} imputations",
        key="imputations",
        label="Imputations",
        help="How often missing days are drawn.",
        cli="how many imputations",
        metavar="M",
        kind=int,
        offered=("1", "5", "20", "50", "100", "200"),
        write=str,
        read=int,
        moot=_not_drawn,
    )
    seed: int = _field(
        1,
        sentence="random seed {}",
        key="seed",
        label="Random seed",
        help="Another seed, other draws: what changes is Monte Carlo error.",
        cli="random seed of the imputations and shuffles",
        metavar="S",
        kind=int,
        read=int,
        moot=_not_drawn,
    )
    etg: bool = _field(
        True,
        sentence="EtG override {}",
        key="etg",
        label="Positive EtG tests",
        help="*applied*: a positive urine ethyl glucuronide test turns the days reported abstinent since the previous "
        "visit into {day}s.",
        cli="a positive EtG test turns days reported abstinent into drinking days",
        words={"applied": True, "ignored": False},
    )
    heavy_men: float = _field(
        4.0,
        sentence="heavy day for men: more than {} {many}",
        key="men",
        label="Heavy: men over",
        help=HEAVY_HELP,
        cli="a heavy day for men is more than this many drinks",
        metavar="DRINKS",
        kind=float,
        read=float,
    )
    heavy_women: float = _field(
        3.0,
        sentence="heavy day for women: more than {} {many}",
        key="women",
        label="women over",
        help=HEAVY_HELP,
        cli="a heavy day for women is more than this many drinks",
        metavar="DRINKS",
        kind=float,
        read=float,
    )
    trend: Trend = _field(
        Trend.QUADRATIC,
        sentence="{} time trend",
        key="trend",
        label="Time trend",
        help="Whether modelled abstinence may bend over the days (quadratic, as published) or not (linear). This picks "
        "the model that curves, odds ratios and NNT come from; the *Model* tab has both.",
        cli="which fitted time trend the curves, odds ratios and NNT come from",
        words={"quadratic": Trend.QUADRATIC, "linear": Trend.LINEAR},
    )
    adjust: bool = _field(
        True,
        sentence="baseline adjustment {}",
        key="baseline",
        label="{baseline}",
        help="Whether the models allow for how much people {used} before the trial.",
        cli="baseline covariate in the models",
        words={"adjusted": True, "unadjusted": False},
    )
    estimator: Estimator = _field(
        Estimator.QUADRATURE,
        sentence="fitted by {}",
        key="fit",
        label="Abstinence model fitted by",
        help="*quadrature*: maximum likelihood. *RSPL*: restricted pseudo-likelihood, the default of SAS GLIMMIX. "
        "*random slopes*: maximum likelihood where people differ in how they change, too, not only in their level.",
        cli="which fit of the abstinence model the curves come from; slope: with random slopes of day",
        words={"quadrature": Estimator.QUADRATURE, "RSPL": Estimator.RSPL, "random slopes": Estimator.SLOPE},
    )
    scale: Scale = _field(
        Scale.FREE,
        sentence="{} scale in the heavy-day model",
        key="scale",
        label="Scale φ of the {heavy_day} model",
        help="*estimated*: as published. *fixed at 1*: what a yes/no day must have; intervals then hold the truth as "
        "often as they say, where the model is right. RSPL of abstinence has it fixed at 1 always.",
        cli="residual scale of the heavy-day model: estimated, as published, or fixed at 1",
        words={"estimated": Scale.FREE, "fixed at 1": Scale.FIXED},
    )
    quadrature_points: int = _field(
        25,
        sentence="at least {} quadrature points",
        key="points",
        label="Quadrature points",
        help="To begin with; raised by itself until the likelihood settles.",
        cli="quadrature points to start from (odd)",
        metavar="N",
        kind=int,
        offered=("25", "51", "101", "201"),
        write=str,
        read=int,
        moot=_not_by_quadrature,
    )
    penalised: bool = _field(
        False,
        sentence="penalised fit {}",
        key="penalised",
        label="Penalised fit",
        help="Keeps estimates finite where the data separate the arms completely; quadrature only.",
        cli="penalised likelihood, for outcomes that separate the arms",
        words={"off": False, "on": True},
        moot=_not_by_quadrature,
    )
    estimand: Estimand = _field(
        Estimand.POPULATION,
        sentence="{} curve",
        key="curve",
        label="Curve",
        help="*population*: the share of all participants expected to be abstinent, comparable with the observed "
        "points. *typical*: one participant in the middle of the range (random effect 0).",
        cli="population-averaged or typical participant",
        words={"population": Estimand.POPULATION, "typical": Estimand.TYPICAL},
    )
    uncertainty: Uncertainty = _field(
        Uncertainty.MODEL,
        sentence="{} standard errors",
        key="errors",
        label="Intervals of the models",
        help="*model*: right if the fitted model describes the days. *robust*: by participant, right for spells too.",
        cli="standard errors from the fitted model, or robust: clustered by participant",
        words={"model": Uncertainty.MODEL, "robust": Uncertainty.ROBUST},
    )
    dropout: DropoutRule = _field(
        DropoutRule.EVENT,
        sentence="dropout = {}",
        key="dropout",
        label="Dropout in time to relapse",
        help=" ".join(f"*{rule.value}*: {rule.about.help}" for rule in DropoutRule),
        cli="what leaving the study is in time to relapse",
        words={rule.value: rule for rule in DropoutRule},
    )
    tau: int | None = _field(
        None,
        sentence="restricted mean up to day {}",
        key="horizon",
        label="Horizon day",
        help="Up to which day event-free days are averaged. Empty: the last day.",
        cli="horizon of the restricted mean survival time",
        metavar="DAY",
        kind=int,
        write=lambda day: "" if day is None else str(day),
        read=lambda text: int(text) if text else None,
    )
    confidence: float = _field(
        0.95,
        sentence="confidence level {}",
        key="level",
        label="Confidence",
        help=None,
        cli="confidence level of the intervals",
        metavar="LEVEL",
        kind=float,
        offered=("80%", "90%", "95%", "99%"),
        write=lambda level: f"{100 * level:g}%",
        read=share_of,
    )

    shuffles: int = _field(
        1000,
        sentence="{} shuffles",
        key="shuffles",
        label="Shuffles",
        help="How often who got what is shuffled on the page Chance.",
        cli="how many re-randomisation draws, with --only randomisation",
        metavar="N",
        kind=int,
        offered=("200", "1000", "5000"),
        write=str,
        read=int,
    )

    def __post_init__(self) -> None:
        if self.control is not None and self.control == self.active:
            raise SpecError(f"both arms are '{self.control}'; choose two different arms")
        if not (self.heavy_men >= 0 and self.heavy_women >= 0):
            raise SpecError("a heavy-day threshold is a number of drinks, 0 or more")
        if self.quadrature_points < 1 or self.quadrature_points % 2 == 0 or self.quadrature_points > 401:
            raise SpecError(f"{self.quadrature_points} quadrature points: choose an odd number from 1 to 401")
        if not 0.5 <= self.confidence <= 0.999:
            raise SpecError(f"a confidence level of {self.confidence}: choose one from 0.5 to 0.999, such as 0.95")
        if self.penalised and self.estimator is not Estimator.QUADRATURE:
            raise SpecError(
                "the penalised fit is a likelihood fit with a random intercept; choose the quadrature estimator with it"
            )
        check_imputation(self)
        if self.tau is not None and self.days is not None and not self.days.first <= self.tau <= self.days.last:
            raise SpecError(f"the horizon, day {self.tau}, lies outside the window {self.days}; choose a day in it")

    def only(self, *names: str) -> AnalysisSpec:
        """This spec with every field but `names` at its default: what a result that depends on `names` may see.

        A field that another of `names` makes moot (imputations where nothing is imputed) is at its default too.
        """
        moot = [name for name, governor, empty in MOOT if governor in names and empty(getattr(self, governor))]
        kept = (name for name in names if name not in moot or names in EVERY_OUTCOME)
        return AnalysisSpec(**{name: getattr(self, name) for name in kept})

    def replace(self, **changes: Any) -> AnalysisSpec:
        """This spec with some fields changed, checked again."""
        return replace(self, **changes)

    def differences(self, published: AnalysisSpec) -> dict[str, Any]:
        """The fields, with their values, in which this spec differs from `published`."""
        every = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in every if value != getattr(published, name)}

    def describe(self, name: str, many: str = "drinks", use: str = "drinking") -> str:
        """The choice `name` in words: ``"missing days = missing"``; `many`: what is counted, `use`: using it."""
        return CHOICES[name].sentence.format(_plain(name, getattr(self, name), use), many=many)


def _plain(name: str, value: Any, use: str) -> str:
    """A value as a sentence has it: the word of its control, or the rule's label, never a code."""
    if isinstance(value, MissingRule):
        return value.about.label.split(" (")[0].replace("drinking", use)
    if isinstance(value, bool):
        return "on" if value else "off"
    return (
        f"{value:g}" if isinstance(value, float) else str(CHOICES[name].word(value) if CHOICES[name].words else value)
    )


def flag_of(name: str) -> str:
    """A field's option on the command line."""
    return "--" + name.replace("_", "-")


CHOICES: dict[str, Choice] = {f.name: f.metadata["choice"] for f in fields(AnalysisSpec)}
