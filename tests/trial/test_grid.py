"""Numbered columns of a grid: days, weeks, questionnaires and days before, told apart in every spelling."""

from __future__ import annotations

import csv
import io

import pytest
from known_cases import rows, the_days

from ketadash import __main__ as cli
from ketadash.trial import attempt
from ketadash.trial.recipe import Recipe, from_toml
from ketadash.trial.resolve import resolve

PEOPLE = [(row["participant_id"], row["arm"]) for row in rows("the_days.csv")]
DAYS = the_days()


def grid(*groups: tuple[str, dict[str, object]], first: tuple[str, ...] = ()) -> bytes:
    """A grid of the twelve people: (header with {} for the day, {(person, day): cell}) for each group of columns."""
    out = io.StringIO()
    writer = csv.writer(out)
    spans = [sorted({day for _, day in cells}) for _, cells in groups]
    headers = [h.format(d) if "{}" in h else h for (h, _), span in zip(groups, spans, strict=True) for d in span]
    writer.writerow(["pid", "arm", *first, *headers])
    for person, arm in PEOPLE:
        cells = [c.get((person, d), "") for (_, c), span in zip(groups, spans, strict=True) for d in span]
        writer.writerow([person, arm, *("2024-03-25" for _ in first), *cells])
    return out.getvalue().encode()


def plain(days=DAYS):
    return {key: f"{amount:g}" for key, amount in days.items()}


def constant(text: str, n: int = 14):
    return {(person, day): text for person, _ in PEOPLE for day in range(1, n + 1)}


def read(raw: bytes, **answers: str):
    recipe = Recipe(answers=tuple(answers.items())) if answers else None
    reading = attempt(raw, recipe=recipe)
    asked = {c.key: [a.value for a in c.answers] for c in reading.checks if c.severity == "question"}
    if reading.trial is None:
        return asked, None
    spec, _ = resolve(reading.trial, reading.trial.declared.published)
    known = reading.trial.days.dropna(subset=[spec.amount])
    return asked, dict(zip(zip(known["participant_id"], known["day"], strict=True), known[spec.amount], strict=True))


