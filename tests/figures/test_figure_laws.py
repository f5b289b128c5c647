"""What holds for every figure: Plotly takes it, dark changes only colours, a phone has the same, names are text."""

import json
import re
from itertools import combinations

import plotly.graph_objects as go
import pytest
import test_chance_figures
import test_endpoint_figures
import test_figures
import test_people_figures
import test_safety_figures
import test_sensitivity_figures
from figure_looks import DARK, HOSTILE, LIGHT, PHONE, VIEWS, strings, texts
from sweeps import others_slow

from ketadash.core.spec import PValues, ViewSpec

MODULES = (
    test_figures,
    test_chance_figures,
    test_endpoint_figures,
    test_people_figures,
    test_safety_figures,
    test_sensitivity_figures,
)


def every(*arms):
    """How each figure of each module is drawn, by both names."""
    parts = {module.__name__.removeprefix("test_"): module.every(*arms) for module in MODULES}
    return {f"{part}: {name}": draw for part, draw_of in parts.items() for name, draw in draw_of.items()}


PLAIN, WITH_HOSTILE_NAMES = every(), every(HOSTILE)
# What may differ on a phone: traces of tables with fewer days, and where rows stand whose names are written above them.
OTHER_ON_A_PHONE = {"reported", "signs"}
ROWS_MOVE = (
    "figures: forest",
    "endpoint_figures: endpoints",
    "safety_figures: events",
    "safety_figures: events, hostile names",
)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("view", others_slow(VIEWS, VIEWS[0], VIEWS[-1]), ids=str)
def test_plotly_accepts_it_and_it_is_strict_json(name, view):
    figure = PLAIN[name](view)
    go.Figure(figure)  # raises on an unknown property or value
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("name", PLAIN)
def test_dark_changes_only_colours(name):
    def ashes(figure):
        return re.sub(r"#[0-9A-Fa-f]{6}\b|rgba\([^)]*\)", "colour", json.dumps(figure))

    light, dark = PLAIN[name](LIGHT), PLAIN[name](DARK)
    assert light != dark
    assert ashes(light) == ashes(dark)


@pytest.mark.parametrize("name", PLAIN)
def test_a_phone_gets_the_same_values_at_the_same_height(name):
    """The page keeps one height free before it knows its width, and a click on either is read with the wide one."""
    wide, phone = PLAIN[name](LIGHT), PLAIN[name](PHONE)
    assert wide["layout"]["height"] == phone["layout"]["height"]
    for a, b in zip(wide["data"], phone["data"], strict=True):
        if a.get("name") not in OTHER_ON_A_PHONE:
            for key in ("name", "x", "z", "customdata") if name in ROWS_MOVE else ("name", "x", "y", "z", "customdata"):
                assert a.get(key) == b.get(key)


@pytest.mark.parametrize("name", WITH_HOSTILE_NAMES)
@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_names_from_the_data_are_text(name, view):
    allowed = re.compile(r'</?b>|<br>|<extra></extra>|<span style="color:#[0-9A-Fa-f]{6}">|</span>')
    for text in strings(WITH_HOSTILE_NAMES[name](view)):
        rest = allowed.sub("", text)
        assert "<" not in rest, text
        assert "%{y} &" not in rest and "‮" not in rest and "\n" not in rest
        assert not re.search(r"&(?!amp;|lt;|gt;|nbsp;|#3[67];)", rest), text


@pytest.mark.parametrize("name", WITH_HOSTILE_NAMES)
@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
def test_long_names_are_cut_where_they_stand_in_the_picture(name, view):
    for text in texts(WITH_HOSTILE_NAMES[name](view)):
        for line in re.sub(r"<(?!br>)[^>]*>", "", text).split("<br>"):
            assert len(re.sub(r"&\w+;|&#\d+;", "_", line)) <= (75 if view.narrow else 110), line


@pytest.mark.parametrize("name", PLAIN)
def test_no_p_value_stands_in_a_figure(name):
    """But for that in the title of a visit measure's panel, and there only while p-values are not hidden."""
    view = ViewSpec(p_values=PValues.HIDDEN) if name.startswith("safety_figures: measure") else LIGHT
    for text in strings(PLAIN[name](view)):
        assert not re.search(r"\bp\s*[=<>]|\bp\s+\.\d", text), text


@pytest.mark.parametrize("name", PLAIN)
def test_lines_of_text_above_a_figure_do_not_overlap(name):
    """Those written from the left at the paper's top stand a line's height apart and inside the margin."""
    for view in (LIGHT, PHONE):
        layout = PLAIN[name](view)["layout"]
        heads = [
            a
            for a in layout.get("annotations", ())
            if a.get("yref") == a.get("xref") == "paper"
            and a["y"] == 1
            and a["x"] == 0
            and a.get("yanchor") == "bottom"
        ]
        beside = (pair for pair in combinations(heads, 2) if pair[0].get("xshift") == pair[1].get("xshift"))
        for a, b in beside:
            lower, upper = sorted((a, b), key=lambda n: n.get("yshift", 0))
            lines = lower["text"].count("<br>") + 1
            apart = upper.get("yshift", 0) - lower.get("yshift", 0)
            assert apart >= 16 * lines - 1, (lower["text"], upper["text"])
        for a in heads:
            assert a.get("yshift", 0) + 14 * (a["text"].count("<br>") + 1) <= layout["margin"]["t"] + 4
