"""One small trial in every format and shape that is read: what tests, fuzzing and the journeys begin from."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile

import numpy as np
import pandas as pd

START = dt.date(2024, 3, 11)


def long(n: int = 4, first: int = -3, last: int = 10, seed: int = 3) -> pd.DataFrame:
    """Participant-days of a made-up trial, two arms of n; some days missing, day 0 the infusion."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(2 * n):
        arm = ("placebo", "ketamine")[k % 2]
        for day in range(first, last + 1):
            drinks = float(rng.integers(0, 9)) + (0.5 if rng.random() < 0.2 else 0)
            drinks = 0.0 if rng.random() < (0.3 if day < 1 else (0.45, 0.7)[k % 2]) else drinks
            rows.append([f"S{k + 1:02}", arm, day, np.nan if rng.random() < 0.08 else drinks, "FM"[k // 2 % 2]])
    return pd.DataFrame(rows, columns=["participant_id", "arm", "day", "drinks", "sex"])


def wide(frame: pd.DataFrame, header: str = "day{}", value: str = "drinks") -> pd.DataFrame:
    """A row a participant, a column a day."""
    grid = frame.pivot(index=["participant_id", "arm", "sex"], columns="day", values=value)
    grid.columns = [header.format(d) for d in grid.columns]
    return grid.reset_index()


def starts(frame: pd.DataFrame) -> dict[str, dt.date]:
    """Every participant's infusion date, two days apart."""
    return {p: START + dt.timedelta(days=2 * i) for i, p in enumerate(sorted(frame["participant_id"].unique()))}


def with_dates(frame: pd.DataFrame, how: str = "%Y-%m-%d") -> pd.DataFrame:
    """Calendar dates and infusion dates instead of day numbers."""
    start = frame["participant_id"].map(starts(frame))
    date = [s + dt.timedelta(days=int(d)) for s, d in zip(start, frame["day"], strict=True)]
    dated = frame.drop(columns="day").assign(Date=[d.strftime(how) for d in date])
    return dated.assign(**{"Infusion date": [s.strftime(how) for s in start]})


def cdisc(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """An ADSL and an analysis data set, with another parameter, an imputed record and a screening failure."""
    people = frame.drop_duplicates("participant_id")
    adsl = pd.DataFrame(
        {
            "STUDYID": "X1",
            "USUBJID": people["participant_id"],
            "TRT01P": people["arm"],
            "TRT01A": people["arm"],
            "SEX": people["sex"],
            "AGE": 40.0,
        }
    )
    adsl.loc[len(adsl)] = ["X1", "S99", "Screen Failure", "", "F", 50.0]
    base = {
        "STUDYID": "X1",
        "USUBJID": frame["participant_id"],
        "TRTP": frame["arm"],
        "ADY": frame["day"].astype(float),
    }
    adda = pd.DataFrame({**base, "PARAMCD": "DRINKS", "PARAM": "Standard drinks", "AVAL": frame["drinks"], "DTYPE": ""})
    other = pd.DataFrame({**base, "PARAMCD": "CRAVE", "PARAM": "Craving", "AVAL": 5.0, "DTYPE": ""}).iloc[::7]
    gone = frame["drinks"].isna().to_numpy()
    drawn = adda[gone].assign(AVAL=9.0, DTYPE="LOCF")
    return {"adsl": adsl, "adda": pd.concat([adda[~gone], drawn, other], ignore_index=True)}


def as_bytes(frame: pd.DataFrame, how: str) -> bytes:
    """A frame in a format: csv, semicolon, tab, xlsx, parquet, sav, xpt, dta, …"""
    import tempfile
    from pathlib import Path

    import pyreadstat

    if how in ("csv", "semicolon", "tab", "utf-16", "cp1252", "gz"):
        sep = {"semicolon": ";", "tab": "\t"}.get(how, ",")
        text = frame.to_csv(index=False, sep=sep, decimal="," if how == "semicolon" else ".")
        raw = text.encode(how if how in ("utf-16", "cp1252") else "utf-8")
        return gzip.compress(raw) if how == "gz" else raw
    if how == "xlsx":
        return workbook({"Sheet1": frame})
    if how == "parquet":
        return frame.to_parquet(index=False)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / f"x.{how}")
        short = frame.rename(columns=lambda c: c.replace("participant_id", "subjid")[:8])
        if how == "sav":
            pyreadstat.write_sav(frame.rename(columns=lambda c: c.replace(" ", "_")), path)
        elif how == "zsav":
            pyreadstat.write_sav(frame, path, compress=True)
        elif how == "por":
            pyreadstat.write_por(short, path)
        elif how == "xpt":
            pyreadstat.write_xport(short, path, file_format_version=5)
        elif how == "dta":
            pyreadstat.write_dta(frame, path)
        elif how == "dta114":
            frame.to_stata(path, write_index=False, version=114)
        else:
            raise ValueError(how)
        return Path(path).read_bytes()


def workbook(sheets: dict[str, pd.DataFrame], title: str | None = None) -> bytes:
    """An Excel workbook, a sheet a frame, with an optional title two rows above each header."""
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="xlsxwriter") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False, startrow=0 if title is None else 2)
            if title is not None:
                writer.sheets[name].write(0, 0, title)
    return out.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    """A zip of files, as Windows and macOS write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in files.items():
            packed.writestr(f"my trial/{name}", raw)
            packed.writestr(f"__MACOSX/my trial/._{name}", b"\0\5\26\7")
    return out.getvalue()
