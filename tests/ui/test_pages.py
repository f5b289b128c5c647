"""Every page, on the sample and on trials that nobody hopes for: an answer or a reason, never a traceback."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import pytest
from opened import chosen, figures, opened, seen, status, tables, turned, words
from sweeps import others_slow
from trial_files import csv

from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, MissingRule, ViewSpec
from ketadash.export.from_blocks import flat
from ketadash.questions.question import Material, Picture, Row
from ketadash.questions.registry import QUESTIONS
from ketadash.trial import load, resolve
from ketadash.ui import choose_arms, download, method_panels, navigation, show

RESULTS = ("overview", "abstinence", "heavy_drinking", "relapse", "nnt", "missing_days", "dropout")
STEMS = navigation.page_keys()


AWKWARD = {
    "hostile names": csv(["<b>placebo</b> *_$~|`", "x" * 120 + " 🍺 %{y}"]),
    "an arm always abstinent": csv(["placebo", "active"], drinking=(0.5, 0), missing=0),
    "one day": csv(["placebo", "active"], days=[1]),
    "three people an arm": csv(["placebo", "active"], people=3),
    "nothing missing": csv(["placebo", "active"], missing=0),
    "half missing": csv(["placebo", "active"], missing=0.5),
    "24 weeks": csv(["placebo", "active"], days=range(1, 169)),
    "no baseline": csv(["placebo", "active"], baseline=False),
    "nobody drinks": csv(["placebo", "active"], drinking=(0, 0), missing=0),
    "everybody drinks": csv(["placebo", "active"], drinking=(1, 1), missing=0),  # with gaps, what they mean is asked
}


@pytest.mark.slow
@pytest.mark.parametrize("name", others_slow(AWKWARD, "hostile names", "one day", "nobody drinks", "half missing"))
def test_no_page_fails_on_an_awkward_trial(name, sent_ahead):
    at = opened("overview", AWKWARD[name])
    for page in STEMS:
        turned(at, page)
        assert not at.exception, (page, at.exception)
        assert not at.error, (page, at.error)
        assert at.title[0].value
        said = [line for line in words(at).splitlines() if "What this rests on" in line or "participants" in line]
        assert not any(bad in line for line in said for bad in ("None", " nan", "(–")), (page, said)
        for key, figure in figures(at).items() if page in RESULTS else ():
            assert figure["data"] and any(t.get("x") for t in figure["data"]), (page, key)  # no empty boxes


@pytest.mark.parametrize("name", ["one day", "three people an arm"])
def test_a_picture_that_other_choices_do_not_have_is_refused_in_words(name):
    """Sent ahead, it ended the page: Responders took a curve by its place, where none was under an imputing rule."""
    trial = load(AWKWARD[name].encode())
    spec = resolve(trial, AnalysisSpec(imputations=1))[0]
    m, drawn = Material(trial, spec), 0
    blocks = [block for asked in QUESTIONS if asked.in_report for block in flat(asked.blocks(m), m)]
    every = [part for block in blocks for part in (block.pictures if isinstance(block, Row) else (block,))]
    for picture in (part for part in every if isinstance(part, Picture) and part.moves):
        for rule in (MissingRule.IMOR, MissingRule.MISSING):
            with suppress(KetadashError):
                drawn += bool(picture.draw(resolve(trial, spec.replace(missing=rule))[0], ViewSpec())["data"])
    assert drawn


@dataclass(frozen=True)
class Seen:
    """The names of the files that a page offers, its tables, and its line at the top."""

    files: tuple[str, ...]
    tables: tuple[str, ...]
    status: str


@cache  # no fixture: those of one test hold for it, such as that nothing is begun in the background
def of_the_sample() -> dict[str, Seen]:
    """Every page of the sample, turned to one after the other."""
    at, found = opened("overview"), {}
    for page in STEMS:
        turned(at, page)
        found[page] = Seen(
            tuple(file.name for file in at.session_state[download.OFFERED].offered),
            tuple(h.proto.body for h in at.main.get("html") if "<table" in h.proto.body),
            status(at),
        )
    return found


def test_the_words_in_the_name_of_a_file_have_hyphens_between_them():
    names = [name for page in of_the_sample().values() for name in page.files if name.startswith("ketadash-")]
    assert "ketadash-missing-days.xlsx" in names and not [name for name in names if "_" in name or " " in name]


def test_arms_stand_in_one_order_in_the_heads_and_rows_of_every_table():
    """Control first.  What compares the arms is active against control, and says so in its own row or head."""
    met = 0
    for page, shown in of_the_sample().items():
        if page in ("paper", "methods", "glossary", "data", "report"):
            continue
        for table in shown.tables:
            heads = re.findall(r"<th scope=.col.[^>]*>(.*?)</th>", table)
            rows = re.findall(r"<tr><t[dh][^>]*>(.*?)</t[dh]>", table)
            for place in (heads, rows):
                named = [set(re.findall("midazolam|ketamine", text)) for text in place]
                arms = [arm for one in named if len(one) == 1 for arm in one]
                if len(set(arms)) == 2:
                    met += 1
                    assert arms[0] == "midazolam", (page, place[:6])
    assert met >= 10


def test_every_page_with_the_sample_says_that_it_is_synthetic():
    assert [page for page, shown in of_the_sample().items() if show.SYNTHETIC not in shown.status] == []
    assert show.SYNTHETIC not in status(opened("overview", AWKWARD["nothing missing"]))


def test_every_result_says_its_assumption_its_model_and_its_days():
    at = opened("overview")
    for page in ("overview", "abstinence", "heavy_drinking", "nnt"):
        said = words(turned(at, page))
        assert "What this rests on" in said
        assert "A day without a report counts as" in said and "840 days used, " in said
        assert "Logistic mixed model" in said
    said = words(turned(at, "relapse"))
    assert "Dropout counts as an event here" in said and "missing-day rule" in said


def test_separation_offers_the_penalised_fit_and_the_fit_says_so():
    at = opened("abstinence", AWKWARD["an arm always abstinent"])
    assert "no finite answer" in words(at)
    assert set(figures(at)) == {"abstinence_curve"}  # observed points alone
    (button,) = [b for b in at.button if b.label == "Use the penalised fit"]
    button.click()
    at.run()
    assert not at.exception
    assert "penalised likelihood" in words(at)
    assert "penalised fit on" in status(at)
    assert {"abstinence_curve", "abstinence_difference"} <= set(figures(at))


def test_a_trial_that_needs_a_choice_says_so_and_the_controls_work():
    at = opened("abstinence", csv(["placebo", "low", "high"], drinking=(0.6, 0.4, 0.2)))
    assert not at.exception
    assert "3 arms" in at.info[0].value and choose_arms.ASKED in words(at)
    assert "--" not in at.info[0].value and "command line" not in at.info[0].value
    chosen(at, control="placebo", active="high")
    assert not at.error
    assert "with high than with placebo" in words(at)


def test_names_from_the_file_format_nothing():
    at = opened("abstinence", AWKWARD["hostile names"])
    raw = [m.value for m in (*at.main.markdown, *at.warning)]
    assert not any("<b>" in text for text in raw)
    assert all("<b>" not in h.proto.body for h in at.main.get("html") if "<style" not in h.proto.body)


def test_the_endpoint_changes_what_the_relapse_page_shows():
    at = opened("relapse")
    first = seen(at)
    at.segmented_control(key="endpoint").set_value("first use")
    at.run()
    now = seen(at)
    assert all(now[part] != first[part] for part in first)
    assert "had used" in words(at)


def test_tables_are_laid_out_as_glimmix_prints_them():
    every = "\n".join(tables(opened("abstinence")))
    for part in (
        "Effect,Num DF,Den DF",
        "ML: F",
        "RSPL: F",
        "Effect,Estimate,SE,DF,t,p,95% CI",
        "−2 log likelihood",
        "AIC (smaller is better)",
        "BIC (counts participants)",
    ):
        assert part in every, part


def test_a_method_page_that_is_missing_takes_no_result_with_it():
    assert method_panels.page("no-such-page") is None
    assert "missing from this installation" in method_panels.missing("no-such-page")
