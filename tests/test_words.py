"""Numbers as journals print them, and sentences that hold at the edges."""

from dataclasses import replace

import pytest

from ketadash.analyse import (
    abstinence_result,
    heavy_result,
    nnt_result,
    percent_days_abstinent,
    responders,
    sensitivity,
    time_to_event,
)
from ketadash.core import numbers
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.numbers import NBSP
from ketadash.core.p_values import p_cell, p_text, shown
from ketadash.core.spec import AnalysisSpec, Estimand, MissingRule, PValues, Uncertainty
from ketadash.core.terms import DRINKS
from ketadash.questions.abstinence import words as abstinence_words
from ketadash.questions.heavy_drinking import words as heavy_drinking_words
from ketadash.questions.nnt import words as nnt_words
from ketadash.questions.overview import agreement as words_sensitivity
from ketadash.questions.overview import standing
from ketadash.questions.overview import words as words_overview
from ketadash.questions.relapse import words as relapse_words
from ketadash.questions.responders import words as responders_words
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import words
from ketadash.results import Counts, Cox, Estimate
from ketadash.trial import load, resolve

SPEC = AnalysisSpec()


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (None, "p not estimable"),
        (0.0, "p < .001"),
        (0.000999, "p < .001"),
        (0.001, "p .001"),
        (0.0072, "p .007"),
        (0.0100, "p .01"),
        (0.0449, "p .04"),
        (0.0496, "p .050"),  # neither .05 nor lower: three digits around the line
        (0.0504, "p .050"),
        (0.0549, "p .055"),
        (0.055, "p .06"),
        (0.5, "p .50"),
        (0.995, "p .99"),
        (0.9951, "p > .99"),
        (1.0, "p > .99"),
    ],
)
def test_p(p, said):
    assert shown(p_text(p), PValues.SHOWN).replace(NBSP, " ") == said
    assert shown(p_cell(p), PValues.SHOWN).replace(NBSP, " ") == ("–" if p is None else said.removeprefix("p "))


@pytest.mark.parametrize(
    ("x", "digits", "said"),
    [(None, 2, "–"), (1.1931, 2, "1.19"), (-0.5, 1, "−0.5"), (-0.0004, 2, "0.00"), (0.0, 0, "0"), (-12, 0, "−12")],
)
def test_a_number_has_a_true_minus_and_no_negative_zero(x, digits, said):
    assert numbers.number(x, digits) == said


def test_percent_points_and_intervals():
    assert numbers.percent(0.784) == "78%"
    assert numbers.percent(None) == "–"
    assert numbers.points(-0.256) == "26"
    assert numbers.interval(1.14, 1.25) == "1.14–1.25"
    assert numbers.interval(-0.2, 6.31, 1) == "−0.2 to 6.3"  # no dash beside a minus
    assert numbers.interval(None, 2.0) == numbers.interval(1.0, None) == "not estimable"
    assert numbers.level(0.95) == "95% CI" and numbers.level(0.999) == "99.9% CI"


def test_a_narrow_ratio_gets_the_digits_it_needs():
    assert numbers.ratio_digits(1.33, 1.50) == 2
    assert numbers.ratio_digits(0.98, 1.01) == 3
    assert numbers.ratio_digits(0.9995, 1.0012) == 4


def test_days_used_are_said_under_either_rule_and_when_none_is_missing():
    drinking, missing = SPEC, SPEC.replace(missing=MissingRule.MISSING)
    assert words.used(Counts(570, 15960, 1551, 1551), drinking).endswith("15,960 days used, 1,551 of them filled in.")
    assert words.used(Counts(40, 777, 0, 63), missing).endswith("777 days used, none filled in, 63 missing left out.")
    assert words.used(Counts(40, 840, 0, 0), drinking) == "40 participants, 840 days used, none missing."


def test_the_sentence_on_the_last_day_follows_sign_and_interval(published):
    result = abstinence_result(*published)
    gap = result.difference[-1]
    cases = {
        (0.26, 0.05, 0.47): (
            "26 percentage points higher",
            "5–47 points, which does not include zero",
        ),
        (-0.26, -0.47, -0.05): (
            "26 percentage points lower",
            "−47 to −5 points, which does not include zero",
        ),
        (0.1, -0.1, 0.3): ("10 percentage points higher", "−10 to 30 points, which includes"),
        (0.3, -1.0, 1.0): ("30 percentage points higher", f"−100 to 100 points, which {words.EVERY_DIFFERENCE}"),
    }
    for (d, low, high), (size, sure) in cases.items():
        turned = replace(result, difference=(replace(gap, probability=d, ci_low=low, ci_high=high),))
        said = words_overview.overview(turned, percent_days_abstinent(*published))
        assert size in said and sure in said, said
        assert "did better" not in said and "No clear difference" not in said  # of one contrast nobody can say that


