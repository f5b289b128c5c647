"""The sensitivity figures as data: they hold the result, a click can be read, nothing collides, names are text."""

import math
import re
from dataclasses import replace
from itertools import combinations

import fakes
import fakes_sensitivity as made
import numpy as np
import plotly.graph_objects as go
import pytest
from fakes_sensitivity import ARMS, STOPS
from figure_looks import DARK, LIGHT, PHONE, VIEWS, named, texts
from hypothesis import example, given
from hypothesis import strategies as st

from ketadash.analyse.specifications import CHOICE_LABELS, ENTERS
from ketadash.core.spec import ViewSpec
from ketadash.questions.dropout import figure as dropout_ways
from ketadash.questions.dropout import words as dropout_words
from ketadash.questions.missing_days import alt, dial, tipping_map, tipping_strip
from ketadash.questions.missing_days import compare as missing_days_compare
from ketadash.questions.missing_days import label_places as missing_days_label_places
from ketadash.questions.missing_days import which_days as missing_days
from ketadash.questions.missing_days import words as missing_words
from ketadash.questions.relapse import figure as survival
from ketadash.questions.shared import theme
from ketadash.questions.specifications import figure as specification_curve
from ketadash.questions.specifications import words as specifications_words
from ketadash.results import robustness
from ketadash.results.sensitivity import TippingPoint


def every(arms=ARMS):
    """(name, draw) for every figure."""
    strip, grid, large = (
        made.strip(u, (200, 210), s, arms) for u, s in (((6, 0), (90, 140)), ((9, 9), (90, 99)), ((90, 90), (50, 60)))
    )
    tm, one, other = (made.tipping_map(arms, v) for v in ((True, True), (True, False), (False, True)))
    curve, heavy = made.specifications(arms, failed=5), made.specifications(arms, "heavy", shift=-0.4)
    days, w, now, then = (
        made.missingness(arms=arms),
        made.ways(arms),
        fakes.binary(arms=arms),
        fakes.binary(arms=arms, ends=(0, 0.2)),
    )
    return {
        "strip": lambda v: tipping_strip.plot(strip, v, declared="published"),
        "grid": lambda v: tipping_strip.plot(grid, v, declared="published"),
        "large grid": lambda v: tipping_strip.plot(large, v),
        "nothing unknown": lambda v: tipping_strip.plot(made.strip((0, 0), arms=arms), v, declared="published"),
        "map": lambda v: tipping_map.plot(tm, v, odds_ratios=(0.33, math.inf)),
        "map, partial": lambda v: tipping_map.plot(made.only(tm, (0, 5, 10)), v),
        "line": lambda v: tipping_map.plot(one, v, odds_ratios=(0.0, 1.0)),
        "line, active, partial": lambda v: tipping_map.plot(
            made.only(other, (0, 1, 2, 5, 10)), v, odds_ratios=(1.0, 20.0)
        ),
        "specifications": lambda v: specification_curve.plot(curve, v),
        "specifications, heavy": lambda v: specification_curve.plot(heavy, v, analysis_name="pre-specified"),
        "missing days": lambda v: missing_days.plot(days, v),
        "dropout": lambda v: dropout_ways.plot(w, v),
        "compare": lambda v: missing_days_compare.plot(now, then, v, day_zero="Infusion"),
    }


# --- the strip --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [(0, 0), (6, 0), (0, 6), (3, 2), (9, 9), (89, 89)], ids=str)
@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_the_strips_cells_are_the_results(unknown, view):
    result = made.strip(unknown, (200, 210), (50, 60))
    cells = tipping_strip.plot(result, view)["data"][0]
    z, held = np.array(cells["z"]), np.array(cells["customdata"])
    if unknown[0] == 0:  # one row, along the active arm
        z, held = z.T, held.transpose(1, 0, 2)
    assert (z == result.verdict.T).all()
    for k in (0, 1):
        counts = np.indices(result.difference.shape)[k].T
        assert (held[:, :, k] == counts).all() and (held[:, :, 2 + k] == counts + result.successes[k]).all()
    for k, grid in enumerate((result.difference, result.ci_low, result.ci_high), start=4):
        assert np.abs(held[:, :, k] - grid.T).max() <= 5.001e-5  # rounded to four digits


