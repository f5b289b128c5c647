"""Tables spoiled as people and machines spoil them, before they are written in any format."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import numpy as np
import pandas as pd
from nasty_texts import HEADERS, NASTY, NUMBERS

Tables = dict[str, pd.DataFrame]
# Columns that the reading only keeps, and what some of them mean to an analysis.
KEPT = (
    "remark",
    "site",
    "stratum",
    "age",
    "baseline_drinks",
    "baseline_heavy_days",
    "sex",
    "dropout_reason",
    "received",
    "followup_6m_abstinent",
    "<b>x</b>",
    "cadss_after_infusion",
    "=1",
)


def tables(rng: random.Random, sound: Tables) -> tuple[Tables, list[str]]:
    """One to three changes to tables chosen at random, and what they were."""
    spoiled, said, mild = dict(sound), [], rng.random() < 0.6
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        name, change = rng.choice(list(spoiled)), rng.choice(MILD if mild else CHANGES)
        try:
            spoiled[name] = change(rng, spoiled[name])
            said.append(change.__name__.strip("_"))
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            StopIteration,
        ):  # such a change to such a table means nothing
            continue
    return spoiled, said


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Every cell and header as text that any encoding can hold."""

    def clean(value: object) -> str:
        return "" if value is None or value != value else str(value).encode("utf-8", "replace").decode()

    texts = frame.astype(object).map(clean)
    texts.columns = [clean(c) for c in frame.columns]
    return texts


def recipe(rng: random.Random, of: Tables) -> str:
    """A recipe that names some of the tables' columns, rightly or not."""
    headers = [str(c) for t in of.values() for c in t.columns] + list(HEADERS[:8])
    names = (
        "participant_id",
        "arm",
        "day",
        "date",
        "start",
        "end",
        "amount",
        "parameter",
        "sex",
        "baseline",
        "etg_positive",
    )
    top = {
        "shape": ["long", "wide", "use days"],
        "days": [*of, "-", "x"],
        "participants": [*of, "-"],
        "visits": [*of, "-"],
        "parameter": ["DRINKS", "CRAVE", "x"],
        "outcome": ["amount", "use", "abstinent"],
        "start_date": ["2024-03-11", "0001-01-01", "9999-12-31"],
        "date_order": ["day first", "month first"],
        "decimal": ["comma", "point"],
        "unknown": ["0", "-9", "nan", "x"],
        "unit": ["uk", "grams", "us"],
        "substance": ["opioids", "<b>"],
    }
    said = {key: rng.choice(values) for key, values in top.items() if rng.random() < 0.2}
    lines = [f"{k} = {_quoted(v)}" for k, v in said.items()]
    lines += ["start_day = 1"] if rng.random() < 0.2 else []
    columns = {n: rng.choice(headers) for n in names if rng.random() < 0.2}
    lines += ["[columns]", *(f"{n} = {_quoted(h)}" for n, h in columns.items())] if columns else []
    if rng.random() < 0.2:
        lines += ["[arms]", f'"placebo" = {_quoted(rng.choice(["ketamine", "", "P", NASTY[-2]]))}']
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text.encode("utf-8", "replace").decode()).replace("\x7f", "\\u007f")


