"""The terms of the glossary, each with what it means in words that a clinician uses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ketadash.core.choices.missing import MissingRule


@dataclass(frozen=True, slots=True)
class Term:
    """A term, what it means, other spellings under which it appears on screen, and the method's page if it has one."""

    name: str
    means: str
    also: tuple[str, ...] = ()
    method: str | None = None

    @property
    def anchor(self) -> str:
        """What a link to it ends with."""
        return slug(self.name)


def slug(text: str) -> str:
    """Letters and digits of a name, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or f"term-{sum(map(ord, text))}"


TERMS: tuple[Term, ...] = (
    *(Term(*rule.about.glossary) for rule in MissingRule if rule.about.glossary),
    Term(
        "Abstinent day", "A day reported without any use, and not contradicted by a urine test (EtG).", (), "outcomes"
    ),
    Term("Active arm", "The group that got the treatment under study; the other is the control arm.", ("active arm",)),
    Term(
        "Adjusted",
        "The model takes into account how much people drank before treatment, so that arms that happened "
        "to start differently are compared fairly.",
        ("baseline adjustment", "unadjusted"),
    ),
    Term(
        "AIC, BIC",
        "Scores that weigh how well a model fits against how many parameters it has; only differences "
        "between models of the same data mean anything, and lower is better.",
        ("AIC", "BIC"),
    ),
    Term(
        "AR(1)",
        "A model in which neighbouring days of a person are more alike than distant ones, the likeness "
        "fading by the same factor with each day between.",
        (),
        "rspl",
    ),
    Term("Arm", "One of the groups to which participants were randomised."),
    Term("Baseline", "What was known about a person before treatment started.", ("baseline drinks",)),
    Term(
        "Bound",
        "An extreme assumption, made to show how far the answer could go.",
        ("best case", "worst case"),
        "imputation",
    ),
    Term(
        "CADSS",
        "The Clinician-Administered Dissociative States Scale: how unreal things felt after the infusion.",
        ("Dissociation",),
        "cadss",
    ),
    Term(
        "Censored",
        "Followed until some day without the event: the event may have come later, unseen.",
        ("censoring",),
        "kaplan-meier",
    ),
    Term(
        "Competing event",
        "Something that happens first and puts the event out of reach, such as dropping out before "
        "a relapse could be seen.",
        ("competing risk", "competes"),
        "competing-risks",
    ),
    Term(
        "Confidence interval (CI)",
        "The range of true values that the data do not speak against at the level given. "
        "In simulated trials about 95 of 100 hold the truth where the model describes the days; where days come in "
        "spells that it does not describe, fewer do, and robust ones come closer.",
        ("95% CI", "90% CI", "99% CI", "confidence interval"),
    ),
    Term(
        "Containment",
        "SAS's rule for how many degrees of freedom a test has in a model with a random effect.",
        ("containment degrees of freedom",),
        "containment-df",
    ),
    Term(
        "Clustered by participant",
        "Standard errors that treat people as independent of each other, but not the days of one person.",
        ("robust", "robust standard errors"),
        "uncertainty",
    ),
    Term("Control arm", "The group that the treatment is compared with.", ("control arm",)),
    Term("Convergence", "Whether the computation of a model settled on an answer."),
    Term("Cox", "The model behind a hazard ratio.", ("Cox model",), "cox"),
    Term(
        "Degrees of freedom (df)",
        "How much information a test's standard error rests on; with few, intervals are wider.",
        ("degrees of freedom", "df"),
        "containment-df",
    ),
    Term(
        "Delta method",
        "How the uncertainty of a model's coefficients is turned into that of a curve or difference.",
        (),
        "population-average",
    ),
    Term(
        "Dropout",
        "Leaving the study: an unbroken run of days without a report up to the end of the window.",
        ("dropouts",),
        "time-to-event-definitions",
    ),
    Term(
        "Estimand",
        "Exactly what is to be estimated: in whom, which outcome, and what is done about dropout and missing days.",
        (),
    ),
    Term(
        "EtG",
        "Ethyl glucuronide in urine: a test that shows drinking over the days before. A positive one turns "
        "days reported abstinent into drinking days, if that choice is on.",
        ("EtG override",),
        "outcomes",
    ),
    Term("Exploratory", "Any state of the dashboard that differs from the analysis laid down or published beforehand."),
    Term("Filled in", "Days without a report that the missing-day rule gave a value.", (), "outcomes"),
    Term(
        "Fisher's exact test",
        "A test of two proportions that holds for any number of people, however few.",
        ("Fisher",),
        "nnt",
    ),
    Term(
        "Gray's test",
        "Whether two arms differ in the share that has relapsed, where dropout is something else that can happen.",
        (),
        "competing-risks",
    ),
    Term("Greenwood", "The formula for the uncertainty of a Kaplan–Meier curve.", (), "kaplan-meier"),
    Term(
        "Hazard ratio",
        "By what factor the daily risk of the event differs between the arms; 1 is no difference.",
        ("hazard",),
        "cox",
    ),
    Term(
        "Heavy drinking day",
        "A day with more drinks than a threshold, in US terms more than 4 for men and 3 for women.",
        ("heavy day", "heavy days", "heavy drinking days"),
        "outcomes",
    ),
    Term(
        "Imputation",
        "Filling a missing day with what a model says it may have been. Done many times over and "
        "combined, so that not knowing is counted in the interval.",
        ("imputed", "imputations"),
        "imputation",
    ),
    Term(
        "Interaction",
        "Whether the effect of one thing depends on another; day × arm: whether the arms change differently over time.",
        ("day × arm",),
    ),
    Term(
        "Kaplan–Meier",
        "The curve of the share still without the event by each day, using everyone for as long as they were followed.",
        ("Kaplan-Meier",),
        "kaplan-meier",
    ),
    Term("Log-odds", "The logarithm of the odds, on which logistic models add things up.", ("logit",)),
    Term(
        "Spell",
        "An unbroken run of days of use; where days come in spells, neighbouring days say little new.",
        ("spells",),
        "uncertainty",
    ),
    Term("Log-rank test", "Whether two curves of time to an event differ.", ("log-rank",), "log-rank"),
    Term(
        "Logistic mixed model",
        "A model of a daily yes or no that knows that days of one person belong together: "
        "each has an own level, drawn about the average (the random intercept).",
        (),
        "logistic-mixed-model",
    ),
    Term(
        "Maximum likelihood",
        "The values of a model under which what was seen is most probable.",
        (),
        "logistic-mixed-model",
    ),
    Term("Median", "The day by which half had the event; not reached if fewer did.", (), "kaplan-meier"),
    Term(
        "Missing day",
        "A day nobody reported on. What it counts as is an assumption, and a choice.",
        ("missing days", "missing-day rule"),
        "outcomes",
    ),
    Term(
        "Monte Carlo error",
        "How much an imputed or shuffled answer would move with other random numbers; more of them make it smaller.",
        (),
        "imputation",
    ),
    Term(
        "Newcombe's interval",
        "An interval for the difference of two proportions that is right for small groups.",
        ("Newcombe",),
        "nnt",
    ),
    Term(
        "Number needed to treat (NNT)",
        "How many must be treated for one more to have the good outcome.",
        ("NNT", "number needed to treat"),
        "nnt",
    ),
    Term(
        "NNTB, NNTH",
        "Number needed to treat for one more to benefit, and for one more to be harmed. An interval "
        "that includes zero runs through infinity (∞).",
        ("NNTB", "NNTH"),
        "nnt",
    ),
    Term(
        "Observed",
        "Counted day by day, without a model of the days: the points in the pictures. Missing days are "
        "as the chosen rule counts them.",
    ),
    Term(
        "Odds ratio",
        "By what factor the odds (chance for against chance against) differ; 1 is no difference. Not "
        "the same as a ratio of chances, unless these are small.",
        ("odds",),
    ),
    Term(
        "p-value",
        "How often a difference as large as this or larger would come up if there were none. It is not "
        "the chance that there is none.",
        ("p-values",),
    ),
    Term(
        "Penalised fit",
        "A fit held back a little towards no effect, so that it has an answer where an arm is all one way.",
        ("penalised likelihood", "penalised"),
        "separation",
    ),
    Term("Percentage points", "The difference of two percentages: from 50% to 60% is 10 points."),
    Term(
        "Population-averaged",
        "What the model says of a whole arm, not of one person: the curve to compare with the observed points.",
        ("population-averaged curve",),
        "population-average",
    ),
    Term(
        "Pre-specified, published",
        "The analysis laid down beforehand, or printed in the trial's report.",
        ("Pre-specified analysis", "Published analysis"),
    ),
    Term(
        "Quadrature points",
        "How finely the differences between people are summed over in the fit; enough are taken "
        "that more would change nothing.",
        ("quadrature",),
        "logistic-mixed-model",
    ),
    Term(
        "Random intercept",
        "Each person's own level in a mixed model; σ (its SD) says how different people are.",
        ("random effect", "σ"),
        "logistic-mixed-model",
    ),
    Term(
        "Re-randomisation test",
        "Who got what is shuffled again and again, and the share of shuffles with a difference as large is p: it needs "
        "no model of the days.",
        ("shuffling", "shuffles", "shuffled"),
        "uncertainty",
    ),
    Term(
        "Relapse",
        "The first heavy drinking day or, if that is chosen, dropout, whichever comes first.",
        ("relapsed",),
        "time-to-event-definitions",
    ),
    Term(
        "Restricted mean (RMST)",
        "The average number of days without the event up to a given day.",
        ("RMST", "restricted mean"),
        "rmst",
    ),
    Term("Risk difference", "The share with the outcome in the active arm minus that in the control arm.", (), "nnt"),
    Term(
        "RSPL",
        "Restricted pseudo-likelihood, SAS GLIMMIX's way of fitting a mixed model, used in the published report.",
        ("pseudo-likelihood",),
        "rspl",
    ),
    Term("Rubin's rules", "How the answers of several imputations become one, with its uncertainty.", (), "imputation"),
    Term(
        "Random slope",
        "How fast a person changes from day to day, where that differs between people: each has an own trend, drawn "
        "about the average.",
        ("random slopes",),
        "random-slopes",
    ),
    Term(
        "Scale (φ)",
        "How much a heavy day varies beyond what the model expects; 1 is as expected, and what a yes/no day must have.",
        ("φ",),
        "rspl",
    ),
    Term(
        "Separation",
        "An arm, or nearly everyone, is all one way, so that a model has no finite answer.",
        ("separate the arms",),
        "separation",
    ),
    Term(
        "Specification",
        "One combination of the choices that an analysis makes.",
        ("specifications",),
        "specification-curve",
    ),
    Term("Standard error (SE)", "How much an estimate would vary from trial to trial.", ("SE", "standard error")),
    Term(
        "Standardised difference",
        "A difference between arms in standard deviations: its size does not depend on "
        "the unit or on the number of people.",
        (),
        "table-1",
    ),
    Term(
        "Tipping point",
        "How wrong an assumption must be before the conclusion changes.",
        ("tips", "tipping"),
        "tipping",
    ),
    Term("Type III test", "A test of one term of a model given all the others.", ("Type III",)),
    Term(
        "Typical participant",
        "A person in the middle: the model's curve for somebody whose own level is average. "
        "Not what is observed in an arm.",
        (),
        "population-average",
    ),
    Term(
        "Wilson score",
        "An interval for a proportion that stays between 0 and 1 with few people.",
        ("Wilson scores",),
        "nnt",
    ),
    Term("Window", "The days that are analysed."),
)
