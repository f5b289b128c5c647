"""Figures as data: what they hold equals the result, what they say is harmless, and nothing collides."""

import json
import math
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import fakes
import plotly.graph_objects as go
import pytest
from figure_looks import LIGHT, PHONE, VIEWS, named, strings
from hypothesis import given
from hypothesis import strategies as st

from ketadash.core.spec import ViewSpec
from ketadash.questions.nnt import figure as nnt
from ketadash.questions.overview import spark
from ketadash.questions.relapse import figure as survival
from ketadash.questions.shared import curve, difference, forest, odds_ratio, parts, theme
from ketadash.results import CurvePoint


def every(arms=fakes.ARMS):
    """(name, draw) for every figure."""
    b, t, n, s = fakes.binary(arms=arms), fakes.time_to_event(arms), fakes.nnt(arms), fakes.sensitivity(arms)
    return {
        "curve": lambda v: curve.plot(b, v, day_zero="Infusion"),
        "difference": lambda v: curve.difference(b, v),
        "heavy": lambda v: curve.plot(fakes.binary("heavy", arms), v),
        "survival": lambda v: survival.plot(t, v),
        "nnt": lambda v: nnt.plot(n, v),
        "nnt by day": lambda v: nnt.by_day(n, v),
        "odds ratio": lambda v: odds_ratio.plot(b, v),
        "odds ratio, linear": lambda v: odds_ratio.plot(fakes.binary(arms=arms, linear=True), v),
        "forest": lambda v: forest.plot(s, v),
        "spark binary": lambda v: spark.binary(b, v),
        "spark survival": lambda v: spark.survival(t, v),
        "spark difference": lambda v: spark.difference(n.observed, v),
        "spark agreement": lambda v: spark.agreement(s, v),
    }


def test_text_from_results_is_text_too():
    row = replace(fakes.nnt_row(), what="<i>all</i> & %{x}", text="<script>")
    texts = list(strings(nnt.plot(replace(fakes.nnt(), observed=row), LIGHT)))
    assert not any("<i>" in t or "<script>" in t or "& %{x}" in t for t in texts)
    rows = fakes.sensitivity()
    bad = replace(rows.rows[0], choices=("<i>first</i>",), failed="<u>why</u>")
    texts = list(strings(forest.plot(replace(rows, rows=(bad, *rows.rows[1:])), PHONE)))
    assert not any("<i>" in t or "<u>" in t for t in texts)


