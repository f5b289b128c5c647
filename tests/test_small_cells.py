"""Small cells suppressed: none of 1 to 4 is left, and none can be worked out from what is left."""

import dataclasses
import itertools
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_trials import sample_trial
from sweeps import others_slow

from ketadash.core.spec import AnalysisSpec
from ketadash.export import small_cells
from ketadash.export.analysis_json import analysis, dumps
from ketadash.export.from_blocks import flat, sections
from ketadash.export.small_cells import SMALL, SUPPRESSED, characteristic, document, hidden
from ketadash.questions.question import Answer, Data, Discloses, Material, Part, Question, Table
from ketadash.questions.registry import QUESTIONS, question
from ketadash.trial import resolve

PEOPLE = Discloses.PEOPLE


@pytest.fixture(scope="module")
def found():
    return analysis(sample_trial(), AnalysisSpec(), small_cells.SECTIONS)


def categorical(control: list[int], active: list[int]) -> dict:
    """A row of Table 1 as the JSON has it; the first count is of those whose level is unknown."""
    totals = [a + b for a, b in zip(control, active, strict=True)]

    def part(counts, arm=None):
        return {**({"arm": arm} if arm else {}), "n": sum(counts[1:]), "n_missing": counts[0]}

    def cell(counts, i, arm=None):
        n = sum(counts[1:])
        return {**({"arm": arm} if arm else {}), "count": counts[i], "proportion": counts[i] / n if n else None}

    levels = [
        {
            "level": f"l{i}",
            "label": f"l{i}",
            "total": cell(totals, i),
            "arms": [cell(control, i, "c"), cell(active, i, "a")],
        }
        for i in range(1, len(control))
    ]
    return {
        "name": "x",
        "label": "x",
        "kind": "categorical",
        "standardised_difference": 0.1,
        "total": part(totals),
        "arms": [part(control, "c"), part(active, "a")],
        "levels": levels,
    }


def told(row: dict) -> list[list[int | None]]:
    """What is left of the cells (unknown and levels × all, control, active), None where suppressed."""
    n = [row["total"]["n_missing"], *(a["n_missing"] for a in row["arms"])]
    cells = [n, *([v["total"]["count"], *(a["count"] for a in v["arms"])] for v in row["levels"])]
    return [[None if c == SUPPRESSED else c for c in line] for line in cells]


def solutions(left: list[list[int | None]], sizes: tuple[int, int]) -> list[tuple[int, ...]]:
    """Every way to fill the two arms that agrees with what is left and with the arms' sizes."""
    rows = []
    for line in left:
        ways = []
        for c, a in itertools.product(range(sizes[0] + 1), range(sizes[1] + 1)):
            if all(shown in (None, n) for shown, n in zip(line, (c + a, c, a), strict=True)):
                ways.append((c, a))
        rows.append(ways)
    *firsts, lasts = rows
    last, fits = set(lasts), []
    for way in itertools.product(*firsts):  # the last row is what the arms' sizes leave for it
        left_over = tuple(size - sum(arm) for size, arm in zip(sizes, zip(*way, strict=True), strict=True))
        if left_over in last:
            fits.append((*itertools.chain(*way), *left_over))
    return fits


counts = st.lists(st.integers(0, 9), min_size=3, max_size=3)


@settings(max_examples=150)
@given(counts, counts)
def test_no_small_cell_can_be_worked_out_from_the_others(control, active):
    """By trying every table that agrees with what is given: each small cell could have been another number."""
    row = characteristic(categorical(control, active))
    left = told(row)
    assert not [c for line in left for c in line if c in SMALL]
    fits = solutions(left, (sum(control), sum(active)))
    truth = list(itertools.chain(*zip(control, active, strict=True)))
    assert tuple(truth) in fits
    for place, n in enumerate(truth):
        if n in SMALL and sum((control, active)[place % 2]) != n:  # an arm of that size says it by itself
            assert len({fit[place] for fit in fits}) > 1, (control, active, left)


@settings(max_examples=100)
@given(counts, counts)
def test_no_percentage_gives_a_suppressed_number_away(control, active):
    row = characteristic(categorical(control, active))
    for k, n in enumerate([row["total"]["n"], *(a["n"] for a in row["arms"])]):
        shares = [v["total"] if k == 0 else v["arms"][k - 1] for v in row["levels"]]
        for share in shares:
            if share["count"] == SUPPRESSED or n == SUPPRESSED:
                assert share["proportion"] == SUPPRESSED
    if any(SUPPRESSED in str(part) for part in (row["total"], row["arms"], row["levels"])):
        assert row["standardised_difference"] == SUPPRESSED


def test_what_has_no_small_cell_is_left_as_it_is():
    row = categorical([0, 8, 9], [0, 7, 12])
    assert characteristic(row) == row


