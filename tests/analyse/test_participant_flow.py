"""Who stayed: flow, retention, the map of days and one person's record, scored by hand."""

import numpy as np
import pandas as pd
import pytest
from trials import frame, people, trial

from ketadash import analyse
from ketadash.analyse.outcomes import abstinence
from ketadash.analyse.table_one import table_one
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, MissingRule, Window
from ketadash.results.people import DayState, Leaving
from ketadash.trial import load, resolve

# --- flow, retention, map --------------------------------------------------------------------------------------------

HAND = """participant_id,arm,day,drinks,sex
A1,placebo,0,5,M
A1,placebo,1,0,M
A1,placebo,2,4,M
A1,placebo,3,5,M
A2,placebo,1,0,F
A2,placebo,2,4,F
A3,placebo,0,3,M
B1,drug,1,0,F
B1,drug,3,0,F
B2,drug,1,1,F
B3,drug,0,2,M
B3,drug,1,0,M
B3,drug,2,0,M
B3,drug,3,0,M
"""


@pytest.fixture(scope="module")
def hand():
    return load(HAND.encode(), name="by hand")


def test_flow_scored_by_hand(hand):
    flow = people(hand).flow
    control, active = flow.arms
    assert (flow.screened, flow.enrolled, flow.randomised, flow.other_arms) == (None, None, 6, 0)
    assert (control.arm, control.randomised, control.never_reported, control.completed, control.analysed) == (
        "placebo",
        3,
        1,
        1,
        3,
    )
    assert control.left == (Leaving("stopped reporting", (3,)),)
    assert active.left == (Leaving("stopped reporting", (2,)),)
    assert (active.never_reported, active.completed) == (0, 2)
    # A2 left after a heavy day of the window, A3 never reported and drank 3 before it; B2 left after a light day
    assert (control.gone_after_heavy, control.gone_abstinent) == (1, 0)
    assert (active.gone_after_heavy, active.gone_abstinent) == (0, 0)
    heavy_before = people(hand, heavy_men=2.0).flow.arms[0]
    assert heavy_before.gone_after_heavy == 2
    assert people(hand, missing=MissingRule.MISSING).flow.arms[0].analysed == 2


def test_retention_scored_by_hand(hand):
    points = {(p.arm, p.day): (p.staying, p.reported) for p in people(hand).retention}
    assert [points["placebo", d] for d in range(4)] == [(3, 3), (2, 2), (2, 2), (1, 1)]
    # B1's silent day 2 is a gap, not the end
    assert [points["drug", d] for d in range(4)] == [(3, 3), (3, 3), (2, 1), (2, 2)]


def test_map_scored_by_hand(hand):
    days = people(hand).days
    a, d, h, m = DayState.ABSTINENT, DayState.USE, DayState.HEAVY, DayState.MISSING
    assert list(days.days) == [0, 1, 2, 3]
    # 4 drinks are heavy for a woman (A2), not for a man (A1); most abstinent days first, then fewer heavy days
    assert dict(zip(days.participant_ids, days.state.tolist(), strict=True)) == {
        "A1": [h, a, d, h],
        "A2": [m, a, h, m],
        "A3": [d, m, m, m],
        "B3": [d, a, a, a],
        "B1": [m, a, m, a],
        "B2": [m, d, m, m],
    }
    assert days.participant_ids == ("A1", "A2", "A3", "B3", "B1", "B2")
    assert list(days.abstinent_days) == [1, 1, 0, 3, 2, 0]


def test_reasons_and_receipt_enter_the_flow():
    table = pd.DataFrame(
        {
            "participant_id": ["A1", "A2", "A3", "B1", "B2", "B3"],
            "dropout_reason": ["", "moved away", "", "", "", ""],
            "received": ["yes", "yes", "no", "1", "yes", "yes"],
        }
    )
    toml = b'control = "placebo"\nactive = "drug"\n[flow]\nscreened = 20\nenrolled = 9\n'
    t = load({"days.csv": HAND.encode(), "participants.csv": table.to_csv(index=False).encode(), "trial.toml": toml})
    flow = people(t).flow
    assert (flow.screened, flow.enrolled) == (20, 9)
    assert flow.arms[0].left == (Leaving("moved away", (3,)),)
    assert [arm.received for arm in flow.arms] == [2, 3]
    spec, _ = resolve(t, AnalysisSpec())
    assert analyse.person_record(t, spec, "A2").reason == "moved away"
    assert analyse.person_record(t, spec, "A1").reason is None


