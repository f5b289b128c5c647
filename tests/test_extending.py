"""docs/extending.md: each recipe is followed, word for word, in a copy of the checkout, and then looked for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", DOCUMENT))
COPIED = ("ketadash", "pages", "sample_data", "docs/methods", ".streamlit", "app.py", "tests/every_choice.py")
MOST_FILES = 3  # with the test


def blocks_of(recipe: str) -> list[tuple[str, str, str]]:
    """What the recipe's blocks of code do ("new" or "change"), to which file, and with what."""
    return re.findall(r"(?ms)^```(?:python|diff)\n# (new|change): (\S+)\n(.*?)^```$", recipe)


def changed(text: str, change: str) -> str:
    """A file's text after a change: lines with a plus go behind the lines above them, lines with a minus go.

    Raises
    ------
    AssertionError
        When lines that should be there together are not in the file exactly once.
    """
    after, gone = "", list[str]()
    for kind, lines in groupby(change.splitlines(), key=lambda line: line[:1]):
        content = "\n".join(line[1:] for line in lines)
        assert kind in "+- ", content
        if kind == "+":
            text = text.replace(f"\n{after}\n", f"\n{after}\n{content}\n")
        else:
            assert text.count(f"\n{content}\n") == 1, f"{content!r} is in the file {text.count(content)} times"
            gone += [content] if kind == "-" else []
        after = content
    for line in gone:
        text = text.replace(f"\n{line}\n", "\n")
    return text


def follow(recipe: str, folder: Path) -> list[str]:
    """Follow a recipe in a copy of the checkout; the files that it makes and changes."""
    files = []
    for kind, name, content in blocks_of(recipe):
        path = folder / name
        assert path.exists() == (kind == "change"), name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed(path.read_text("utf-8"), content) if kind == "change" else content, encoding="utf-8")
        files.append(name)
    return files


# The page of the question and its slide, below each other: a test of Streamlit's opens no page without a file.
ONE_PAGE = """
import streamlit as st
from ketadash.questions.registry import question
from ketadash.ui import download, frame, page, privacy, slides
download.begin()
privacy.begin_run()
frame.pages(page.run)
now = frame.open_trial("reporting")
page.run("reporting")
st.html("<hr>")
st.text("SLIDE " + slides.make("reporting", now).answer)
"""

