"""A choice's members: each in one file, and a new one is that file and its line in the registry, nothing else.

A copy of the dashboard gets them, and what it then shows is looked at; `make test` follows the recipes of
docs/extending.md instead (tests/test_extending.py), to much the same end.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from every_choice import OTHER, VALUES

from ketadash import analyse
from ketadash.core import families
from ketadash.core.choices.every_choice import WITH_OWN_CONTROL
from ketadash.core.choices.missing import MissingRule, bounds_last
from ketadash.core.choices.missing_choice import RATIOS
from ketadash.core.choices.step import Step
from ketadash.core.errors import SpecError
from ketadash.core.spec import CHOICES, AnalysisSpec
from ketadash.trial import load_sample, resolve
from ketadash.ui.controls import slug

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ketadash"
MOST_FILES = 3
COPIED = ("ketadash", "pages", "sample_data", "app.py")
MEMBERS = "ketadash/core/choices"


def new_member(old: Path, word: str, new: str, **texts: str) -> str:
    """The text of a member's file made from another's: its word and link replaced, and some of its texts."""
    text = old.read_text(encoding="utf-8").replace(f'word="{word}"', f'word="{new}"')
    for name, value in texts.items():
        text, n = re.subn(rf"^    {name}=.*?,$", f"    {name}={value!r},", text, count=1, flags=re.MULTILINE)
        assert n == 1, name
    return text


def register(registry: Path, file: str, member: str) -> None:
    """The member's line in the registry, and its import."""
    text = registry.read_text(encoding="utf-8")
    package = ".".join(registry.parent.parts[-4:])
    last = re.findall(r"^    [A-Z_]+ = \w+\.[A-Z]+$", text, re.MULTILINE)[-1]
    text = text.replace(last, f"{last}\n    {file.upper()} = {file}.{member}")
    head = f"from {package} import {file}\n\n\nclass "
    registry.write_text(text.replace("\n\n\nclass ", f"\n{head}", 1), encoding="utf-8")


def add_endpoint(folder: Path) -> None:
    """The second day of use: what is first use to `first_use.py`, with another law of which day it is."""
    texts = {"label": "second use", "title": "How long until the second use?", "definition": "days to the second {day}"}
    text = new_member(folder / "first_use.py", "first_use", "second_use", **texts)
    text = text.replace('    of="use",', '    of="use",\n    falls_on=lambda days: days & (days.cumsum(axis=-1) == 2),')
    text = text.replace(
        'definition_without_dropout="days to the first', 'definition_without_dropout="days to the second'
    )
    (folder / "second_use.py").write_text(text, encoding="utf-8")
    register(folder / "__init__.py", "second_use", "DEFINITION")


def add_reading(folder: Path) -> None:
    """Leaving is relapse in the active arm only."""
    texts = {"way": "relapse if active", "means": "Only the active arm relapses by leaving.", "legend": "half counted"}
    text = new_member(folder / "event.py", "event", "active-only", **texts)
    text = text.replace("np.ones(left.shape, bool)", "active")
    (folder / "active_only.py").write_text(text, encoding="utf-8")
    register(folder / "__init__.py", "active_only", "READING")


