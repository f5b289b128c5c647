"""Every TOML beside the data is held to what it may say: a wrong value is a sentence with file, key and remedy."""

import datetime as dt
import json
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from builder import SOUND
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ketadash.core.errors import DataError, KetadashError
from ketadash.core.spec import AnalysisSpec
from ketadash.export.analysis_json import analysis
from ketadash.questions.paper import printed as published
from ketadash.questions.paper.printed import LARGEST, MOST_DIGITS, LooseEnd, Printed, Reproduced, reproduce
from ketadash.trial import declared, load, load_sample
from ketadash.trial.recipe import Recipe, from_toml
from ketadash.trial.sources import Source, gather

SAMPLE = Path(__file__).parents[2] / "sample_data"
WRONG = (
    "0",
    "-1",
    "1",
    "true",
    "false",
    '""',
    '"x"',
    "[]",
    "{}",
    "[1]",
    '["a", 2]',
    "inf",
    "-inf",
    "nan",
    "1e308",
    "-100000",
    "9223372036854775807",
    "2024-03-01",
    "07:32:00",
    "[[[]]]",
    "{a = {b = [nan]}}",
    '"' + "x" * 20_000 + '"',
    '"\\u0000\\uFFFE"',
    "-0.0",
    "0.5",
)


def values(text):
    return tomllib.loads(f"a = {text}")["a"]


# --- published.toml --------------------------------------------------------------------------------------------------

NUMBER = {
    "key": "k",
    "section": "s",
    "what": "w",
    "printed": "1",
    "path": "nnt.observed.nnt",
    "page": "nnt",
    "value": 1.0,
}


def toml_of(entry, table="number"):
    return f"[[{table}]]\n" + "".join(f"{name} = {value}\n" for name, value in entry.items())


@pytest.mark.parametrize("text", WRONG, ids=lambda t: t[:20])
@pytest.mark.parametrize("field", [f.name for f in fields(Printed)])
def test_a_printed_number_holds_what_it_can_hold_or_says_which_field_cannot(field, text):
    entry = {name: json.dumps(value) for name, value in NUMBER.items()} | {field: text}
    try:
        (number,) = published.read(toml_of(entry)).numbers
    except DataError as error:
        said = str(error)
        assert "published.toml, number 1" in said and f"{field} must be" in said and len(said) < 500
        return
    assert 0 <= number.digits <= MOST_DIGITS and type(number.digits) is int
    assert number.value is None or abs(number.value) <= LARGEST
    assert all(isinstance(getattr(number, f.name), str) for f in fields(Printed) if f.type == "str")
    made = reproduce((number,), {"nnt": {"observed": {"nnt": 1.5}}, "s": [1]})
    assert isinstance(made[0], Reproduced)


@pytest.mark.parametrize("field", [f.name for f in fields(Printed) if f.default is MISSING])
def test_a_field_that_every_number_needs_is_missed_by_name(field):
    entry = {name: json.dumps(value) for name, value in NUMBER.items() if name != field}
    with pytest.raises(DataError, match=rf"number 1 .*: .*{field}.* missing"):
        published.read(toml_of(entry))


@pytest.mark.parametrize("text", WRONG, ids=lambda t: t[:20])
def test_loose_ends_and_the_source_are_texts(text):
    title, body = {"title": text, "text": '"a"'}, {"title": '"a"', "text": text}
    written_as = {
        "source": f"source = {text}\n",
        "title": toml_of(title, "loose_end"),
        "text": toml_of(body, "loose_end"),
    }
    for key, written in written_as.items():
        try:
            report = published.read(written)
        except DataError as error:
            assert "published.toml" in str(error) and key in str(error)
        else:
            assert isinstance(report.source, str)
            assert all(isinstance(getattr(e, f.name), str) for e in report.loose_ends for f in fields(LooseEnd))


