"""Adverse events, dissociation and follow-up from files to results, by hand and by their laws."""

import json

import numpy as np
import pandas as pd
import pytest
from what_else import resolved, tables, trial

from ketadash.analyse import adverse_events_result, dissociation_result, follow_up_result, panel_of
from ketadash.analyse.memo import computed
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.export.analysis_json import analysis, dumps
from ketadash.stats import effects


@pytest.fixture(scope="module")
def made():
    return trial()


def test_events_are_participants_of_all_randomised(made):
    """P01 has sedation twice, P02's flu was before, P99 is nobody, P05's day is unknown; P01, P03, P05 are active."""
    found = adverse_events_result(made, resolved(made))
    by = {e.event: e for e in found.events}
    assert list(by) == ["Sedation", "headache"]
    control, active = by["Sedation"].arms
    assert (control.participants, control.n, control.occurrences) == (2, 12, 2)
    assert (active.participants, active.n, active.occurrences) == (1, 12, 2)
    assert active.severity == (("mild", 1), ("moderate", 1))
    assert [a.participants for a in by["headache"].arms] == [0, 2]
    assert [a.participants for a in found.overall.arms] == [2, 3]
    assert found.n_before == 1 and found.warnings == ("1 event before day 0 left out",)
    assert by["headache"].difference == effects.newcombe(2, 12, 0, 12)


def test_swapping_the_arms_negates_the_differences(made):
    there = adverse_events_result(made, resolved(made))
    back = adverse_events_result(made, resolved(made, control="ketamine", active="placebo"))
    for a, b in zip(there.events, back.events, strict=True):
        assert a.event == b.event and a.arms == b.arms[::-1]
        d, e = a.difference, b.difference
        assert (d.estimate, d.ci_low, d.ci_high) == pytest.approx((-e.estimate, -e.ci_high, -e.ci_low))


def test_no_events_at_all_is_a_result_and_no_names_is_none():
    events = tables()["adverse_events"]
    empty = trial({"adverse_events": events.iloc[6:7]})  # only the one before treatment
    found = adverse_events_result(empty, resolved(empty))
    assert found.events == () and [a.participants for a in found.overall.arms] == [0, 0]
    unnamed = trial({"adverse_events": events.rename(columns={"event": "remark"})})
    assert adverse_events_result(unnamed, resolved(unnamed)) is None


def test_other_columns_of_events_will_do():
    events = tables()["adverse_events"].drop(columns=["day", "severity"]).rename(columns={"event": "AETERM"})
    made = trial({"adverse_events": events})
    found = adverse_events_result(made, resolved(made))
    assert found.n_before == 0 and {e.event for e in found.events} == {"Sedation", "headache", "flu"}


def test_dissociation_takes_the_score_after_the_infusion(made):
    people = tables()["participants"]
    both = people.assign(cadss_before=0.0)[["participant_id", "arm", "cadss_before", "cadss_after_infusion"]]
    found = dissociation_result(made, resolved(made))
    two = trial({"participants": both})
    again = dissociation_result(two, resolved(two))
    assert again.source == "participants, cadss_after_infusion"
    assert again.arms == found.arms and again.test == found.test
    score = people.set_index("participant_id").cadss_after_infusion
    for a in found.arms:
        own = score[(people.arm == a.arm).to_numpy()].dropna()
        assert a.values == tuple(sorted(own))
        assert (a.q1, a.median, a.q3) == pytest.approx(np.percentile(own, [25, 50, 75]))
    assert [a.n_missing for a in found.arms] == [1, 0]  # P02 is on placebo


def test_dissociation_from_the_visit_on_day_0():
    t = tables()
    score = t["participants"].set_index("participant_id").cadss_after_infusion
    visits = t["visits"].assign(cadss=lambda v: v.participant_id.map(score).where(v.day == 0))
    moved = trial({"visits": visits, "participants": t["participants"].drop(columns="cadss_after_infusion")})
    found, usual = dissociation_result(moved, resolved(moved)), dissociation_result(trial(), resolved(trial()))
    assert found.source == "visits on day 0, cadss"
    assert (found.arms, found.test, found.odds_ratio) == (usual.arms, usual.test, usual.odds_ratio)


def test_abstinence_at_the_end_is_that_of_the_last_day(made):
    days = tables()["days"]
    last = days[days.day == 21].set_index("participant_id").drinks == 0
    scored = tables()["participants"].dropna(subset="cadss_after_infusion").participant_id
    found = dissociation_result(made, resolved(made))
    assert (found.n, found.n_abstinent) == (len(scored), int(last[scored].sum()))
    gone = trial({"days": days[~((days.day == 21) & (days.participant_id == "P05"))]})
    filled = dissociation_result(gone, resolved(gone))
    left_out = dissociation_result(gone, resolved(gone, missing=MissingRule.MISSING))
    assert (filled.n, left_out.n) == (len(scored), len(scored) - 1)
    assert "counts as drinking" in filled.outcome and "left out" in left_out.outcome


def test_swapping_the_arms_leaves_the_score_s_tests_alone(made):
    a = dissociation_result(made, resolved(made))
    b = dissociation_result(made, resolved(made, control="ketamine", active="placebo"))
    assert a.arms == b.arms[::-1]
    assert (a.test.chi2, a.odds_ratio.estimate) == pytest.approx((b.test.chi2, b.odds_ratio.estimate), rel=1e-12)


