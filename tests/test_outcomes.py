"""Outcomes on panels small enough to score by hand, under every rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketadash.analyse import outcomes
from ketadash.analyse.outcomes import abstinence, dropout_day, heavy_drinking, last_known_day, throughout
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule
from ketadash.trial import Panel

NAN = np.nan


def time_to(panel, endpoint, dropout):
    """Of the published analysis."""
    return outcomes.time_to(panel, endpoint, dropout, AnalysisSpec())


def panel_of(
    *people: str, overridden: tuple[str, ...] = (), women: tuple[int, ...] = (), first: int = 1, tests=None
) -> Panel:
    """A panel from one string a participant: a digit is that many drinks, a point a missing day."""
    amount = np.array([[NAN if c == "." else float(c) for c in person] for person in people])
    marks = np.array([[c == "x" for c in person] for person in overridden]) if overridden else amount == -1
    g, t = amount.shape
    return Panel(
        participant_ids=tuple(f"P{i}" for i in range(g)),
        arms=("placebo", "ketamine"),
        active=np.arange(g) % 2 == 1,
        days=np.arange(first, first + t),
        amount=amount,
        earlier=amount[:, :0],
        overridden=marks,
        unknown_amount=amount == -1,
        heavy_threshold=np.array([3.0 if i in women else 4.0 for i in range(g)]),
        baseline=None,
        baseline_filled=False,
        baseline_heavy=None,
        can_tell_heavy=True,
        warnings=(),
        tests=np.full(amount.shape, NAN) if tests is None else tests,
    )


def equal(a, b) -> bool:
    return np.array_equal(np.asarray(a, dtype=float), np.asarray(b, dtype=float), equal_nan=True)


def test_abstinence_under_each_rule():
    panel = panel_of("0105", "00..", "....", overridden=("x---", "----", "----"))
    worst = abstinence(panel, MissingRule.NONABSTINENT)
    known = abstinence(panel, MissingRule.MISSING)
    missing = [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]]
    assert equal(worst.y, [[0, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]])
    assert equal(known.y, [[0, 0, 1, 0], [1, 1, NAN, NAN], [NAN] * 4])
    assert equal(worst.filled, missing) and equal(worst.missing, missing) and equal(known.missing, missing)
    assert not known.filled.any()


def test_heavy_days_by_sex_and_rule():
    panel = panel_of("3456", "345.", women=(1,))
    assert equal(heavy_drinking(panel, MissingRule.NONABSTINENT).y, [[0, 0, 1, 1], [0, 1, 1, 1]])
    assert equal(heavy_drinking(panel, MissingRule.MISSING).y, [[0, 0, 1, 1], [0, 1, 1, NAN]])
    assert heavy_drinking(panel, MissingRule.NONABSTINENT).filled.sum() == 1


def test_an_overridden_day_is_drinking_but_not_heavy():
    panel = panel_of("00", "00", overridden=("-x", "--"))
    assert equal(abstinence(panel, MissingRule.MISSING).y, [[1, 0], [1, 1]])
    assert equal(heavy_drinking(panel, MissingRule.MISSING).y, [[0, 0], [0, 0]])
    use = time_to(panel, "first_use", DropoutRule.EVENT)
    assert use.day.tolist() == [2, 2] and use.event.tolist() == [True, False] and use.kind.tolist() == ["use", ""]
    assert not time_to(panel, "relapse", DropoutRule.EVENT).event.any()


def test_days_of_leaving():
    panel = panel_of("0000", "0.0.", "0...", "....", ".0.0", first=8)
    assert last_known_day(panel).tolist() == [11, 10, 8, 7, 11]
    left = dropout_day(panel)
    assert np.ma.getmaskarray(left).tolist() == [True, False, False, False, True]
    assert left.compressed().tolist() == [11, 9, 8]


# participant's days 1..6 → (day, kind) for relapse with dropout as event, relapse with dropout censored,
# first use, first heavy day; kind "" is censored.
TIMES = [
    ("000000", (6, ""), (6, ""), (6, ""), (6, "")),
    ("001000", (6, ""), (6, ""), (3, "use"), (6, "")),
    ("001900", (4, "heavy"), (4, "heavy"), (3, "use"), (4, "heavy")),
    ("000009", (6, "heavy"), (6, "heavy"), (6, "use"), (6, "heavy")),
    ("900000", (1, "heavy"), (1, "heavy"), (1, "use"), (1, "heavy")),
    ("000...", (4, "dropout"), (3, ""), (3, ""), (3, "")),  # left while abstinent
    ("010...", (4, "dropout"), (3, ""), (2, "use"), (3, "")),  # left after a drink
    ("090...", (2, "heavy"), (2, "heavy"), (2, "use"), (2, "heavy")),  # heavy first, then left
    ("00900.", (3, "heavy"), (3, "heavy"), (3, "use"), (3, "heavy")),
    ("......", (1, "dropout"), (0, ""), (0, ""), (0, "")),  # never returned
    ("0.0.00", (6, ""), (6, ""), (6, ""), (6, "")),  # gaps within are neither event nor end
    ("..0...", (4, "dropout"), (3, ""), (3, ""), (3, "")),
    (".....0", (6, ""), (6, ""), (6, ""), (6, "")),
    (".5....", (2, "heavy"), (2, "heavy"), (2, "use"), (2, "heavy")),
    ("00000.", (6, "dropout"), (5, ""), (5, ""), (5, "")),
]
CASES = [
    ("relapse", DropoutRule.EVENT),
    ("relapse", DropoutRule.CENSORED),
    ("first_use", DropoutRule.EVENT),
    ("first_heavy_day", DropoutRule.EVENT),
    ("first_use", DropoutRule.CENSORED),
    ("first_heavy_day", DropoutRule.CENSORED),
]
EXPECTED_AT = (1, 2, 3, 4, 3, 4)  # dropout is never an event for the last two endpoints, whatever is asked


@pytest.mark.parametrize(("case", "at"), list(zip(CASES, EXPECTED_AT, strict=True)))
def test_times_by_hand(case, at):
    times = time_to(panel_of(*(row[0] for row in TIMES)), *case)
    got = list(zip(times.day.tolist(), times.kind.tolist(), strict=True))
    assert got == [row[at] for row in TIMES]
    assert times.event.tolist() == [row[at][1] != "" for row in TIMES]


def test_times_count_in_the_days_of_the_data():
    shifted = time_to(panel_of("009...", "......", first=-2), "relapse", DropoutRule.EVENT)
    assert shifted.day.tolist() == [0, -2]
    assert time_to(panel_of("......", first=-2), "first_use", DropoutRule.EVENT).day.tolist() == [-3]


def test_definitions_say_what_dropout_is():
    panel = panel_of("00")
    event = time_to(panel, "relapse", DropoutRule.EVENT).definition
    censored = time_to(panel, "relapse", DropoutRule.CENSORED).definition
    assert "or dropout, whichever comes first" in event and "censored" not in event
    assert "dropout is censored at the last known day" in censored and "whichever" not in censored
    assert "dropout is censored" in time_to(panel, "first_use", DropoutRule.EVENT).definition


def test_abstinent_throughout():
    panel = panel_of("000", "001", "00.", "01.", "...", "000", overridden=("---",) * 5 + ("x--",))
    worst, known = (abstinence(panel, rule).y for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING))
    assert equal(throughout(worst), [1, 0, 0, 0, 0, 0])
    assert equal(throughout(known), [1, 0, NAN, 0, NAN, 0])
    assert equal(throughout(np.stack([worst, known])), [[1, 0, 0, 0, 0, 0], [1, 0, NAN, 0, NAN, 0]])


def test_the_rules_that_set_missing_days():
    panel = panel_of("0.1.", ".10.", "...0", "9..0")
    rule = {r: abstinence(panel, r) for r in MissingRule}
    assert equal(rule[MissingRule.LOCF].y, [[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 1]])
    assert equal(rule[MissingRule.BEST].y, [[1, 0, 0, 0], [1, 0, 1, 1], [0, 0, 0, 1], [0, 1, 1, 1]])
    assert equal(rule[MissingRule.WORST].y, [[1, 1, 0, 1], [0, 0, 1, 0], [1, 1, 1, 1], [0, 0, 0, 1]])
    heavy = {r: heavy_drinking(panel, r).y for r in MissingRule}
    assert equal(heavy[MissingRule.LOCF], [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]])
    assert equal(heavy[MissingRule.BEST], [[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]])
    for r, daily in rule.items():  # rules that impute leave the days open for the draws
        assert np.isnan(daily.y).any() == (r.imputed or not r.fills)
        assert daily.filled.sum() == (0 if np.isnan(daily.y).any() else daily.missing.sum())


def test_dropout_as_a_competing_event():
    panel = panel_of("00..", "09..", "....", "0000", "0.90")
    times = time_to(panel, "relapse", DropoutRule.COMPETING)
    assert times.day.tolist() == [3, 2, 1, 4, 3]
    assert times.event.tolist() == [False, True, False, False, True]
    assert times.kind.tolist() == ["dropout", "heavy", "dropout", "", "heavy"]
    assert "competing event" in times.definition


people = st.lists(st.text(alphabet="0159.", min_size=5, max_size=5), min_size=1, max_size=6)


@given(people)
@settings(max_examples=200)
def test_laws(strings):
    panel = panel_of(*strings)
    worst, known = (abstinence(panel, rule) for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING))
    heavy = heavy_drinking(panel, MissingRule.NONABSTINENT)
    # The rules differ on the missing days only; nobody is abstinent and heavy on one day; nothing stays open.
    assert equal(worst.y[~worst.missing], known.y[~known.missing])
    assert np.isnan(known.y).sum() == known.missing.sum() == worst.filled.sum()
    assert not np.isnan(worst.y).any() and not ((worst.y == 1) & (heavy.y == 1)).any()
    use = time_to(panel, "first_use", DropoutRule.EVENT)
    heavy_day = time_to(panel, "first_heavy_day", DropoutRule.EVENT)
    relapse = time_to(panel, "relapse", DropoutRule.EVENT)
    # Use comes no later than a heavy day; relapse is an event for whoever had a heavy day or left.
    assert (use.day[heavy_day.event] <= heavy_day.day[heavy_day.event]).all()
    left = ~np.ma.getmaskarray(dropout_day(panel))
    assert np.array_equal(relapse.event, heavy_day.event | left)
    # With dropout censored, relapse is the first heavy day.
    censored = time_to(panel, "relapse", DropoutRule.CENSORED)
    assert np.array_equal(censored.day, heavy_day.day) and np.array_equal(censored.event, heavy_day.event)
    # Whoever is abstinent throughout has no event of use.
    assert not use.event[throughout(abstinence(panel, MissingRule.NONABSTINENT).y) == 1].any()


@given(people)
@settings(max_examples=50)
def test_order_of_participants_changes_nothing(strings):
    forth, back = panel_of(*strings), panel_of(*strings[::-1])
    for rule in DropoutRule:
        assert np.array_equal(time_to(forth, "relapse", rule).day, time_to(back, "relapse", rule).day[::-1])
    for missing in MissingRule:
        if not missing.bound:  # those depend on the arm, which goes by the place here
            assert equal(abstinence(forth, missing).y, abstinence(back, missing).y[::-1])
