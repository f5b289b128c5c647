"""Subgroups: what each level holds, how columns make levels, and what is refused in a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
from trials import frame, trial

from ketadash import analyse
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule, PValues, SubgroupEndpoint
from ketadash.export.analysis_json import analysis, dumps
from ketadash.questions.question import Answer, Material, Notice, RestsOn, Table
from ketadash.questions.subgroups.question import SUBGROUPS
from ketadash.stats.effects import newcombe, odds_ratio
from ketadash.trial import load, resolve

DAYS = SubgroupEndpoint.PERCENT_DAYS


def result_of(t, **choices):
    spec, _ = resolve(t, AnalysisSpec(**choices))
    return analyse.subgroups_result(t, spec)


def kinds(n_people=60):
    """A trial with columns of every kind."""
    d = frame(n_people=n_people)
    person = d["participant_id"].str[1:].astype(int)
    d["age"], d["flag"], d["alike"], d["empty"] = 20 + person, person // 2 % 2, "same", np.nan
    d["many"], d["lone"] = "word" + person.astype(str), (person == 3).map({True: "the one", False: "the others"})
    d["skewed"] = np.where(person < 40, 0, person)
    d["housing"] = (person % 3).map({0: "homeless", 1: "housed", 2: None})
    return d


def test_each_level_is_the_analysis_of_its_people_alone():
    d = kinds()
    d["housing"] = d["housing"].fillna("unknown place")
    whole = result_of(trial(d), subgroup="housing")
    for one in whole.levels:
        alone = trial(d[d["housing"] == one.level])
        spec, _ = resolve(alone, AnalysisSpec())
        events = analyse.time_to_event(alone, spec)["relapse"]
        assert [(a.arm, a.n, a.events) for a in one.arms] == [(a.arm, a.n, a.events) for a in events.arms]
        (e0, n0), (e1, n1) = ((int(a.events), a.n) for a in one.arms)
        gap, ratio = newcombe(e1, n1, e0, n0), odds_ratio(e1, n1, e0, n0)
        assert one.difference.estimate == pytest.approx(gap.estimate)
        assert (one.difference.ci_low, one.difference.ci_high) == pytest.approx((gap.ci_low, gap.ci_high))
        assert (one.odds_ratio.estimate, one.odds_ratio.ci_high) == pytest.approx((ratio.estimate, ratio.ci_high))
    days = result_of(trial(d), subgroup="housing", subgroup_endpoint=DAYS)
    for one in days.levels:
        alone = trial(d[d["housing"] == one.level])
        right = analyse.percent_days_abstinent(alone, resolve(alone, AnalysisSpec())[0])
        assert [(a.n, a.mean) for a in one.arms] == [(a.n, pytest.approx(a.mean)) for a in right.arms]
        assert one.difference.ci_low == pytest.approx(right.difference.ci_low)


def test_everyone_is_the_whole_trial_whatever_the_column():
    t = trial(kinds())
    spec, _ = resolve(t, AnalysisSpec())
    events = analyse.time_to_event(t, spec)["relapse"]
    for column in ("housing", "age", "flag"):
        overall = result_of(t, subgroup=column).overall
        assert [a.events for a in overall.arms] == [a.events for a in events.arms]
    assert result_of(t, subgroup="housing").n_unknown == 20


@pytest.mark.parametrize(
    ("choices", "levels", "cut"),
    [
        ({"subgroup": "age"}, ("below 49.5", "49.5 or more"), "cut at its median of 49.5"),
        ({"subgroup": "age", "subgroup_cut": 30.0}, ("below 30", "30 or more"), "cut at 30"),
        ({"subgroup": "flag"}, ("0", "1"), ""),
        ({"subgroup": "flag", "subgroup_cut": 1.0}, ("below 1", "1 or more"), "cut at 1"),
        ({"subgroup": "skewed"}, ("up to 0", "more than 0"), "cut at its median of 0"),
        ({"subgroup": "housing"}, ("homeless", "housed"), ""),
    ],
)
def test_how_a_column_makes_levels(choices, levels, cut):
    result = result_of(trial(kinds()), **choices)
    assert tuple(one.level for one in result.levels) == levels and result.cut == cut
    assert sum(a.n for one in result.levels for a in one.arms) + result.n_unknown == 60


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"subgroup": "alike"}, "'alike' is the same for everybody"),
        ({"subgroup": "empty"}, "'empty' is empty"),
        ({"subgroup": "many"}, "'many' has 60 levels; subgroups are made of 12 at most"),
        ({"subgroup": "age", "subgroup_cut": 5.0}, "nobody's 'age' is below 5"),
        ({"subgroup": "housing", "subgroup_cut": 5.0}, "'housing' holds words, so it cannot be cut at 5"),
    ],
)
def test_what_makes_no_subgroups_is_a_sentence(choices, sentence):
    t = trial(kinds())
    assert result_of(t, **choices).trouble.startswith(sentence)
    spec, _ = resolve(t, AnalysisSpec(**choices))
    (notice,) = SUBGROUPS.blocks(Material(t, spec))
    assert isinstance(notice, Notice) and notice.text.startswith(sentence)
    document = analysis(t, spec, ("subgroups",))
    assert any(w.startswith(f"subgroups: {sentence}") for w in document["warnings"])
    assert document["subgroups"]["warning"].startswith(sentence)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("nowhere", "there is no column 'nowhere' for subgroups"),
        ("drinks", "'drinks' changes"),
        ("arm", "'arm' says who"),
    ],
)
def test_a_column_that_is_not_there_is_refused(column, message):
    with pytest.raises(KetadashError, match=message):
        resolve(trial(kinds()), AnalysisSpec(subgroup=column))


def test_a_level_of_one_person_shows_nothing_and_enters_no_test():
    result = result_of(trial(kinds()), subgroup="lone")
    one = next(x for x in result.levels if x.level == "the one")
    assert not one.shown and all(a.events is None for a in one.arms)
    assert one.message == "fewer than 5 people with placebo and drug: no effect"
    assert result.interaction.p is None and result.interaction.message.startswith("no test")
    text = dumps(analysis(trial(kinds()), AnalysisSpec(subgroup="lone"), ("subgroups",)))
    assert json.loads(text)["subgroups"]["levels"][0]["arms"]["drug"]["events"] is None


def test_a_rare_level_leaves_the_others_test_as_it_is():
    d = kinds()
    d["with_rare"] = d["housing"].fillna("homeless").mask(d["participant_id"].isin(["P02", "P05"]), "rare")
    rest = d[d["with_rare"] != "rare"]
    with_it, without = (result_of(trial(x), subgroup="with_rare").interaction for x in (d, rest))
    assert (with_it.statistic, with_it.df) == (pytest.approx(without.statistic), without.df)


def test_only_one_p_and_it_is_hidden_where_p_values_are(sample):
    t = sample
    for endpoint in SubgroupEndpoint:
        result = result_of(t, subgroup="sex", subgroup_endpoint=endpoint)
        assert result.interaction.p is not None
        assert all(one.difference.p is None for one in (*result.levels, result.overall))
    document = analysis(t, AnalysisSpec(subgroup="sex"), ("subgroups",), hidden=True)
    assert document["subgroups"]["interaction"]["p"] is None


def test_dropout_and_missing_days_follow_their_choices(sample):
    t = sample
    censored = result_of(t, subgroup="sex", dropout=DropoutRule.CENSORED)
    assert any("count as without relapse" in w for w in censored.warnings)
    events = [a.events for one in censored.levels for a in one.arms]
    assert sum(events) < sum(a.events for one in result_of(t, subgroup="sex").levels for a in one.arms)
    imputed = result_of(t, subgroup="sex", missing=MissingRule.IMOR, imputations=4, dropout=DropoutRule.IMPUTED)
    assert imputed.interaction.name == "Welch's F" and imputed.interaction.p is not None
    filled, left_out = (
        result_of(t, subgroup="sex", subgroup_endpoint=DAYS, missing=rule)
        for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING)
    )
    assert filled.overall.difference != left_out.overall.difference


def test_a_column_of_after_randomisation_is_said_to_be_so(sample):
    result = result_of(sample, subgroup="received_infusion")
    assert result.late.startswith("'received_infusion' seems to be known only after treatment began")


def test_the_page_says_that_it_is_exploratory_and_hides_small_groups(sample):
    t = sample
    spec, _ = resolve(t, AnalysisSpec(subgroup="sex"))
    shown = list(SUBGROUPS.blocks(Material(t, spec)))
    answer = next(b for b in shown if isinstance(b, Answer))
    rests = next(b for b in shown if isinstance(b, RestsOn))
    assert "Exploratory" in answer.text and "Exploratory" in rests.text
    assert "Female: −21 points (95% CI −52 to 21; odds ratio 0.40)" in answer.text
    assert all(not b.make().empty for b in shown if isinstance(b, Table))
    (notice,) = SUBGROUPS.blocks(Material(t, spec, PValues.SHOWN, suppress=True))
    assert isinstance(notice, Notice) and "small counts are suppressed" in notice.text
    assert not SUBGROUPS.answerable(t, spec, True) and SUBGROUPS.answerable(t, spec, False)


def test_choosing_a_column_makes_no_other_page_exploratory(sample):
    t = sample
    spec, _ = resolve(t, AnalysisSpec(subgroup="sex", subgroup_cut=None))
    assert analyse.exploratory(t, spec) == ()


def test_the_printed_subgroups_of_xbot():
    """Homeless or not: Nunes et al. 2021 have odds ratios 0.45 (0.22-0.90) and 2.15 (1.44-3.21), from earlier data."""
    path = Path(__file__).parents[2] / "examples" / "xbot"
    real = load({f.name: f.read_bytes() for f in path.iterdir() if f.suffix in (".csv", ".toml", ".gz")})
    spec, _ = resolve(real, real.declared.published.replace(subgroup="homeless"))
    result = analyse.subgroups_result(real, spec)
    ratios = {one.level: one.odds_ratio for one in result.levels}
    assert (ratios["Yes"].estimate, ratios["Yes"].ci_low, ratios["Yes"].ci_high) == pytest.approx(
        (0.45, 0.22, 0.90), abs=0.006
    )
    assert ratios["No"].estimate == pytest.approx(2.15, abs=0.05)
    assert result.interaction.p < 0.001


def test_sites_that_are_numbers_are_groups_and_are_not_cut():
    """A site's number says which, not how much: "site below 27" is no kind of people."""
    d = kinds()
    d["site"] = d["participant_id"].str[1:].astype(int) // 2 % 4 + 11
    t = trial(d)
    whole = result_of(t, subgroup="site")
    assert [one.level for one in whole.levels] == ["11", "12", "13", "14"] and not whole.cut
    assert sum(a.n for one in whole.levels for a in one.arms) == 60
    refused = result_of(t, subgroup="site", subgroup_cut=12.0).trouble
    assert "'site' holds names that are numbers, so it cannot be cut at 12" in refused


def test_the_missing_day_buttons_are_lit_where_the_rule_changes_the_forest_and_nowhere_else(sample):
    t = sample
    for endpoint in SubgroupEndpoint:
        moved = [
            [one.difference.estimate for one in result.levels]
            for rule in (MissingRule.MISSING, MissingRule.NONABSTINENT)
            for result in [result_of(t, subgroup="sex", subgroup_endpoint=endpoint, missing=rule)]
        ]
        spec, _ = resolve(t, AnalysisSpec(subgroup="sex", subgroup_endpoint=endpoint))
        assert bool(SUBGROUPS.rule_idle(spec)) == (moved[0] == moved[1])
