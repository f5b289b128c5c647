"""One trial in many files: what they all hold, and whether a trial that was read from one holds the same."""

from __future__ import annotations

import dressed
import numpy as np
import pandas as pd

LONG = dressed.long()
KNOWN = LONG.dropna(subset=["drinks"])
FORMATS = (
    "csv",
    "semicolon",
    "tab",
    "utf-16",
    "cp1252",
    "gz",
    "xlsx",
    "parquet",
    "sav",
    "zsav",
    "por",
    "xpt",
    "dta",
    "dta114",
)
SAVED = {
    "long": (LONG, {}),
    "wide": (dressed.wide(LONG), {}),
    "dates": (dressed.with_dates(LONG, "%d/%m/%Y"), {}),
    "binary": (KNOWN.assign(abstinent=(KNOWN["drinks"] == 0).map({True: "y", False: "n"})).drop(columns="drinks"), {}),
    "renamed": (
        LONG.rename(columns={"participant_id": "who", "drinks": "x9", "arm": "given"}),
        {"participant_id": "who", "amount": "x9", "arm": "given"},
    ),
}


def csv(frame: pd.DataFrame) -> bytes:
    return dressed.as_bytes(frame, "csv")


def days(trial, value: str = "drinks") -> pd.DataFrame:
    """Reported participant-days in one order."""
    frame = trial.days[["participant_id", "arm", "day", value]].dropna()
    return frame.sort_values(["participant_id", "day"]).reset_index(drop=True)


def same(trial, frame: pd.DataFrame = KNOWN, value: str = "drinks") -> None:
    """The trial's column `value` holds the days of `frame`, and no others."""
    expected = frame[["participant_id", "arm", "day", "drinks"]].sort_values(["participant_id", "day"])
    pd.testing.assert_frame_equal(
        days(trial, value).set_axis(expected.columns, axis=1), expected.reset_index(drop=True), check_dtype=False
    )


def amounts(trial, value: str = "drinks") -> dict[tuple[str, int], float]:
    frame = trial.days[["participant_id", "day", value]]
    return {(p, d): a for p, d, a in frame.itertuples(index=False) if not np.isnan(a)}


def truth(frame: pd.DataFrame = KNOWN, use: bool = False) -> dict[tuple[str, int], float]:
    return {
        (p, d): float(a > 0) if use else float(a)
        for p, d, a in frame[["participant_id", "day", "drinks"]].itertuples(index=False)
    }


def text(frame: pd.DataFrame = LONG) -> pd.Series:
    return frame["drinks"].map(lambda a: "" if np.isnan(a) else f"{a:g}")
