"""Draws that several specifications share are those of each asked alone: by estimator, by rule, and by outcome."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse import binary, filled_days, holding
from ketadash.analyse.filled_days import abstinent_days, heavy_days, known_fit
from ketadash.analyse.specification_tasks import rows_of
from ketadash.analyse.specifications import PROBLEMS
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule
from ketadash.stats import imputation
from ketadash.trial import resolve

RULES = [rule for rule in MissingRule if rule.imputed]
OUTCOMES = {"abstinence": (binary.abstinence_draws, abstinent_days), "heavy": (binary.heavy_draws, heavy_days)}


@pytest.fixture
def left():
    """A made-up trial in which people of both arms leave, and its choices."""
    d = frame(3, n_people=14, n_days=9)
    for number, who in enumerate(("P00", "P01", "P05", "P07")):
        d.loc[(d.participant_id == who) & (d.day > 3 + number), "drinks"] = None
    t = trial(d)
    return t, resolve(t, AnalysisSpec(imputations=3))[0]


def in_one_go(trial, spec, outcome):
    """The draws as `imputation.draw` makes them from the rule's own designs, nothing shared with anything."""
    p, of = analyse.panel_of(trial, spec), OUTCOMES[outcome][1](analyse.panel_of(trial, spec), spec)
    fit, _ = known_fit(p, spec, of)
    arm = np.broadcast_to(p.active[:, None], p.amount.shape).astype(float)
    after = p.days >= filled_days.dropout_day(p).filled(p.days[-1] + 1)[:, None]
    read, drawn_in = (filled_days.design_in(p, of, x) for x in spec.missing.about.draw_in(arm, after))
    names = [f"{of.name} {i}" for i in p.streams]
    streams = imputation.streams(names, of.known.missing, len(fit.beta) + 1, spec.imputations, spec.seed)
    return imputation.draw(fit, np.where(of.known.missing, np.nan, of.known.y), read, drawn_in, streams)


def same(one, other):
    assert np.array_equal(one.where, other.where)
    assert np.array_equal(one.log_odds, other.log_odds) and np.array_equal(one.uniform, other.uniform)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("order", [1, -1])
def test_draws_after_another_rules_are_those_of_a_rule_alone(left, outcome, order):
    t, spec = left
    made = {rule: OUTCOMES[outcome][0](t, spec.replace(missing=rule)).draws for rule in RULES[::order]}
    for rule, draws in made.items():
        same(draws, in_one_go(t, spec.replace(missing=rule), outcome))
    # the trial tells the rules apart
    assert len({draws.log_odds.tobytes() for draws in made.values()}) == len(RULES)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_rows_of_the_curve_are_those_of_each_specification_alone(left, outcome, monkeypatch):
    t, spec = left
    task = next(task for task in PROBLEMS[outcome](t, spec).tasks if task.specs[0][1].missing.imputed)
    assert {one.missing for _, one in task.specs} == set(RULES)
    if outcome == "abstinence":
        assert {one.estimator for _, one in task.specs} == set(Estimator)
    read, plain = Counter(), imputation.draw_intercepts
    monkeypatch.setattr(imputation, "draw_intercepts", lambda *a: (read.update(["record"]), plain(*a))[1])
    together = rows_of(task)
    p = task.panel
    missing = np.isnan(p.amount).any(axis=1)
    gone = p.active & ~np.ma.getmaskarray(filled_days.dropout_day(p))
    assert read["record"] == missing.sum() + gone.sum()  # once, and again as copy reference reads it
    monkeypatch.undo()
    some = [one for one in task.specs if one[1].estimator is not Estimator.SLOPE]
    alone = [row for one in some for row in rows_of(replace(task, specs=(one,)))]
    by_place = {row.place: row for row in together}
    assert alone == [by_place[place] for place, _ in some]


def test_heavy_days_under_every_rule_read_the_records_once_and_give_what_each_rule_gives_alone(left, monkeypatch):
    t, spec = left
    problem = holding.heavy_assumptions_problem(t, spec)
    alone = tuple((rule, problem.row(rule)) for rule in problem.rules)
    read, plain = Counter(), filled_days.own_record
    for module in (filled_days, binary):
        monkeypatch.setattr(module, "own_record", lambda *a: (read.update(["records"]), plain(*a))[1])
    assert holding.heavy_assumptions(t, spec) == alone
    assert read["records"] == 1