LOOK = """
import contextlib, io, json
from streamlit.testing.v1 import AppTest
from ketadash import __main__, analyse
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.terms import DRINKS
from ketadash.questions.dropout import words as dropout_words
from ketadash.questions.relapse import words
from ketadash.questions.shared import legends
from ketadash.trial import load_sample, resolve
from ketadash.core.spec import AnalysisSpec

def page(name, **link):
    at = AppTest.from_file("app.py", default_timeout=600)
    for key, value in link.items():
        at.query_params[key] = value
    return at.run().switch_page(f"pages/{name}.py").run()

def analyzed(*options):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert __main__.main(["analyze", *options]) == 0
    return json.loads(out.getvalue())

trial, seen = load_sample(), {}
at = page("nnt", missing="more", rule="hopeful")
box = next(w for w in at.selectbox if w.key == "rule")
spec, _ = resolve(trial, AnalysisSpec(missing=MissingRule("hopeful")))
seen["rule"] = {
    "options": list(box.options), "chosen": box.value, "exceptions": [e.value for e in at.exception],
    "json": analyzed("--missing", "hopeful", "--only", "nnt"),
    "legend": legends.missing_rule(spec, 7, DRINKS),
    "row": analyse.assumptions_problem(trial, spec).row(MissingRule("hopeful")).label,
}
at = page("relapse", endpoint="second use", dropout="active-only")
buttons = {w.key: w for w in at.get("button_group")}
spec = spec.replace(missing=MissingRule.NONABSTINENT, dropout=DropoutRule("active-only"))
every = analyse.time_to_event(trial, spec)
document = analyzed("--dropout", "active-only", "--only", "time_to_event")
shown = {
    "exceptions": [e.value for e in at.exception],
    "legends": {name: words.legend(result) for name, result in every.items()},
    "json": document,
}
seen["endpoint"] = shown | {"options": buttons["endpoint"].options, "chosen": buttons["endpoint"].value}
ways = [way.dropout for way in analyse.dropout_ways(trial, spec).ways]
side = {"options": buttons["dropout"].options, "chosen": buttons["dropout"].value, "ways": ways}
seen["dropout"] = shown | side | {"ways_legend": dropout_words.legend(analyse.dropout_ways(trial, spec))}
print("SEEN", json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict[str, Any]:
    """What a copy of the dashboard with a new member of each choice shows of them."""
    copy = tmp_path_factory.mktemp("dashboard")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    before = {p: p.read_bytes() for p in copy.rglob("*.py")}
    rules = copy / MEMBERS / "missing"
    text = new_member(
        rules / "best.py",
        "best",
        "hopeful",
        link="hopeful",
        label="hopeful days",
        missing_day="a missing day counts as a good one",
    )
    (rules / "hopeful.py").write_text(
        text.replace("np.where(active, 1 - bad, bad)", "np.where(active, 1 - bad, 1 - bad)")
    )
    register(rules / "__init__.py", "hopeful", "RULE")
    add_endpoint(copy / MEMBERS / "endpoint")
    add_reading(copy / MEMBERS / "dropout")
    changed = [p for p in copy.rglob("*.py") if before.get(p) != p.read_bytes()]
    run = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    line = next(line for line in run.stdout.splitlines() if line.startswith("SEEN "))
    return json.loads(line.removeprefix("SEEN ")) | {"files": len(changed)}


@pytest.mark.slow
def test_a_new_member_is_a_file_and_its_line_in_the_registry(seen):
    assert seen["files"] == 2 * (len(seen) - 1)


@pytest.mark.slow
def test_a_new_missing_day_rule_is_everywhere(seen):
    rule = seen["rule"]
    assert "hopeful days" in rule["options"] and rule["chosen"] == "hopeful" and not rule["exceptions"]
    assert rule["json"]["provenance"]["spec"]["missing"] == "hopeful"
    assert rule["legend"] == "A missing day counts as a good one."
    assert rule["row"] == "hopeful days"


@pytest.mark.slow
def test_a_new_endpoint_is_everywhere(seen):
    new = seen["endpoint"]
    assert "second use" in new["options"] and new["chosen"] == "second use" and not new["exceptions"]
    assert "days to the second drinking day" in new["legends"]["second_use"]
    second, first = (new["json"]["time_to_event"][name] for name in ("second_use", "first_use"))
    assert second["definition"].startswith("days to the second drinking day;")
    for arm, (free, _) in ((name, tuple(mean.values())) for name, mean in second["rmst"]["arms"].items()):
        assert free > first["rmst"]["arms"][arm]["estimate"], "the second use comes after the first"


@pytest.mark.slow
def test_a_new_reading_of_dropout_is_everywhere(seen):
    new = seen["dropout"]
    assert "active-only" in new["options"] and new["chosen"] == "active-only" and "active-only" in new["ways"]
    assert "half counted" in new["ways_legend"]
    assert new["json"]["provenance"]["spec"]["dropout"] == "active-only"
    trial = load_sample()
    published = analyse.time_to_event(trial, resolve(trial, AnalysisSpec())[0])["relapse"]
    control, active = published.arms
    now = new["json"]["time_to_event"]["relapse"]["arms"]
    assert now[active.arm]["events"] == active.events and now[control.arm]["events"] < control.events


@pytest.mark.slow
def test_a_new_rule_fills_the_days_as_it_says(seen):
    """Missing days are good ones in both arms, so more are abstinent throughout than under the published rule."""
    trial = load_sample()
    published = analyse.nnt_result(trial, resolve(trial, AnalysisSpec())[0]).observed
    now = seen["rule"]["json"]["nnt"]["observed"]
    assert now["risk_control"] > published.risk_control and now["risk_active"] >= published.risk_active


@pytest.mark.parametrize("word", ["locf", "first_use"])
def test_a_member_is_known_to_few_files(word):
    files = [p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    knowing = [p.relative_to(ROOT).as_posix() for p in files if word in p.read_text("utf-8", "ignore").lower()]
    assert 1 <= len(knowing) <= MOST_FILES, knowing


@pytest.mark.parametrize("rule", MissingRule)
def test_a_rule_s_words_are_whole(rule):
    about = rule.about
    assert rule.value == about.word and MissingRule(about.word) is rule
    places = {"use": "drinking", "bad": "drinking", "good": "abstinence", "imor_control": "1", "imor_active": "1"}
    for text in (about.missing_day, about.assumes, about.strategy):
        assert "{" not in text.format(**places) and text
    names = {"control": "A", "active": "B", "day": "drinking day", "too": "", "likewise": "", "at_random": ""}
    assert about.methods.format(**places, **names).count("{") <= 1  # a reference, at most
    assert about.imputed or about.sas, "a rule that sets days says so in SAS too"
    assert about.fills or not about.imputed


def test_links_and_labels_tell_the_rules_apart():
    for name in ("word", "link", "label", "stop"):
        values = [getattr(rule.about, name) for rule in MissingRule]
        assert len(set(values)) == len(values), name
    assert [rule.bound for rule in bounds_last()] == sorted(rule.bound for rule in MissingRule)


# --- one declaration a field -----------------------------------------------------------------------------------------


def test_every_field_is_declared_once():
    assert list(CHOICES) == [f.name for f in fields(AnalysisSpec)]
    for values in ([choice.key for choice in CHOICES.values()], [choice.cli for choice in CHOICES.values()]):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("name", CHOICES)
def test_a_default_is_written_and_read_again(name):
    choice, control = CHOICES[name], CHOICES[name].control
    for value in (getattr(AnalysisSpec(), name), VALUES[name]):
        word = control.word(value)
        assert control.read(slug(word)) == value
        assert not choice.words or word in choice.words
    assert all(control.word(control.read(offered)) == offered for offered in choice.offered)


@pytest.mark.parametrize("name", [name for name, choice in CHOICES.items() if isinstance(choice.words, dict)])
def test_every_value_of_an_enumeration_has_a_word(name):
    value = getattr(AnalysisSpec(), name)
    if isinstance(value, Enum):
        assert set(CHOICES[name].words.values()) == set(type(value))


def test_every_choice_has_another_value_for_the_tests_and_its_place_among_the_controls():
    assert set(OTHER) == set(CHOICES)
    assert all(value != getattr(AnalysisSpec(), name) for name, value in VALUES.items())
    assert sorted(("missing", *RATIOS, *WITH_OWN_CONTROL)) == sorted(CHOICES)


FAMILIES = {name: family for name, family in vars(families).items() if isinstance(family, families.Family)}


@pytest.mark.parametrize("name", [name for name, choice in CHOICES.items() if choice.moot is not None])
def test_a_moot_choice_is_refused_or_changes_nothing(name):
    """What the stamp leaves out and what a result does not see are one thing, where the governing choice is seen."""
    moot = CHOICES[name].moot
    values = [getattr(AnalysisSpec(), moot.governor), VALUES[moot.governor]]
    spec = AnalysisSpec(**{moot.governor: next(value for value in values if moot.where(value))})
    assert CHOICES[name].is_moot(spec)
    try:
        other = spec.replace(**{name: VALUES[name]})
    except SpecError:
        return
    seeing = [f for f in FAMILIES.values() if {name, moot.governor} <= f.names and not f.every_outcome]
    assert seeing
    assert all(family.seen(other) == family.seen(spec) for family in seeing)


def test_every_step_is_in_a_family_and_every_choice_at_a_step():
    entered = {step for choice in CHOICES.values() for step in choice.enters}
    assert entered == set(Step)
    assert all(choice.enters for choice in CHOICES.values())
    assert set(CHOICES) == {name for family in FAMILIES.values() for name in family}


def test_no_label_help_or_flag_is_written_a_second_time():
    """Texts of a declaration, long enough to be nobody else's, stand in the declarations alone."""
    elsewhere = [p for p in PACKAGE.rglob("*.py") if "core" not in p.relative_to(PACKAGE).parts]
    texts = {p.name: p.read_text(encoding="utf-8") for p in elsewhere}
    for choice in CHOICES.values():
        for text in (choice.cli, choice.help or "", choice.label):
            again = [name for name, source in texts.items() if len(text) >= 25 and text[:40] in source]
            assert again == [], text


