"""How far a result holds when the choices behind it are others: one reckoning, wherever it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketadash.core.terms import Terms
from ketadash.results import Estimate, Sensitivity
from ketadash.results.sensitivity import SpecificationCurve

NOISE = 1e-9  # a difference that is none but for the computer's arithmetic
DIGITS = 9  # two fits of the same days agree to more decimals than these


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis of several: the options it chose (what varies most first), and its difference.

    A `bound` is an extreme that nobody believes: it is told apart, unless it is the same as another one here.
    """

    options: tuple[str, ...]
    difference: Estimate
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """In how many of the distinct analyses with an `option` the interval does not include zero.

    `by` is the other option that all of those and none of the rest have, "" where there is none; in `n_opposed` the
    interval lies on the other side of zero than most estimates.
    """

    option: str
    n_clear: int
    n: int
    by: str = ""
    n_opposed: int = 0


@dataclass(frozen=True, slots=True)
class Robustness:
    """Distinct analyses only: what gives the same numbers is counted once, and bounds are apart.

    Attributes
    ----------
    n
        Distinct analyses that have an estimate, bounds apart.
    n_higher, n_lower
        Those in which the active arm's value is higher, or lower.
    n_clear
        Those on the side of most whose interval does not include zero.
    lowest, highest
        Of their differences.
    shares
        The same by the options of the first choice, in their order: what carries the count.
    same
        Options of the first choice that give the same numbers throughout, as groups.
    n_repeats, n_failed
        Analyses that only repeat another, and those without an estimate.
    bounds
        The extremes that are not the same as a counted analysis: option and difference.
    """

    n: int
    n_higher: int
    n_lower: int
    n_clear: int
    lowest: float | None
    highest: float | None
    shares: tuple[Share, ...]
    same: tuple[tuple[str, ...], ...]
    n_repeats: int
    n_failed: int
    bounds: tuple[tuple[str, Estimate], ...]

    @property
    def higher(self) -> bool:
        """Whether the active arm's value is higher in most."""
        return self.n_higher >= self.n_lower

    @property
    def n_opposed(self) -> int:
        """Those whose interval lies on the other side of zero than most estimates."""
        return sum(share.n_opposed for share in self.shares)


@dataclass(frozen=True, slots=True)
class Held:
    """How far an outcome's result holds under every rule for the missing days, or every reading of dropout.

    Nothing is concluded from fewer than `n_planned` analyses.  `n_open` is how many days, or dropouts, the assumptions
    are about; `clusters` whether errors are clustered by participant.
    """

    outcome: str
    arms: tuple[str, str]
    window: tuple[int, int]
    confidence: float
    clusters: bool
    n_open: int
    n_planned: int
    reckoned: Robustness
    terms: Terms

    @property
    def n_done(self) -> int:
        """Analyses computed so far."""
        r = self.reckoned
        return r.n + r.n_repeats + r.n_failed + len(r.bounds)


def reckon(analyses: Sequence[Analysis]) -> Robustness:
    """Count distinct analyses, and say what carries the count."""
    known = [a for a in analyses if a.difference.estimate is not None]
    first: dict[tuple[float, ...], Analysis] = {}
    for one in sorted(known, key=lambda a: a.bound):  # a bound that gives the same days as another counts as that one
        first.setdefault(_numbers(one.difference), one)
    counted = [a for a in first.values() if not a.bound]
    bounds = tuple((a.options[0], a.difference) for a in first.values() if a.bound)
    estimates = [a.difference.estimate or 0.0 for a in counted]
    up, down = sum(e > NOISE for e in estimates), sum(e < -NOISE for e in estimates)
    clear = [a for a in counted if side(a.difference) == (1 if up >= down else -1)]
    return Robustness(
        n=len(counted),
        n_higher=up,
        n_lower=down,
        n_clear=len(clear),
        lowest=min(estimates, default=None),
        highest=max(estimates, default=None),
        shares=_shares(counted, clear, 1 if up >= down else -1),
        same=_same(known),
        n_repeats=len(known) - len(first),
        n_failed=len(analyses) - len(known),
        bounds=bounds,
    )


def side(e: Estimate) -> int:
    """1 where an interval lies above zero, −1 where below, 0 where it includes zero or there is none."""
    if e.ci_low is None or e.ci_high is None:
        return 0
    return (e.ci_low > 0) - (e.ci_high < 0)


def _numbers(e: Estimate) -> tuple[float, ...]:
    ends = (e.estimate, e.ci_low, e.ci_high)
    return tuple(float("inf") if x is None else round(x, DIGITS) for x in ends)


def _shares(counted: list[Analysis], clear: list[Analysis], most: int) -> tuple[Share, ...]:
    by_option: dict[str, list[Analysis]] = {}
    for one in counted:
        by_option.setdefault(one.options[0], []).append(one)
    return tuple(_share(option, rows, [a for a in rows if a in clear], most) for option, rows in by_option.items())


def _share(option: str, rows: list[Analysis], clear: list[Analysis], most: int) -> Share:
    by = ""
    if 0 < len(clear) < len(rows):
        for k, shared in enumerate(clear[0].options[1:], start=1):
            having = [a for a in rows if a.options[k] == shared]
            if len(having) == len(clear) and all(a.options[k] == shared for a in clear):
                by = shared
                break
    return Share(option, len(clear), len(rows), by, sum(side(a.difference) == -most for a in rows))


def _same(known: list[Analysis]) -> tuple[tuple[str, ...], ...]:
    """Options of the first choice whose analyses, the other options being equal, have the same numbers."""
    tables: dict[str, dict[tuple[str, ...], tuple[float, ...]]] = {}
    for one in known:
        tables.setdefault(one.options[0], {})[one.options[1:]] = _numbers(one.difference)
    groups: list[list[str]] = []
    for option, table in tables.items():
        alike = next((g for g in groups if tables[g[0]] == table), None)
        if alike is None:
            groups.append([option])
        else:
            alike.append(option)
    return tuple(tuple(g) for g in groups if len(g) > 1)


def of_sensitivity(result: Sensitivity) -> Robustness:
    """The specifications of the Overview, or every assumption about the missing days."""
    return reckon([Analysis(r.choices, r.difference, r.kind == "bound") for r in result.rows])


def of_curve(curve: SpecificationCurve) -> Robustness:
    """A specification curve, as far as it is computed."""
    order = {name: {option: k for k, option in enumerate(options)} for name, options in curve.names.items()}

    def place(choices: dict[str, str]) -> tuple[int, ...]:
        return tuple(order[name].get(option, 0) for name, option in choices.items() if name in order)

    rows = sorted(curve.rows, key=lambda r: place(r.choices))  # by option, not by estimate
    first = "dropout" if "dropout" in curve.names else "missing"
    return reckon(
        [
            Analysis(
                (r.choices.get(first, ""), *(v for k, v in r.choices.items() if k != first)),
                r.difference,
                r.kind == "bound",
            )
            for r in rows
        ]
    )
