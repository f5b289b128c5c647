"""The methods paragraph follows every choice, says each as it is, and cites what it uses."""

import re
from dataclasses import fields, replace
from enum import StrEnum

import pytest
from every_choice import OTHER, VALUES

from ketadash.core.spec import (
    CHOICES,
    AnalysisSpec,
    DropoutRule,
    Estimand,
    Estimator,
    MissingRule,
    ReadingOfTests,
    Scale,
    Trend,
    Uncertainty,
    Window,
)
from ketadash.core.terms import of_use
from ketadash.questions.shared.methods import TOPICS, Facts, methods
from ketadash.questions.shared.references import REFERENCES, numbered

BASE = AnalysisSpec(
    control="midazolam", active="ketamine", days=Window(1, 21), amount="drinks", baseline="weekly_units"
)
FACTS = Facts(
    n_control=23,
    n_active=17,
    n_missing=57,
    event="infusion",
    tested=True,
    can_tell_heavy=True,
    heavy_baseline="baseline_heavy_days",
    log_measures=("craving",),
)
IMOR = {"missing": MissingRule.IMOR}
# For each value of each field: what else must be chosen, and what the text must then say.
SAYS = {
    "control": [("placebo", {}, ["ketamine (n = 17) or placebo (n = 23)"])],
    "active": [("esketamine", {}, ["esketamine (n = 17) or midazolam"])],
    "days": [(Window(3, 14), {}, ["over days 3 to 14 after the infusion", "up to day 14"])],
    "amount": [("units_drunk", {}, ["(units drunk) was zero"])],
    "baseline": [("drinks_per_week", {}, ["adjusted for drinks per week"])],
    "population": [("sex=F", {}, ["or midazolam (n = 23) with sex = F (a supplementary analysis) were analysed"])],
    "missing": [
        (MissingRule.NONABSTINENT, {}, ["Missing days were counted as drinking days, and as heavy drinking days"]),
        (MissingRule.MISSING, {}, ["left out", "missing at random", "had at least one reported day", "not known were"]),
        (MissingRule.LOCF, {}, ["last observation carried forward"]),
        (MissingRule.BEST, {}, ["As a bound", "abstinent with ketamine", "drinking days with midazolam (best case"]),
        (MissingRule.WORST, {}, ["As a bound", "drinking days with ketamine", "abstinent with midazolam (worst case"]),
        (
            MissingRule.IMOR,
            {},
            [
                "20 imputations",
                "random seed 1",
                "odds ratio of 1 with midazolam and 1 with ketamine",
                "Rubin's rules",
                "Barnard and Rubin",
                "Lott and Reiter",
                "(missing at random)",
            ],
        ),
        (MissingRule.JUMP_TO_REFERENCE, {}, ["jump to reference", "given ketamine left", "imputed as for midazolam"]),
        (MissingRule.COPY_REFERENCE, {}, ["copy reference", "as if given midazolam throughout"]),
    ],
    "imor_control": [(0.5, IMOR, ["odds ratio of 0.5 with midazolam and 1 with ketamine"])],
    "imor_active": [(float("inf"), IMOR, ["1 with midazolam and ∞ with ketamine"])],
    "imputations": [(50, IMOR, ["50 imputations"]), (1, IMOR, ["1 imputation,", "leave the uncertainty of imputing"])],
    "seed": [(77, IMOR, ["random seed 77"])],
    "shuffles": [(250, {}, ["shuffled 250 times"])],
    "etg": [(True, {}, ["positive urine ethyl glucuronide (EtG) test"]), (False, {}, ["(EtG) tests were not used"])],
    "heavy_men": [(6.5, {}, ["more than 6.5 drinks for men"])],
    "heavy_women": [(2.0, {}, ["more than 2 for women"])],
    "trend": [(Trend.LINEAR, {}, ["fixed effects of day, arm"]), (Trend.QUADRATIC, {}, ["day and its square, arm"])],
    "adjust": [(True, {}, ["adjusted for weekly units"]), (False, {}, ["without adjustment for baseline"])],
    "estimator": [
        (Estimator.QUADRATURE, {}, ["maximum likelihood with adaptive Gauss–Hermite quadrature from 25 points"]),
        (Estimator.RSPL, {}, ["restricted pseudo-likelihood (RSPL) without residual correlation", "SAS PROC GLIMMIX"]),
        (
            Estimator.SLOPE,
            {},
            ["random intercept and a correlated random slope of day", "quadrature in two dimensions"],
        ),
    ],
    "scale": [
        (Scale.FREE, {}, ["and a scale parameter, by restricted"]),
        (Scale.FIXED, {}, ["the scale parameter fixed at 1, by restricted"]),
    ],
    "quadrature_points": [(101, {}, ["from 101 points upwards"])],
    "penalised": [
        (False, {}, ["fitted by maximum likelihood"]),
        (True, {}, ["penalised maximum likelihood", "penalties"]),
    ],
    "estimand": [(Estimand.POPULATION, {}, ["population-averaged"]), (Estimand.TYPICAL, {}, ["typical participant"])],
    "uncertainty": [
        (Uncertainty.MODEL, {}, ["containment denominator degrees of freedom"]),
        (
            Uncertainty.ROBUST,
            {},
            [
                "clustered by participant",
                "Mancl and DeRouen",
                "of participants less that of coefficients",
                "or on Welch's number",
            ],
        ),
    ],
    "dropout": [
        (DropoutRule.EVENT, {}, ["or to dropout, whichever came first", "log-rank test"]),
        (DropoutRule.CENSORED, {}, ["dropped out were censored at their last reported day", "log-rank test"]),
        (DropoutRule.COMPETING, {}, ["competing event", "Aalen–Johansen", "Gray's test", "cause-specific"]),
        (
            DropoutRule.IMPUTED,
            IMOR,
            ["nobody was censored before the last day", "each pooled over imputations", "with missing days imputed"],
        ),
    ],
    "tests": [("breath", {}, ["between a positive test (breath) and the visit before it"])],
    "tested": [
        (ReadingOfTests.DAYS, {}, ["Days reported as abstinent between a positive"]),
        (ReadingOfTests.WEEK, {}, ["counted as use in its week, where relapse counts weeks, and against no day."]),
        (ReadingOfTests.REQUIRED, {}, ["a week without a test was unknown, whatever was reported."]),
    ],
    "relapse": [
        ("use:3in7", {}, ["Time to relapse was the time to the first of 3 drinking days within 7 days or to dropout"]),
        ("weeks:2", {}, ["the first day of 2 weeks in a row with any use (a week without", "counts as drinking)"]),
        ("heavy:2in2+first-use", {}, ["the first of 2 heavy drinking days in a row or the first drinking day"]),
    ],
    "relapse_from": [(5, {}, ["the first heavy drinking day (from day 5 on)"])],
    "tau": [(14, {}, ["event-free time up to day 14"])],
    "grace": [(5, {}, ["forgiven the first 5 days"])],
    "assessment_days": [(7, {}, ["of the last 7 days of the window"])],
    "baseline_days": [(3, {}, ["those of the last 3 days before treatment"])],
    "drink_grams": [(30.0, {}, ["at 30 g of alcohol in one of the drinks"])],
}
CASES = [(name, *case) for name, cases in SAYS.items() for case in cases]