def test_a_strip_of_one_row_wastes_no_height():
    one, grid = (tipping_strip.plot(made.strip(u), LIGHT)["layout"] for u in ((6, 0), (6, 1)))
    assert one["height"] <= 140 and not one["yaxis"]["visible"] and grid["yaxis"]["visible"]
    assert tipping_strip.plot(made.strip((90, 90), (200, 200)), LIGHT)["layout"]["height"] < 560
    across = tipping_strip.plot(made.strip((0, 6), successes=(8, 9)), LIGHT)
    assert len(across["data"][0]["z"]) == 1
    assert across["layout"]["xaxis"]["title"]["text"] == "Ketamine: successes of 6 unknown"


def test_a_verdict_is_told_without_colour():
    result = made.strip((9, 9), (20, 20), (5, 5))
    assert set(result.verdict.ravel()) == {-1, 0, 1}
    cells = tipping_strip.plot(result, LIGHT)["data"][0]
    for verdict, text, d in zip(
        np.ravel(cells["z"]), np.ravel(cells["text"]), result.difference.T.ravel(), strict=True
    ):
        assert text.endswith(tipping_strip.SIGNS[verdict])
        assert text.split("<br>")[0] == tipping_strip.signed_points(d)
    large = made.strip((90, 90), (200, 210), (50, 60))
    figure = tipping_strip.plot(large, LIGHT)
    assert "text" not in figure["data"][0]
    signs = named(figure, "signs")
    assert {s: large.verdict.T[y, x] for x, y, s in zip(signs["x"], signs["y"], signs["text"], strict=True)} == {
        "■": -1,
        "●": 1,
    }


def test_the_published_corner_is_marked_only_where_the_trial_reads_it_so():
    marked, plain = (tipping_strip.plot(made.strip(), LIGHT, declared=d) for d in ("published", None))
    corner = marked["layout"]["shapes"][0]
    assert [corner[k] for k in ("x0", "x1", "y0", "y1")] == [-0.5, 0.5, -0.5, 0.5]
    assert "↑ published: all unknown = failures" in texts(marked)
    assert plain["layout"]["shapes"] == [] and not any("published" in t for t in texts(plain))
    assert tipping_strip.plot(made.strip((0, 0)), LIGHT, declared="published")["layout"]["shapes"] == []


@given(st.integers(1, 400), st.booleans())
def test_counts_labelled_are_few_and_within(n, narrow):
    at = tipping_strip.counts(n, ViewSpec(narrow=narrow))
    assert at == sorted(set(at)) and at[0] == 0 and at[-1] <= n - 1
    assert len(at) <= (12 if narrow else 17)


# --- the map ----------------------------------------------------------------------------------------------------------


def test_the_maps_cells_and_line_are_the_results():
    tm = made.tipping_map()
    figure = tipping_map.plot(tm, LIGHT)
    assert named(figure, "difference")["z"] == tm.estimate.T.tolist()
    line = named(figure, "interval reaches zero")
    assert np.array(line["z"])[1:-1, 1:-1].tolist() == tm.margin.T.tolist()
    assert (line["contours"]["start"], line["contours"]["end"]) == (0, 0)
    assert figure["layout"]["xaxis"]["ticktext"][5] == "1<br>like<br>reported"
    assert figure["layout"]["yaxis"]["ticktext"][-1] == "∞<br>missing = abstinent"


def test_cells_not_computed_are_empty_and_those_without_an_answer_crossed():
    part = made.only(made.tipping_map(), (0, 5, 10))
    figure = tipping_map.plot(part, LIGHT)
    known = [v for row in named(figure, "difference")["z"] for v in row if v is not None]
    assert len(known) == 9 and named(figure, "no answer")["x"] == []
    assert any("9 of 121 cells" in t for t in texts(figure))
    done = replace(part, n_done=part.n_cells)
    assert len(named(tipping_map.plot(done, LIGHT), "no answer")["x"]) == 112


