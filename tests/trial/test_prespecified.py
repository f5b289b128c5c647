"""The analysis that a trial declares in `trial.toml`: read, refused, and what everything else is measured against."""

import json

import pytest

from ketadash import __main__ as cli
from ketadash.analyse import exploratory
from ketadash.core.errors import DataError, SpecError
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule, Trend, Window
from ketadash.export.analysis_json import analysis
from ketadash.trial import load, load_sample, resolve, validate

ROWS = "\n".join(f"P{i},{'ab'[i % 2]},{d},{(i * 7 + d * 3) % 4}" for i in range(12) for d in range(1, 8))
DAYS = f"participant_id,arm,day,drinks\n{ROWS}".encode()


def files(toml: str) -> dict[str, bytes]:
    return {"days.csv": DAYS, "trial.toml": f'control = "a"\nactive = "b"\n{toml}'.encode()}


def test_the_sample_declares_the_published_analysis():
    said = load_sample().declared
    assert said.analysis_name == "published" and said.published == AnalysisSpec() and not said.strict


def test_what_is_declared_is_read():
    toml = '[analysis]\ncalled = "pre-specified"\nmissing = "missing"\ntrend = "linear"\nadjust = false\n'
    toml += 'dropout = "censored"\nconfidence = 0.9\nheavy_men = 6\ntau = 5\nstrict = true'
    said = load(files(toml)).declared
    assert said.analysis_name == "pre-specified" and said.strict
    assert said.published == AnalysisSpec(
        missing=MissingRule.MISSING,
        trend=Trend.LINEAR,
        adjust=False,
        dropout=DropoutRule.CENSORED,
        confidence=0.9,
        heavy_men=6.0,
        tau=5,
    )


def test_infinity_is_a_ratio_too():
    said = load(files('[analysis]\nmissing = "imor"\nimor_control = 0\nimor_active = inf')).declared
    assert (said.published.imor_control, said.published.imor_active) == (0.0, float("inf"))


def test_without_the_table_nothing_is_declared():
    said = load(files("")).declared
    assert said.analysis_name is None and said.published == AnalysisSpec()


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('analysis = "ours"', "write [analysis] as a table"),
        ('[analysis]\nmissing = "gone"', "missing is one of nonabstinent, missing, locf"),
        ('[analysis]\ncolour = "red"', "no choice colour; the choices are missing"),
        ('[analysis]\ncontrol = "a"', "no choice control"),
        ('[analysis]\nadjust = "yes"', "adjust is true or false"),
        ("[analysis]\nconfidence = true", "confidence is a number"),
        ("[analysis]\nimputations = 2.5", "imputations is a whole number"),
        ("[analysis]\nimor_control = 2", "applies to the missing-day rule imor only"),
        ('[analysis]\ndropout = "imputed"', "only where missing days are imputed too"),
        ('[analysis]\ncalled = "ours"', "called is one of published, pre-specified"),
        ('[analysis]\nstrict = "very"', "strict is true or false"),
        ("[analysis]\nconfidence = 2", "confidence level"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(toml, words):
    with pytest.raises(DataError, match=r"trial\.toml") as error:
        load(files(toml))
    assert words in str(error.value)
    assert any(c.severity == "error" and words in c.message for c in validate(files(toml)))


def test_every_other_state_is_exploratory_and_the_declared_one_is_not():
    t = load(files('[analysis]\nmissing = "missing"\ntrend = "linear"'))
    declared, _ = resolve(t, t.declared.published)
    assert exploratory(t, declared) == ()
    assert exploratory(t, resolve(t, AnalysisSpec())[0]) == ("missing days = drinking", "quadratic time trend")


def undeclared(amount):
    """A trial that declares nothing, with two columns of amounts and two of a baseline."""
    arms = ("placebo", "drug")
    lines = [
        f"P{i},{arms[i % 2]},{d},{(i * 7 + d * 3) % 4},{(i + d) % 3},{i},{i % 5}"
        for i in range(12)
        for d in range(1, 8)
    ]
    return load("\n".join([f"participant_id,arm,day,{amount},score,baseline_{amount},age", *lines]).encode())


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({}, ()),
        ({"days": Window(2, 4)}, ("days 2:4",)),
        ({"amount": "score"}, ("amounts from 'score'",)),
        ({"baseline": "age"}, ("baseline from 'age'",)),
        ({"control": "drug", "active": "placebo"}, ()),  # which arm is the active one the file does not say
    ],
)
def test_a_trial_that_declares_nothing_has_a_default_analysis_from_which_choices_differ(change, differs):
    t = undeclared("drinks")
    assert exploratory(t, resolve(t, AnalysisSpec(**change))[0]) == differs


def test_columns_that_had_to_be_named_differ_from_nothing():
    t = undeclared("cannabis")
    with pytest.raises(SpecError, match="no column of daily amounts"):
        resolve(t, AnalysisSpec())
    assert exploratory(t, resolve(t, AnalysisSpec(amount="cannabis"))[0]) == ()


def test_the_command_line_begins_with_what_is_declared(tmp_path, capsys):
    for name, raw in files('[analysis]\nmissing = "missing"\ntrend = "linear"').items():
        (tmp_path / name).write_bytes(raw)
    assert cli.main(["analyze", str(tmp_path), "--only", "nnt"]) == 0
    said = json.loads(capsys.readouterr().out)["provenance"]
    assert said["spec"]["missing"] == "missing" and said["spec"]["trend"] == "linear" and said["exploratory"] == []
    assert cli.main(["analyze", str(tmp_path), "--only", "nnt", "--missing", "locf"]) == 0
    said = json.loads(capsys.readouterr().out)["provenance"]
    assert said["spec"]["trend"] == "linear" and said["exploratory"] == ["missing days = last carried forward"]


def _ps(value):
    if isinstance(value, dict):
        return [x for k, v in value.items() for x in ([v] if k == "p" else _ps(v))]
    return [x for v in value for x in _ps(v)] if isinstance(value, list | tuple) else []


def test_strict_hides_p_of_any_other_analysis():
    t = load(files("[analysis]\nstrict = true"))
    shown = analysis(t, t.declared.published, ("abstinence", "time_to_event"))
    assert any(p is not None for p in _ps(shown))
    hidden = analysis(t, AnalysisSpec(trend=Trend.LINEAR), ("abstinence", "time_to_event"))
    assert _ps(hidden) and all(p is None for p in _ps(hidden))
    assert any("p-values are hidden" in w for w in hidden["warnings"])
    assert hidden["abstinence"]["modelled"][0]["se"] is not None  # intervals stay


def test_validate_tries_the_declared_analysis_with_the_options(tmp_path, capsys):
    for name, raw in files('[analysis]\nmissing = "imor"').items():
        (tmp_path / name).write_bytes(raw)
    assert cli.main(["validate", str(tmp_path), "--imor-control", "0.5"]) == 0
    assert "ready to analyse" in capsys.readouterr().out
