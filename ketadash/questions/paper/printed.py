"""Printed numbers of a published report beside ours: what `ketadash reproduce` and the page *Paper and app* show.

`published.toml` beside the data lists each printed number with a path into the document that `ketadash analyze`
writes.  A path is keys joined by dots, with ``[key=value]`` (or ``[key=value&key=value]``) choosing one of a list::

    heavy.odds_ratio_per_day[arm=midazolam].ci_low
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from ketadash.core.errors import DataError
from ketadash.core.p_values import PValue, of_prose
from ketadash.trial import Trial, toml

_STEP = re.compile(r"([^.\[\]]+)|\[([^=\]]+)=([^\]]*)\]")
Entry = TypeVar("Entry")
_RULES = ("=", "<", ">", "not significant", "significant")
_ROUNDED = ("nearest", "up")
MOST_DIGITS, LARGEST, MOST_ENTRIES = 10, 1e12, 5_000  # more digits than these a double does not hold


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed number: where it stands, how it reads, and where ours is.

    `rule` says what counts as agreement: ``=`` to the printed digits, ``<`` and ``>`` the printed bound, or the
    words ``significant`` / ``not significant`` for a p-value that was only described.  `rounded` is ``nearest`` or
    ``up`` (a number needed to treat).  Ours is first divided by what stands at `over`, if given, and multiplied by
    `scale` (100 for a percentage).  `population` names the analysis set that it is of (``first_dose_day=known``),
    everyone randomised where it is empty.
    """

    key: str
    section: str
    what: str
    printed: str
    path: str
    page: str
    value: float | None = None
    digits: int = 0
    rule: str = "="
    rounded: str = "nearest"
    scale: float = 1.0
    over: str = ""
    note: str = ""
    population: str = ""


@dataclass(frozen=True, slots=True)
class LooseEnd:
    """Something in the report that does not quite fit together, set out fairly."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """A `published.toml`: what was printed where, and the report's loose ends."""

    source: str
    numbers: tuple[Printed, ...]
    loose_ends: tuple[LooseEnd, ...]


@dataclass(frozen=True, slots=True)
class Reproduced:
    """A printed number with ours: the full value, as shown at the printed precision, and whether they agree.

    `is_p` is whether ours is a p-value, as it also may be where there is none of ours.
    """

    printed: Printed
    ours: float | None
    shown: str
    agrees: bool
    why: str = ""
    is_p: bool = True