def test_a_score_in_one_arm_only_has_no_test():
    people = tables()["participants"]
    one = people.assign(cadss_after_infusion=people.cadss_after_infusion.where(people.arm == "ketamine"))
    made = trial({"participants": one})
    found = dissociation_result(made, resolved(made))
    assert found.test.chi2 is None and found.arms[0].median is None and found.arms[1].median is not None


def test_follow_up_counts_bounds_and_intervals(made):
    people = tables()["participants"]
    found = follow_up_result(made, resolved(made))
    for a in found.arms:
        own = people.followup_6m_abstinent[people.arm == a.arm]
        assert (a.n, a.reached, a.abstinent) == (len(own), own.notna().sum(), (own == 1).sum())
        assert a.bound_low == a.abstinent / a.n
        assert a.bound_high == pytest.approx(1 - (own == 0).sum() / a.n)
        assert a.proportion == effects.clopper_pearson(a.abstinent, a.reached)
    low, high = found.bounds
    control, active = found.arms
    # the difference among everyone, whatever became of those not reached, lies between the bounds
    for k in range(control.n - control.reached + 1):
        for j in range(active.n - active.reached + 1):
            d = (active.abstinent + j) / active.n - (control.abstinent + k) / control.n
            assert low - 1e-12 <= d <= high + 1e-12


def test_follow_up_in_words_and_nobody_reached():
    people = tables()["participants"]
    word = people.assign(followup_6m_abstinent=people.followup_6m_abstinent.map({1: "Yes", 0: "no"}))
    said, usual = trial({"participants": word}), trial()
    assert follow_up_result(said, resolved(said)) == follow_up_result(usual, resolved(usual))
    nobody = trial({"participants": people.assign(followup_6m_abstinent=np.nan)})
    found = follow_up_result(nobody, resolved(nobody))
    assert found.bounds == (-1.0, 1.0) and found.difference.estimate is None


def test_a_trial_without_the_files_is_told_what_would_bring_them():
    bare = trial({"participants": None, "visits": None, "adverse_events": None})
    document = json.loads(dumps(analysis(bare, AnalysisSpec(), ["safety"])))["safety"]
    assert set(document["absent"]) == {"adverse_events", "cadss", "measures", "follow_up"}
    assert all(document[part] is None for part in document["absent"])
    for part, named in (
        ("adverse_events", "adverse_events.csv"),
        ("cadss", "participants.csv"),
        ("measures", "visits.csv"),
        ("follow_up", "followup_6m_abstinent"),
    ):
        assert named in document["absent"][part]


def test_the_json_holds_the_results(made):
    spec = resolved(made)
    document = json.loads(dumps(analysis(made, AnalysisSpec(), ["safety"])))["safety"]
    events = adverse_events_result(made, spec)
    assert [e["event"] for e in document["adverse_events"]["events"]] == [e.event for e in events.events]
    assert document["adverse_events"]["events"][0]["arms"][1]["severity"] == {"mild": 1, "moderate": 1}
    assert document["cadss"]["kruskal_wallis"]["chi2"] == dissociation_result(made, spec).test.chi2
    assert "values" not in document["cadss"]["arms"][0], "no participant's own score leaves the page"
    assert document["follow_up"]["arms"][0]["abstinent"] == follow_up_result(made, spec).arms[0].abstinent
    assert [m["measure"] for m in document["measures"]] == ["craving", "stress"]
    assert document["absent"] == {}


def test_a_choice_that_does_not_matter_refits_nothing():
    made = trial(seed=5)
    for choices in ({}, {"trend": "linear"}, {"missing": MissingRule.MISSING}):
        analysis(made, AnalysisSpec(**choices), ["safety"])
    runs = {name.rsplit(".", 1)[1]: n for name, n in computed(made).items()}
    assert runs["measures_result"] == runs["adverse_events_result"] == runs["follow_up_result"] == 1
    assert runs["dissociation_result"] == 2  # the missing-day rule decides who is abstinent on the last day


def test_people_of_a_third_arm_are_left_out():
    t = tables()
    arm = t["participants"].arm.where(t["participants"].participant_id < "P20", "saline")
    people = t["participants"].assign(arm=arm)
    days = t["days"].drop(columns="arm").merge(people[["participant_id", "arm"]])
    made = trial({"participants": people, "days": days})
    spec = resolved(made, control="placebo", active="ketamine")
    assert sum(a.n for a in adverse_events_result(made, spec).overall.arms) == 20
    assert sum(a.n for a in follow_up_result(made, spec).arms) == 20
    assert len(panel_of(made, spec).active) == 20
    assert sum(a.n + a.n_missing for a in dissociation_result(made, spec).arms) == 20


def test_ids_that_look_like_numbers_match():
    t = {k: frame.assign(participant_id=frame.participant_id.str.replace("P", "0")) for k, frame in tables().items()}
    made, usual = trial(t), trial()
    assert adverse_events_result(made, resolved(made)).events == adverse_events_result(usual, resolved(usual)).events
    assert isinstance(pd.unique(made.participants.participant_id)[0], str)