def test_the_next_smallest_cell_goes_too_rather_than_an_empty_one():
    assert hidden([[3], [9], [0], [6]], [[(i, 0) for i in range(4)]]) == {(0, 0), (3, 0)}
    assert hidden([[3], [0], [0]], [[(i, 0) for i in range(3)]]) == {(0, 0), (1, 0)}
    assert hidden([[3], [2], [9]], [[(i, 0) for i in range(3)]]) == {(0, 0), (1, 0)}
    assert hidden([[5], [9]], [[(0, 0), (1, 0)]]) == set()


COUNTS = {
    "count",
    "n_missing",
    "participants",
    "occurrences",
    "never_reported",
    "completed",
    "n_left",
    "returned",
    "dropouts",
    "received",
    "gone_after_heavy",
    "gone_abstinent",
    "reached",
    "not_reached",
    "abstinent",
    "n_abstinent",
    "mild",
    "moderate",
    "severe",
}


def small(value, key="", within=""):
    """Every small count in a document, by where it stands."""
    if isinstance(value, dict):
        return [x for k, v in value.items() for x in small(v, k, f"{within}.{k}")]
    if isinstance(value, list):
        return [x for v in value for x in small(v, key, within)]
    return (
        [within] if isinstance(value, int) and value in SMALL and (key in COUNTS or within.endswith("left.n")) else []
    )


def test_the_samples_document_has_small_cells_and_then_none(found):
    kinds = {place.split(".")[2] for place in small(found)}
    assert {"table1", "flow", "adverse_events", "follow_up"} <= kinds
    safe = document(found)
    assert small(safe) == []
    assert safe["suppressed"] == small_cells.SUPPRESSION_NOTE
    assert safe["participants"]["retention"] == SUPPRESSED
    assert "days" not in json.dumps(safe["participants"]["flow"])  # of single people
    assert json.loads(dumps(safe)) and document(json.loads(dumps(found))) == json.loads(dumps(safe))
    assert set(safe) - {"suppressed"} == set(found)
    assert small(found), "the document itself must stay as it was"


def test_the_flow_of_an_arm_cannot_be_added_up(found):
    for before, arm in zip(
        found["participants"]["flow"]["arms"], document(found)["participants"]["flow"]["arms"], strict=True
    ):
        parts = [arm["never_reported"], arm["completed"], *(one["n"] for one in arm["left"])]
        assert parts.count(SUPPRESSED) != 1
        if SUPPRESSED in (arm["never_reported"], *(one["n"] for one in arm["left"])):
            assert arm["n_left"] == arm["returned"] == arm["dropouts"] == SUPPRESSED
        assert arm["randomised"] == before["randomised"]


def test_an_event_suppressed_in_an_arm_is_not_told_by_sums_or_differences(found):
    events = document(found)["safety"]["adverse_events"]
    for e in events["events"]:
        gone = [a["participants"] == SUPPRESSED for a in e["arms"]]
        assert (e["risk_difference"] == SUPPRESSED) == any(gone)
    for k in (0, 1):
        if any(e["arms"][k]["occurrences"] == SUPPRESSED for e in events["events"]):
            assert events["overall"]["arms"][k]["occurrences"] == SUPPRESSED


def test_the_tables_are_the_documents(found):
    other = pd.DataFrame({"day": [1, 2]})
    offered = dict.fromkeys(("table 1", "retention", "adverse events", "follow-up"), pd.DataFrame()) | {
        "relapse curve": other
    }
    made = small_cells.tables(lambda: found, offered, {"relapse curve"})
    assert list(made) == ["table 1", "adverse events", "follow-up", "relapse curve"] and made["relapse curve"] is other
    assert not [n for n in made["table 1"]["count"].dropna() if n in SMALL]
    assert not [n for n in made["adverse events"]["participants"] if n in SMALL]
    assert (made["table 1"]["count"] == SUPPRESSED).any()

    def unasked():
        raise AssertionError("computed for nothing")

    assert small_cells.tables(unasked, {"relapse curve": other}, {"relapse curve"}) == {"relapse curve": other}


def test_what_is_not_known_to_be_safe_is_left_out(found, monkeypatch):
    own = pd.DataFrame({"people": [2]})
    made = small_cells.tables(lambda: found, {"new table": own, "nnt": own}, {"nnt"})
    assert "people" not in made["new table"] and made["nnt"] is own
    safe = small_cells.document(found | {"new part": {"people": 2}, "safety": found["safety"] | {"new": [1]}})
    assert safe["new part"] == SUPPRESSED and safe["safety"]["new"] == SUPPRESSED
    assert safe["abstinence"] == found["abstinence"] if "abstinence" in found else True


