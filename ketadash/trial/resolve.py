"""Fill in what an `AnalysisSpec` leaves to the trial: arms, window, columns; say what was guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from ketadash.core.choices.endpoint.relapse_rules import relapse_rule
from ketadash.core.errors import DataError, SpecError
from ketadash.core.findings import COLUMNS_SHOWN, Answer, Check, UnansweredError, listed, short
from ketadash.core.spec import AnalysisSpec, ReadingOfTests, Window
from ketadash.files import limits
from ketadash.trial import cells, covariates, population
from ketadash.trial.baseline import HEAVY, for_window
from ketadash.trial.check import FURTHEST_DAY, Rows, amount_checks
from ketadash.trial.model import Trial
from ketadash.trial.recognise import (
    AMOUNTS,
    TESTS,
    UNKNOWN_AMOUNT,
    amount_column,
    baseline_column,
    control_arm,
    near,
)
from ketadash.trial.several_arms import multiplicity

TESTS_OF_OLD = "etg_positive"  # read as test results without being named
MOST = 200  # specs remembered for a trial, since a page resolves the same two or three of them ten times over
# What resolving neither reads nor changes: the stops of a dial are resolved once, not each anew from all the days.
PASSED_ON = ("imor_control", "imor_active", "imputations", "seed", "trend", "estimand", "uncertainty", "confidence")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A spec with all that it left to the trial; `notes` say what was guessed.

    `unadjusted` says why the models are not adjusted for a baseline although that was chosen; "" where they are, or
    where it was not chosen. It is the first of the notes but for those about the arms.
    """

    spec: AnalysisSpec
    notes: tuple[str, ...]
    unadjusted: str


_known: WeakKeyDictionary[Trial, dict[AnalysisSpec, Resolved]] = WeakKeyDictionary()
_door = Lock()


def resolve(trial: Trial, spec: AnalysisSpec) -> tuple[AnalysisSpec, tuple[str, ...]]:
    """`spec` with arms, window, amount and baseline filled in, and warnings that say what was guessed.

    `tau` stays None, which means the last day of the window.  A spec already resolved comes back unchanged.

    Raises
    ------
    SpecError
        For an arm or column that the data do not have, a window outside them, or arms still to be chosen.
    DataError
        For amounts that are no numbers, and for a trial in which nothing is left to analyse; (`UnansweredError`) where
        the names of two arms do not tell which is the active one.
    """
    resolved = _resolved(trial, spec)
    return resolved.spec, resolved.notes


def why_unadjusted(trial: Trial, spec: AnalysisSpec) -> str:
    """Why the models are not adjusted for a baseline although `spec` asks for it, as the notes say it; else "".

    Raises what `resolve` raises.
    """
    return _resolved(trial, spec).unadjusted


def _resolved(trial: Trial, spec: AnalysisSpec) -> Resolved:
    with _door:
        known = _known.setdefault(trial, {})
        resolved = known.get(spec)
    if resolved is None:
        resolved = _as_another(trial, spec)
        with _door:
            if len(known) >= MOST:
                known.clear()
            known[spec] = resolved
    return resolved


def _as_another(trial: Trial, spec: AnalysisSpec) -> Resolved:
    """As a spec was resolved that differs in nothing that resolving asks."""
    plain = AnalysisSpec()
    other = spec.replace(**{name: getattr(plain, name) for name in PASSED_ON})
    if other == spec:
        return resolved_anew(trial, spec)
    resolved = _resolved(trial, other)
    return replace(resolved, spec=resolved.spec.replace(**{name: getattr(spec, name) for name in PASSED_ON}))


