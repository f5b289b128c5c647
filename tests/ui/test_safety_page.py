"""The page *What else happened?* as a reader meets it: with every file, with none, and with the toggles."""

import json
import sys
from pathlib import Path

import pytest
from figure_of import figure_of, shown
from opened import opened as opened_page
from opened import paragraphs

from ketadash.analyse import adverse_events_result, dissociation_result, follow_up_result, measures_result
from ketadash.core import p_values
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.questions.safety import words as words_safety
from ketadash.trial import load, resolve

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "analyse"))
from what_else import tables  # noqa: E402


def written(folder, without=()):
    for name, table in tables().items():
        if name not in without:
            table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def opened(monkeypatch, folder, **query):
    monkeypatch.setenv("KETADASH_DATA", str(folder))
    at = opened_page("safety", **query)
    assert not at.exception, [e.message for e in at.exception]
    return at


def test_every_part_is_shown_with_the_numbers_of_the_results(monkeypatch, tmp_path):
    at = opened(monkeypatch, written(tmp_path))
    made = load(tmp_path)
    spec, _ = resolve(made, AnalysisSpec())
    assert [t.value for t in at.title] == ["What else happened?"]
    events = adverse_events_result(made, spec)
    assert figure_of(at, "events")["data"][1]["x"] == [
        e.arms[0].participants / e.arms[0].n for e in (*events.events, events.overall)
    ]
    score, later = dissociation_result(made, spec), follow_up_result(made, spec)
    assert figure_of(at, "cadss")["data"][1]["x"] == list(score.arms[1].values)
    assert figure_of(at, "follow_up")["data"][0]["x"] == [a.bound_low for a in later.arms]
    for m in measures_result(made, spec):
        panel = figure_of(at, f"measure_{m.measure}")
        assert panel["data"][2]["y"] == [p.mean for p in m.modelled if p.arm == m.arms[0]]
        assert m.label.capitalize() in shown(at, f"measure_{m.measure}")["alt"]
    text = paragraphs(at)
    for sentence in (words_safety.events(events), words_safety.dissociation(score), words_safety.follow_up(later)):
        assert p_values.shown(sentence, PValues.SHOWN).replace("<", "&lt;") in text
    assert not at.info


def test_a_trial_without_the_files_loses_only_those_parts(monkeypatch, tmp_path):
    at = opened(monkeypatch, written(tmp_path, without=("visits", "adverse_events", "participants")))
    assert len(at.info) == 4
    told = " ".join(i.value for i in at.info).replace("\\", "")
    for named in ("adverse_events.csv", "cadss_after_infusion", "visits.csv", "followup_6m_abstinent"):
        assert named in told
    assert [t.label for t in at.tabs] == ["Model", "Method", "Code", "Download"]


@pytest.mark.parametrize(("without", "kept"), [("visits", "follow_up"), ("adverse_events", "measure_stress")])
def test_one_missing_file_takes_one_part(monkeypatch, tmp_path, without, kept):
    at = opened(monkeypatch, written(tmp_path, without=(without,)))
    assert len(at.info) == 1
    assert figure_of(at, kept)["data"]


def test_the_missing_day_rule_reaches_the_association_alone(monkeypatch, tmp_path):
    folder = written(tmp_path)
    days = tables()["days"]
    days[~((days.day == 21) & (days.participant_id == "P05"))].to_csv(folder / "days.csv", index=False)
    usual, other = opened(monkeypatch, folder), opened(monkeypatch, folder, missing="missing")
    assert "a missing day counts as drinking" in paragraphs(usual).replace("\\", "")
    assert "missing left out" in paragraphs(other).replace("\\", "")
    for key in ("events", "follow_up", "measure_craving"):
        marked = json.dumps(figure_of(other, key), ensure_ascii=False)  # p-values say that they are one of many looks
        assert figure_of(usual, key) == json.loads(marked.replace("†", ""))
