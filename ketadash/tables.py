"""Results → tables for display (rounded text) and for download (full precision)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd

from ketadash import words_guard
from ketadash.results import BinaryOutcome, ModelFit, Nnt, NntResult, Sensitivity, SensitivityRow, TimeToEvent
from ketadash.spec import PValues
from ketadash.terms import DRINKS, Terms
from ketadash.words import events, interval, level, method, nnt_short, number, p_cell, percent

CHOICES = ("Missing days", "Baseline", "Trend", "Fit")  # in the order in which a specification's label names them
CALLED = {
    "linear": "linear, ML",
    "quadratic": "quadratic, ML",
    "linear_rspl": "linear, RSPL",
    "quadratic_rspl": "quadratic, RSPL",
}


def guarded(frame: pd.DataFrame, how: PValues) -> pd.DataFrame:
    """The table with p-values, in columns of their own and in sentences, as they are, marked, or left out."""
    if how is PValues.SHOWN:
        return frame
    shown = frame.map(lambda cell: words_guard.sentence(cell, how) if isinstance(cell, str) else cell)
    columns = [c for c in shown.columns if words_guard.is_p(str(c))]
    if how is PValues.HIDDEN:
        return shown.assign(**{str(c): "hidden" for c in columns})
    return shown.rename(columns={c: f"{c} {words_guard.MARK}" for c in columns})


def without_p(frame: pd.DataFrame, how: PValues) -> pd.DataFrame:
    """A table in full precision, for a download: hidden, without its p-values."""
    if how is not PValues.HIDDEN:
        return frame
    kept = frame.drop(columns=[c for c in frame.columns if words_guard.is_p(str(c))])
    return kept.map(lambda cell: words_guard.everywhere(cell) if isinstance(cell, str | dict | list | tuple) else cell)


def full(records: Iterable[Any]) -> pd.DataFrame:
    """Result dataclasses as a frame in full precision, for downloads."""
    return pd.DataFrame([asdict(r) for r in records])


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
        columns[CALLED.get(name, name) if len(models) > 1 else method(m)] = {
            "−2 log likelihood": number(m.minus2ll),
            "AIC (smaller is better)": number(m.aic),
            "BIC (counts participants)": number(m.bic),
            "Random-intercept SD (logit)": number(sd, 3) + (f" (SE {number(se, 3)})" if se else ""),
            "Random-intercept variance": number(None if sd is None else sd**2, 3),
            "AR(1) correlation ρ": number(m.rho, 3),
            "Scale φ": number(m.scale, 3),
            "Days (rows)": f"{m.n_observations:,}",
            "Participants": str(m.n_participants),
            "Quadrature points": "–" if m.n_quadrature is None else str(m.n_quadrature),
            "Imputations pooled": "–" if m.n_imputations is None else f"{m.n_imputations - m.n_failed}",
            "Converged": "yes" if m.convergence.ok else "no",
        }
    frame = pd.DataFrame(columns)
    return frame.loc[(frame != "–").any(axis=1)]


def type_iii(models: dict[str, ModelFit], terms: Terms = DRINKS) -> pd.DataFrame:
    """GLIMMIX's Type III Tests of Fixed Effects, with the same test from the other fit beside it."""
    rows: dict[str, dict[str, str]] = {}
    for m in models.values():
        called = f"{m.method}: " if len(models) > 1 else ""
        for t in m.tests:
            first = {"Effect": terms.covariate(t.effect), "Num DF": str(t.df_num), "Den DF": f"{t.df_den:.0f}"}
            row = rows.setdefault(t.effect, first)
            row[f"{called}F"] = number(t.f)
            row[f"{called}p"] = p_cell(t.p)
    return pd.DataFrame(list(rows.values()))