def test_the_overview_says_beside_the_modelled_day_what_the_days_show_person_by_person(published):
    trial, spec = published
    said = words_overview.overview(abstinence_result(trial, spec), percent_days_abstinent(trial, spec))
    assert "person by person, was 12 percentage points higher with ketamine than with midazolam" in said
    assert "(95% CI −9 to 33 points, which includes zero)" in said


def test_cards_lead_with_a_difference_and_say_how_many_of_the_relapsed_only_left(published):
    trial, spec = published
    title, number, text = words_overview.card_nnt(nnt_result(trial, spec))
    assert title == "Abstinent on all 21 days" and number.endswith(" points")
    assert text.endswith(" to treat for one more to benefit; harm is not excluded.") and "(95% CI −" in text
    _, _, relapse = words_overview.card_relapse(time_to_event(trial, spec)["relapse"])
    assert "hazard ratio 0." in relapse and "only left the study" in relapse
    assert "log-rank p" in shown(relapse, PValues.SHOWN)
    none = replace(time_to_event(trial, spec)["relapse"], cox=Cox(None, None, None, None))
    assert "no finite hazard ratio" in words_overview.card_relapse(none)[2]


def test_the_card_of_heavy_days_says_a_change_in_percent_and_with_its_sign(published):
    heavy = heavy_result(*published)
    control, active = heavy.odds_ratio_per_day
    wanted = {
        (1.004, 1.194): "unchanged v +19% a day",
        (0.88, 1.0): "−12% v unchanged",
        (1.001, 0.999): "unchanged in both",
        (0.5, 12.0): "−50% v ×12.0 a day",
    }
    for (ours, theirs), number in wanted.items():
        ratios = (replace(control, estimate=theirs), replace(active, estimate=ours))
        card = words_overview.card_heavy(replace(heavy, odds_ratio_per_day=ratios), DRINKS)
        assert card[1] == number
        assert card[2].startswith("One participant's odds of a heavy drinking day") or "heavy day" in card[2]


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (0.18, -0.12, 0.45, "About 6 to treat for one more to benefit; harm is not excluded."),
        (0.18, 0.02, 0.45, "About 6 to treat for one more to benefit."),
        (-0.18, -0.45, -0.02, "One more is harmed in about 6 treated."),
        (-0.18, -0.45, 0.12, "One more is harmed in about 6 treated; benefit is not excluded."),
        (0.18, 0.0, 0.45, "About 6 to treat for one more to benefit; no effect is not excluded."),
    ],
)
def test_a_number_to_treat_in_plain_words_agrees_with_its_interval(published, difference, low, high, words):
    observed = nnt_result(*published).observed
    n = replace(observed, risk_difference=difference, ci_low=low, ci_high=high, nnt=1 / difference)
    assert nnt_words.in_plain_words(n) == words
    assert nnt_words.in_plain_words(replace(n, nnt=None, text="no difference")).endswith("no difference")


def test_without_a_model_the_observed_days_are_said_and_no_number_invented(published):
    result = replace(abstinence_result(*published), difference=(), modelled=())
    assert "no finite answer" in abstinence_words.answer(result)
    assert words_overview.card_abstinence(result)[1] == "–"
    assert "no modelled curve" in words_alt.curve(result)
    assert words_alt.difference(result) == "No modelled difference to show."
    heavy = replace(heavy_result(*published), odds_ratio_per_day=())
    assert "no finite answer" in heavy_drinking_words.answer(heavy)
    assert words_overview.card_heavy(heavy, DRINKS)[1] == words_overview.card_heavy(None, DRINKS)[1] == "–"
    assert "none could be estimated" in words_alt.odds(heavy)


def test_one_day_is_said_as_one_day(published):
    trial, spec = published
    day = spec.replace(days=type(spec.days)(3, 3))
    result = abstinence_result(trial, day)
    assert abstinence_words.answer(result).startswith("On day 3, ")
    assert "single day" in words.doubts(result)[0]
    assert "None" not in words.rests_on(result, day)


def test_an_odds_ratio_moves_only_where_its_interval_excludes_one(published):
    result = heavy_result(*published)
    first, second = result.odds_ratio_per_day
    fell, flat = replace(first, estimate=0.8, ci_low=0.7, ci_high=0.9), replace(second, ci_low=0.9, ci_high=1.2)
    said = heavy_drinking_words.answer(replace(result, odds_ratio_per_day=(fell, flat)))
    assert "midazolam one participant's odds of a heavy drinking day fell by 20%" in said
    assert "ketamine these odds showed no clear change" in said