def _nasty_cells(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.astype(object).copy()
    for _ in range(rng.choice([1, 1, 2, 5])):
        frame.iat[rng.randrange(len(frame)), rng.randrange(frame.shape[1])] = rng.choice(NASTY)
    return frame


def _nasty_numbers(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    numeric = [j for j in range(frame.shape[1]) if frame.dtypes.iloc[j].kind in "if"] or [0]
    frame = frame.astype(object).copy()
    for _ in range(rng.choice([1, 2, 5])):
        frame.iat[rng.randrange(len(frame)), rng.choice(numeric)] = rng.choice(NUMBERS)
    return frame


def _a_column_of(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    """A whole column made one thing, or many."""
    frame = frame.astype(object).copy()
    values = [rng.choice(NASTY + NUMBERS) for _ in range(rng.choice([1, 1, 2, 4]))]
    frame.isetitem(rng.randrange(frame.shape[1]), [values[i % len(values)] for i in range(len(frame))])
    return frame


def _renamed(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    names = list(frame.columns)
    for _ in range(rng.choice([1, 1, 2, 4])):
        names[rng.randrange(len(names))] = rng.choice(HEADERS + NASTY)
    return frame.set_axis(names, axis=1)


def _column_twice(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    j = rng.randrange(frame.shape[1])
    return pd.concat([frame, frame.iloc[:, [j]]], axis=1)


def _more_columns(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    added = [[rng.choice(NASTY[:40] + ("1", "2", "a")) for _ in range(len(frame))] for _ in range(rng.choice([1, 3]))]
    more = {rng.choice([h for h in HEADERS if h not in frame.columns]): values for values in added}
    return pd.concat([frame, pd.DataFrame(more, index=frame.index)], axis=1)


def _without_a_column(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=frame.columns[rng.randrange(frame.shape[1])])


def _swapped_columns(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    a, b = rng.sample(range(frame.shape[1]), 2)
    names = list(frame.columns)
    names[a], names[b] = names[b], names[a]
    return frame.set_axis(names, axis=1)


def _shuffled(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[rng.sample(range(len(frame)), len(frame))]


def _fewer_rows(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[sorted(rng.sample(range(len(frame)), rng.choice([0, 1, 2, len(frame) // 2])))]


def _rows_again(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    n = rng.randrange(1, len(frame))
    return pd.concat([frame, *[frame.iloc[:n]] * rng.choice([1, 1, 50])])


def _a_spare_person(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.astype(object).copy()
    frame.iloc[-1, 0] = rng.choice(NASTY)
    return frame


def _constant(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    """All drinks none, all the same, all missing; all people one."""
    j = rng.choice([i for i in range(frame.shape[1])])
    frame = frame.astype(object).copy()
    frame.isetitem(j, [rng.choice([0, 1, np.nan, 3.5])] * len(frame))
    return frame


def _far_days(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    day = next(c for c in frame.columns if str(c).lower() in ("day", "ady"))
    return frame.assign(**{str(day): frame[day] * rng.choice([1, 30, 500, -1, 1.5]) + rng.choice([0, -10, 3000, 1e6])})


def _perfect(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    """One arm always abstinent, the other never: the models' worst case."""
    arm = frame[next(c for c in frame.columns if str(c).lower() in ("arm", "trtp", "grp"))]
    value = next(c for c in frame.columns if str(c) in ("drinks", "AVAL", "x9"))
    return frame.assign(**{str(value): np.where(arm == arm.iloc[0], 0.0, rng.choice([1.0, 6.0]))})


def _named_badly(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    """Participants or arms under hostile names, the same on every row of theirs."""
    j = rng.randrange(min(2, frame.shape[1]))
    old = list(dict.fromkeys(frame.iloc[:, j]))
    ugly = {v: f"{rng.choice(NASTY)}{i if rng.random() < 0.7 else ''}" for i, v in enumerate(old)}
    frame = frame.copy()
    frame.isetitem(j, [ugly[v] for v in frame.iloc[:, j]])
    return frame


def _remarks(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    """Columns that are only kept: of texts, of numbers, one value a participant or many."""
    each = dict.fromkeys(frame.iloc[:, 0])
    own = {v: rng.choice(NASTY + NUMBERS) for v in each}
    if rng.random() < 0.7:
        values = [own[v] for v in frame.iloc[:, 0]]
    else:
        values = [rng.choice(NASTY) for _ in range(len(frame))]
    name = rng.choice(KEPT)
    return frame.assign(**{name: pd.Series(values, index=frame.index, dtype=object)})


def _holes(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    """Cells emptied in the last column of numbers, a few or nearly all."""
    j = [i for i in range(frame.shape[1]) if frame.dtypes.iloc[i].kind == "f"][-1]
    share, frame = rng.choice([0.1, 0.5, 0.9, 0.99]), frame.copy()
    frame.isetitem(j, [np.nan if rng.random() < share else v for v in frame.iloc[:, j]])
    return frame


def _rows_lost(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    share = rng.choice([0.1, 0.3, 0.7])
    return frame[[rng.random() >= share for _ in range(len(frame))]]


def _few_people(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    people = list(dict.fromkeys(frame.iloc[:, 0]))
    return frame[frame.iloc[:, 0].isin(people[: rng.choice([4, 4, 5, 3])])]


def _third_arm(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    arm = next(c for c in frame.columns if str(c).lower() in ("arm", "trtp", "trt01p", "grp"))
    some = set(list(dict.fromkeys(frame.iloc[:, 0]))[:2])
    name = rng.choice(["third", "Placebo ", "PLACEBO", "ketamin", "screen failure", ""])
    return frame.assign(**{arm: [name if p in some else a for p, a in zip(frame.iloc[:, 0], frame[arm], strict=True)]})


def _rare(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    """A single day of use, or a single one of none, in the whole trial."""
    j = [i for i in range(frame.shape[1]) if frame.dtypes.iloc[i].kind == "f"][-1]
    usual, odd = rng.choice([(0.0, 6.0), (6.0, 0.0), (0.0, 0.5)])
    frame = frame.copy()
    frame.isetitem(j, [odd if i == len(frame) // 3 else usual for i in range(len(frame))])
    return frame


MILD = (
    _named_badly,
    _named_badly,
    _remarks,
    _remarks,
    _holes,
    _rows_lost,
    _few_people,
    _third_arm,
    _rare,
    _shuffled,
    _perfect,
    _far_days,
)
CHANGES: tuple[Callable[[random.Random, pd.DataFrame], pd.DataFrame], ...] = (
    _nasty_cells,
    _nasty_cells,
    _nasty_numbers,
    _nasty_numbers,
    _a_column_of,
    _renamed,
    _column_twice,
    _more_columns,
    _without_a_column,
    _swapped_columns,
    _shuffled,
    _fewer_rows,
    _rows_again,
    _a_spare_person,
    _constant,
    _far_days,
    _perfect,
)
