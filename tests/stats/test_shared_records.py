"""Intercepts drawn by a table that many share are those drawn from each record by itself."""

import numpy as np
import pytest
from scipy.special import expit

from ketadash.stats import imputation, shared_records

PEOPLE, DAYS, M = 90, 40, 7


def drawn(monkeypatch, sigma, baseline, many=0):
    """z of everybody with missing days, and of whom tables were asked."""
    rng = np.random.default_rng([3, int(10 * sigma)])
    arm, day = np.arange(PEOPLE) % 2, np.arange(1.0, DAYS + 1)
    own = rng.normal(0, sigma, PEOPLE) - 0.05 * baseline
    y = (rng.random((PEOPLE, DAYS)) < expit(own[:, None] + 0.02 * day)).astype(float)
    y[rng.random(y.shape) < 0.15] = np.nan
    y[:6, 10:] = np.nan  # who leaves early knows fewer days than are missing
    y[8] = np.where(np.isnan(y[8]), np.nan, 1.0)  # and one is the same way always
    columns = (np.ones(PEOPLE)[:, None], day[None], arm[:, None], arm[:, None] * day, baseline[:, None])
    X = np.stack([np.broadcast_to(c, y.shape).astype(float) for c in columns], axis=-1)
    made = imputation.Posterior(
        rng.normal(0, 0.02, (M, 5)), sigma * np.exp(rng.normal(0, 0.2, M)), np.zeros((M, PEOPLE))
    )
    asked, plain = [], shared_records.density
    monkeypatch.setattr(shared_records, "density", lambda *a: (asked.extend(a[1]), plain(*a))[1])
    monkeypatch.setattr(shared_records, "MANY", many)
    return imputation.with_intercepts(made, np.isnan(y).any(axis=1), y, X, rng.random((M, PEOPLE))).z, len(asked)


@pytest.mark.parametrize("sigma", [0.2, 1.8, 4.0])
@pytest.mark.parametrize("spread", [0, 12])
def test_tables_give_the_intercepts_of_each_record_by_itself(monkeypatch, sigma, spread):
    baseline = np.random.default_rng(1).integers(-spread, spread + 1, PEOPLE).astype(float)
    by_table, n_asked = drawn(monkeypatch, sigma, baseline)
    alone, none = drawn(monkeypatch, sigma, baseline, many=10**9)
    assert n_asked > 70 and not none
    assert by_table == pytest.approx(alone, abs=1e-9)
    assert np.ptp(alone[:, 10:]) > 1


def test_where_a_table_would_be_too_long_or_shared_by_few_each_record_is_read_by_itself(monkeypatch):
    far = np.linspace(-1e5, 1e5, PEOPLE)
    assert drawn(monkeypatch, 1.0, far)[1] == 0
    monkeypatch.setattr(shared_records, "SHARED", PEOPLE)
    assert drawn(monkeypatch, 1.0, np.zeros(PEOPLE))[1] == 0


def test_beyond_its_table_a_record_is_read_by_itself(monkeypatch):
    alone, _ = drawn(monkeypatch, 2.0, np.zeros(PEOPLE), many=10**9)
    monkeypatch.setattr(shared_records, "REACH", 4.0)
    by_table, n_asked = drawn(monkeypatch, 2.0, np.zeros(PEOPLE))
    assert n_asked > 70 and by_table == pytest.approx(alone, abs=1e-9)