@pytest.mark.parametrize("inks", (theme.LIGHT, theme.DARK))
def test_text_can_be_read(inks):
    """WCAG 2.2, 1.4.3: 4.5 to 1; arms' names are written in the arms' colours."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (inks.text, inks.muted, *(a.colour for a in inks.arms)):
        high, low = sorted((luminance(colour), luminance(inks.paper)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, colour


def test_paper_text_and_font_are_the_pages():
    """Else each picture stands on the page as a patch of another colour."""
    page = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    assert page["font"] == theme.FONT
    for colours, called in ((theme.LIGHT, "light"), (theme.DARK, "dark")):
        assert (page[called]["backgroundColor"], page[called]["textColor"]) == (colours.paper, colours.text)


# --- labels -----------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1, 2), min_size=1, max_size=8), st.floats(0.01, 0.5))
def test_dodged_labels_never_overlap_leave_or_change_places(values, gap):
    placed = theme.dodge(values, gap, 0.0, 1.0)
    real = min(gap, 1 / max(len(values) - 1, 1))
    assert all(-1e-9 <= p <= 1 + 1e-9 for p in placed)  # 1e-9: rounding of a few additions near 1
    order = sorted(range(len(values)), key=values.__getitem__)
    assert all(placed[b] - placed[a] >= real - 1e-9 for a, b in pairwise(order))


def test_labels_with_room_stay_where_the_lines_end():
    assert theme.dodge([0.2, 0.8], 0.05, 0, 1) == pytest.approx([0.2, 0.8])
    assert theme.dodge([0.5, 0.5], 0.1, 0, 1) == pytest.approx([0.45, 0.55])


@pytest.mark.parametrize("end", (-0.4, 0.0, 0.5))
def test_arm_names_do_not_overlap_where_curves_meet(end):
    figure = curve.plot(fakes.binary(ends=(end, end)), LIGHT)
    layout = figure["layout"]
    heights = [n["y"] for n in layout["annotations"] if n["text"] in fakes.ARMS]
    low, high = layout["yaxis"]["range"]
    pixels = (layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]) / (high - low)
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) * pixels >= 13  # the labels' font size


def test_arms_that_begin_alike_have_different_labels():
    first, second = (theme.label(f"Ketamine 0.71 mg/kg + {what}", LIGHT) for what in ("therapy", "education"))
    assert first != second
    assert len(first) <= 16


def test_days_are_labelled_by_weeks_with_both_ends():
    assert theme.day_ticks(1, 21, LIGHT) == [1, 7, 14, 21]
    assert theme.day_ticks(1, 7, LIGHT) == [1, 2, 3, 4, 5, 6, 7]
    assert theme.day_ticks(0, 168, PHONE) == [0, 56, 112, 168]
    assert theme.day_ticks(5, 5, LIGHT) == [5]


@given(st.integers(-30, 30), st.integers(0, 400), st.booleans())
def test_days_labelled_lie_in_the_window_and_are_few(first, span, narrow):
    ticks = theme.day_ticks(first, first + span, ViewSpec(narrow=narrow))
    assert ticks[0] == first and ticks[-1] == first + span
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= (7 if narrow else 11)


# --- curve ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_the_curve_holds_the_results_numbers(view):
    result = fakes.binary()
    figure = curve.plot(result, view)
    for arm in result.arms:
        line, points = named(figure, f"{arm}, modelled"), named(figure, f"{arm}, {curve.counted(result)}")
        model = [p for p in result.modelled if p.arm == arm]
        seen = [p for p in result.observed if p.arm == arm]
        assert line["y"] == [p.probability for p in model]
        assert line["customdata"] == [[p.ci_low, p.ci_high] for p in model]
        assert points["y"] == [p.proportion for p in seen]
        assert points["error_y"]["array"] == [p.ci_high - p.proportion for p in seen]
        assert points["error_y"]["arrayminus"] == [p.proportion - p.ci_low for p in seen]
        assert points["customdata"] == [[p.day, p.ci_low, p.n, p.n_missing, p.ci_high] for p in seen]
        # Moved aside by less than half a day, so never read as another day.
        assert [round(x) for x in points["x"]] == [p.day for p in seen]
    dashes = {named(figure, f"{arm}, modelled")["line"]["dash"] for arm in result.arms}
    symbols = {named(figure, f"{arm}, {curve.counted(result)}")["marker"]["symbol"] for arm in result.arms}
    assert len(dashes) == len(symbols) == 2  # told apart without colour


def test_a_proportion_that_cannot_be_estimated_is_a_gap():
    result = fakes.binary()
    observed = (replace(result.observed[0], n=0, proportion=None, se=None), *result.observed[1:])
    points = named(curve.plot(replace(result, observed=observed), LIGHT), f"Midazolam, {curve.counted(result)}")
    assert points["y"][0] is None


def test_a_model_that_failed_leaves_the_points_and_the_names():
    result = replace(fakes.binary(), modelled=(), difference=(), odds_ratio_per_day=())
    figure = curve.plot(result, LIGHT)
    go.Figure(figure)
    assert named(figure, "Ketamine, modelled")["y"] == []
    assert {"Midazolam", "Ketamine"} <= {n["text"] for n in figure["layout"]["annotations"]}
    for draw in (curve.difference, odds_ratio.plot):
        go.Figure(draw(result, PHONE))


def test_the_infusion_is_marked_only_when_asked_for_and_in_reach():
    def marks(figure):
        return [s for s in figure["layout"]["shapes"] if s["x0"] == s["x1"] == 0]

    assert len(marks(curve.plot(fakes.binary(), LIGHT, day_zero="Infusion"))) == 1
    assert not marks(curve.plot(fakes.binary(), LIGHT))
    later = replace(fakes.binary(), window=(8, 21))
    assert not marks(curve.plot(later, LIGHT, day_zero="Infusion"))


def test_the_difference_says_which_way_is_better():
    result = fakes.binary()
    figure = curve.difference(result, LIGHT)
    assert named(figure, "difference")["y"] == [p.probability for p in result.difference]
    assert any(s["y0"] == s["y1"] == 0 for s in figure["layout"]["shapes"])

    def upper(figure):
        return next(n["text"] for n in figure["layout"]["annotations"] if n["text"].startswith("↑"))

    assert "Ketamine" in upper(figure)
    assert "Midazolam" in upper(curve.difference(replace(result, outcome="heavy"), LIGHT))  # more is worse


def test_the_difference_axis_holds_its_interval_and_zero():
    points = [p for p in fakes.binary().difference if p.ci_low > 0.05]
    figure = difference.by_day(points, fakes.ARMS, (1, 21), LIGHT, confidence=0.95)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 0 and high > max(p.ci_high for p in points)


# --- survival ---------------------------------------------------------------------------------------------------


def test_the_steps_are_the_results_and_stop_with_follow_up():
    result = fakes.time_to_event()
    figure = survival.plot(result, LIGHT)
    for arm in result.arms:
        steps = [p for p in result.curve if p.arm == arm.arm]
        line = named(figure, arm.arm)
        assert line["x"] == [p.day for p in steps] and line["y"] == [p.survival for p in steps]
        assert line["line"]["shape"] == "hv"
        ticks = named(figure, f"{arm.arm}, censored")
        left = {p.day: p.censored for p in steps if p.censored}
        assert dict(zip(ticks["x"], ticks["customdata"], strict=True)) == left


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_nothing_is_drawn_beyond_follow_up(view):
    result = fakes.time_to_event()
    curve_ = tuple(p for p in result.curve if p.arm == fakes.ARMS[0] or p.day <= 14)
    figure = survival.plot(replace(result, curve=curve_), view)
    for trace in figure["data"]:
        if trace.get("mode") != "text":
            blue = theme.ink(view).arms[1]
            ours = blue.colour in json.dumps(trace) or blue.band in json.dumps(trace)
            assert max(trace["x"]) <= (14 if ours else 21)


def test_the_band_is_broken_where_the_interval_is_unknown():
    result = fakes.time_to_event()
    gone = tuple(replace(p, ci_low=None, ci_high=None) if 5 <= p.day < 12 else p for p in result.curve)
    figure = survival.plot(replace(result, curve=gone), LIGHT)
    red = [t for t in figure["data"] if t.get("fillcolor") == theme.LIGHT.arms[0].band]
    assert [(min(t["x"]), max(t["x"])) for t in red] == [(0, 5), (12, 21)]


def test_the_table_counts_as_r_does():
    """R: summary(survfit(Surv(t, d) ~ 1), times = c(0, 7, 14, 21)) for the fake's control arm, counted by hand."""
    table = survival.at_risk_table(fakes.time_to_event().curve, fakes.ARMS[0], [0, 7, 14, 21, 22])
    assert table == [(23, 0, 0, 0), (15, 1, 7, 0), (12, 1, 10, 0), (9, 11, 12, 0), (0, 11, 12, 0)]


