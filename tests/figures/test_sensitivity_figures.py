"""Missing days and dropout in pictures, and what each sensitivity picture says in words."""

import math

import fakes
import fakes_sensitivity as made
import plotly.graph_objects as go
import pytest
from fakes_sensitivity import ARMS
from figure_looks import DARK, LIGHT, PHONE, VIEWS, named, texts

from ketadash.analyse.specifications import CHOICE_LABELS, ENTERS
from ketadash.questions.dropout import figure as dropout_ways
from ketadash.questions.dropout import words as dropout_words
from ketadash.questions.missing_days import alt, tipping_map, tipping_strip
from ketadash.questions.missing_days import compare as missing_days_compare
from ketadash.questions.missing_days import which_days as missing_days
from ketadash.questions.relapse import figure as survival
from ketadash.questions.shared import theme
from ketadash.questions.specifications import figure as specification_curve
from ketadash.questions.specifications import words as specifications_words


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
