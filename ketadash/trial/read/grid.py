"""A wide grid with several groups of numbered columns: which are the days, which are summed, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, counted, listed, short
from ketadash.files import Table
from ketadash.files.table import category
from ketadash.trial import reshape
from ketadash.trial.read.groups import Group, Kind, groups, partly_empty, summed
from ketadash.trial.read.yearless import without_year
from ketadash.trial.understood import Notes
from ketadash.trial.wide_days import Across, dated_columns

NONE_OF_THEM = "none of them"
MOST = 8  # groups that are offered one by one
_TOTAL = ("total", "all", "sum")


def grid_of(table: Table, people: Table | None, notes: Notes) -> tuple[Table, Across] | None:
    """The grid of days in `table`: columns of dates, of dates without a year, or numbered ones; None if it has none.

    Raises
    ------
    DataError
        When nothing tells the year of dates without one, or the columns are weeks or months.
    """
    dated = dated_columns(table, notes.recipe.date_order)
    if dated is not None:
        return table, dated
    yearless = without_year(table, people, notes)
    if yearless is not None:
        return table, yearless
    return laid_out(table, notes)


def laid_out(table: Table, notes: Notes) -> tuple[Table, Across] | None:
    """The grid of days in `table`, with the groups that are summed made one; None if it has no numbered columns.

    Raises
    ------
    DataError
        When the columns are weeks or months, so that no day is in them.
    """
    every = groups(table)
    days = [g for g in every if g.kind is Kind.DAYS]
    if not days:
        days = _maybe_days(table, every, notes)
    if not days:
        return None
    chosen = _chosen(table, days, notes)
    chosen = [_placed(group, notes) for group in chosen]
    before = _before(every, chosen)
    if before is not None:
        notes.say(
            "shape",
            f"{counted(len(before.headers), 'column')} {_span(before)} are days before treatment "
            f"(day {before.days[0]} to {before.days[-1]})",
        )
    table = _without_others(table, every, chosen, before, notes)
    return _combined(table, chosen, before, notes)


def _span(group: Group) -> str:
    return f"{short(group.headers[0], 40)} to {short(group.headers[-1], 40)}"


def _maybe_days(table: Table, every: Sequence[Group], notes: Notes) -> list[Group]:
    """The groups that may be days though no name mentions drinking (weeks, bare numbers), after a question."""
    ago = [g for g in every if g.kind is Kind.AGO]
    if ago:
        spans = listed([_span(g) for g in ago])
        raise CheckFailedError(
            "columns",
            f"{table.name} counts days back from an interview ({spans}), and does not "
            "say which day of the trial that was; name the columns by the days of the trial (day1, "
            "day2, …) or by their dates",
        )
    periods = [g for g in every if g.kind is Kind.PERIODS]
    maybe = [g for g in every if g.kind is Kind.MAYBE]
    if periods:
        answers = {
            "periods": "each column is a week, a month or a visit: they hold no days",
            "days": "each column is one day after all",
        }
        span = listed([_span(g) for g in periods])
        meant = notes.ask(
            "periods",
            f"The columns {span} of {table.name} look like weeks, months or visits, and there "
            "is no other row of days. What is one column?",
            answers,
            provisional="days",
        )
        if meant == "periods":
            raise CheckFailedError(
                "columns",
                f"{table.name} has a number for each week, month or visit ({span}), and "
                "the analysis is of days; load the file that has the days themselves",
            )
        return periods
    return maybe or [g for g in every if g.kind is Kind.MEASURE]


def _chosen(table: Table, days: list[Group], notes: Notes) -> list[Group]:
    """The group that is the daily outcome, or those that are summed to it."""
    by_name = {g.recipe_name: g for g in days}
    answer = notes.recipe.answer("grid")
    if answer is None and (certain := _certain(table, days)):
        return certain
    answers = _answers(days)
    if answer is not None and answer not in answers and set(answer.split("+")) <= set(by_name):
        # several columns that somebody chose together
        answers[answer] = f"the sum of {listed(answer.split('+'), most=MOST)}"
    spans = listed([f"{g.recipe_name} ({_span(g)})" for g in days], most=MOST)
    what = f"has {len(days)} groups of day columns"
    if len(days) == 1:
        what = "has one group of numbered columns that may not be days"
    if days[0].kind is Kind.MEASURE:
        what = "has days of something that is no amount by its name, and no others"
    meant = notes.ask(
        "grid",
        f"{table.name} {what}: {spans}. Which are the daily outcome?",
        answers,
        option="--amount" if len(days) > 1 else "",
        count=len(days),
    )
    if meant == NONE_OF_THEM:
        raise CheckFailedError(
            "columns",
            f"{table.name} has no row of day columns; name them day1, day2, …, or load the file that has the days",
        )
    return [by_name[name] for name in meant.split("+")]


def _certain(table: Table, days: list[Group]) -> list[Group]:
    """The groups to take without asking; none where somebody must choose."""
    if len(days) == 1:
        return days if days[0].kind is Kind.DAYS or days[0].kind is Kind.PERIODS else []
    plain = [g for g in days if g.is_plain]
    totals = plain or [g for g in days if set(g.name.split("_")) & set(_TOTAL) and g.is_alcohol]
    rivals = [g for g in days if g not in totals and (g.is_alcohol or g.is_other_substance)]
    if len(totals) != 1:
        return []
    if all(g.is_beverage for g in rivals) and (not rivals or _is_sum(table, totals[0], rivals)):
        return totals
    return []


def _is_sum(table: Table, total: Group, parts: Sequence[Group]) -> bool:
    """Whether one group is the sum of the others on every day."""
    if any(set(g.days) != set(total.days) for g in parts):
        return False
    return all(_numbers(summed(table, parts, d)) == _numbers(summed(table, [total], d)) for d in total.days)


def _numbers(cells: np.ndarray) -> list[str]:
    column = pd.to_numeric(pd.Series(cells).astype(str), errors="coerce")
    return column.round(9).astype(str).tolist()


def _answers(days: Sequence[Group]) -> dict[str, str]:
    """The answers offered: first the sum of the groups that count one kind of drink each, then every group alone."""
    answers = dict[str, str]()
    beverages = [g for g in days if g.is_beverage]
    alcohol = beverages if len(beverages) > 1 else []
    if len(alcohol) > 1:
        names = [g.recipe_name for g in alcohol]
        answers["+".join(names)] = f"the sum of {listed(names, most=MOST)}"
    order = sorted(days, key=lambda g: (not g.is_plain, not g.is_alcohol, g.is_other_substance))
    for group in order[:MOST]:
        answers[group.recipe_name] = f"{group.recipe_name} alone: {_span(group)}"
    if len(days) == 1 and days[0].kind is Kind.MAYBE:
        answers[days[0].recipe_name] = f"each of {_span(days[0])} is one day"
        answers[NONE_OF_THEM] = "they are no days"
    if days[0].kind is Kind.MEASURE:
        answers = {name: f"{text}, amounts or use of that day" for name, text in answers.items()}
        answers[NONE_OF_THEM] = "they are no amounts"
    return answers


def _placed(group: Group, notes: Notes) -> Group:
    """A group whose days begin anew in each week or visit, renumbered as days of the trial."""
    if not group.parts:
        return group
    if group.of_visits:
        answers: Mapping[str, str] = {
            "follow": f"the visits follow each other: visit 2, day 1 is day {group.length + 1}",
            "first": "only the days of the first visit are analysed",
        }
        meant = notes.ask(
            "visit_days", f"The columns {_span(group)} count days within visits. Which days are they?", answers
        )
        if meant == "first":
            first = min(v for v, _ in group.parts)
            kept = [(h, d) for h, (v, d) in zip(group.headers, group.parts, strict=True) if v == first]
            return replace(group, headers=tuple(h for h, _ in kept), days=tuple(d for _, d in kept), parts=())
    if any(w == 0 for w, _ in group.parts):
        answers = {
            "before": "the week before treatment",
            "first": "the first week of treatment",
        }
        if (
            notes.ask("week_zero", f"The columns {_span(group)} begin with week 0. Which week is it?", answers)
            == "before"
        ):
            days = [
                d - group.length - (1 if min(p for _, p in group.parts) == 1 and w == 0 else 0)
                for d, (w, _) in zip(group.days, group.parts, strict=True)
            ]
            return replace(group, days=tuple(days))
    return group


def _before(every: Sequence[Group], chosen: Sequence[Group]) -> Group | None:
    """The group of days before treatment that counts what the chosen one counts."""
    if len(chosen) != 1:
        return None
    before = [g for g in every if g.kind is Kind.BEFORE]
    same = [g for g in before if g.counts == chosen[0].counts] or [
        g for g in before if len(before) == 1 and (not g.counts or not chosen[0].counts)
    ]
    taken = set(chosen[0].days)
    return next((g for g in same if not taken & set(g.days)), None)


def _without_others(
    table: Table, every: Sequence[Group], chosen: Sequence[Group], before: Group | None, notes: Notes
) -> Table:
    """The table without the days, weeks and the like that are not used: said, and not taken for particulars."""
    used = {h for g in (*chosen, *((before,) if before else ())) for h in g.headers}
    gone = [g for g in every if g.kind is not Kind.MAYBE and not used & set(g.headers)]
    if not gone:
        return table
    spans = listed([f"{_span(g)} ({g.kind.value})" for g in gone], most=MOST)
    n = sum(len(g.headers) for g in gone)
    notes.left_out(n, f"{table.name}: {counted(n, 'numbered column')} not used: {spans}")
    return replace(table, frame=table.frame.drop(columns=[h for g in gone for h in g.headers]))


def _combined(table: Table, chosen: Sequence[Group], before: Group | None, notes: Notes) -> tuple[Table, Across]:
    """The table with one column a day, and which these are."""
    earlier = list(zip(before.headers, before.days, strict=True)) if before else []
    if len(chosen) == 1:
        pairs = [*earlier, *zip(chosen[0].headers, chosen[0].days, strict=True)]
        return table, Across(
            tuple(h for h, _ in pairs),
            tuple(d for _, d in pairs),
            stem=chosen[0].name,
            other=chosen[0].is_other_substance,
        )
    frame = table.frame.copy(deep=False)
    for header in {h for g in chosen for h in g.headers}:
        frame[header] = reshape.blanked(frame[header], reshape.unknown(table, header, notes.recipe.unknown))[0]
    table = replace(table, frame=frame)
    names = [g.recipe_name for g in chosen]
    unknown = False
    if n := partly_empty(table, chosen):
        answers = {
            "none": "nothing of that kind was used: the day is the sum of the others",
            "unknown": "not known: the whole day is missing",
        }
        unknown = (
            notes.ask(
                "partly",
                f"On {counted(n, 'participant-day')} some of {listed(names)} are empty and some "
                "are filled. What does the empty one mean?",
                answers,
                count=n,
            )
            == "unknown"
        )
    notes.say("shape", f"The day is the sum of {listed(names, most=MOST)}")
    every = sorted({d for g in chosen for d in g.days})
    columns = {f"day {d}": category(list(_total(table, chosen, d, unknown))) for d in every}
    rest = frame.drop(columns=[h for g in chosen for h in g.headers])
    clash = {c: f"{c} as given" for c in rest.columns if c in columns}
    days = pd.DataFrame(columns, index=frame.index)
    whole = pd.concat([rest.rename(columns=clash), days], axis=1)
    return replace(table, frame=whole), Across(
        tuple(columns), tuple(every), stem=chosen[0].name, other=chosen[0].is_other_substance
    )


def _total(table: Table, chosen: Sequence[Group], day: int, unknown: bool) -> np.ndarray:
    cells = summed(table, chosen, day)
    if unknown:
        for group in (g for g in chosen if day in g.days):
            cells = np.where(summed(table, [group], day) == "", "", cells)
    return cells
