"""The report page: what is chosen is what is made, in the background, and can be stopped."""

import io
import re

import pytest
from opened import offered, opened, turned, words
from pptx import Presentation
from waiting import until

from ketadash.core.view import PValues
from ketadash.export import bundle, catalogue
from ketadash.export.provenance import SYNTHETIC
from ketadash.questions.question import Group
from ketadash.questions.registry import QUESTIONS
from ketadash.ui import download, page_exports, report_job, toggles_file
from ketadash.ui.components import report
from ketadash.ui.server import downloads
from ketadash.ui.state import CURRENT


def button(at, key):
    return next((b for b in at.button if b.key == key), None)


def pressed(at):
    button(at, "report_make").click()
    at.run()
    made = at.session_state[report.MAKING]

    def ended():
        made.look()  # as the page's fragment does
        return not made.running

    until(ended)
    return at.run()


def choose(at, **chosen):
    for key, value in chosen.items():
        next(w for w in (*at.button_group, *at.toggle) if w.key == f"report_{key}").set_value(value)
    return at.run()


def test_what_is_chosen_is_made_and_offered():
    at = choose(opened("report"), sections=["nnt"], formats=["slides", "text"])
    at = pressed(at)
    assert not at.exception
    made = at.session_state[report.MAKING]
    assert made.finished and made.trouble is None and set(made.files) == {"slides", "text"}
    assert [s.key for s in made.sections] == ["nnt"]
    assert len(Presentation(io.BytesIO(made.files["slides"])).slides) == 4  # title, a picture, methods, origin
    assert [label.split(" (")[0] for label in offered(at)][-2:] == ["PowerPoint", "Methods text"]
    assert SYNTHETIC in words(at) and "1 sections" in words(at)
    assert button(at, "report_make").label == "Make it again"


def test_the_files_are_of_the_state_at_hand():
    at = choose(opened("report", trend="linear"), sections=["abstinence"], formats=["text"])
    made = pressed(at).session_state[report.MAKING]
    text = made.files["text"].decode()
    assert "Exploratory: differs in linear time trend" in text and "--trend=linear" in text
    assert "fixed effects of day, arm" in text and "trend=linear" in (made.order.origin.link or "trend=linear")


def test_nothing_chosen_says_what_to_do():
    at = choose(opened("report"), sections=[])
    assert "at least one section" in words(at) and button(at, "report_make") is None


def test_stopping_leaves_no_file_and_says_so(monkeypatch):
    at = choose(opened("report"), sections=["abstinence", "nnt"], formats=["html"])
    monkeypatch.setattr(catalogue, "sections_of", lambda page, m: at.session_state[report.MAKING].stop() or [])
    at = pressed(at)
    made = at.session_state[report.MAKING]
    assert made.n_done == 1 and not made.files and "stopped" in made.trouble
    assert "Stopped" in words(at) and button(at, "report_make") is not None


def test_nobody_looking_stops_it(monkeypatch):
    at = choose(opened("report"), sections=["nnt"], formats=["html"])
    monkeypatch.setattr(downloads, "UNWATCHED_S", -1.0)
    at = pressed(at)
    assert "stopped" in at.session_state[report.MAKING].trouble
    assert not at.session_state[report.MAKING].files


def test_the_methods_paragraph_is_shown_on_demand():
    at = opened("report", dropout="competing")
    assert not at.code
    at = choose(at, methods=True)
    assert "Gray's test" in at.code[0].value and "References\n1. " in at.code[0].value


def test_long_computations_go_in_if_asked(jobs_run, monkeypatch):
    monkeypatch.setattr(report_job, "PROBLEMS", {"relapse": report_job.PROBLEMS["relapse"]})
    at = choose(opened("report"), sections=["specifications"], formats=["text"], long=True)
    made = pressed(at).session_state[report.MAKING]
    assert made.trouble is None and len(made.sections) == 1
    assert "combinations of analytic choices" in made.files["text"].decode()


@pytest.mark.parametrize("page", ["abstinence", "nnt", "missing_days"])
def test_each_page_offers_itself(page):
    at = opened(page)
    assert offered(at)[-5:] == ["HTML", "PowerPoint", "Word", "LaTeX", toggles_file.LABEL]
    now = at.session_state[CURRENT]
    made = page_exports.file_of_page(now, page_exports.material(now), page, "latex", None).decode()
    chapter = catalogue.chapter(page).make(page_exports.material(now))
    assert all(f"section*{{{s.question}" in made for s in chapter) and SYNTHETIC in made


def test_each_results_page_is_a_chapter_and_each_chapter_a_page():
    stems = {q.key for q in QUESTIONS if q.group is not Group.YOURS}
    chapters = {c.page for c in catalogue.CHAPTERS}
    assert chapters <= stems and stems - chapters <= {"compare"}  # which sets two states side by side
    assert len({f.name for f in bundle.FORMATS}) == len(bundle.FORMATS)


def test_tables_as_text_on_demand():
    at = turned(opened("overview"), "nnt")
    assert not [c for c in at.code if "\t" in c.value]
    next(t for t in at.toggle if t.key == "copy_nnt").set_value(True).run()
    assert [c for c in at.code if "NNT with interval\t" in c.value]


def test_the_file_with_toggles_says_how_many_states_it_holds():
    at = choose(opened("report"), alive=["trend", "dropout"])
    assert "6 states, less than a minute, some 0.7 MB." in words(at)
    assert toggles_file.LABEL in offered(at)
    at = choose(at, alive=["missing", "trend", "adjust", "estimand", "estimator", "uncertainty", "dropout"])
    assert re.search(r"1,313 states, about \d+ minutes?, some 2\.0 MB", words(at))
    at = choose(at, alive=[])
    assert "one choice to be alive" in " ".join(box.value for box in at.info)
    assert not at.exception


def test_every_page_of_a_report_offers_itself_with_its_toggles(monkeypatch):
    """In a process of its own; here its function runs at once."""
    asked = []

    def made(f, trial, *rest, progress):
        asked.append(rest)
        return f(trial, *rest, lambda *_: None)  # nobody looks at it here, which would stop it

    monkeypatch.setattr(toggles_file.child_process, "made", made)
    monkeypatch.setattr(toggles_file, "OF_A_PAGE", ("trend",))
    at = opened("relapse")
    file = next(f for f in at.session_state[download.OFFERED].offered if f.label == toggles_file.LABEL)
    content = file.make(downloads.Progress())
    assert content.startswith(b"<!DOCTYPE html>")
    assert file.name.endswith(".html")
    assert asked[0][2].pages == ("relapse",)
    assert asked[0][2].p_values is PValues.LABELLED  # in states outside the declared analysis, as the pages have them
