"""Results → the JSON of `ketadash analyze`: a contract with outsiders, strict JSON in full precision."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core import p_values as words_guard
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec
from ketadash.export.people_json import participants
from ketadash.export.safety_json import safety
from ketadash.export.sensitivity_json import sensitivity
from ketadash.questions.shared import words
from ketadash.results import BinaryOutcome, ModelFit, Nnt, TimeToEvent
from ketadash.trial import Trial, resolve

SCHEMA_VERSION = "1.0"
SECTIONS = ("abstinence", "heavy", "time_to_event", "nnt", "sensitivity", "participants", "safety")
NO_HEAVY = (
    "heavy days, relapse and first heavy day are not analysed: '{}' holds only 0 and 1, which cannot tell a heavy day; "
    "give a column of amounts with --amount"
)


def sections(text: str | None) -> tuple[str, ...]:
    """The sections named in ``"abstinence,nnt"``, all of them for None; SpecError for one that does not exist."""
    if text is None:
        return SECTIONS
    wanted = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown or not wanted:
        raise SpecError(f"--only takes {', '.join(SECTIONS)}; '{text}' names {', '.join(unknown) or 'none'}")
    return wanted


def analysis(
    trial: Trial, spec: AnalysisSpec, wanted: Iterable[str] = SECTIONS, *, deep: bool = False, hidden: bool = False
) -> dict[str, Any]:
    """Everything the contract names, for one trial and one (unresolved) spec.

    The tipping map and the specification curves, hundreds of fits, are part of sensitivity only if `deep`; p-values are
    left out if `hidden`, or if the trial declares so outside its declared analysis.

    Raises
    ------
    DataError, SpecError
        As `resolve` and the panel do.
    """
    spec, notes = resolve(trial, spec)
    warnings = [*trial.warnings, *notes, *analyse.panel_of(trial, spec).warnings]
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "warnings": warnings}
    document["provenance"] = asdict(analyse.provenance(trial, spec))
    wanted = set(wanted)
    if "abstinence" in wanted:
        result = analyse.abstinence_result(trial, spec)
        warnings += [*result.warnings, *_doubts(result)]
        document["abstinence"] = _binary(result) | {
            "models": {name: _model(model) for name, model in analyse.abstinence_models(trial, spec).items()}
        }
    if "heavy" in wanted:
        heavy = analyse.heavy_result(trial, spec)
        document["heavy"] = _heavy(heavy)
        warnings += [NO_HEAVY.format(spec.amount)] if heavy is None else [*heavy.warnings, *_doubts(heavy)]
    if "time_to_event" in wanted:
        events = analyse.time_to_event(trial, spec)
        document["time_to_event"] = {k: _tte(v) for k, v in events.items()}
        warnings += [f"{v.endpoint}: {w}" for v in events.values() if v for w in v.warnings if w not in warnings]
        if document["time_to_event"]["relapse"] is None:
            warnings.append(NO_HEAVY.format(spec.amount))
    if "nnt" in wanted:
        numbers = analyse.nnt_result(trial, spec)
        document["nnt"] = {n.name: _nnt(n) for n in (numbers.observed, numbers.observed_last_day, numbers.modelled)}
    if "sensitivity" in wanted:
        parts, doubts = sensitivity(trial, spec, _tte, deep=deep)
        document |= parts
        warnings += doubts
    if "participants" in wanted:
        people = analyse.participants_result(trial, spec)
        document["participants"] = participants(people)
        warnings += people.warnings
    if "safety" in wanted:
        document["safety"], doubts = safety(trial, spec, _model)
        warnings += doubts
    strict = trial.declared.strict and document["provenance"]["exploratory"]
    document["warnings"] = list(dict.fromkeys(warnings))
    if strict or hidden:
        document = words_guard.everywhere(document)
        why = "the trial declares strict, and this is not its declared analysis" if strict else "as on the page"
        document["warnings"].append(f"p-values are hidden: {why}")
    return document


def dumps(document: dict[str, Any]) -> str:
    """Strict JSON text: a NaN or an infinity that slipped in becomes null."""
    return json.dumps(_strict(document), indent=1, ensure_ascii=False, allow_nan=False)


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {_strict(str(k)): _strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(v) for v in value]
    if isinstance(value, str):  # half a pair of UTF-16 has no bytes in UTF-8
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _doubts(result: BinaryOutcome) -> list[str]:
    return [f"{result.outcome}, {result.chosen} model: {m}" for m in result.model.convergence.messages]


def _points(points: Sequence[Any]) -> list[dict[str, Any]]:
    return [asdict(p) for p in points]


def _binary(result: BinaryOutcome) -> dict[str, Any]:
    return {
        "trend": result.chosen,
        "estimand": result.estimand,
        "percent_days": result.percent_days,
        "observed": _points(result.observed),
        "modelled": _points(result.modelled),
        "difference": _points(result.difference),
        "odds_ratio_per_day": _points(result.odds_ratio_per_day),
        "n_filled": result.counts.n_filled,
        "n_missing": result.counts.n_missing,
    }


def _heavy(result: BinaryOutcome | None) -> dict[str, Any] | None:
    if result is None:
        return None
    found = _binary(result)
    del found["trend"]
    return {"model": _model(result.model), **found}


def _model(model: ModelFit) -> dict[str, Any]:
    likelihood = {"minus2ll": model.minus2ll, "aic": model.aic, "bic": model.bic}
    residual = {"rho": model.rho, "scale": model.scale}
    pooled = {"n_imputations": model.n_imputations, "n_failed": model.n_failed}
    return {
        "method": words.method(model),
        "formula": model.formula,
        "n_observations": model.n_observations,
        "n_participants": model.n_participants,
        "n_quadrature": model.n_quadrature,
        "converged": model.convergence.ok,
        "messages": list(model.convergence.messages),
        "random_intercept_sd": model.random_intercept_sd,
        "random_intercept_sd_se": model.random_intercept_sd_se,
        **(pooled if model.n_imputations is not None else {}),
        **(residual if model.method in ("RSPL", "REML") else likelihood),
        "coefficients": _points(model.coefficients),
        "tests": _points(model.tests),
    }


def _tte(result: TimeToEvent | None) -> dict[str, Any] | None:
    if result is None:
        return None
    return {
        "definition": result.definition,
        "dropout": result.dropout,
        "method": result.method,
        "test": result.test,
        "ci_type": result.ci_type,
        "arms": {a.arm: {k: v for k, v in asdict(a).items() if k != "arm"} for a in result.arms},
        "curve": _points(result.curve),
        "logrank": asdict(result.logrank),
        "cox": asdict(result.cox),
        "rmst": {
            "tau": result.rmst.tau,
            "arms": {arm: {"estimate": e, "se": se} for arm, (e, se) in result.rmst.arms.items()},
            "difference": asdict(result.rmst.difference),
            "messages": list(result.rmst.messages),
        },
        "difference_on_last_day": asdict(result.difference),
        "n_dropouts_as_events": result.counts.n_filled,
    }


def _nnt(nnt: Nnt) -> dict[str, Any]:
    return {k: v for k, v in asdict(nnt).items() if k != "name"}
