"""Re-randomisation, model check and influence in the JSON of `ketadash analyze`: each only where it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ketadash.analyse import batch, progress
from ketadash.analyse.influence import NNT, RELAPSE, influence, influence_problem, left_out_of
from ketadash.analyse.model_check import abstinence_check, heavy_check
from ketadash.analyse.randomisation import ALIKE, randomisation, randomisation_problem, shuffles_of
from ketadash.core.p_values import about_p
from ketadash.core.spec import AnalysisSpec, Uncertainty
from ketadash.questions.shared.document import Document
from ketadash.results.chance import Contrast, Influence, ModelCheck, Randomisation
from ketadash.trial import Trial


def shuffles(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Every contrast and what shuffling makes of it: thousands of fits, only if `deep`."""
    if not deep:
        return {}, []
    problem, done = randomisation_problem(trial, spec), []
    for (_, block), shuffled in batch.run(shuffles_of, [(problem, block) for block in problem.blocks]):
        done.append((block, shuffled))
        progress.tell("shuffles", block.first + block.count, spec.shuffles)
    result = randomisation(problem, done)
    return {"randomisation": randomisation_document(result)}, [f"randomisation: {m}" for m in result.messages]


def randomisation_document(r: Randomisation) -> dict[str, Any]:
    """The shuffles as the JSON has them."""
    return {
        "n_shuffles": r.n_shuffles,
        "seed": r.seed,
        "strata": list(r.strata),
        "contrasts": [_contrast(c) for c in r.contrasts],
        "messages": list(r.messages),
    }


NO_INTERVAL = about_p("shuffling gives this comparison a p-value only: it has no interval")


def _contrast(c: Contrast) -> dict[str, Any]:
    """`observed` is the difference on its own scale; a log-rank test has its statistic alone."""
    return {
        "name": c.name,
        "label": c.label,
        "observed": c.statistic if c.observed.estimate is None and not c.unvarying else c.observed.estimate,
        "statistic": None if c.unvarying else c.statistic,
        "p": c.observed.p,
        "monte_carlo_se": c.monte_carlo_se,
        "n_failed": c.n_failed,
        "ci_low": c.observed.ci_low,
        "ci_high": c.observed.ci_high,
        "interval": c.interval or NO_INTERVAL,
        "message": c.trouble or None,
        "null_because": _contrast_reasons(c),
    }


NO_TROUBLE = "there is an answer, so nothing is in its way"


def _contrast_reasons(c: Contrast) -> dict[str, str]:
    """Why numbers of a comparison are null."""
    if c.trouble:
        names = ("observed", "statistic", "p", "monte_carlo_se", "ci_low", "ci_high")
        return dict.fromkeys(names, c.trouble)
    reasons = {"message": NO_TROUBLE} | ({"statistic": ALIKE} if c.unvarying else {})
    if c.observed.ci_low is None:
        reasons |= dict.fromkeys(("ci_low", "ci_high"), c.interval or NO_INTERVAL)
    return reasons


def model_check(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Whether the abstinence model describes the days; under `heavy` the same of the heavy-day model."""
    if not deep:
        return {}, []
    abstinence, heavy = abstinence_check(trial, spec), heavy_check(trial, spec)
    robust = spec.uncertainty is Uncertainty.ROBUST  # robust intervals are not the model's own
    doubted = [c for c in (abstinence, heavy) if c is not None and not c.ok and not (robust and c.too_narrow)]
    warnings = [f"model check, {c.outcome}: {c.message}" for c in doubted]
    part = _check(abstinence) | {"heavy": None if heavy is None else _check(heavy)}
    return {"model_check": part}, warnings


NO_PARTS = dict.fromkeys(("observed", "expected", "low", "high"))
UNMEASURED = {
    "lag1_odds_ratio": "no neighbouring days of people who had both kinds, in the data or in what the model draws",
    "spells": "no such day, in the data or in what the model draws",
    "always_one_way": "nobody has a known day",
    "slopes": "no two people of an arm have five known days or more",
}


def _check(c: ModelCheck) -> dict[str, Any]:
    """Every measure, also where there is none: then with the reason."""
    parts = {m.key: {k: v for k, v in asdict(m).items() if k != "key"} for m in c.measures}
    measures = {key: parts.get(key, NO_PARTS) for key in UNMEASURED}
    reasons = {
        key: why if c.measures else c.message for key, why in UNMEASURED.items() if None in measures[key].values()
    }
    if c.ok is None:
        reasons["ok"] = c.message
    return measures | {"ok": c.ok, "message": c.message, "null_because": reasons}


def who_carries_it(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Each headline without each participant; `headlines` has all of them, the first stands by itself too."""
    if not deep:
        return {}, []
    problem, done = influence_problem(trial, spec), []
    tasks = problem.tasks
    for (_, task), result in batch.run(left_out_of, [(problem, task) for task in tasks]):
        done.append((task, result))
        progress.tell("influence", len(done), len(tasks))
    results = influence(problem, done)
    headlines = [_influence(r) for r in results]
    return {"influence": headlines[0] | {"headlines": headlines}}, _warnings(results)


def _warnings(results: Sequence[Influence]) -> list[str]:
    return [
        f"influence, {r.label}: the conclusion changes without {', '.join(r.changes_conclusion)}"
        for r in results
        if r.changes_conclusion
    ]


def _influence(r: Influence) -> dict[str, Any]:
    fragility = None if r.fragility is None else {"flips": r.fragility.flips, "n": r.fragility.n}
    return {
        "headline": r.headline,
        "label": r.label,
        "full": {"estimate": r.full.estimate, "ci_low": r.full.ci_low, "ci_high": r.full.ci_high},
        "without": [
            {
                "participant": w.participant,
                "estimate": w.estimate.estimate,
                "ci_low": w.estimate.ci_low,
                "ci_high": w.estimate.ci_high,
            }
            for w in r.without
        ],
        "changes_conclusion": list(r.changes_conclusion),
        "no_interval_without": list(r.no_interval_without),
        "fragility": fragility,
        "null_because": _reasons(r),
    }


NO_COUNT = "a modelled difference has none: it is of outcomes that are counted"
NO_CHANGE = "no change of the outcomes of one arm changes the verdict of Fisher's exact test, or an arm is empty"
NOT_WITHOUT = "without this participant the analysis has no finite answer"
NO_ANSWER = "the analysis itself has no finite answer: see the messages of its own part"


def _reasons(r: Influence) -> dict[str, str]:
    """Why numbers of a headline are null."""
    why = NO_CHANGE if r.headline in (RELAPSE, NNT) else NO_COUNT
    reasons = {"fragility": why} if r.fragility is None else {}
    if None in (r.full.estimate, r.full.ci_low, r.full.ci_high):
        reasons["full"] = NO_ANSWER
    if any(None in (w.estimate.estimate, w.estimate.ci_low, w.estimate.ci_high) for w in r.without):
        reasons["without"] = NOT_WITHOUT
    return reasons


DOCUMENTS = {"randomisation": shuffles, "model_check": model_check, "influence": who_carries_it}
