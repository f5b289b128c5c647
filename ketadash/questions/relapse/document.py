"""Time to event in the JSON of `ketadash analyze`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core.p_values import about_p
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared import adjusted
from ketadash.questions.shared.document import NO_HEAVY, NO_HEAVY_DAYS, Document, records
from ketadash.results import Cox, TimeToEvent
from ketadash.trial import Trial

NO_MEDIAN = "the share without the event stays at a half or above"
NO_LIMIT = "the limit of the curve does not pass one half"
NO_STRATA = "no strata are chosen, so the test and the hazard ratio are without any"


def time_to_event(result: TimeToEvent | None) -> dict[str, Any] | None:
    """One endpoint as the JSON has it; None where the amounts cannot tell its event."""
    if result is None:
        return None
    odds, of_odds = analyse.odds_of_event(result)
    return {
        "definition": result.definition,
        "dropout": result.dropout,
        "method": result.method,
        "test": result.test,
        "ci_type": result.ci_type,
        "messages": list(not_reached(result)),
        "arms": {a.arm: {k: v for k, v in asdict(a).items() if k != "arm"} for a in result.arms},
        "curve": records(result.curve),
        "logrank": asdict(result.logrank),
        "cox": _cox(result.cox),
        "rmst": {
            "tau": result.rmst.tau,
            "arms": {arm: {"estimate": e, "se": se} for arm, (e, se) in result.rmst.arms.items()},
            "difference": asdict(result.rmst.difference),
            "messages": list(result.rmst.messages),
        },
        "difference_on_last_day": asdict(result.difference),
        "odds_ratio": {**asdict(odds), "messages": [of_odds] if of_odds else []},
        "n_dropouts_as_events": result.counts.n_filled,
        "strata": list(result.strata),
        "unstratified": unstratified(result),
        "null_because": _reasons(result, of_odds if None in (odds.estimate, odds.ci_low, odds.ci_high) else None),
    }


def unstratified(result: TimeToEvent) -> dict[str, Any] | None:
    """The test and the hazard ratio without strata, where the others have them."""
    if result.unstratified is None:
        return None
    test, cox = result.unstratified
    return {"logrank": asdict(test), "cox": _cox(cox)}


def _cox(cox: Cox) -> dict[str, Any]:
    """The hazard ratio; its messages say, too, why the test of its assumption is null."""
    why = cox.proportional.message if cox.proportional is not None else ""
    return asdict(cox) | {"messages": [*cox.messages, *([why] if why else [])]}


def not_reached(result: TimeToEvent) -> Iterator[str]:
    """Why medians, their limits, limits of the curve and the p of the last day's difference are null."""
    for arm in result.arms:
        low, high = arm.median_ci
        open_ends = [name for name, limit in (("lower", low), ("upper", high)) if limit is None]
        if arm.median is None:
            yield f"{arm.arm}: no median, as the share without the event stays at a half or above"
        if open_ends:
            yield (
                f"{arm.arm}: the median's interval has no {' and no '.join(open_ends)} limit, as the curve's does not "
                "pass one half"
            )
        points = [p for p in result.curve if p.arm == arm.arm]
        if any(p.ci_low is None for p in points):
            yield f"{arm.arm}: the curve has no interval ({result.ci_type}) on days on which it is 1 or 0"
    if result.difference.estimate is not None and result.difference.p is None:
        yield about_p("the difference on the last day has no p-value: its interval is pooled from those of the shares")


def _reasons(result: TimeToEvent, odds: str | None) -> dict[str, str]:
    """Why parts of an endpoint are null, by their path in it."""
    reasons: dict[str, str] = {}
    for arm in result.arms:
        if arm.median is None:
            reasons[f"arms.{arm.arm}.median"] = NO_MEDIAN
        if None in arm.median_ci:
            reasons[f"arms.{arm.arm}.median_ci"] = NO_LIMIT
    if any(p.ci_low is None or p.ci_high is None for p in result.curve):
        reasons |= dict.fromkeys(
            ("curve.ci_low", "curve.ci_high"), f"no interval ({result.ci_type}) where it is 1 or 0"
        )
    if result.difference.estimate is not None and result.difference.p is None:
        reasons["difference_on_last_day.p"] = about_p("its interval is pooled from those of the shares")
    if result.unstratified is None:
        reasons["unstratified"] = NO_STRATA
    lengths = (*result.rmst.arms.values(), (result.rmst.difference.estimate, result.rmst.difference.p))
    if None in (number for pair in lengths for number in pair) and result.rmst.messages:
        reasons["rmst"] = "; ".join(result.rmst.messages)
    if odds:
        reasons["odds_ratio"] = odds
    if result.cox.hr is None:
        reasons["cox"] = "; ".join(result.cox.messages)
    elif result.cox.proportional is not None and result.cox.proportional.message:
        reasons["cox.proportional"] = result.cox.proportional.message
    return reasons


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """The three endpoints; null for those that need heavy days which the amounts cannot tell."""
    results = analyse.time_to_event(trial, spec)
    everywhere = analyse.panel_of(trial, spec).warnings  # these warnings are in the document already
    warnings = [
        f"{r.endpoint}: {w}" for r in results.values() if r is not None for w in r.warnings if w not in everywhere
    ]
    if None in results.values():
        warnings.append((NO_HEAVY if results["relapse"] is None else NO_HEAVY_DAYS).format(spec.amount))
    shares = analyse.adjusted_events(trial, spec)
    parts = {name: time_to_event(result) for name, result in results.items()}
    for name, part in parts.items():
        if part is not None:
            both = shares.get(name)
            part["adjusted"] = (
                None if both is None else {**(adjusted.document(both) or {}), **adjusted.hazard_document(both)}
            )
            if part["adjusted"] is None:
                part["null_because"]["adjusted"] = adjusted.NOT_CHOSEN
    because = {f"time_to_event.{name}": NO_HEAVY.format(spec.amount) for name, part in parts.items() if part is None}
    return {"time_to_event": parts, "null_because": because}, warnings
