"""Somebody who has never seen the project drops the file she has: results, and what was understood, in her words."""

import re
import sys
from pathlib import Path

import pyreadstat
import pytest
from reading import WAIT, address_has, gone, open_page, still
from sweeps import others_slow

sys.path.insert(0, str(Path(__file__).parents[1] / "trial"))
import dressed
import known_cases

CTN = Path(__file__).parents[3] / "shared" / "data" / "ctn0051_days.csv.gz"


def grid(folder: Path) -> list[Path]:
    """A TLFB interview: a sheet an arm, a title above the header, a column a day."""
    wide = dressed.wide(dressed.long(8, -7, 14), "Day {}").rename(columns={"participant_id": "Subject No"})
    sheets = {a.title(): wide[wide["arm"] == a].drop(columns="arm") for a in ("ketamine", "placebo")}
    (folder / "interview.xlsx").write_bytes(dressed.workbook(sheets, title="Timeline Followback"))
    return [folder / "interview.xlsx"]


def spss(folder: Path) -> list[Path]:
    """Codes with value labels, -9 for what is not known."""
    long = dressed.long(8, 1, 14)
    coded = long.assign(
        arm=long["arm"].map({"placebo": 1.0, "ketamine": 2.0}),
        drinks=long["drinks"].fillna(-9),
        sex=long["sex"].map({"M": 1.0, "F": 2.0}),
    ).rename(columns={"arm": "grp"})
    labels = ["Participant", "Treatment group", "Study day", "Standard drinks", "Sex"]
    values = {
        "grp": {1.0: "Placebo", 2.0: "Ketamine"},
        "sex": {1.0: "Male", 2.0: "Female"},
        "drinks": {-9.0: "Missing"},
    }
    pyreadstat.write_sav(coded, str(folder / "study.sav"), column_labels=labels, variable_value_labels=values)
    return [folder / "study.sav"]


def adam(folder: Path) -> list[Path]:
    """ADSL and an analysis data set."""
    for name, frame in dressed.cdisc(dressed.long(8, -3, 14)).items():
        pyreadstat.write_xport(frame, str(folder / f"{name}.xpt"), file_format_version=5)
    return [folder / "adsl.xpt", folder / "adda.xpt"]


def british(folder: Path) -> list[Path]:
    """Units, semicolons, decimal commas."""
    units = dressed.long(8, 1, 14).rename(columns={"drinks": "units"})
    (folder / "units.csv").write_bytes(dressed.as_bytes(units.assign(units=units["units"] * 1.75), "semicolon"))
    return [folder / "units.csv"]


FILES = {
    "TLFB grid": (grid, "Participant-days from Ketamine, Placebo (one sheet an arm)", "16 participants"),
    "SPSS": (spss, "mean that nothing is known", "8 Ketamine"),
    "ADaM pair": (adam, "A CDISC analysis data set: the daily outcome is PARAMCD DRINKS", "8 ketamine"),
    "UK units": (
        british,
        "Amounts are in UK units (8 g); a heavy day is more than 8 for men, 6 for women",
        "8 placebo",
    ),
}


def load(page, site: str, files: list[Path]) -> None:
    page.goto(f"{site}/your-trial")
    page.get_by_role("heading", name="Use my own trial").wait_for()
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Forget this trial").wait_for(timeout=WAIT)


@pytest.mark.slow  # what is understood of them, tests/ui and tests/trial say
@pytest.mark.parametrize("what", FILES)
def test_a_file_is_read_as_it_is_and_what_was_understood_is_said(reader, site, tmp_path, what):
    made, understood, counted = FILES[what]
    load(reader, site, made(tmp_path))
    reader.get_by_text(understood).first.wait_for()
    reader.get_by_text(counted).first.wait_for()
    open_page(reader, "abstinence")
    reader.get_by_role("heading", name="Were people abstinent on more days?").wait_for()
    reader.locator(".ketadash-plot[data-drawn]").first.wait_for(timeout=WAIT)
    gone(reader.get_by_text("Synthetic data"))


