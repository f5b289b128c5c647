"""All of sensitivity in one go: the results of each part alone, and what parts share computed once."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from lanes import in_this_process
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse import batch, every_assumption, filled_days, holding, specification_tasks, tipping_points
from ketadash.analyse.tipping_map import cells
from ketadash.core.errors import FitError
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule
from ketadash.results import Estimate
from ketadash.results.sensitivity import TippingPoint
from ketadash.stats import glmm
from ketadash.trial import load, resolve


def some_missing(**changes):
    """A small trial whose conclusion tips along one arm's dial."""
    t = load(Path(__file__).parent / "cases" / "mi_some.csv")
    return t, resolve(t, AnalysisSpec(control="control", active="active", imputations=5, **changes))[0]


def of_both_arms(task):
    """Whether it is a cell beside the arms' own lines, and no corner of the map: 96 of the 121, each computed alike."""
    return isinstance(task, tuple) and 5 not in task and not {*task} <= {0, 10}


@pytest.fixture
def few(monkeypatch):
    """Few draws, and of the map the two lines and the corners."""
    monkeypatch.setattr(tipping_points, "DRAWS", 25)
    every = tipping_points.tasks
    monkeypatch.setattr(tipping_points, "tasks", lambda problem: [t for t in every(problem) if not of_both_arms(t)])


@pytest.fixture
def here(monkeypatch, few):
    monkeypatch.setattr(batch, "in_lanes", in_this_process)


def alike(one, other):
    assert type(one) is type(other)
    for name in one.__slots__:
        a, b = getattr(one, name), getattr(other, name)
        assert a == (pytest.approx(b, rel=1e-6, abs=1e-9) if isinstance(b, float) else b), name


def test_each_part_is_what_it_is_alone(here):
    parts_are_what_they_are_alone(25)


@pytest.mark.slow
def test_each_part_is_what_it_is_alone_with_all_of_the_map(monkeypatch):
    monkeypatch.setattr(tipping_points, "DRAWS", 25)
    monkeypatch.setattr(batch, "in_lanes", in_this_process)
    parts_are_what_they_are_alone(121)


def parts_are_what_they_are_alone(n_cells):
    t, spec = some_missing()
    found = every_assumption.every_assumption(t, spec)
    assert found.combinations == analyse.sensitivity(t, spec) and found.combinations.n_open == 0
    assert found.assumptions == analyse.assumptions(t, spec)
    assert dict(found.rules) == holding.rows_of(t, spec, holding.ABSTINENCE)
    assert found.heavy == dict(holding.heavy_assumptions(t, spec)) and set(found.heavy) == set(MissingRule)
    problem = analyse.tipping_problem(t, spec)
    assert set(found.tipping) == set(tipping_points.tasks(problem))
    assert sum(isinstance(task, tuple) for task in found.tipping) == n_cells
    assert isinstance(found.tipping[1], TippingPoint) and found.tipping[1].odds_ratio is not None
    for task, result in found.tipping.items():
        alike(result, tipping_points.compute(problem, task))


def test_worker_processes_give_the_same(two_workers, monkeypatch):
    # no tipping points: workers would search with as many draws as ever
    monkeypatch.setattr(tipping_points, "tasks", lambda problem: cells(problem)[:5])
    t, spec = some_missing()
    there = every_assumption.every_assumption(t, spec)
    monkeypatch.setattr(batch, "in_lanes", in_this_process)
    assert every_assumption.every_assumption(t, spec) == there and len(there.tipping) == 5


def test_records_are_read_once_for_all_rules_and_once_for_both_tipping_points(here, monkeypatch):
    t, spec = some_missing()
    analyse.tipping_problem(t, spec)
    read, plain = Counter(), filled_days.own_record
    monkeypatch.setattr(tipping_points, "tips_between", lambda *_: (-3.0, 0.0))  # both arms tip
    for module in (filled_days, specification_tasks, tipping_points):
        monkeypatch.setattr(
            module, "own_record", lambda p, s, o: (read.update([(o.name, s.imputations)]), plain(p, s, o))[1]
        )
    found = every_assumption.every_assumption(t, spec)
    assert {arm for arm in found.tipping if isinstance(arm, int)} == {0, 1}
    assert read == {("abstinence", 5): 1, ("heavy", 5): 1, ("abstinence", 25): 1}


def test_what_is_waited_for_begins_first(monkeypatch, few):
    asked = []

    def noting(f, tasks, rest):
        for piece, results in in_this_process(f, tasks, rest):
            asked.append((piece.kind, piece.of))
            yield piece, results

    monkeypatch.setattr(batch, "in_lanes", noting)
    every_assumption.every_assumption(*some_missing())
    kinds = [kind for kind, _ in asked]
    point = asked.index((every_assumption.TIPPING, (1,)))
    assert kinds[:3] == [every_assumption.TIPPING] * 2 + ["records"]  # along each arm's dial, and what follows from it
    assert point < kinds.index(every_assumption.HEAVY) < kinds.index(every_assumption.COMBINATIONS)


def test_a_trial_in_which_nothing_is_missing_has_one_cell(here):
    t = trial(frame(3).fillna({"drinks": 0.0}))
    spec = resolve(t, AnalysisSpec(imputations=3))[0]
    found = every_assumption.every_assumption(t, spec)
    assert list(found.tipping) == list(cells(analyse.tipping_problem(t, spec))) and len(found.tipping) == 1


@pytest.mark.parametrize("changes", [{}, {"estimator": Estimator.RSPL}, {"penalised": True}])
def test_cells_together_are_each_cell_alone(changes):
    t, spec = some_missing(**changes)
    problem = analyse.tipping_problem(t, spec)
    row = [(0, 3), (2, 3), (5, 3), (10, 3), (10, 10)]
    for together, at in zip(problem.cells(row), row, strict=True):
        alike(together, problem.cell(at))


def test_cells_together_are_laid_out_once(monkeypatch):
    t, spec = some_missing()
    problem, laid_out, plain = analyse.tipping_problem(t, spec), [], glmm.laid_out
    monkeypatch.setattr(glmm, "laid_out", lambda *a: (laid_out.append(1), plain(*a))[1])
    problem.cells([(2, 3), (3, 3), (4, 3)])
    assert laid_out == [1]


def test_cells_whose_rows_have_no_model_have_no_answer(monkeypatch):
    t, spec = some_missing()
    problem = analyse.tipping_problem(t, spec)

    def refuse(*_):
        raise FitError("a column repeats others")

    monkeypatch.setattr(glmm, "laid_out", refuse)
    nothing = Estimate(None, None, None)
    assert problem.cells([(2, 3), (3, 3)]) == [nothing, nothing] == [problem.cell(at) for at in ((2, 3), (3, 3))]


def test_the_trial_tells(few):
    """Its arms' lines differ, and not all of its cells are alike."""
    t, spec = some_missing()
    problem = analyse.tipping_problem(t, spec)
    assert len(np.unique([e.estimate for arm in (0, 1) for e in problem.cells(tipping_points.line_of(arm))])) > 15
