"""Adverse events, dissociation (CADSS) and late follow-up, from the optional files; None where they are not there."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from ketadash.analyse.binary import panel_of
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import abstinence, abstinent_on
from ketadash.core.choices.missing import missing_day
from ketadash.core.families import PANEL, fields_of
from ketadash.core.findings import counted
from ketadash.core.spec import AnalysisSpec
from ketadash.results.safety import (
    AdverseEvent,
    AdverseEvents,
    Dissociation,
    EventArm,
    FollowUp,
    FollowUpArm,
    RankTest,
    ScoreArm,
)
from ketadash.stats import effects, questionnaire_scores
from ketadash.trial import Panel, Trial
from ketadash.trial.population import people_of
from ketadash.trial.recognise import EVENTS, TESTS
from ketadash.trial.trial_terms import terms_of

Array = NDArray[np.float64]

AFTER = re.compile(r"after|post|infusion|day_?0|immediate")
FOLLOW_UP = re.compile(r"follow|6_?m(onth|o|$|_)|six_month|month_?6|m6")


# --- adverse events --------------------------------------------------------------------------------------------------


@remembered(fields_of("control", "active", "population", "confidence"))
def adverse_events_result(trial: Trial, spec: AnalysisSpec) -> AdverseEvents | None:
    """Participants with each event on day 0 or later (or on an unknown day), of all randomised."""
    column = event_column(trial)
    if column is None or trial.adverse_events is None:
        return None
    arms, arm_of = _arms(trial, spec)
    events_table = trial.adverse_events.assign(arm=trial.adverse_events["participant_id"].map(arm_of))
    events_table = events_table[events_table["arm"].notna() & events_table[column].notna()]
    before = events_table["day"] < 0 if "day" in events_table else pd.Series(False, index=events_table.index)
    events_table = events_table[~before]
    name = events_table[column].astype(str).str.strip()
    events_table = events_table.assign(kind=name.str.casefold())
    names = name.groupby(events_table["kind"]).first()
    n = {arm: sum(a == arm for a in arm_of.values()) for arm in arms}
    events = [_event(names[kind], rows, arms, n, spec.confidence) for kind, rows in events_table.groupby("kind")]
    events.sort(key=lambda e: (-sum(a.participants for a in e.arms), e.event.casefold()))
    empty = (f"{counted(int(before.sum()), 'event')} before day 0 left out",) if before.any() else ()
    overall = _event("any event", events_table, arms, n, spec.confidence)
    return AdverseEvents(arms, spec.confidence, tuple(events), overall, int(before.sum()), empty)


def has_safety_data(trial: Trial, spec: AnalysisSpec) -> bool:
    """Whether there are adverse events, a CADSS or a late follow-up."""
    has_events = event_column(trial) is not None and trial.adverse_events is not None
    return has_events or follow_up_column(trial) is not None or _cadss(trial, panel_of(trial, spec)) is not None


def event_column(trial: Trial) -> str | None:
    """The column of the adverse events that names them."""
    if trial.adverse_events is None:
        return None
    return next((c for c in EVENTS if c in trial.adverse_events), None)


def _event(event: str, rows: pd.DataFrame, arms: tuple[str, str], n: dict[str, int], confidence: float) -> AdverseEvent:
    counts = []
    for arm in arms:
        own = rows[rows["arm"] == arm]
        severity = own["severity"].dropna().astype(str).value_counts() if "severity" in own else pd.Series(dtype=int)
        counts.append(
            EventArm(
                arm,
                int(own["participant_id"].nunique()),
                n[arm],
                len(own),
                tuple((str(word), int(count)) for word, count in sorted(severity.items())),
            )
        )
    control, active = counts
    difference = effects.newcombe(active.participants, active.n, control.participants, control.n, confidence=confidence)
    return AdverseEvent(event, (control, active), difference)


# --- dissociation ----------------------------------------------------------------------------------------------------


@remembered(PANEL.plus("missing", "confidence"))
def dissociation_result(trial: Trial, spec: AnalysisSpec) -> Dissociation | None:
    """CADSS by arm and its association with abstinence on the window's last day; None without a CADSS."""
    p = panel_of(trial, spec)
    scores_and_source = _cadss(trial, p)
    if scores_and_source is None:
        return None
    score, source = scores_and_source
    known = ~np.isnan(score)
    arms = tuple(_score_arm(arm, score[p.active == k]) for k, arm in enumerate(p.arms))
    rank = questionnaire_scores.kruskal_wallis(score[known & ~p.active], score[known & p.active])
    last = abstinence(p, spec.missing).y[:, -1]
    used = known & ~np.isnan(last)
    slope = questionnaire_scores.logistic(last[used], score[used], confidence=spec.confidence)
    # nothing is imputed here: one day of one score's association is not worth a model of its own
    filled = (
        "missing left out"
        if spec.missing.imputed
        else missing_day(spec.missing, p.terms.use).replace("missing days are", "missing")
    )
    return Dissociation(
        source=source,
        confidence=spec.confidence,
        arms=(arms[0], arms[1]),
        test=RankTest(None, 1, None) if rank is None else RankTest(rank[0], 1, rank[1]),
        outcome=abstinent_on(int(p.days[-1]), filled),
        odds_ratio=slope.odds_ratio,
        n=int(used.sum()),
        n_abstinent=int(last[used].sum()),
        messages=() if slope.message is None else (f"CADSS and abstinence: {slope.message}",),
    )


