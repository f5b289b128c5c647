"""Each participant's endpoints in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.analyse import batch, progress
from ketadash.analyse.endpoint_shuffles import endpoint_block, endpoint_shuffles, shuffled_endpoints
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.responders.words import NO_LEVELS
from ketadash.questions.shared import adjusted
from ketadash.questions.shared.adjusted import NO_SE
from ketadash.questions.shared.document import Document
from ketadash.results.endpoints import ArmEndpoint, EndpointResult, ResponderCurve
from ketadash.trial import Trial

NO_CURVE = "the amounts tell no number of a participant that a cut could be set in"


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Endpoints, ladder, responder curves and WHO levels; the JSON's `responder_curve` is the first of the curves."""
    result, who = analyse.endpoints(trial, spec), analyse.responders(trial, spec)
    curves = {c.measure: _curve(c) for c in who.curves}
    more = adjusted.document(analyse.adjusted_endpoints(trial, spec))
    return {
        "endpoints": [_endpoint(e) for e in result.each],
        "endpoints_adjusted": more,
        "responder_ladder": _ladder(who.ladder),
        "responder_curve": {**next(iter(curves.values())), "measures": curves} if curves else None,
        "who_levels": None if who.flow is None else asdict(who.flow),
        "null_because": {
            **({} if more else {"endpoints_adjusted": adjusted.NOT_CHOSEN}),
            **({} if curves else {"responder_curve": NO_CURVE}),
            **({} if who.flow else {"who_levels": NO_LEVELS}),
        },
    }, [f"{e.label}: {w}" for e in result.each for w in e.warnings if e.difference.estimate is None]


def shuffles(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Each endpoint's p by shuffling, only if `deep`."""
    if not deep:
        return {}, []
    problem, done = endpoint_shuffles(trial, spec), []
    for (_, block), values in batch.run(endpoint_block, [(problem, block) for block in problem.blocks]):
        done.append((block, values))
        progress.tell("endpoint shuffles", block.first + block.count, spec.shuffles)
    result = shuffled_endpoints(problem, done)
    parts = {"n_shuffles": result.n_shuffles, "seed": result.seed, "endpoints": [asdict(s) for s in result.each]}
    return {"endpoint_randomisation": parts}, []


DOCUMENTS = {"endpoint_randomisation": shuffles}


def _endpoint(e: EndpointResult) -> dict[str, Any]:
    left_out = ("arms", "difference", "method", "warnings", "window")
    rest = {k: v for k, v in asdict(e).items() if k not in left_out}
    scale = "ratio" if e.is_ratio else "difference"
    parts = rest | {
        "window": list(e.window),
        "arms": {arm.arm: _arm(arm, e.kind) for arm in e.arms},
        "difference": asdict(e.difference) | {"method": e.method, "scale": scale},
        "warning": "; ".join(e.warnings) or None,
    }
    return parts | {"null_because": _reasons(e)}


def _arm(arm: ArmEndpoint, kind: str) -> dict[str, Any]:
    """What an arm has by the kind of endpoint: events or a standard deviation."""
    parts = {k: v for k, v in asdict(arm).items() if k != "arm"}
    gone = {"count": ("sd", "rate"), "rate": ("events", "ci_low", "ci_high")}.get(
        kind, ("events", "rate", "ci_low", "ci_high")
    )
    return {k: v for k, v in parts.items() if k not in gone}


NO_EFFECT = "only two shares have Cohen's h, and only two means that vary have Cohen's d"
ALL_KNOWN = "no day is reported or tested as use of an unknown amount"
NOBODY_OPEN = "nobody's outcome is unknown, or it is no count of people"
NO_WARNING = "nothing speaks against it"
NOT_GIVEN = "see its warning"


def _reasons(e: EndpointResult) -> dict[str, str]:
    """Why numbers are null."""
    reasons = {"cohen_h": NO_EFFECT, "cohen_d": NO_EFFECT, "bounds": ALL_KNOWN, "open_bounds": NOBODY_OPEN}
    if not e.method:
        reasons = dict.fromkeys(reasons, NOT_GIVEN)
    why = {name: text for name, text in reasons.items() if getattr(e, name) is None}
    if not e.warnings:
        why["warning"] = NO_WARNING
    for name in ("estimate", "ci_low", "ci_high", "p"):
        if getattr(e.difference, name) is None:
            why[f"difference.{name}"] = NOT_GIVEN
    if e.difference.se is None:
        why["difference.se"] = NO_SE if e.difference.estimate is not None else NOT_GIVEN
    if any(arm.least is None for arm in e.arms):
        why |= dict.fromkeys(("arms.least", "arms.most"), reasons["bounds"])
    if any(arm.value is None for arm in e.arms):
        why["arms.value"] = NOT_GIVEN
    return why


def _ladder(ladder: Any) -> dict[str, Any]:
    rungs = [
        {"key": r.key, "label": r.label, "arms": {a.arm: _arm(a, "count") for a in r.arms}}
        | {"difference": asdict(r.difference), "cohen_h": r.cohen_h}
        for r in ladder.rungs
    ]
    return {"definition": ladder.definition, "rungs": rungs, "messages": list(ladder.messages)}


def _curve(c: ResponderCurve) -> dict[str, Any]:
    return {
        "measure": c.measure,
        "label": c.label,
        "responds": "at least the cut" if c.good else "at most the cut",
        "n": dict(zip(c.arms, c.n, strict=True)),
        "n_worst": dict(zip(c.arms, c.n_worst, strict=True)),
        "arms": {arm: [asdict(s) for s in steps] for arm, steps in zip(c.arms, c.curves, strict=True)},
        "test": asdict(c.test),
        "shift": {k: v for k, v in asdict(c.shift).items() if k in ("estimate", "ci_low", "ci_high")},
        "messages": list(c.messages),
    }
