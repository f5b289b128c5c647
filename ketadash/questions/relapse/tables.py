"""Time to relapse in tables."""

from __future__ import annotations

import pandas as pd

from ketadash import analyse
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import definition_of
from ketadash.core.findings import enumerated
from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import interval, level, number, ratio_interval
from ketadash.core.p_values import p_cell, statistic_in_cell
from ketadash.questions.relapse import proportional
from ketadash.questions.shared import adjusted
from ketadash.results import TimeToEvent
from ketadash.results.adjusted import AdjustedHazard


def summary(result: TimeToEvent) -> pd.DataFrame:
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
                **({"Dropped out": str(a.competing)} if DropoutRule(result.dropout).about.competes else {}),
                "Censored": events(a.censored),
                f"Median ({level(result.confidence)})": median + ("" if low is None and high is None else ends),
                f"Event-free days to day {result.rmst.tau} (SE)": f"{number(mean)} ({number(se)})",
            }
        )
    return pd.DataFrame(rows)


def tests(result: TimeToEvent, held: AdjustedHazard | None = None) -> pd.DataFrame:
    """Log-rank, hazard ratio, odds ratio and difference in restricted mean."""
    mean, at = result.rmst.difference, level(result.confidence)
    control, active = (a.arm for a in result.arms)
    odds, _ = analyse.odds_of_event(result)
    hazard = "Cause-specific hazard" if DropoutRule(result.dropout).about.competes else "Hazard"
    ratio = f"{hazard} ratio, {active} to {control} (Cox, Efron ties)"
    within = f", within strata of {enumerated(s.replace('_', ' ') for s in result.strata)}" if result.strata else ""
    compared = [(result.test[:1].upper() + result.test[1:], ratio + within, result.logrank, result.cox)]
    if result.unstratified is not None:
        test = result.test.without_strata
        compared.append(
            (f"{test[:1].upper()}{test[1:]}, without strata", f"{ratio}, without strata", *result.unstratified)
        )
    rows = []
    for name, of_hazards, logrank, cox in compared:
        chi2 = statistic_in_cell("χ²", logrank.chi2, " on 1 df")
        rows.append({"Comparison": name, "Estimate": chi2, at: "", "p": p_cell(logrank.p)})
        ends = ratio_interval(cox.ci_low, cox.ci_high)
        rows.append({"Comparison": of_hazards, "Estimate": number(cox.hr), at: ends, "p": p_cell(cox.p)})
    if held is not None:
        of, cox = f"{ratio}{within}, adjusted for {enumerated(adjusted.columns_of(held, result.terms))}", held.cox
        ends = ratio_interval(cox.ci_low, cox.ci_high)
        rows.append({"Comparison": of, "Estimate": number(cox.hr), at: ends, "p": p_cell(cox.p)})
    if (assumed := result.cox.proportional) is not None:
        fit = statistic_in_cell("χ²", assumed.chi2, f" on {assumed.df} df")
        rows.append({"Comparison": proportional.ROW, "Estimate": fit, at: "", "p": p_cell(assumed.p)})
    rows.append(
        {
            "Comparison": f"Odds of the event by day {result.window[1]}, {active} to {control}",
            "Estimate": number(odds.estimate),
            at: ratio_interval(odds.ci_low, odds.ci_high),
            "p": p_cell(odds.p),
        }
    )
    rows.append(
        {
            "Comparison": f"Event-free days to day {result.rmst.tau}, {active} minus {control}",
            "Estimate": number(mean.estimate),
            at: interval(mean.ci_low, mean.ci_high),
            "p": p_cell(mean.p),
        }
    )
    return pd.DataFrame(rows)


def endpoints(every: dict[str, TimeToEvent | None]) -> pd.DataFrame:
    """The three endpoints' events and tests in one table."""
    rows = []
    for name, r in every.items():
        if r is None:
            continue
        control, active = r.arms
        rows.append(
            {
                "Endpoint": definition_of(name).label,
                f"Events, {control.arm}": f"{events(control.events)}/{control.n}",
                f"Events, {active.arm}": f"{events(active.events)}/{active.n}",
                "Test": f"{r.test} {statistic_in_cell('χ²', r.logrank.chi2)}",
                "p": p_cell(r.logrank.p),
                "Hazard ratio": number(r.cox.hr),
                level(r.confidence): interval(r.cox.ci_low, r.cox.ci_high),
            }
        )
    return pd.DataFrame(rows)
