"""Small cells suppressed: what a colleague may be given of Table 1, the flow, adverse events and late follow-up.

A count of 1 to 4 points at people.  It is replaced by ``SUPPRESSED``, and so is whatever it could be worked out from:
percentages, differences between the arms, and the next smallest cell of a row or column whose sum is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import pandas as pd

SMALL = range(1, 5)
SUPPRESSED = "suppressed"
SUPPRESSION_NOTE = (
    "Counts of 1 to 4 in Table 1, participant flow, adverse events and late follow-up are suppressed, and the next "
    "smallest where a total would give them away. Daily curves, endpoints and models are as they are; retention by "
    "day, responders at every cut, WHO levels and subgroups are left out."
)
SECTIONS = ("participants", "safety")  # of the JSON, that tables are made from
# Their steps are single people: day by day, and cut by cut.
PERSONAL = (
    "retention",
    "responders percent_heavy_days",
    "responders drinks_per_day",
    "responders percent_days_abstinent",
)
Json = dict[str, Any]


# Parts without counts of people that reveal 1 to 4, and daily curves and models (see `SUPPRESSION_NOTE`).  A part of
# the JSON that is not named here is left out: a new one is looked at before it leaves.  A table says itself what it is
# (`ketadash.questions.question.Discloses`).
OPEN_PARTS = (
    "schema_version",
    "warnings",
    "null_because",
    "provenance",
    "abstinence",
    "arms",
    "heavy",
    "time_to_event",
    "nnt",
    "endpoints",
    "endpoint_randomisation",
    "endpoints_adjusted",
    "responder_ladder",
    "sensitivity",
    "missingness",
    "dropout",
    "tipping",
    "specifications",
    "robustness",
    "randomisation",
    "model_check",
)
# Looked at, and left out: their steps and cells are single people.
OF_PEOPLE = ("responder_curve", "who_levels", "subgroups")
OPEN_SAFETY = ("measures", "absent")
UNKNOWN = pd.DataFrame({"suppressed": ["This table is not known to be free of small counts, so it is left out."]})


def document(numbers: Json) -> Json:
    """The JSON of `ketadash analyze` with its small cells suppressed, and no part that is not known to be safe."""
    known = (*OPEN_PARTS, *SECTIONS)
    safe: Json = {name: part if name in known else SUPPRESSED for name, part in numbers.items()}
    if (people := numbers.get("participants")) is not None:
        rows = [characteristic(row) for row in people["table1"]]
        safe["participants"] = people | {"table1": rows, "flow": _flow(people["flow"]), "retention": SUPPRESSED}
    if (safety := numbers.get("safety")) is not None:
        safe["safety"] = safety | {
            name: change(safety[name])
            for name, change in (("adverse_events", _events), ("cadss", _scores), ("follow_up", _follow_up))
            if safety.get(name) is not None
        }
        seen = (*OPEN_SAFETY, "adverse_events", "cadss", "follow_up")
        safe["safety"] = safe["safety"] | {name: SUPPRESSED for name in safety if name not in seen}
    safe["suppressed"] = SUPPRESSION_NOTE
    return safe


def tables(
    numbers: Callable[[], Json], offered: dict[str, pd.DataFrame], disclose_nobody: Collection[str]
) -> dict[str, pd.DataFrame]:
    """The tables that a page offers, with their small cells suppressed; `numbers` computes the JSON document.

    Those that are not said to `disclose_nobody` and that there is no suppressed version of are left out.
    """
    kept = {name: frame for name, frame in offered.items() if name not in PERSONAL}
    opened = {name: frame if name in disclose_nobody else UNKNOWN for name, frame in kept.items()}
    if not kept.keys() & MADE_ANEW.keys():
        return opened
    safe = document(numbers())
    return {name: MADE_ANEW[name](safe) if name in MADE_ANEW else frame for name, frame in opened.items()}


def hidden(cells: Sequence[Sequence[int]], lines: Iterable[Sequence[tuple[int, int]]]) -> set[tuple[int, int]]:
    """Which cells (row, column) to suppress; `lines` are sets of cells of which a known sum gives the last away."""
    gone = {(i, j) for i, row in enumerate(cells) for j, n in enumerate(row) if n in SMALL}
    every = [tuple(line) for line in lines]
    while True:
        alone = [line for line in every if len(gone.intersection(line)) == 1 and len(line) > 1]
        if not alone:
            return gone
        rest = [at for at in alone[0] if at not in gone]
        gone.add(min(rest, key=lambda at: (cells[at[0]][at[1]] == 0, cells[at[0]][at[1]])))


def characteristic(row: Json) -> Json:
    """A row of Table 1: levels and the unknown, by all, control and active."""
    levels = row.get("levels", [])
    parts = [row["total"], *row["arms"]]
    cells = [
        [p["n_missing"] for p in parts],
        *([level["total"]["count"], *(a["count"] for a in level["arms"])] for level in levels),
    ]
    lines = [[(i, 0), (i, 1), (i, 2)] for i in range(len(cells))]  # all = control + active
    lines += [[(i, k) for i in range(len(cells))] for k in range(3)]  # the levels and the unknown make up the arm
    gone = hidden(cells, lines if levels else lines[:1])
    return row | {
        "total": _part(parts[0], (0, 0) in gone),
        "arms": [_part(p, (0, k) in gone) for k, p in enumerate(parts[1:], 1)],
        **({"levels": [_level(level, i, gone) for i, level in enumerate(levels, 1)]} if levels else {}),
        # one arm and the difference would tell the other arm
        **({"standardised_difference": SUPPRESSED} if levels and gone else {}),
    }


def _part(part: Json, unknown: bool) -> Json:
    """One arm's summary: how many are known tells how many are not; of too few, no mean is given either."""
    few = part["n"] in SMALL
    suppressed = {k: SUPPRESSED for k in part if k not in ("arm", "n", "n_missing") and few}
    return part | suppressed | ({"n": SUPPRESSED, "n_missing": SUPPRESSED} if unknown or few else {})