@pytest.mark.parametrize("at", [(0, 10), (3, 7), (5, 5)])
def test_a_click_on_the_map_is_read_as_stops(at):
    control, active = at
    figure = tipping_map.plot(made.tipping_map(), LIGHT)
    assert tipping_map.stops_of(figure, {"trace": 0, "point": [active, control]}) == at  # [row, column]
    for clicked in ({"trace": 0, "point": [11, 0]}, {"trace": 2, "point": [0, 0]}, {"trace": 9, "point": 0}):
        assert tipping_map.stops_of(figure, clicked) is None


def test_a_click_on_the_line_is_read_as_stops():
    for varies, expected in (((True, False), (3, 5)), ((False, True), (5, 3))):
        figure = tipping_map.plot(made.tipping_map(varies=varies), LIGHT)
        assert tipping_map.stops_of(figure, {"trace": 0, "point": 3}) == expected
        tip = [t.get("name") for t in figure["data"]].index("tipping point")
        for trace, point in ((tip, 0), (1, 0), (0, 11)):  # 1 is the band
            assert tipping_map.stops_of(figure, {"trace": trace, "point": point}) is None


def _label_boxes(figure, tm, view):
    """What the labels inside the map cover on the narrowest page, in cells."""
    cell = tipping_map.cell_px(view)
    for a in figure["layout"]["annotations"]:
        if a.get("xref") == "paper":
            continue
        lines = re.sub(r"</?b>", "", a["text"]).split("<br>")
        w, h = max(map(len, lines)) * 6.2 / cell[0], 14 * len(lines) / cell[1]
        x, y = a["x"] + a.get("xshift", 0) / cell[0], a["y"] + a.get("yshift", 0) / cell[1]
        left = x - {"left": 0, "center": w / 2, "right": w}[a["xanchor"]]
        low = y - {"bottom": 0, "middle": h / 2, "top": h}[a["yanchor"]]
        yield a["text"], (left, left + w, low, low + h)


@given(
    st.tuples(st.floats(0.3, 0.8), st.floats(0.3, 0.8)),
    st.floats(0.02, 0.35),
    st.tuples(st.sampled_from(STOPS), st.sampled_from(STOPS)),
    st.booleans(),
)
@example(base=(0.4375, 0.3), half=0.02, here=(0.0, 0.0), narrow=True)  # the line's tip between the places once tried
def test_labels_in_the_map_meet_neither_the_line_nor_each_other(base, half, here, narrow):
    view = ViewSpec(narrow=narrow)
    tm = made.tipping_map(base=base, half=half, missing=(0.3, 0.3))
    figure = tipping_map.plot(tm, view, odds_ratios=here)
    boxes = list(_label_boxes(figure, tm, view))
    for (one, a), (other, b) in combinations(boxes, 2):
        assert not (a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]), (one, other)
    for text, (left, right, low, high) in boxes:
        assert left >= -0.5 and right <= 10.5 and low >= -0.5 and high <= 10.5
        inside = missing_days_label_places.between(tm.margin, np.linspace(left, right, 20), np.linspace(low, high, 10))
        assert len(set(np.sign(inside).ravel()) - {0.0}) == 1, text
        if text in tipping_map.LIMIT:
            assert (inside < 0).all()


def test_the_line_has_a_name_wherever_it_is():
    for half, view in ((0.22, LIGHT), (0.29, PHONE), (0.05, LIGHT), (0.05, PHONE)):
        said = " ".join(texts(tipping_map.plot(made.tipping_map(half=half), view)))
        assert "interval includes" in said.replace("<br>", " ") or "line: interval" in said
    assert any("every interval includes zero" in t for t in texts(tipping_map.plot(made.tipping_map(half=0.6), LIGHT)))


# --- one arm's dial ---------------------------------------------------------------------------------------------------


