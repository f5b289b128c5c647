"""What estimates a curve, where its axis begins, and that the table under it accounts for everybody."""

from pathlib import Path

import pytest

from ketadash import analyse
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec, ViewSpec, Window
from ketadash.questions.dropout import figure as dropout_figure
from ketadash.questions.relapse import figure, office_chart, words
from ketadash.trial import load, resolve

CASES = Path(__file__).parents[1] / "analyse" / "cases"
VIEW = ViewSpec()
RULES = {"dropout": DropoutRule, "missing": MissingRule}


def drawn(name, **choices):
    chosen = {k: RULES[k](v) if k in RULES else v for k, v in choices.items()}
    trial = load(CASES / f"{name}.csv")
    spec, _ = resolve(trial, AnalysisSpec(control="control", active="active", **chosen))
    result = analyse.time_to_event(trial, spec)["relapse"]
    return result, figure.plot(result, VIEW), trial, spec


def texts(picture):
    return " ".join(note["text"] for note in picture["layout"]["annotations"])


def columns(picture):
    """The table by day: each arm's rows from top to bottom."""
    table = picture["data"][-1]
    by_day = {}
    for day, row, text in zip(table["x"], table["y"], table["text"], strict=True):
        by_day.setdefault(day, {})[row] = float(text)
    return by_day


@pytest.mark.parametrize(
    ("name", "choices", "estimator"),
    [
        ("cmp_mixed", {"dropout": "competing"}, "Aalen–Johansen"),
        ("mi_some", {"missing": "imor", "dropout": "imputed"}, "Mean of 20 imputations"),
        ("cmp_mixed", {}, "Kaplan–Meier"),
    ],
)
def test_the_picture_names_what_estimates_its_curves(name, choices, estimator):
    result, picture, *_ = drawn(name, **choices)
    assert f"{estimator}, 95% band" in texts(picture)
    assert ("Kaplan–Meier" in texts(picture) + words.alt(result) + words.legend(result)) == (
        estimator == "Kaplan–Meier"
    )


def test_dropouts_have_a_row_and_the_rows_account_for_everybody():
    result, picture, *_ = drawn("cmp_mixed", dropout="competing")
    assert picture["layout"]["yaxis2"]["ticktext"] == ["At risk", "Censored", "Events", "Left"] * 2
    last = columns(picture)[result.window[1]]
    for k, arm in enumerate(result.arms):
        _, censored, events, left = (last[5 * k + row] for row in range(1, 5))
        assert censored + events + left == arm.n and left == arm.competing > 0


def test_imputed_counts_are_rounded_alike_and_account_for_everybody():
    result, picture, *_ = drawn("mi_some", missing="imor", dropout="imputed")
    last = columns(picture)[result.window[1]]
    for k, arm in enumerate(result.arms):
        assert last[4 * k + 2] + last[4 * k + 3] == pytest.approx(arm.n, abs=0.05 + 1e-9)
        assert arm.events + arm.censored == pytest.approx(arm.n)
    assert any(arm.censored != round(arm.censored) for arm in result.arms)


@pytest.mark.parametrize(("first", "last"), [(-4, 7), (4, 7), (1, 7)])
def test_the_axis_begins_where_the_curves_do(first, last):
    result, picture, trial, spec = drawn("km_negative_days", days=Window(first, last))
    axis = picture["layout"]["xaxis"]
    assert axis["tickvals"][0] == first - 1 and first - 2 < axis["range"][0] < first - 1
    assert [columns(picture)[first - 1][row] for row in (1, 5)] == [arm.n for arm in result.arms]
    assert office_chart.survival(result).x.low == first - 1
    panels = dropout_figure.plot(analyse.dropout_ways(trial, spec), VIEW)["layout"]
    assert panels["xaxis"]["tickvals"][0] == first - 1


def test_ten_and_nine_are_at_risk_before_day_minus_4():
    _, picture, *_ = drawn("km_negative_days", days=Window(-4, 7))
    assert [columns(picture)[-5][row] for row in (1, 5)] == [10, 9]