@given(st.integers(0, 21))
def test_everyone_is_at_risk_or_accounted_for(day):
    for arm, n in zip(fakes.ARMS, (23, 17), strict=True):
        curve_ = fakes.time_to_event().curve
        ((at_risk, censored, events, left),) = survival.at_risk_table(curve_, arm, [day])
        today = sum(p.events + p.censored for p in curve_ if p.arm == arm and p.day == day)
        assert at_risk + censored + events + left - today == n


def test_the_table_stands_under_its_days():
    figure = survival.plot(fakes.time_to_event(), LIGHT)
    table = named(figure, "at risk")
    assert sorted(set(table["x"])) == figure["layout"]["xaxis"]["tickvals"]
    assert table["text"][:3] == ["23", "0", "0"]
    assert figure["layout"]["yaxis"]["domain"][0] > figure["layout"]["yaxis2"]["domain"][1]


# --- numbers needed to treat ------------------------------------------------------------------------------------


def test_infinity_stands_at_no_difference_and_numbers_fall_away_from_it():
    at, labels = nnt.scale(-0.3, 0.6, least=0.04)
    assert labels[at.index(0.0)] == nnt.INFINITY
    for x, text in zip(at, labels, strict=True):
        if x != 0:
            assert abs(1 / x) == pytest.approx(float(text))  # rounding only: labels are whole numbers
    assert all(b - a >= 0.04 for a, b in pairwise(at))
    assert {"5"} <= {text for x, text in zip(at, labels, strict=True) if x < 0}  # harm's side too


