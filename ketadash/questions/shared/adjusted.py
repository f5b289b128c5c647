"""The endpoints within strata and adjusted, beside the unadjusted: as a sentence, a table and a part of the JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from ketadash.core.findings import enumerated
from ketadash.core.numbers import clear_interval, level, number
from ketadash.core.p_values import p_cell
from ketadash.core.terms import Terms
from ketadash.results import Estimate
from ketadash.results.adjusted import AdjustedEndpoint, AdjustedEndpoints, AdjustedHazard, RankTest

HEAD = "Adjusted, and as it is"
NO_STRATA = "no strata are chosen"
NUMBERS = "of numbers there is van Elteren's rank test, which has no difference"
SHARES = "of shares there is the Mantel–Haenszel difference with its own test"
NO_SE = "the interval is not made from a standard error"
ADJUSTED_HAZARD = "adjusted hazard ratio"
ONLY_STRATA = "no covariates beside the strata are chosen"
ALIKE = "nothing varies within the strata"


def columns_of(result: AdjustedEndpoints | AdjustedHazard, terms: Terms) -> tuple[str, ...]:
    """What the adjusted differences, or the hazard ratio, are adjusted for, a column once."""
    return terms.covariates(result.adjusted_for)


def sentence(result: AdjustedEndpoints, terms: Terms) -> str:
    """What stands in the table, and for whom the adjusted difference is."""
    text = (
        "Differences, of shares in percentage points. Adjusted for "
        f"{enumerated(columns_of(result, terms))}: a regression of each endpoint on arm and these, "
        "averaged over all participants with everybody in either arm in turn. Its interval also counts that other "
        "people might have been in the trial."
    )
    if not result.strata:
        return text
    return (
        f"{text} Within strata of {_names(result.strata)}: shares by Mantel–Haenszel (Sato's variance, p by "
        "Cochran–Mantel–Haenszel), numbers by van Elteren's rank test."
    )


def _names(columns: tuple[str, ...]) -> str:
    return enumerated(column.replace("_", " ") for column in columns)


def table(result: AdjustedEndpoints) -> pd.DataFrame:
    """A row an endpoint: the difference as it is, within strata, adjusted, each with its p."""
    return pd.DataFrame([_row(e, result) for e in result.each])


def _row(e: AdjustedEndpoint, result: AdjustedEndpoints) -> dict[str, str]:
    at = f"({level(result.confidence)})"
    row = {"Endpoint": e.label, "n": str(e.n), f"As it is {at}": _gap(e, e.unadjusted), "p": p_cell(e.unadjusted.p)}
    if result.strata:
        p = e.within.p if e.within is not None else e.ranks.p if e.ranks is not None else None
        row |= {f"Within strata {at}": _gap(e, e.within) if e.ranks is None else "by ranks", "p within": p_cell(p)}
    adjusted = e.standardised
    row |= {f"Adjusted {at}": _gap(e, adjusted), "p adjusted": p_cell(None if adjusted is None else adjusted.p)}
    return row


def _gap(e: AdjustedEndpoint, gap: Estimate | None) -> str:
    if gap is None or gap.estimate is None:
        return "–"
    scale, digits = (100, 1) if e.unit == "percent" else (1, 2)
    if gap.ci_low is None or gap.ci_high is None:
        return f"{number(scale * gap.estimate, digits)} (no interval)"
    ends = clear_interval(scale * gap.ci_low, scale * gap.ci_high, digits)
    return f"{number(scale * gap.estimate, digits)} ({ends})"


def doubts(result: AdjustedEndpoints) -> tuple[str, ...]:
    """What speaks against them, each once with the endpoints that it is about."""
    messages = dict.fromkeys(m for e in result.each for m in e.messages)
    return (
        *(f"{enumerated(e.label for e in result.each if m in e.messages)}: {m}" for m in messages),
        *(f"{ADJUSTED_HAZARD}: {m}" for m in (() if result.hazard is None else result.hazard.cox.messages)),
    )


NOT_CHOSEN = "neither strata nor further covariates are chosen"


def document(result: AdjustedEndpoints | None) -> dict[str, Any] | None:
    """Its part of the JSON; null where neither strata nor covariates are chosen."""
    if result is None:
        return None
    return {
        "strata": list(result.strata),
        "adjusted_for": list(result.adjusted_for),
        "each": [_record(e, result) for e in result.each],
    }


def hazard_document(result: AdjustedEndpoints) -> dict[str, Any]:
    """The adjusted hazard ratio's part of the JSON of a time to an event."""
    hazard = result.hazard
    if hazard is None:
        return {"hazard_ratio": None, "null_because": {"hazard_ratio": ONLY_STRATA}}
    cox = hazard.cox
    values = {"estimate": cox.hr, "ci_low": cox.ci_low, "ci_high": cox.ci_high, "p": cox.p}
    why = "; ".join(cox.messages) or ALIKE
    return {
        "hazard_ratio": {
            "adjusted_for": list(hazard.adjusted_for),
            **values,
            "messages": list(cox.messages),
            "null_because": {name: why for name, value in values.items() if value is None},
        },
        "null_because": {},
    }


def _record(e: AdjustedEndpoint, result: AdjustedEndpoints) -> dict[str, Any]:
    arms = None if e.standardised_arms is None else dict(zip(result.arms, e.standardised_arms, strict=True))
    return {
        "key": e.key,
        "n": e.n,
        "unadjusted": asdict(e.unadjusted),
        "within_strata": None if e.within is None else asdict(e.within),
        "rank_test": None if e.ranks is None else asdict(e.ranks),
        "standardised": None if e.standardised is None else {"arms": arms, **asdict(e.standardised)},
        "messages": list(e.messages),
        "null_because": _reasons(e, result),
    }


def _reasons(e: AdjustedEndpoint, result: AdjustedEndpoints) -> dict[str, str]:
    """Why parts are null."""
    own = "; ".join(e.messages) or ALIKE
    without = {"within_strata": NUMBERS, "rank_test": SHARES} if result.strata else {}
    if e.kind == "count" and "within_strata" in without:
        without["within_strata"] = own
    if e.kind != "count" and "rank_test" in without:
        without["rank_test"] = own
    reasons = {"within_strata": NO_STRATA, "rank_test": NO_STRATA} | without | {"standardised": own}
    parts: dict[str, Estimate | RankTest | None] = {
        "within_strata": e.within,
        "rank_test": e.ranks,
        "standardised": e.standardised,
    }
    why = {name: reasons[name] for name, part in parts.items() if part is None}
    for name, part in (("unadjusted", e.unadjusted), *parts.items()):
        fields = asdict(part) if part is not None else {}
        why |= {f"{name}.{field}": ALIKE for field, value in fields.items() if value is None}
    if e.unadjusted.se is None:
        why["unadjusted.se"] = NO_SE
    return why