def resolved_anew(trial: Trial, spec: AnalysisSpec) -> Resolved:
    """`spec` resolved from the trial's tables, whatever was resolved before."""
    amount = _amount(trial, spec)
    control, active, notes = _arms(trial, spec)
    chosen = population.checked(trial, spec.population, (control, active))
    spec = spec.replace(control=control, active=active, population=chosen)
    if spec.subgroup is not None:
        spec = spec.replace(subgroup=population.column_of_people(trial, spec.subgroup, "subgroups"))
    days, window_notes = _window(trial, spec, (control, active), amount)
    baseline, reason = _baseline(trial, spec, amount, days)
    unadjusted = ""
    if reason and spec.adjust:
        unadjusted = f"no baseline adjustment: {reason}{_heavy_too(trial, spec, days)}"
        notes += (unadjusted,)
    _can_happen(spec, days)
    _tests(trial, spec)
    resolved = covariates.resolved(trial, spec, amount).replace(
        days=days,
        amount=amount,
        baseline=baseline,
        adjust=spec.adjust and baseline is not None,
    )
    chosen_set = population.analysis_set(trial, resolved)
    of_set = [chosen_set.sentence] if chosen_set else []
    several = [text] if (text := multiplicity(trial, resolved)) else []
    return Resolved(resolved, (*notes, *of_set, *several, *window_notes), unadjusted)


def _can_happen(spec: AnalysisSpec, days: Window) -> None:
    """Refuse a relapse that nobody can have within the window."""
    begins = days.first if spec.relapse_from is None else spec.relapse_from
    if begins > days.last:
        raise SpecError(f"relapse counts from day {begins} on, after the window {days}; choose a day in it")
    rule = relapse_rule(spec.relapse)
    if part := rule.too_long_for(days.first, days.last, begins):
        raise SpecError(
            f"nobody can relapse by {part}: that takes {part.kind.least(part.numbers)} days, and the window {days} has "
            f"fewer from day {max(begins, days.first)} on; choose a shorter run or a longer window"
        )


def test_columns(trial: Trial) -> tuple[str, ...]:
    """Columns of days and visits that hold test results: positive, negative or nothing."""
    frames = [trial.days, *([trial.visits] if trial.visits is not None else [])]
    return tuple(dict.fromkeys(c for frame in frames for c in frame.columns[2:] if _are_tests(frame[c])))


def _are_tests(cells: pd.Series) -> bool:
    if cells.name == TESTS_OF_OLD:
        return True
    if is_numeric_dtype(cells):
        return False
    words = {str(word).strip().lower() for word in cells.dropna().unique()[:20]}
    return bool(words) and words <= set(TESTS)


def _tests(trial: Trial, spec: AnalysisSpec) -> None:
    """Refuse a column of tests that is none, and tests that are needed where there are none."""
    offered, column = test_columns(trial), test_column(trial, spec)
    if column is not None and column not in offered:
        has = f"such columns are {listed(offered)}" if offered else "no column of these files holds test results"
        raise SpecError(f"'{column[:40]}' holds no test results, positive or negative; {has}")
    if column is None and spec.etg and spec.tested is ReadingOfTests.REQUIRED:
        raise SpecError("a week needs a test to be known, but there is no column of test results; name it (--tests)")


def test_column(trial: Trial, spec: AnalysisSpec) -> str | None:
    """The column of test results that is read; None where there is none."""
    named = spec.tests or trial.declared.tests
    if named is not None:
        return named
    frames = (trial.days, trial.visits)
    return TESTS_OF_OLD if any(f is not None and TESTS_OF_OLD in f for f in frames) else None


def amount_columns(trial: Trial) -> tuple[str, ...]:
    """Columns that could hold daily amounts: numbers that change from day to day."""
    days, people = trial.days, trial.participants
    return tuple(
        c for c in days.columns[3:] if c not in people.columns and c != UNKNOWN_AMOUNT and is_numeric_dtype(days[c])
    )


def baseline_columns(trial: Trial) -> tuple[str, ...]:
    """Columns that could be a baseline covariate: numbers, one a participant."""
    people = trial.participants
    return tuple(c for c in people.columns[2:] if is_numeric_dtype(people[c]))


