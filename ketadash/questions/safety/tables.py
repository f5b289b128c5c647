"""What else happened, as tables: rounded for display, in full precision for download."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from ketadash.core.numbers import interval, level, number, percent
from ketadash.core.p_values import cell_of_statistic, p_cell, statistic_in_cell
from ketadash.questions.safety.words import ABSTINENT_OF_REACHED, change
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.heads import AR1, DIFFERENCE_POINTS
from ketadash.results.safety import (
    AdverseEvent,
    AdverseEvents,
    Dissociation,
    EventArm,
    FollowUp,
    Measure,
    baseline_term,
)

Make = Callable[[Sequence[Measure]], pd.DataFrame]  # a table of all visit measures


def events(result: AdverseEvents) -> pd.DataFrame:
    """Participants with each event, the difference in points, and how often and how severe."""
    return pd.DataFrame([_event(e, result.confidence) for e in (*result.events, result.overall)])


def _event(e: AdverseEvent, confidence: float) -> dict[str, str]:
    control, active = e.arms
    d = e.difference
    low, high = (None if x is None else 100 * x for x in (d.ci_low, d.ci_high))
    row = {
        "Event": e.event,
        control.arm: _share(control),
        active.arm: _share(active),
        DIFFERENCE_POINTS: number(None if d.estimate is None else 100 * d.estimate, 1),
        level(confidence): interval(low, high, 1),
        "Occurrences": f"{control.occurrences} v {active.occurrences}",
    }
    graded = [word for a in e.arms for word, _ in a.severity]
    if graded:
        row["Severity"] = "; ".join(f"{a.arm} {_graded(a)}" for a in e.arms if a.severity)
    return row


def _share(a: EventArm) -> str:
    return f"{a.participants}/{a.n} ({percent(a.participants / a.n, 1)})"


def _graded(a: EventArm) -> str:
    return ", ".join(f"{count} {word}" for word, count in a.severity)


def events_full(result: AdverseEvents) -> pd.DataFrame:
    """One row an event and arm, and the difference beside it."""
    return precise(
        [
            {"event": e.event, **asdict(a), **{f"difference_{k}": v for k, v in asdict(e.difference).items()}}
            for e in (*result.events, result.overall)
            for a in e.arms
        ]
    ).drop(columns=["severity", "difference_p", "difference_se"])


def dissociation(result: Dissociation) -> pd.DataFrame:
    """Medians and quartiles by arm."""
    return pd.DataFrame(
        [
            {
                "Arm": a.arm,
                "n": str(a.n),
                "No score": str(a.n_missing),
                "Median": "–" if a.median is None else f"{a.median:.10g}",
                "Quartiles": "–" if a.q1 is None or a.q3 is None else f"{a.q1:.10g} to {a.q3:.10g}",
                "Range": f"{a.values[0]:.10g} to {a.values[-1]:.10g}" if a.values else "–",
            }
            for a in result.arms
        ]
    )


def association(result: Dissociation) -> pd.DataFrame:
    """The rank test, and the logistic regression of abstinence on the score."""
    o, t = result.odds_ratio, result.test
    return pd.DataFrame(
        [
            {
                "Question": "Do the arms differ? (Kruskal–Wallis, ties corrected)",
                "Estimate": statistic_in_cell("χ²", t.chi2, f" on {t.df} df"),
                level(result.confidence): "",
                "p": p_cell(t.p),
            },
            {
                "Question": f"Odds ratio for one more point: {result.outcome}",
                "Estimate": number(o.estimate, 3),
                level(result.confidence): interval(o.ci_low, o.ci_high, 3),
                "p": p_cell(o.p),
            },
        ]
    )


def measures(results: Sequence[Measure]) -> pd.DataFrame:
    """One row a measure: weekly change by arm, and the interaction that compares them."""
    rows = []
    for m in results:
        test = m.model.test("week:arm")
        changes = {c.arm: c for c in m.change}
        row = {"Measure": m.label, "Link": m.link}
        for arm in m.arms:
            row[f"Change a week, {arm}"] = change(changes[arm], m.link) if arm in changes else "–"
        gap = changes.get("difference")
        low, high = (None, None) if gap is None else (gap.ci_low, gap.ci_high)
        row["Difference (ratio if log)"] = number(None if gap is None else gap.estimate)
        row[level(m.confidence)] = interval(low, high)
        row["Week × arm F"] = cell_of_statistic(number(None if test is None else test.f))
        row["DF"] = "–" if test is None or test.f is None else f"{test.df_num}, {test.df_den}"
        row["p"] = p_cell(None if test is None else test.p)
        row["Weeks (rows)"] = str(m.counts.n_rows)
        rows.append(row)
    return pd.DataFrame(rows)


def means(results: Sequence[Measure]) -> pd.DataFrame:
    """Observed means (SE, n) and modelled means by measure, week and arm; week 0 is before treatment."""
    rows = []
    for m in results:
        modelled = {(p.arm, p.week): p for p in m.modelled}
        weeks = sorted({p.week for p in m.observed})
        observed = {(p.arm, p.week): p for p in m.observed}
        for week in weeks:
            row = {"Measure": m.label, "Week": "before" if week == 0 else str(week)}
            for arm in m.arms:
                o, q = observed[arm, week], modelled.get((arm, week))
                row[f"{arm}, observed (SE, n)"] = f"{number(o.mean, 1)} ({number(o.se, 1)}, {o.n})"
                row[f"{arm}, modelled"] = (
                    f"{number(q.mean, 1)} ({interval(q.ci_low, q.ci_high, 1)})" if q is not None else "–"
                )
            rows.append(row)
    return pd.DataFrame(rows)


def means_full(results: Sequence[Measure]) -> pd.DataFrame:
    """Every mean in full precision, one row a measure, kind, arm and week."""
    return pd.DataFrame(
        [
            {"measure": m.measure, "link": m.link, "kind": kind, **asdict(p)}
            for m in results
            for kind, points in (("observed", m.observed), ("modelled", m.modelled))
            for p in points
        ]
    )


def type_iii(results: Sequence[Measure]) -> pd.DataFrame:
    """Type III tests of every measure's model, F and p side by side."""
    rows = []
    for m in results:
        row = {"Measure": m.label, "Den DF": str(m.model.df) if m.model.usable else "–"}
        for t in m.model.tests:
            effect = "baseline" if t.effect == baseline_term(m.measure) else t.effect
            row[f"{effect} F"], row[f"{effect} p"] = cell_of_statistic(number(t.f)), p_cell(t.p)
        rows.append(row)
    return pd.DataFrame(rows).fillna("–")