def test_places_among_the_stops_rise_with_the_odds_ratio():
    assert [dial.place(STOPS, s) for s in STOPS] == list(range(11))
    ratios = [0, 0.01, 0.05, 0.07, 0.33, 0.5, 1, 1.5, 3, 20, 30, 1e6, math.inf]
    at = [dial.place(STOPS, r) for r in ratios]
    assert at == sorted(at) and len(set(at)) == len(at)
    assert dial.place(STOPS, math.sqrt(0.5 * 1.0)) == pytest.approx(4.5)
    assert dial.ratio_text(STOPS, 4.5) == "at 0.71"
    assert dial.ratio_text(STOPS, 0.4) == "below 0.05" and dial.ratio_text(STOPS, 9.2) == "above 20"


@pytest.mark.parametrize("arm", (0, 1))
@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_the_line_holds_the_results_and_tips_where_the_interval_does(arm, view):
    tm = made.tipping_map(varies=(arm == 0, arm == 1))
    figure = tipping_map.plot(tm, view, odds_ratios=(1.0, 1.0))
    along = tm.estimate[:, 0] if arm == 0 else tm.estimate[0, :]
    assert figure["data"][0]["y"] == along.tolist()
    margin = tm.margin[:, 0] if arm == 0 else tm.margin[0, :]
    (tip,) = named(figure, "tipping point")["x"]
    assert np.interp(tip, range(11), margin) == pytest.approx(0, abs=1e-12)  # linear between two stops
    said = next(t for t in texts(figure) if t.startswith("tips"))
    assert f"{np.interp(tip, range(11), tm.implied[arm]):.0%}" in said
    now = named(figure, "now")
    assert (now["x"], now["y"]) == ([5.0], [along[5]])
    for k, text in enumerate(figure["layout"]["xaxis"]["ticktext"]):
        assert not text or f"{tm.implied[arm][k]:.0%}" in text


def test_the_line_tips_where_the_answer_says():
    tm = made.tipping_map(varies=(True, False))
    point = TippingPoint(tm.arms[0], 0.97, 0.05, 0.51, 0.01, 500, "")
    tm = replace(tm, points=(point,))
    figure = tipping_map.plot(tm, LIGHT)
    said = next(t for t in texts(figure) if t.startswith("tips"))
    assert "at 0.97: 51%" in said and "about 51%" in missing_words.tipping(tm) and "0.97" in missing_words.tipping(tm)


def test_the_last_reported_week_stands_where_it_is_implied():
    tm = made.tipping_map(varies=(True, False))
    figure = tipping_map.plot(tm, LIGHT)
    (stripe,) = [s for s in figure["layout"]["shapes"] if s["line"]["width"] == 10]
    assert np.interp(stripe["x0"], range(11), tm.implied[0]) == pytest.approx(0.43)
    unknown = replace(tm, records=(replace(tm.records[0], last_week=None), tm.records[1]))
    assert not any("reported week" in t for t in texts(tipping_map.plot(unknown, LIGHT)))
    ends_only = (0.0, *[math.nan] * 9, 1.0)
    go.Figure(tipping_map.plot(replace(tm, implied=(ends_only, ends_only)), PHONE))


def test_stops_not_computed_break_the_line_and_its_band():
    figure = tipping_map.plot(made.only(made.tipping_map(varies=(True, False)), (0, 1, 2, 5, 10)), LIGHT)
    points = figure["data"][0]
    assert [k for k, y in enumerate(points["y"]) if y is not None] == [0, 1, 2, 5, 10]
    assert [set(t["x"]) for t in figure["data"] if t.get("fill")] == [{0, 1, 2}]
    assert [k for k, e in enumerate(points["error_y"]["array"]) if e > 0] == [5, 10]  # those without a band
    nothing = made.only(made.tipping_map(varies=(True, False)), ())
    go.Figure(tipping_map.plot(nothing, LIGHT, odds_ratios=(1.0, 1.0)))


def test_labels_beside_the_line_have_lanes_of_their_own():
    for half in (0.01, 0.1, 0.22, 0.3, 0.5):
        tm = made.tipping_map(varies=(True, False), half=half)
        figure = tipping_map.plot(tm, LIGHT)
        low, high = min(tm.ci_low.min(), 0), max(tm.ci_high.max(), 0)
        for a in figure["layout"]["annotations"]:
            if "xref" not in a:
                assert a["y"] < low or a["y"] > high, a["text"]


