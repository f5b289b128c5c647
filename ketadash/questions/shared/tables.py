"""Results → tables for display (rounded text) and for download (full precision)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from ketadash.core.numbers import clear_interval, interval, level, number, percent
from ketadash.core.p_values import (
    HIDDEN_CELL,
    MARK,
    cell_of_statistic,
    everywhere,
    gives_p_away,
    is_cell_of_p,
    p_cell,
    shown,
)
from ketadash.core.spec import PValues
from ketadash.core.terms import DRINKS, Terms
from ketadash.questions.overview.tables import CHOICE_LABELS
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.heads import AR1
from ketadash.questions.shared.words import method
from ketadash.results import BinaryOutcome, Estimate, ModelFit


def guarded(frame: pd.DataFrame, how: PValues) -> pd.DataFrame:
    """The table as it is read: p-values, in columns of their own and in sentences, as they are, marked, or hidden.

    The statistics that would tell them are hidden with them.
    """
    text = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        if not is_numeric_dtype(kind):
            held = frame.iloc[:, place].tolist()
            cells = [shown(cell, how) if isinstance(cell, str) else cell for cell in held]
            if any(cell is not before for cell, before in zip(cells, held, strict=True)):  # a column set takes 0.3 ms
                text.isetitem(place, cells)
    if how is PValues.HIDDEN:
        return text.assign(**{str(c): HIDDEN_CELL for c in _columns(frame, gives_p_away)})
    if how is PValues.LABELLED:
        return text.rename(columns={c: f"{c} {MARK}" for c in _columns(frame, is_cell_of_p)})
    return text


def _columns(frame: pd.DataFrame, such: Callable[[object], bool]) -> list[Any]:
    """The columns that hold p-values, or numbers about one, and nothing else."""
    kinds = zip(frame.columns, frame.dtypes, strict=True)
    of_text = [(place, c) for place, (c, kind) in enumerate(kinds) if not is_numeric_dtype(kind)]
    return [c for place, c in of_text if any(map(such, frame.iloc[:, place]))]


def without_p(frame: pd.DataFrame, how: PValues) -> pd.DataFrame:
    """A table in full precision (`precise`), for a download: hidden, without its p-values and what tells them."""
    kept = frame.drop(columns=_columns(frame, gives_p_away)) if how is PValues.HIDDEN else frame
    texts = [c for c, kind in kept.dtypes.items() if not is_numeric_dtype(kind)]
    return kept.assign(**{str(c): [everywhere(cell, how) for cell in kept[c]] for c in texts})


def full(records: Iterable[Any]) -> pd.DataFrame:
    """Result dataclasses as a frame in full precision, for downloads."""
    return precise(asdict(r) for r in records)


def full_terms(records: Iterable[Any], terms: Terms) -> pd.DataFrame:
    """A model's coefficients or tests in full precision, the covariate called after what the trial counts."""
    made = full(records)
    return made.assign(**{c: made[c].map(terms.covariate) for c in ("term", "effect") if c in made})


def by_day(result: BinaryOutcome) -> pd.DataFrame:
    """Observed and modelled, one row an arm and day."""
    modelled = {(c.arm, c.day): c for c in result.modelled}
    rows = []
    for o in result.observed:
        c = modelled.get((o.arm, o.day))
        rows.append(
            {
                "Arm": o.arm,
                "Day": o.day,
                "n": o.n,
                "Not reported": o.n_missing,
                "Observed": percent(o.proportion, 1),
                "SE": percent(o.se, 1),
                "Modelled": percent(c.probability, 1) if c else "–",
                level(result.confidence): f"{percent(c.ci_low, 1)} to {percent(c.ci_high, 1)}" if c else "–",
            }
        )
    return pd.DataFrame(rows)


