"""Every format and shape gives the same trial; what was understood is said, and a recipe repeats it."""

from __future__ import annotations

import subprocess

import dressed
import numpy as np
import pandas as pd
import pytest
from read_alike import FORMATS, KNOWN, LONG, days, same

from ketadash.core.errors import DataError
from ketadash.trial import load
from ketadash.trial.recipe import DateOrder, Recipe, Shape, from_toml


def lines(trial) -> str:
    return " · ".join(line.text for line in trial.lines)


@pytest.mark.sweep(4)
@pytest.mark.parametrize("how", FORMATS)
def test_formats_are_told_by_content_and_agree(how):
    trial = load(dressed.as_bytes(LONG, how), name="whatever.bin")
    same(trial)
    assert set(trial.participants["sex"]) == {"F", "M"}
    assert set(trial.participants["arm"]) == {"placebo", "ketamine"}


@pytest.mark.sweep(4)
@pytest.mark.parametrize("how", FORMATS)
def test_wide_in_every_format(how):
    header = "d{}" if how in ("xpt", "por") else "day{}"
    grid = dressed.wide(LONG[LONG["day"] > 0], header)
    trial = load(dressed.as_bytes(grid, how))
    same(trial, KNOWN[KNOWN["day"] > 0])
    assert "One row a participant, 10 days across" in lines(trial)


@pytest.mark.sweep(3)
@pytest.mark.parametrize("header", ["day{}", "Day {}", "drinks_d{}", "{}", "TLFB day {}", "drinks{}", "Day ({})"])
def test_headers_of_days(header):
    same(load(dressed.as_bytes(dressed.wide(LONG[LONG["day"] >= 0], header), "csv")), KNOWN[KNOWN["day"] >= 0])


@pytest.mark.parametrize("header", ["day{}", "Day {}", "{}", "d {}"])
def test_a_hyphen_before_some_numbers_is_a_minus(header):
    same(load(dressed.as_bytes(dressed.wide(LONG, header), "csv")))


def test_a_hyphen_before_every_number_is_none():
    late = LONG[LONG["day"] > 0]
    same(load(dressed.as_bytes(dressed.wide(late, "day-{}"), "csv")), KNOWN[KNOWN["day"] > 0])


@pytest.mark.parametrize("title", [None, "Timeline followback, site 01 (exported 2024-05-01)"])
def test_one_sheet_an_arm(title):
    grid = dressed.wide(LONG, "Day {}").rename(columns={"participant_id": "Subject"})
    sheets = {arm: part.drop(columns="arm") for arm, part in grid.groupby("arm")}
    trial = load(dressed.workbook({**sheets, "Notes": pd.DataFrame({"remark": ["n/a means missing"]})}, title))
    same(trial)
    assert "one sheet an arm" in lines(trial)
    assert any(c.name == "left_out" and "Notes" in c.message for c in trial.checks)
    assert any(c.name == "left_out" and "above the header" in c.message for c in trial.checks) == (title is not None)


@pytest.mark.sweep(3)
@pytest.mark.parametrize("how", ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d%b%Y", "%d-%b-%Y", "%B %d, %Y"])
def test_dates_with_an_infusion_date(how):
    trial = load(dressed.as_bytes(dressed.with_dates(LONG, how), "csv"))
    same(trial)
    assert "Treatment started on the date in 'Infusion date'" in lines(trial)
    assert "date" not in trial.days and "infusion_date" not in trial.participants  # dates name a person


def test_dates_of_a_workbook_are_dates():
    dated = dressed.with_dates(LONG).assign(Date=lambda d: pd.to_datetime(d["Date"]))
    same(load(dressed.workbook({"TLFB": dated.assign(**{"Infusion date": pd.to_datetime(dated["Infusion date"])})})))


def test_dates_across_with_the_start_in_the_file():
    dated = dressed.with_dates(LONG)
    dated["day"] = dated["Date"]
    grid = dated.pivot(index=["participant_id", "arm", "sex", "Infusion date"], columns="day", values="drinks")
    same(load(dressed.as_bytes(grid.reset_index(), "csv")))


def test_dates_with_one_start_for_all_or_none():
    frame = LONG.assign(date=[pd.Timestamp("2024-03-11") + pd.Timedelta(days=int(d)) for d in LONG["day"]])
    raw = dressed.as_bytes(frame.drop(columns="day"), "csv")
    with pytest.raises(DataError, match=r"nothing says on which date treatment started.*infusion_date"):
        load(raw)
    same(load(raw, recipe=from_toml('start_date = "2024-03-11"')))
    shifted = load(raw, recipe=from_toml('start_date = "2024-03-11"\nstart_day = 1'))
    assert (
        days(shifted)["day"].tolist()
        == (days(load(raw, recipe=from_toml('start_date = "2024-03-11"')))["day"] + 1).tolist()
    )


def test_dates_that_could_be_either_way_round_are_no_doubt_where_the_days_are_the_same():
    frame = pd.DataFrame(
        [
            [p, a, d, 1]
            for p, a in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "y"))
            for d in ("03/04/2024", "05/06/2024")
        ],
        columns=["id", "arm", "date", "drinks"],
    )
    raw = dressed.as_bytes(frame.assign(infusion_date="01/02/2024"), "csv")
    for told in (load(raw), *(load(raw, recipe=Recipe(date_order=order)) for order in DateOrder)):
        assert not any("other way round" in w for w in told.warnings)
        assert sorted(set(told.days["day"])) == [
            62,
            125,
        ]  # 4 March and 6 May after 2 January; 3 April, 5 June after 1 Feb


