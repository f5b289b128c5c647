"""Valid files in every dress read the same; fingerprints tell any two files apart."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builder import DRESSED, SOUND, TEXT, csv_text, rows, spoil
from sweeps import others_slow

from ketadash.core.errors import DataError
from ketadash.core.families import PANEL
from ketadash.core.paths import sample_folder
from ketadash.core.spec import AnalysisSpec, Window
from ketadash.trial import Declared, load, load_sample, panel, recognise, resolve, validate


@pytest.mark.sweep(6)
@pytest.mark.parametrize("dress", DRESSED)
def test_same_trial_in_every_dress(dress):
    plain, dressed = load(TEXT.encode()), load(DRESSED[dress])
    pd.testing.assert_frame_equal(plain.days.reset_index(drop=True), dressed.days.reset_index(drop=True))
    pd.testing.assert_frame_equal(plain.participants, dressed.participants)
    assert (2.5 in set(dressed.days["drinks"])) and dressed.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_letters_beyond_ascii(encoding):
    trial = load(SOUND.decode().replace("placebo", "Plazebo für José").encode(encoding))
    assert set(trial.days["arm"]) == {"Plazebo für José", "ketamine"}


def test_lines_of_the_file_are_the_index():
    blank_first = ("\n\n" + SOUND.decode().replace("\n", "\n\n", 2)).encode()
    assert load(SOUND).days.index[:3].tolist() == [2, 3, 4]
    # Lines 1-2 blank, header 3, blank 4, row 5, blank 6, rows from 7.
    assert load(blank_first).days.index[:3].tolist() == [5, 7, 8]


def test_a_quoted_decimal_comma_among_commas_is_not_guessed():
    # "1,000" could be one or a thousand there.
    with pytest.raises(DataError, match="line 6: '1,000'"):
        load(spoil(4, 3, '"1,000"'))


@pytest.mark.parametrize("word", ["", "NA", "n/a", ".", "NaN", "null", "  "])
def test_words_for_an_empty_cell(word):
    trial = load(spoil(4, 3, word))
    assert trial.days["drinks"].isna().sum() == 1
    assert np.isnan(trial.days["drinks"].iloc[4])


def test_types_and_order_of_columns():
    note = csv_text([[r[2], r[3], "note", r[1], r[0], r[4], r[5]] for r in rows()], "day,drinks,Note!,arm,id,sex,Age\n")
    trial = load(note.encode())
    assert list(trial.days.columns) == ["participant_id", "arm", "day", "drinks", "note", "sex", "age"]
    assert trial.days["day"].dtype == np.int64
    assert trial.days["drinks"].dtype == float
    assert list(trial.participants.columns) == ["participant_id", "arm", "note", "sex", "age"]
    assert trial.participants["participant_id"].tolist() == ["P1", "P2", "P3", "P11", "P12", "P13"]


def test_numeric_ids_keep_their_zeros():
    ids = set(load(SOUND.replace(b"\nP", b"\n00")).participants["participant_id"])
    assert ids == {"001", "002", "003", "0011", "0012", "0013"}


def test_only_words_and_letters_are_a_sex():
    trial = load(SOUND.replace(b",F,", b",1,").replace(b",M,", b",m,"))
    assert trial.participants["sex"].tolist() == [None, "M", None, "M", None, "M"]


@pytest.mark.parametrize("step", others_slow([1, 7], 7))  # which bytes: every one, or one in seven
def test_any_changed_byte_changes_the_fingerprint(step):
    base = load(SOUND).sha256
    for i in range(0, len(SOUND), step):
        if SOUND[i : i + 1].isdigit():
            changed = SOUND[:i] + (b"8" if SOUND[i : i + 1] != b"8" else b"9") + SOUND[i + 1 :]
            try:
                assert load(changed).sha256 != base
            except DataError:  # the change broke the file: no trial, no fingerprint to confuse
                continue


def test_fingerprint_tells_roles_and_files_apart():
    people = b"participant_id,age\nP1,40\n"
    alone = load({"days.csv": SOUND})
    seen = {
        alone.sha256,
        load({"days.csv": SOUND, "participants.csv": people}).sha256,
        load({"days.csv": SOUND, "adverse_events.csv": people}).sha256,
        load({"days.csv": SOUND, "trial.toml": b""}).sha256,
        load({"days.csv": SOUND, "trial.toml": b"\n"}).sha256,
    }
    assert len(seen) == 5
    assert load(SOUND).sha256 == alone.sha256  # the name of the file is no part of it
    assert len(alone.sha256) == 64


def test_sources_agree(tmp_path: Path):
    (tmp_path / "days.csv").write_bytes(SOUND)
    (tmp_path / "README.md").write_text("not data")
    file, folder = load(tmp_path / "days.csv"), load(str(tmp_path))
    assert file.sha256 == folder.sha256 == load(SOUND, name="days.csv").sha256
    assert file.title == "days"
    assert folder.title == tmp_path.name
    assert load(SOUND, name="my trial.csv.gz").title == "my trial"
    assert load(tmp_path, name="other").title == "other"
    (tmp_path / "days.csv").rename(tmp_path / "anything.csv")
    assert load(tmp_path).sha256 == file.sha256  # the only table in a folder is its days
    (tmp_path / "second.csv").write_bytes(SOUND)
    with pytest.raises(DataError, match=r"24 participant-days have more than one row .* repeated on second, line 2"):
        load(tmp_path)  # two files with the same columns are one below the other


PEOPLE = b"subject_id,arm,sex,age,baseline_drinks\nP2,placebo,M,50,7\nP1,placebo,F,40,6\nP3,placebo,F,41,8\n" + (
    b"P11,ketamine,F,33,9\nP12,ketamine,M,44,5\nP13,ketamine,F,55,4\nP14,ketamine,F,66,3\n"
)
BARE = "\n".join(",".join([line.split(",")[0], *line.split(",")[2:4]]) for line in SOUND.decode().splitlines()).encode()
TOML = (
    b'title = "A trial"\nsynthetic = true\ncontrol = "placebo"\nactive = "ketamine"\ndays = "2:4"\nevent = "infusion"\n'
)


def test_folder_of_files():
    extra = {"visits.csv": b"id,day,craving\nP1,2,40\n", "adverse_events.csv": b"id,day,event\nP1,,nausea\n"}
    trial = load({"days.csv": BARE, "participants.csv": PEOPLE, "trial.toml": TOML, **extra})
    assert trial.title == "A trial"
    assert trial.synthetic is True
    assert trial.declared == Declared("placebo", "ketamine", Window(2, 4), None, None, "infusion")
    assert trial.participants["participant_id"].tolist() == ["P1", "P2", "P3", "P11", "P12", "P13", "P14"]
    assert trial.participants["age"].tolist() == [40, 50, 41, 33, 44, 55, 66]
    assert set(trial.days.loc[trial.days["participant_id"] == "P11", "arm"]) == {"ketamine"}
    assert trial.visits is not None and trial.visits["day"].tolist() == [2]
    assert trial.adverse_events is not None and np.isnan(trial.adverse_events["day"]).all()


def test_randomised_without_a_day_is_still_in_the_panel():
    trial = load({"days.csv": BARE, "participants.csv": PEOPLE})
    resolved, _ = resolve(trial, AnalysisSpec())
    table = panel(trial, PANEL.seen(resolved))
    assert table.participant_ids[-1] == "P14"
    assert np.isnan(table.amount[-1]).all()
    assert any(
        c.name == "no_days" and c.where == ("P14",) for c in validate({"days.csv": BARE, "participants.csv": PEOPLE})
    )


def test_validate_of_a_sound_file_holds_no_error():
    findings = validate({"days.csv": SOUND, "trial.toml": TOML + b'colour = "red"\n'})
    assert [(c.name, c.severity) for c in findings] == [("declared_keys", "note"), ("left_out", "note")]  # day 1
    guessed = validate(SOUND)
    assert [c.severity for c in guessed] == ["warning"]
    assert "'placebo' is taken for the control by its name" in guessed[0].message


@pytest.mark.skipif(not (sample_folder() / "days.csv").exists(), reason="the sample trial is not built yet")
def test_sample_trial_is_sound():
    trial = load_sample()
    assert trial.synthetic is True
    assert trial.warnings == ()
    resolved, said = resolve(trial, AnalysisSpec())
    assert said == ()
    assert (resolved.control, resolved.active, str(resolved.days)) == ("midazolam", "ketamine", "1:21")
    table = panel(trial, PANEL.seen(resolved))
    assert table.amount.shape == (40, 21)
    assert (int((~table.active).sum()), int(table.active.sum())) == (23, 17)
    assert table.warnings == ()
    assert table.can_tell_heavy and table.baseline is not None and table.baseline_heavy is not None
    assert [c for c in validate(sample_folder()) if c.severity != "note"] == []


CTN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ctn0051_days.csv.gz"


@pytest.mark.skipif(not CTN.exists(), reason="the public 570-person file is not beside this checkout")
def test_real_trial_of_570_people():
    trial = load(CTN)
    asked = AnalysisSpec(
        amount="opioid", baseline="baseline_opioid_days", control="BUP-NX", active="XR-NTX", days=Window(1, 28)
    )
    resolved, _ = resolve(trial, asked)
    assert resolved == asked
    table = panel(trial, PANEL.seen(resolved))
    assert table.amount.shape == (570, 28)
    assert int(table.active.sum()) == 283
    assert table.can_tell_heavy is False
    assert any("no heavy day" in w for w in table.warnings)
    raw = pd.read_csv(CTN)
    inside = raw[raw["day"] <= 28]
    assert np.nansum(table.amount) == inside["opioid"].sum()
    assert np.isnan(table.amount).sum() == inside["opioid"].isna().sum()


def test_the_manual_lists_every_name_that_is_read():
    manual = (Path(__file__).resolve().parents[2] / "docs" / "data-format.md").read_text(encoding="utf-8")
    names = [n for words in (recognise.SYNONYMS, recognise.READING) for ns in words.values() for n in ns]
    names += [*recognise.AMOUNTS, *recognise.USES, *recognise.ABSTINENT]
    assert [n for n in names if not re.search(rf"\b{n}\b", manual)] == []


def test_the_manual_lists_every_check():
    root = Path(__file__).resolve().parents[2]
    manual = (root / "docs" / "data-format.md").read_text(encoding="utf-8")
    modules = [p for layer in ("trial", "files") for p in (root / "ketadash" / layer).glob("*.py")]
    code = "".join(p.read_text(encoding="utf-8") for p in modules)
    named = set(re.findall(r'(?:Check|CheckFailedError|_cells|not_numbers)\(\s*"(\w+)"', code))
    assert len(named) > 20  # the search finds them at all
    assert [n for n in sorted(named) if f"`{n}`" not in manual] == []
