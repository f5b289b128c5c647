"""The analysis set: as if the file had no other people, named wherever a number stands, refused where it is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ketadash import analyse
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec
from ketadash.questions import registry
from ketadash.questions.question import Material, RestsOn
from ketadash.trial import load, resolve
from ketadash.trial.population import analysis_set, offered

sys.path.insert(0, str(Path(__file__).parents[1] / "analyse"))
from trials import differing, document, frame, sample_files, trial

PARTS = ("abstinence", "heavy", "time_to_event", "nnt", "participants", "safety")


def flagged(n_people=24):
    """A trial with flags, a dose day that some lack, and a site."""
    d = frame(n_people=n_people)
    person = d["participant_id"].str[1:].astype(int)
    d["ITTFL"], d["PPROTFL"] = "Y", (person % 5 != 0).map({True: "Y", False: "N"})
    d["first_dose_day"] = (person % 7).where(person % 7 > 0)
    d["site"] = (person % 3).map({0: "01", 1: "02", 2: "03"})
    return d


def test_a_set_is_as_if_the_file_had_no_others() -> None:
    d = flagged()
    whole, alone = trial(d), trial(d[d["PPROTFL"] == "Y"])
    chosen = document(whole, AnalysisSpec(population="pprotfl=Y"), *PARTS)
    only = document(alone, AnalysisSpec(), *PARTS)
    flow, same = chosen["participants"].pop("flow"), only["participants"].pop("flow")
    assert flow["arms"] == same["arms"]
    assert (flow["randomised"], flow["not_in_analysis_set"], same["not_in_analysis_set"]) == (24, 5, 0)
    assert not differing(chosen, only, rel=1e-9)


def test_visits_and_events_are_of_the_set_too() -> None:
    """The sample's women alone, against files without men."""
    files = sample_files()
    lines = files["participants.csv"].decode().splitlines()
    men = {line.split(",")[0] for line in lines[1:] if line.split(",")[2] != "F"}
    women = {
        name: raw
        if not name.endswith(".csv") or name == "participant_answers.csv"
        else "\n".join(r for r in raw.decode().splitlines() if r.split(",")[0] not in men).encode()
        for name, raw in files.items()
    }
    chosen = document(load(files), AnalysisSpec(population="sex=F"), "safety", "nnt")
    assert not differing(chosen, document(load(women), AnalysisSpec(), "safety", "nnt"), rel=1e-9)


def test_known_is_whoever_has_a_value() -> None:
    t = trial(flagged())
    spec, notes = resolve(t, AnalysisSpec(population="first_dose_day=known"))
    chosen = analysis_set(t, spec)
    assert chosen is not None and (chosen.n, chosen.randomised) == (20, 24)
    assert chosen.late.startswith("'first_dose_day' seems to be known only after treatment began")
    assert chosen.sentence in notes
    assert len(analyse.panel_of(t, spec).participant_ids) == 20


def test_a_set_that_differs_between_the_arms_is_doubted() -> None:
    d = frame(n_people=80)
    person = d["participant_id"].str[1:].astype(int)
    d["kept"] = ((person % 2 == 0) | (person % 8 == 1)).map({True: "yes", False: "no"})
    t = trial(d)
    spec, _ = resolve(t, AnalysisSpec(population="kept=yes"))
    chosen = analysis_set(t, spec)
    assert chosen is not None and "the arms are not alike in 'kept': 40 of 40 placebo and 10 of 40 drug" in chosen.late
    even, _ = resolve(t, AnalysisSpec(population="sex=F"))
    assert (found := analysis_set(t, even)) is not None and not found.late


def test_columns_are_named_as_in_the_file_and_numbers_read_as_numbers() -> None:
    t = trial(flagged())
    assert resolve(t, AnalysisSpec(population="PPROTFL=y"))[0].population == "pprotfl=y"
    assert resolve(t, AnalysisSpec(population=" PPROTFL = Y "))[0].population == "pprotfl=Y"
    three = [resolve(t, AnalysisSpec(population=f"first_dose_day={x}"))[0] for x in ("2", "2.0")]
    assert len({analyse.panel_of(t, spec).participant_ids for spec in three}) == 1


def test_flags_are_offered_first_and_by_their_names() -> None:
    t = trial(flagged())
    assert offered(t)[:3] == ("ittfl=Y", "pprotfl=Y", "first_dose_day=known")
    assert {"sex=F", "sex=M"} <= set(offered(t))
    spec, _ = resolve(t, AnalysisSpec(population="ittfl=Y"))
    chosen = analysis_set(t, spec)
    assert chosen is not None
    assert chosen.sentence == (
        "The analysis set intention-to-treat set (ittfl = Y) leaves nobody out: all 24 randomised are analysed."
    )


@pytest.mark.parametrize(
    ("population", "message"),
    [
        ("nowhere=Y", "there is no column 'nowhere' for an analysis set; there are: sex"),
        ("pprotf=Y", "(did you mean 'pprotfl'?)"),
        ("drinks=0", "'drinks' changes within participants"),
        ("arm=drug", "'arm' says who is in which arm; an analysis set needs a characteristic"),
        ("participant_id=3", "'participant_id' says who is who; an analysis set needs a characteristic"),
        ("sex=X", "nobody has sex = X, so the analysis set is empty; it has: F, M"),
        ("sex", "'sex' is no analysis set; write it as COLUMN=VALUE"),
        ("=Y", "'=Y' is no analysis set"),
        ("baseline_drinks=7", "a comparison needs at least two in each arm"),
    ],
)
def test_no_set_is_a_sentence(population: str, message: str) -> None:
    d = flagged()
    d["baseline_drinks"] = d["participant_id"].str[1:].astype(int)
    with pytest.raises(KetadashError) as refused:
        resolve(trial(d), AnalysisSpec(population=population))
    assert message in str(refused.value)


def test_a_declared_set_is_the_trials_own() -> None:
    files = {"days.csv": flagged().to_csv(index=False).encode()}
    declared = load(files | {"trial.toml": b'[analysis]\npopulation = "PPROTFL=Y"\n'})
    spec, _ = resolve(declared, declared.declared.published)
    assert spec.population == "pprotfl=Y"
    assert analyse.exploratory(declared, spec) == ()
    everyone, _ = resolve(declared, spec.replace(population=None))
    assert analyse.exploratory(declared, everyone) == ("analysis set: everyone randomised",)
    with pytest.raises(KetadashError, match="under \\[analysis\\], population 'everyone' is no analysis set"):
        load(files | {"trial.toml": b'[analysis]\npopulation = "everyone"\n'})


def test_every_page_names_the_set_in_what_it_rests_on() -> None:
    """But for those about the published analysis or about two states, which the set does not enter."""
    t = load(sample_files())
    spec, _ = resolve(t, AnalysisSpec(population="sex=F"))
    m = Material(t, spec)
    for key in ("abstinence", "heavy_drinking", "relapse", "nnt", "participants", "safety", "dropout"):
        first = next(b for b in registry.question(key).blocks(m) if isinstance(b, RestsOn))
        text = first.with_set(m.analysis_set).whole
        assert text.startswith("Supplementary: analysed are only participants with sex = F, 21 of 40 randomised"), key
        assert "all 40" not in text and "veryone randomised" not in text, key
