"""Groups of numbered columns in a wide grid: what each counts, by the names of its headers and what its cells hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from ketadash.files import Table
from ketadash.trial.recognise import AMOUNTS, EMPTY, snake

FEWEST = 3  # columns that make a row of days
_LONGEST = 200  # characters of a header that counts days
_SEPARATOR = r"[\s_.:#(-]*"
_NUMBERED = re.compile(rf"(.*?)({_SEPARATOR})(\d{{1,4}})\)?(?:\.0)?")
_SUFFIXED = re.compile(rf"(?:(.*?)[\s_.:-]+)?(d|dy|day){_SEPARATOR}(\d{{1,4}})\)?[\s_.:-]+([a-z].*)", re.IGNORECASE)
_TWO_PARTS = re.compile(
    rf"(?:(.*?)[\s_.:-]+)?(w|wk|week|v|vis|visit){_SEPARATOR}(\d{{1,3}})[\s_.:,-]*(?:d|dy|day){_SEPARATOR}(\d{{1,3}})"
    r"(?:[\s_.:-]+(.*))?",
    re.IGNORECASE,
)
_MINUS = re.compile(r"(?:^|[\s_.])(?:minus|neg|pre|b|before)$", re.IGNORECASE)
_PERIOD = re.compile(
    r"week|wk|visit|month|year|quarter|phase|woche|semaine|semana|settimana|monat|"
    r"(^|_)(w|m|mo|mth|v|vis|y|yr|q[1-4]|mois|mes|besuch)$"
)
_QUESTIONNAIRE = re.compile(
    r"question|item|score|scale|phone|(^|_)(q|audit|audit_?c|phq|phq_?9|gad|gad_?7|bdi|bai|hads?|hamd|madrs|isi|psqi|"
    r"ocds|pacs|ciwa|ciwa_ar|dast|dudit|sadq|srq|mast|acq|vas|cadss|bprs|bis|pss|dass|scl|sf|eq5?d?|whoqol|qol|panas|"
    r"drinc|sip|assist|cows|ftnd|scid|mini|tlfb_?q)$"
)
_DAYLIKE = re.compile(r"^$|day|(^|_)(d|dy|t|tag|jour|d[ií]a|giorno|dag)$|date|drink|unit|alc|use|tlfb|sdu|gram")
# What is measured day by day beside drinking, or says no more of it than heavy or not: no amount by itself.
_MEASURE = re.compile(
    r"(^|_)(mood|affect|craving|crave|urge|desire|stress|anxiety|anxious|depression|depressed|sleep|slept|pain|hunger|"
    r"appetite|fatigue|energy|happy|happiness|sad|anger|irritability|nausea|headache|temptation|confidence|motivation|"
    r"withdrawal|wellbeing|steps|weight|temp|temperature|pulse|hr|sbp|dbp|bp|bac|brac|dose|doses|medication|adherence|"
    r"compliance|heavy|binge|hdd|cost|spent|hours|minutes)(_|$)"
)
_AGO = re.compile(r"(^|_)(ago|back|backwards?)(_|$)")
_DAY_WORDS = ("d", "dy", "day", "days", "t", "tag", "jour", "dia", "día", "giorno", "dag")
_BEFORE = ("bl", "baseline", "base", "pre", "screen", "screening", "scr", "before", "prior", "lookback", "pretreatment")
_BEVERAGE = re.compile(r"beer|wine|liq|liquor|spirit|cider|cocktail|shot|malt|vodka|whisk|lager|stout|sherry|alcopop")
_ALCOHOL = re.compile(r"alc|drink|drk|etoh|ethanol|tlfb|unit|sdu|" + _BEVERAGE.pattern)
_SUBSTANCE = re.compile(
    r"opioid|opiate|heroin|fentanyl|methadone|cocaine|coke|crack|cannab|marij|thc|joint|weed|nicotine|tob|cig|smok|vap|"
    r"amphet|meth|stimul|benzo|pill|(^|_)mj(_|$)"
)
_WORDS = {"y", "n", "yes", "no", "x", "true", "false"}


class Kind(Enum):
    """What a group of numbered columns is."""

    DAYS = "days"
    BEFORE = "days before treatment"
    PERIODS = "weeks, months or visits"
    MAYBE = "numbered columns that no name tells to be days"
    MEASURE = "days of something else than drinking"
    AGO = "days counted back from an interview"


@dataclass(frozen=True, slots=True)
class Group:
    """Numbered columns with one name.

    Attributes
    ----------
    name
        What the headers say beside the number, tidy: ``day``, ``alc_beer_drinks_d``, or nothing.
    kind
        What the columns are.
    headers, days
        The headers as in the file, and the day of each; of two parts (week 2, day 3), what they come to.
    parts
        (number before, number within) of each header in two parts whose days begin anew in each, else empty.
    of_visits
        Whether the number before is that of a visit, not of a week.
    """

    name: str
    kind: Kind
    headers: tuple[str, ...]
    days: tuple[int, ...]
    parts: tuple[tuple[int, int], ...] = ()
    of_visits: bool = False

    @property
    def length(self) -> int:
        """How many days one week or visit has, where the days begin anew in each."""
        within = [d for _, d in self.parts]
        return max(7, max(within) - min(within) + 1) if within else 0

    @property
    def recipe_name(self) -> str:
        """The name by which recipes choose it."""
        return self.name or "(only a number)"

    @property
    def counts(self) -> str:
        """The name without words for days: ``alc_beer_drinks``; empty where the headers say nothing but the day."""
        return "_".join(w for w in self.name.split("_") if w not in (*_DAY_WORDS, *_BEFORE))

    @property
    def is_beverage(self) -> bool:
        """Whether it counts one kind of drink."""
        return bool(_BEVERAGE.search(self.name)) and not self.is_other_substance

    @property
    def is_alcohol(self) -> bool:
        """Whether its name says alcohol."""
        return bool(_ALCOHOL.search(self.name)) and not self.is_other_substance

    @property
    def is_other_substance(self) -> bool:
        """Whether its name says another substance."""
        return bool(_SUBSTANCE.search(self.name))

    @property
    def is_plain(self) -> bool:
        """Whether its name says nothing but the day, or an amount as such."""
        return self.counts == "" or self.counts in AMOUNTS


def groups(table: Table) -> tuple[Group, ...]:
    """Every group of numbered columns of `table` that may be days, weeks or the like, in the order of the file."""
    headers = [str(c) for c in table.frame.columns]
    single: dict[str, list[tuple[str, int]]] = {}
    double: dict[str, list[tuple[str, int, int]]] = {}
    for header in headers:
        if len(header) > _LONGEST or "___" in header:  # REDCap writes type___1 for a checkbox
            continue  # a header of a hundred thousand hyphens would keep the patterns busy for minutes
        if match := _TWO_PARTS.fullmatch(header.strip()):
            before, period, first, second, after = match.groups()
            visit = period.lower().startswith("v")
            name = snake("_".join(part for part in (before, "visit_day" if visit else "day", after) if part))
            double.setdefault(name, []).append((header, int(first), int(second)))
        elif numbered := _numbered(header):
            name, day = numbered
            single.setdefault(name, []).append((header, day))
    _join_minus(single)
    every_group = [_single(name, group) for name, group in single.items()]
    every_group += [_double(name, group) for name, group in double.items()]
    place = {h: i for i, h in enumerate(headers)}
    kept = [g for g in every_group if g is not None and _fits(table, g)]
    later = any(g.kind in (Kind.DAYS, Kind.MAYBE) and max(g.days) > 0 for g in kept)
    if later:  # pre_1 … pre_14 beside post_1 … post_14
        kept = [replace(g, kind=Kind.BEFORE) if g.kind is Kind.DAYS and max(g.days) < 0 else g for g in kept]
    return tuple(sorted(kept, key=lambda g: place[g.headers[0]]))


def _numbered(header: str) -> tuple[str, int] | None:
    text = header.strip()
    if suffixed := _SUFFIXED.fullmatch(text):
        before, day_word, number, after = suffixed.groups()
        return snake("_".join(part for part in (before, day_word, after) if part)), int(number)
    match = _NUMBERED.fullmatch(text)
    if match is None:
        return None
    stem, between, number = match.groups()
    minus = _MINUS.search(stem)
    name = stem[: minus.start()] if minus else stem
    sign = -1 if minus or (between.endswith("-") and not stem) else 1
    return snake(name), sign * int(number)


def _join_minus(single: dict[str, list[tuple[str, int]]]) -> None:
    """day_m3, day_m2, day_m1 are minus days where there are days, and so are m3, m2, m1 if they fall.

    Where an m1, m2, m3 rises, or is alone, or begins at m0, it counts months.
    """
    for name in [n for n in single if n == "m" or n.endswith("_m")]:
        minus = [day for _, day in single[name]]
        bases = (name[:-2],) if name != "m" else ("d", "day", "")
        beside = next((n for n in bases if n in single), None)
        falls = minus == sorted(minus, reverse=True)
        if beside is not None and min(minus) > 0 and (falls or name != "m"):
            single[beside] += [(header, -day) for header, day in single.pop(name)]


def _signed(group: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """A hyphen before the number is a minus where other headers of the group have none (day-7 … day7)."""
    hyphened = {h: bool(re.search(r"-\s*\d+\)?(?:\.0)?$", h)) for h, _ in group}
    if all(hyphened.values()) or not any(hyphened.values()):
        return group
    return [(h, -abs(d) if hyphened[h] else d) for h, d in group]


def _single(name: str, group: list[tuple[str, int]]) -> Group | None:
    days = [d for _, d in _signed(group)]
    kind = _kind(name)
    if kind in (Kind.DAYS, Kind.MAYBE) and _are_times(name, days):
        kind = Kind.PERIODS
    if kind is None or len(group) < FEWEST or len(set(days)) < len(days):
        return None
    if kind is Kind.BEFORE and min(days) >= 0:  # numbered as they follow each other; the last is the day before day 0
        last = max(days)
        group = [(h, d - last - 1) for h, d in group]
    ordered = sorted(_signed(group), key=lambda item: item[1])
    return Group(name, kind, tuple(h for h, _ in ordered), tuple(d for _, d in ordered))


def _double(name: str, group: list[tuple[str, int, int]]) -> Group | None:
    """Week 2, day 3 is day 10; where the days go on from week to week, they are the days."""
    of_visits, name = "visit_day" in name, name.replace("visit_day", "day")
    kind = _kind(name)
    days = [d for _, _, d in group]
    if kind is None or len(group) < FEWEST or len({(w, d) for _, w, d in group}) < len(group):
        return None
    anew = len(set(days)) < len(days)
    if anew:
        first, length = min(w for _, w, _ in group), max(7, max(days) - min(days) + 1)
        days = [(w - first) * length + d for _, w, d in group]
    ordered = sorted(zip(days, group, strict=True), key=lambda item: item[0])
    headers = tuple(header for _, (header, _, _) in ordered)
    parts = tuple((w, d) for _, (_, w, d) in ordered) if anew else ()
    return Group(name, kind, headers, tuple(d for d, _ in ordered), parts, of_visits)


def _are_times(name: str, days: Sequence[int]) -> bool:
    """Whether the numbers are occasions or months: ``drinks_t0`` to ``drinks_t3``, or ``drinks_0``, ``_3``, ``_6``.

    Only where no word says that they are days.
    """
    words = name.split("_")
    if set(words) & {*_DAY_WORDS, "date"} - {"t"}:
        return False
    span = max(days) - min(days) + 1
    return (words[-1] == "t" and len(days) < 7) or (len(days) < 14 and span >= 2 * len(days))


def _kind(name: str) -> Kind | None:
    words = set(name.split("_"))
    rest = "_".join(w for w in name.split("_") if w not in _BEFORE)
    if _QUESTIONNAIRE.search(rest):
        return None
    if _PERIOD.search(rest):
        return Kind.PERIODS
    if _AGO.search(rest):
        return Kind.AGO
    if words & set(_BEFORE):
        return Kind.BEFORE
    if _MEASURE.search(rest):
        return Kind.MEASURE
    return Kind.DAYS if any(p.search(name) for p in (_DAYLIKE, _ALCOHOL, _SUBSTANCE)) else Kind.MAYBE


def _fits(table: Table, group: Group) -> bool:
    """Whether half of the different cells, or more, are numbers, yes or no."""
    words = {str(t).strip().lower() for h in group.headers for t in table.frame[h].cat.categories}
    filled = words - EMPTY
    daily = [w for w in filled if w in _WORDS or re.fullmatch(r"[+-]?\d+([.,]\d+)?", w)]
    return not filled or 2 * len(daily) >= len(filled)


def summed(table: Table, chosen: Sequence[Group], day: int) -> np.ndarray:
    """The cells (n,) of one day as text: the sum over the groups that have it.

    Empty where all are; a cell that is no number stays as it is, to be told.
    """
    headers = [g.headers[g.days.index(day)] for g in chosen if day in g.days]
    columns = [table.frame[h].astype(object).fillna("").astype(str).str.strip().to_numpy(dtype=object) for h in headers]
    if len(columns) == 1:
        return columns[0]
    return np.array([_sum(cells) for cells in zip(*columns, strict=True)], dtype=object)


def _sum(cells: Sequence[str]) -> str:
    filled = [c for c in cells if c.lower() not in EMPTY]
    total = 0.0
    for cell in filled:
        try:
            total += float(cell.replace(",", "."))
        except ValueError:
            return cell
    return f"{total:.12g}" if filled else ""


def partly_empty(table: Table, chosen: Sequence[Group]) -> int:
    """How many participant-days have a number in one of several groups and none in another."""
    n = 0
    for day in sorted({d for g in chosen for d in g.days}):
        headers = [g.headers[g.days.index(day)] for g in chosen if day in g.days]
        empty = np.column_stack(
            [
                table.frame[h].astype(object).fillna("").astype(str).str.strip().str.lower().isin(EMPTY).to_numpy()
                for h in headers
            ]
        )
        n += int((empty.any(axis=1) & ~empty.all(axis=1)).sum())
    return n