def coefficients(m: ModelFit, confidence: float, terms: Terms = DRINKS) -> pd.DataFrame:
    """GLIMMIX's Solutions for Fixed Effects, logit scale, arm 1 = active, with odds ratios nowhere implied."""
    return pd.DataFrame(
        [
            {
                "Effect": terms.covariate(c.term),
                "Estimate": number(c.estimate, 4),
                "SE": number(c.se, 4),
                "DF": number(c.df, 0),
                "t": number(c.statistic),
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


def survival_summary(result: TimeToEvent) -> pd.DataFrame:
    """Events, medians and restricted means by arm."""
    rows = []
    for a in result.arms:
        mean, se = result.rmst.arms[a.arm]
        median = "not reached" if a.median is None else f"day {a.median:g}"
        low, high = a.median_ci
        ends = f" ({'–' if low is None else f'{low:g}'} to {'not reached' if high is None else f'{high:g}'})"
        rows.append(
            {
                "Arm": a.arm,
                "n": str(a.n),
                "Events": events(a.events),
                **({"Dropped out": str(a.competing)} if result.dropout == "competing" else {}),
                "Censored": str(a.censored),
                f"Median ({level(result.confidence)})": median + ("" if low is None and high is None else ends),
                f"Event-free days to day {result.rmst.tau} (SE)": f"{number(mean)} ({number(se)})",
            }
        )
    return pd.DataFrame(rows)


def survival_tests(result: TimeToEvent) -> pd.DataFrame:
    """Log-rank, hazard ratio and difference in restricted mean."""
    cox, mean, at = result.cox, result.rmst.difference, level(result.confidence)
    control, active = (a.arm for a in result.arms)
    hazard = "Cause-specific hazard" if result.dropout == "competing" else "Hazard"
    return pd.DataFrame(
        [
            {
                "Comparison": result.test[:1].upper() + result.test[1:],
                "Estimate": f"χ² {number(result.logrank.chi2)} on 1 df",
                at: "",
                "p": p_cell(result.logrank.p),
            },
            {
                "Comparison": f"{hazard} ratio, {active} to {control} (Cox, Efron ties)",
                "Estimate": number(cox.hr),
                at: interval(cox.ci_low, cox.ci_high),
                "p": p_cell(cox.p),
            },
            {
                "Comparison": f"Event-free days to day {result.rmst.tau}, {active} minus {control}",
                "Estimate": number(mean.estimate),
                at: interval(mean.ci_low, mean.ci_high),
                "p": p_cell(mean.p),
            },
        ]
    )


def endpoints(every: dict[str, TimeToEvent | None]) -> pd.DataFrame:
    """The three endpoints' events and tests in one table."""
    rows = []
    for name, r in every.items():
        if r is None:
            continue
        control, active = r.arms
        rows.append(
            {
                "Endpoint": name.replace("_", " "),
                f"Events, {control.arm}": f"{events(control.events)}/{control.n}",
                f"Events, {active.arm}": f"{events(active.events)}/{active.n}",
                "Test": r.test,
                "χ²": number(r.logrank.chi2),
                "p": p_cell(r.logrank.p),
                "Hazard ratio": number(r.cox.hr),
                level(r.confidence): interval(r.cox.ci_low, r.cox.ci_high),
            }
        )
    return pd.DataFrame(rows)


def nnt(result: NntResult) -> pd.DataFrame:
    """Each number needed to treat in a column, headed by its definition: risks, difference and intervals."""
    columns = (result.observed, result.observed_last_day, result.modelled)
    told = [_nnt(n, result) for n in columns]
    heads = [n.definition[:1].upper() + n.definition[1:] for n in columns]
    return pd.DataFrame([{"": row} | {h: t[row] for h, t in zip(heads, told, strict=True)} for row in told[0]])


def _nnt(n: Nnt, result: NntResult) -> dict[str, str]:
    control, active = result.arms
    counts = {r.arm: f" ({events(r.events)}/{r.n})" for r in n.counts} if n.counts else {}
    low, high = (None if x is None else 100 * x for x in (n.ci_low, n.ci_high))
    return {
        control: percent(n.risk_control, 1) + counts.get(control, ""),
        active: percent(n.risk_active, 1) + counts.get(active, ""),
        "Difference (points)": number(None if n.risk_difference is None else 100 * n.risk_difference, 1),
        f"{level(result.confidence)} (points)": interval(low, high, 1),
        "NNT, rounded up": nnt_short(n),
        "NNT with interval": n.text,
        "Interval by": n.interval,
    }


def sensitivity(result: Sensitivity) -> pd.DataFrame:
    """One row a specification: difference on the last day, interaction, rows used and filled in."""
    at, day = level(result.confidence), result.last_day
    rows = []
    for r in result.rows:
        d, i = r.difference, r.interaction
        points, low, high = (None if x is None else 100 * x for x in (d.estimate, d.ci_low, d.ci_high))
        rows.append(
            dict(zip(CHOICES, map(result.terms.said, _choices(r)), strict=True))
            | {
                f"Day {day}, points ({at})": _with(number(points, 1), interval(low, high, 1), d.ci_low),
                f"p, day {day}": p_cell(d.p),
                f"Arm × day ratio ({at})": _with(number(i.estimate), interval(i.ci_low, i.ci_high), i.ci_low),
                "p, arm × day": p_cell(i.p),
                "Days used (filled in)": f"{r.n_rows:,} ({r.n_imputed:,})",
            }
        )
    return pd.DataFrame(rows)


def _with(estimate: str, ends: str, low: float | None) -> str:
    """``39.1 (19.6–58.6)``, the estimate alone where it has no interval."""
    return estimate if low is None else f"{estimate} ({ends})"


def _choices(row: SensitivityRow) -> list[str]:
    """What the row chose, in the order of `CHOICES`; a diamond, as in the picture, marks the published row."""
    first, *others = row.label.removeprefix("missing = ").split(" · ")
    return [f"◆ {first}" if row.published else first, *others]


def sensitivity_full(result: Sensitivity) -> pd.DataFrame:
    """The same in full precision, one column a number."""
    return pd.DataFrame(
        [
            {
                "specification": result.terms.said(r.label),
                "published": r.published,
                **{f"difference_{k}": v for k, v in asdict(r.difference).items()},
                **{f"interaction_{k}": v for k, v in asdict(r.interaction).items()},
                "n_rows": r.n_rows,
                "n_imputed": r.n_imputed,
                "messages": "; ".join(r.messages),
            }
            for r in result.rows
        ]
    )