def test_the_page_of_choices_is_as_the_declarations_say():
    script = runpy.run_path(str(ROOT / "scripts" / "choices_table.py"))
    assert (ROOT / "docs" / "choices.md").read_text(encoding="utf-8") == script["page"](), (
        "run python scripts/choices_table.py"
    )


@pytest.mark.parametrize("counted", [True, False])
def test_the_choice_of_tests_is_written_without_naming_one_kind_of_them(counted):
    """The real trial's tests are of opioids."""
    assert AnalysisSpec(etg=counted).describe("etg") == f"counting of positive tests {'on' if counted else 'off'}"


def test_a_zero_that_stands_for_what_the_trial_has_is_told_as_that():
    """Files listed "0 g of alcohol in one of the drinks" among the choices, and levels "from the last 0 days"."""
    told = {name: AnalysisSpec().describe(name) for name, choice in CHOICES.items() if choice.at_zero}
    assert told == {
        "grace": "no grace period",
        "assessment_days": "WHO levels from every day of the window",
        "baseline_days": "WHO levels before from every day before treatment",
        "drink_grams": "grams as the unit has them",
    }
    assert AnalysisSpec(drink_grams=12.0).describe("drink_grams") == "12 g of alcohol in one of the drinks"
    zeros = [name for name in CHOICES if re.search(r"\b0\b(?!\.)", AnalysisSpec().describe(name))]
    assert zeros == []
