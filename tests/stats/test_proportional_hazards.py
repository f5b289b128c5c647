"""Schoenfeld's test against R's cox.zph, with ties, censoring and strata, and laws."""

import json
from pathlib import Path

import numpy as np
import pytest

from ketadash.results.hazards import Proportionality
from ketadash.stats.proportional_hazards import NOTHING_CHANGES, pooled
from ketadash.stats.survival import cox

FOLDER = Path(__file__).parents[1] / "oracle"
RIGHT = json.loads((FOLDER / "proportional.json").read_text())["right"]


def data(name):
    if name == "crossing":
        rows = np.array([[row[k] for k in ("time", "event", "active")] for row in RIGHT[name]["data"]], float)
    else:
        rows = np.loadtxt(FOLDER / "datasets" / f"surv_{name}.csv", delimiter=",", skiprows=1)
    return rows[:, 0], rows[:, 1] == 1, rows[:, 2] == 1


@pytest.mark.parametrize("name", RIGHT)
def test_as_cox_zph_has_it(name):
    time, event, active = data(name)
    for kind, strata in (("whole", None), ("strata", (np.arange(len(time)) + 1) % 3)):
        if kind in RIGHT[name]:
            ours = cox(time, event, active, strata=strata).proportional
            right = RIGHT[name][kind]
            assert (ours.chi2, ours.p) == pytest.approx((right["chi2"], right["p"]), rel=1e-8)


def test_which_arm_is_the_control_and_the_unit_of_time_do_not_matter():
    time, event, active = data("five_hundred")
    one, turned, weeks = (
        cox(t, event, a).proportional for t, a in ((time, active), (time, ~active), (time / 7, active))
    )
    assert one.chi2 == pytest.approx(turned.chi2) == pytest.approx(weeks.chi2)
    assert one.slope == pytest.approx(-turned.slope)


def test_curves_that_cross_fail_and_one_arm_doubled_does_not():
    crossing = cox(*data("crossing"))
    assert crossing.proportional.p < 0.001 and crossing.proportional.slope > 0
    rng = np.random.default_rng(3)
    share = [
        cox(
            rng.exponential(np.where(np.arange(200) % 2, 10.0, 20.0)), np.ones(200, bool), np.arange(200) % 2 == 1
        ).proportional.p
        < 0.05
        for _ in range(200)
    ]
    assert np.mean(share) < 0.11  # 5% expected; 0.11 is four standard errors above


def test_without_a_hazard_ratio_there_is_no_test_and_on_one_day_a_reason():
    assert cox(*_monotone()).proportional is None
    one_day = cox(
        np.array([3.0, 3, 3, 5, 5, 5]), np.array([1, 1, 0, 0, 0, 0], bool), np.array([1, 0, 1, 0, 1, 0], bool)
    )
    assert one_day.proportional.chi2 is None and one_day.proportional.message.startswith("no test of proportional")


def test_over_imputations_half_of_which_have_no_test_there_is_none_and_why_is_said():
    one, none = Proportionality(4.0, 1, 0.0455, 1.0, 0.5), Proportionality(None, 1, None, message=NOTHING_CHANGES)
    assert pooled([one, one, one, none]).chi2 is not None
    for tests, without in (([one, one, none, None], 2), ([none, none, none, one], 3)):
        test = pooled(tests)
        assert test.chi2 is None and test.p is None
        assert test.message == f"no test of proportional hazards: {without} of 4 imputations have none"


def _monotone():
    rows = np.loadtxt(FOLDER / "datasets" / "surv_monotone.csv", delimiter=",", skiprows=1)
    return rows[:, 0], rows[:, 1] == 1, rows[:, 2] == 1
