"""Chance as tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ketadash.core.numbers import interval, level, number
from ketadash.core.p_values import about_p, cell_of_statistic, p_cell
from ketadash.core.terms import Terms
from ketadash.questions.chance import words
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.heads import NO_ANSWER
from ketadash.results import Estimate
from ketadash.results.chance import Contrast, Influence, ModelCheck, Randomisation


def shuffles(r: Randomisation) -> pd.DataFrame:
    """Every comparison."""
    at = level(r.confidence)
    return pd.DataFrame(
        [
            {
                "Comparison": c.label,
                f"Observed ({at} by shuffling)": _observed(c),
                "In standard errors": cell_of_statistic(words.in_errors(c)),
                "p": p_cell(c.observed.p),
                "p, Monte Carlo SE": about_p(number(c.monte_carlo_se, 3)),
                "p, shuffles as large": about_p(_as_large(c)),
                NO_ANSWER: f"{c.n_failed:,}",
            }
            for c in r.contrasts
        ]
    )


def _as_large(c: Contrast) -> str:
    return "–" if c.statistic is None else f"{c.n_as_large:,} of {len(c.draws):,}"


def _observed(c: Contrast) -> str:
    e = c.observed
    if c.trouble:
        return "not estimable"
    if e.estimate is None:
        return "–"
    scale, digits = (100.0, 1) if c.name in words.IN_POINTS else (1.0, 3)
    text = number(scale * e.estimate, digits)
    if e.ci_low is None or e.ci_high is None:
        return text
    return f"{text} ({interval(scale * e.ci_low, scale * e.ci_high, digits)})"


def shuffles_full(r: Randomisation) -> pd.DataFrame:
    """The same in full precision."""
    return precise(
        [
            {
                "name": c.name,
                "observed": c.observed.estimate,
                "ci_low": c.observed.ci_low,
                "ci_high": c.observed.ci_high,
                "statistic": None if c.unvarying else c.statistic,
                "p": c.observed.p,
                "p_monte_carlo_se": c.monte_carlo_se,
                "n_failed": c.n_failed,
                "interval": c.interval or c.trouble,
            }
            for c in r.contrasts
        ]
    )


def checks(results: Sequence[ModelCheck], terms: Terms) -> pd.DataFrame:
    """Every measure of every model."""
    return pd.DataFrame(
        [
            {
                "Model": words.name_of(c.outcome, terms),
                "Measure": words.measure(m, c.outcome, terms),
                "Observed": words.value(m, m.observed),
                "Expected": words.value(m, m.expected),
                "95% of the model's own": f"{words.value(m, m.low)} to {words.value(m, m.high)}",
            }
            for c in results
            for m in c.measures
        ]
    )


def influence(results: Sequence[Influence]) -> pd.DataFrame:
    """Those who move a headline most, three either way, and whoever changes its conclusion."""
    rows = []
    for r in results:
        known = [w for w in r.without if w.estimate.estimate is not None]
        known.sort(key=lambda w: w.estimate.estimate or 0.0)
        changing = [w for w in known if _conclusion(w.participant, r) == CHANGES]
        kept = {w.participant: w for w in (*known[:3], *changing, *known[-3:])}
        rows.append({"Headline": r.label, "Without": "nobody", "Estimate": _cell(r.full, r), "Conclusion": ""})
        rows += [
            {
                "Headline": r.label,
                "Without": w.participant,
                "Estimate": _cell(w.estimate, r),
                "Conclusion": _conclusion(w.participant, r),
            }
            for w in kept.values()
        ]
    return pd.DataFrame(rows)


CHANGES = "changes"


def _conclusion(participant: str, r: Influence) -> str:
    if participant in r.no_interval_without:
        return "no interval"
    return CHANGES if participant in r.changes_conclusion else "stays"


def _cell(e: Estimate, r: Influence) -> str:
    if e.estimate is None:
        return "not estimable"
    scale, digits = (1.0, 3) if r.null == 1.0 else (100.0, 1)
    low, high = (None if v is None else scale * v for v in (e.ci_low, e.ci_high))
    return f"{number(scale * e.estimate, digits)} ({interval(low, high, digits)})"


def influence_full(results: Sequence[Influence]) -> pd.DataFrame:
    """Everybody, in full precision."""
    return pd.DataFrame(
        [
            {
                "headline": r.headline,
                "participant": w.participant,
                "arm": w.arm,
                "estimate": w.estimate.estimate,
                "ci_low": w.estimate.ci_low,
                "ci_high": w.estimate.ci_high,
                "changes_conclusion": w.participant in r.changes_conclusion,
                "no_interval": w.participant in r.no_interval_without,
            }
            for r in results
            for w in r.without
        ]
    )
