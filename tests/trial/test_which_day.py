"""Which day a row is about: orders of dates, time zones, parts of dates, words, day 0, and several rows a day."""

from __future__ import annotations

import datetime as dt

import dressed
import numpy as np
import pandas as pd
import pytest
from dated_days import KNOWN, LONG, START, asked, dates, unasked
from read_alike import csv

from ketadash.core.errors import DataError
from ketadash.trial import attempt, load
from ketadash.trial.recipe import Recipe


def written(days: pd.Series, how: str) -> pd.Series:
    return days.map(lambda d: d.strftime(how))


HOW = {"day first": "%d/%m/%Y", "month first": "%m/%d/%Y"}


@pytest.mark.parametrize("order", HOW)
@pytest.mark.parametrize("days", ["%Y-%m-%d", "%d%b%Y", None])
def test_starts_are_read_in_the_order_that_fits_the_days(order, days):
    """Every start can be read both ways; the days say which is meant."""
    starts = {p: dt.date(2024, i + 1, 12 - i) for i, p in enumerate(START)}
    when = pd.Series(
        [starts[p] + dt.timedelta(days=int(d)) for p, d in zip(LONG["participant_id"], LONG["day"], strict=True)]
    )
    people = LONG.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]]
    people = people.assign(rand_date=people["participant_id"].map(starts).map(lambda d: d.strftime(HOW[order])))
    frame = LONG[["participant_id", "drinks"]].assign(date=written(when, days or HOW[order]).to_numpy())
    trial = unasked({"days.csv": csv(frame), "participants.csv": csv(people)})
    assert trial.recipe.date_order == order


@pytest.mark.parametrize("order", HOW)
def test_starts_of_a_grid_of_dates_fit_its_days(order):
    starts = {p: dt.date(2024, i + 2, 8 - i % 2) for i, p in enumerate(START)}
    frame = LONG.assign(
        when=[starts[p] + dt.timedelta(days=int(d)) for p, d in zip(LONG["participant_id"], LONG["day"], strict=True)]
    )
    frame["start"] = frame["participant_id"].map(starts).map(lambda d: d.strftime(HOW[order]))
    grid = frame.pivot(index=["participant_id", "arm", "sex", "start"], columns="when", values="drinks").reset_index()
    unasked(csv(grid.rename(columns={"start": "infusion_date"})))


def test_an_order_that_nothing_settles_is_asked():
    people = {"a": "x", "b": "x", "c": "y", "d": "y"}
    rows = [[p, a, f"0{3 + i}/04/2024", i] for p, a in people.items() for i in (0, 2)]
    frame = pd.DataFrame(rows, columns=["id", "arm", "date", "drinks"]).assign(infusion_date="01/02/2024")
    right = frame.rename(columns={"id": "participant_id"}).assign(day=[62, 64] * 4)
    days = {"03/04/2024": dt.date(2024, 4, 3), "05/04/2024": dt.date(2024, 4, 5)}
    right["day"] = [(days[d] - dt.date(2024, 2, 1)).days for d in frame["date"]]
    asked(csv(frame), "date_order", "day first", right)


def test_orders_that_give_the_same_days_are_no_question():
    frame = pd.DataFrame(
        [[p, a, "03/03/2024", 1] for p, a in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "y"))],
        columns=["id", "arm", "date", "drinks"],
    ).assign(infusion_date="02/02/2024")
    unasked(csv(frame), frame.rename(columns={"id": "participant_id"}).assign(day=30))


@pytest.mark.sweep(3)
@pytest.mark.parametrize(
    "names",
    [
        ("date", "drinking_date"),
        ("survey_date", "date"),
        ("date", "tlfb_date"),
        ("date", "use_date"),
        ("EndDate", "date"),
        ("date_completed", "diary_date"),
    ],
)
def test_the_day_of_drinking_is_not_that_of_the_survey(names):
    told, drunk = names
    frame = LONG.drop(columns="day").assign(**{told: dates() + dt.timedelta(days=1), drunk: dates()})
    unasked(csv(frame.assign(infusion_date=LONG["participant_id"].map(START))))


def test_two_dates_of_which_either_may_be_meant_are_asked():
    frame = LONG.drop(columns="day").assign(date=dates() + dt.timedelta(days=1), diary_date=dates())
    question = asked(csv(frame.assign(infusion_date=LONG["participant_id"].map(START))), "date", "diary_date")
    assert {a.value for a in question.answers} == {"date", "diary_date"}


def test_a_survey_s_own_start_is_no_start_of_treatment():
    """A column that changes from day to day says when the form was opened."""
    frame = LONG.drop(columns="day").assign(date=dates(), start_date=dates() + dt.timedelta(days=1))
    unasked(csv(frame.assign(day_0_date=LONG["participant_id"].map(START))))


