"""The panel: laws that any file obeys, guesses that are said, and the EtG override day by day."""

from __future__ import annotations

import numpy as np
import pytest
from builder import HEADER, SOUND, csv_text, rows
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ketadash.core import paths
from ketadash.core.errors import DataError, SpecError
from ketadash.core.families import PANEL
from ketadash.core.findings import UnansweredError
from ketadash.core.spec import AnalysisSpec, ReadingOfTests, Window
from ketadash.trial import load, panel, resolve, validate
from ketadash.trial.recipe import Recipe


def table_of(source, **choices):
    trial = load(source)
    resolved, _ = resolve(trial, AnalysisSpec(**choices))
    return panel(trial, PANEL.seen(resolved))


def same(a, b) -> bool:
    """Two panels hold the same analysis."""
    arrays = ("active", "days", "amount", "overridden", "heavy_threshold", "baseline")
    return a.participant_ids == b.participant_ids and all(
        np.array_equal(getattr(a, n), getattr(b, n), equal_nan=True) for n in arrays
    )


def test_layout():
    table = table_of(SOUND)
    assert table.participant_ids == ("P1", "P2", "P3", "P11", "P12", "P13")
    assert table.arms == ("placebo", "ketamine")
    assert table.active.tolist() == [False] * 3 + [True] * 3
    assert table.days.tolist() == [1, 2, 3, 4]
    assert table.amount[0].tolist() == [1, 2, 3, 4]
    assert table.amount[5].tolist() == [6, 0, 1, 2]
    assert table.heavy_threshold.tolist() == [3, 4, 3, 4, 3, 4]
    assert table.baseline is not None and table.baseline.tolist() == [10, 11, 12, 13, 14, 15]
    assert (table.baseline_heavy, table.can_tell_heavy) == (None, True)
    assert not table.overridden.any()


@given(st.permutations(rows()))
@settings(max_examples=12)
def test_order_of_rows_changes_nothing(table):
    assert same(table_of(csv_text(table).encode()), table_of(SOUND))


@given(st.sets(st.integers(0, 23), max_size=20))
@settings(max_examples=12)
def test_an_absent_row_is_an_empty_cell(chosen):
    window = {"days": Window(1, 4)}
    absent = [r for i, r in enumerate(rows()) if i not in chosen]
    empty = [[*r[:3], "", *r[4:]] if i in chosen else r for i, r in enumerate(rows())]
    # Nobody's last row may go, or nothing in the file says that they were randomised.
    assume({r[0] for r in absent} == {r[0] for r in rows()})
    # Nor the first or the last day of everybody: the window would reach beyond what the file tells.
    assume({"1", "4"} <= {r[2] for r in absent})
    # Nor every day of none: what a day without a row means is then asked.
    assume(any(r[3] == "0" for r in absent))
    assert same(table_of(csv_text(absent).encode(), **window), table_of(csv_text(empty).encode(), **window))


def test_days_outside_the_window_stay_in_the_trial_only():
    more = csv_text([*rows(), ["P1", "placebo", "-3", "9", "F", "10"], ["P1", "placebo", "0", "9", "F", "10"]]).encode()
    assert same(table_of(more), table_of(SOUND))
    assert load(more).days["day"].min() == -3
    assert table_of(more, days=Window(-3, 1)).amount[0].tolist()[0] == 9


def test_swapping_arms_swaps_the_panel():
    table, swapped = table_of(SOUND), table_of(SOUND, control="ketamine")
    assert swapped.arms == ("ketamine", "placebo")
    assert np.array_equal(swapped.amount, table.amount[[3, 4, 5, 0, 1, 2]])


def test_thresholds_are_options_and_unknown_sex_is_said():
    table = table_of(SOUND.replace(b",F,", b",,"), heavy_men=5.0)
    assert table.heavy_threshold.tolist() == [5.0] * 6
    assert table.warnings == (
        "sex is unknown for 3 participants: the men's threshold (more than 5) is used for them; "
        "a column sex with F and M would tell",
    )
    assert table_of(SOUND, heavy_women=1.0).heavy_threshold.tolist() == [1, 4, 1, 4, 1, 4]


def test_missing_baseline_takes_the_mean_and_is_said():
    table = table_of(SOUND.replace(b",F,10\n", b",F,\n").replace(b",M,15\n", b",M,30\n"))
    assert table.baseline is not None
    assert table.baseline[0] == pytest.approx(16.0)  # mean of 11, 12, 13, 14, 30, by hand (their median is 13)
    assert table.warnings == ("'baseline_drinks' is missing for 1 participant (P1): the mean of the others is used",)
    assert table.baseline_filled


def test_yes_and_no_cannot_tell_a_heavy_day():
    yes_no = csv_text([[*r[:3], str(int(int(r[3]) > 2)), *r[4:]] for r in rows()]).encode()
    table = table_of(yes_no)
    assert table.can_tell_heavy is False
    assert any("no heavy day can be told" in w for w in table.warnings)


