"""Whether an effect differs between levels: R's glm, Welch's F by hand and by oneway.test, and laws."""

import json
from pathlib import Path

import numpy as np
import pytest

from ketadash.stats.effects import odds_ratio
from ketadash.stats.interaction import heterogeneity, likelihood_ratio
from ketadash.stats.welch import pooled_difference

ORACLE = json.loads((Path(__file__).parents[1] / "oracle" / "subgroups.json").read_text())


@pytest.mark.parametrize("name", ORACLE["counts"])
def test_likelihood_ratio_as_glm_has_it(name):
    case = ORACLE["counts"][name]
    ours = likelihood_ratio(np.array(case["events"], float), np.array(case["n"], float))
    assert (ours.statistic, ours.p) == pytest.approx((case["chi2"], case["p"]), rel=1e-7, abs=1e-8)
    assert (ours.df, ours.df_den) == (case["df"], None)


@pytest.mark.parametrize("name", ORACLE["counts"])
def test_each_level_has_glms_odds_ratio(name):
    case = ORACLE["counts"][name]
    for (e0, e1), (n0, n1), right in zip(case["events"], case["n"], case["odds_ratio"], strict=True):
        if right:
            ours = odds_ratio(e1, n1, e0, n0)
            assert (ours.estimate, ours.ci_low, ours.ci_high) == pytest.approx(right, rel=1e-7)


@pytest.mark.parametrize("name", ORACLE["means"])
def test_welchs_f_as_written_out(name):
    case = ORACLE["means"][name]
    levels = [pooled_difference(np.array([active]), np.array([control])) for control, active in case["values"]]
    parts = [np.array([getattr(one, part)[0] for one in levels]) for part in ("estimate", "se", "df")]
    ours, right = heterogeneity(parts[0], parts[1] ** 2, parts[2]), case["right"]
    assert (ours.statistic, ours.df, ours.df_den, ours.p) == pytest.approx(
        (right["f"], right["df"], right["df_den"], right["p"]), rel=1e-10
    )


def test_of_single_means_it_is_oneway_test():
    case = ORACLE["oneway"]
    values = [np.array(x) for x in case["values"]]
    ours = heterogeneity(
        np.array([x.mean() for x in values]),
        np.array([x.var(ddof=1) / len(x) for x in values]),
        np.array([len(x) - 1.0 for x in values]),
    )
    assert (ours.statistic, ours.df_den, ours.p) == pytest.approx((case["f"], case["df_den"], case["p"]), rel=1e-10)


def test_levels_alike_give_nothing_and_their_order_does_not_matter():
    e, n = np.array([[6.0, 3.0], [6.0, 3.0], [12.0, 6.0]]), np.array([[10.0, 10.0], [10.0, 10.0], [20.0, 20.0]])
    assert likelihood_ratio(e, n).statistic == pytest.approx(0, abs=1e-9)
    e[0, 0] = 9
    forward, backward = likelihood_ratio(e, n), likelihood_ratio(e[::-1], n[::-1])
    assert forward.statistic == pytest.approx(backward.statistic) and forward.statistic > 1
    swapped = likelihood_ratio(e[:, ::-1], n[:, ::-1])  # the other arm as control
    assert forward.statistic == pytest.approx(swapped.statistic)


def test_a_level_that_says_nothing_costs_no_degree_of_freedom():
    e, n = (
        np.array([[6.0, 3.0], [2.0, 5.0], [0.0, 0.0], [7.0, 8.0]]),
        np.array([[10.0, 10.0]] * 2 + [[5.0, 9.0], [7.0, 8.0]]),
    )
    assert likelihood_ratio(e, n).df == 1
    assert likelihood_ratio(e, n).statistic == pytest.approx(likelihood_ratio(e[:2], n[:2]).statistic)
    assert likelihood_ratio(e[1:], n[1:]) is None


def test_many_degrees_of_freedom_are_cochrans_q():
    estimates, variances = np.array([0.1, 0.5, -0.2]), np.array([0.01, 0.04, 0.02])
    w = 1 / variances
    q = (w * (estimates - (w * estimates).sum() / w.sum()) ** 2).sum()
    certain, nearly = (heterogeneity(estimates, variances, np.full(3, df)) for df in (np.inf, 1e9))
    assert 2 * certain.statistic == pytest.approx(q)
    assert certain.df_den is None and certain.p == pytest.approx(nearly.p, rel=1e-6)