def in_weeks(header: str) -> bytes:
    """The days under headers of a week and the day in it."""
    text = grid(("day {}!", plain())).decode()
    for day in range(1, 15):
        text = text.replace(f"day {day}!", header.format(w=(day - 1) // 7 + 1, d=(day - 1) % 7 + 1))
    return text.encode()


@pytest.mark.sweep(3)
@pytest.mark.parametrize(
    "header",
    [
        "w{w}d{d}",
        "W{w}_D{d}",
        "Week {w} Day {d}",
        "wk{w}day{d}",
        "drinks_w{w}_d{d}",
        "Wk {w}; Day {d}".replace(";", ""),
        "week{w}_day{d}_drinks",
    ],
)
def test_a_week_and_a_day_in_it_are_one_day(header):
    assert read(in_weeks(header)) == ({}, DAYS)


def test_days_within_visits_are_asked_about():
    raw = in_weeks("v{w}_d{d}")
    assert read(raw) == ({"visit_days": ["follow", "first"]}, None)
    assert read(raw, visit_days="follow") == ({}, DAYS)
    assert read(raw, visit_days="first") == ({}, {key: a for key, a in DAYS.items() if key[1] <= 7})


def test_week_0_is_asked_about():
    raw = in_weeks("w{w}d{d}").replace(b"w1d", b"w0d").replace(b"w2d", b"w1d")
    assert read(raw) == ({"week_zero": ["before", "first"]}, None)
    assert read(raw, week_zero="first")[1] == DAYS
    before = {(p, d - 7 if d > 7 else d - 8): a for (p, d), a in DAYS.items()}
    assert read(raw, week_zero="before")[1] == before


@pytest.mark.sweep(2)
@pytest.mark.parametrize("header", ["drinks_wk_{}", "w{}", "Wk {}", "week{}", "month_{}", "m{}", "visit {}"])
def test_weeks_and_months_are_never_taken_for_days(header):
    asked, found = read(grid((header, plain())))
    assert asked == {"periods": ["periods", "days"]} and found is None
    assert read(grid((header, plain())), periods="days")[1] == DAYS
    beside = grid((header, constant("9", 4)), ("day{}", plain()))
    assert read(beside) == ({}, DAYS)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("header", ["audit{}", "AUDIT_{}", "phq{}", "bdi_{}", "q{}", "item {}", "ocds{}"])
def test_questionnaires_are_never_taken_for_days(header):
    assert read(grid((header, constant("3", 20)), ("day{}_drinks", plain()))) == ({}, DAYS)
    alone = attempt(grid((header, constant("3", 20))))
    assert alone.trial is None and any(c.severity == "error" for c in alone.checks)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("header", ["bl_day{}", "Baseline Day {}", "pre_day_{}", "screen_d{}", "BL{}", "Screening {}"])
def test_days_before_treatment_stand_before_it(header):
    asked, found = read(grid((header, constant("6", 28)), ("Day {}", plain())))
    assert asked == {}
    assert {key: a for key, a in found.items() if key[1] >= 1} == DAYS
    assert sorted({d for _, d in found if d < 1}) == list(range(-28, 0))


@pytest.mark.sweep(1)
@pytest.mark.parametrize("other", ["thc_d{}", "cigarettes_day{}", "cocaine{}"])
def test_another_substance_is_asked_about_whichever_comes_first(other):
    for groups in ((other, constant("1")), ("alc_d{}", plain())), (("alc_d{}", plain()), (other, constant("1"))):
        raw = grid(*groups)
        asked, found = read(raw)
        assert found is None and list(asked) == ["grid"] and asked["grid"][0] == "alc_d"
        assert read(raw, grid="alc_d") == ({}, DAYS)
        assert set(read(raw, grid=asked["grid"][1])[1].values()) == {1.0}


def test_beverages_are_summed_or_chosen_or_combined():
    half = {key: f"{amount / 2:g}" for key, amount in DAYS.items()}
    raw = grid(("beer_d{}", half), ("wine_d{}", half), ("cig_d{}", constant("10")))
    asked, found = read(raw)
    assert found is None and asked == {"grid": ["beer_d+wine_d", "beer_d", "wine_d", "cig_d"]}
    assert read(raw, grid="beer_d+wine_d") == ({}, DAYS)
    assert read(raw, grid="wine_d")[1] == {key: a / 2 for key, a in DAYS.items()}
    strange = read(raw, grid="beer_d+cig_d", partly="none")[1]  # a choice that is not offered, from the recipe
    assert strange[PEOPLE[0][0], 3] == 11
    assert from_toml('[answers]\ngrid = "beer_d+wine_d"').answer("grid") == "beer_d+wine_d"


def test_a_total_that_is_the_sum_of_its_parts_is_taken_unasked():
    half = {key: f"{amount / 2:g}" for key, amount in DAYS.items()}
    assert read(grid(("beer_d{}", half), ("wine_d{}", half), ("drinks_d{}", plain()))) == ({}, DAYS)
    assert list(read(grid(("beer_d{}", plain()), ("wine_d{}", half), ("drinks_d{}", plain())))[0]) == ["grid"]


def test_an_empty_beverage_beside_a_filled_one_is_asked_about():
    beer = {key: f"{amount:g}" for key, amount in DAYS.items()}
    raw = grid(("beer_d{}", beer), ("wine_d{}", {(PEOPLE[0][0], d): "0" for d in range(1, 15)}))
    asked, _ = read(raw, grid="beer_d+wine_d")
    assert list(asked) == ["partly"]
    assert read(raw, grid="beer_d+wine_d", partly="none") == ({}, DAYS)
    known = read(raw, grid="beer_d+wine_d", partly="unknown")[1]
    assert known == {key: a for key, a in DAYS.items() if key[0] == PEOPLE[0][0]}


@pytest.mark.parametrize(
    "how", ["{m:%b} {m.day}", "{m.day}-{m:%b}", "{m:%B} {m.day}", "{m.month}/{m.day}", "{m.day} {m:%b}"]
)
def test_dates_without_a_year_are_in_the_year_of_the_start(how):
    import datetime as dt

    text = grid(("day {}!", plain()), first=("infusion_date",)).decode()
    for day in range(1, 15):
        text = text.replace(f"day {day}!", how.format(m=dt.date(2024, 3, 25) + dt.timedelta(days=day)))
    assert read(text.encode()) == ({}, DAYS)


def test_dates_without_a_year_run_over_new_year():
    import datetime as dt

    text = grid(("day {}!", plain()), first=("infusion_date",)).decode().replace("2024-03-25", "2023-12-24")
    for day in range(1, 15):
        text = text.replace(f"day {day}!", f"{dt.date(2023, 12, 24) + dt.timedelta(days=day):%d-%b}")
    assert read(text.encode()) == ({}, DAYS)


def test_numbered_columns_of_no_name_are_asked_about():
    asked, found = read(grid(("x{}", plain())))
    assert found is None and asked == {"grid": ["x", "none of them"]}
    assert read(grid(("x{}", plain())), grid="none of them") == ({}, None)
    assert read(grid(("x{}", plain())), grid="x") == ({}, DAYS)


def test_the_amount_option_chooses_a_group_or_is_refused(tmp_path, capsys):
    file = tmp_path / "grid.csv"
    file.write_bytes(grid(("thc_d{}", constant("1")), ("alc_d{}", plain())))
    for group in ("alc_d", "thc_d"):
        assert cli.main(["validate", str(file), "--amount", group]) == 0, capsys.readouterr().out
        assert cli.main(["analyze", str(file), "--only", "nnt", "--amount", group]) == 0
    capsys.readouterr()
    assert cli.main(["analyze", str(file), "--only", "nnt", "--amount", "beer_d"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "beer_d" in said.err and "alc_d" in said.err


@pytest.mark.sweep(2)
@pytest.mark.parametrize("header", ["mood_d{}", "craving_day{}", "heavy_day{}", "Day {} stress", "bac_d{}"])
def test_days_of_something_else_are_no_amounts_unless_somebody_says_so(header):
    assert read(grid((header, constant("3")), ("alc_d{}", plain()))) == ({}, DAYS)
    asked, found = read(grid((header, plain())))
    assert found is None and len(asked["grid"]) == 2 and asked["grid"][1] == "none of them"
    assert read(grid((header, plain())), grid=asked["grid"][0]) == ({}, DAYS)
    refused = attempt(grid((header, plain())), recipe=Recipe(answers=(("grid", "none of them"),)))
    assert [c.name for c in refused.checks if c.severity == "error"] == ["columns"]


@pytest.mark.parametrize("after", ["post_{}", "FU{}"])
def test_days_before_treatment_are_not_taken_for_want_of_a_name_for_those_after(after):
    raw = grid(("pre_{}", constant("5")), (after, plain()))
    asked, found = read(raw)
    assert found is None and list(asked) == ["grid"]
    found = read(raw, grid=asked["grid"][0])[1]
    assert {key: a for key, a in found.items() if key[1] > 0} == DAYS
    assert {a for key, a in found.items() if key[1] < 0} == {5.0}


@pytest.mark.parametrize("header", ["days_ago_{}", "drinks_days_back_{}"])
def test_days_counted_back_are_no_days_of_the_trial(header):
    checks = attempt(grid((header, plain()))).checks
    assert any(c.severity == "error" and "counts days back" in c.message for c in checks)
    assert read(grid((header, constant("3")), ("day{}", plain()))) == ({}, DAYS)


@pytest.mark.sweep(3)
@pytest.mark.parametrize(
    ("header", "numbers"),
    [
        ("drinks_t{}", range(4)),
        ("drinks_{}", (0, 3, 6, 12)),
        ("{}", (7, 14, 21, 28)),
        ("Woche {}", range(1, 5)),
        ("Semana{}", range(1, 5)),
    ],
)
def test_occasions_and_weeks_in_other_words_are_asked_about(header, numbers):
    cells = {(person, n): f"{(i + n) % 9}" for i, (person, _) in enumerate(PEOPLE) for n in numbers}
    assert read(grid((header, cells))) == ({"periods": ["periods", "days"]}, None)


@pytest.mark.parametrize("header", ["Tag {}", "Jour {}", "dia_{}", "Día {}"])
def test_days_in_other_languages_are_days(header):
    assert read(grid((header, plain()))) == ({}, DAYS)


def test_dates_without_a_year_may_end_in_a_point():
    import datetime as dt

    text = grid(("day {}!", plain()), first=("infusion_date",)).decode()
    for day in range(1, 15):
        text = text.replace(f"day {day}!", f"{dt.date(2024, 3, 25) + dt.timedelta(days=day):%d.%m.}")
    assert read(text.encode()) == ({}, DAYS)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("days", [(7, 14, 21), (30, 60, 90), (1, 8, 15, 22)])
@pytest.mark.parametrize("across", [True, False])
def test_days_a_week_or_more_apart_are_asked_about(days, across):
    cells = {(person, n): f"{(i + n) % 9}" for i, (person, _) in enumerate(PEOPLE) for n in days}
    raw = grid(("day{}", cells))
    if not across:
        lines = [f"{p},{arm},{n},{cells[p, n]}" for p, arm in PEOPLE for n in days]
        raw = "\n".join(["id,arm,day,drinks", *lines]).encode()
    assert read(raw) == ({"periods": ["periods", "days"]}, None)
    assert read(raw, periods="days") == ({}, {key: float(a) for key, a in cells.items()})
    refused = attempt(raw, recipe=Recipe(answers=(("periods", "periods"),)))
    assert [c.name for c in refused.checks if c.severity == "error"] == ["columns"]


def test_a_file_of_weeks_is_not_to_be_renamed_to_days():
    raw = "id,arm,week,drinks\n" + "".join(f"{p},{a},{w},9\n" for p, a in PEOPLE for w in (1, 2))
    message = attempt(raw.encode()).checks[0].message
    assert "'week' counts weeks" in message and "Rename" not in message
