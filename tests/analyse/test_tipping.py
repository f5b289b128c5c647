"""Strips, map, missingness: counts by hand, corners that other results already know, and trials without the matter."""

from dataclasses import replace
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from lanes import in_this_process
from sweeps import others_slow
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse import batch, tipping_points
from ketadash.analyse.missingness import records
from ketadash.analyse.tipping_map import STOPS, cells, tipping_map
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.questions.missing_days import document as missing_days_document
from ketadash.questions.missing_days import words
from ketadash.trial import load, resolve

INFINITY = float("inf")


def spec_of(t, **changes):
    return resolve(t, AnalysisSpec(**changes))[0]


@pytest.fixture(scope="module")
def both():
    """A made-up trial with missing days in both arms; in each somebody who never drank left."""
    d = frame(3)
    stayed_dry = d.participant_id.isin(["P00", "P01", "P03"])
    d.loc[stayed_dry, "drinks"] = 0
    d.loc[stayed_dry & (d.day > 6), "drinks"] = None
    return trial(d)


def whole(t, **changes):
    problem = analyse.tipping_problem(t, spec_of(t, **changes))
    done = {at: problem.cell(at) for at in cells(problem)}
    return problem, done, tipping_map(problem, done)


@pytest.fixture(scope="module")
def whole_of_both(both):
    return whole(both, imputations=3)


# --- the exact strip -------------------------------------------------------------------------------------------------


def test_the_strip_counts_participants(sample):
    spec = spec_of(sample)
    throughout, last_day, no_heavy = analyse.strips(sample, spec)
    assert (throughout.n, throughout.successes, throughout.unknown) == ((23, 17), (8, 9), (2, 0))
    assert (last_day.n, last_day.successes, last_day.unknown) == ((23, 17), (12, 15), (6, 0))
    assert no_heavy.unknown == (3, 0) and no_heavy.difference.shape == (4, 1)
    nnt = analyse.nnt_result(sample, spec)
    for strip, published in ((throughout, nnt.observed), (last_day, nnt.observed_last_day)):
        # all unknown outcomes failures: what the published rule counts
        assert strip.difference[0, 0] == pytest.approx(published.risk_difference, abs=1e-15)
        assert (strip.ci_low[0, 0], strip.ci_high[0, 0]) == pytest.approx((published.ci_low, published.ci_high))


def test_the_strips_other_end_is_every_missing_day_abstinent(sample):
    spec = spec_of(sample, missing=MissingRule.IMOR, imor_control=INFINITY, imor_active=INFINITY)
    strip = analyse.strips(sample, spec)[0]
    assert strip.difference[-1, -1] == pytest.approx(analyse.nnt_result(sample, spec).observed.risk_difference)


def test_more_successes_among_the_missing_move_the_difference_their_way(both):
    strips = analyse.strips(both, spec_of(both))
    assert any(all(s.unknown) for s in strips)
    for strip in strips:
        assert (np.diff(strip.difference, axis=0) < 0).all() and (np.diff(strip.difference, axis=1) > 0).all()
        assert set(np.unique(strip.verdict)) <= {-1, 0, 1}


def test_a_strip_without_unknown_outcomes_has_one_cell():
    t = trial(frame(5, absent=0))
    assert all(s.difference.shape == (1, 1) and s.unknown == (0, 0) for s in analyse.strips(t, spec_of(t)))


def test_yes_and_no_has_no_strip_of_heavy_days():
    d = frame(3)
    t = trial(d.assign(drinks=(d.drinks > 0).astype("Int64").where(d.drinks.notna())))
    assert [s.endpoint for s in analyse.strips(t, spec_of(t))] == ["throughout", "last_day"]


# --- the map ---------------------------------------------------------------------------------------------------------


def test_the_maps_corners_and_centre_are_what_the_pages_show(both, whole_of_both):
    _, done, m = whole_of_both
    assert len(done) == m.n_cells == m.n_done == len(STOPS) ** 2
    for i, j in ((0, 0), (0, -1), (-1, 0), (-1, -1), (5, 5), (2, 7)):
        spec = spec_of(both, imputations=3, missing=MissingRule.IMOR, imor_control=STOPS[i], imor_active=STOPS[j])
        gap = analyse.abstinence_result(both, spec).difference[-1]
        found = (m.estimate[i, j], m.ci_low[i, j], m.ci_high[i, j])
        # one day predicted alone or among all: sums in another order
        assert found == pytest.approx((gap.probability, gap.ci_low, gap.ci_high), rel=1e-12)


def test_each_dial_moves_the_difference_its_own_way(whole_of_both):
    _, _, m = whole_of_both
    # from end to end; in between an early day turned abstinent tilts the trend and may lower the last day
    assert (m.estimate[-1] < m.estimate[0]).all() and (m.estimate[:, -1] > m.estimate[:, 0]).all()
    for shares in m.implied:
        assert shares[0] == 0 and shares[-1] == 1 and (np.diff(shares) > 0).all()