@pytest.mark.parametrize(
    ("header", "cell", "reason"),
    [
        ("participant_id,arm,day,drinks,sex,weight\n", None, "no baseline column recognised"),
        (HEADER, "7", "'baseline_drinks' is the same for everybody"),
        (HEADER, "", "'baseline_drinks' is empty"),
    ],
)
def test_without_a_baseline_there_is_no_adjustment(header, cell, reason):
    table = [r if cell is None else [*r[:5], cell] for r in rows()]
    trial = load(csv_text(table, header).encode())
    resolved, said = resolve(trial, AnalysisSpec(control="placebo", active="ketamine"))
    assert (resolved.baseline, resolved.adjust) == (None, False)
    assert said == (f"no baseline adjustment: {reason}",)
    assert panel(trial, PANEL.seen(resolved)).baseline is None
    assert resolve(trial, AnalysisSpec(control="placebo", active="ketamine", adjust=False))[1] == ()


@pytest.mark.parametrize(
    ("names", "control"),
    [(("ketamine", "midazolam"), "midazolam"), (("A", "Sham"), "Sham"), (("TAU", "Apps"), "TAU")],
)
def test_guessed_arms_are_said(names, control):
    resolved, said = resolve(load(_named(names)), AnalysisSpec())
    assert {resolved.control, resolved.active} == set(names)
    assert resolved.control == control
    assert len(said) == 1 and "by its name" in said[0]


@pytest.mark.sweep(2)
@pytest.mark.parametrize("names", [("zinc", "iron"), ("placebo 1", "placebo 2"), ("statue", "apps"), ("0", "1")])
def test_arms_whose_names_do_not_say_are_asked_about(names):
    first, second = sorted(names)
    with pytest.raises(UnansweredError, match="Which one is the active treatment") as asked:
        resolve(load(_named(names)), AnalysisSpec())
    assert [a.value for a in asked.value.questions[0].answers] == [first, second]
    for spec in (AnalysisSpec(control=second), AnalysisSpec(active=first), AnalysisSpec(control=second, active=first)):
        resolved, _ = resolve(load(_named(names)), spec)
        assert (resolved.control, resolved.active) == (second, first)
    answered = load(_named(names), recipe=Recipe(answers=(("control", second),)))
    resolved, _ = resolve(answered, AnalysisSpec())
    assert (resolved.control, resolved.active) == (second, first)
    assert answered.sha256 == load(_named(names)).sha256  # the same data, whichever arm is which
    (question,) = [c for c in validate(_named(names)) if c.severity == "question"]
    assert (question.key, question.option) == ("control", "--control")
    with pytest.raises(DataError, match="names the arm 'both'"):
        load(_named(names), recipe=Recipe(answers=(("control", "both"),)))


def _named(names: tuple[str, str]) -> bytes:
    return SOUND.decode().replace("placebo", "one").replace("ketamine", names[1]).replace("one", names[0]).encode()


def test_declared_choices_are_taken_and_chosen_ones_win():
    toml = b'control = "ketamine"\nactive = "placebo"\ndays = "2:3"\nbaseline = "sexy"\n'
    files = {"days.csv": SOUND.replace(b"baseline_drinks", b"sexy"), "trial.toml": toml}
    resolved, said = resolve(load(files), AnalysisSpec())
    assert (resolved.control, resolved.active, resolved.days) == ("ketamine", "placebo", Window(2, 3))
    assert resolved.baseline == "sexy"
    assert said == ()
    other, said = resolve(load(files), AnalysisSpec(control="placebo", days=Window(1, 4)))
    assert (other.control, other.active, other.days) == ("placebo", "ketamine", Window(1, 4))
    assert said == ()
    swapped, _ = resolve(load(files), AnalysisSpec(active="ketamine"))
    assert (swapped.control, swapped.active) == ("placebo", "ketamine")


def test_two_of_three_arms():
    third = [[f"Q{r[0]}", "zinc", *r[2:]] for r in rows() if r[1] == "placebo"]
    raw = csv_text([*rows(), *third]).encode()
    table = table_of(raw, control="placebo", active="zinc")
    assert table.participant_ids == ("P1", "P2", "P3", "QP1", "QP2", "QP3")
    with pytest.raises(SpecError, match="3 arms"):
        table_of(raw, control="placebo")


def test_resolving_twice_changes_nothing():
    trial = load(SOUND)
    once, _ = resolve(trial, AnalysisSpec())
    twice, said = resolve(trial, once)
    assert twice == once
    assert said == ()


@pytest.mark.parametrize("window", [Window(1, 9), Window(0, 4), Window(1, 400)])
def test_a_window_beyond_anyones_follow_up_is_refused_unless_the_trial_declares_it(window):
    with pytest.raises(SpecError) as refused:
        resolve(load(SOUND), AnalysisSpec(days=window, control="placebo"))
    message = str(refused.value)
    assert f"the window {window} reaches beyond anyone's follow-up (the data have days 1 to 4)" in message
    assert "choose a window within it" in message and f'days = "{window}" in trial.toml' in message
    declared = load({"days.csv": SOUND, "trial.toml": f'title = "t"\ndays = "{window}"\n'.encode()})
    for spec in (AnalysisSpec(control="placebo"), AnalysisSpec(days=window, control="placebo")):
        resolved, said = resolve(declared, spec)
        assert resolved.days == window
        (note,) = [text for text in said if "reaches beyond the data" in text]
        assert note.startswith(f"the declared window {window}") and "the days outside count as missing" in note


