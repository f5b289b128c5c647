"""The endpoints as tables: all of them, and what one of them is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from ketadash.core.numbers import level
from ketadash.core.p_values import about_p, p_cell
from ketadash.questions.endpoints import words
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.heads import NO_ANSWER
from ketadash.results.endpoints import EndpointResult, Endpoints, ShuffledEndpoints


def table(result: Endpoints) -> pd.DataFrame:
    """A row an endpoint; what unknown amounts leave open stands with what there is to mind of each."""
    return pd.DataFrame([_row(e, result) for e in result.each])


def _row(e: EndpointResult, result: Endpoints) -> dict[str, str]:
    control, active = e.arms
    return {
        "Endpoint": e.label,
        "Days": f"{e.window[0]}–{e.window[1]}" if e.method else "–",  # of one that is not given no day counts
        control.arm: f"{words.value(e, control)} ({words.people(control)})" if e.method else "–",
        active.arm: f"{words.value(e, active)} ({words.people(active)})" if e.method else "–",
        f"Difference or ratio ({level(result.confidence)})": words.gap_text(e),
        # a dash where no test is made, so that nothing is called hidden
        "p": p_cell(e.difference.p) if e.method else "–",
        "Effect size": words.effect(e),
    }


def details(e: EndpointResult) -> pd.DataFrame:
    """What one endpoint is: definition, formula, missing days, method, code, and what speaks against it."""
    rows = [
        ("Definition", e.definition),
        ("Formula", e.formula),
        ("Missing days", _sentence(e.missing)),
        ("Compared by", e.method or words.NOT_GIVEN),
        ("In R, for one participant", e.code),
    ]
    rows += [("Mind", _sentence(w)) for w in e.warnings]
    return pd.DataFrame(rows, columns=["", " "])


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def shuffled(result: Endpoints, by_shuffling: ShuffledEndpoints) -> pd.DataFrame:
    """Each endpoint's p beside that of its shuffles."""
    return pd.DataFrame(
        [
            {
                "Endpoint": result.of(s.key).label,
                "p": p_cell(result.of(s.key).difference.p),
                "p by shuffling": p_cell(s.p),
                "Monte Carlo SE": about_p("–" if s.monte_carlo_se is None else f"{s.monte_carlo_se:.4f}"),
                NO_ANSWER: f"{s.n_failed:,}",
            }
            for s in by_shuffling.each
        ]
    )


def full(each: Iterable[EndpointResult]) -> pd.DataFrame:
    """Everything in full precision, a row an endpoint and arm."""
    return precise(
        {"key": e.key, "label": e.label, "first_day": e.window[0], "last_day": e.window[1], "grace": e.grace}
        | asdict(arm)
        | {f"difference_{k}": v for k, v in asdict(e.difference).items()}
        | {"method": e.method, "cohen_h": e.cohen_h, "cohen_d": e.cohen_d}
        for e in each
        for arm in e.arms
    )