def amounts(trial: Trial, column: str) -> np.ndarray:
    """The daily amounts in `column`, (n rows,) float, NaN where not reported.

    Raises
    ------
    DataError
        For cells that are no numbers, negative or impossible; `load` has checked only the recognised column.
    """
    cell = trial.days[column]
    if cell.dtype.kind == "f":
        values, bad = cell.to_numpy(), np.zeros(len(cell), dtype=bool)
    else:
        values, bad = cells.numbers(cell.astype("category"), trial.decimal_comma)
    day = trial.days["day"].to_numpy().astype(float)
    rows = Rows(
        trial.day_file,
        trial.days.index.to_numpy(),
        trial.days["participant_id"].to_numpy(),
        trial.days["arm"].to_numpy(),
        day,
        np.zeros(len(cell), dtype=bool),
    )
    errors = [c for c in amount_checks(rows, column, values, bad, cell.to_numpy()) if c.severity == "error"]
    if errors:
        raise DataError(errors[0].message)
    return values


def _arms(trial: Trial, spec: AnalysisSpec) -> tuple[str, str, tuple[str, ...]]:
    sizes = trial.participants["arm"].value_counts()
    present = sorted(sizes.index)
    for option, arm in (("control", spec.control), ("active", spec.active)):
        if arm is not None and arm not in present:
            hint = near(arm, present)
            raise SpecError(f"there is no arm '{short(arm)}' for {option}; the arms are {_named(present)}{hint}")
    control, active, notes = _pair(trial, spec, present)
    for arm in (control, active):
        if sizes[arm] < 2:
            raise DataError(
                f"the arm '{short(arm)}' has one participant; a comparison needs at least two in each arm: "
                "choose other arms or add participants"
            )
    return control, active, notes


def _named(arms: list[str]) -> str:
    return listed(map(short, arms), most=COLUMNS_SHOWN)


def _pair(trial: Trial, spec: AnalysisSpec, present: list[str]) -> tuple[str, str, tuple[str, ...]]:
    control, active, declared = spec.control, spec.active, trial.declared
    if control is None and active != declared.control:
        control = declared.control
    if active is None and control != declared.active:
        active = declared.active
    if control is not None and active is not None:
        return control, active, ()
    if len(present) > 2:
        raise SpecError(
            f"the data have {len(present)} arms ({_named(present)}); choose two of them: control and "
            "active (--control and --active on the command line)"
        )
    if control is None and active is None:
        control = control_arm(present)
        if control is None:
            raise UnansweredError([_which_arm(trial, present)])
        active = next(arm for arm in present if arm != control)
        taken = f"'{short(control)}' is taken for the control by its name, '{short(active)}' for the active arm"
        return control, active, (f"arms guessed: {taken}; choose them if it is the other way round",)
    chosen = control or active
    other = next(arm for arm in present if arm != chosen)
    return (control or other), (active or other), ()


def _which_arm(trial: Trial, present: list[str]) -> Check:
    """The question which of two arms is the active one, their names saying nothing of it."""
    first, second = present
    people, days = len(trial.participants), len(trial.days)
    answers = tuple(
        Answer(control, f"'{short(active)}' is the active arm, '{short(control)}' the control", people, days)
        for control, active in ((first, second), (second, first))
    )
    text = f"The arms are called '{short(first)}' and '{short(second)}'. Which one is the active treatment?"
    return Check("which_arm", "question", text, 2, (), "control", answers, "--control")


def _amount(trial: Trial, spec: AnalysisSpec) -> str:
    present = list(trial.days.columns[3:])
    if spec.amount is not None:
        return covariates.column_named(spec.amount, present, "amounts")
    amount = trial.declared.amount or amount_column(present)
    if amount is None:
        raise SpecError(
            f"no column of daily amounts recognised in {trial.day_file} (looked for {', '.join(AMOUNTS[:4])}, …); "
            f"it has: {listed(present, most=COLUMNS_SHOWN)}{near('drinks', present)}. Rename it to drinks, or name it "
            "(--amount on the command line)"
        )
    return amount