def fit_statistics(models: dict[str, ModelFit]) -> pd.DataFrame:
    """GLIMMIX's Fit Statistics, Covariance Parameter Estimates and Dimensions, one column a model."""
    columns = {}
    for name, m in models.items():
        sd, se = m.random_intercept_sd, m.random_intercept_sd_se
        columns[CHOICE_LABELS.get(name, name) if len(models) > 1 else method(m)] = {
            "−2 log likelihood": number(m.minus2ll),
            "AIC (smaller is better)": number(m.aic),
            "BIC (counts participants)": number(m.bic),
            "Random-intercept SD (logit)": number(sd, 3) + (f" (SE {number(se, 3)})" if se else ""),
            "Random-intercept variance": number(None if sd is None else sd**2, 3),
            "Random-slope SD (logit per day)": number(m.random_slope_sd, 3),
            "Correlation of intercept (day 0) and slope": number(m.random_correlation, 2),
            AR1: number(m.rho, 3),
            "Scale φ": number(m.scale, 3),
            "Days (rows)": f"{m.n_observations:,}",
            "Participants": str(m.n_participants),
            "Quadrature points": "–" if m.n_quadrature is None else str(m.n_quadrature),
            "Imputations pooled": "–" if m.n_imputations is None else f"{m.n_imputations - m.n_failed}",
            "Standard errors": "–" if m.clusters is None else f"robust, {m.clusters} clusters, {m.correction}",
            "Converged": "yes" if m.convergence.ok else "no",
        }
    frame = pd.DataFrame(columns)
    return frame.loc[(frame != "–").any(axis=1)]


def effect(m: ModelFit, term: str, terms: Terms = DRINKS) -> str:
    """A term as tables call it; beside an arm × day term, that of the arm is the arms' gap at day 0."""
    at_zero = term == "arm" and any(t.effect == "day:arm" for t in m.tests)
    return "arm (gap at day 0)" if at_zero else terms.covariate(term)


def type_iii(models: dict[str, ModelFit], terms: Terms = DRINKS) -> pd.DataFrame:
    """GLIMMIX's Type III Tests of Fixed Effects, with the same test from the other fit beside it."""
    rows: dict[str, dict[str, str]] = {}
    for m in models.values():
        prefix = f"{m.method}: " if len(models) > 1 else ""
        for t in m.tests:
            first = {"Effect": effect(m, t.effect, terms), "Num DF": str(t.df_num), "Den DF": f"{t.df_den:.0f}"}
            row = rows.setdefault(t.effect, first)
            row[f"{prefix}F"] = cell_of_statistic(number(t.f))
            row[f"{prefix}p"] = p_cell(t.p)
    return pd.DataFrame(list(rows.values()))


def coefficients(m: ModelFit, confidence: float, terms: Terms = DRINKS) -> pd.DataFrame:
    """GLIMMIX's Solutions for Fixed Effects, logit scale, arm 1 = active, with odds ratios nowhere implied."""
    return pd.DataFrame(
        [
            {
                "Effect": effect(m, c.term, terms),
                "Estimate": number(c.estimate, 4),
                "SE": number(c.se, 4),
                "DF": number(c.df, 0),
                "t": cell_of_statistic(number(c.statistic)),
                "p": p_cell(c.p),
                level(confidence): interval(c.ci_low, c.ci_high, 4),
                **({} if m.n_imputations is None else {"Monte Carlo SE": number(c.monte_carlo_se, 4)}),
            }
            for c in m.coefficients
        ]
    )


def odds_ratios(result: BinaryOutcome) -> pd.DataFrame:
    """Odds ratio for one more day, by arm; a quadratic's at three days."""
    return pd.DataFrame(
        [
            {
                "Arm": r.arm,
                "At day": "every day" if r.day is None else str(r.day),
                "Odds ratio per day": number(r.estimate, 3),
                level(result.confidence): interval(r.ci_low, r.ci_high, 3),
                "p": p_cell(r.p),
            }
            for r in result.odds_ratio_per_day
        ]
    )


def specification_kind(kind: str, analysis_name: str) -> str:
    """The kind of a row, where the row of the trial's own analysis is marked and shown by its name."""
    return f"◆ {analysis_name}" if kind == "published" else kind


def points_with_interval(e: Estimate) -> str:
    """A difference of shares and its interval, in percentage points with one decimal."""
    if e.estimate is None:
        return "not estimable"
    low, high = (None if x is None else 100 * x for x in (e.ci_low, e.ci_high))
    ends = "" if low is None else f" ({clear_interval(low, high, 1)})"
    return number(100 * e.estimate, 1) + ends
