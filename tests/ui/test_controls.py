"""Every control does something, on the pages it should and on no other; a link says it; one button takes it back."""

import pytest
from opened import chosen, figures, opened, seen, status, turned, words

from ketadash.analyse import abstinence_result
from ketadash.spec import AnalysisSpec
from ketadash.trial import load_sample, resolve
from ketadash.ui import controls

# A value other than the default for each control.
OTHER = {
    "missing": "missing", "trend": "linear", "baseline": "unadjusted", "curve": "typical", "dropout": "censored",
    "fit": "RSPL", "penalised": "on", "etg": "ignored", "men": 6.0, "women": 5.0, "days": "1:14", "horizon": "14",
    "level": "80%", "points": "201", "covariate": "baseline_heavy_days",
}  # fmt: skip
OF_THE_DATA = {"control": "ketamine", "active": "midazolam", "amount": "drinks"}  # in a test of their own
RESULTS = ("overview", "abstinence", "heavy_drinking", "relapse", "nnt", "sensitivity")

ALL = {"words", "figures", "tables"}
MODEL = {k: ALL for k in ("missing", "trend", "baseline", "curve", "fit", "penalised", "etg", "days", "level",
                          "points", "covariate")}  # fmt: skip
# What each control changes on each page; a control not named changes nothing there.  EtG tests of the sample turn
# abstinent days into drinking days of unknown amount, which count as not heavy: neither heavy days nor relapse move.
CHANGES = {
    "abstinence": MODEL,
    "nnt": MODEL,
    "heavy_drinking": {k: ALL for k in ("missing", "baseline", "curve", "men", "women", "days", "level")},
    "relapse": {k: ALL for k in ("dropout", "men", "women", "days", "level")} | {"horizon": {"words", "tables"}},
    # every row varies missing, trend, baseline and fit itself: the page's state changes only what is said beside them
    "sensitivity": {k: ALL for k in ("penalised", "days", "level", "covariate")}
    | {"etg": {"figures", "tables"}, "points": {"figures", "tables"}, "missing": {"tables"},
       "baseline": {"tables"}},
}  # fmt: skip
# The sensitivity page's sentence on the missing rule follows these, but its rounded numbers may stay the same.
MAY_CHANGE = {("sensitivity", key): {"words"} for key in ("trend", "fit", "baseline", "etg", "points")}


def test_no_control_is_forgotten_here():
    assert {*OTHER, *OF_THE_DATA} == set(controls.FIRST)


@pytest.mark.parametrize("page", CHANGES)
def test_each_control_changes_words_picture_and_table_where_it_matters_and_nothing_elsewhere(page):
    at = opened(page)
    first = seen(at)
    for key, value in OTHER.items():
        now = seen(chosen(at, **{key: value}))
        changed = {part for part in first if now[part] != first[part]}
        assert changed - MAY_CHANGE.get((page, key), set()) == CHANGES[page].get(key, set()), key
        assert "Exploratory" in status(at), key
        chosen(at, **{key: controls.FIRST[key]})
    assert seen(at) == first
    assert "Published analysis" in status(at)


def test_the_missing_rule_changes_how_many_days_are_filled_in():
    trial = load_sample()
    counts = abstinence_result(trial, resolve(trial, AnalysisSpec())[0]).counts
    left = counts.n_rows - counts.n_filled
    at = opened("abstinence")
    for said in (status(at), words(at)):
        assert f"{counts.n_rows} days used, {counts.n_filled} of them filled in" in said
    chosen(at, missing="missing")
    for said in (status(at), words(at)):
        assert f"{left} days used, none filled in, {counts.n_filled} missing left out" in said


def test_the_arms_change_places():
    at = opened("abstinence")
    before = figures(at)["abstinence_difference"]["data"]
    chosen(at, control="ketamine", active="midazolam")
    after = figures(at)["abstinence_difference"]["data"]
    line = [next(t for t in data if t.get("mode") == "lines" and "fill" not in t)["y"] for data in (before, after)]
    assert line[1] == pytest.approx([-y for y in line[0]], abs=1e-6)  # the fit's own tolerance
    assert "lower with midazolam than with ketamine" in words(at)


def test_a_link_says_every_choice_and_another_session_shows_the_same():
    mine = chosen(opened("abstinence"), **{k: v for k, v in OTHER.items() if k not in ("fit", "covariate")})
    link = {k: (f"{v:g}" if isinstance(v, float) else v) for k, v in OTHER.items() if k not in ("fit", "covariate")}
    yours = opened("abstinence", **link)
    assert seen(yours) == seen(mine)
    assert status(yours) == status(mine)
    for part in ("missing days = missing", "linear time trend", "typical curve", "days 1:14", "penalised fit on"):
        assert part in status(yours).replace("\\", "")


def test_back_to_published_resets_every_control():
    at = opened("abstinence")
    published = seen(at)
    chosen(at, **{k: v for k, v in OTHER.items() if k != "fit"})
    (button,) = [b for b in at.button if b.label == "Back to published"]
    button.click()
    at.run()
    assert seen(at) == published
    assert {w.key: w.value for w in at.sidebar if getattr(w, "key", None)} == controls.FIRST
    assert not [b for b in at.button if b.label == "Back to published"]


def test_choices_follow_from_page_to_page():
    at = chosen(opened("overview"), missing="missing")
    for page in RESULTS[1:]:
        assert "missing days = missing" in status(turned(at, page))
        assert not at.exception


def test_what_a_link_says_in_vain_is_said_once_and_the_default_holds():
    published = seen(opened("heavy_drinking"))
    at = opened("heavy_drinking", missing="xyz", days="abc", men="-3", points="7", horizon="soon", control="Nobody")
    assert not at.exception and not at.error
    said = at.warning[0].value.replace("\\", "")
    for part in ("missing=xyz", "'drinking'", "abc", "men=-3", "points=7", "soon", "control=Nobody"):
        assert part in said, part
    at_default = seen(at)
    assert (at_default["figures"], at_default["tables"]) == (published["figures"], published["tables"])
    chosen(at, days="", horizon="", trend="linear")
    assert not at.warning


def test_choices_that_contradict_each_other_are_a_message_and_a_way_back():
    at = opened("abstinence", fit="RSPL", penalised="on")
    assert not at.exception
    assert "penalised fit is a likelihood fit" in at.error[0].value
    (button,) = [b for b in at.button if b.label == "Back to published"]
    button.click()
    at.run()
    assert not at.error and "Published analysis" in status(at)
