"""Any two-arm trial: every page says what this trial counts, or why it cannot show what needs amounts."""

import json
import random
import re
from pathlib import Path

import pytest
from opened import ROOT, chosen, status, tables, turned, words
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import DRINKS
from ketadash.trial import Recipe, load, resolve
from ketadash.trial.sources import gather
from ketadash.trial.trial_terms import terms_of
from ketadash.ui import navigation, state

STEMS = navigation.page_keys()
# About formats, methods and what words mean, which is the same whatever is counted.
OF_ANY_TRIAL = ("data", "methods", "glossary")
DRINKING = re.compile(r"drink|drank|drunk|alcohol", re.IGNORECASE)
CTN = ROOT.parent / "shared" / "data" / "ctn0051_days.csv.gz"


def days(amount: str, amounts, *, arms=("placebo", "active"), window=range(1, 13), extra="") -> str:
    """A CSV with ten people an arm; `amounts` are what a day of use can be."""
    roll = random.Random(5)
    rows = [f"participant_id,arm,day,{amount},sex,baseline_{amount}{',site' if extra else ''}"]
    for a, arm in enumerate(arms):
        for i in range(10):
            tail = f",{roll.choice('MF')},{roll.randint(3, 25)}" + (f",{roll.choice(extra)}" if extra else "")
            for day in window:
                use = roll.choice(amounts) if roll.random() < (0.5, 0.3, 0.2)[a] else 0
                rows.append(f"P{a}{i},{arm},{day},{'' if roll.random() < 0.1 else use}{tail}")
    return "\n".join(rows)


def opened(files: dict[str, str], **link: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    for key, value in link.items():
        at.query_params[key] = value
    given = gather({name: text.encode() for name, text in files.items()}, None)
    at.session_state[state.OWN] = state.Own(given, None, load(given), "mine.csv")
    return at.run()


OPIOIDS = days("opioid", [1])
CIGARETTES = days("cigarettes", range(1, 30))
UNITS = days("units", range(1, 16))


def said(at: AppTest) -> str:
    """All that the page says or shows: titles, sentences, tables, pictures and what stands for them, the sidebar."""
    texts = [at.title[0].value, *(s.value for s in at.header), words(at), *tables(at)]
    texts = [t for text in texts for t in text.splitlines() if "written for alcohol" not in t]
    texts += [link.proto.label for link in at.get("page_link")]
    texts.append(pictures(at))
    texts += [option.content for row in at.main.get("button_group") for option in row.proto.options]
    for w in at.sidebar:
        if getattr(w, "key", None):
            parts = getattr(w, "label", ""), getattr(w.proto, "help", ""), *getattr(w.proto, "options", ())
            texts += map(str, parts)
    return "\n".join(texts)


def pictures(at: AppTest) -> str:
    """Every picture of the page, as the browser gets it, with what stands for it."""
    plots = [e.proto.json for e in at.get("bidi_component") if e.proto.component_name.startswith("ketadash_plot")]
    return "\n".join(json.dumps(json.loads(plot), ensure_ascii=False) for plot in plots)


def without_methods(text: str) -> str:
    """The page without its pages of docs/methods, which are about drinking and say so."""
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "methods").glob("*.md")]
    docs = {line.replace("\\", "").lstrip("# ") for page in pages for line in page.splitlines()}
    return "\n".join(line for line in text.splitlines() if line.lstrip("# ") not in docs)


def walked(at: AppTest) -> dict[str, str]:
    """What every page says; none may fail."""
    found = {}
    for stem in STEMS:
        turned(at, stem)
        assert not at.exception, (stem, at.exception)
        assert not at.error, (stem, at.error[0].value)
        if stem not in OF_ANY_TRIAL:
            found[stem] = without_methods(said(at))
    return found