@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_nnt_intervals_are_the_results_and_span_infinity_unbroken(view):
    result = fakes.nnt()
    figure = nnt.plot(result, view)
    shown = named(figure, "risk difference")
    rows = (result.observed, result.observed_last_day, result.modelled)
    assert shown["x"] == [r.risk_difference for r in rows]
    for i, row in enumerate(rows):
        assert shown["x"][i] + shown["error_x"]["array"][i] == pytest.approx(row.ci_high, abs=1e-12)  # one rounding
        assert shown["x"][i] - shown["error_x"]["arrayminus"][i] == pytest.approx(row.ci_low, abs=1e-12)
    top = figure["layout"]["xaxis2"]
    assert top["range"] == figure["layout"]["xaxis"]["range"]
    assert nnt.INFINITY in top["ticktext"] and top["tickvals"][top["ticktext"].index(nnt.INFINITY)] == 0
    low, high = top["range"]
    assert low < min(r.ci_low for r in rows) and high > max(r.ci_high for r in rows)


def test_an_nnt_that_cannot_be_estimated_says_so():
    none = replace(fakes.nnt_row(), risk_difference=None, ci_low=None, ci_high=None, nnt=None)
    figure = nnt.plot(replace(fakes.nnt(), observed=none), LIGHT)
    assert len(named(figure, "risk difference")["x"]) == 2
    assert any("not estimable" in n["text"] for n in figure["layout"]["annotations"])
    spark_figure = spark.difference(none, LIGHT)
    assert spark_figure["data"] == []


def test_the_difference_by_day_has_the_nnt_along_its_right():
    axis = nnt.by_day(fakes.nnt(), LIGHT)["layout"]
    assert axis["yaxis2"]["range"] == axis["yaxis"]["range"]
    assert nnt.INFINITY in axis["yaxis2"]["ticktext"]


# --- odds ratios, sensitivity, cards ----------------------------------------------------------------------------


@pytest.mark.parametrize("linear", (True, False))
def test_odds_ratios_are_the_results_on_a_log_axis(linear):
    result = fakes.binary(linear=linear)
    figure = odds_ratio.plot(result, LIGHT)
    along = "x" if linear else "y"
    axis = figure["layout"][f"{along}axis"]
    assert axis["type"] == "log" and 1 in axis["tickvals"]
    for arm in result.arms:
        mine = [r for r in result.odds_ratio_per_day if r.arm == arm]
        trace = named(figure, arm)
        assert trace[along] == [r.estimate for r in mine]
        assert [row[:2] for row in trace["customdata"]] == [[r.ci_low, r.ci_high] for r in mine]
        assert all(axis["range"][0] < math.log10(r.ci_low) and math.log10(r.ci_high) < axis["range"][1] for r in mine)


