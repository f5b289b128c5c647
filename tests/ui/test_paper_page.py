"""The page *Paper and app*: printed numbers beside ours, and what it says of a trial that brings none."""

from dataclasses import replace

from known_trials import sample_trial
from opened import opened, tables, words

from ketadash.core.spec import AnalysisSpec
from ketadash.export.reproduction import reproduced
from ketadash.questions.paper.tables import table

OTHER = "participant_id,arm,day,drinks\n" + "\n".join(
    f"{i},{('placebo', 'drug')[i % 2]},{d},{(i * d) % 4}" for i in range(12) for d in (1, 2, 3, 4, 5)
)


def test_every_section_has_its_table_and_the_answer_counts():
    found = reproduced(sample_trial(), AnalysisSpec())
    at = opened("paper")
    assert not at.exception
    agree = sum(r.agrees for r in found)
    assert f"{agree} of {len(found)} printed numbers" in words(at)
    text = "\n".join(tables(at))
    assert all(r.printed.printed.split(",")[0] in text for r in found[:40])
    assert len(tables(at)) == len({r.printed.section for r in found})


def test_toggles_do_not_move_it():
    assert tables(opened("paper")) == tables(opened("paper", missing="missing", trend="linear"))


def test_the_loose_ends_are_told():
    said = words(opened("paper"))
    assert "12 relapses" in said
    assert "not the trial's data" in said


def test_another_trial_is_told_what_the_page_is_for():
    at = opened("paper", data=OTHER)
    assert not at.exception
    assert "published.toml" in words(at)
    assert not tables(at)


def test_a_number_that_comes_out_has_no_note_of_why_it_may_differ():
    one = reproduced(sample_trial(), AnalysisSpec())[0]
    rows = [replace(one, printed=replace(one.printed, note="other data"), agrees=agrees) for agrees in (True, False)]
    assert table(tuple(rows))["Note"].tolist() == ["", "other data"]