@pytest.mark.parametrize(
    ("files", "link"),
    [
        pytest.param({"days.csv": OPIOIDS}, {"amount": "opioid"}, marks=pytest.mark.slow),
        pytest.param(
            {"days.csv": OPIOIDS, "trial.toml": 'substance = "opioids"\namount = "opioid"'}, {}, marks=pytest.mark.slow
        ),
        pytest.param({"days.csv": days("used", [1])}, {}, marks=pytest.mark.slow),  # a daily yes or no of something
        pytest.param(
            {"days.csv": days("units", [1, 2, 5]), "trial.toml": 'substance = "cannabis"'}, {}, marks=pytest.mark.slow
        ),
        ({"days.csv": CIGARETTES}, {"amount": "cigarettes"}),
    ],
    ids=["opioids by their column", "opioids declared", "yes and no", "cannabis in units", "cigarettes"],
)
def test_where_nobody_drinks_no_page_says_drinking(files, link):
    pages = walked(opened(files, **link))
    for stem, text in pages.items():
        assert not DRINKING.search(text), (
            stem,
            [text[max(m.start() - 60, 0) : m.end() + 40] for m in DRINKING.finditer(text)][:3],
        )
    assert "counts as a use day" in pages["abstinence"]
    assert "a missing day counts as use" in pages["nnt"] and "a missing day counts as use" in pages["missing_days"]
    assert "Did the chance of a heavy use day grow?" in pages["heavy_drinking"]
    assert "Baseline use" in pages["overview"] and "Heavy use days" in pages["overview"]


def test_heavy_days_of_cigarettes_are_counted_in_cigarettes_by_a_threshold_of_ones_own():
    at = opened({"days.csv": CIGARETTES}, amount="cigarettes", men="20", women="15")
    text = said(turned(at, "heavy_drinking"))
    assert "A heavy use day is more than 20 cigarettes for men and more than 15 for women" in text
    assert "No convention sets these thresholds" in text
    assert "heavy day for men: more than 20 cigarettes" in status(at).replace("\\", "")
    assert "Participants without a heavy use day" in said(
        turned(at, "relapse").segmented_control(key="endpoint").set_value("first heavy day").run()
    )


def test_yes_and_no_has_what_it_can_have_and_says_why_not_the_rest():
    at = opened({"days.csv": OPIOIDS}, amount="opioid")
    for stem in ("heavy_drinking", "relapse", "dropout"):
        turned(at, stem)
        (why,) = at.info
        assert "only 0 and 1" in why.value and "More choices" in why.value and "first use" in why.value
    turned(at, "relapse").segmented_control(key="endpoint").set_value("first use").run()
    assert "had used" in words(at) and "days to the first use day" in words(at)
    assert "Participants without use" in pictures(at)
    turned(at, "specifications").segmented_control(key="outcome").set_value("heavy days").run()
    assert "only 0 and 1" in at.info[0].value
    turned(at, "participants")
    assert "use" in pictures(at) and "not heavy" not in pictures(at)


@pytest.mark.slow
def test_uk_units_are_called_units_with_their_own_thresholds():
    pages = walked(opened({"days.csv": UNITS, "trial.toml": 'unit = "uk"'}))
    assert "A heavy drinking day is more than 8 units for men and more than 6 for women" in pages["heavy_drinking"]
    assert "Baseline units" in pages["overview"] and "A heavy drinking day is more UK units than this" in pages["nnt"]
    assert "baseline_units" in pages["abstinence"] and "adjusted for baseline units" in pages["abstinence"]
    for stem, text in pages.items():
        found = re.search(r"\bdrinks\b|standard drink", text)
        assert found is None, (stem, text[found.start() - 80 : found.end() + 40])
    assert any("drinking" in text for text in pages.values())


def test_grams_reach_their_thresholds_in_the_controls():
    at = opened({"days.csv": days("grams", range(10, 120, 10))})
    assert at.number_input(key="men").value == 60 and at.number_input(key="women").value == 40
    assert "more than 60 grams for men and more than 40 for women" in words(turned(at, "heavy_drinking"))


