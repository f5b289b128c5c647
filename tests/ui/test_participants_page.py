"""The page *Who were they, and who stayed?* as a reader meets it."""

from pathlib import Path

import pytest
from figure_of import figure_of, shown
from opened import opened as opened_page
from opened import paragraphs, tables

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.questions.participants import words as participants_words
from ketadash.results.people import DayState
from ketadash.trial import load_sample, resolve

ROOT = Path(__file__).parents[2]
BARE = "participant_id,arm,day,drinks\n" + "".join(
    f"{arm[0]}{i},{arm},{day},{(i + day) % 3}\n" for arm in ("placebo", "drug") for i in range(4) for day in (1, 2, 3)
)


def opened(**query):
    at = opened_page("participants", **query)
    assert not at.exception, [e.message for e in at.exception]
    return at


def expected(**changes):
    trial = load_sample()
    spec, _ = resolve(trial, AnalysisSpec(**changes))
    return trial, spec, analyse.participants_result(trial, spec)


def states(at):
    return [s for trace in figure_of(at, "map")["data"] for row in trace["z"] for s in row]


@pytest.fixture(scope="module")
def sample():
    return opened()


def test_the_page_shows_the_results(sample):
    _, _, result = expected()
    assert [t.value for t in sample.title] == ["Who were they, and who stayed?"]
    assert participants_words.answer(result) in paragraphs(sample)
    assert [t["y"] for t in figure_of(sample, "retention")["data"]] == [
        [p.proportion for p in result.retention if p.arm == arm] for arm in result.arms
    ]
    assert shown(sample, "flow")["alt"] == participants_words.alt_flow(result)
    assert sorted(states(sample)) == sorted(result.days.state.ravel().tolist())
    table = next(t for t in tables(sample) if f"(n = {result.table.n[0]})" in t)
    assert f"(n = {result.table.n[1]})" in table
    assert len(table.splitlines()) > len(result.table.rows)
    assert participants_words.leaving(result) in paragraphs(sample).replace("\\", "")


def test_the_missing_rule_changes_who_is_analysed_and_not_the_map(sample):
    at = opened(missing="missing")
    _, _, result = expected(missing=MissingRule.MISSING)
    texts = [a["text"] for a in figure_of(at, "flow")["layout"]["annotations"]]
    assert any(f"Analysed: {result.flow.arms[0].analysed}<" in t for t in texts)
    assert figure_of(at, "flow") != figure_of(sample, "flow")
    assert figure_of(at, "map") == figure_of(sample, "map")


def test_thresholds_etg_and_window_change_the_map(sample):
    def count(at, state):
        return states(at).count(state)

    lower = opened(men="0", women="0")
    assert count(lower, DayState.HEAVY) > count(sample, DayState.HEAVY)
    assert count(lower, DayState.USE) == 0
    assert count(opened(etg="ignored"), DayState.OVERRIDDEN) == 0 < count(sample, DayState.OVERRIDDEN)
    assert figure_of(opened(days="1:7"), "map")["data"][1]["x"] == list(range(1, 8))


def test_the_time_trend_changes_nothing_here(sample):
    at = opened(trend="linear")
    for key in ("flow", "retention", "map"):
        assert figure_of(at, key) == figure_of(sample, key)


def test_a_record_on_demand_which_the_link_does_not_carry():
    trial, spec, result = expected()
    who = result.days.participant_ids[-1]
    at = opened()
    with pytest.raises(KeyError):
        shown(at, "person")
    at.selectbox(key="record").select(who).run()
    assert not at.exception
    record = analyse.person_record(trial, spec, who)
    figure = figure_of(at, "person")
    bars = [y for trace in figure["data"] if trace["type"] == "bar" for y in trace["y"]]
    assert bars == [d.amount for d in record.days]
    assert shown(at, "person")["alt"] == participants_words.record(record)
    assert who not in str(dict(at.query_params))
    again = opened(etg="ignored", men="0")
    again.selectbox(key="record").select(who).run()
    assert figure_of(again, "person") != figure


def test_a_trial_of_days_alone_loses_only_table_1(monkeypatch, tmp_path):
    (tmp_path / "days.csv").write_text(BARE)
    monkeypatch.setenv("KETADASH_DATA", str(tmp_path / "days.csv"))
    at = opened()
    assert "participants.csv" in paragraphs(at).replace("\\", "")
    assert "The data say nothing that can be compared" in paragraphs(at)
    assert len(states(at)) == 24
    assert "all of them are known to day 3" in paragraphs(at)


CTN = ROOT.parent / "shared" / "data" / "ctn0051_days.csv.gz"


@pytest.mark.skipif(not CTN.exists(), reason="the 570-person file is not beside the repository")
def test_hundreds_of_people_with_amounts_of_yes_and_no(monkeypatch):
    monkeypatch.setenv("KETADASH_DATA", str(CTN))
    at = opened(amount="opioid", covariate="baseline_opioid_days", control="BUP-NX", active="XR-NTX", days="1:28")
    assert len(states(at)) == 570 * 28
    assert set(states(at)) == {DayState.ABSTINENT, DayState.USE, DayState.MISSING}
    assert "no heavy day can be told" in paragraphs(at)