ZONES = {"America/Denver": -7, "Europe/Berlin": 1, "-05:00": -5, "UTC+10": 10, "Asia/Kolkata": 5.5}


@pytest.mark.parametrize("name", ["timezone", "Time Zone", "tz"])
def test_stamps_in_utc_are_read_in_the_zone_beside_them(name):
    zones = dict(zip(START, [*ZONES, *ZONES], strict=False))
    zone = LONG["participant_id"].map(zones)
    # Ten in the evening where people are, before summer time begins anywhere.
    local = pd.to_datetime([dt.date(2024, 1, 8) + dt.timedelta(days=int(d)) for d in LONG["day"]]) + pd.Timedelta("22h")
    stamps = local - pd.to_timedelta(zone.map(ZONES).to_numpy(dtype=float), unit="h")
    frame = LONG.drop(columns="day").assign(date=stamps.strftime("%Y-%m-%dT%H:%M:%SZ"), **{name: zone})
    unasked(csv(frame.assign(infusion_date="2024-01-08")))


def utc(hour: int, days: int) -> bytes:
    stamps = [f"{dt.date(2024, 1, 8) + dt.timedelta(days=int(d) + days)}T{hour:02}:15:00Z" for d in LONG["day"]]
    return csv(LONG.drop(columns="day").assign(date=stamps, infusion_date="2024-01-08"))


@pytest.mark.sweep(1)
@pytest.mark.parametrize("answer", ["America/New_York", "America/Denver"])
def test_stamps_in_utc_without_a_zone_are_asked_about(answer):
    """Any zone that has a name can be the answer, not only those that are offered."""
    asked(utc(3, 1), "timezone", answer)


def test_stamps_that_fall_on_one_day_everywhere_and_midnights_are_no_question():
    unasked(utc(14, 0))
    unasked(
        csv(
            LONG.drop(columns="day").assign(
                date=[f"{dt.date(2024, 1, 8) + dt.timedelta(days=int(d))}T00:00:00Z" for d in LONG["day"]],
                infusion_date="2024-01-08",
            )
        )
    )


def test_a_zone_that_is_none_is_said():
    frame = LONG.drop(columns="day").assign(date="2024-01-09T03:15:00Z", tz="Mars/Olympus", infusion_date="2024-01-08")
    with pytest.raises(DataError, match="'Mars/Olympus' is no time zone"):
        load(csv(frame))


@pytest.mark.sweep(1)
@pytest.mark.parametrize("names", [("year", "month", "day"), ("Year", "Month", "Day"), ("yyyy", "mm", "dd")])
@pytest.mark.parametrize("month", ["number", "name"])
def test_a_day_of_the_month_is_no_study_day(names, month):
    when = dates()
    months = when.map(lambda d: d.month if month == "number" else f"{d:%B}")
    parts = dict(zip(names, [when.map(lambda d: d.year), months, when.map(lambda d: d.day)], strict=True))
    frame = LONG.drop(columns="day").assign(**parts)
    unasked(csv(frame.assign(infusion_date=LONG["participant_id"].map(START))))
    question = asked(csv(frame), "start", "first date")
    assert len({(a.days, a.abstinent_share) for a in question.answers}) > 1


@pytest.mark.parametrize("repeats", ["%d", "%A"])
def test_a_day_beside_a_date_may_repeat_it(repeats):
    frame = LONG.assign(date=dates(), day=written(dates(), repeats), infusion_date=LONG["participant_id"].map(START))
    unasked(csv(frame))


def test_dates_in_a_column_called_day():
    unasked(csv(LONG.assign(day=dates(), infusion_date=LONG["participant_id"].map(START))))


WORDS = ["Day {}", "day{}", "D{}", "Day {:02}", "Study Day {}", "Tag {}", "DAY_{}", "Day {}.0", "TLFB day {}"]


@pytest.mark.sweep(4)
@pytest.mark.parametrize("word", WORDS)
def test_days_with_a_word(word):
    unasked(csv(LONG.assign(day=LONG["day"].map(word.format))))


def test_a_hyphen_in_a_day_is_a_minus_only_beside_others():
    before = dressed.long()
    known = before.dropna(subset=["drinks"])
    unasked(csv(before.assign(day=before["day"].map("Day {}".format))), known)
    unasked(csv(LONG.assign(day=LONG["day"].map("Day-{}".format))))


def test_weeks_and_days_in_one_cell():
    unasked(csv(LONG.assign(day=LONG["day"].map(lambda d: f"Week {(d - 1) // 7 + 1} Day {(d - 1) % 7 + 1}"))))


def test_a_word_among_days_is_still_an_error():
    frame = LONG.astype({"day": object})
    frame.loc[3, "day"] = "Tuesday"
    assert [c.name for c in attempt(csv(frame)).checks if c.severity == "error"] == ["day_whole"]