@pytest.mark.parametrize("how", ["csv", "xpt"])
@pytest.mark.parametrize("packed", [False, True])
def test_cdisc_pair(how, packed):
    pair = {f"{name}.{how}": dressed.as_bytes(frame, how) for name, frame in dressed.cdisc(LONG).items()}
    trial = load(dressed.archive(pair) if packed else pair)
    same(trial)
    assert "S99" not in set(trial.participants["participant_id"])
    left = " ".join(c.message for c in trial.checks if c.name == "left_out")
    assert "1 participant never randomised" in left and "rows of other parameters" in left
    assert f"{len(LONG) - len(KNOWN)} rows that an analysis derived" in left


def test_cdisc_with_two_daily_parameters_asks_which():
    pair = dressed.cdisc(LONG)
    more = pair["adda"].assign(PARAMCD=lambda d: d["PARAMCD"].where(d["PARAMCD"] != "CRAVE", "DRKDAY"))
    files = {"adsl.csv": dressed.as_bytes(pair["adsl"], "csv"), "adda.csv": dressed.as_bytes(more, "csv")}
    with pytest.raises(DataError, match=r"2 parameters .*DRINKS, DRKDAY.*choose"):
        load(files)
    same(load(files, recipe=Recipe(parameter="DRINKS")))
    with pytest.raises(DataError, match=r"no parameter 'DRINK' .did you mean 'DRINKS'"):
        load(files, recipe=Recipe(parameter="DRINK"))


def test_days_of_use_only():
    used = KNOWN[KNOWN["drinks"] > 0]
    last = {p: 10 - k for k, p in enumerate(sorted(set(LONG["participant_id"])))}
    people = LONG.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]]
    people = people.assign(last_day=people["participant_id"].map(last))
    files = {
        "days.csv": dressed.as_bytes(used.drop(columns=["arm", "sex"]), "csv"),
        "participants.csv": dressed.as_bytes(people, "csv"),
    }
    found = load(files).days.set_index(["participant_id", "day"])["drinks"]
    every = LONG.set_index(["participant_id", "day"])["drinks"].fillna(0)
    inside = [(p, d) for p, d in every.index if d <= last[p]]
    assert all(found[key] == every[key] for key in inside)
    assert set(found.index) == set(inside) | {(p, d) for p, d in zip(used["participant_id"], used["day"], strict=True)}


def test_days_of_use_without_an_end_are_asked_about_not_assumed():
    used = KNOWN[KNOWN["drinks"] > 0]
    raw = dressed.as_bytes(used, "csv")
    with pytest.raises(DataError, match="has no day of none, and many days have no row"):
        load(raw)
    same(load(raw, recipe=Recipe(answers=(("no_row", "unknown"),))), used)
    none = LONG.assign(drinks=LONG["drinks"].fillna(0))
    same(load(raw, recipe=Recipe(answers=(("no_row", "none"),))), none)
    with pytest.raises(DataError, match="nothing says until when each participant was followed"):
        load(raw, recipe=Recipe(shape=Shape.USE_DAYS))


@pytest.mark.sweep(3)
@pytest.mark.parametrize(("name", "yes"), [("abstinent", 0.0), ("used", 1.0), ("any_drinking", 1.0)])
@pytest.mark.parametrize("words", [("yes", "no"), ("1", "0"), ("TRUE", "FALSE")])
def test_outcomes_that_are_already_binary(name, yes, words):
    drank = KNOWN["drinks"] > 0
    cells = drank.map({bool(yes): words[0], not yes: words[1]})
    trial = load(dressed.as_bytes(KNOWN.drop(columns="drinks").assign(**{name: cells}), "csv"))
    same(trial, KNOWN.assign(drinks=drank.astype(float)), "use")
    assert trial.declared.amount == "use"


def test_value_labels_of_spss(tmp_path):
    import pyreadstat

    frame = KNOWN.assign(arm=KNOWN["arm"].map({"placebo": 1.0, "ketamine": 2.0}), v7=KNOWN["drinks"])
    frame.loc[frame.index[:3], "v7"] = -9.0
    frame = frame.rename(columns={"arm": "grp", "participant_id": "nr"}).drop(columns="drinks")
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "a.sav"),
        column_labels={"nr": "Subject", "grp": "Treatment group", "v7": "Standard drinks"},
        variable_value_labels={"grp": {1.0: "placebo", 2.0: "ketamine"}, "v7": {-9.0: "refused"}},
    )
    trial = load(tmp_path / "a.sav")
    same(trial, KNOWN.iloc[3:], "v7")
    assert "3 cells with -9 mean that nothing is known ('refused')" in lines(trial)


