"""Statements that were false or misleading once: each says now what its numbers are."""

from dataclasses import replace

import pytest

from ketadash import analyse
from ketadash.analyse.measures import measures_result
from ketadash.analyse.safety import adverse_events_result
from ketadash.core.choices import missing_choice
from ketadash.core.p_values import shown
from ketadash.core.spec import CHOICES, AnalysisSpec, DropoutRule, Estimand, Estimator, MissingRule, Trend, Uncertainty
from ketadash.core.terms import DRINKS
from ketadash.core.view import PValues
from ketadash.questions.compare import words as compare_words
from ketadash.questions.dropout import words as dropout_words
from ketadash.questions.heavy_drinking import words as heavy_words
from ketadash.questions.participants import words as participants_words
from ketadash.questions.registry import question
from ketadash.questions.relapse import words as relapse_words
from ketadash.questions.safety import words as safety_words
from ketadash.questions.shared import curve, legends, tables
from ketadash.questions.shared import words as shared_words
from ketadash.trial import load, resolve
from ketadash.ui import frame

WITH = {DropoutRule.IMPUTED: {"missing": MissingRule.IMOR}}  # what a value needs beside it


def _spec(trial, **changes):
    return resolve(trial, AnalysisSpec(**changes))[0]


def test_points_are_as_counted_where_days_are_filled_in_and_as_reported_elsewhere(sample):
    for rule, key in ((MissingRule.NONABSTINENT, "as counted"), (MissingRule.MISSING, "as reported")):
        spec = _spec(sample, missing=rule)
        result = analyse.abstinence_result(sample, spec)
        assert curve.counted(result) == key
        assert "observed" not in legends.curve(result, spec).split("Logistic")[0]


def test_a_typical_participants_curve_is_not_called_a_share_of_participants(sample):
    result = analyse.abstinence_result(sample, _spec(sample, estimand=Estimand.TYPICAL))
    assert "a typical participant's chance of abstinence" in shared_words.last_day(result)
    assert not curve.axis_title(result).startswith("Participants")


def test_a_rule_is_named_by_its_label_and_never_by_its_code():
    for rule in MissingRule:
        assert "_" not in (text := AnalysisSpec(missing=rule).describe("missing"))
        assert not any(code in text for code in ("imor", "locf", "nonabstinent"))
    assert AnalysisSpec(estimator=Estimator.SLOPE).describe("estimator") == "fitted by random slopes"


def test_a_badge_calls_a_rule_as_its_button_does(sample):
    buttons = {word: missing_choice.on_button(word, DRINKS).rstrip("…") for word in missing_choice.MISSING}
    for word, spec in (
        ("drinking", AnalysisSpec()),
        ("missing", AnalysisSpec(missing=MissingRule.MISSING)),
        ("reported", AnalysisSpec(missing=MissingRule.IMOR)),
        ("dial", AnalysisSpec(missing=MissingRule.IMOR, imor_active=0.5)),
    ):
        assert spec.describe("missing") == f"missing days = {buttons[word]}"
    for choice in (c for c in CHOICES.values() if c.words and c.key != "missing"):
        name = next(field for field, one in CHOICES.items() if one is choice)
        for word, value in choice.words.items():
            said = "on" if value is True else "off" if value is False else word
            assert said in AnalysisSpec(**{name: value}, **WITH.get(value, {})).describe(name)
    for rule in MissingRule:  # tables and pictures too
        assert DRINKS.worded(rule.about.label) == AnalysisSpec(missing=rule).describe("missing").removeprefix(
            "missing days = "
        )


def test_a_badge_names_each_departure_once(sample):
    """In a strict trial a subgroup departs from the trial's analysis, and from its page's: the badge said it twice."""
    strict = replace(sample, declared=replace(sample.declared, strict=True))
    for trial in (sample, strict):
        spec = resolve(trial, trial.declared.published.replace(subgroup="sex", trend=Trend.LINEAR))[0]
        differences = (*analyse.exploratory(trial, spec), *question("subgroups").departure(spec))
        badge = shared_words.status(differences, trial.declared.analysis_name)
        assert badge.count("subgroups by 'sex'") == 1 and "linear time trend" in badge


def test_who_left_is_not_said_to_have_come_back():
    """Leaving is being heard of no more: of X:BOT's 176 who left, 65 were said to have come back."""
    rows = [f"P{i},{'ab'[i % 2]},{d},{0 if d < 4 or i > 3 else ''}" for i in range(12) for d in range(1, 8)]
    trial = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    result = analyse.participants_result(trial, _spec(trial, control="a", active="b"))
    said = participants_words.leaving(result)
    assert (
        "a: of the 2 who left or never reported, " in said
        and "2 had reported only abstinent days in the window" in said
    )
    assert "came back" not in said