# A look writes one line of JSON, which is what a test compares.
LOOK = """
import contextlib, io, json
from streamlit.testing.v1 import AppTest
from ketadash import __main__

seen = {}

def analyzed(*options):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert __main__.main(["analyze", *options]) == 0
    return json.loads(out.getvalue())

def app(page=None, **link):
    at = AppTest.from_file("app.py", default_timeout=600)
    for key, value in link.items():
        at.query_params[key] = value
    at.run()
    return at.switch_page(page).run() if page else at

# a missing-day rule
at = app("pages/nnt.py", missing="more", rule="hopeful")
seen["rule"] = {
    "chosen": next(w for w in at.selectbox if w.key == "rule").value,
    "faults": [e.value for e in at.exception],
    "missing": analyzed("--missing", "hopeful", "--only", "nnt")["provenance"]["spec"]["missing"],
    "risks": analyzed("--missing", "hopeful", "--only", "nnt")["nnt"]["observed"]["risk_control"],
}
# a reading of dropout, and an endpoint
at = app("pages/relapse.py", endpoint="second use", dropout="active-only")
buttons = {w.key: w for w in at.get("button_group")}
events = analyzed("--dropout", "active-only", "--only", "time_to_event")
seen["event"] = {
    "chosen": [buttons["endpoint"].value, buttons["dropout"].value],
    "faults": [e.value for e in at.exception],
    "dropout": events["provenance"]["spec"]["dropout"],
    "definitions": {name: one["definition"] for name, one in events["time_to_event"].items()},
    "events": {name: [arm["events"] for arm in one["arms"].values()] for name, one in events["time_to_event"].items()},
    "free": {
        name: [arm["estimate"] for arm in events["time_to_event"][name]["rmst"]["arms"].values()]
        for name in ("first_use", "second_use")
    },
    "published": [
        arm["events"] for arm in analyzed("--only", "time_to_event")["time_to_event"]["relapse"]["arms"].values()
    ],
}
# an endpoint of each participant
at = app("pages/endpoints.py")
one = next(e for e in analyzed("--only", "endpoints")["endpoints"] if e["key"] == "nine_in_ten")
from ketadash.trial import declared
seen["person_endpoint"] = {
    "faults": [e.value for e in at.exception],
    "on_page": any(x.label == "Nine days in ten abstinent" for x in at.expander),
    "counts": [[arm["n"], arm["events"]] for arm in one["arms"].values()],
    "primary": "nine_in_ten" in declared.PRIMARY,
}
# a choice
import sys
sys.path.insert(0, "tests")
from every_choice import OTHER, VALUES
from ketadash.core import families
from ketadash.core.spec import CHOICES, AnalysisSpec
from ketadash.questions.registry import question
from ketadash.ui import unfolding
unfolding.in_sight = lambda part: True  # "More choices" as if unfolded
at = app("pages/abstinence.py", sip="2")
buttons = [w for w in at.sidebar.number_input if w.key == "sip"]
lines = " ".join(element.value for element in (*at.markdown, *at.warning))
published, other = (analyzed("--only", OTHER["sip"].part, *more) for more in ([], ["--sip", str(VALUES["sip"])]))
seen["choice"] = {
    "control": [[w.label, w.value, w.help] for w in buttons],
    "faults": [e.value for e in at.exception],
    "said": "amounts up to 2 drinks count as none" in lines.replace("\\\\", ""),
    "changes": published["abstinence"]["percent_days"] != other["abstinence"]["percent_days"],
    "spec": other["provenance"]["spec"]["sip"],
    "exploratory": other["provenance"]["exploratory"],
    "tested": sorted(set(CHOICES) ^ set(OTHER)),
    "families": ["sip" in family for family in (families.PANEL, families.ABSTINENCE, families.SPECIFICATIONS)],
}
# a question
from datetime import UTC, datetime
from ketadash.export.bundle import Content, written
from ketadash.export.catalogue import every
from ketadash.export.provenance import stamp
from ketadash.export.sections import Material, methods_of
from ketadash.trial import load_sample, resolve
trial = load_sample()
chosen = trial.declared.published
resolved, _ = resolve(trial, chosen)
from ketadash.questions.registry import question
from ketadash.ui import navigation
from ketadash.ui.slides import ORDER
at = AppTest.from_file("one_page.py", default_timeout=600)
at.session_state["tabs_reporting"] = "Code"
at.run()
material = Material(trial, resolved)
sections = tuple(every(["reporting"], material))
origin = stamp(trial, chosen, resolved, when=datetime(2026, 3, 1, tzinfo=UTC), link="x")
with_sip = Material(trial, resolved.replace(sip=2.0))
seen["choice"]["methods"] = [
    "Amounts up to 2 were counted as none." in methods_of(with_sip, sections, origin).text,
    "Any amount was counted." in methods_of(material, sections, origin).text,
]
html = written("html", Content(material, chosen, sections, origin, methods_of(material, sections, origin)))
seen["question"] = {
    "navigation": navigation.page_keys(),
    "faults": [e.value for e in at.exception],
    "titles": [t.value for t in at.title],
    "tabs": [t.label for t in at.tabs],
    "numbers": [o for s in at.selectbox for o in s.options],
    "slide": [t.value for t in at.text if t.value.startswith("SLIDE")],
    "slides": list(ORDER),
    "report": question("reporting").title in html.decode() and "Days reported by each arm" in html.decode(),
    "json": analyzed("--only", "reporting").get("reporting"),
}
# a file format
import pandas as pd, pyarrow as pa
days = pd.read_csv("sample_data/days.csv")
sink = pa.BufferOutputStream()
content = pa.Table.from_pandas(days)
with pa.ipc.new_file(sink, content.schema) as stream:
    stream.write_table(content)
raw = sink.getvalue().to_pybytes()
from ketadash import files
table = files.tables(raw, "days.feather")[0]
try:
    files.tables(raw[:500], "days.feather")
except files.isolate.CheckFailedError as error:
    refusal = str(error)
from ketadash.trial.roles import stem
shapes = {"shape": [*table.frame.shape], "wanted": [*days.shape]}
seen["format"] = shapes | {"refusal": refusal, "stem": stem("days.feather")}
print("SEEN", json.dumps(seen))
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory) -> tuple[Path, dict[str, list[str]]]:
    """A copy of the checkout in which every recipe was followed, and the files of each."""
    copy = tmp_path_factory.mktemp("extended")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, copy / name
            )  # what Python compiled comes along, and holds where nothing changed
        else:
            (copy / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    return copy, {title: follow(recipe, copy) for title, recipe in RECIPES.items()}


@pytest.fixture(scope="module")
def followed(extended) -> dict[str, Any]:
    """What the copy shows."""
    copy, _ = extended
    (copy / "one_page.py").write_text(ONE_PAGE, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run([sys.executable, "-c", LOOK], cwd=copy, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    line = next(line for line in run.stdout.splitlines() if line.startswith("SEEN "))
    return json.loads(line.removeprefix("SEEN "))


def test_each_recipe_takes_a_file_and_a_line_of_a_registry(extended):
    copy, made = extended
    assert len(made) >= 2
    for name in (name for files in made.values() for name in files if name.endswith(".py")):
        compile((copy / name).read_text(encoding="utf-8"), name, "exec")
    for title, files in made.items():
        beside_its_kind = not any(name.startswith("tests/") for name in files)  # where the recipe names no test
        assert 1 < len(files) + beside_its_kind <= MOST_FILES, title


def test_the_contents_name_every_recipe():
    assert re.findall(r"(?m)^- \[([^\]]+)\]\(#", DOCUMENT) == list(RECIPES)


@pytest.mark.slow
def test_a_new_rule_is_in_the_sidebar_and_in_the_results(followed):
    rule = followed["rule"]
    assert rule["chosen"] == "abstinent" or rule["chosen"] == "hopeful"
    assert rule["missing"] == "hopeful" and not rule["faults"]
    assert rule["risks"] > 0


@pytest.mark.slow
def test_a_new_reading_of_dropout_is_on_the_page_and_in_the_results(followed):
    event = followed["event"]
    assert event["chosen"][1] == event["dropout"] == "active-only" and not event["faults"]
    control, active = event["events"]["relapse"]
    assert control < event["published"][0] and active == event["published"][1]


@pytest.mark.slow
def test_a_new_endpoint_is_on_the_page_and_in_the_results(followed):
    event = followed["event"]
    assert event["chosen"][0] == "second use"
    assert event["definitions"]["second_use"].startswith("days to the second drinking day")
    second, first = event["free"]["second_use"], event["free"]["first_use"]
    assert all(later > sooner for later, sooner in zip(second, first, strict=True)), "the second use comes later"


@pytest.mark.slow
def test_a_new_endpoint_of_each_participant_is_on_the_page_and_in_the_results(followed):
    one = followed["person_endpoint"]
    assert not one["faults"] and one["on_page"] and one["primary"]
    (n0, abstinent0), (n1, abstinent1) = one["counts"]
    # no fewer than the abstinent on every day (8 of 23, 9 of 17), and not everybody
    assert (n0, n1) == (23, 17) and 8 <= abstinent0 < 23 and 9 <= abstinent1 < 17


@pytest.mark.slow
def test_a_new_choice_is_everywhere(followed):
    choice = followed["choice"]
    ((label, value, help_text),) = choice["control"]
    assert label == "Count as none: up to" and value == 2 and "drinks" in help_text and not choice["faults"]
    assert choice["said"] and choice["changes"] and choice["spec"] == 2
    assert choice["exploratory"] == ["amounts up to 2 drinks count as none"]
    assert choice["families"] == [True, True, True]
    assert choice["methods"] == [True, True] and choice["tested"] == []


@pytest.mark.slow
def test_a_new_question_is_everywhere(followed):
    question = followed["question"]
    assert "reporting" in question["navigation"] and "reporting" in question["slides"]
    assert not question["faults"] and "How many of their days did people report?" in question["titles"]
    assert {"Table", "Code", "Download"} <= set(question["tabs"])
    assert "Days in the window" in question["numbers"]
    assert question["slide"] and "Share of days that were reported" in question["slide"][0]
    assert question["report"]
    assert question["json"]["days"] == 21 and len(question["json"]["percent_reported"]) == 2


@pytest.mark.slow
def test_a_new_format_is_read(followed):
    seen = followed["format"]
    assert seen["shape"] == seen["wanted"] and seen["stem"] == "days"
    assert "begins like an Arrow file but cannot be read as one" in seen["refusal"]


def test_a_recipe_that_no_longer_fits_is_seen():
    text = "\nA = 1\nB = 2\n"
    assert changed(text, " A = 1\n+C = 3\n+D = 4\n") == "\nA = 1\nC = 3\nD = 4\nB = 2\n"
    with pytest.raises(AssertionError, match="is in the file 0 times"):
        changed(text, " Z = 1\n+C = 3\n")
    assert changed(text, " A = 1\n B = 2\n+C = 3\n") == "\nA = 1\nB = 2\nC = 3\n"
    with pytest.raises(AssertionError, match="is in the file 0 times"):
        changed(text, " B = 2\n A = 1\n+C = 3\n")
    assert changed(text, "-A = 1\n+A = 9\n") == "\nA = 9\nB = 2\n"
