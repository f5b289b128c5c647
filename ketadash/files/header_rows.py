"""Where a table begins: below titles and particulars, with names in one row or two, above rows of labels.

A survey's export puts the questions under the names (Qualtrics), a calendar its weekdays, a sheet made by hand its
weeks above the days.  None of these rows is a person's, and each that is passed over is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ketadash.core.findings import counted

Row = Sequence[str]
MOST_ABOVE = 30  # rows in which the header is looked for
_MOST_LABELS = 3  # rows that may stand between the names and the data
_SAMPLE = 20  # rows of data that tell what a column holds
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?%?")
_DATE = re.compile(r"\d{1,4}([-/.]\d{1,2}[-/.]\d{1,4}|[-/. ]?[a-z]{3,9}[-/. ]?\d{2,4})([T ].*)?", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"(mo(n(day)?)?|tu(e(s(day)?)?)?|we(d(nesday)?)?|th(u(r(s(day)?)?)?)?|fr(i(day)?)?|sa(t(urday)?)?|su(n(day)?)?)\.?",
    re.IGNORECASE,
)
_NOTHING = frozenset(("", "na", "n/a", "nan", "null", "none", ".", "-"))
_QUALTRICS = '{"ImportId"'


@dataclass(frozen=True)
class Head:
    """The top of a table.

    Attributes
    ----------
    names
        The header's cells, "" where a column has no name.
    first, body
        The places of the header's first row and of the first row of data.
    above
        What stands above the header as a pair: ``("Arm", "placebo")``.
    labels
        What columns are called in words, by place, where a row under the names says.
    notes
        What was passed over.
    """

    names: list[str]
    first: int
    body: int
    above: tuple[tuple[str, str], ...] = ()
    labels: dict[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def find(rows: Sequence[Row], at: int, what: str) -> Head:
    """The header rows of a table whose header is row `at` or a row near it.

    Parameters
    ----------
    rows
        The first rows of the table, as text.
    at
        Where the header is if one row holds all its names.
    what
        What a row is called: ``row`` of a sheet, ``line`` of a text.
    """
    while at + 1 < len(rows) and is_weekdays(rows[at]):
        at += 1
    upper = next((i for i in (at - 1, at) if i >= 0 and _in_two_rows(rows, i)), None)
    if upper is None:
        names, first, body = [str(c).strip() for c in rows[at]], at, at + 1
    else:
        names, first, body = _combined(rows[upper], rows[upper + 1]), upper, upper + 2
    labels, below, label_notes = _labels_below(rows, body)
    above = sum(bool(_filled(row)) for row in rows[:first])
    notes: tuple[str, ...] = (f"{counted(above, what)} above the header passed over",) if above else ()
    notes += ("two rows of names read as one header",) if upper is not None else ()
    return Head(names, first, body + below, particulars(rows[:first]), labels, notes + label_notes)


def titles(rows: Sequence[Row]) -> int:
    """How many rows stand above the header of a text: titles, particulars in pairs, remarks that begin with ``#``."""
    if apart := _below_a_gap(rows):
        return apart
    above = 0
    while above < min(MOST_ABOVE, len(rows) - 1) and (len(_filled(rows[above])) <= 2 or _remark(rows[above])):
        above += 1
    alone = all(len(_filled(row)) <= 1 or _remark(row) for row in rows[:above])
    following = [len(_filled(row)) for row in rows[above : above + 2]]
    if not above or following[0] < 3 or not all(n >= 3 or n == 0 for n in following):
        return 0
    if not alone and _NUMBER.fullmatch(_filled(rows[above])[0]):  # a row of data under a header of two names
        return 0
    return above


def _below_a_gap(rows: Sequence[Row]) -> int:
    """The header of a table that stands below particulars and an empty row, however few its columns; 0 if none does."""
    gaps = [i for i in range(1, min(MOST_ABOVE, len(rows) - 4)) if not _filled(rows[i]) and _filled(rows[i + 1])]
    for gap in gaps:
        names, body = _filled(rows[gap + 1]), rows[gap + 2 : gap + 2 + _SAMPLE]
        words = len(names) >= 2 and not any(_NUMBER.fullmatch(c) for c in names)
        if not words or any(_NUMBER.fullmatch(next(iter(_filled(row)), "")) for row in rows[:gap]):
            continue
        few = all(len(_filled(row)) <= 2 for row in rows[:gap])
        if few and all(any(_NUMBER.fullmatch(c) for c in _filled(row)) for row in body if _filled(row)):
            return gap + 1
    return 0


def _remark(row: Row) -> bool:
    filled = _filled(row)
    return bool(filled) and filled[0].startswith("#")


def particulars(rows: Sequence[Row]) -> tuple[tuple[str, str], ...]:
    """What rows above a header say as a name and its value, in two cells or with a colon."""
    pairs = list[tuple[str, str]]()
    for row in rows:
        filled = _filled(row)
        if len(filled) == 1 and ":" in filled[0]:
            name, _, value = filled[0].partition(":")
            filled = [name, value]
        if len(filled) == 2 and filled[1].strip():
            pairs.append((filled[0].strip().rstrip(":").strip(), filled[1].strip()))
    return tuple(pairs)