WEEKS = dressed.long(first=1, last=14)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("shape", ["long", "wide", "dates"])
def test_fourteen_days_from_day_0_on_are_asked_about(shape):
    frame = WEEKS.assign(day=WEEKS["day"] - 1)
    if shape == "wide":
        frame = dressed.wide(frame, "day{}")
    elif shape == "dates":
        frame = frame.drop(columns="day").assign(date=dates(frame), infusion_date=frame["participant_id"].map(START))
    asked(csv(frame), "day_zero", "first", WEEKS.dropna(subset=["drinks"]))
    asked(csv(frame), "day_zero", "before", WEEKS.assign(day=WEEKS["day"] - 1).dropna(subset=["drinks"]))


@pytest.mark.parametrize("last", [10, 14, 28])
def test_a_day_0_before_whole_weeks_is_no_question(last):
    frame = dressed.long(first=0, last=last)
    unasked(csv(frame), frame.dropna(subset=["drinks"]))


def test_a_declared_window_says_what_day_0_is():
    frame = WEEKS.assign(day=WEEKS["day"] - 1)
    unasked({"days.csv": csv(frame), "trial.toml": b'days = "0:13"\n'}, frame.dropna(subset=["drinks"]))


def split(frame: pd.DataFrame, into: int, name: str, kinds: list, total: bool = True) -> pd.DataFrame:
    """Each day as several rows: parts of its amount, or the same amount nearing its end."""
    rows = []
    for row in frame.to_dict("records"):
        parts = [row["drinks"] // into] * (into - 1)
        parts = [*parts, row["drinks"] - sum(parts)] if total else [*parts, row["drinks"]]
        rows += [{**row, "drinks": part, name: kind} for part, kind in zip(parts, kinds, strict=True)]
    return pd.DataFrame(rows)


@pytest.mark.sweep(2)
@pytest.mark.parametrize(
    ("name", "kinds"),
    [("start_time", ["18:30", "21:00"]), ("event_no", [1, 2]), ("beverage", ["beer", "wine"]), ("beep", [9, 10])],
)
@pytest.mark.parametrize("how", ["sum", "last"])
def test_several_rows_a_day_are_added_up_or_replaced_as_answered(name, kinds, how):
    raw = csv(split(KNOWN, 2, name, kinds, total=how == "sum"))
    question = asked(raw, "same_day", how)
    assert f"told apart by '{name}'" in question.message
    assert [a.value for a in question.answers][:3] == ["sum", "maximum", "last"]


@pytest.mark.sweep(1)
@pytest.mark.parametrize("name", ["informant", "reporter", "source"])
def test_one_kind_of_rows_can_be_meant(name):
    rows = pd.concat([KNOWN.assign(**{name: "alcohol"}), KNOWN.assign(**{name: "tobacco"}, drinks=9.0)])
    question = asked(csv(rows), "same_day", "only alcohol")
    assert "only tobacco" in [a.value for a in question.answers]


def test_the_largest_of_a_day_s_prompts():
    rows = pd.concat([KNOWN.assign(prompt=1), KNOWN.assign(prompt=2, drinks=np.floor(KNOWN["drinks"] / 2))])
    asked(csv(rows), "same_day", "maximum")


def test_rows_of_a_day_that_say_nothing_are_no_question():
    rows = pd.concat([KNOWN.assign(prompt=1), KNOWN.assign(prompt=2, drinks=np.nan)])
    unasked(csv(rows.sample(frac=1, random_state=1)))


def test_what_the_silent_rows_of_a_day_say_besides_is_kept():
    tests = KNOWN.assign(etg_positive="1", drinks=np.nan)
    trial = unasked(csv(pd.concat([KNOWN, tests])))
    assert (trial.days["etg_positive"] == 1).all()


def test_a_day_that_is_blank_on_all_of_its_rows_is_missing():
    rows = pd.concat([LONG.assign(prompt=1), LONG.assign(prompt=2, drinks=np.nan)])
    trial = unasked(csv(rows))
    assert len(trial.days) == len(LONG)
    twice = LONG.assign(drinks=LONG["drinks"].where(LONG["day"] > 1))
    unasked(
        csv(pd.concat([twice.assign(prompt=1), twice[twice["day"] == 1].assign(prompt=2)])),
        twice.dropna(subset=["drinks"]),
    )


def test_prompts_that_give_one_number_however_they_are_counted_are_no_question():
    zeros = KNOWN.assign(drinks=0.0)
    rows = pd.concat([zeros.assign(time=f"{h}:00") for h in (9, 10, 11, 12, 13)])
    unasked(csv(rows), zeros)


def test_a_day_entered_twice_is_an_error_not_a_question():
    rows = pd.concat([KNOWN, KNOWN.iloc[[5]]])
    assert [c.name for c in attempt(csv(rows)).checks if c.severity in ("error", "question")] == ["duplicate_days"]
    assert attempt(csv(rows)).checks[0].severity == "error"


def test_rows_of_a_day_with_nothing_to_tell_them_apart_are_asked_about():
    rows = pd.concat(
        [KNOWN.assign(drinks=np.ceil(KNOWN["drinks"] / 2)), KNOWN.assign(drinks=np.floor(KNOWN["drinks"] / 2))]
    )
    rows["drinks"] = rows["drinks"]
    right = KNOWN.assign(drinks=np.ceil(KNOWN["drinks"] / 2) + np.floor(KNOWN["drinks"] / 2))
    assert "no column that tells them apart" in asked(csv(rows), "same_day", "sum", right).message


def test_yes_on_any_row_is_a_day_of_use():
    drank = pd.concat(
        [
            KNOWN.assign(time="09:00", drank="no"),
            KNOWN.assign(time="21:00", drank=np.where(KNOWN["drinks"] > 0, "yes", "no")),
        ]
    )
    raw = csv(drank.drop(columns="drinks"))
    reading = attempt(raw, recipe=Recipe(answers=(("same_day", "maximum"),)))
    use = reading.trial.days.set_index(["participant_id", "day"])["use"]
    right = KNOWN.set_index(["participant_id", "day"])["drinks"] > 0
    assert (use.reindex(right.index) == right).all() and len(use) == len(right)


def by_week(frame: pd.DataFrame, first: int = 1, text: str = "{}") -> pd.DataFrame:
    """Days 1 to 7 beside the number of their week."""
    week = (frame["day"] - 1) // 7 + first
    return frame.assign(day=(frame["day"] - 1) % 7 + 1, week=week.map(text.format))


@pytest.mark.parametrize("text", ["{}", "Week {}", "w{}"])
def test_days_that_begin_anew_in_each_week_are_numbered_through(text):
    unasked(csv(by_week(LONG, text=text)))


def test_a_grid_with_a_row_a_week_is_numbered_through():
    frame = by_week(WEEKS)
    grid = frame.pivot(index=["participant_id", "arm", "sex", "week"], columns="day", values="drinks")
    grid.columns = [f"day{d}" for d in grid.columns]
    unasked(csv(grid.reset_index()), WEEKS.dropna(subset=["drinks"]))


def test_a_week_0_is_asked_about():
    asked(csv(by_week(LONG, first=0)), "week_zero", "first")
    before = LONG.assign(day=LONG["day"] - 7).dropna(subset=["drinks"])
    asked(csv(by_week(LONG, first=0)), "week_zero", "before", before)


def test_participants_numbered_anew_in_each_site_are_not_one():
    people = sorted(set(KNOWN["participant_id"]))
    place = {p: (i % 2 + 1, i // 2 + 1) for i, p in enumerate(people)}
    site, number = (KNOWN["participant_id"].map(lambda p, k=k: place[p][k]) for k in (0, 1))
    raw = csv(KNOWN.assign(participant_id=number, site=site))
    names = KNOWN.assign(participant_id=[f"{s}/{n}" for s, n in zip(site, number, strict=True)])
    question = asked(raw, "same_day", "apart", names)
    assert question.answers[0].value == "apart"


def test_sheets_with_the_same_days_are_told_apart_by_their_names():
    """Sites that number anew, another measure: the sheet's name is among the answers; sheets of weeks need none."""
    people = sorted(set(KNOWN["participant_id"]))
    place = {p: (i % 2 + 1, str(i // 2 + 1)) for i, p in enumerate(people)}
    anew = KNOWN.assign(
        site=KNOWN["participant_id"].map(lambda p: place[p][0]),
        participant_id=KNOWN["participant_id"].map(lambda p: place[p][1]),
    )
    sites = {f"Site {s}.csv": csv(rows.drop(columns="site")) for s, rows in anew.groupby("site")}
    names = KNOWN.assign(
        participant_id=[f"Site {s}/{n}" for s, n in zip(anew["site"], anew["participant_id"], strict=True)]
    )
    asked(sites, "same_day", "apart", names)
    measures = {"Craving.csv": csv(LONG.assign(drinks=(LONG["day"] * 3) % 10)), "Drinks.csv": csv(KNOWN)}
    asked(measures, "same_day", "only Drinks")
    week = (KNOWN["day"] - 1) // 7 + 1
    weeks = {f"Week {w}.csv": csv(KNOWN[week == w].assign(day=KNOWN["day"] - 7 * (w - 1))) for w in sorted(set(week))}
    unasked(weeks)