@pytest.mark.slow
def test_the_link_says_drinking_whatever_is_counted():
    at = opened({"days.csv": OPIOIDS}, amount="opioid", missing="missing")
    control = at.segmented_control(key="missing")
    assert list(control.options)[:2] == ["use", "left out"] and control.value == "missing"
    assert "missing days = left out" in status(at)
    control.set_value("drinking").run()
    assert at.segmented_control(key="missing").value == "drinking" and "missing" not in at.query_params
    at.segmented_control(key="missing").set_value("dial").run()
    assert at.query_params["missing"] in ("dial", ["dial"])
    again = opened({"days.csv": OPIOIDS}, amount="opioid", missing="nonsense")
    assert again.segmented_control(key="missing").value == "drinking"
    assert "'missing=nonsense' in the link is no choice here" in words(again)


@pytest.mark.slow
def test_two_of_three_arms_in_a_window_that_begins_late():
    files = {"days.csv": days("drinks", range(1, 9), arms=("placebo", "low", "high"), window=range(1, 29))}
    at = opened(files)
    assert "3 arms" in at.info[0].value
    chosen(at, control="placebo", active="high", days="8:27")
    assert not at.error
    pages = walked(at)
    assert "Over days 8–27, high participants" in pages["abstinence"]
    assert "on all 20 days" in pages["nnt"]
    assert "with low" not in pages["abstinence"] and "low participants" not in pages["abstinence"]


def test_sites_and_strata_are_said_to_be_ignored():
    text = days("drinks", [1, 5], extra="AB")
    (found,) = [c for c in load(text.encode()).checks if c.name == "design"]
    assert found.severity == "note" and found.message.startswith("site: ignored unless chosen as strata.")
    at = turned(opened({"days.csv": text}), "data")
    assert any("site: ignored" in table for table in (*tables(at), words(at)))
    assert not [c for c in load(days("drinks", [1, 5]).encode()).checks if c.name == "design"]


def test_words_come_from_what_is_declared_and_else_from_the_name():
    both = "\n".join(
        [
            "participant_id,arm,day,opioid,alcohol",
            *(f"P{i},{'ab'[i % 2]},{d},{d % 2},{i % 2}" for i in range(6) for d in (1, 2, 3)),
        ]
    )
    plain = load(both.encode())
    assert terms_of(plain, "opioid").use == "use" and terms_of(plain, "alcohol").use == "drinking"
    given = {"days.csv": both.encode(), "trial.toml": b'substance = "opioids"\namount = "opioid"'}
    declared = load(given)
    assert terms_of(declared, None).use == terms_of(declared, "opioid").use == "use"
    assert terms_of(declared, "alcohol").use == "drinking"
    drinks = load(days("drinks", [1, 5]).encode())
    assert terms_of(drinks, None) == DRINKS
    assert AnalysisSpec().describe("heavy_men") == "heavy day for men: more than 4 drinks"
    assert DRINKS.worded("missing = drinking") == "missing = drinking"


@pytest.mark.slow
@pytest.mark.skipif(not Path(CTN).exists(), reason="the 570-person file is not here")
def test_570_people_every_page_of_a_week():
    """A week in place of 24, to be quick; all 168 days were walked by hand: 19 s the first page, 12 s Missing days."""
    given = gather(CTN, None)
    trial = load(given)
    assert len(trial.participants) == 570
    spec, _ = resolve(trial, AnalysisSpec(amount="opioid", control="BUP-NX", active="XR-NTX"))
    assert str(spec.days) == "1:168" and spec.baseline == "baseline_opioid_days"
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    for key, value in {"amount": "opioid", "days": "22:28", "imputations": "1"}.items():
        at.query_params[key] = value
    told = Recipe().with_answer("control", "BUP-NX")
    at.session_state[state.OWN] = state.Own(given, told, load(given, recipe=told), "ctn0051_days.csv.gz")
    pages = walked(at.run())
    for stem, text in pages.items():
        rest = re.sub(r"'?alcohol'?|baseline_alcohol_days|baseline alcohol days", "", text, flags=re.IGNORECASE)
        assert not DRINKING.search(rest), stem  # the file's own columns may be named
    assert "570 participants" in pages["abstinence"]