def test_a_runaway_odds_ratio_does_not_stretch_the_axis():
    result = fakes.binary(linear=True)
    wild = replace(result.odds_ratio_per_day[0], ci_low=1e-12, ci_high=1e12)
    figure = odds_ratio.plot(replace(result, odds_ratio_per_day=(wild, result.odds_ratio_per_day[1])), LIGHT)
    low, high = figure["layout"]["xaxis"]["range"]
    assert low > -3 and high < 3
    assert figure["data"][0]["customdata"][0][:2] == [1e-12, 1e12]


@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_the_forest_has_every_row_and_says_which_failed(view):
    result = fakes.sensitivity()
    figure = forest.plot(result, view)
    fitted = [r for r in result.rows if r.failed is None]
    assert named(figure, "difference")["x"] == [r.difference.estimate for r in fitted]
    assert named(figure, "interaction")["x"] == [r.interaction.estimate for r in fitted]
    assert [row[3] for row in named(figure, "difference")["customdata"]] == [r.n_rows for r in fitted]
    texts = " ".join(n["text"] for n in figure["layout"]["annotations"])
    assert texts.count("not estimated") == 1
    assert all(result.terms.worded(r.label) in texts for r in result.rows)
    assert ("840" in texts and "777" in texts) is not view.narrow
    assert named(figure, "difference")["marker"]["symbol"].count("diamond") == 1


def test_the_forests_interaction_is_a_ratio_around_one():
    result = fakes.sensitivity()
    layout = forest.plot(result, LIGHT)["layout"]
    assert layout["xaxis2"]["type"] == "log"
    low, high = (10**end for end in layout["xaxis2"]["range"])
    assert low < 1 < max(r.interaction.ci_high for r in result.rows if r.failed is None) < high
    assert {(s["xref"], s["x0"]) for s in layout["shapes"] if s["type"] == "line"} == {("x", 0), ("x2", 1)}


def test_cards_hold_the_results_too():
    result, times = fakes.binary(), fakes.time_to_event()
    assert named(spark.binary(result, LIGHT), "Ketamine")["y"] == [
        p.probability for p in result.modelled if p.arm == "Ketamine"
    ]
    steps = [p.survival for p in times.curve if p.arm == "Ketamine"]
    assert named(spark.survival(times, LIGHT), "Ketamine")["y"] == steps
    dots = spark.agreement(fakes.sensitivity(), LIGHT)["data"][0]
    assert dots["marker"]["symbol"] == ["diamond"] + ["circle"] * 5 + ["circle-open"]
    assert parts.padded(0.2, 0.3, least=0.1)[0] <= -0.1


@pytest.mark.parametrize("view", [LIGHT, PHONE])
@pytest.mark.parametrize("draw", ["curve", "heavy", "survival"])
def test_every_trace_of_an_arm_says_whose_it_is_and_the_figure_which_arms_can_be_hidden(draw, view):
    figure = every(("a < b", "ketamine"))[draw](view)
    can = figure["layout"]["meta"]["arms"]
    assert [arm["name"] for arm in can] == ["a &lt; b", "ketamine"]
    assert {trace.get("legendgroup") for trace in figure["data"]} - {None} == {arm["name"] for arm in can}
    assert all("legendgroup" in trace for trace in figure["data"] if trace["mode"] != "text")
    notes = {note.get("name"): note["text"] for note in figure["layout"]["annotations"]}
    assert ("arms" in notes) is view.narrow and ("ketamine" in notes) is not view.narrow and "key" in notes
    assert not view.narrow or all(f"{arm['glyph']} {arm['label']}<" in notes["arms"] for arm in can)


def test_a_cards_small_picture_cuts_a_long_name_in_its_middle():
    arms = ("Midazolam 0.025 mg/kg", "Ketamine 0.71 mg/kg")
    points = tuple(CurvePoint(arm, day, 0.5, 0.1, 0.4, 0.6) for arm in arms for day in (1, 2))
    drawn = spark.binary(SimpleNamespace(arms=arms, modelled=points), ViewSpec())
    named = [note["text"] for note in drawn["layout"]["annotations"]]
    assert named == ["Mida…mg/kg", "Keta…mg/kg"]