@pytest.mark.skipif(not CTN.exists(), reason="the large trial's data are not here")
@pytest.mark.slow
def test_570_people_and_168_days(reader, site):
    load(reader, site, [CTN])
    reader.get_by_text("570 participants").first.wait_for()
    reader.get_by_text("No column of daily amounts was recognised").wait_for()
    still(reader)  # the page is still running below: an open list would close
    box = reader.get_by_role("combobox", name="Daily amount, or yes/no")
    box.focus()
    reader.keyboard.type("opioid")
    reader.get_by_role("option").filter(has_text=re.compile("^opioid$")).click()
    reader.get_by_role("textbox", name="Substance, if not alcohol").fill("opioids")
    reader.get_by_role("button", name="Read it this way").click()
    reader.get_by_text("Daily amounts from 'opioid'").wait_for(timeout=WAIT)
    address_has(reader, "recipe=", "opioids")


CASES = Path(__file__).parents[1] / "trial" / "cases"
SPSS = "12b_spss_yes1_no2.sav"


def given(page, site: str, name: str) -> None:
    """A file of the cases, dropped on the Data page."""
    page.goto(f"{site}/your-trial")
    page.get_by_role("heading", name="Use my own trial").wait_for()
    page.locator("input[type=file]").set_input_files([CASES / name])


def pointed(page, label: str) -> None:
    """An answer clicked on, and sent."""
    page.get_by_test_id("stRadioOption").filter(has_text=label).click()
    page.get_by_role("button", name="Use these answers").click()


def typed(page, label: str) -> None:
    """The same without a mouse."""
    page.get_by_role("radio", name=label).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def counted(name: str) -> dict[tuple[str, int], float]:
    """What a person knows of a file."""
    return known_cases.CASES[name].days()


def the_curve_is_right(page, days: dict[tuple[str, int], float]) -> None:
    """The results are one press away, and the picture's points are the shares of the days of none that are known.

    A day that is not known counts as a day of use, as the page says.
    """
    page.get_by_role("button", name="See the results").click(timeout=WAIT)
    page.get_by_role("heading", name="Who did better").wait_for(timeout=WAIT)  # two turns at once are one
    open_page(page, "abstinence")
    page.get_by_role("heading", name="Were people abstinent on more days?").wait_for()
    page.locator(".ketadash-plot[data-drawn]").first.wait_for(timeout=WAIT)
    people = sorted({who for who, _ in days})
    assert len(people) == 12
    for arm in ("placebo", "ketamine"):
        group = [who for who in people if ("ketamine", "placebo")[int(who[1:]) % 2] == arm]
        none = [[days.get((who, day)) == 0 for who in group] for day in range(1, 15)]
        assert shown_shares(page, arm) == pytest.approx([sum(day) / len(day) for day in none])
    gone(page.get_by_text("Synthetic data"))


@pytest.mark.parametrize(
    "name", others_slow(["09_redcap_repeating.csv", "12b_spss_yes1_no2.sav"], "12b_spss_yes1_no2.sav")
)
def test_the_redcap_export_and_the_yes_no_file_give_the_right_curve_unasked(reader, site, name):
    given(reader, site, name)
    reader.get_by_role("button", name="See the results").wait_for(timeout=WAIT)
    gone(reader.get_by_role("button", name="Use these answers"))
    the_curve_is_right(reader, counted(name))


@pytest.mark.slow
@pytest.mark.parametrize("answered", others_slow([pointed, typed], typed))
def test_the_beverage_grid_gives_the_right_curve_after_one_answer(reader, site, answered):
    given(reader, site, "01_beverages_grid.csv")
    reader.get_by_role("heading", name="One question first").wait_for(timeout=WAIT)
    still(reader)
    assert reader.get_by_role("radiogroup", name="Your answer").count() == 1
    answered(reader, "the sum of alc_beer_drinks_d, alc_wine_drinks_d, alc_hliq_drinks_d")
    the_curve_is_right(reader, counted("01_beverages_grid.csv"))


def shown_shares(page, arm: str) -> list[float]:
    """The observed shares of one arm, from the picture as drawn."""
    drawn = page.evaluate(
        """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(p => p.data.map(
            t => ({name: t.name || '', mode: t.mode || '', y: t.y ? Array.from(t.y) : []})))"""
    )
    found = [t["y"] for t in drawn if arm in t["name"].lower() and "markers" in t["mode"] and len(t["y"]) == 14]
    assert found, [(t["name"], t["mode"], len(t["y"])) for t in drawn]
    return found[0]
