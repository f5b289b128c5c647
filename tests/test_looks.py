"""Ways to look at a daily outcome, which change no result: points by week or of all days so far, another day's gap."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rendered import statements

from ketadash.analyse import abstinence_result, heavy_result, panel_of
from ketadash.core.spec import AnalysisSpec, Estimand, MissingRule, ViewSpec
from ketadash.questions.material import Material
from ketadash.questions.shared import alt, curve
from ketadash.questions.shared.grouped_points import CUMULATIVE, DAILY, WAYS, WEEKLY, shares
from ketadash.questions.shared.words import last_day
from ketadash.trial import load_sample, resolve

RULES = (MissingRule.NONABSTINENT, MissingRule.MISSING)


@pytest.fixture(scope="module")
def trial():
    return load_sample()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("analysis", [abstinence_result, heavy_result])
def test_all_days_so_far_end_at_the_share_of_all_days(trial, rule, analysis):
    result = analysis(trial, resolve(trial, AnalysisSpec(missing=rule))[0])
    for arm in result.arms:
        last = shares(result, arm, CUMULATIVE)[-1]
        assert last.share == pytest.approx(result.percent_days[arm], abs=1e-12)
        weeks = shares(result, arm, WEEKLY)
        assert sum(w.days for w in weeks) == last.days
        assert sum(w.share * w.days for w in weeks) / last.days == pytest.approx(last.share, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_a_weeks_share_is_that_of_the_panel_counted_by_hand(trial, rule):
    spec = resolve(trial, AnalysisSpec(missing=rule, etg=False))[0]  # days as they were reported
    result, p = abstinence_result(trial, spec), panel_of(trial, spec)
    for k, arm in enumerate(result.arms):
        groups = shares(result, arm, WEEKLY)
        assert [(w.first, w.last) for w in groups] == [(1, 7), (8, 14), (15, 21)]
        for week, w in enumerate(groups):
            amounts = p.amount[p.active == k][:, 7 * week : 7 * week + 7]
            missing = amounts != amounts
            counted = amounts.size if rule is MissingRule.NONABSTINENT else int((~missing).sum())
            assert w.days == counted and w.share == pytest.approx(float((amounts == 0).sum()) / counted, abs=1e-12)


@pytest.mark.parametrize("narrow", [False, True])
def test_grouped_points_say_of_how_many_people_and_have_no_intervals(trial, narrow):
    result = abstinence_result(trial, resolve(trial, AnalysisSpec())[0])
    view = ViewSpec(narrow=narrow)
    figures = {way: curve.plot(result, view, way=way) for way in WAYS}
    assert curve.plot(result, view) == figures[DAILY]
    for way in (WEEKLY, CUMULATIVE):
        key = next(a["text"] for a in figures[way]["layout"]["annotations"] if a.get("name") == "key")
        assert "23" in key and "17" in key
        assert not any("error_y" in t for t in figures[way]["data"])
        assert {t["legendgroup"] for t in figures[way]["data"]} == set(result.arms)
        assert figures[way]["layout"]["height"] == figures[DAILY]["layout"]["height"]
    assert not any("modelled" in t.get("name", "") or "fill" in t for t in figures[CUMULATIVE]["data"])
    lines = [[t["y"] for t in f["data"] if "modelled" in t.get("name", "")] for f in figures.values()]
    assert lines[0] == lines[1]
    assert "of all days so far" in alt.curve(result, CUMULATIVE) and "by week" in alt.curve(result, WEEKLY)


@pytest.mark.parametrize("analysis", [abstinence_result, heavy_result])
@pytest.mark.parametrize("estimand", list(Estimand))
def test_another_days_difference_is_that_days_and_says_which_day_the_analysis_is_about(trial, analysis, estimand):
    result = analysis(trial, resolve(trial, AnalysisSpec(estimand=estimand))[0])
    for gap in result.difference[:-1]:
        sentence = last_day(result, gap.day)
        assert sentence.startswith(f"On day {gap.day} the model puts ")
        assert f"Day {gap.day} was chosen by the reader; the analysis is about day 21" in sentence
        clear = gap.ci_low > 0 or gap.ci_high < 0
        assert ("which does not include zero)" in sentence) is clear
    whole = last_day(result)
    assert last_day(result, 21) == last_day(result, 99) == whole and "reader" not in whole
    assert ("a typical participant's chance" in whole) is (estimand is Estimand.TYPICAL)
    assert ("heavy drinking day" in whole) is (result.outcome == "heavy")


def test_the_day_is_marked_in_the_picture_of_differences(trial):
    result = abstinence_result(trial, resolve(trial, AnalysisSpec())[0])
    plain, marked = curve.difference(result, ViewSpec()), curve.difference(result, ViewSpec(), chosen=14)
    assert len(marked["layout"]["shapes"]) == len(plain["layout"]["shapes"]) + 1
    assert marked["layout"]["shapes"][-1]["x0"] == 14
    assert marked["data"] == plain["data"]
    assert "On day 14" in alt.difference(result, 14)


def test_days_on_which_nobody_counts_give_nothing(trial):
    result = abstinence_result(trial, resolve(trial, AnalysisSpec())[0])
    none = replace(
        result, observed=tuple(replace(p, n=0, proportion=None) if p.day < 9 else p for p in result.observed)
    )
    for arm in result.arms:
        assert [(s.first, s.last) for s in shares(none, arm, WEEKLY)] == [(9, 14), (15, 21)]
        assert shares(none, arm, CUMULATIVE)[0].first == 9


def test_what_is_said_of_the_last_day_says_so_where_another_is_looked_at(trial):
    spec, _ = resolve(trial, AnalysisSpec(imputations=2))
    for chosen, expected in ((None, 0), (7, 2), (21, 0), (99, 0)):
        made = statements(Material(trial, spec, contrast=chosen), ("abstinence",))
        lines = [text for _, kind, text in made if kind in ("Holds", "RestsOn")]
        assert sum("day 7" in line.lower() for line in lines) == expected, chosen
        assert not expected or any(line.endswith("That is of the last day, not of day 7.") for line in lines)
