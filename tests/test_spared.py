"""No command writes over what it reads."""

import shutil

import pytest
from command_line import ROOT

from ketadash import __main__ as cli
from ketadash.trial import spared

SAMPLE = ROOT / "sample_data"


@pytest.fixture
def folder(tmp_path):
    """A trial in a folder, with a recipe beside it."""
    there = tmp_path / "trial"
    shutil.copytree(SAMPLE, there)
    (there / "recipe.toml").write_text("", encoding="utf-8")
    return there


COMMANDS = {
    "supplement": ("supplement", "--alive", "trend", "--questions", "nnt", "-o"),
    "analyze": ("analyze", "--only", "nnt", "--json"),
    "validate": ("validate", "--json"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("read", ["days.csv", "participants.csv", "trial.toml", "recipe.toml"])
@pytest.mark.parametrize("whole", [True, False], ids=["its folder", "its days"])
def test_a_command_does_not_write_over_the_trial(command, read, whole, folder, capsys, monkeypatch):
    """A file with toggles took the place of the reader's CSV, and said nothing."""
    monkeypatch.chdir(folder)
    before = (folder / read).read_bytes()
    first, *rest = COMMANDS[command]
    data = "." if whole else "days.csv"
    assert cli.main([first, data, *rest, read]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"{read} would be written over" in said and "name another file" in said
    assert (folder / read).read_bytes() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_data_does_not_write_over_the_sample(command, folder, capsys, monkeypatch):
    monkeypatch.setattr(spared, "sample_folder", lambda: folder)
    before = (folder / "days.csv").read_bytes()
    first, *rest = COMMANDS[command]
    named = [str(folder)] if command == "validate" else []  # which has no sample to fall back on
    assert cli.main([first, *named, *rest, str(folder / "days.csv")]) == 2
    assert "would be written over" in capsys.readouterr().err
    assert (folder / "days.csv").read_bytes() == before


def test_a_result_of_before_is_written_over_as_ever(folder, capsys):
    for _ in range(2):
        assert cli.main(["validate", str(folder), "--json", str(folder / "checks.json")]) == 0
    assert (folder / "checks.json").exists() and not capsys.readouterr().err


def test_a_file_with_toggles_needs_a_name(capsys):
    assert cli.main(["supplement", "-o", "-"]) == 2
    assert "name it, as in -o trial.html" in capsys.readouterr().err