def _level(level: Json, i: int, gone: set[tuple[int, int]]) -> Json:
    def cell(part: Json, k: int) -> Json:
        if (i, k) in gone:
            return part | {"count": SUPPRESSED, "proportion": SUPPRESSED}
        return part | ({"proportion": SUPPRESSED} if (0, k) in gone else {})  # n beside the share would give the count

    return level | {"total": cell(level["total"], 0), "arms": [cell(a, k) for k, a in enumerate(level["arms"], 1)]}


def _flow(flow: Json) -> Json:
    return flow | {"arms": [_flow_arm(arm) for arm in flow["arms"]]}


def _flow_arm(arm: Json) -> Json:
    """Never reported, each reason and completed make up the arm."""
    left = arm["left"]
    cells = [[arm["never_reported"]], [arm["completed"]], *([one["n"]] for one in left)]
    gone = hidden(cells, [[(i, 0) for i in range(len(cells))]])
    dropouts = any((i, 0) in gone for i in range(len(cells)) if i != 1)
    safe = arm | {
        "never_reported": SUPPRESSED if (0, 0) in gone else arm["never_reported"],
        "completed": SUPPRESSED if (1, 0) in gone else arm["completed"],
        "left": [
            {"reason": one["reason"], "n": SUPPRESSED if (i, 0) in gone else one["n"]} for i, one in enumerate(left, 2)
        ],
    }
    for sum_of in ("n_left", "returned", "dropouts"):
        safe[sum_of] = SUPPRESSED if dropouts or arm[sum_of] in SMALL else arm[sum_of]
    for part in ("received", "analysed"):
        if arm[part] is not None and {arm[part], arm["randomised"] - arm[part]} & set(SMALL):
            safe[part] = SUPPRESSED
    for part in ("gone_after_heavy", "gone_abstinent"):
        safe[part] = SUPPRESSED if arm[part] in SMALL else arm[part]
    return safe


def _events(events_part: Json) -> Json:
    events, overall = [_event(e) for e in events_part["events"]], _event(events_part["overall"])
    for k, arm in enumerate(overall["arms"]):  # the occurrences are the sum of the events
        if any(SUPPRESSED in e["arms"][k].values() for e in events):
            arm |= {"occurrences": SUPPRESSED, "severity": SUPPRESSED}
    before = events_part["n_before_treatment"]
    return events_part | {
        "events": events,
        "overall": overall,
        "n_before_treatment": SUPPRESSED if before in SMALL else before,
    }


