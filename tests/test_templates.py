"""Templates: filled in, they are read; and what the report of checks says is the same everywhere."""

import io
import json

import pytest
from python_calamine import CalamineWorkbook

from ketadash import __main__ as cli
from ketadash.core.findings import Check
from ketadash.export import checks, templates
from ketadash.trial import attempt, load, validate


def sheets() -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(templates.workbook()))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_workbook_has_a_sheet_a_file_and_a_dictionary_of_every_column():
    found = sheets()
    assert list(found) == [*templates.SHEETS, "dictionary"]
    for name, fields in templates.SHEETS.items():
        assert found[name] == [[f.name for f in fields]]  # nothing that could be taken for a participant
    told = [(row[0], row[1]) for row in found["dictionary"][1:]]
    assert told == [(name, f.name) for name, fields in templates.SHEETS.items() for f in fields]


def test_drop_downs_and_checks_are_in_the_workbook():
    import zipfile

    with zipfile.ZipFile(io.BytesIO(templates.workbook())) as book:
        days, people = (book.read(f"xl/worksheets/sheet{i}.xml").decode() for i in (1, 2))
    assert days.count("<dataValidation ") == 3 and 'type="list"' in days and 'type="whole"' in days
    assert "&quot;F,M&quot;" in people or '"F,M"' in people


def test_a_workbook_filled_in_is_read_without_a_question():
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    people = [f"P{i:03}" for i in range(6)]
    rows = {
        "days": [[p, d, (i + d) % 3, ""] for i, p in enumerate(people) for d in range(1, 6)],
        "participants": [
            [p, ("active", "control")[i % 2], "F", 20 + i, 2, "yes", "", 40 + i] for i, p in enumerate(people)
        ],
        "visits": [[p, 5, 7] for p in people],
        "adverse_events": [["P001", "headache", 1, "mild"]],
    }
    for name, fields in templates.SHEETS.items():
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, [f.name for f in fields])
        for i, row in enumerate(rows[name], start=1):
            sheet.write_row(i, 0, row)
    sheet = book.add_worksheet("dictionary")
    sheet.write_row(0, 0, templates.DICTIONARY)
    book.close()
    trial = load(out.getvalue(), name="filled.xlsx")
    assert trial.arms == ("active", "control") and len(trial.days) == 30
    assert trial.visits is not None and trial.adverse_events is not None and "received" in trial.participants
    assert not trial.warnings


def test_the_csv_template_has_the_columns_and_one_arm_a_participant():
    text = templates.text()
    assert text.splitlines()[0] == "participant_id,arm,day,drinks,etg_positive"
    more = "".join(
        f"P00{i},{arm},{d},{(i + d) % 2},\r\n" for i, arm in ((2, "active"), (3, "b"), (4, "b")) for d in (1, 2)
    )
    assert load((text + more).encode()).arms == ("active", "b")


FOUND = (
    Check("renamed", "note", "n"),
    Check("duplicate_days", "error", "e", 2, ("line 3", "line 9")),
    Check("day_gaps", "warning", "w", 4),
)


def test_the_report_is_worst_first_in_every_form():
    assert list(checks.as_frame(FOUND)["severity"]) == ["error", "warning", "note"]
    assert checks.as_text(FOUND).splitlines()[0].startswith("error    duplicate_days: e")
    assert checks.as_text(FOUND).splitlines()[-1] == "cannot be analysed as it is"
    document = json.loads(checks.as_json(FOUND))
    assert [c["name"] for c in document["checks"]] == ["duplicate_days", "day_gaps", "renamed"] and not document["ok"]
    assert checks.summary(FOUND) == "1 error, 1 warning, 1 note" and checks.summary(()) == "nothing to remark"


WIDE = "nr,group,a,b,c\n" + "".join(f"{i},{('placebo', 'drug')[i % 2]},{i % 3},0,{(i + 1) % 2}\n" for i in range(8))


@pytest.fixture
def odd(tmp_path):
    data, recipe = tmp_path / "odd.csv", tmp_path / "recipe.toml"
    data.write_text(WIDE.replace("a,b,c", "when,drinks,other").replace("nr", "who"))
    recipe.write_text('[columns]\nparticipant_id = "who"\nday = "when"\namount = "drinks"\n')
    return data, recipe


def test_the_command_line_reads_by_the_recipe(odd, capsys):
    data, recipe = odd
    assert cli.main(["validate", str(data)]) == 2
    capsys.readouterr()
    assert cli.main(["validate", str(data), "--recipe", str(recipe)]) == 0
    assert "renamed: odd.csv: read 'who' as participant_id" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "said"), [("[", "not valid TOML"), ('colour = "red"', "means nothing here")])
def test_a_bad_recipe_is_one_sentence_on_the_command_line(odd, capsys, text, said):
    data, recipe = odd
    recipe.write_text(text)
    assert cli.main(["analyze", str(data), "--recipe", str(recipe)]) == 2
    assert said in capsys.readouterr().err
    assert cli.main(["validate", str(data), "--recipe", str(recipe.with_name("none.toml"))]) == 2
    assert "cannot read the recipe none.toml" in capsys.readouterr().err


def test_a_recipe_without_data_is_refused(odd, capsys):
    for command in ("analyze", "app"):
        assert cli.main([command, "--recipe", str(odd[1])]) == 2
        assert "name the data too" in capsys.readouterr().err


def test_an_attempt_keeps_what_a_load_would_raise(odd):
    reading = attempt(odd[0])
    assert reading.trial is None and reading.checks[0].severity == "error"
    assert validate(odd[0]) == reading.checks
