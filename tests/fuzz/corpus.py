"""Seeded cases for the reader: a sound small trial in some shape and format, then spoiled (`spoil`).

A case is made from the run's seed and its own number alone, so that one case can be made again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import dressed
import pandas as pd
import spoil
import spoil_bytes
import written

SHAPES = ("long", "wide", "wide dates", "dates", "sheets", "use days", "cdisc", "folder", "binary", "coded")
_TOML = (
    'title = "A trial"\ncontrol = "placebo"\nactive = "ketamine"\ndays = "1:6"\namount = "drinks"\n'
    'baseline = "baseline_drinks"\nunit = "uk"\n\n[analysis]\ncalled = "published"\nmissing = "missing"\n'
    'trend = "linear"\ntau = 5\nconfidence = 0.9\nstrict = true\n\n[flow]\nscreened = 40\nenrolled = 20\n\n'
    '[table1]\nage = "Age (years)"\nsex = {label = "Gender", levels = {F = "Female", M = "Male"}}\n\n'
    '[measures]\ncraving = "log"\n'
)
_PUBLISHED = (
    'source = "A report"\n\n[[number]]\nkey = "a"\nsection = "s"\nwhat = "w"\nprinted = "0.5"\nvalue = 0.5\n'
    'digits = 1\npath = "nnt.observed.nnt"\n'
)
_RECIPE = (
    'shape = "long"\noutcome = "amount"\ndecimal = "point"\nstart_date = "2024-03-11"\nstart_day = 0\n'
    'date_order = "day first"\nunknown = ["-9"]\nunit = "us"\nsubstance = "opioids"\nparticipants = "-"\n\n'
    '[columns]\nparticipant_id = "participant_id"\namount = "drinks"\narm = "arm"\nday = "day"\n\n'
    '[arms]\n"placebo" = "P"\n'
)


@dataclass(frozen=True)
class Case:
    """One thing to read: files by name (one file is given as bytes), and how it came to be."""

    number: int
    shape: str
    format: str
    changes: tuple[str, ...]
    files: dict[str, bytes]
    recipe: str | None = None

    @property
    def name(self) -> str:
        return f"{self.number:06d} {self.shape}/{self.format}: {', '.join(self.changes) or 'sound'}"


def formats() -> tuple[str, ...]:
    """Those that can be written here."""
    return written.FORMATS if written.has_sas() else tuple(f for f in written.FORMATS if f != "sas7bdat")


def case(seed: int, number: int, of: tuple[str, ...]) -> Case:
    """The case of this number: every format and shape comes round in turn."""
    rng = random.Random(f"{seed}:{number}")
    shape, how = SHAPES[number // len(of) % len(SHAPES)], of[number % len(of)]
    if how in written.NAMED and shape == "wide dates":
        shape = "wide"
    rare = how == "sas7bdat"  # each different table of these costs a start of R
    tables, texts = sound(random.Random(f"{seed}:{shape}:{number % 2}") if rare else rng, shape)
    texts = _fitting(texts, how)
    changes: list[str] = []
    what = "bytes" if rare else rng.choice(["table", "table", "table", "bytes", "bytes", "both"])
    if what != "bytes":
        tables, changes = spoil.tables(rng, tables)
    if texts and rng.random() < 0.4:
        name = rng.choice(list(texts))
        texts[name], said = spoil_bytes.toml(rng, texts[name])
        changes.append(f"{name} {said}")
    files = _files(rng, tables, how, changes)
    if what != "table" or not changes:
        name = rng.choice(list(files))
        files[name], said = spoil_bytes.spoiled(rng, files[name], lambda: _another(rng, of))
        changes += said
    files |= {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}
    recipe = spoil.recipe(rng, tables) if rng.random() < 0.1 else None
    if len(files) > 1 and rng.random() < 0.3:
        files = {"trial.zip": dressed.archive(files)}
        if rng.random() < 0.3:
            files["trial.zip"], said = spoil_bytes.spoiled(rng, files["trial.zip"], lambda: _another(rng, of))
            changes += [f"zip: {s}" for s in said]
    return Case(number, shape, how, (*changes, *(["a recipe"] if recipe else [])), files, recipe)


def sound(rng: random.Random, shape: str) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """A sound trial's tables and texts in a shape."""
    long = dressed.long(rng.randint(2, 6), rng.choice([-3, 0, 1]), rng.randint(3, 8), rng.randrange(50))
    arms = long.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]]
    if shape == "wide":
        return {"tlfb": dressed.wide(long, rng.choice(["day{}", "d{}", "Day {}", "drinks{}"]))}, {}
    if shape in ("dates", "wide dates"):
        dated = dressed.with_dates(long, rng.choice(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d%b%Y"]))
        if shape == "dates":
            return {"diary": dated}, {}
        dated["day"] = dated["Date"]
        keys = ["participant_id", "arm", "sex", "Infusion date"]
        return {"diary": dated.pivot(index=keys, columns="day", values="drinks").reset_index()}, {}
    if shape == "sheets":
        return {str(arm): part.drop(columns="arm") for arm, part in long.groupby("arm")}, {}
    if shape == "use days":
        used = long[long["drinks"] > 0].drop(columns=["arm", "sex"])
        return {"days": used, "participants": arms.assign(last_day=[3 + i % 5 for i in range(len(arms))])}, {}
    if shape == "cdisc":
        return dressed.cdisc(long), {}
    if shape == "binary":
        drank = (long["drinks"] > 0).map({True: rng.choice(["1", "yes", "TRUE"]), False: rng.choice(["0", "no"])})
        return {"days": long.drop(columns="drinks").assign(used=drank)}, {}
    if shape == "coded":
        named = long.rename(columns={"participant_id": "who", "drinks": "x9", "arm": "grp"})
        recipe = _RECIPE.replace('"participant_id"\n', '"who"\n').replace('"drinks"', '"x9"').replace('"arm"', '"grp"')
        return {"days": named}, {"recipe.toml": recipe.replace('participants = "-"\n', "")}
    if shape == "folder":
        return _folder(rng, long, arms), {"trial.toml": _TOML, "published.toml": _PUBLISHED}
    return {"days": long}, {}


def _folder(rng: random.Random, long: pd.DataFrame, arms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    n = len(arms)
    people = arms.assign(
        age=[30 + i for i in range(n)],
        baseline_drinks=[20.5 + i for i in range(n)],
        dropout_reason=["", "moved"] * (n // 2),
        followup_6m_abstinent=[1, 0] * (n // 2),
    )
    visits = pd.DataFrame(
        [[p, d, d % 2, 10 + i % 7, 5.0 * (d == 0)] for i, p in enumerate(people["participant_id"]) for d in (0, 3, 6)],
        columns=["participant_id", "day", "etg_positive", "craving", "cadss"],
    )
    events = pd.DataFrame(
        {
            "participant_id": people["participant_id"],
            "event": ["nausea", "headache"] * (n // 2),
            "day": range(n),
            "severity": "mild",
        }
    )
    return {"days": long.drop(columns="sex"), "participants": people, "visits": visits, "adverse_events": events}


def _fitting(texts: dict[str, str], how: str) -> dict[str, str]:
    """The texts as they go with a format: its decimals, its eight letters a name."""
    unlike = {
        "semicolon": ('decimal = "point"', 'decimal = "comma"'),
        "xpt": ('baseline = "baseline_drinks"\n', ""),
        "por": ('baseline = "baseline_drinks"\n', ""),
    }
    return {name: text.replace(*unlike[how]) if how in unlike else text for name, text in texts.items()}


def _files(rng: random.Random, tables: dict[str, pd.DataFrame], how: str, changes: list[str]) -> dict[str, bytes]:
    """The tables in the format; where that cannot hold such cells, their text, or else the sound trial's."""
    ending = written.ENDING.get(how, how)
    if how in written.SHEETS and len(tables) > 1 and rng.random() < 0.6:
        return {f"book.{ending}": _or_plain(lambda t: written.book(t, how), tables, changes)}
    return {
        f"{name}.{ending}": _or_plain(lambda t: written.written(t["x"], how), {"x": frame}, changes)
        for name, frame in tables.items()
    }


def _or_plain(write, tables: dict[str, pd.DataFrame], changes: list[str]) -> bytes:
    plain = {n: spoil.plain(t) for n, t in tables.items()}
    for held, otherwise in ((tables, "as text"), (plain, "as csv")):
        try:
            return write(held)
        except Exception:  # each writer refuses what its format cannot hold in its own way
            changes.append(otherwise)
    return "\n".join(t.to_csv(index=False) for t in plain.values()).encode()


def _another(rng: random.Random, of: tuple[str, ...]) -> bytes:
    return sound_file(rng.choice(of), rng.randrange(3))


@cache
def sound_file(how: str, seed: int) -> bytes:
    return written.written(dressed.long(2, 1, 4, seed), how)
