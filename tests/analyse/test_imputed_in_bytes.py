"""Imputations are kept as bytes, and no more random numbers than there are missing days: what many of them may take."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse import fits
from ketadash.analyse.binary import abstinence_fit, heavy_fit
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule, Trend, Uncertainty
from ketadash.stats.imputation import streams
from ketadash.trial import resolve


@pytest.fixture(scope="module")
def imputed():
    d = frame(3, n_people=14, n_days=9)
    for number, who in enumerate(("P00", "P01", "P05", "P07")):
        d.loc[(d.participant_id == who) & (d.day > 3 + number), "drinks"] = None
    t = trial(d)
    return t, resolve(t, AnalysisSpec(missing=MissingRule.IMOR, imputations=4))[0]


@pytest.mark.parametrize("estimator", Estimator)
def test_a_fit_to_bytes_is_the_fit_to_the_same_numbers(imputed, estimator):
    t, spec = imputed
    spec = spec.replace(estimator=estimator, uncertainty=Uncertainty.ROBUST)
    m = abstinence_fit(t, spec)
    assert m.days.ys.dtype == m.rows.ys.dtype == np.int8
    numbers = replace(m.rows, ys=m.rows.ys.astype(float))
    again = {
        Estimator.QUADRATURE: lambda r: fits.by_quadrature(
            r, spec.trend, "abstinent", spec.quadrature_points, False, spec.uncertainty
        ),
        Estimator.RSPL: lambda r: fits.by_rspl(r, spec.trend, "abstinent", ar1=False, uncertainty=spec.uncertainty),
        Estimator.SLOPE: lambda r: fits.by_slopes(r, spec.trend, "abstinent", spec.uncertainty),
    }[estimator](numbers)
    assert len(again.each) == len(m.fitted.each) > 0
    for one, other in zip(again.each, m.fitted.each, strict=True):
        assert np.array_equal(one.parameters, other.parameters) and np.array_equal(one.covariance, other.covariance)


def test_heavy_days_are_bytes_too(imputed):
    t, spec = imputed
    m = heavy_fit(t, spec)
    assert m.rows.ys.dtype == np.int8
    again = fits.by_rspl(replace(m.rows, ys=m.rows.ys.astype(float)), Trend.LINEAR, "a heavy day", ar1=True)
    assert np.array_equal(again.model.beta, m.fitted.model.beta)


def test_shares_of_imputed_days_are_those_of_numbers(imputed):
    t, spec = imputed
    ys, p = abstinence_fit(t, spec).days.ys, analyse.panel_of(t, spec)
    shares = ys[:, p.active].astype(float).mean(axis=(1, 2))
    observed = analyse.abstinence_result(t, spec).percent_days[p.arms[1]]
    assert observed == pytest.approx(shares.mean(), abs=1e-12) and 0 < observed < 1


def test_random_numbers_of_known_days_are_not_kept():
    where = np.zeros((50, 100), bool)
    where[:, 97:] = True
    tracemalloc.start()
    s = streams([f"P{i}" for i in range(50)], where, 5, 200, 1)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert s.of_days.shape == (200, 150)
    every_day = 8 * 200 * where.size
    assert held < 0.1 * every_day and peak < 0.2 * every_day