def _event(event: Json) -> Json:
    """Participants with an event by arm; the difference and the other arm would tell the one suppressed."""
    small = [bool({arm["participants"], arm["n"] - arm["participants"]} & set(SMALL)) for arm in event["arms"]]
    arms = [
        {k: v if k in ("arm", "n") or not gone else SUPPRESSED for k, v in arm.items()}
        for arm, gone in zip(event["arms"], small, strict=True)
    ]
    for arm in arms:
        if isinstance(arm["severity"], dict):  # the grades make up the occurrences
            names, counts = list(arm["severity"]), [[n] for n in arm["severity"].values()]
            gone = hidden(counts, [[(i, 0) for i in range(len(counts))]])
            arm["severity"] = {name: SUPPRESSED if (i, 0) in gone else counts[i][0] for i, name in enumerate(names)}
    return event | {"arms": arms, **({"risk_difference": SUPPRESSED} if any(small) else {})}


def _scores(scores: Json) -> Json:
    """A score's quartiles by arm, unless there are few of them, or few without."""
    arms = [_part(arm, arm["n_missing"] in SMALL) for arm in scores["arms"]]
    abstinence = scores["abstinence"]
    small = {abstinence["n_abstinent"], abstinence["n"] - abstinence["n_abstinent"]} & set(SMALL)
    if small or any(arm["n"] == SUPPRESSED for arm in arms):
        abstinence = abstinence | {"n": SUPPRESSED, "n_abstinent": SUPPRESSED}
    return scores | {"arms": arms, "abstinence": abstinence}


def _follow_up(follow_up: Json) -> Json:
    arms = follow_up["arms"]
    small = [
        bool({a["abstinent"], a["reached"] - a["abstinent"], a["n"] - a["reached"], a["reached"]} & set(SMALL))
        for a in arms
    ]
    if not any(small):
        return follow_up
    suppressed = {k: SUPPRESSED for k in ("risk_difference", "risk_difference_bounds", "reached", "not_reached")}
    return (
        follow_up
        | suppressed
        | {
            "arms": [
                {k: v if k in ("arm", "n") or not gone else SUPPRESSED for k, v in a.items()}
                for a, gone in zip(arms, small, strict=True)
            ]
        }
    )


def _table_one(rows: list[Json]) -> pd.DataFrame:
    """One line a characteristic (or level) and arm, as `questions.participants.tables.table_one_full` has them."""
    table_rows = []
    for row in rows:
        head = {k: row[k] for k in ("name", "label", "kind")}
        for k, part in enumerate([row["total"], *row["arms"]]):
            for level in row.get("levels") or [None]:
                share = [level["total"], *level["arms"]][k] if level else {}
                table_rows.append(
                    head
                    | {"level": level["level"] if level else None, "arm": "all"}
                    | part
                    | share
                    | {"standardised_difference": row["standardised_difference"]}
                )
    return pd.DataFrame(table_rows)


def _event_table(events: Json) -> pd.DataFrame:
    """One line an event and arm."""
    rows = []
    for e in (*events["events"], events["overall"]):
        estimate = e["risk_difference"]
        difference = (
            estimate if isinstance(estimate, dict) else dict.fromkeys(("estimate", "ci_low", "ci_high"), estimate)
        )
        for arm in e["arms"]:
            rows.append(
                {"event": e["event"]}
                | {k: v for k, v in arm.items() if k != "severity"}
                | {f"difference_{k}": v for k, v in difference.items()}
            )
    return pd.DataFrame(rows)


MADE_ANEW: dict[str, Callable[[Json], pd.DataFrame]] = {
    "table 1": lambda safe: _table_one(safe["participants"]["table1"]),
    "adverse events": lambda safe: _event_table(safe["safety"]["adverse_events"]),
    "follow-up": lambda safe: pd.DataFrame(safe["safety"]["follow_up"]["arms"]),
}