def _window(trial: Trial, spec: AnalysisSpec, arms: tuple[str, str], amount: str) -> tuple[Window, tuple[str, ...]]:
    people = population.people_of(trial, spec)
    in_arms = trial.days["arm"].isin(arms).to_numpy()
    day = trial.days["day"].to_numpy()[in_arms]
    analysed = trial.days["participant_id"].isin(people["participant_id"]).to_numpy()
    reported = np.isfinite(amounts(trial, amount)[in_arms]) & analysed[in_arms]
    if not len(day):
        raise DataError(f"{trial.day_file} has no day of the arms {arms[0]} and {arms[1]}; add their rows")
    span = f"the data have days {day.min()} to {day.max()}"
    window = spec.days or trial.declared.days
    if window is None:
        if day.max() < 1:
            raise DataError(
                f"no day is 1 or later ({span}); number the first day after the start of treatment 1, or "
                "choose a window (--days on the command line)"
            )
        window = Window(int(day[day >= 1].min()), int(day.max()))
    if window.n_days > FURTHEST_DAY:
        raise SpecError(f"a window of {window.n_days} days is too long; choose at most {FURTHEST_DAY}")
    if len(people) * window.n_days > limits().cells:
        raise SpecError(
            f"{len(people):,} participants on {window.n_days:,} days are more than the {limits().cells:,} cells "
            "that are analysed; choose a shorter window"
        )
    inside = (day >= window.first) & (day <= window.last)
    if not inside.any():
        raise SpecError(f"no day of the window {window} is in the data ({span}); choose another window")
    if not reported[inside].any():
        raise DataError(
            f"'{amount}' is empty on every day of the window {window}; there is nothing to analyse: choose "
            "another window or another column of amounts"
        )
    if day.min() <= window.first and window.last <= day.max():
        return window, ()
    if window != trial.declared.days:
        raise SpecError(
            f"the window {window} reaches beyond anyone's follow-up ({span}); choose a window within it, or declare "
            f'days = "{window}" in trial.toml if people were to be followed that long: the days outside then count as '
            "missing"
        )
    return window, (
        f"the declared window {window} reaches beyond the data ({span}): the days outside count as missing",
    )


def _heavy_too(trial: Trial, spec: AnalysisSpec, days: Window) -> str:
    """That a baseline of heavy days, which could be used, is not, and how it would be; empty without one."""
    people = population.people_of(trial, spec)
    if HEAVY not in people or spec.baseline == HEAVY:
        return ""
    values, _ = for_window(trial, people, HEAVY, days.first)
    if values is None or values.dropna().nunique() < 2:
        return ""
    return f". '{HEAVY}' is not used either, for heavy days: choose it as the baseline to adjust for it"


def _baseline(trial: Trial, spec: AnalysisSpec, amount: str, days: Window) -> tuple[str | None, str]:
    """The baseline column, or None and the reason why there is none."""
    people = population.people_of(trial, spec)
    daily = list(trial.days.columns[3:])
    present = [c for c in people.columns[2:]] + [c for c in daily if c not in people.columns]
    if spec.baseline is not None:
        name: str | None = covariates.column_named(spec.baseline, present, "the baseline")
    else:
        name = trial.declared.baseline or baseline_column(people.columns, amount)
    if name is None:
        return None, "no baseline column recognised"
    if name not in people.columns:
        wrong = trial.days.groupby("participant_id")[name].nunique(dropna=False)
        raise DataError(
            f"'{name}' changes within {int((wrong > 1).sum())} participants "
            f"({listed(list(wrong.index[wrong > 1]))}); a baseline has one value a participant: choose "
            "another column"
        )
    if not pd.api.types.is_numeric_dtype(people[name]):
        raise SpecError(f"'{name}' holds words, not numbers; choose a column of numbers as the baseline")
    values, note = for_window(trial, people, name, days.first)
    if values is None:
        return None, note
    distinct = values.dropna().nunique()
    if distinct < 2:
        return None, f"'{name}' is {'empty' if distinct == 0 else 'the same for everybody'}"
    return name, ""
