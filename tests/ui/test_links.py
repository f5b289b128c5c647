"""What a link says and what it says in vain; states kept; two of them side by side; pages as slides."""

import html
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from known_trials import sample_trial
from opened import ROOT, figures, opened, tables, turned, words

from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, MissingRule, Window
from ketadash.questions.compare import words as compare_words
from ketadash.trial import resolve
from ketadash.ui import controls, slides, snapshots, state_link
from ketadash.ui import presenting_words as words_presenting

TRIAL = sample_trial()
LEFT_OUT = "missing=missing&trend=linear"


def spec(**changes):
    return AnalysisSpec(**changes)


@pytest.mark.parametrize(
    "changed",
    [
        spec(),
        spec(missing=MissingRule.IMOR, imor_control=0.5, imor_active=float("inf"), imputations=5, seed=7),
        spec(missing=MissingRule.COPY_REFERENCE),
        spec(days=Window(1, 14), tau=10, heavy_men=5.5, confidence=0.8),
        spec(adjust=False, etg=False, penalised=True, quadrature_points=101, control="ketamine", active="midazolam"),
    ],
    ids=str,
)
def test_a_state_as_text_is_read_as_the_state_it_was(changed):
    said = {key: controls.slug(value) for key, value in controls.words_of(changed).items()}
    text = state_link.short(state_link.drawn(said), state_link.first(TRIAL))
    assert state_link.spec_of(text, TRIAL) == state_link.ParsedState(changed)
    assert ("missing" in text) == (changed.missing is not MissingRule.NONABSTINENT)


def test_what_a_state_says_in_vain_is_said_and_the_rest_holds():
    found = state_link.spec_of(
        "missing=missing&trend=cubic&men=-3&days=9:1&nonsense=1&level=12%25&control=nobody", TRIAL
    )
    assert found.spec == AnalysisSpec(missing=MissingRule.MISSING)
    assert len(found.refused) == 6
    assert "'trend=cubic' is no choice here, so it is 'quadratic'" in found.refused
    assert "'nonsense' is no choice here and was left out" in found.refused


@settings(max_examples=150)
@given(
    some.one_of(
        some.text(max_size=80),
        some.lists(some.tuples(some.sampled_from([*state_link.first(TRIAL)]), some.text(max_size=12)), max_size=6).map(
            lambda pairs: "&".join("=".join(pair) for pair in pairs)
        ),
    )
)
def test_no_text_brings_a_state_down(text):
    try:
        found = state_link.spec_of(text, TRIAL)
    except SpecError:  # two choices that contradict each other, said as everywhere
        return
    assert isinstance(found.spec, AnalysisSpec)


@pytest.mark.parametrize("text", ["x" * (state_link.LONGEST + 1), "&".join(["seed=1"] * (state_link.MOST + 1))])
def test_a_state_without_end_is_not_read(text):
    assert (
        state_link.spec_of(text, TRIAL).spec == AnalysisSpec()
        and "was not read" in state_link.spec_of(text, TRIAL).refused[0]
    )


def test_an_unknown_endpoint_or_version_is_said():
    said = words(opened("overview", endpoint="never", v="9"))
    assert "a kind that this ketadash does not know (v=9)" in said
    at = opened("relapse")
    at.query_params["endpoint"] = "never"
    assert "'endpoint=never' in the link is no choice here, so it is 'relapse'." in words(at.run())


def test_the_whole_link_says_every_choice_that_is_drawn_and_its_version():
    at = opened("abstinence", missing="dial", imputations="5", **{"imor-control": "0.5"})
    (bar,) = [e.proto for e in at.sidebar.get("bidi_component") if e.proto.component_name == "ketadash_address"]
    assert "v=1" in bar.json and "imor-control=0.5" in bar.json and "imor-active=1" in bar.json
    assert "level=95%25" in bar.json and "identifiers=shown" in bar.json and not re.search(r"[^-]\brule=", bar.json)
    assert at.query_params["missing"] in ("dial", ["dial"])


def test_two_states_from_a_link_side_by_side():
    at = opened("compare", a=LEFT_OUT, b="missing=drinking&trend=linear&men=6")
    said = words(at)
    assert "They differ in 2 choices" in said
    assert "missing days = left out against missing days = drinking" in said
    first, second = (figures(at)[f"compare_{k}"] for k in ("first", "second"))
    assert first["layout"]["xaxis"]["range"] == second["layout"]["xaxis"]["range"]
    assert first["data"] != second["data"]
    for side, text in enumerate((LEFT_OUT, "trend=linear&men=6")):
        resolved, _ = resolve(TRIAL, state_link.spec_of(text, TRIAL).spec)
        for value in snapshots.headline_numbers(TRIAL, resolved).values():
            assert any(value in table for table in tables(at)), (side, value)