def test_one_n_on_a_page_with_its_reason(sample):
    rows = [f"P{i},{'ab'[i % 2]},{d},{'' if i == 5 else (i * 7 + d * 3) % 4}" for i in range(12) for d in range(1, 8)]
    trial = load("\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    for rule, used in (
        (MissingRule.MISSING, "11 of 12 participants (1 reported no day)"),
        (MissingRule.LOCF, "12 part"),
    ):
        spec = resolve(trial, AnalysisSpec(missing=rule, control="a"))[0]
        below = shared_words.rests_on(analyse.abstinence_result(trial, spec), spec)
        above = shared_words.used(frame.counts_used(trial, spec), spec)
        assert above.startswith(used) and above in below


def test_nothing_is_called_published_where_a_trial_declares_nothing():
    texts = [c.help or "" for c in CHOICES.values()] + [c.cli for c in CHOICES.values()]
    texts += [rule.about.help for rule in (*MissingRule, *DropoutRule)]
    assert not [text for text in texts if "published" in text.lower()]


def test_degrees_of_freedom_are_whole_numbers(sample):
    spec = _spec(sample, missing=MissingRule.IMOR, uncertainty=Uncertainty.MODEL)
    result = analyse.heavy_result(sample, spec)
    test = replace(result.model.test("day:arm"), df_den=308.8001914782202)
    model = replace(result.model, tests=tuple(test if t.effect == "day:arm" else t for t in result.model.tests))
    text = heavy_words.answer(replace(result, model=model))
    assert "F(1, 309)" in text and "308.8" not in text


def test_the_odds_of_heavy_days_are_one_participants(sample):
    assert "one participant's odds" in heavy_words.answer(analyse.heavy_result(sample, _spec(sample)))


def test_the_arm_row_beside_an_interaction_is_named_after_day_0(sample):
    result = analyse.abstinence_result(sample, _spec(sample))
    assert "arm (gap at day 0)" in list(tables.type_iii({"fit": result.model})["Effect"])


def test_relapse_says_how_many_only_left(sample):
    by_rule = {
        rule: relapse_words.answer(analyse.time_to_event(sample, _spec(sample, dropout=rule))["relapse"])
        for rule in (DropoutRule.EVENT, DropoutRule.CENSORED, DropoutRule.COMPETING)
    }
    assert "3 of these 15 only left the study" in by_rule[DropoutRule.EVENT]
    assert all("only left" not in text for rule, text in by_rule.items() if rule is not DropoutRule.EVENT)


def test_dropout_has_its_verdict_from_intervals(sample):
    text = shown(dropout_words.answer(analyse.dropout_ways(sample, _spec(sample))), PValues.SHOWN)
    assert "−35 points (95% CI −56 to −4; log-rank p\N{NO-BREAK SPACE}.04)" in text and ".05" not in text
    assert text.startswith(
        "The result depends on dropout: the 95% CI of the difference in relapse does not include zero where it is "
        "counted as relapse, but does where censored or a competing event. Here is the difference"
    )


def test_safety_says_that_what_it_names_was_picked(sample):
    spec = _spec(sample)
    assert "picked for its size" in safety_words.events(adverse_events_result(sample, spec))
    text = safety_words.measures(measures_result(sample, spec))
    assert "not adjusted for testing several" in text and "smallest p of 7" in text


def test_an_odds_ratio_of_a_bent_curve_has_its_day(sample):
    spec = _spec(sample)
    result = analyse.abstinence_result(sample, spec)
    numbers = compare_words.per_day(result, "abstinence")
    assert all("on day 21" in text for text in numbers.values())


@pytest.mark.parametrize(
    "ends, says, never",
    [
        (
            ((-0.5, -0.1), (0.1, 0.5), (-0.1, 0.1)),
            "below zero where it is counted as relapse, and includes",
            "but does where",
        ),
        (((-0.5, -0.1), (-0.1, 0.1), (-0.1, 0.1)), "but does where censored or", "above zero"),
        (((None, None), (-0.1, 0.1), (-0.1, 0.1)), "not estimable", "no difference"),
    ],
)
def test_the_verdict_on_dropout_agrees_with_its_intervals(sample, ends, says, never):
    whole = analyse.dropout_ways(sample, _spec(sample))
    estimates = [None if low is None else (low + high) / 2 for low, high in ends]
    ways = tuple(
        replace(way, difference=replace(way.difference, estimate=e, ci_low=low, ci_high=high))
        for way, e, (low, high) in zip(whole.ways, estimates, ends, strict=True)
    )
    text = dropout_words.answer(replace(whole, ways=ways))
    assert says in text and never not in text
