"""The sample trial against the report it is modelled on: which printed numbers come out, and which do not."""

import pytest

from ketadash.__main__ import main
from ketadash.core.errors import DataError
from ketadash.core.spec import AnalysisSpec
from ketadash.export.reproduction import as_text, reproduced
from ketadash.questions.paper.printed import report_of
from ketadash.trial import load, load_sample

# Printed numbers that the synthetic trial misses, told in sample_data/README.md.  A longer list is a step back.
MISSED: set[str] = set()


@pytest.fixture(scope="module")
def found(sample):
    return reproduced(sample, AnalysisSpec())


def test_every_printed_number_is_computed(found):
    assert [r.printed.key for r in found if r.ours is None] == []


def test_what_comes_out_and_what_does_not(found):
    assert {r.printed.key for r in found if not r.agrees} == MISSED


def test_keys_are_unique_and_pages_exist(found):
    keys = [r.printed.key for r in found]
    assert len(keys) == len(set(keys)) > 200
    from ketadash.core.paths import home

    assert all((home() / "pages" / f"{r.printed.page}.py").exists() for r in found)


def test_the_command_prints_every_number_and_says_in_its_status_whether_all_agree(found, capsys):
    assert main(["reproduce"]) == (1 if MISSED else 0)
    printed = capsys.readouterr().out
    assert all(r.printed.what in printed for r in found)
    assert as_text(found) in printed


def test_what_is_chosen_on_screen_does_not_matter(found):
    spec = AnalysisSpec(missing="missing", trend="linear")
    assert [r.ours for r in reproduced(load_sample(), spec)] == [r.ours for r in found]


def test_a_trial_without_a_list_says_so(tmp_path, capsys):
    days = [(i, d) for i in range(8) for d in (1, 2)]
    rows = ["participant_id,arm,day,drinks", *(f"{i},{'ab'[i % 2]},{d},{(i + d) % 3}" for i, d in days)]
    file = tmp_path / "days.csv"
    file.write_text("\n".join(rows))
    assert report_of(load(file)) is None
    with pytest.raises(DataError, match=r"published\.toml"):
        reproduced(load(file), AnalysisSpec())
    assert main(["reproduce", str(file)]) == 2
    assert "published.toml" in capsys.readouterr().err