def is_weekday(text: str) -> bool:
    """Whether a cell is a day of the week."""
    return _WEEKDAY.fullmatch(text.strip()) is not None


def is_weekdays(row: Row) -> bool:
    """Whether a row names days of the week and nothing else."""
    filled = _filled(row)
    return len(filled) >= 3 and all(_WEEKDAY.fullmatch(c) for c in filled)


def _filled(row: Row) -> list[str]:
    return [c.strip() for c in map(str, row) if c.strip()]


def _cell(row: Row, j: int) -> str:
    return str(row[j]).strip() if j < len(row) else ""


def _in_two_rows(rows: Sequence[Row], i: int) -> bool:
    """Whether rows `i` and `i` + 1 are one header: names above, days below, and groups over the days."""
    if i + 2 >= len(rows):
        return False
    upper, lower, body = rows[i], rows[i + 1], rows[i + 2 : i + 2 + _SAMPLE]
    above = {j: c for j in range(len(upper)) if (c := _cell(upper, j))}
    below = {j: c for j in range(len(lower)) if (c := _cell(lower, j))}
    if len(above) < 2 or len(below) < 2 or any(_NUMBER.fullmatch(c) for c in above.values()):
        return False
    names = _combined(upper, lower)
    given = [n for n in names if n]
    if len(set(given)) < len(given) or any(_NOTHING.issuperset((c.lower(),)) for c in below.values()):
        return False
    alone = [j for j in above if j not in below and any(_cell(row, j) for row in body)]
    often = {c for c, n in Counter(above.values()).items() if n > 1}
    nameless = [j for j in below if j not in above or above[j] in often or _WEEKDAY.fullmatch(above[j])]
    if alone and 2 * len(nameless) >= len(below) and (len(alone) > 1 or set(above) & set(below)):
        return True
    # Every name stands below, some of them more than once: the groups above tell them apart.
    grouped = any(j not in above for j in below) or bool(often)
    twice = len(set(below.values())) < len(below)
    recur = any(_cell(row, j) == c for j, c in below.items() if not _NUMBER.fullmatch(c) for row in body)
    return twice and grouped and not alone and not recur and not _NUMBER.fullmatch(next(iter(below.values())))


def _combined(upper: Row, lower: Row) -> list[str]:
    """Names of two rows: the lower's where it has one, under its group's name if it would not be the only one."""
    width = max(len(upper), len(lower))
    below = [_cell(lower, j) for j in range(width)]
    twice = len({c for c in below if c}) < sum(bool(c) for c in below)
    names, group = list[str](), ""
    for j in range(width):
        group = _cell(upper, j) or group
        if not below[j]:
            names.append(_cell(upper, j))
        elif twice and group and not _WEEKDAY.fullmatch(group):
            day = "Day " if re.match(r"(week|wk)\b", group, re.IGNORECASE) and below[j].isdigit() else ""
            names.append(f"{group} {day}{below[j]}")
        else:
            names.append(below[j])
    return names


def _labels_below(rows: Sequence[Row], at: int) -> tuple[dict[int, str], int, tuple[str, ...]]:
    """Rows between the names and the data: what they call the columns, how many there are, and the words on them."""
    for n in range(1, _MOST_LABELS + 1):
        if at + n - 1 < len(rows) and any(str(c).startswith(_QUALTRICS) for c in rows[at + n - 1]):
            text = f"{counted(n, 'row')} of questions and codes under the header passed over (a Qualtrics export)"
            return _worded(rows[at]) if n > 1 else {}, n, (text,)
    if at + 1 < len(rows) and is_weekdays(rows[at]):
        return {}, 1, ("1 row of weekdays under the header passed over",)
    if _says_what_columns_are(rows, at):
        return _worded(rows[at]), 1, ("1 row of words under the header passed over",)
    return {}, 0, ()


def _worded(row: Row) -> dict[int, str]:
    return {j: c for j in range(len(row)) if (c := _cell(row, j))}


def _says_what_columns_are(rows: Sequence[Row], at: int) -> bool:
    """Whether row `at` has words where every later row has numbers or dates, and nothing in common with them."""
    later = rows[at + 1 : at + 1 + _SAMPLE]
    if len(later) < 3:
        return False
    words = 0
    for j in range(len(rows[at])):
        cell = _cell(rows[at], j)
        column = [c for row in later if (c := _cell(row, j)).lower() not in _NOTHING]
        if not cell or not column:
            continue
        if cell in column:
            return False
        if len(column) >= 3 and all(_NUMBER.fullmatch(c) or _DATE.fullmatch(c) for c in column):
            if _NUMBER.fullmatch(cell) or _DATE.fullmatch(cell) or cell.lower() in _NOTHING:
                return False
            words += 1
    return words >= 2