def test_a_panel_needs_resolved_choices():
    with pytest.raises(SpecError, match=r"resolve\(\)"):
        panel(load(SOUND), AnalysisSpec())


# The EtG override. A participant's days 1..8, drinks as given; tests as {day: result}.
OVERRIDE = [
    # first test reaches back to the first row; the next stops after it
    ("0000 0000", {3: "1"}, "1110 0000"),
    ("0000 0000", {3: "0", 6: "1"}, "0001 1100"),
    ("0000 0000", {3: "1", 6: "0"}, "1110 0000"),
    ("0000 0000", {3: "1", 6: "1"}, "1111 1100"),
    # drinking days stay as they are, missing days stay missing
    ("0200 .00.", {3: "0", 8: "1"}, "0001 0110"),
    ("0000 00..", {8: "positive"}, "1111 1100"),
    # a test before the window ends a reach, one after it reaches in
    ("0000 0000", {0: "0", 2: "1"}, "1100 0000"),
    ("0000 0000", {5: "negative", 12: "1"}, "0000 0111"),
    ("0000 0000", {-3: "1"}, "0000 0000"),
]


@pytest.mark.sweep(5)
@pytest.mark.parametrize(("drinks", "tests", "expected"), OVERRIDE)
@pytest.mark.parametrize("where", ["days", "visits"])
def test_etg_override(drinks, tests, expected, where):
    header = "participant_id,arm,day,drinks,etg_positive\n"
    cells = {day: ("" if c == "." else c) for day, c in enumerate(drinks.replace(" ", ""), start=1)}
    in_days = tests if where == "days" else {}
    mine = [["P1", "placebo", str(d), cells.get(d, ""), in_days.get(d, "")] for d in sorted({*cells, *in_days})]
    rest = [[*r[:4], ""] for r in rows() if r[0] != "P1"]
    files = {"days.csv": csv_text([*mine, *rest], header).encode()}
    if where == "visits":
        lines = "".join(f"P1,{d},{result}\n" for d, result in tests.items())
        files["visits.csv"] = ("participant_id,day,etg_positive\n" + lines).encode()
    window = {"days": Window(1, 8), "amount": "drinks"}
    table = table_of(files, **window)
    assert "".join("01"[x] for x in table.overridden[0].astype(int)) == expected.replace(" ", "")
    assert not table.overridden[1:].any()
    off = table_of(files, etg=False, **window)
    assert not off.overridden.any()
    assert np.array_equal(off.amount, table.amount, equal_nan=True)


def test_tests_in_both_files_count_together():
    header = "participant_id,arm,day,drinks,etg_positive\n"
    result = {("P1", "2"): "0", ("P1", "4"): "0"}
    table = [[*r[:3], "0", result.get((r[0], r[2]), "")] for r in rows()]
    visits = b"participant_id,day,etg_positive\nP1,4,1\n"  # one positive of two tests on a day is positive
    files = {"days.csv": csv_text(table, header).encode(), "visits.csv": visits}
    assert table_of(files).overridden[0].tolist() == [False, False, True, True]
    files["days.csv"] = csv_text([[*r[:4], ""] for r in table], header).encode()
    assert table_of(files).overridden[0].tolist() == [True] * 4
    files["visits.csv"] = b"participant_id,day,etg_positive,craving\nP1,4,,\n"
    assert not table_of(files).overridden.any()


def test_a_visit_without_a_test_ends_the_reach_but_a_missed_one_does_not():
    header = "participant_id,arm,day,drinks\n"
    quiet = csv_text([[*r[:3], "0"] for r in rows()], header).encode()
    visits = b"participant_id,day,etg_positive,craving\nP1,2,,30\nP1,4,1,\nP2,2,,\nP2,4,1,20\n"
    table = table_of({"days.csv": quiet, "visits.csv": visits})
    assert table.overridden[0].tolist() == [False, False, True, True]
    assert table.overridden[1].tolist() == [True, True, True, True]


@pytest.fixture(scope="module")
def xbot():
    return load(paths.example_folder("xbot"))


@pytest.mark.parametrize(("tested", "note"), [("days", False), ("week", True), ("required", True)])
def test_where_tests_count_in_weeks_only_that_is_said(xbot, tested, note):
    """More people of the real trial relapse by weeks of tests than ever used by what they reported."""
    trial = xbot
    spec = resolve(trial, trial.declared.published.replace(tested=ReadingOfTests(tested)))[0]
    notes = " ".join(panel(trial, spec).warnings)
    assert ("'urine_opioid') count only in relapse by weeks" in notes) is note
    assert "only in relapse" not in " ".join(panel(trial, spec.replace(etg=False)).warnings)