def test_the_declared_curves_lie_below_as_thin_lines():
    now, then = fakes.binary(), fakes.binary(ends=(0, 0.2))
    figure = missing_days_compare.plot(now, then, LIGHT)
    for arm, ghost in zip(ARMS, figure["data"][:2], strict=True):
        assert ghost["y"] == [p.probability for p in then.modelled if p.arm == arm]
        line = named(figure, f"{arm}, modelled")
        assert ghost["line"]["width"] < line["line"]["width"] and ghost["line"]["dash"] == line["line"]["dash"]
    assert any(t.startswith("points: as counted, bars 95%") and t.endswith("thin: published") for t in texts(figure))
    same = missing_days_compare.plot(now, now, LIGHT)
    assert len(same["data"]) == len(figure["data"]) - 2 and "thin: published" not in texts(same)


# --- the specification curve ------------------------------------------------------------------------------------------


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


# --- missing days, dropout --------------------------------------------------------------------------------------------

AWKWARD = {
    "21 days": made.missingness(),
    "one day": made.missingness((5, 5), gaps=((5, 5), ())),
    "168 days": made.missingness((1, 168), (120, 118), ((10, 30, 160), (90,)), ((3, 8, 120), ())),
    "nothing missing": made.missingness(left=((), ()), gaps=((), ())),
    "everything missing": made.missingness(left=((1,) * 23, (1,) * 17), gaps=((), ())),
}


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_missing_days_are_the_results(name, view):
    m = AWKWARD[name]
    figure = missing_days.plot(m, view)
    go.Figure(figure)
    for arm in m.arms:
        own = [d for d in m.days if d.arm == arm]
        after, gaps = named(figure, f"{arm}, after dropout"), named(figure, f"{arm}, gaps")
        assert after["x"] == gaps["x"] == [d.day for d in own]
        assert after["y"] == [d.after_dropout / d.n for d in own] and gaps["y"] == [d.gaps / d.n for d in own]
        assert after["customdata"] == [[d.after_dropout, d.gaps, d.reported, d.n] for d in own]
    layout = figure["layout"]
    top = layout["yaxis"]["range"][1]
    assert layout["yaxis2"]["range"] == layout["yaxis"]["range"] and top <= 1.02
    assert top >= max((d.n - d.reported) / d.n for d in m.days)
    nothing = sum(all(d.reported == d.n for d in m.days if d.arm == arm) for arm in m.arms)
    assert texts(figure).count("no day missing") == nothing


@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_the_number_reported_stands_under_its_day(view):
    m = made.missingness()
    figure = missing_days.plot(m, view)
    table = named(figure, "reported")
    assert sorted(set(table["x"])) == figure["layout"]["xaxis"]["tickvals"]
    for x, y, text in zip(table["x"], table["y"], table["text"], strict=True):
        assert next(d.reported for d in m.days if d.day == x and d.arm == m.arms[y]) == int(text)
    axes = [figure["layout"][a]["domain"] for a in ("yaxis", "yaxis2", "yaxis3")]
    assert axes[0][0] > axes[1][1] > axes[1][0] > axes[2][1]


def test_dropout_is_told_from_gaps_without_colour():
    figure = missing_days.plot(made.missingness(), LIGHT)
    assert "pattern" in named(figure, "Ketamine, gaps")["marker"]
    assert "pattern" not in named(figure, "Ketamine, after dropout")["marker"]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_each_reading_of_dropout_has_its_own_panel_on_one_scale(view):
    w = made.ways()
    figure = dropout_ways.plot(w, view)
    for k, way in enumerate(w.ways):
        axis = "x" if k == 0 else f"x{k + 1}"
        own = [t for t in figure["data"] if t["xaxis"] == axis]
        assert all("yaxis" not in t for t in own)
        for arm in ARMS:
            assert named({"data": own}, arm)["y"] == [p.survival for p in way.curve if p.arm == arm]
        assert len(own) == len(survival.plot(way, view)["data"]) - 1
    domains = [figure["layout"][a]["domain"] for a in ("xaxis", "xaxis2", "xaxis3")]
    assert domains[0][1] < domains[1][0] and domains[1][1] < domains[2][0] and domains[2][1] <= 1 + 1e-9
    said = " ".join(texts(figure)).replace("<br>", " ")
    assert said.count("Dropout") == 3 and "Gray's test" in said and said.count("log-rank test") == 2
    assert said.count("Midazolam") == said.count("Ketamine") == 1


