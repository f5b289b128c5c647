"""Sentences and tables of what else happened: what they say follows from the results."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ketadash.core.p_values import shown
from ketadash.core.view import PValues
from ketadash.questions.safety import tables as tables_safety
from ketadash.questions.safety import words as words_safety
from ketadash.results import EffectTest, Estimate
from ketadash.results.safety import FollowUpArm, WeeklyChange

sys.path.insert(0, str(Path(__file__).parent / "figures"))
from fakes_safety import dissociation, event, events, follow_up, measure


def with_p(m, p):
    return replace(m, model=replace(m.model, tests=(EffectTest("week:arm", 3.0, 1, 73, p),)))


def test_the_most_common_events_lead():
    said = words_safety.overview(events(), follow_up(), [measure()])
    assert "sedation (8/17 with Ketamine, 12/23 with Midazolam)" in said
    assert "6 of 8 Ketamine and 3 of 11 Midazolam participants reported abstinence; 21 of 40 were not reached" in said
    assert "nothing about events" in words_safety.overview(None, None, ())


def test_the_largest_difference_is_said_with_its_interval_and_direction():
    rare = replace(event("agitation"), difference=Estimate(0.118, 0.01, 0.34))
    common = replace(events(), events=(event(), rare))
    said = words_safety.events(common)
    assert "in agitation: 12 percentage points more often with Ketamine" in said
    assert "(95% CI 1–34 points, which does not include zero)" in said
    turned = replace(events(), events=(replace(rare, difference=Estimate(-0.118, -0.34, 0.01)),))
    assert "12 percentage points less often with Ketamine" in words_safety.events(turned)
    assert "includes zero" in words_safety.events(turned)
    one = replace(common, events=(replace(rare, difference=Estimate(0.012, -0.1, 0.1)),))
    assert "in agitation: 1 percentage point more often" in words_safety.events(one)
    assert "No adverse event is recorded" in words_safety.events(replace(events(), events=()))
    assert "no p-values" in words_safety.events_rest_on(events())


def test_dissociation_reads_as_the_paper_prints_it():
    said = shown(words_safety.dissociation(dissociation()), PValues.SHOWN).replace("\u00a0", " ")
    assert "The median CADSS score was 19 (quartiles 19 to 30.75, n = 4) with Ketamine" in said
    assert "χ² 7.87 on 1 df, p .005" in said
    assert "multiplied by 1.11 (95% CI 0.99–1.24, p .07)" in said
    none = replace(dissociation(), odds_ratio=Estimate(None, None, None), messages=("the score separates",))
    assert "the score separates" in words_safety.dissociation(none)


@pytest.mark.parametrize(
    ("estimate", "link", "said"),
    [
        (0.88, "log", "−12%"),
        (1.3, "log", "+30%"),
        (1.001, "log", "0%"),
        (-0.344, "identity", "−0.34"),
        (2.0, "identity", "+2.00"),
        (None, "log", "–"),
    ],
)
def test_a_weekly_change_says_its_direction(estimate, link, said):
    assert words_safety.change(WeeklyChange("a", estimate, None, None, None), link) == said


def test_interactions_are_counted_and_the_smallest_p_named():
    three = [with_p(measure(label=n), p) for n, p in (("craving", 0.3), ("stress", 0.02), ("arousal", 0.6))]
    assert "in 1 of 3 visit measures (stress); the p-values are not adjusted" in words_safety.measures(three)
    assert "Stress, which has the smallest p of 3, changed by −10% a week" in words_safety.measures(three)
    none = shown(words_safety.measures([three[0], three[2]]), PValues.SHOWN).replace("\u00a0", " ")
    assert "in none of 2 visit measures (smallest p .30, not adjusted for testing several)" in none
    assert "No measure" in words_safety.measures([measure(usable=False)])
    alone = shown(words_safety.measures([three[1]]), PValues.SHOWN)
    assert alone.startswith("The arms' weekly trends in stress differed at p < .05.")


def test_of_a_fit_that_did_not_converge_nothing_is_concluded():
    """X:BOT's withdrawal led the page with p < .001 from a fit whose own warning says not to rely on it."""
    lost = with_p(measure(label="withdrawal"), 0.0001)
    lost = replace(lost, model=replace(lost.model, convergence=replace(lost.model.convergence, ok=False)))
    craving = with_p(measure(label="craving"), 0.3)
    said = shown(words_safety.measures([lost, craving]), PValues.SHOWN)
    assert "weekly trends in craving did not differ" in said
    assert "The fit of withdrawal did not converge: nothing is concluded from it." in said
    assert "Withdrawal" not in said and ".001" not in said
    assert "nothing is concluded from it" in words_safety.measures([lost])


def test_follow_up_says_how_far_the_missing_could_move_it():
    said = words_safety.follow_up(follow_up())
    assert "6 of 8 with Ketamine (75%, 95% CI 35–97%)" in said
    assert "from −30 to 75 percentage points" in said
    nobody = FollowUpArm("Midazolam", 23, 0, 0, Estimate(None, None, None), 0.0, 1.0)
    assert "nobody reached" in words_safety.follow_up(replace(follow_up(), arms=(nobody, follow_up().arms[1])))
    all_of_them = tuple(replace(a, n=a.reached) for a in follow_up().arms)
    assert "everyone was reached" in words_safety.follow_up(replace(follow_up(), arms=all_of_them))


def test_tables_hold_the_numbers_and_downloads_their_full_precision():
    table = tables_safety.events(events())
    assert list(table["Midazolam"])[:2] == ["12/23 (52.2%)", "11/23 (47.8%)"]
    assert table.iloc[-1]["Event"] == "any event"
    full = tables_safety.events_full(events())
    assert full.loc[0, "difference_estimate"] == -0.05 and len(full) == 8
    assert list(tables_safety.follow_up(follow_up())["If all others drank"]) == ["13%", "35%"]
    assert tables_safety.follow_up_full(follow_up()).loc[0, "bound_low"] == 3 / 23
    means = tables_safety.means([measure()])
    assert list(means["Week"]) == ["before", "1", "2", "3"]
    assert means.loc[0, "Ketamine, modelled"] == "–"
    assert len(tables_safety.means_full([measure()])) == 8 + 6
    both = tables_safety.type_iii([measure(), measure(usable=False)])
    assert list(both["Den DF"]) == ["73", "–"] and both.loc[1, "week:arm F"] == "–"
    assert tables_safety.measures([measure(usable=False)]).loc[0, "Week × arm F"] == "–"
    # a test's statistic gives its p away, and is written as one: shown and hidden with it
    assert "7.87" in shown(tables_safety.association(dissociation()).loc[0, "Estimate"], PValues.SHOWN)
    assert list(tables_safety.dissociation(dissociation())["Quartiles"])[1] == "19 to 30.75"