def test_an_arm_without_missing_days_has_one_row_that_stands_for_all(sample):
    problem = analyse.tipping_problem(sample, spec_of(sample))
    assert len(cells(problem)) == len(STOPS)
    some = {at: problem.cell(at) for at in cells(problem)[:3]}
    m = tipping_map(problem, some)
    assert m.varies == (True, False) and m.n_done == 3 and m.n_cells == 11
    known = ~np.isnan(m.estimate[:, 0])
    assert known.sum() == 3 and np.array_equal(m.estimate[known, 0], m.estimate[known, 7])
    assert np.isnan(m.margin[~known]).all()


def test_cells_come_coarse_to_fine(both):
    order = cells(analyse.tipping_problem(both, spec_of(both)))
    ends = {0, 5, 10}
    assert set(order[:9]) == {(i, j) for i in ends for j in ends}
    assert len(set(order)) == 121


def test_without_missing_days_there_is_one_cell_and_no_draw():
    t = trial(frame(5, absent=0))
    problem, done, m = whole(t)
    assert problem.drawn is None and list(done) == [(5, 5)] and m.varies == (False, False)
    assert np.isfinite(m.estimate).all()


def test_an_arm_all_missing_has_corners_and_blanks():
    d = frame(3)
    d.loc[d.arm == "drug", "drinks"] = None
    t = trial(d)
    problem, done, m = whole(t, imputations=3)
    assert problem.drawn is None
    assert sum(e.estimate is not None for e in done.values()) <= 4 and m.messages


def test_records_say_how_people_were_before_they_were_missing():
    d = frame(3, n_people=4, n_days=10, absent=0).sort_values(["participant_id", "day"])
    d["drinks"] = d["drinks"].astype("Int64")
    d.loc[d.participant_id == "P01", "drinks"] = [5, 5, 0, 0, 5, 0, 0, 0, 0, None]  # drug: 6 of the last 7 reported dry
    d.loc[d.participant_id == "P03", "drinks"] = [None] * 10
    t = trial(d)
    control, active = records(analyse.panel_of(t, spec_of(t)))
    assert (control.n_people, control.n_days, control.last_week) == (0, 0, None)
    assert (active.n_people, active.n_days) == (2, 11)
    assert active.last_week == pytest.approx(6 / 7)
    assert active.arm == pytest.approx(6 / 9)


# --- which days are missing ------------------------------------------------------------------------------------------


def test_missing_days_by_arm_day_and_reason(sample):
    m = analyse.missingness(sample, spec_of(sample))
    assert (m.n_missing, m.people, m.dropouts) == ((57, 0), (6, 0), (6, 0))
    assert m.reasons["midazolam"] == (("stopped attending", 5, 36), ("did not return after the infusion", 1, 21))
    assert m.reasons["ketamine"] == ()
    last = [d for d in m.days if d.day == 21]
    assert [(d.reported, d.after_dropout, d.gaps) for d in last] == [(17, 6, 0), (17, 0, 0)]


def test_gaps_are_told_from_days_after_dropout(both):
    p, m = analyse.panel_of(both, spec_of(both)), analyse.missingness(both, spec_of(both))
    assert sum(m.n_missing) == int(np.isnan(p.amount).sum())
    for d in m.days:
        assert d.n == d.reported + d.after_dropout + d.gaps
    assert sum(d.gaps for d in m.days) > 0
    by_reason = {arm: sum(days for _, _, days in rows) for arm, rows in m.reasons.items()}
    assert by_reason == dict(zip(m.arms, m.n_missing, strict=True))
    for k, arm in enumerate(m.arms):  # who has left stays away
        after = [d.after_dropout for d in m.days if d.arm == arm]
        assert after == sorted(after) and after[-1] == m.dropouts[k]


# --- every assumption side by side -----------------------------------------------------------------------------------


def test_assumptions_are_the_pages_under_each_rule(sample):
    spec = spec_of(sample)
    rows = analyse.assumptions(sample, spec).rows
    assert len(rows) == len(MissingRule) and [r.published for r in rows].count(True) == 1
    kinds = {r.label: r.kind for r in rows}
    assert kinds["drinking"] == "published" and kinds["best case"] == kinds["worst case"] == "bound"
    assert kinds["missing"] == kinds["jump to reference"] == "sensitivity"
    by_rule = {r.changes.get("missing", MissingRule.NONABSTINENT): r for r in rows}
    for rule, row in by_rule.items():
        gap = analyse.abstinence_result(sample, spec.replace(missing=rule)).difference[-1]
        assert row.difference.estimate == pytest.approx(gap.probability, rel=1e-12)
        assert row.n_imputed == (0 if rule is MissingRule.MISSING else 57)