def read(text: str) -> Report:
    """What a `published.toml` says.

    Raises
    ------
    DataError
        For text that is no TOML, or an entry that lacks a field or has one that means nothing.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise DataError(toml.not_valid("published.toml", str(error)[:100])) from None
    source = document.get("source", "the report")
    if not isinstance(source, str):
        raise DataError("published.toml: source must be text in quotes, such as the report's authors and journal")
    return Report(source, _entries(document, "number", Printed), _entries(document, "loose_end", LooseEnd))


def report_of(trial: Trial) -> Report | None:
    """The printed numbers that come with a trial, None if it brings none."""
    return None if trial.published is None else read(trial.published)


def _text(least: int, most: int) -> tuple[Callable[[Any], bool], str]:
    wanted = "text in quotes" if least else "text in quotes, or left out"
    return (lambda v: isinstance(v, str) and least <= len(v) <= most), f"{wanted}, of at most {most} characters"


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= abs(value) <= most


# What each field of a [[number]] and a [[loose_end]] may be, and how to say so.
_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "key": _text(1, 200),
    "section": _text(1, 200),
    "what": _text(1, 500),
    "printed": _text(1, 200),
    "path": _text(1, 500),
    "page": _text(1, 100),
    "over": _text(0, 500),
    "note": _text(0, 2_000),
    "population": _text(0, 200),
    "title": _text(1, 500),
    "text": _text(1, 5_000),
    "value": (lambda v: _is_number(v, 0, LARGEST), f"a number of at most {LARGEST:,.0f} on either side of 0"),
    "digits": (
        lambda v: type(v) is int and 0 <= v <= MOST_DIGITS,
        f"how many decimals are printed, a whole number from 0 to {MOST_DIGITS}",
    ),
    "rule": (lambda v: isinstance(v, str) and v in _RULES, f"one of {', '.join(_RULES)}"),
    "rounded": (lambda v: isinstance(v, str) and v in _ROUNDED, f"one of {', '.join(_ROUNDED)}"),
    "scale": (lambda v: _is_number(v, 1e-9, 1e9), "what ours is multiplied by, a number such as 100 for a percentage"),
}


_PROSE = ("title", "text", "note")  # fields with sentences that somebody wrote, perhaps about a p-value


def _entries(document: Mapping[str, Any], name: str, kind: type[Entry]) -> tuple[Entry, ...]:
    read_entries, entries = [], document.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"published.toml: write each {name} under its own [[{name}]]")
    if len(entries) > MOST_ENTRIES:
        raise DataError(f"published.toml has {len(entries):,} entries [[{name}]]; keep at most {MOST_ENTRIES:,}")
    for i, entry in enumerate(entries, start=1):
        which = f"published.toml, {name} {i} ({str(entry.get('key', 'no key'))[:60]})"
        _fields_are_right(entry, kind, which)
        read_entries.append(kind(**{name: of_prose(v) if name in _PROSE else v for name, v in entry.items()}))
    return tuple(read_entries)


def _fields_are_right(entry: Mapping[str, Any], kind: type[Entry], which: str) -> None:
    """DataError for a field that is not there, means nothing, or holds what it cannot hold."""
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    for name, value in entry.items():
        if name not in known:
            raise DataError(f"{which}: '{name[:60]}' means nothing here; it may say {', '.join(known)}")
        right, means = _FIELDS[name]
        if not right(value):
            raise DataError(f"{which}: {name} must be {means}, not {str(value)[:40]!r}; correct that line")
    lacking = [name for name, f in known.items() if f.default is MISSING and name not in entry]
    if lacking:
        raise DataError(f"{which}: {', '.join(lacking)} missing; every [[{which.split()[1]}]] says them")


def reproduce(printed: tuple[Printed, ...], document: Mapping[str, Any]) -> tuple[Reproduced, ...]:
    """Look each number up in `document` (as `ketadash.export.analysis_json.analysis` gives it) and compare."""
    return tuple(_compare(p, document) for p in printed)


def _compare(p: Printed, document: Mapping[str, Any]) -> Reproduced:
    try:
        computed = look_up(document, p.path)
        under = look_up(document, p.over) if p.over else 1
    # the path is somebody else's text, and may name anything
    except (LookupError, TypeError, ValueError, AttributeError):
        return Reproduced(p, None, "–", False, f"nothing computed at {p.path}")
    if computed is None or isinstance(computed, bool) or not isinstance(computed, int | float):
        return Reproduced(p, None, "–", False, "ours could not be estimated")
    if not under:
        return Reproduced(p, None, "–", False, "ours could not be estimated")
    if isinstance(under, bool) or not isinstance(under, int | float):
        return Reproduced(p, None, "–", False, f"nothing to divide by at {p.over}")
    try:
        ours = float(computed) / float(under) * p.scale
    except OverflowError:
        ours = math.inf
    if not abs(ours) <= LARGEST:
        return Reproduced(p, None, "–", False, "ours could not be estimated")
    of_p = isinstance(computed, PValue)
    if p.rule in ("significant", "not significant"):
        text = f"p = {ours:.3f}" if ours >= 0.001 else "p < 0.001"
        return Reproduced(p, ours, text, (ours < 0.05) == (p.rule == "significant"))
    if p.value is None:
        return Reproduced(p, ours, f"{ours:g}", False, "the printed value is not given as a number", is_p=of_p)
    if p.rule != "=":
        agrees = ours < p.value if p.rule == "<" else ours > p.value
        text = "<0.001" if abs(ours) < 0.001 else shown(ours, max(p.digits, 3), "nearest")
        return Reproduced(p, ours, text, agrees, is_p=of_p)
    text = shown(ours, p.digits, p.rounded)
    return Reproduced(p, ours, text, text == shown(p.value, p.digits, "nearest"), is_p=of_p)


def shown(x: float, digits: int, rounded: str) -> str:
    """`x` at `digits` decimals: half up, as SAS prints, or up to the next whole number."""
    if rounded == "up":
        return str(math.ceil(round(x, 9)))
    # through repr's shortest digits, so that 0.145 (stored just below) still rounds as it reads
    text = str(Decimal(repr(x)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))
    return text[1:] if text.startswith("-") and float(text) == 0 else text


def look_up(document: Any, path: str) -> Any:
    """What stands at `path`; KeyError, IndexError or TypeError if nothing does."""
    place = document
    for key, name, value in _STEP.findall(path):
        if key:
            place = place[int(key)] if isinstance(place, list | tuple) else place[key]
        else:
            wanted = [pair.partition("=")[::2] for pair in f"{name}={value}".split("&")]
            place = next((item for item in place if all(str(item.get(k)) == v for k, v in wanted)), None)
            if place is None:
                raise KeyError(f"{name}={value}")
    return place
