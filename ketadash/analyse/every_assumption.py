"""All that the missing days can do to a trial's results, computed by the worker processes in one go.

Every combination of the published choices, every missing-day rule, for abstinence and for heavy days, the tipping map
and its tipping points: what takes long or is waited for begins first, and no worker waits for the end of another kind
of work.  What can be shared is computed once: rules that impute are one piece, the cells along an arm's dial tell
between which of them its conclusion tips, and both arms' tipping points rest on the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from ketadash.analyse import batch, holding, progress, tipping_points
from ketadash.analyse.sensitivity import assumptions_problem, sensitivity_problem
from ketadash.analyse.tipping_map import Cell, TippingProblem, tipping_problem
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.results import Estimate, Sensitivity, SensitivityRow
from ketadash.results.sensitivity import TippingPoint
from ketadash.trial import Trial

COMBINATIONS, RULES, HEAVY, TIPPING = "combinations", "rules", "heavy days", "tipping map"
WHAT = "choices, missing-day rules and tipping map"


class EveryAssumption(NamedTuple):
    """What came of it; `heavy` is empty where the amounts cannot tell heavy days."""

    combinations: Sensitivity
    rules: dict[MissingRule, SensitivityRow]
    assumptions: Sensitivity
    heavy: dict[MissingRule, Estimate]
    tipping: dict[Cell | int, Estimate | TippingPoint]

    def rows_of(self, outcome: str) -> Mapping[MissingRule, holding.Row]:
        """As `holding.rows_of`."""
        return self.heavy if outcome == holding.HEAVY else self.rules


class Piece(NamedTuple):
    """Some results of one kind, by what they are of: `compute()` gives them in that order, in whatever process."""

    kind: str
    of: tuple[Any, ...]
    compute: Callable[[], Sequence[Any]]


def every_assumption(trial: Trial, spec: AnalysisSpec) -> EveryAssumption:
    """All of it, which for a trial of real size takes minutes."""
    choices, rules = sensitivity_problem(trial, spec), assumptions_problem(trial, spec)
    heavy, tipping = holding.heavy_assumptions_problem(trial, spec), tipping_problem(trial, spec)
    map_ = _Map(tipping)
    pieces = [
        *map_.begin(),
        *_by_rule(HEAVY, heavy),
        *_by_rule(RULES, rules),
        *map_.rest(),
        *(Piece(COMBINATIONS, (one,), partial(_each, choices.row, (one,))) for one in choices.combinations),
    ]
    by_kind: dict[str, dict[Any, Any]] = {kind: {} for kind in (COMBINATIONS, RULES, HEAVY, TIPPING)}
    of = sum(len(piece.of) for piece in pieces) + map_.n_arms
    done = batch.in_lanes(_computed, pieces, lambda piece, results, n: map_.after(piece, results))
    progress.tell(WHAT, 0, of)
    for piece, results in done:
        if piece.kind in by_kind:
            by_kind[piece.kind].update(zip(piece.of, results, strict=True))
        progress.tell(WHAT, sum(len(results) for results in by_kind.values()) + len(map_.never_tip), of)
    in_order = {rule: by_kind[RULES][rule] for rule in rules.rules}
    return EveryAssumption(
        choices.together(by_kind[COMBINATIONS]),
        in_order,
        rules.together(list(in_order.values())),
        {} if heavy is None else {rule: by_kind[HEAVY][rule] for rule in heavy.rules},
        by_kind[TIPPING] | map_.never_tip,
    )


def _computed(piece: Piece) -> Sequence[Any]:
    return piece.compute()


def _each(f: Callable[[Any], Any], of: Sequence[Any]) -> list[Any]:
    return [f(one) for one in of]


def _by_rule(kind: str, problem: Any) -> Iterator[Piece]:
    """Rules that impute together, as they share their records; the others one by one."""
    if problem is None:
        return
    imputed = tuple(rule for rule in problem.rules if rule.imputed)
    for rules in (imputed, *((rule,) for rule in problem.rules if not rule.imputed)):
        yield Piece(kind, rules, partial(problem.rows_of_rules, rules))


@dataclass(eq=False)
class _Map:
    """The pieces of the tipping map, in the order in which they can be computed."""

    problem: TippingProblem
    never_tip: dict[int, TippingPoint] = field(default_factory=dict)
    _between: dict[int, tuple[float, float]] = field(default_factory=dict)
    _lines: dict[Cell, Estimate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tasks = tipping_points.tasks(self.problem)
        self._arms = tuple(task for task in tasks if isinstance(task, int))
        self._cells = tuple(task for task in tasks if isinstance(task, tuple))
        self._along = {cell: None for arm in self._arms for cell in tipping_points.line_of(arm)}

    @property
    def n_arms(self) -> int:
        """How many arms have a tipping point, or may have."""
        return len(self._arms)

    def begin(self) -> Iterator[Piece]:
        """The cells along each arm's dial, that of odds ratio 1 in both but once."""
        begun = set[Cell]()
        for arm in self._arms:
            line = tuple(cell for cell in tipping_points.line_of(arm) if cell not in begun)
            begun.update(line)
            yield self._of(line)

    def rest(self) -> Iterator[Piece]:
        """The other cells, a row at a time."""
        rows: dict[int, list[Cell]] = {}
        for cell in sorted(set(self._cells) - set(self._along)):
            rows.setdefault(cell[0], []).append(cell)
        return (self._of(tuple(row)) for row in rows.values())

    def _of(self, cells: tuple[Cell, ...]) -> Piece:
        return Piece(TIPPING, cells, partial(self.problem.cells, cells))

    def after(self, piece: Piece, results: Sequence[Any]) -> list[Piece]:
        """What can be computed now that a piece is: once all lines are, records, and with these the tipping points."""
        if piece.kind == _RECORDS:
            of = {arm: partial(_point, self.problem, arm, at, results[0]) for arm, at in self._between.items()}
            return [Piece(TIPPING, (arm,), compute) for arm, compute in of.items()]
        if piece.kind != TIPPING or len(self._lines) == len(self._along):
            return []
        self._lines |= {cell: e for cell, e in zip(piece.of, results, strict=True) if cell in self._along}
        if len(self._lines) < len(self._along):
            return []
        for arm in self._arms:
            line = [self._lines[cell] for cell in tipping_points.line_of(arm)]
            between = tipping_points.tips_between(self.problem, arm, line)
            if isinstance(between, TippingPoint):
                self.never_tip[arm] = between
            else:
                self._between[arm] = between
        many = tipping_points.how_many(self.problem)
        read = partial(_each, partial(tipping_points.records_of, self.problem), (many,))
        return [Piece(_RECORDS, (many,), read)] if self._between else []


_RECORDS = "records"


def _point(problem: TippingProblem, arm: int, between: tuple[float, float], own: Any) -> list[TippingPoint]:
    return [tipping_points.searched(problem, arm, between, own)]
