"""Who the participants were and who stayed: Table 1, CONSORT numbers, retention, every day, one person's record."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash.analyse.binary import panel_of
from ketadash.analyse.flow_and_retention import day_map, flow, reason_of, retention, states, with_days_before
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import dropout_day
from ketadash.analyse.table_one import label_of, table_one
from ketadash.core.errors import SpecError
from ketadash.core.families import PARTICIPANTS
from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import DRINKS, Terms
from ketadash.results.people import DayState, Participants, PersonRecord, RecordedDay
from ketadash.trial import Trial, test_column
from ketadash.trial.panel import tested_visits


@remembered(PARTICIPANTS)
def participants_result(trial: Trial, spec: AnalysisSpec) -> Participants:
    """Everything about the two arms' participants but their single records."""
    p = panel_of(trial, spec)
    table = table_one(trial, spec)
    return Participants(
        p.arms,
        table,
        flow(trial, p, with_days_before(trial, p, spec), spec.missing),
        retention(p),
        day_map(trial, p, spec),
        tuple(f"Table 1: {note}" for note in table.left_out),
    )


def person_record(trial: Trial, spec: AnalysisSpec, participant_id: str) -> PersonRecord:
    """One participant's days, tests, adverse events and baseline values.

    Raises
    ------
    SpecError
        If nobody in the two arms has that id.
    """
    p = panel_of(trial, spec)
    if participant_id not in p.participant_ids:
        raise SpecError(f"there is no participant '{participant_id}' in the two arms; choose one of the list")
    row = p.participant_ids.index(participant_id)
    wide = with_days_before(trial, p, spec)
    state, tests, events = states(wide)[row], _tests(trial, spec, participant_id), _events(trial, participant_id)
    days = tuple(
        RecordedDay(
            int(day),
            None if np.isnan(amount) else float(amount),
            DayState(s),
            bool(day >= p.days[0]),
            tests.get(int(day)),
            tuple(events.get(int(day), ())),
        )
        for day, amount, s in zip(wide.days, wide.amount[row], state, strict=True)
    )
    gone = dropout_day(p)[row]
    left = None if gone is np.ma.masked else int(gone)
    return PersonRecord(
        participant_id=participant_id,
        arm=p.arms[int(p.active[row])],
        threshold=float(p.heavy_threshold[row]) if p.can_tell_heavy else None,
        amount_name=_amount_name(str(spec.amount), p.terms),
        window=(int(p.days[0]), int(p.days[-1])),
        left=left,
        reason=reason_of(trial, participant_id) if left is not None else None,
        days=days,
        baseline=_baseline(trial, participant_id),
        terms=p.terms,
    )


def _amount_name(column: str, terms: Terms) -> str:
    """The column's name; the one that reading gives to a grid of days gives way to what the trial counts."""
    return terms.measure if column == DRINKS.many and terms != DRINKS else column


def _tests(trial: Trial, spec: AnalysisSpec, participant_id: str) -> dict[int, bool]:
    """Test result by day; one positive of several on a day is enough."""
    column = test_column(trial, spec)
    if column is None:
        return {}
    visits = tested_visits(trial, column)
    own = visits[(visits["participant_id"] == participant_id) & visits["tested"]]
    return {int(day): bool(positive) for day, positive in zip(own["day"], own["positive"], strict=True)}


def _events(trial: Trial, participant_id: str) -> dict[int, list[str]]:
    """Adverse events by day, those whose day is known."""
    frame, by_day = trial.adverse_events, dict[int, list[str]]()
    if frame is None or "day" not in frame:
        return by_day
    named = next((c for c in ("event", "term", "aeterm", "adverse_event") if c in frame), None)
    own = frame[(frame["participant_id"] == participant_id) & frame["day"].notna()]
    for day, name in zip(own["day"], own[named] if named else [None] * len(own), strict=True):
        by_day.setdefault(int(day), []).append("adverse event" if pd.isna(name) else str(name))
    return by_day


def _baseline(trial: Trial, participant_id: str) -> tuple[tuple[str, str], ...]:
    own = trial.participants[trial.participants["participant_id"] == participant_id].iloc[0]
    return tuple((label_of(trial, str(c)), _shown(own[c])) for c in trial.participants.columns[2:])


def _shown(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "not known"
    return f"{value:g}" if isinstance(value, float | int) else str(value)