def test_states_of_different_windows_share_the_axis_of_days():
    at = opened("compare", a="days=1:14", b="days=8:21")
    first, second = (figures(at)[f"compare_{k}"]["layout"]["xaxis"]["range"] for k in ("first", "second"))
    assert first == second and first[0] < 1 and first[1] > 21


def test_a_contradiction_on_one_side_is_a_message():
    at = opened("compare", a="fit=RSPL&penalised=on")
    assert any("penalised fit is a likelihood fit" in e.value.replace("\\", "") for e in at.error)
    assert not at.exception


def test_a_state_is_kept_and_one_of_a_trial_no_longer_there_cannot_be_opened():
    at = opened("abstinence", missing="missing")
    at.text_input(snapshots.NAME).set_value("Left out")
    next(b for b in at.sidebar.button if b.label == "Keep").click()
    at.run()
    (kept,) = at.session_state[snapshots.KEPT]
    assert (kept.name, kept.page, kept.text) == ("Left out", "abstinence", "missing=missing")
    other = "participant_id,arm,day,drinks\n" + "\n".join(
        f"P{i},{('drug', 'placebo')[i % 2]},{day},{(i * 7 + day * 3) % 5}" for i in range(12) for day in range(1, 8)
    )
    elsewhere = opened("abstinence", data=other)
    elsewhere.session_state[snapshots.KEPT] = [kept]
    (button,) = [b for b in elsewhere.run().sidebar.button if b.label == "Left out"]
    assert button.disabled and "which this session no longer has" in button.help.replace("\\", "")
    turned(elsewhere, "compare")
    assert "Left out" not in elsewhere.selectbox("ketadash_compare_a").options


def slide(at):
    bodies = [
        h.proto.body for h in at.main.get("html") if "ketadash-slide" in h.proto.body and "<style" not in h.proto.body
    ]
    return html.unescape(re.sub(r"<[^>]*>", " ", " ".join(bodies)))


@pytest.mark.sweep(6)
@pytest.mark.parametrize("page", slides.ORDER)
def test_every_page_is_a_slide_without_tabs_or_tables_of_its_own(page):
    at = opened(page, present="on")
    assert not at.exception and not at.error
    assert not at.tabs and not at.main.get("arrow_data_frame")
    assert "Synthetic data: invented people, no evidence" in slide(at) and "Published analysis" in slide(at)


IN_DAYS = {"subgroup-endpoint": "days abstinent"}


def flips(at):
    """What the button on the slide that flips the missing days says."""
    told = [json.loads(e.proto.json or "null") for e in at.get("bidi_component")]
    (keys,) = [one for one in told if isinstance(one, dict) and "slides" in one]
    return keys["rule"]


def test_a_flip_is_offered_only_where_it_changes_what_the_slide_shows():
    """On the slides of participants, and of subgroups before any are chosen, it changed the foot alone."""
    assert flips(opened("abstinence", present="on")) == "Missing days: drinking"
    assert flips(opened("participants", present="on")) is None
    assert flips(opened("subgroups", present="on", **IN_DAYS)) is None
    chosen = opened("subgroups", present="on", subgroup="sex", **IN_DAYS)
    assert flips(chosen) == "Missing days: drinking"


def test_the_slide_of_dropout_says_both_answers_of_its_page():
    shown = slide(opened("dropout", present="on"))
    assert "The result depends on dropout" in shown and shown.count("with all of them") == 1


def test_the_build_shows_points_then_lines_then_bands():
    shown = []
    for step in "123":
        at = opened("heavy_drinking", present="on")
        at.session_state["ketadash_said_step"] = step
        at.run()
        (figure,) = figures(at).values()
        visible = [t for t in figure["data"] if t.get("visible", True)]
        shown.append({"band" if "fill" in t else t["mode"] for t in visible})
        key = " ".join(note["text"] for note in figure["layout"]["annotations"])
        assert ("lines" in key, "band" in key) == (step != "1", step == "3")
    assert shown == [{"markers"}, {"markers", "lines"}, {"markers", "lines", "band"}]


def test_a_slide_says_what_a_link_asked_for_in_vain_and_a_page_without_one_is_shown_as_usual():
    assert "'trend=cubic' in the link is no choice here" in slide(opened("overview", present="on", trend="cubic"))
    at = opened("methods", present="on")
    assert not slide(at) and at.title[0].value == "How is it computed?"


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        ("It did. On day 21 it was 81%.", "It did."),
        ("Relapsed (log-rank p .04). Up to day 21, more.", "Relapsed (log-rank p .04)."),
        ("One sentence of 1.14–1.25 v 3.", "One sentence of 1.14–1.25 v 3."),
    ],
)
def test_the_headline_is_the_first_sentence(answer, first):
    head, rest = words_presenting.headline(answer)
    assert head == first and " ".join((head, rest)).strip() == answer


def test_pages_that_are_slides_are_all_there():
    assert all((ROOT / "pages" / f"{page}.py").exists() for page in slides.ORDER)
    assert compare_words.answer((), {}, {}) == compare_words.SAME