# Choices whose sentence stands in their declaration.
OWN_SENTENCE = [name for name, choice in CHOICES.items() if choice.methods is not None]


@pytest.mark.parametrize("name", OWN_SENTENCE)
def test_a_sentence_that_comes_with_a_choice_is_there_and_changes_with_it(name):
    default, other = getattr(BASE, name), VALUES[name]
    for value, not_chosen in ((default, other), (other, default)):
        text = methods(BASE.replace(**OTHER[name].needs | {name: value}), FACTS).text
        assert CHOICES[name].methods(value) in text
        absent = CHOICES[name].methods(not_chosen)  # a list of none has no sentence
        assert (absent not in text) if absent else not_chosen == ()


def test_every_choice_is_in_the_table_and_every_member_of_every_enumeration():
    assert {*SAYS, *OWN_SENTENCE} == {f.name for f in fields(AnalysisSpec)}
    for name, cases in SAYS.items():
        value = getattr(BASE, name)
        if isinstance(value, StrEnum):
            assert {case[0] for case in cases} == set(type(value)), name


@pytest.mark.parametrize(("name", "value", "needs", "says"), CASES, ids=lambda x: str(x)[:24])
def test_it_says_what_was_chosen_and_changes_with_it(name, value, needs, says):
    before = BASE.replace(**needs) if name not in needs else BASE
    after = methods(before.replace(**{name: value}), FACTS)
    for words in says:
        assert words in after.text, (words, after.text)
    if getattr(before, name) != value:
        assert after.text != methods(before, FACTS).text
    else:
        other = next((case[0] for case in SAYS[name] if case[0] != value), None)
        if other is not None:
            changed = methods(before.replace(**{name: other}), FACTS).text
            assert not all(words in changed for words in says), "the words must not stand there whatever is chosen"


@pytest.mark.parametrize(("name", "value", "needs", "says"), CASES, ids=lambda x: str(x)[:24])
def test_every_citation_has_its_reference_and_every_reference_its_citation(name, value, needs, says):
    found = methods(BASE.replace(**needs, **({} if name in needs else {name: value})), FACTS)
    assert "{" not in found.text and "  " not in found.text and " ." not in found.text
    cited = {int(n) for group in re.findall(r"\((\d+(?:, \d+)*)\)", found.text) for n in group.split(", ")}
    assert cited == set(range(1, len(found.references) + 1))
    assert set(found.references) <= set(REFERENCES.values())


def test_what_is_not_there_is_not_described():
    bare = replace(FACTS, n_missing=0, tested=False, can_tell_heavy=False, event=None, log_measures=())
    said = methods(BASE.replace(missing=MissingRule.IMOR), bare).text
    assert "No day was missing." in said and "impute" not in said and "EtG" not in said
    assert "Relapse was not analysed" in said and "more than 4" not in said and "after the" not in said.split(".")[0]
    assert "first heavy" not in said and "log link" not in said


def test_only_the_topics_asked_for_are_described():
    for topic in TOPICS:
        only = methods(BASE, FACTS, [topic]).text
        assert ("log-rank" in only) == (topic == "relapse")
        assert ("AR(1)" in only) == (topic in ("heavy", "measures"))
        assert ("number needed to treat" in only) == (topic == "nnt")
        assert ("CADSS" in only) == (topic == "cadss")


def test_an_exploratory_and_a_synthetic_analysis_say_so_and_units_are_the_trials():
    said = methods(BASE, replace(FACTS, exploratory=("linear time trend",), synthetic=True, terms=of_use("grams"))).text
    assert "exploratory analysis: it differs from the published analysis in linear time trend." in said
    assert said.startswith("The data are synthetic.")
    assert "more than 4 grams" in said and "drink" not in said.replace("(drinks)", "")


def test_references_are_numbered_in_the_order_of_their_first_mention():
    said, listed = numbered("One {rubin}, two {altman,rubin}, three {altman}.")
    assert said == "One (1), two (1, 2), three (2)."
    assert listed == (REFERENCES["rubin"], REFERENCES["altman"])