@pytest.mark.parametrize("seed", range(3))
def test_flow_retention_and_map_agree_with_each_other_and_with_the_outcomes(seed):
    t = trial(frame(seed))
    spec, _ = resolve(t, AnalysisSpec())
    result, p = analyse.participants_result(t, spec), analyse.panel_of(t, spec)
    for arm in result.flow.arms:
        assert arm.randomised == arm.never_reported + arm.n_left + arm.completed
        curve = [r.staying for r in result.retention if r.arm == arm.arm]
        assert curve == sorted(curve, reverse=True)
        assert (curve[0], curve[-1]) == (arm.randomised, arm.completed)
        assert all(r.reported <= r.staying for r in result.retention)
    known = dict(zip(p.participant_ids, np.nansum(abstinence(p, MissingRule.MISSING).y, axis=1), strict=True))
    assert [known[i] for i in result.days.participant_ids] == list(result.days.abstinent_days)


def test_dropouts_are_those_of_time_to_relapse(sample):
    t = sample
    spec, _ = resolve(t, AnalysisSpec())
    flow = analyse.participants_result(t, spec).flow
    # heavy before leaving is relapse by a heavy day: the dropouts that time to relapse counts are among ours
    assert analyse.time_to_event(t, spec)["relapse"].counts.n_filled <= sum(
        a.never_reported + a.n_left for a in flow.arms
    )
    assert [a.never_reported + a.n_left for a in flow.arms] == [6, 0]  # Dakwar et al. 2020, Results


def test_the_map_obeys_thresholds_override_and_window(sample):
    t = sample

    def cells(state, **changes):
        return int((people(t, **changes).days.state == state).sum())

    assert cells(DayState.HEAVY, heavy_men=0, heavy_women=0) > cells(DayState.HEAVY) > 0
    assert cells(DayState.OVERRIDDEN) > 0 == cells(DayState.OVERRIDDEN, etg=False)
    part = people(t, days=Window(8, 14)).days
    assert (part.window, int(part.days[-1])) == ((8, 14), 14)
    assert part.abstinent_days.max() <= 7


def test_the_missing_rule_does_not_fill_the_map(sample):
    t = sample
    a, b = (people(t, missing=rule).days for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING))
    assert np.array_equal(a.state, b.state)
    assert (a.state == DayState.MISSING).sum() > 0


def test_a_record_tells_the_files(hand):
    files = {
        "days.csv": HAND.encode(),
        "visits.csv": b"participant_id,day,etg_positive\nB3,0,0\nB3,2,1\n",
        "adverse_events.csv": b"participant_id,day,event\nB3,1,headache\nB3,,rash\n",
    }
    t = load(files)
    spec, _ = resolve(t, AnalysisSpec())
    record = analyse.person_record(t, spec, "B3")
    assert [(d.day, d.amount, d.state) for d in record.days] == [
        (0, 2.0, DayState.USE),
        (1, 0.0, DayState.OVERRIDDEN),
        (2, 0.0, DayState.OVERRIDDEN),
        (3, 0.0, DayState.ABSTINENT),
    ]
    assert [d.test for d in record.days] == [False, None, True, None]
    assert record.days[1].events == ("headache",)
    assert (record.threshold, record.left, record.arm) == (4.0, None, "drug")
    assert ("Sex", "M") in record.baseline
    assert analyse.person_record(t, spec, "A3").left == 1
    with pytest.raises(SpecError, match="no participant"):
        analyse.person_record(t, spec, "Z9")


def test_nothing_personal_is_in_the_document(sample):
    from ketadash.export.analysis_json import analysis, dumps

    t = sample
    text = dumps(analysis(t, AnalysisSpec(), ("participants",)))
    assert not [i for i in t.participants["participant_id"] if f'"{i}"' in text]
    assert table_one(t, resolve(t, AnalysisSpec())[0]).rows[0].name in text