def test_no_number_of_digits_makes_a_number_come_out():
    """-100,000 digits rounded everything to 0, and so any number came out."""
    with pytest.raises(
        DataError, match="digits must be how many decimals are printed, a whole number from 0 to 10, not"
    ):
        published.read(toml_of({n: json.dumps(v) for n, v in NUMBER.items()} | {"digits": "-100000"}))
    (missed,) = reproduce((Printed(**(NUMBER | {"value": 7.0})),), {"nnt": {"observed": {"nnt": 1.5}}})
    assert not missed.agrees


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(some.text(alphabet="abp.[]=&0123", max_size=30), some.sampled_from(["", "a", "a[b=1]", "p.0"]))
def test_a_path_may_lead_anywhere(path, over):
    document = {"a": [{"b": 1}, 2, "p"], "b": {"0": 3}, "p": [float("inf"), 10**400, None, True], "0": 1e300}
    (found,) = reproduce((Printed(**(NUMBER | {"path": path or "a", "over": over})),), document)
    assert found.ours is None or abs(found.ours) <= LARGEST


# --- trial.toml ------------------------------------------------------------------------------------------------------

TRIAL = tomllib.loads((SAMPLE / "trial.toml").read_text(encoding="utf-8"))
TOP = (
    "title",
    "source",
    "synthetic",
    "control",
    "active",
    "days",
    "amount",
    "baseline",
    "event",
    "unit",
    "substance",
    "primary",
    "analysis",
    "flow",
    "measures",
    "table1",
)
CHOICES = ("called", "strict", *(f.name for f in fields(AnalysisSpec)))


LINES = (
    *(f"{key} = " for key in TOP),
    *(f"analysis.{key} = " for key in CHOICES),
    "flow.screened = ",
    "flow.enrolled = ",
    "flow.other = ",
    "measures.craving = ",
    "table1.age = ",
    "table1.sex.label = ",
    "table1.sex.levels = ",
)


@pytest.mark.parametrize("line", LINES, ids=str.strip)
def test_a_declaration_is_what_it_can_be_or_says_which_key_cannot(line):
    for text in WRONG:
        said = (line + text).encode()
        try:
            _, found = declared.read(Source("trial.toml", said, said))
        except KetadashError as error:
            told = str(error)
            keys = [key for key in line.removesuffix(" = ").split(".") if key not in TOP[-4:]] or [line[:4]]
            keys += ["odds ratio"] if "imor_" in line else []
            assert "trial.toml" in told and len(told) < 1_500, told
            assert "valid TOML" in told or any(key.replace("_", " ") in told.replace("_", " ") for key in keys), told
            continue
        spec = found.published
        assert 0 <= spec.heavy_men <= 1000 and 0 <= spec.heavy_women <= 1000 and 0.5 <= spec.confidence < 1
        assert all(0 <= n <= 10_000_000 for n in (found.screened or 0, found.enrolled or 0))


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES, ids=str.strip)
def test_whatever_is_declared_the_trial_is_analysed_or_refused_in_words(line):
    for text in ("-100000", "inf", "[1]", '"x"', "true"):
        try:
            trial = load(gather({"days.csv": SOUND, "trial.toml": (line + text).encode()}, "mine"))
            analysis(trial, trial.declared.published, ["nnt"])
        except KetadashError as error:
            assert len(str(error)) < 1_500


# --- recipe.toml -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [*(f.name for f in fields(Recipe)), "columns.arm", "arms.a", "answers.blank", "other"])
def test_a_recipe_is_what_it_can_be_or_says_which_key_cannot(key):
    for text in WRONG:
        try:
            recipe = from_toml(f"{key} = {text}", "recipe.toml")
        except KetadashError as error:
            assert len(str(error)) < 1_500 and ("recipe" in str(error) or key in str(error))
        else:
            assert recipe.start_day in (None, 0, 1) and isinstance(recipe.start_date, dt.date | None)


def test_the_samples_own_files_are_right():
    assert load_sample().declared.screened == TRIAL["flow"]["screened"]
    assert len(published.read((SAMPLE / "published.toml").read_text(encoding="utf-8")).numbers) == 275
