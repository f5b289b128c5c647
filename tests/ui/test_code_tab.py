"""The Code tab in the running page: the number chosen, its value, and four languages; no page is without it."""

import pytest
from known_trials import sample_trial
from opened import opened, turned, words

from ketadash.core.spec import AnalysisSpec, DropoutRule
from ketadash.questions.registry import question
from ketadash.questions.shared import code_numbers
from ketadash.trial import resolve
from ketadash.ui import code

PAGES = {
    "overview": "overview",
    "abstinence": "abstinence",
    "heavy_drinking": "heavy_drinking",
    "relapse": "relapse",
    "nnt": "nnt",
    "missing_days": "missing_days",
    "dropout": "dropout",
    "specifications": "specifications",
    "participants": "participants",
    "safety": "safety",
}


@pytest.fixture(scope="module")
def session():
    return opened("overview")


def blocks(at, language):
    return [c.value for c in at.code if c.language == language]


@pytest.mark.sweep(4)
@pytest.mark.parametrize(("page", "key"), PAGES.items())
def test_every_result_page_shows_its_code(session, page, key):
    at = turned(session, page)
    assert not at.exception
    (box,) = [s for s in at.selectbox if s.key == f"code_{key}"]
    assert len(box.options) == len(set(box.options)) > 1
    (python,) = blocks(at, "python")
    assert "print(*answer)" in python
    assert any("--only" in c and "| jq" in c for c in blocks(at, "bash"))
    assert code.UNRUN.split(":")[0] in words(at) or not blocks(at, "sas")


def test_another_number_is_chosen_and_its_value_is_the_page_s():
    at = opened("relapse", dropout="censored")
    (box,) = [s for s in at.selectbox if s.key == "code_relapse"]
    box.select("Relapse: hazard ratio (Cox)").run()
    spec, _ = resolve(sample_trial(), AnalysisSpec(dropout=DropoutRule.CENSORED))
    number = next(n for n in question("relapse").numbers(sample_trial(), spec) if n.what == "cox")
    hr = code_numbers.value(number, sample_trial(), spec)[0]
    assert f"hazard ratio {hr:.10g}" in "\n".join(h.proto.body for h in at.main.get("html"))
    assert "coxph" in blocks(at, "r")[0] and "proc phreg" in blocks(at, "sas")[0]
    assert "dropout=DropoutRule.CENSORED" in blocks(at, "python")[0] and "--dropout=censored" in blocks(at, "bash")[-1]


def test_the_number_chosen_is_kept_while_another_page_or_tab_is_in_sight():
    at = opened("relapse")
    (box,) = [s for s in at.selectbox if s.key == "code_relapse"]
    second = box.options[1]
    box.select(second).run()
    (box,) = [s for s in turned(turned(at, "nnt"), "relapse").selectbox if s.key == "code_relapse"]
    assert box.options[box.index] == second
