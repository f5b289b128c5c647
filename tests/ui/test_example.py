"""The real trial that comes with the program, opened: every page says that its people are real."""

import pytest
from opened import ROOT, first, opened, status, turned, words
from streamlit.testing.v1 import AppTest
from sweeps import others_slow
from waiting import HANG_S

from ketadash.core import paths
from ketadash.export import code
from ketadash.export.command import command
from ketadash.questions.data.words import REAL_TRIAL
from ketadash.questions.registry import question
from ketadash.trial import load, resolve
from ketadash.ui import navigation

REAL = "Real, public data of real people"


@pytest.mark.parametrize(
    "pages", others_slow([navigation.page_keys(), ["relapse", "participants"]], ["relapse", "participants"]), ids=len
)
def test_every_page_of_a_real_trial_says_whose_data_it_shows(pages, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KETADASH_DATA", str(paths.example_folder("xbot")))
    at = opened("glossary")
    for page in pages:
        assert REAL in status(turned(at, page)), page
        assert "Synthetic" not in status(at) and not at.exception and not at.error, page


def test_the_data_page_opens_the_real_trial_and_forgets_it_again():
    at = opened("data")
    (button,) = [b for b in at.button if b.label == REAL_TRIAL]
    button.click()
    at.run()
    assert REAL in status(at) and "570 participants" in words(at) and not at.exception
    assert not [b for b in at.button if b.label == REAL_TRIAL]
    shown = words(turned(at, "relapse")).replace("\\", "")
    assert "170 of 287 BUP-NX" in shown and "Hazard ratio, XR-NTX to BUP-NX: 1.38 (95% CI 1.12–1.70)" in shown
    assert "Odds ratio of the event by day 168: 1.43 (95% CI 1.01–2.01)" in shown
    at = turned(at, "data")
    next(b for b in at.button if b.label == "Forget this trial").click()
    at.run()
    assert "Synthetic" in status(at)


def test_the_code_of_the_real_trial_names_it_and_runs(monkeypatch: pytest.MonkeyPatch):
    trial = load(paths.example_folder("xbot"))
    chosen = trial.declared.published
    spec = resolve(trial, chosen)[0]
    number = next(n for n in question("relapse").numbers(trial, spec) if n.outcome == "relapse" and n.what == "cox")
    assert "--example xbot" in command(chosen, "xbot", chosen)
    space: dict = {}
    exec(code.python(number, chosen, "xbot"), space)
    assert space["answer"][0] == pytest.approx(1.3817774246, rel=1e-9)


def test_a_link_of_the_real_trial_opens_it_for_whoever_gets_it():
    sha = load(paths.example_folder("xbot")).sha256
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    at.query_params["data"] = sha[:12]
    at.query_params["missing"] = "missing"
    first(at, "relapse")
    assert REAL in status(at) and "missing days = left out" in status(at).replace("\\", "") and not at.exception
    assert "75 of 283 XR-NTX" in words(at).replace("\\", "")
    assert at.query_params["data"] == [sha[:12]] or at.query_params["data"] == sha[:12]
