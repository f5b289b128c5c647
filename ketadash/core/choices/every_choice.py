"""Every choice of an analysis, declared once: default, words, control, link, command line, and where it comes in.

`ketadash.core.spec.AnalysisSpec` is made of these fields.  Sidebar, links, the command line, provenance, `trial.toml`,
docs/choices.md and the families of results are made from what is said here; docs/extending.md shows how to add one.
"""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.core.choices.choice import Moot
from ketadash.core.choices.choice import choice_field as _field
from ketadash.core.choices.control import (
    Buttons,
    DataName,
    DataNames,
    DialSlider,
    NumberBox,
    OptionList,
    TextBox,
    day_number,
    share_of,
)
from ketadash.core.choices.covariate_sentences import further, stratified
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.choices.model import Estimand, Estimator, Scale, Trend, Uncertainty
from ketadash.core.choices.population import EVERYONE, in_words, population
from ketadash.core.choices.ranges import MOST_SEED
from ketadash.core.choices.step import Step
from ketadash.core.choices.window import Window

NO_DIAL = Moot("missing", lambda rule: rule is not MissingRule.IMOR)
NOTHING_DRAWN = Moot("missing", lambda rule: not rule.imputed)
NO_QUADRATURE = Moot("estimator", lambda how: how is not Estimator.QUADRATURE)
INTERVALS = (Step.ABSTINENCE_READ, Step.HEAVY_READ, Step.PERSONS, Step.TIMES, Step.DROPOUT_WAYS, Step.ENDPOINTS)
THRESHOLD = NumberBox(metavar="DRINKS", parse=float, least=0.0, most=1000.0, narrow=True)  # grams have 40 and 60
IMOR_HELP = "Odds of abstinence on a missing day against a reported one. 0: {use}; 1: like reported; inf: abstinent."
HEAVY_HELP = "A {heavy_day} is more {measure} than this."


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryChoice:
    """The fields of an analysis and their defaults; None is left to the trial, or is the last day (`tau`)."""

    control: str | None = _field(
        None,
        sentence="control arm {}",
        key="control",
        label="Control arm",
        help=None,
        cli="which arm is the control",
        control=DataName(metavar="ARM"),
        enters=(Step.DAYS,),
    )
    active: str | None = _field(
        None,
        sentence="active arm {}",
        key="active",
        label="Active arm",
        help=None,
        cli="which arm is the active one",
        control=DataName(metavar="ARM"),
        enters=(Step.DAYS,),
    )
    days: Window | None = _field(
        None,
        sentence="days {}",
        key="days",
        label="Days",
        help="First and last day analysed, such as 1:21. Empty: the trial's own window.",
        cli="analysis window, such as 1:21",
        control=TextBox(
            metavar="FIRST:LAST",
            parse=Window.parse,
            placeholder="as the trial",
            until="the trial's own window is used",
        ),
        enters=(Step.DAYS,),
    )
    amount: str | None = _field(
        None,
        sentence="amounts from '{}'",
        key="amount",
        label="Amounts",
        help=None,
        cli="the column of amounts",
        control=DataName(metavar="COLUMN"),
        enters=(Step.DAYS,),
    )
    baseline: str | None = _field(
        None,
        sentence="baseline from '{}'",
        key="covariate",
        label="Baseline",
        help=None,
        cli="the baseline covariate",
        control=DataName(metavar="COLUMN"),
        enters=(Step.DAYS,),
    )
    missing: MissingRule = _field(
        MissingRule.NONABSTINENT,
        sentence="missing days = {}",
        key="missing",
        label="Missing days counted as",
        help="What a day without a report counts as.",
        cli="what a missing day counts as",
        control=Buttons(words={rule.about.link: rule for rule in MissingRule}),
        enters=(Step.ABSTINENCE_DRAWS, Step.HEAVY_DRAWS, Step.PARTICIPANTS),
    )
    imor_control: float = _field(
        1.0,
        sentence="control arm's informative-missingness odds ratio {}",
        key="imor-control",
        label="Control arm's missing days",
        help=IMOR_HELP,
        cli="odds of abstinence of the control arm's missing days against reported ones, 0 to inf, with --missing imor",
        control=DialSlider(metavar="X", parse=float),
        enters=(Step.ABSTINENCE_FILLED, Step.HEAVY_FILLED),
        moot=NO_DIAL,
    )
    imor_active: float = _field(
        1.0,
        sentence="active arm's informative-missingness odds ratio {}",
        key="imor-active",
        label="Active arm's missing days",
        help=IMOR_HELP,
        cli="odds of abstinence of the active arm's missing days against reported ones, 0 to inf, with --missing imor",
        control=DialSlider(metavar="X", parse=float),
        enters=(Step.ABSTINENCE_FILLED, Step.HEAVY_FILLED),
        moot=NO_DIAL,
    )
    imputations: int = _field(
        20,
        sentence="{} imputations",
        key="imputations",
        label="Imputations",
        help="How often missing days are drawn.",
        cli="how many imputations",
        control=OptionList(metavar="M", parse=int, offered=("1", "5", "20", "50", "100", "200")),
        enters=(Step.ABSTINENCE_DRAWS, Step.HEAVY_DRAWS),
        moot=NOTHING_DRAWN,
    )
    seed: int = _field(
        1,
        sentence="random seed {}",
        key="seed",
        label="Random seed",
        help="Another seed, other draws: what changes is Monte Carlo error.",
        cli="random seed of the imputations and shuffles",
        control=NumberBox(metavar="S", parse=int, least=0, most=MOST_SEED),
        enters=(Step.ABSTINENCE_DRAWS, Step.HEAVY_DRAWS),
        moot=NOTHING_DRAWN,
    )
    etg: bool = _field(
        True,
        sentence="counting of positive tests {}",
        key="etg",
        label="Positive EtG tests",
        help="*applied*: a positive urine ethyl glucuronide test turns the days reported abstinent since the previous "
        "visit into {day}s.",
        cli="a positive EtG test turns days reported abstinent into drinking days",
        control=Buttons(words={"applied": True, "ignored": False}),
        enters=(Step.DAYS,),
    )
    heavy_men: float = _field(
        4.0,
        sentence="heavy day for men: more than {} {many}",
        key="men",
        label="Heavy: men over",
        help=HEAVY_HELP,
        cli="a heavy day for men is more than this many drinks",
        control=THRESHOLD,
        enters=(Step.HEAVY_DAYS,),
        needs_amounts=True,
    )
    heavy_women: float = _field(
        3.0,
        sentence="heavy day for women: more than {} {many}",
        key="women",
        label="women over",
        help=HEAVY_HELP,
        cli="a heavy day for women is more than this many drinks",
        control=THRESHOLD,
        enters=(Step.HEAVY_DAYS,),
        needs_amounts=True,
    )
    trend: Trend = _field(
        Trend.QUADRATIC,
        sentence="{} time trend",
        key="trend",
        label="Time trend",
        help="Whether modelled abstinence may bend over the days (quadratic) or not (linear). This picks "
        "the model that curves, odds ratios and NNT come from; the *Model* tab has both.",
        cli="which fitted time trend the curves, odds ratios and NNT come from",
        control=Buttons(words={"quadratic": Trend.QUADRATIC, "linear": Trend.LINEAR}),
        enters=(Step.ABSTINENCE_DRAWS,),
    )
    adjust: bool = _field(
        True,
        sentence="baseline adjustment {}",
        key="baseline",
        label="{baseline}",
        help="Whether the models allow for how much people {used} before the trial.",
        cli="baseline covariate in the models",
        control=Buttons(words={"adjusted": True, "unadjusted": False}),
        enters=(Step.ABSTINENCE_DRAWS, Step.HEAVY_DRAWS),
    )
    strata: tuple[str, ...] = _field(
        (),
        sentence="strata: {}",
        key="strata",
        label="Strata",
        help="Columns by which randomisation was stratified, such as the site: tests and shuffles are then within "
        "their levels, and the models adjusted for them.",
        cli="columns by which randomisation was stratified: stratified tests, shuffles within strata, and terms of the "
        "models",
        control=DataNames(metavar="COLUMN[,COLUMN…]"),
        enters=(Step.DAYS,),
        methods=stratified,
    )
    adjust_for: tuple[str, ...] = _field(
        (),
        sentence="adjusted for {} too",
        key="adjust-for",
        label="Adjust for",
        help="Columns from before randomisation, of numbers or of classes, that the models are adjusted for beside the "
        "baseline.",
        cli="further columns from before randomisation that the models are adjusted for",
        control=DataNames(metavar="COLUMN[,COLUMN…]"),
        enters=(Step.DAYS,),
        methods=further,
    )
    estimator: Estimator = _field(
        Estimator.QUADRATURE,
        sentence="fitted by {}",
        key="fit",
        label="Abstinence model fitted by",
        help="*quadrature*: maximum likelihood. *RSPL*: restricted pseudo-likelihood, the default of SAS GLIMMIX. "
        "*random slopes*: maximum likelihood where people differ in how they change, too, not only in their level.",
        cli="which fit of the abstinence model the curves come from; slope: with random slopes of day",
        control=Buttons(
            words={"quadrature": Estimator.QUADRATURE, "RSPL": Estimator.RSPL, "random slopes": Estimator.SLOPE}
        ),
        enters=(Step.ABSTINENCE_FIT,),
    )
    scale: Scale = _field(
        Scale.FREE,
        sentence="{} scale in the heavy-day model",
        key="scale",
        label="Scale φ of the {heavy_day} model",
        help="*estimated*: from the data. *fixed at 1*: what a yes/no day must have; intervals then hold the truth as "
        "often as they say, where the model is right. RSPL of abstinence has it fixed at 1 always.",
        cli="residual scale of the heavy-day model: estimated, or fixed at 1",
        control=Buttons(words={"estimated": Scale.FREE, "fixed at 1": Scale.FIXED}),
        enters=(Step.HEAVY_FIT,),
        needs_amounts=True,
    )
    quadrature_points: int = _field(
        25,
        sentence="at least {} quadrature points",
        key="points",
        label="Quadrature points",
        help="To begin with; raised by itself until the likelihood settles.",
        cli="quadrature points to start from (odd)",
        control=OptionList(metavar="N", parse=int, offered=("25", "51", "101", "201")),
        enters=(Step.ABSTINENCE_FIT,),
        moot=NO_QUADRATURE,
    )
    penalised: bool = _field(
        False,
        sentence="penalised fit {}",
        key="penalised",
        label="Penalised fit",
        help="Keeps estimates finite where the data separate the arms completely; quadrature only.",
        cli="penalised likelihood, for outcomes that separate the arms",
        control=Buttons(words={"off": False, "on": True}),
        enters=(Step.ABSTINENCE_DRAWS,),
        moot=NO_QUADRATURE,
    )
    estimand: Estimand = _field(
        Estimand.POPULATION,
        sentence="{} curve",
        key="curve",
        label="Curve",
        help="*population*: the share of all participants expected to be abstinent, comparable with the observed "
        "points. *typical*: one participant in the middle of the range (random effect 0).",
        cli="population-averaged or typical participant",
        control=Buttons(words={"population": Estimand.POPULATION, "typical": Estimand.TYPICAL}),
        enters=(Step.ABSTINENCE_READ, Step.HEAVY_READ),
    )
    uncertainty: Uncertainty = _field(
        Uncertainty.MODEL,
        sentence="{} standard errors",
        key="errors",
        label="Intervals of the models",
        help="*model*: right if the fitted model describes the days. *robust*: by participant, right for spells too.",
        cli="standard errors from the fitted model, or robust: clustered by participant",
        control=Buttons(words={"model": Uncertainty.MODEL, "robust": Uncertainty.ROBUST}),
        enters=(Step.ABSTINENCE_FIT, Step.HEAVY_FIT),
    )
    dropout: DropoutRule = _field(
        DropoutRule.EVENT,
        sentence="dropout = {}",
        key="dropout",
        label="Dropout in time to relapse",
        help=" ".join(f"*{rule.value}*: {rule.about.help}" for rule in DropoutRule),
        cli="what leaving the study is in time to relapse",
        control=Buttons(words={rule.value: rule for rule in DropoutRule}),
        enters=(Step.TIMES,),
    )
    tau: int | None = _field(
        None,
        sentence="restricted mean up to day {}",
        key="horizon",
        label="Horizon day",
        help="Up to which day event-free days are averaged. Empty: the last day.",
        cli="horizon of the restricted mean survival time",
        control=TextBox(metavar="DAY", parse=day_number, placeholder="last day", until="it is the last day"),
        enters=(Step.TIMES, Step.DROPOUT_WAYS),
    )
    confidence: float = _field(
        0.95,
        sentence="confidence level {}",
        key="level",
        label="Confidence",
        help=None,
        cli="confidence level of the intervals",
        control=OptionList(
            metavar="LEVEL",
            parse=float,
            offered=("80%", "90%", "95%", "99%"),
            write=lambda level: f"{100 * level:g}%",
            reads=share_of,
        ),
        enters=INTERVALS,
        methods=lambda level: f"Intervals are {100 * level:g}% confidence intervals.",
    )
    population: str | None = _field(
        None,
        sentence="analysis set: {}",
        key="population",
        label="Analysis set",
        help="Who is analysed. Anything but everyone randomised is supplementary: only everyone randomised is alike in "
        "both arms but for chance.",
        cli="an analysis set other than everyone randomised, such as pprotfl=Y, or COLUMN=known (supplementary)",
        control=DataName(metavar="COLUMN=VALUE", parse=population, unsaid=EVERYONE),
        enters=(Step.DAYS,),
        plain=in_words,
    )
    shuffles: int = _field(
        1000,
        sentence="{} shuffles",
        key="shuffles",
        label="Shuffles",
        help="How many times the allocation is shuffled on the page Chance.",
        cli="how many re-randomisation draws, with --only randomisation",
        control=OptionList(metavar="N", parse=int, offered=("200", "1000", "5000")),
        enters=(Step.SHUFFLES,),
    )


# The fields that have a control of their own, in its order; the missing-day rule and its ratios stand above them.
IN_SIGHT = ("trend", "adjust", "estimand")
UNDER_MORE_CHOICES = (
    "relapse",
    "relapse_from",
    "dropout",
    "estimator",
    "uncertainty",
    "penalised",
    "etg",
    "tests",
    "tested",
    "heavy_men",
    "heavy_women",
    "scale",
    "days",
    "grace",
    "assessment_days",
    "baseline_days",
    "drink_grams",
    "tau",
    "confidence",
    "quadrature_points",
    "imputations",
    "shuffles",
    "seed",
    "control",
    "active",
    "amount",
    "baseline",
    "population",
    "strata",
    "adjust_for",
    "subgroup",
    "subgroup_cut",
    "subgroup_endpoint",
)
WITH_OWN_CONTROL = (*IN_SIGHT, *UNDER_MORE_CHOICES)
