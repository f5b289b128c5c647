"""The model check: measures by hand, days the model made pass, days in spells or with slopes of their own do not."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from ketadash.analyse.model_check import abstinence_check, heavy_check
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec, Estimator, Window
from ketadash.stats import model_check as kernel
from ketadash.trial import load, load_sample, resolve

REAL = Path(__file__).parents[3] / "shared" / "data" / "ctn0051_days.csv.gz"


def laid_out(people, days):
    group, day = np.repeat(np.arange(people), days), np.tile(np.arange(days), people)
    return kernel.lay_out(group, day.astype(float), (group % 2).astype(float))


def test_measures_by_hand():
    d = laid_out(3, 6)
    y = np.array([[1, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 0, 0]], bool).reshape(1, -1)
    m = {name: float(v[0]) for name, v in kernel.measured(y, d).items()}
    # pairs of the two people who are not always one way: 11 three, 10 three, 01 two, 00 two
    assert m[kernel.LAG1] == pytest.approx(3.5 * 2.5 / (3.5 * 2.5))
    assert m[kernel.SPELLS] == pytest.approx((2 + 1 + 3) / 3)
    assert m[kernel.ALWAYS] == pytest.approx(1 / 3)
    each = [np.polyfit(np.arange(6), row, 1)[0] for row in y.reshape(3, 6).astype(float)]
    assert m[kernel.SLOPES] == pytest.approx(np.std([each[0], each[2]], ddof=1))


def test_a_gap_ends_a_spell_and_rows_come_in_any_order():
    day = np.array([5.0, 1, 2, 4])
    d = kernel.lay_out(np.zeros(4, int), day, np.zeros(4))
    y = np.ones((1, 4), bool)
    assert float(kernel.measured(y, d)[kernel.SPELLS][0]) == 2  # days 1–2 and 4–5
    assert d.order.tolist() == [1, 2, 3, 0]


@pytest.mark.parametrize(
    ("trials", "most", "spells", "slopes"), [(12, 2, 12, 11), pytest.param(60, 9, 58, 55, marks=pytest.mark.slow)]
)
def test_days_of_the_model_pass_and_days_in_spells_do_not(trials, most, spells, slopes):
    """Of so many trials of either kind what the model made is seldom refused, spells and slopes nearly always are."""
    d, rng = laid_out(60, 28), np.random.default_rng(3)
    eta, refused = np.full(60 * 28, -0.3), {"model": 0, "spells": 0, "slopes": 0}
    for _ in range(trials):
        z = rng.normal(0, 1.5, 60)
        made = {
            "model": rng.random(60 * 28) < 1 / (1 + np.exp(-(eta + z[d.group]))),
            "spells": kernel.simulated(eta, 1.5, 0.5, d, 1, seed=int(rng.integers(1e9)))[0],
            "slopes": rng.random(60 * 28)
            < 1
            / (1 + np.exp(-(eta + z[d.group] + rng.normal(0, 0.15, 60)[d.group] * np.tile(np.arange(28) - 13.5, 60)))),
        }
        for name, y in made.items():
            found = kernel.check(y, eta, 1.5, None, d, seed=1)
            refused[name] += any(found[k].side > 0 for k in (kernel.LAG1, kernel.SPELLS, kernel.SLOPES))
    assert refused["model"] <= most and refused["spells"] >= spells and refused["slopes"] >= slopes, refused


def test_a_chain_of_days_has_the_correlation_it_is_given():
    d = laid_out(4000, 6)
    y = kernel.simulated(np.zeros(24_000), 0.0, 0.4, d, 1, seed=2)[0].astype(float)
    assert np.corrcoef(y[d.next_day - 1], y[d.next_day])[0, 1] == pytest.approx(0.4, abs=0.02)
    assert y.mean() == pytest.approx(0.5, abs=0.01)


def test_days_with_slopes_of_their_own_pass_the_model_that_has_them_and_no_other():
    rng = np.random.default_rng(7)
    G, T = 300, 21
    d = laid_out(G, T)
    day = np.tile(np.arange(1.0, T + 1), G)
    loadings = np.stack([np.full(G * T, 1.2), 0.25 * (day - 11)], axis=1)
    y = kernel.simulated(np.zeros(G * T), loadings, None, d, 1, seed=int(rng.integers(99)))[0]
    with_slopes = kernel.check(y, np.zeros(G * T), loadings, None, d, seed=1)[kernel.SLOPES]
    without = kernel.check(y, np.zeros(G * T), float(np.hypot(loadings[0, 0], 1.5)), None, d, seed=1)[kernel.SLOPES]
    assert with_slopes.low < with_slopes.observed < with_slopes.high
    assert without.observed > without.high


def test_the_sample_under_every_fit():
    trial = load_sample()
    for change in (
        {},
        {"estimator": Estimator.RSPL},
        {"estimator": Estimator.SLOPE},
        {"missing": MissingRule.MISSING},
        {"missing": MissingRule.IMOR},
    ):
        spec, _ = resolve(trial, AnalysisSpec(**change))
        for check in (abstinence_check(trial, spec), heavy_check(trial, spec)):
            assert check is not None and check.ok is not None and check.message.endswith(".")
            assert {m.key for m in check.measures} == {kernel.LAG1, kernel.SPELLS, kernel.ALWAYS, kernel.SLOPES}
    # nobody's spells in the sample: what the field knows of it (4.5 against 5.6 or so)
    spec, _ = resolve(trial, AnalysisSpec(missing=MissingRule.MISSING))
    odds = next(m for m in abstinence_check(trial, spec).measures if m.key == kernel.LAG1)
    assert odds.observed == pytest.approx(4.46, abs=0.1) and odds.low < odds.observed < odds.high


@pytest.mark.skipif(not REAL.exists(), reason="the real days are not here")
def test_real_days_come_in_spells():
    trial = load(REAL)
    spec = AnalysisSpec(
        control="BUP-NX",
        active="XR-NTX",
        amount="opioid",
        days=Window(1, 28),
        missing=MissingRule.MISSING,
        adjust=False,
    )
    spec, _ = resolve(trial, spec)
    check = abstinence_check(trial, spec)
    odds = next(m for m in check.measures if m.key == kernel.LAG1)
    assert odds.observed == pytest.approx(15, abs=0.3) and odds.expected == pytest.approx(5.2, abs=0.3)
    assert check.too_narrow and check.message.startswith("Days come in spells that this model does not describe")


def test_no_model_no_check(tmp_path):
    rows = [f"p{i},{'abc'[i % 2]},{day},{9 * (i % 2)}" for i in range(8) for day in range(1, 5)]
    with gzip.open(tmp_path / "days.csv.gz", "wt") as file:
        file.write("participant_id,arm,day,drinks\n" + "\n".join(rows))
    trial = load(tmp_path / "days.csv.gz")
    spec, _ = resolve(trial, AnalysisSpec(control="a", active="b"))
    check = abstinence_check(trial, spec)
    assert check.ok is None and not check.too_narrow and "nothing to check" in check.message