def covariance(results: Sequence[Measure]) -> pd.DataFrame:
    """Covariance parameters of every measure's model."""
    return pd.DataFrame(
        [
            {
                "Measure": m.label,
                "Fitted by": f"{m.model.method}, {m.link} link",
                "Random-intercept SD": number(m.model.random_intercept_sd, 3),
                AR1: number(m.model.rho, 3),
                "Scale φ": number(m.model.scale, 3),
                "Weeks (rows)": str(m.model.n_observations),
                "Participants": str(m.model.n_participants),
                "Converged": "yes" if m.model.convergence.ok else "no",
            }
            for m in results
        ]
    )


def follow_up(result: FollowUp) -> pd.DataFrame:
    """Reached, abstinent with exact interval, and the bounds for all randomised."""
    rows: list[dict[str, Any]] = []
    for a in result.arms:
        p = a.proportion
        low, high = (None if x is None else 100 * x for x in (p.ci_low, p.ci_high))
        rows.append(
            {
                "Arm": a.arm,
                "Randomised": str(a.n),
                "Reached": str(a.reached),
                "Not reached": str(a.n - a.reached),
                ABSTINENT_OF_REACHED: f"{a.abstinent}/{a.reached} ({percent(p.estimate)})",
                f"Exact {level(result.confidence)} (%)": interval(low, high, 1),
                f"If all others {result.terms.used}": percent(a.bound_low),
                "If all others were abstinent": percent(a.bound_high),
            }
        )
    return pd.DataFrame(rows)


def follow_up_full(result: FollowUp) -> pd.DataFrame:
    """The same in full precision."""
    return pd.DataFrame(
        [
            {k: v for k, v in asdict(a).items() if k != "proportion"}
            | {k: v for k, v in asdict(a.proportion).items() if k in ("estimate", "ci_low", "ci_high")}
            for a in result.arms
        ]
    )
