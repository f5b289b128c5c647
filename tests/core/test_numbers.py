"""How differences and intervals are written: what is there is not rounded away."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis.strategies import floats
from source_trees import nodes, tree

from ketadash.core import numbers
from ketadash.questions.shared import words


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (-0.26, -0.08, "−26 to −8"),
        (-0.1274, -0.0006, "−12.7 to −0.1"),
        (-0.127, -0.003, "−12.7 to −0.3"),
        (-0.1, 0.002, "−10 to 0"),
        (0.004, 0.2, "0.4–20.0"),
    ],
)
def test_an_interval_that_excludes_no_difference_does_not_read_as_if_it_held_it(low, high, shown):
    assert numbers.point_ends(low, high) == shown


@pytest.mark.parametrize(
    ("difference", "low", "high", "shown"),
    [
        (0.302, 0.09, 0.51, "30 (9–51)"),
        (0.003, 0.001, 0.005, "0.3 (0.1–0.5)"),  # of a rare outcome of thousands: it said 0 (0–0)
        (-0.0004, -0.0006, -0.0002, "−0.04 (−0.06 to −0.02)"),
        (0.003, -0.2, 0.2, "0 (−20 to 20)"),
        (0.0004, -0.002, 0.003, "0.0 (−0.2 to 0.3)"),  # narrow, not nothing
        (0.0, 0.0, 0.0, "0 (0–0)"),
        (0.123, 0.118, 0.128, "12.3 (11.8–12.8)"),  # of tens of thousands: as wide as it is
        (0.003, None, None, "0 (no interval)"),
    ],
)
def test_a_difference_that_its_interval_shows_does_not_read_as_none(difference, low, high, shown):
    assert numbers.points_beside(difference, low, high) == shown
    assert numbers.signed_points(difference, low, high).lstrip("+") == shown.split(" ")[0]


def test_a_difference_that_reads_as_0_has_no_sign_and_is_not_higher():
    assert (
        numbers.signed_points(0.0002, -0.005, 0.0036) == "0.0" and numbers.signed_points(0.002, 0.001, 0.003) == "+0.2"
    )
    assert words.points_apart(0.0002, ("placebo", "active"), -0.005, 0.0036) == "as high with active as with placebo"
    assert "0.2 percentage points higher" in words.points_apart(0.002, ("placebo", "active"), 0.001, 0.003)


@pytest.mark.parametrize(
    ("lowest", "highest", "shown"),
    [
        (0.19, 0.33, ("19", "33")),
        (0.0019, 0.0034, ("0.2", "0.3")),  # it said from 0 to 0
        (0.0101, 0.0102, ("1.01", "1.02")),
        (0.1, 0.1, ("10", "10")),
        (-0.004, 0.02, ("0", "2")),
    ],
)
def test_a_range_of_differences_is_seen_to_be_one(lowest, highest, shown):
    assert numbers.point_span(lowest, highest) == shown


@given(low=floats(-1, 1), high=floats(-1, 1), at=floats(0, 1))
def test_no_interval_beside_zero_and_no_difference_in_it_reads_as_zero(low, high, at):
    low, high = sorted((low, high))
    difference = low + at * (high - low)
    assume(min(abs(low), abs(high)) > 0.0001 and abs(difference) > 0.0001)  # two decimals of a point
    nothing = {"0", "0.0", "0.00"}
    ends = set(re.split("–| to ", numbers.point_ends(low, high)))
    assert not ends <= nothing
    if low > 0 or high < 0:
        assert not ends & nothing and numbers.points_text(difference, low, high) not in nothing


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.08, 1.02, "0.08–1.02"),
        (0.0043, 0.2478, "0.004–0.248"),  # of everyone in one arm and two in the other: it said 0.00–0.25
        (0.41, 0.9987, "0.410–0.999"),
        (1.0013, 2.3, "1.001–2.300"),
        (0.00001, 0.5, "0.0000–0.5000"),
        (None, 0.5, "not estimable"),
    ],
)
def test_a_ratio_s_end_reads_neither_as_nothing_nor_as_no_difference(low, high, shown):
    assert numbers.ratio_interval(low, high) == shown


@pytest.mark.parametrize(
    ("ends", "digits", "none", "shown"),
    [
        ((-1.62, -0.02), 1, 0.0, "−1.62 to −0.02"),  # of drinks a drinking day, p .048: it said −1.6 to 0.0
        ((-1.62, 0.02), 1, 0.0, "−1.6 to 0.0"),
        ((0.41, 0.9987), 2, 1.0, "0.410–0.999"),  # a ratio, of which 1 is no difference
        ((0.41, 1.0013), 2, 1.0, "0.41–1.00"),
        ((0.00004, 2.0), 1, 0.0, "0.000–2.000"),  # two decimals more at most
        ((None, 2.0), 1, 0.0, "not estimable"),
    ],
)
def test_an_end_beside_no_difference_has_the_decimals_that_it_needs(ends, digits, none, shown):
    assert numbers.clear_interval(*ends, digits, none) == shown


def sizes_without_commas(of):
    """Values after ``n = `` in an f-string that are written without commas between thousands."""
    for text in (node for node in nodes(of) if isinstance(node, ast.JoinedStr)):
        for before, value in zip(text.values, text.values[1:], strict=False):
            head = before.value if isinstance(before, ast.Constant) else ""
            if head.endswith("n = ") and isinstance(value, ast.FormattedValue):
                words = ast.unparse(value)
                if ":," not in words:
                    yield words


def test_a_size_has_commas_between_thousands():
    """Beside "2,998 participants" stood "n = 2998"."""
    package = Path(__file__).parents[2] / "ketadash"
    plain = {
        path.name: without for path in package.rglob("*.py") if (without := list(sizes_without_commas(tree(path))))
    }
    assert not plain
    assert list(sizes_without_commas(ast.parse('f"n = {n} of"'))) and not list(
        sizes_without_commas(ast.parse('f"n = {n:,} of"'))
    )
