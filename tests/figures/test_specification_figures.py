"""The specification curve: a point a row, its marks, its words."""

import re
from dataclasses import replace

import fakes_sensitivity as made
import numpy as np
import plotly.graph_objects as go
import pytest
from fakes_sensitivity import ARMS
from figure_looks import LIGHT, PHONE, named, texts

from ketadash.questions.specifications import figure as specification_curve
from ketadash.questions.specifications import words as specifications_words
from ketadash.results import robustness


@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_there_is_one_point_a_row_and_a_click_finds_it(view):
    curve = made.specifications(failed=7)
    figure = specification_curve.plot(curve, view)
    estimates = figure["data"][0]
    assert estimates["y"] == [r.difference.estimate for r in curve.rows]
    assert estimates["customdata"] == list(range(len(curve.rows)))
    crosses = named(figure, "not estimable")
    assert crosses["customdata"] == list(range(len(curve.rows) - 7, len(curve.rows)))
    assert "7 not estimable" in texts(figure)
    trace = {t["name"]: k for k, t in enumerate(figure["data"])}
    assert specification_curve.row_of(figure, {"trace": 0, "point": 12}) == 12
    assert specification_curve.row_of(figure, {"trace": trace["not estimable"], "point": 0}) == len(curve.rows) - 7
    assert specification_curve.row_of(figure, {"trace": trace["choices"], "point": [3, 40]}) == 40
    for clicked in ({"trace": 0, "point": 999}, {"trace": 1, "point": 0}, {"trace": 50, "point": 0}):
        assert specification_curve.row_of(figure, clicked) is None


def test_intervals_are_the_results():
    curve = made.specifications(failed=3)
    bars = {}
    for trace in specification_curve.plot(curve, LIGHT)["data"]:
        if trace["name"].startswith("intervals"):
            x, y = trace["x"], trace["y"]
            bars |= {x[k]: (y[k], y[k + 1]) for k in range(0, len(x), 3)}
    assert bars == {
        i: (r.difference.ci_low, r.difference.ci_high)
        for i, r in enumerate(curve.rows, start=1)
        if r.difference.estimate is not None
    }


def test_the_axis_says_how_many_of_those_drawn_the_words_count():
    curve = made.specifications()
    n, distinct = len(curve.rows), robustness.of_curve(curve).n
    assert distinct < n and f"of {distinct} distinct" in specifications_words.answer(curve)
    for view, more in (
        (LIGHT, f", by estimate; {distinct} distinct without bounds"),
        (replace(LIGHT, narrow=True), f", {distinct} distinct"),
    ):
        title = specification_curve.plot(curve, view)["layout"]["xaxis"]["title"]["text"]
        assert title == f"{n} specifications{more}"


def test_every_specification_has_a_mark_for_each_of_its_choices():
    curve = made.specifications(failed=2)
    figure = specification_curve.plot(curve, LIGHT)
    z, rows = np.array(named(figure, "choices")["z"], dtype=float), figure["layout"]["yaxis2"]["ticktext"]
    assert "applied" not in rows  # nothing varies there
    assert rows[0] == "<b>Missing days</b>" and rows[1] == "drinking"
    varied = [name for name, options in curve.names.items() if len(options) > 1]
    for i, row in enumerate(curve.rows):
        marked = [rows[k] for k in np.flatnonzero(~np.isnan(z[:, i]))]
        assert marked == [curve.terms.worded(row.choices[name]) for name in varied]


@pytest.mark.parametrize(("outcome", "arm"), [("abstinence", "Ketamine"), ("heavy", "Midazolam")])
def test_up_favours_whom_it_does(outcome, arm):
    other = next(a for a in ARMS if a != arm)
    for view in (LIGHT, PHONE):
        said = " ".join(texts(specification_curve.plot(made.specifications(outcome=outcome), view)))
        assert re.search(rf"↑ (favours )?{arm}", said) and re.search(rf"↓ (favours )?{other}", said)
    below = made.specifications(outcome=outcome, shift=-0.6)
    verdicts = {specification_curve.favoured(r, outcome) for r in below.rows if r.difference.ci_high < 0}
    assert verdicts == ({-1} if outcome == "abstinence" else {1})


def test_bounds_are_hollow_and_the_published_one_striped():
    curve = made.specifications()
    figure = specification_curve.plot(curve, LIGHT)
    symbols = figure["data"][0]["marker"]["symbol"]
    assert [s.endswith("-open") for s in symbols] == [r.kind == "bound" for r in curve.rows]
    at = 1 + next(i for i, r in enumerate(curve.rows) if r.kind == "published")
    (stripe,) = [s for s in figure["layout"]["shapes"] if s["type"] == "rect"]
    assert stripe["x0"] < at < stripe["x1"] and (stripe["y0"], stripe["y1"]) == (0, 1)
    assert any("published" in t for t in texts(figure))
    none = replace(curve, rows=tuple(replace(r, kind="sensitivity") for r in curve.rows))
    assert not [s for s in specification_curve.plot(none, LIGHT)["layout"]["shapes"] if s["type"] == "rect"]


def test_hundreds_of_specifications_take_few_traces_and_no_shape_each():
    names = made.NAMES | {"etg": ("applied", "ignored")}
    figures = [
        specification_curve.plot(made.specifications(names=n), LIGHT)
        for n in (names, {"missing": ("drinking",), "trend": ("quadratic", "linear")})
    ]
    assert len(figures[0]["data"][0]["x"]) == 288
    assert all(len(f["data"]) == 9 and len(f["layout"]["shapes"]) == 2 for f in figures)


@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_names_of_options_stay_apart_and_within_the_margin(view):
    names = made.NAMES | {
        "threshold": ("over 4 (women 3)", "over 5 (women 4)"),
        "dropout": ("jump to reference", "copy reference"),
    }
    layout = specification_curve.plot(made.specifications(names=names), view)["layout"]
    said = [t.replace("<b>", "").replace("</b>", "") for t in layout["yaxis2"]["ticktext"]]
    assert len(set(said)) == len(said)
    assert max(map(len, said)) * (5.9 if view.narrow else 6.6) <= layout["margin"]["l"] - 4
    inner = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    low, high = layout["yaxis2"]["domain"]
    assert (high - low) * inner / len(said) >= 15  # pixels a row
    assert layout["yaxis"]["domain"][0] > high


def test_the_axis_is_in_percentage_points():
    axis = specification_curve.plot(made.specifications(), LIGHT)["layout"]["yaxis"]
    for at, said in zip(axis["tickvals"], axis["ticktext"], strict=True):
        assert float(said.replace("−", "-")) == pytest.approx(100 * at)
    assert 0 in axis["tickvals"] and 3 <= len(axis["tickvals"]) <= 8


def test_a_curve_of_nothing_or_of_failures_is_drawn():
    curve = made.specifications(failed=2, names={"trend": ("quadratic", "linear")})
    for c in (curve, replace(curve, rows=()), replace(curve, names={}, rows=curve.rows[:1])):
        go.Figure(specification_curve.plot(c, PHONE))