def test_codes_for_nothing_known_by_recipe():
    frame = LONG.fillna({"drinks": -99})
    with pytest.raises(DataError, match="negative number"):
        load(dressed.as_bytes(frame, "csv"))
    same(load(dressed.as_bytes(frame, "csv"), recipe=Recipe(unknown=("-99",))))


def test_r_files(tmp_path):
    if subprocess.run(["which", "Rscript"], capture_output=True).returncode:
        pytest.skip("R is not installed")
    (tmp_path / "a.csv").write_bytes(dressed.as_bytes(LONG, "csv"))
    script = (
        f'd <- read.csv("{tmp_path}/a.csv", stringsAsFactors=TRUE); saveRDS(d, "{tmp_path}/a.rds"); x <- 1:3; '
        f'save(d, x, file="{tmp_path}/a.rda"); saveRDS(d, "{tmp_path}/x.rds", compress="xz"); '
        f'saveRDS(d, "{tmp_path}/t.rds", ascii=TRUE, compress=FALSE)'
    )
    subprocess.run(["Rscript", "-e", script], check=True, capture_output=True)
    for name in ("a.rds", "a.rda", "x.rds", "t.rds"):
        same(load(tmp_path / name))


def test_open_document_spreadsheet(tmp_path):
    from zipfile import ZIP_DEFLATED, ZipFile

    rows = [list(KNOWN.columns), *KNOWN.astype(str).to_numpy().tolist()]
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in row)
        + "</table:table-row>"
        for row in rows
    )
    ns = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{ns}office:1.0" '
        f'xmlns:table="{ns}table:1.0" xmlns:text="{ns}text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{cells}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with ZipFile(tmp_path / "a.ods", "w", ZIP_DEFLATED) as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        out.writestr("content.xml", content)
        out.writestr("META-INF/manifest.xml", f'<?xml version="1.0"?><m:manifest xmlns:m="{ns}manifest:1.0"/>')
    same(load(tmp_path / "a.ods"))


def test_units_with_decimal_commas():
    """A British file: units, semicolons, decimal commas; and the same among commas, in quotes."""
    frame = LONG.rename(columns={"drinks": "Units", "participant_id": "Patient"})
    for raw in (
        frame.to_csv(index=False, sep=";", decimal=",").encode(),
        frame.assign(Units=frame["Units"].map(lambda v: "" if np.isnan(v) else f"{v:.1f}".replace(".", ",")))
        .to_csv(index=False)
        .encode(),
    ):
        trial = load(raw)
        same(trial, KNOWN, "units")
        assert trial.declared.unit == "uk"
        assert (trial.declared.published.heavy_men, trial.declared.published.heavy_women) == (8, 6)
        assert any("UK units (8 g)" in w for w in trial.warnings)  # taken from a name: it must be looked at
    said = load(raw, recipe=Recipe(unit="us"))
    assert said.declared.published.heavy_men == 4 and not any("units" in w for w in said.warnings)


def test_a_thousands_comma_is_not_guessed():
    raw = LONG.to_csv(index=False).encode().replace(b",1,", b',"1,000",', 1)
    with pytest.raises(DataError):
        load(raw)


def test_two_spellings_of_an_arm_are_one_and_said_so():
    frame = LONG.assign(arm=LONG["arm"].where(LONG["participant_id"] != "S03", " Placebo"))
    trial = load(dressed.as_bytes(frame, "csv"))
    same(trial)
    assert any("Spellings of one arm read as one: 'Placebo' as 'placebo'" in w for w in trial.warnings)
    mapped = load(dressed.as_bytes(LONG.replace({"ketamine": "K"}), "csv"), recipe=Recipe(arms=(("K", "ketamine"),)))
    same(mapped)


def test_baseline_from_the_days_before():
    people = load(dressed.as_bytes(LONG, "csv")).participants.set_index("participant_id")
    before = KNOWN[KNOWN["day"] < 0].groupby("participant_id")["drinks"]
    for who, mean in before.mean().items():
        assert people.loc[who, "baseline_drinks"] == pytest.approx(mean, rel=1e-12)
    limit = {p: 3 if s == "F" else 4 for p, s in zip(LONG["participant_id"], LONG["sex"], strict=True)}
    for who, amounts in before:
        share = (amounts > limit[who]).mean()
        assert people.loc[who, "baseline_heavy_days"] == pytest.approx(3 * share, rel=1e-12)
    given = load(dressed.as_bytes(LONG.assign(baseline_drinks=7 + LONG["participant_id"].str[1:].astype(int)), "csv"))
    assert set(given.participants["baseline_drinks"]) == set(range(8, 16))  # the file's own wins
