"""Cox's model with covariates, against R's coxph, and laws that it must obey."""

import numpy as np
import pytest
from mixed import days, oracle

from ketadash.stats import survival
from ketadash.stats.adjusted_hazard import ONE_ARM, RUNS_AWAY, adjusted_cox

R = oracle("adjusted_hazard")
PEOPLE = days("strata_people")


def columns(names, d=PEOPLE):
    made = {"age": [d.age], "sex": [d.sex == "M"], "site": [d.site == k for k in range(2, 6)]}
    return np.array([x for name in names for x in made[name]], dtype=float).T.reshape(len(d), -1)


def fit(X, strata=None, d=PEOPLE):
    return adjusted_cox(d.time, d.event, d.active, X, confidence=0.9, strata=strata)


@pytest.mark.parametrize("row", R["fits"], ids=lambda r: r["name"])
def test_the_hazard_ratio_is_that_of_r(row):
    f = fit(columns(row["columns"]), PEOPLE.site if row["strata"] else None)
    ours = [f.log_hr, f.se, f.ci_low, f.ci_high, f.p]
    assert ours == pytest.approx([row[k] for k in ("log_hr", "se", "low", "high", "p")], rel=1e-8)
    assert f.messages == ()


def test_without_covariates_it_is_the_other_engine_s():
    for strata in (None, PEOPLE.site):
        f = fit(np.zeros((len(PEOPLE), 0)), strata)
        plain = survival.cox(PEOPLE.time, PEOPLE.event, PEOPLE.active, confidence=0.9, strata=strata)
        assert [f.log_hr, f.se] == pytest.approx([plain.log_hr, plain.se], rel=1e-9)


def test_columns_that_say_nothing_more_are_left_out():
    """Twice the same, a constant, and what the strata say already."""
    X = columns(["age", "sex"])
    more = np.column_stack([X, 3 * X[:, 0] - 2, np.ones(len(X)), columns(["site"])])
    a, b = fit(X, PEOPLE.site), fit(more, PEOPLE.site)
    assert [a.log_hr, a.se] == pytest.approx([b.log_hr, b.se], rel=1e-9)


def test_units_origin_and_order_change_nothing():
    X, order = columns(["age", "sex"]), np.random.default_rng(1).permutation(len(PEOPLE))
    a, b = fit(X), fit((1000 * X - 5)[order], d=PEOPLE.iloc[order])
    assert [a.log_hr, a.se] == pytest.approx([b.log_hr, b.se], rel=1e-9)


def test_a_covariate_of_nothing_hardly_moves_it():
    noise = np.random.default_rng(2).normal(size=(len(PEOPLE), 1))
    plain = survival.cox(PEOPLE.time, PEOPLE.event, PEOPLE.active)
    assert abs(fit(noise).log_hr - plain.log_hr) < 0.2 * plain.se


def test_a_level_without_events_is_said_and_leaves_the_arms_theirs():
    free = PEOPLE.id[PEOPLE.event == 0].to_numpy()[:6]
    f = fit(PEOPLE.id.isin(free).to_numpy(float)[:, None])
    assert f.messages == (RUNS_AWAY,)
    assert [f.log_hr, f.se] == pytest.approx([R["rare"]["log_hr"], R["rare"]["se"]], rel=1e-5)


def test_covariates_that_are_the_arm_give_none():
    f = fit(PEOPLE.active.to_numpy(float)[:, None])
    assert f.hr is None and f.messages == (ONE_ARM,)


def test_few_events_for_many_covariates_are_said():
    few = PEOPLE.iloc[:14]
    f = fit(columns(["age", "sex"], few), d=few)
    assert f.hr is not None and "fewer than 5 events" in f.messages[-1]