def _cadss(trial: Trial, p: Panel) -> tuple[Array, str] | None:
    """(G,) scores in the panel's order and where they come from: participants, or visits on day 0."""
    people = trial.participants.set_index("participant_id")
    column = _first([c for c in people.columns if c.startswith("cadss") and is_numeric_dtype(people[c])])
    if column is not None:
        return people[column].reindex(list(p.participant_ids)).to_numpy(dtype=float), f"participants, {column}"
    if trial.visits is None:
        return None
    visits = trial.visits[trial.visits["day"] == 0]
    column = _first([c for c in visits.columns if c.startswith("cadss") and visits[c].notna().any()])
    if column is None or not is_numeric_dtype(visits[column]):
        return None
    last = visits.dropna(subset=[column]).groupby("participant_id")[column].last()
    return last.reindex(list(p.participant_ids)).to_numpy(dtype=float), f"visits on day 0, {column}"


def _first(columns: list[str]) -> str | None:
    """The one taken after the infusion, where several are there."""
    return next((c for c in columns if AFTER.search(c)), columns[0] if columns else None)


def _score_arm(arm: str, values: Array) -> ScoreArm:
    known = np.sort(values[~np.isnan(values)])
    q1, median, q3 = questionnaire_scores.quartiles(known) or (None, None, None)
    return ScoreArm(arm, len(known), int(np.isnan(values).sum()), median, q1, q3, tuple(float(v) for v in known))


# --- follow-up -------------------------------------------------------------------------------------------------------


@remembered(fields_of("control", "active", "population", "amount", "confidence"))
def follow_up_result(trial: Trial, spec: AnalysisSpec) -> FollowUp | None:
    """Abstinence at the late follow-up among those reached, and what the others could make of it."""
    column = follow_up_column(trial)
    if column is None:
        return None
    arms, _ = _arms(trial, spec)
    people = people_of(trial, spec)
    status = _yes_no(people[column])
    control, active = (_reached(arm, status[people["arm"] == arm], spec.confidence) for arm in arms)
    difference = effects.newcombe(
        active.abstinent, active.reached, control.abstinent, control.reached, confidence=spec.confidence
    )
    bounds = (active.bound_low - control.bound_high, active.bound_high - control.bound_low)
    terms = terms_of(trial, spec.amount)
    return FollowUp(column, spec.confidence, (control, active), difference, bounds, terms)


def follow_up_column(trial: Trial) -> str | None:
    """The participants' column of abstinence at a late follow-up, such as ``followup_6m_abstinent``."""
    return next((c for c in trial.participants.columns[2:] if "abstin" in c and FOLLOW_UP.search(c)), None)


def _yes_no(column: pd.Series) -> pd.Series:
    """1, 0 or NaN; a cell that is neither yes nor no counts as not reached."""
    if is_numeric_dtype(column):
        return column.where(column.isin([0, 1])).astype(float)
    return column.map(lambda cell: TESTS.get(str(cell).strip().lower(), np.nan)).astype(float)


def _reached(arm: str, status: pd.Series, confidence: float) -> FollowUpArm:
    n, reached, abstinent = len(status), int(status.notna().sum()), int((status == 1).sum())
    exact = effects.clopper_pearson(abstinent, reached, confidence=confidence)
    return FollowUpArm(arm, n, reached, abstinent, exact, abstinent / n, (abstinent + n - reached) / n)


def _arms(trial: Trial, spec: AnalysisSpec) -> tuple[tuple[str, str], dict[str, str]]:
    """The two arms, and the arm of everyone analysed in one of them."""
    arms = (str(spec.control), str(spec.active))
    people = people_of(trial, spec)
    return arms, dict(zip(people["participant_id"], people["arm"], strict=True))