# --- in words ---------------------------------------------------------------------------------------------------------


def test_each_picture_has_its_sentence():
    tm = made.tipping_map()
    said = {
        "3 favour Ketamine and 4 include": alt.tipping_strip(made.strip((6, 0), (23, 17), (10, 14))),
        "one for each count": alt.tipping_strip(made.strip((0, 0))),
        "of 121 places the 95% CI does not include zero": alt.tipping_map(tm),
        "of 9 places computed so far of 121": alt.tipping_map(made.only(tm, (0, 5, 10))),
        "of missing days in Midazolam": alt.tipping_map(made.tipping_map(varies=(True, False))),
        "nothing is computed yet": alt.tipping_map(made.only(tm, ())),
        "144 specifications": specifications_words.alt(made.specifications()),
        "none could be estimated": specifications_words.alt(
            made.specifications(failed=2, names={"trend": ("quadratic", "linear")})
        ),
        "Midazolam 4% on day 1 and 26% on day 21": alt.missing_days(made.missingness()),
        "dropout censored": dropout_words.alt(made.ways()),
        "not estimable": alt.assumptions(fakes.sensitivity()),
        "Thin lines, the main analysis": alt.compare(fakes.binary(), fakes.binary(ends=(0, 0))),
    }
    for words, sentence in said.items():
        assert words in sentence, sentence
        assert sentence.endswith(".") and "nan" not in sentence
    assert "Thin" not in alt.compare(fakes.binary(), fakes.binary())


def test_the_sentence_of_the_specifications_counts_by_favour():
    for outcome, sign in (("abstinence", 1), ("heavy", -1)):
        curve = made.specifications(outcome=outcome, shift=0.1)
        clear = sum(r.difference.ci_low > 0 for r in curve.rows)
        arm = ARMS[1] if sign > 0 else ARMS[0]
        assert f"{clear} intervals favour {arm}" in specifications_words.alt(curve).replace(
            f"{clear} favour", f"{clear} intervals favour"
        )


def test_a_verdicts_tint_holds_its_text():
    """WCAG 2.2, 1.4.3: 4.5 to 1 for what is written in a cell."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for view in (LIGHT, DARK):
        tints = [tipping_strip.tint(v, view) for v in (-1, 0, 1)] + [c[view.dark] for c in tipping_map.SCALE]
        for tint in tints:
            high, low = sorted((luminance(theme.ink(view).text), luminance(tint)), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, tint


# What any browser may send as a click: pointing nowhere, too deep or not deep enough, at a trace that is not there.
STRAY = [{"trace": t, "point": p} for t in (0, 1, 3, 99) for p in (10**9, [0], [0, 0, 0], [0, 0, 0, 0], [10**9, 1])]


@pytest.mark.parametrize("clicked", STRAY, ids=str)
def test_a_click_that_points_nowhere_is_none(clicked):
    tipping, every = made.tipping_map(), made.specifications(failed=7)
    stops = tipping_map.stops_of(tipping_map.plot(tipping, LIGHT), clicked)
    assert stops is None or all(0 <= k < len(tipping.stops) for k in stops)
    row = specification_curve.row_of(specification_curve.plot(every, LIGHT), clicked)
    assert row is None or 0 <= row < len(every.rows)


def test_every_choice_that_specifications_vary_has_its_word_in_picture_and_table():
    assert (
        set(specifications_words.CHOICE) == set(CHOICE_LABELS) == {name for names in ENTERS.values() for name in names}
    )
