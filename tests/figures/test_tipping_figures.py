"""The strip of exact tests, the tipping map and one arm's dial hold the results, and clicks are read as stops."""

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
from figure_looks import LIGHT, PHONE, named, texts
from hypothesis import example, given
from hypothesis import strategies as st

from ketadash.core import numbers
from ketadash.core.spec import ViewSpec
from ketadash.questions.missing_days import alt, dial, legends, tipping_map, tipping_strip
from ketadash.questions.missing_days import compare as missing_days_compare
from ketadash.questions.missing_days import label_places as missing_days_label_places
from ketadash.questions.missing_days import words as missing_words
from ketadash.results.sensitivity import TippingPoint


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


def test_a_strips_cells_are_counted_once_for_every_look():
    """A large trial's 20,000, on each page of a file with its toggles, wide and narrow."""
    result = made.strip((30, 40), (200, 210), (50, 60))
    wide, narrow = (tipping_strip.plot(result, view)["data"][0] for view in (LIGHT, PHONE))
    assert wide["customdata"] is narrow["customdata"] and wide["z"] is narrow["z"]


@pytest.mark.parametrize("unknown", [(1500, 990), (0, 1500), (700, 3), (200, 198)], ids=str)
@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_of_very_many_counts_some_are_drawn_and_they_are_the_results(unknown, view):
    result = made.strip(unknown, (4000, 3000), (900, 1000))
    figure = tipping_strip.plot(result, view)
    cells, signs = figure["data"][:2]
    x, y = (np.array(cells[k]) for k in "xy")
    control, active = (y, x) if unknown[0] == 0 else (x, y)
    for drawn, arm in ((control, 0), (active, 1)):
        assert len(drawn) == min(unknown[arm] + 1, tipping_strip.MOST_PLACES)
        assert drawn[0] == 0 and drawn[-1] == unknown[arm] and (np.ptp(np.diff(drawn)) <= 1 if len(drawn) > 1 else True)
    z, held, verdict = np.array(cells["z"]), np.array(cells["customdata"]), result.verdict
    if unknown[0] == 0:  # one row, along the active arm
        z, held = z.T, held.transpose(1, 0, 2)
    assert (z == verdict[np.ix_(control, active)].T).all()
    assert (held[:, :, 0] == control[None, :]).all() and (held[:, :, 1] == active[:, None]).all()
    layout = figure["layout"]
    assert layout["xaxis"]["range"] == [-0.5, max(x) + 0.5] and layout["yaxis"]["range"] == [-0.5, max(y) + 0.5]
    assert layout["height"] < 560
    for column, row, sign in zip(signs["x"], signs["y"], signs["text"], strict=True):
        at = (0, column) if unknown[0] == 0 else (column, row)
        assert tipping_strip.SIGNS[int(verdict[at])] == sign
    assert legends.strip(result).endswith("Of the counts possible in an arm at most 200 are drawn, evenly spaced.")
    assert alt.tipping_strip(result).endswith("at most 200 are drawn, evenly spaced.")
    assert "drawn" not in legends.strip(made.strip((199, 199), (4000, 3000), (900, 1000)))


def test_a_rare_outcome_s_sentence_does_not_call_its_difference_none():
    rare = replace(made.strip((3, 2)), difference=np.full((4, 3), 0.004), ci_low=np.full((4, 3), 0.0003))
    said = missing_words.strip(replace(rare, ci_high=np.full((4, 3), 0.009)))
    assert "the difference is 0.4 points (95% CI 0.03–0.90). The interval does not include zero" in said
    said = missing_words.strip(replace(rare, ci_low=np.full((4, 3), -0.0003), ci_high=np.full((4, 3), 0.009)))
    assert re.search(
        r"the difference is 0\.4 points \(95% CI −?0\.0(–| to )0\.9\)\. The interval includes zero", said
    ), said
    said = missing_words.strip(made.strip((3, 2)))
    assert re.search(r"the difference is −?\d+ points \(95% CI \d+", said)


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
        assert text.split("<br>")[0] == numbers.signed_points(d)
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


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_said_of_an_arms_dial_agrees_with_every_one_of_its_stops(turned):
    """One arm varies: clear at first, zero inside in the middle, clear again at the other side (or turned about)."""
    tm = made.tipping_map(varies=(True, False), missing=(0.9, 0.0), base=(0.5, 0.5), half=0.1)
    mar = tm.stops.index(1.0)
    estimate, clear = tm.estimate[:, mar], (tm.ci_low * tm.ci_high > 0)[:, mar].tolist()
    first, again = clear.index(False), clear.index(True, clear.index(False))
    assert clear[0] and clear[-1] and estimate[0] * estimate[-1] < 0
    if turned:  # the other way about: only the middle is clear
        low, high = np.where(tm.ci_low * tm.ci_high > 0, -0.1, 0.1), np.where(tm.ci_low * tm.ci_high > 0, 0.1, 0.2)
        tm = replace(tm, estimate=np.full_like(tm.estimate, 0.15), ci_low=low, ci_high=high)
    said = missing_words.tipping(tm)
    shares = [float(n) / 100 for n in re.findall(r"about (\d+)%", said)[:2]]
    implied = tm.implied[0]
    assert implied[first - 1] - 0.01 <= shares[0] <= implied[first] + 0.01
    assert implied[again - 1] - 0.01 <= shares[1] <= implied[again] + 0.01
    assert "only as long" not in said
    if turned:
        assert "as long as more than about" in said and "on it includes zero again." in said
    else:
        assert "as long as fewer than about" in said and "and then lies on the other side of it" in said
