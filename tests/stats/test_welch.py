"""Welch's comparison of means against R's t.test, and pooled against mice."""

import json
from pathlib import Path

import numpy as np
import pytest

from ketadash.stats.welch import FEW, welch

CASES = json.loads((Path(__file__).parents[1] / "oracle" / "welch.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{np.shape(c['active'])} v {np.shape(c['control'])}")
def test_as_r_has_it(case):
    gap, messages = welch(np.array(case["active"]), np.array(case["control"]), case["confidence"])
    right = case["right"]
    few = min(np.shape(case["active"])[-1], np.shape(case["control"])[-1]) < FEW
    assert bool(messages) is few
    assert (gap.estimate, gap.se) == pytest.approx((right["estimate"], right["se"]), rel=1e-10)
    assert (gap.ci_low, gap.ci_high) == pytest.approx((right["low"], right["high"]), rel=1e-7)
    assert gap.p == pytest.approx(right["p"], rel=1e-7)


def test_imputations_that_agree_are_one_data_set():
    one = np.array([[0.1, 0.5, 0.9]]), np.array([[0.2, 0.3, 0.4, 0.1]])
    many = tuple(np.repeat(values, 5, axis=0) for values in one)
    a, b = welch(*one, 0.95)[0], welch(*many, 0.95)[0]
    assert (a.estimate, a.ci_low, a.ci_high, a.p) == pytest.approx((b.estimate, b.ci_low, b.ci_high, b.p))


@pytest.mark.parametrize(
    ("n_active", "n_control", "who"), [(0, 5, "nobody in the A arm"), (4, 1, "one participant in the B arm")]
)
def test_too_few_people_are_said_by_arm(n_active, n_control, who):
    gap, (message,) = welch(np.ones((1, n_active)), np.ones((1, n_control)), 0.95, labels=("A", "B"))
    assert gap.estimate is None and message.startswith(who)


def test_without_spread_there_is_a_difference_and_no_interval():
    gap, (message,) = welch(np.ones((1, 4)), np.zeros((1, 4)), 0.95)
    assert gap.estimate == 1 and gap.ci_low is gap.ci_high is gap.p is None and "no standard error" in message


def test_of_shares_no_end_lies_beyond_100_points_and_it_is_said_what_was_cut():
    active, control = np.array([[1.0, 1.0, 0.4]]), np.array([[0.0, 0.5, 0.0]])
    whole, _ = welch(active, control, 0.95)
    assert whole.ci_high > 1 > whole.ci_low
    cut, messages = welch(active, control, 0.95, shares=True)
    assert (cut.ci_low, cut.ci_high, cut.p, cut.se) == (whole.ci_low, 1.0, whole.p, whole.se)
    assert any(f"{100 * whole.ci_high:.0f} points" in m and "cut" in m for m in messages)
    mirrored, _ = welch(control, active, 0.95, shares=True)
    assert (mirrored.ci_low, mirrored.ci_high) == (-1.0, -cut.ci_low)
    near = np.array([[0.5, 0.6, 0.7]])
    assert welch(near, control, 0.5, shares=True) == welch(near, control, 0.5)  # which ends before


def test_an_interval_of_very_few_people_is_said_to_be_rough():
    """Two an arm gave -241 to 270 without a word."""
    _, (message,) = welch(np.array([[10.0, 50.0]]), np.array([[20.0, 12.0]]), 0.95, labels=("A", "B"))
    assert message.startswith("only 2 participants in the A arm")
    assert welch(np.arange(5.0)[None], np.arange(6.0)[None], 0.95)[1] == ()
