"""Who stayed: the numbers of the CONSORT diagram, retention by day, and what each day of each participant was."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketadash.analyse.outcomes import dropout_day, last_known_day
from ketadash.core.spec import AnalysisSpec, MissingRule, Window
from ketadash.results.people import ArmFlow, DayMap, DayState, Flow, Leaving, RetentionPoint
from ketadash.trial import Panel, Trial, panel
from ketadash.trial.recognise import natural_order

REASONS = ("dropout_reason", "reason_for_dropout", "reason")
RECEIVED = ("received", "received_infusion", "received_treatment", "infused")
UNSAID = "stopped reporting"
DAYS_BEFORE = 28  # of the days before the window: enough for what was used in the month before

Mask = NDArray[np.bool_]


def flow(trial: Trial, p: Panel, wide: Panel, missing: MissingRule) -> Flow:
    """Participants from screening to analysis, as far as the data and `trial.toml` know.

    `wide` is the panel with the days before its window (`with_days_before`).  Everyone is analysed where
    missing days are given a value; under `MissingRule.MISSING` those with a known day.
    """
    people = in_order(trial, p)
    heavy, heavy_before = ((states(days) == DayState.HEAVY).any(axis=1) for days in (p, wide))
    used = (states(p) != DayState.ABSTINENT) & ~np.isnan(p.amount)
    last, gone = last_known_day(p), dropout_day(p)
    left = ~np.ma.getmaskarray(gone)
    returned = last >= p.days[0]
    arms = []
    for k, arm in enumerate(p.arms):
        own = p.active == k
        leaving = own & left & returned
        arms.append(
            ArmFlow(
                arm=arm,
                randomised=int(own.sum()),
                received=_received(people, own),
                never_reported=int((own & ~returned).sum()),
                left=_leaving(reasons(people)[leaving], gone.filled(0)[leaving]),
                completed=int((own & ~left).sum()),
                analysed=int(own.sum() if missing.fills else (own & returned).sum()),
                gone_after_heavy=int((own & left & np.where(returned, heavy, heavy_before)).sum())
                if p.can_tell_heavy
                else None,
                gone_abstinent=int((leaving & ~used.any(axis=1)).sum()),
            )
        )
    declared, in_arms = trial.declared, int(trial.participants["arm"].isin(p.arms).sum())
    return Flow(
        declared.screened,
        declared.enrolled,
        len(trial.participants),
        len(trial.participants) - in_arms,
        (arms[0], arms[1]),
        (int(p.days[0]), int(p.days[-1])),
        in_arms - len(people),
    )


def retention(p: Panel) -> tuple[RetentionPoint, ...]:
    """Share of each arm still reporting: known on the day or on a later one of the window; day before it: all."""
    last, known = last_known_day(p), ~np.isnan(p.amount)
    points = []
    for k, arm in enumerate(p.arms):
        own = p.active == k
        n = int(own.sum())
        points.append(RetentionPoint(arm, int(p.days[0]) - 1, n, n, n, 1.0))
        for j, day in enumerate(p.days):
            staying = int((last[own] >= day).sum())
            points.append(RetentionPoint(arm, int(day), n, staying, int(known[own, j].sum()), staying / n))
    return tuple(points)


def day_map(trial: Trial, p: Panel, spec: AnalysisSpec) -> DayMap:
    """Every day of every participant, sorted by known abstinent days of the window, arm by arm."""
    first, last = int(p.days[0]), int(p.days[-1])
    wide = with_days_before(trial, p, spec)
    state = states(wide)
    inside = state[:, wide.days >= first]
    abstinent = (inside == DayState.ABSTINENT).sum(axis=1)
    heavy = (inside == DayState.HEAVY).sum(axis=1)
    # lexsort: the last key counts most; the ids as they are shown break ties, so that masked ones keep no order
    shown = np.argsort(sorted(range(len(p.participant_ids)), key=lambda i: natural_order(p.participant_ids[i])))
    order = np.lexsort((shown, heavy, -abstinent, p.active))
    return DayMap(
        arms=p.arms,
        participant_ids=tuple(p.participant_ids[i] for i in order),
        active=p.active[order],
        days=wide.days,
        window=(first, last),
        state=state[order],
        amount=wide.amount[order],
        abstinent_days=abstinent[order],
        can_tell_heavy=p.can_tell_heavy,
        terms=p.terms,
    )


def with_days_before(trial: Trial, p: Panel, spec: AnalysisSpec) -> Panel:
    """The panel with the days before its window that the data have, `DAYS_BEFORE` at most."""
    first, last = int(p.days[0]), int(p.days[-1])
    ours = trial.days.loc[trial.days["arm"].isin(p.arms), "day"]
    earliest = max(min(first, int(ours.min())) if len(ours) else first, first - DAYS_BEFORE)
    return p if earliest == first else panel(trial, spec.replace(days=Window(earliest, last)))


def states(p: Panel) -> NDArray[np.int8]:
    """(G, T) `DayState` of every cell."""
    heavy = p.can_tell_heavy & (np.nan_to_num(p.amount, nan=-1.0) > p.heavy_threshold[:, None])
    state = np.where(p.amount > 0, DayState.USE, DayState.ABSTINENT)
    state = np.where(heavy, DayState.HEAVY, state)
    state = np.where(p.overridden, DayState.OVERRIDDEN, state)
    state = np.where(p.unknown_amount, DayState.UNKNOWN_AMOUNT, state)
    return np.where(np.isnan(p.amount), DayState.MISSING, state).astype(np.int8)


def reason_of(trial: Trial, participant_id: str) -> str | None:
    """Why a participant left, if a column says it."""
    own = trial.participants[trial.participants["participant_id"] == participant_id]
    own_reasons = reasons(own)
    return None if own_reasons[0] == UNSAID else str(own_reasons[0])


def in_order(trial: Trial, p: Panel) -> pd.DataFrame:
    """The participants' rows in the panel's order."""
    return trial.participants.set_index("participant_id").loc[list(p.participant_ids)]


def reasons(people: pd.DataFrame) -> NDArray[np.object_]:
    """Why each participant left (G,), by the first column that says so; `UNSAID` where nothing does."""
    column = next((c for c in REASONS if c in people), None)
    if column is None:
        return np.full(len(people), UNSAID, dtype=object)
    return people[column].astype(object).where(people[column].notna(), UNSAID).map(str).to_numpy()


def _received(people: pd.DataFrame, own: Mask) -> int | None:
    """How many have a yes (or 1) in a column that says who received the treatment."""
    column = next((c for c in RECEIVED if c in people), None)
    if column is None:
        return None
    return int(people.loc[own, column].map(lambda v: str(v).strip().lower() in ("yes", "y", "true", "1", "1.0")).sum())


def _leaving(reasons: NDArray[np.object_], days: NDArray[np.int64]) -> tuple[Leaving, ...]:
    """Reason by reason, the commonest first."""
    groups = [Leaving(str(r), tuple(sorted(int(d) for d in days[reasons == r]))) for r in sorted(set(reasons))]
    return tuple(sorted(groups, key=lambda leaving: -len(leaving.days)))