def test_assumptions_beside_another_trend_are_departures_too(sample):
    spec = spec_of(sample, trend="linear", adjust=False)
    rows = analyse.assumptions(sample, spec).rows
    assert not any(r.published for r in rows)
    assert all(r.changes["trend"] == "linear" and r.changes["adjust"] is False for r in rows)
    assert {r.kind for r in rows} == {"supplementary", "bound"}


def test_a_row_computed_elsewhere_is_the_row_of_the_table(sample, monkeypatch):
    spec = resolve(sample, AnalysisSpec(imputations=2))[0]
    problem, table = analyse.assumptions_problem(sample, spec), analyse.assumptions(sample, spec)
    assert problem.together([problem.row(rule) for rule in problem.rules]) == table
    assert [r.label for r in problem.together([problem.row(problem.rules[1])]).rows] == [table.rows[1].label]


# --- where it tips ---------------------------------------------------------------------------------------------------


def some_missing(seed=1, imputations=20):
    t = load(Path(__file__).parent / "cases" / "mi_some.csv")
    chosen = {"control": "control", "active": "active", "seed": seed, "imputations": imputations}
    return t, analyse.tipping_problem(t, spec_of(t, **chosen))


@pytest.mark.parametrize("draws", others_slow([40, 80], 40))
def test_the_tipping_point_is_where_the_interval_reaches_zero(draws, monkeypatch):
    monkeypatch.setattr(tipping_points, "DRAWS", draws)
    t, problem = some_missing()
    point = tipping_points.compute(problem, 1)
    assert point.arm == "active" and point.imputations == draws and point.message == ""
    ratios = {"imor_active": point.odds_ratio, "imor_control": 1.0}
    spec = spec_of(t, control="control", active="active", missing=MissingRule.IMOR, imputations=draws, **ratios)
    gap = analyse.abstinence_result(t, spec).difference[-1]
    steep = spec.replace(imor_active=point.odds_ratio * exp(3 * point.monte_carlo_se / point.odds_ratio))
    beyond = analyse.abstinence_result(t, steep).difference[-1]
    assert abs(gap.ci_low) < beyond.ci_low  # nearer to zero than three Monte Carlo errors further on
    assert 0 < point.monte_carlo_se < point.odds_ratio / 2
    assert 0 < point.share_monte_carlo_se < point.share_abstinent < 1


def test_the_first_of_more_draws_are_those_of_fewer():
    _, problem = some_missing()
    many, few = (tipping_points.draws_of(problem, m).draws for m in (60, 25))
    first = many.first(25)
    assert np.array_equal(first.uniform, few.uniform)
    assert first.log_odds == pytest.approx(few.log_odds, rel=1e-10, abs=1e-10)


@pytest.mark.slow
def test_the_monte_carlo_error_is_how_far_seeds_lie_apart():
    values, errors = [], []
    for seed in range(1, 13):
        _, problem = some_missing(seed)
        margin = tipping_points.margin_along_dial(problem, 1, 60, tipping_points.draws_of(problem, 60))
        here = margin(log(0.1))
        values.append(here.value())
        errors.append(here.monte_carlo_se())
    # the SD of 12 values lies within a factor of 2 of what it estimates but once in thousands
    assert 0.5 < np.std(values, ddof=1) / np.mean(errors) < 2


def test_the_sentence_and_the_map_take_the_tipping_point_with_its_error(monkeypatch):
    monkeypatch.setattr(tipping_points, "DRAWS", 25)
    _, problem = some_missing(imputations=5)
    done = {task: tipping_points.compute(problem, task) for task in tipping_points.tasks(problem) if task in LINES}
    m = replace(tipping_map(problem, done), n_done=121)
    assert [p.arm for p in m.points] == ["control", "active"]
    point = m.points[1]
    text = words.tipping(m)
    assert (
        f"(odds ratio about {point.odds_ratio:.2f}, Monte Carlo error " in text and "(SE) with 25 imputations)" in text
    )
    without = replace(m, points=())
    assert ", by 5 imputations)" in words.tipping(without)


def test_an_arm_without_missing_days_has_no_tipping_point(sample):
    problem = analyse.tipping_problem(sample, spec_of(sample))
    assert [task for task in tipping_points.tasks(problem) if isinstance(task, int)] == [0]


LINES = {0, 1, *((k, 5) for k in range(11)), *((5, k) for k in range(11))}


def test_the_json_has_each_arms_tipping_point_with_its_error(sample, monkeypatch):
    monkeypatch.setattr(tipping_points, "DRAWS", 25)
    monkeypatch.setattr(batch, "in_lanes", in_this_process)
    parts, _ = missing_days_document.document(sample, spec_of(sample, imputations=5), deep=True)
    (point,) = parts["tipping"]["map"]["tipping_points"]
    assert point["arm"] == "midazolam" and point["imputations"] == 25
    assert 0 < point["monte_carlo_se"] < point["odds_ratio"] < 3
    assert len(parts["tipping"]["map"]["cells"]) == 11