def test_odds_without_a_change_are_named_where_they_come_first_and_no_difference_of_trends_is_claimed(published):
    result = heavy_result(*published)
    flat = tuple(replace(r, ci_low=0.8, ci_high=1.3) for r in result.odds_ratio_per_day)
    answer = heavy_drinking_words.answer(replace(result, odds_ratio_per_day=flat))
    assert answer.startswith("With midazolam one participant's odds of a heavy drinking day showed no clear change (")
    assert "With ketamine these odds showed no clear change (" in answer
    answer = shown(answer, PValues.SHOWN)
    assert "trends differ" not in answer and "Test of a difference between the arms' trends: F(1, 798) = " in answer


def test_survival_without_an_interval_or_a_test(published):
    result = time_to_event(*published)["relapse"]
    bare = replace(result.rmst.difference, estimate=0.01, ci_low=None, ci_high=None)
    assert "as many days without relapse on average (without an interval" in relapse_words.answer(
        replace(result, rmst=replace(result.rmst, difference=bare))
    )
    silent = replace(result, logrank=replace(result.logrank, chi2=None, p=None, messages=("no events, so",)))
    assert "participants had relapsed (3 of these 15 only left the study); no events, so." in relapse_words.answer(
        silent
    )
    fewer = replace(result.rmst.difference, estimate=-2.0, ci_low=-3.0, ci_high=-1.0)
    assert "2.0 fewer days" in relapse_words.answer(replace(result, rmst=replace(result.rmst, difference=fewer)))


@pytest.mark.parametrize(("nnt", "short"), [(5.49, "6"), (3.0, "3"), (-8.7, "harm 9"), (None, "–"), (1.0, "1")])
def test_a_number_needed_to_treat_is_rounded_up(published, nnt, short):
    assert nnt_words.short(replace(nnt_result(*published).observed, nnt=nnt)) == short


def test_agreement_is_counted_in_the_direction_of_most(published):
    result = sensitivity(*published)
    assert "In 16 of 16 distinct specifications abstinence on day 21 is higher" in words_sensitivity.agreement(result)
    flipped = [
        replace(r, difference=Estimate(-r.difference.estimate, -r.difference.ci_high, -r.difference.ci_low))
        for r in result.rows
    ]
    assert "In 16 of 16 distinct specifications abstinence on day 21 is lower" in words_sensitivity.agreement(
        replace(result, rows=tuple(flipped))
    )
    lost = replace(result.rows[0], difference=Estimate(None, None, None), failed="why", messages=("why",))
    some = replace(result, rows=(lost, *result.rows[1:]))
    assert "In 15 of 15" in words_sensitivity.agreement(
        some
    ) and "1 could not be estimated" in words_sensitivity.agreement(some)
    assert words_sensitivity.doubts(some)[-1] == "why (1 of 16 specifications)"
    none = replace(result, rows=(lost,))
    assert "No specification could be estimated" in words_sensitivity.agreement(none)


def test_a_typical_curve_says_that_it_is_no_estimate_of_the_points(published):
    trial, spec = published
    typical = spec.replace(estimand=Estimand.TYPICAL)
    assert "does not estimate the observed" in words.rests_on(abstinence_result(trial, typical), typical)
    assert "population-averaged curve" in words.rests_on(abstinence_result(trial, spec), spec)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ((57, 0), "Here all missing days are in the midazolam arm, so counting them as drinking favours ketamine."),
        ((0, 57), "Here all missing days are in the ketamine arm, so counting them as drinking favours midazolam."),
        ((48, 18), "Here counting missing days as drinking favours ketamine. It lowers the share of days abstinent by"),
        (
            (48, 18),
            "by 7 points with midazolam (10.0% of its days missing) and by 4 points with ketamine (5.0%), if each",
        ),
        ((18, 48), "Here counting missing days as drinking favours midazolam."),
        ((48, 30), "favours neither arm by much."),
        ((480, 36), "10.0% of the ketamine arm's."),  # nothing reported: nothing to liken to
        ((0, 0), ""),
    ],
)
def test_whom_the_rule_favours_is_said_from_the_data(missing, sentence, published):
    trial, spec = published
    result = abstinence_result(trial, spec)
    counts = replace(result.counts, n_missing=sum(missing), missing_by_arm=missing, days_by_arm=(480, 360))
    said = words.favours(replace(result, counts=counts), spec)
    assert sentence in said if sentence else said == ""
    assert words.favours(replace(result, counts=counts), spec.replace(missing=MissingRule.MISSING)) == ""


