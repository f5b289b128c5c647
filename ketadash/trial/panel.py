"""The analysis table: participants × days of the window, from the rows of a trial."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ketadash.core.errors import SpecError
from ketadash.core.findings import counted, listed
from ketadash.core.spec import AnalysisSpec, ReadingOfTests, Window
from ketadash.core.terms import DRINKS, Terms
from ketadash.trial import cells
from ketadash.trial.baseline import HEAVY, for_window
from ketadash.trial.covariates import adjustment
from ketadash.trial.model import Trial
from ketadash.trial.population import people_of
from ketadash.trial.recognise import UNKNOWN_AMOUNT, amount_column, natural_order
from ketadash.trial.resolve import TESTS_OF_OLD, amounts, test_column
from ketadash.trial.trial_terms import terms_of

IF_ADJUSTED = "if adjusted for baseline, models of heavy days take"


@dataclass(frozen=True, eq=False)
class Panel:
    """G participants × T days, every cell of it: whoever was randomised has a row, whatever was reported.

    Attributes
    ----------
    participant_ids
        Control arm first, then active, natural order of the ids within (of those in the file, if they are masked).
    arms
        Control, active.
    active
        (G,) bool.
    days
        (T,) int, every day of the window.
    amount
        (G, T) float; NaN where nothing was reported (an empty cell or no row at all).
    earlier
        (G, E) float: the same for the days of treatment before the window, where it begins late; else E is 0.
    overridden
        (G, T) bool: a drinking day of unknown amount (`amount` is 0 there): reported abstinent and made one by a
        positive EtG test, or reported as one without an amount.
    unknown_amount
        (G, T) bool: those of `overridden` that were reported so.
    heavy_threshold
        (G,) float; a heavy day has more than this.
    baseline, baseline_heavy
        (G,) float or None; a participant without a value has the mean of the others (see `warnings`).
    baseline_filled
        Whether somebody's baseline is such a mean, in a model that can be fitted.
    can_tell_heavy
        False where amounts are only 0 and 1, a column of yes and no.
    terms
        What the amounts and days are called.
    tests
        (G, T) float: 1 with a positive test on the day, 0 with none but negative ones, NaN without any (or where
        tests are ignored).
    streams
        Participants by their ids in the file, which random numbers go by: masking must not change a result.
    covariates, covariate_names, of_strata
        (G, c) float: what the models are adjusted for besides the baseline, what each column is called, and which of
        these names are levels of strata.
    strata, strata_columns, strata_labels
        (G,) int: codes of the strata within which tests and shuffles go, None without any; the columns that they are
        made of, and what each code is called.
    """

    participant_ids: tuple[str, ...]
    arms: tuple[str, str]
    active: np.ndarray
    days: np.ndarray
    amount: np.ndarray
    earlier: np.ndarray
    overridden: np.ndarray
    unknown_amount: np.ndarray
    heavy_threshold: np.ndarray
    baseline: np.ndarray | None
    baseline_filled: bool
    baseline_heavy: np.ndarray | None
    can_tell_heavy: bool
    warnings: tuple[str, ...]
    tests: np.ndarray
    terms: Terms = DRINKS
    streams: tuple[str, ...] = ()
    covariates: np.ndarray | None = None
    covariate_names: tuple[str, ...] = ()
    of_strata: frozenset[str] = frozenset()
    strata: np.ndarray | None = None
    strata_columns: tuple[str, ...] = ()
    strata_labels: tuple[str, ...] = ()

    @property
    def n_missing(self) -> int:
        """Days of the window without a report, over all participants."""
        return int(np.isnan(self.amount).sum())


def panel(trial: Trial, spec: AnalysisSpec) -> Panel:
    """Lay out the two arms' window as a table; `spec` must be resolved, and only its `PANEL` fields matter.

    Raises
    ------
    SpecError
        When `spec` has not been through `resolve`.
    """
    if spec.control is None or spec.active is None or spec.days is None or spec.amount is None:
        raise SpecError("the choices are not resolved: arms, window and amounts must be filled in by resolve() first")
    people = _people(trial, spec)
    ids = people["participant_id"]
    days = np.arange(spec.days.first, spec.days.last + 1)
    values = amounts(trial, spec.amount)
    table = _spread(trial, ids, spec.days, values)
    unknown = np.isnan(table) & _drank_unknown(trial, ids, spec)
    column = test_column(trial, spec) if spec.etg else None
    tested = np.zeros(table.shape, dtype=bool)
    if column is not None and spec.tested is ReadingOfTests.DAYS:
        tested = (table == 0) & _covered(trial, ids, days, column)
    in_arms = trial.days["arm"].isin([spec.control, spec.active]).to_numpy()
    known = values[in_arms & np.isfinite(values)]
    # only the amount 0 tells, since whoever used nothing did not use heavily
    can_tell_heavy = bool(known.size) and (not np.isin(known, (0.0, 1.0)).all() or not known.any())
    threshold, sex_note = _thresholds(people, spec)
    active = (people["arm"] == spec.active).to_numpy()
    more = adjustment(people, spec, active)
    first = spec.days.first
    baseline, baseline_gaps, baseline_note = _covariate(trial, people, spec.baseline, first)
    heavy, heavy_gaps, heavy_note = _covariate(trial, people, HEAVY if HEAVY in people else None, first)
    heavy_note = _without_own(heavy, heavy_note, people, spec.baseline if baseline is not None else None)
    instead = _instead(trial, spec, heavy)
    of_heavy_days = [sex_note, instead, heavy_note, heavy_gaps] if can_tell_heavy else [_no_amounts(spec.amount)]
    notes = [_in_weeks_only(column, spec), baseline_note, baseline_gaps, *of_heavy_days, *more.notes]
    return Panel(
        participant_ids=tuple(ids),
        arms=(spec.control, spec.active),
        active=active,
        days=days,
        amount=np.where(unknown, 0.0, table),
        earlier=_earlier(trial, ids, spec.days, values),
        overridden=tested | unknown,
        unknown_amount=unknown,
        heavy_threshold=threshold,
        baseline=baseline,
        baseline_filled=bool(baseline_gaps) or (can_tell_heavy and bool(heavy_gaps)),
        baseline_heavy=heavy,
        can_tell_heavy=can_tell_heavy,
        warnings=tuple(text for text in notes if text),
        tests=_results(trial, ids, spec.days, column),
        terms=_terms(trial, spec),
        streams=tuple(map(trial.id_in_file, ids)),
        covariates=more.covariates,
        covariate_names=more.names,
        of_strata=more.of_strata,
        strata=more.strata,
        strata_labels=more.labels,
        strata_columns=spec.strata,
    )


def _people(trial: Trial, spec: AnalysisSpec) -> pd.DataFrame:
    people = people_of(trial, spec)
    # cells asked one by one take half a panel's time
    ids, arms = people["participant_id"].tolist(), people["arm"].tolist()
    keys = [(arm == spec.active, natural_order(trial.id_in_file(str(i)))) for i, arm in zip(ids, arms, strict=True)]
    return people.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)


def _spread(trial: Trial, ids: pd.Series, window: Window, values: np.ndarray) -> np.ndarray:
    """Values (n rows,) → (G, T), NaN where there is no row."""
    table = np.full((len(ids), window.n_days), np.nan)
    day = trial.days["day"].to_numpy()
    row = pd.Index(ids).get_indexer(trial.days["participant_id"])
    use = (row >= 0) & (day >= window.first) & (day <= window.last)
    table[row[use], day[use] - window.first] = values[use]
    return table


def _earlier(trial: Trial, ids: pd.Series, window: Window, values: np.ndarray) -> np.ndarray:
    """Values on the days from the start of treatment (the declared window's first day, or day 1) to the window's."""
    start = 1 if trial.declared.days is None else trial.declared.days.first
    if window.first <= start:
        return np.full((len(ids), 0), np.nan)
    return _spread(trial, ids, Window(start, window.first - 1), values)


def _drank_unknown(trial: Trial, ids: pd.Series, spec: AnalysisSpec) -> np.ndarray:
    """(G, T) bool: days said to be of use without an amount, where `spec` takes the trial's own daily column."""
    own = trial.declared.amount or amount_column(trial.days.columns)
    shape = (len(ids), spec.days.n_days if spec.days is not None else 0)
    if UNKNOWN_AMOUNT not in trial.days or spec.amount != own or spec.days is None:
        return np.zeros(shape, dtype=bool)
    return _spread(trial, ids, spec.days, trial.days[UNKNOWN_AMOUNT].to_numpy(dtype=float)) == 1


def _thresholds(people: pd.DataFrame, spec: AnalysisSpec) -> tuple[np.ndarray, str]:
    sex = people["sex"] if "sex" in people else pd.Series([None] * len(people))
    unknown = int((~sex.isin(["F", "M"])).sum())
    note = (
        (
            f"sex is unknown for {counted(unknown, 'participant')}: the men's threshold (more than {spec.heavy_men:g}) "
            "is used for them; a column sex with F and M would tell"
        )
        if unknown
        else ""
    )
    return np.where(sex == "F", spec.heavy_women, spec.heavy_men).astype(float), note


def _covariate(
    trial: Trial, people: pd.DataFrame, column: str | None, first: int
) -> tuple[np.ndarray | None, str, str]:
    """A baseline covariate, (G,) float, a note of its gaps, and one of the days that it may not be computed from.

    None without a column of at least two different numbers from before day `first`.
    """
    if column is None or not pd.api.types.is_numeric_dtype(people[column]):
        return None, "", ""
    series, note = for_window(trial, people, column, first)
    values = np.full(len(people), np.nan) if series is None else series.to_numpy(dtype=float)
    known = np.isfinite(values)
    if len(np.unique(values[known])) < 2:
        return None, "", note
    if known.all():
        return values, "", note
    # White & Thompson (2005, Stat Med 24:993): in a randomised trial the mean over both arms keeps everybody in
    # the analysis without biasing the comparison.
    missing = list(people.loc[~known, "participant_id"])
    gaps = f"'{column}' is missing for {counted(len(missing), 'participant')} ({listed(missing)})"
    gaps += ": the mean of the others is used"
    return np.where(known, values, values[known].mean()), gaps, note


def _without_own(heavy: np.ndarray | None, note: str, people: pd.DataFrame, baseline: str | None) -> str:
    """The note on a baseline of heavy days, with what is done where there is such a column and it cannot be used."""
    if heavy is not None or HEAVY not in people:
        return note
    if not note:
        known = int(people[HEAVY].notna().sum())
        note = f"'{HEAVY}' is {'the same for everybody' if known else 'empty'}"
    if baseline is None:
        return f"{note}; models of heavy days have no baseline to adjust for"
    return f"{note}; {IF_ADJUSTED} '{baseline}' instead"


def _instead(trial: Trial, spec: AnalysisSpec, heavy: np.ndarray | None) -> str:
    """Which covariate of the heavy-day model takes the place of the one that the file gives, if one does."""
    if heavy is None or spec.baseline is None or HEAVY not in trial.computed or spec.baseline in trial.computed:
        return ""
    return f"{IF_ADJUSTED} '{HEAVY}', computed from the days before treatment, in place of '{spec.baseline}'"


def _in_weeks_only(column: str | None, spec: AnalysisSpec) -> str | None:
    """That most results do not know of the tests: more people relapse by weeks than ever used by what they reported."""
    if column is None or spec.tested is ReadingOfTests.DAYS:
        return None
    return (
        f"positive tests ('{column}') count only in relapse by weeks: days, first use and endpoints go by what was "
        "reported"
    )


def _no_amounts(column: str) -> str:
    return f"'{column}' is only 0 and 1: it tells use from no use, but no heavy day can be told from it"


def _terms(trial: Trial, spec: AnalysisSpec) -> Terms:
    terms = terms_of(trial, spec.amount)
    return terms if test_column(trial, spec) in (None, TESTS_OF_OLD) else replace(terms, assay="")


def _results(trial: Trial, ids: pd.Series, window: Window, column: str | None) -> np.ndarray:
    """(G, T) float: what the tests of each day say together, NaN without any."""
    results = np.full((len(ids), window.n_days), np.nan)
    if column is not None:
        visits = tested_visits(trial, column)
        visits = visits[visits["tested"] & visits["day"].between(window.first, window.last)]
        rows = pd.Index(ids).get_indexer(visits["participant_id"])
        days = visits["day"].to_numpy() - window.first
        results[rows[rows >= 0], days[rows >= 0]] = visits["positive"].to_numpy(float)[rows >= 0]
    return results


def _covered(trial: Trial, ids: pd.Series, days: np.ndarray, column: str) -> np.ndarray:
    """(G, T) bool: days between a positive test and the visit before it."""
    covered = np.zeros((len(ids), len(days)), dtype=bool)
    visits = tested_visits(trial, column)
    visits["since"] = visits.groupby("participant_id")["day"].shift()
    positive = visits[visits["positive"]]
    rows = pd.Index(ids).get_indexer(positive["participant_id"])
    for row, since, until in zip(rows, positive["since"], positive["day"], strict=True):
        if row >= 0:
            # No visit before (NaN): back to the participant's first row; only reported days are ever overridden.
            after = days > since if np.isfinite(since) else np.ones(len(days), dtype=bool)
            covered[row] |= after & (days <= until)
    return covered


def tested_visits(trial: Trial, column: str) -> pd.DataFrame:
    """Every participant's visits in order: participant_id, day, tested (any result), positive (any positive one)."""
    tables = []
    if column in trial.days:
        results = _read(trial.days[column])
        own = trial.days[["participant_id", "day"]].assign(result=results)
        tables.append(own[np.isfinite(results)])
    if trial.visits is not None:
        visits = trial.visits
        measures = [c for c in visits.columns if c not in ("participant_id", "day")]
        attended = visits[measures].notna().any(axis=1) if measures else pd.Series(True, index=visits.index)
        results = _read(visits[column]) if column in visits else np.full(len(visits), np.nan)
        tables.append(visits[["participant_id", "day"]].assign(result=results)[attended])
    tables = [visits for visits in tables if len(visits)]
    if not tables:
        # an empty mask, under which days stay whole numbers and can be used as places
        nothing = np.zeros(0, dtype=bool)
        return trial.days[["participant_id", "day"]].iloc[:0].assign(tested=nothing, positive=nothing)
    together = pd.concat(tables)
    each = together.assign(tested=together["result"].notna(), positive=together["result"] == 1)
    return each.groupby(["participant_id", "day"], sort=True)[["tested", "positive"]].any().reset_index()


def _read(column: pd.Series) -> np.ndarray:
    """Test results (n,) float, 1 positive, 0 negative, NaN none."""
    return column.to_numpy(float) if column.dtype.kind == "f" else cells.tests(column.astype("category"))[0]