def test_every_part_of_the_json_has_been_looked_at():
    """Or something that was safe would be missing where small cells are suppressed."""
    document = analysis(sample_trial(), AnalysisSpec())
    asked_for = {"randomisation", "model_check", "endpoint_randomisation"}  # only where they are named
    looked_at = {*small_cells.OPEN_PARTS, *small_cells.SECTIONS, *small_cells.OF_PEOPLE}
    assert set(document) | asked_for == looked_at
    safe = small_cells.document(document)
    assert {safe[name] for name in small_cells.OF_PEOPLE} == {SUPPRESSED} != {safe["endpoints"][0]["key"]}
    assert set(document["safety"]) == {*small_cells.OPEN_SAFETY, "adverse_events", "cadss", "follow_up"}


@pytest.mark.parametrize("block", [Part, Table, Data, Question])
def test_what_does_not_say_whether_it_discloses_people_cannot_be_written(block):
    needed = {f.name for f in dataclasses.fields(block) if f.default is f.default_factory is dataclasses.MISSING}
    assert "discloses" in needed
    with pytest.raises(TypeError, match="discloses"):
        block(**dict.fromkeys(needed - {"discloses"}, ""))


def sample(**how):
    """What files are made from; all that is computed of the trial is computed once."""
    return Material(sample_trial(), resolve(sample_trial(), AnalysisSpec())[0], **how)


def disclosing(question, m):
    """Of each of its parts, whether it discloses people, and the tables of its files that do and that do not."""
    part, found = Part(question.key, question.title, question.discloses), {}
    for block in flat(question.blocks(m), m):
        if isinstance(block, Part):
            part = block
        kept = found.setdefault(part.key, (part.discloses, {}))
        if isinstance(block, Data) or (isinstance(block, Table) and block.in_files):
            kept[1][type(block), block.key] = block.discloses
    return found


IN_REPORT = [q.key for q in QUESTIONS if q.in_report]


@pytest.mark.parametrize("key", others_slow(IN_REPORT, "nnt", "participants", "responders", "safety", "chance"))
def test_suppression_leaves_out_what_discloses_people_and_nothing_else(key):
    asked = question(key)
    whole = {s.key: s for s in sections(asked, sample())}
    kept = {s.key: s for s in sections(asked, sample(suppress=True))}
    for key, (of_part, blocks) in disclosing(asked, sample()).items():
        if key not in whole:
            continue
        assert (key in kept) == (of_part is Discloses.NOBODY), key
        if key in kept:
            open_ones = {at for at, discloses in blocks.items() if discloses is Discloses.NOBODY}
            assert {(Table, t.name) for t in kept[key].tables} == {at for at in open_ones if at[0] is Table}
            assert {(Data, name) for name in kept[key].full} == {at for at in open_ones if at[0] is Data}


def test_a_table_that_discloses_people_is_left_out_of_a_part_that_does_not():
    frame = pd.DataFrame({"people": [2]})

    def people(_):
        yield Answer("There are some.")
        for discloses in Discloses:
            yield Table(f"printed {discloses.value}", "Who", lambda: frame, discloses)
            yield Data(f"full {discloses.value}", lambda: frame, discloses)

    dummy = dataclasses.replace(question("nnt"), blocks=people)
    (whole,) = sections(dummy, sample())
    assert [t.name for t in whole.tables] == ["printed nobody", "printed people"] and len(whole.full) == 2
    (kept,) = sections(dummy, sample(suppress=True))
    assert [t.name for t in kept.tables] == ["printed nobody"] and list(kept.full) == ["full nobody"]


@pytest.mark.slow
def test_what_discloses_people_is_what_the_reader_is_told():
    parts = {key for q in QUESTIONS if q.in_report for key, (of, _) in disclosing(q, sample()).items() if of is PEOPLE}
    assert parts - {"day_map"} == {
        "participants",
        "chance_people",
        "responders_curves",
        "responders_levels",
        "subgroups",
        "events",
        "cadss",
        "follow_up",
    }  # as `catalogue.SUPPRESSED` says
    offered = {
        at[1]
        for q in QUESTIONS
        if q.in_report
        for _, found in disclosing(q, sample()).values()
        for at in found
        if at[0] is Data and found[at] is PEOPLE
    }
    assert offered == {*small_cells.MADE_ANEW, *small_cells.PERSONAL}


def test_a_table_that_another_part_of_the_files_has_is_on_the_page_alone():
    def twice(_):
        yield Answer("There are some.")
        yield Table("here", "Who", lambda: pd.DataFrame({"people": [20]}), Discloses.NOBODY)
        yield Table("elsewhere", "Who", lambda: pd.DataFrame({"people": [20]}), Discloses.NOBODY, in_files=False)

    (made,) = sections(dataclasses.replace(question("nnt"), blocks=twice), sample())
    assert [t.name for t in made.tables] == ["here"]