def test_the_arm_that_loses_most_by_the_rule_is_not_the_one_with_most_days_missing():
    """Each arm loses what its share is lower by than with missing days left out, whoever reports fewer of them."""
    known = {"placebo": (2, 12), "drug": (15, 16)}  # abstinent days, reported days, of 20 for each of 12 people
    rows = ["participant_id,arm,day,drinks"]
    for who, arm in enumerate(("placebo", "drug") * 12):
        abstinent, reported = known[arm]
        rows += [
            f"P{who:02},{arm},{day},{0 if (day + who) % reported < abstinent else 9}" for day in range(1, reported + 1)
        ]
    rows += [f"P99,drug,{day},0" for day in range(1, 21)]
    trial = load("\n".join(rows).encode(), name="mine.csv")
    for outcome in (abstinence_result, heavy_result):
        of_rule = {}
        for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING):
            spec, _ = resolve(trial, AnalysisSpec(missing=rule, control="placebo", active="drug"))
            of_rule[rule] = outcome(trial, spec)
        counted, left_out = (of_rule[rule].percent_days for rule in of_rule)
        spec, _ = resolve(trial, AnalysisSpec(control="placebo", active="drug"))
        said = words.favours(of_rule[MissingRule.NONABSTINENT], spec)
        lost = {arm: abs(counted[arm] - left_out[arm]) for arm in known}
        for arm in known:
            assert f"by {numbers.with_points(f'{100 * lost[arm]:.0f}')} with {arm}" in said
        missing = of_rule[MissingRule.NONABSTINENT].counts
        shares = [m / n for m, n in zip(missing.missing_by_arm, missing.days_by_arm, strict=True)]
        assert shares[0] > shares[1]
        assert f"favours {'placebo' if lost['drug'] > lost['placebo'] else 'drug'}. It " in said
        assert outcome is heavy_result or lost["drug"] > lost["placebo"]


def test_the_overview_says_how_the_last_day_stands_under_other_errors_and_another_reading_of_missing_days(published):
    trial, spec = published
    said = standing.how_it_stands(trial, spec, abstinence_result(trial, spec), PValues.SHOWN)
    robust = abstinence_result(trial, spec.replace(uncertainty=Uncertainty.ROBUST)).difference[-1]
    left_out = abstinence_result(trial, spec.replace(missing=MissingRule.MISSING)).difference[-1]
    clustered, otherwise, _ = said.split(". ")
    for gap, text, of in (
        (robust, clustered, "With errors clustered by participant, the interval"),
        (left_out, otherwise, f"left out, the modelled difference is {100 * left_out.probability:.0f} points (95% CI"),
    ):
        verb = "does not include zero" if gap.ci_low > 0 or gap.ci_high < 0 else "includes zero"
        assert f"{numbers.point_ends(gap.ci_low, gap.ci_high)} points" in text and of in text and verb in text
    assert "page Chance" in said


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"uncertainty": Uncertainty.ROBUST}, "With the model's own errors"),
        ({"missing": MissingRule.MISSING}, "With missing days counted as drinking"),
        ({"missing": MissingRule.IMOR, "imor_control": 0.5, "dropout": DropoutRule.IMPUTED}, "missing days left out"),
    ],
)
def test_what_stands_beside_is_what_was_not_chosen(published, changes, named):
    trial, spec = published
    spec = spec.replace(**changes)
    assert named in standing.how_it_stands(trial, spec, abstinence_result(trial, spec), PValues.SHOWN)


def test_a_fit_that_did_not_converge_has_nothing_standing_beside_it(published):
    trial, spec = published
    result = abstinence_result(trial, spec)
    stopped = replace(result, model=replace(result.model, convergence=replace(result.model.convergence, ok=False)))
    assert standing.how_it_stands(trial, spec, stopped, PValues.SHOWN) == ""


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (-0.05, -0.24, 0.0), (0.1, 0.0, 0.2)])
def test_a_typical_difference_that_ends_at_0_says_who_did_better_in_the_pairs_that_differ(published, shift):
    curve = next(c for c in responders(*published).curves if c.unit == "percent")
    answer = responders_words.curve_answer(replace(curve, shift=Estimate(*shift)))
    control, active = (f"{100 * share:.0f}%" for share in curve.better)
    assert f"In pairs across the arms ketamine did better in {active} and midazolam in {control}; " in answer
    assert "ties" not in responders_words.curve_answer(replace(curve, shift=Estimate(0.1, -0.01, 0.2)))


@pytest.mark.parametrize(("shift", "said"), [(0.01, "1 point ("), (-0.012, "−1 point ("), (0.02, "2 points (")])
def test_a_typical_difference_of_one_point_is_one_point(published, shift, said):
    curve = next(c for c in responders(*published).curves if c.unit == "percent")
    answer = responders_words.curve_answer(replace(curve, shift=replace(curve.shift, estimate=shift)))
    assert f"typical difference {said}" in answer
