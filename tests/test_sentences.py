"""Laws that every sentence keeps in every state: no codes, no noise, nothing that its own numbers contradict."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rendered import blocks_of, statements
from sentence_states import MADE, State, states
from sweeps import others_slow

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, MissingRule, PValues
from ketadash.questions.missing_days import words as missing_days
from ketadash.questions.paper import words as paper
from ketadash.questions.question import Material, Table
from ketadash.questions.registry import QUESTIONS
from ketadash.questions.relapse import tables as relapse_tables
from ketadash.questions.shared import glossary_terms
from ketadash.questions.shared.tables import guarded
from ketadash.trial import load, resolve

NAMING = ("overview", "heavy_drinking", "relapse", "dropout", "specifications")  # send readers to other pages
TESTED = ("heavy_drinking", "relapse", "dropout", "safety")
STATISTIC = tuple(map(re.compile, (r"log-rank χ² \d", r"Gray's test χ² \d", r"χ² \d\S* on \d+ df", r"\bF\(\d")))
WHOLE = ("Answer", "Summary", "Notice", "Note", "Holds", "RestsOn")  # made of sentences, each with its full stop
MOST_WORDS = 40  # of a sentence in an answer
# Names of columns and files, which are what they are.
QUOTED = re.compile(
    r"'[^']*'|“[^”]*”|\bcadss_after_infusion\b|\bfollowup_6m_abstinent\b|\b\w+\.(?:csv|toml)\b|\bparticipant_id\b"
)
NUMBER = r"[−-]?\d+(?:\.\d+)?"
CODE = re.compile(r"\b(?:nan|NaN|None|inf|True|False|imor|locf|nonabstinent)\b|\b[a-z]+(?:_[a-z0-9]+)+\b|[{}]|<[A-Z]")
NOISE = re.compile(r"\d\.\d{5,}|\d[eE][−+-]?\d{2}")
CLAIM = re.compile(rf"CI ({NUMBER})(?:–| to )({NUMBER})(?: points)?, which (includes|does not include) zero")
SIZE = re.compile(
    rf"({NUMBER}) percentage points? (higher|lower) with [^()]*\((?:robust )?[\d.]+% CI ({NUMBER})(?:–| to )({NUMBER})"
)
ONE = re.compile(r"(?<![\d.–+−])(?<!to )(?<!and )[+−]?\b1 points\b")  # not the end of an interval
OF = re.compile(r"\b(\d+) of (?:the |these |those |them )?(\d+)\b")
END = re.compile(r"(?<=[a-z)%\d∞”][.?!]) (?=[A-Z0-9“])")


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def faults(kind: str, text: str) -> list[str]:
    """What a text does wrong."""
    plain, wrong = QUOTED.sub("''", text), []
    wrong += [f"code {found!r}" for found in CODE.findall(plain)]
    wrong += [f"noise {found!r}" for found in NOISE.findall(plain)]
    for low, high, verb in CLAIM.findall(text):
        low, high = number(low), number(high)
        inside = low <= 0 <= high
        if 0 not in (low, high) and inside != (verb == "includes"):  # a rounded end may be on either side
            wrong.append(f"interval {low} to {high} {verb} zero")
    for size, way, low, high in SIZE.findall(text):
        signed = number(size) * (1 if way == "higher" else -1)
        if not number(low) - 1 <= signed <= number(high) + 1:
            wrong.append(f"{way} by {size} outside {low} to {high}")
    wrong += [f"of one: {found}" for found in ONE.findall(text)]
    wrong += [f"{n} of {total}" for n, total in OF.findall(plain) if int(n) > int(total)]
    if re.search(r"exclud\w+ no\b|no difference excluded", plain):
        wrong.append("excludes no difference")
    if "  " in text or re.search(r" \.(?!\d)", text) or ".." in text or " ," in text or ".;" in text:
        wrong.append("marks or spaces")
    if kind in WHOLE and text[-1] not in ".?!":
        wrong.append("no full stop")
    if kind in WHOLE and "at the left" in text:  # slides and files have nothing there
        wrong.append("at the left")
    if kind in ("Answer", "Summary", "Holds", "RestsOn") and "More choices" in text:
        wrong.append("More choices")
    if kind == "Table" and text[0].islower():
        wrong.append("a heading that begins small")
    if kind in ("Answer", "Summary", "Holds"):
        wrong += [f"{n} words: {s}" for s in END.split(plain) if (n := len(s.split())) > MOST_WORDS]
    return wrong


def test_the_laws_see_what_they_are_for():
    for kind, text in (
        ("Card", "missing = jump_to_reference"),
        ("Card", "F(1, 308.8001914782202)"),
        ("Card", "95% CI 9–51 points, which includes zero"),
        ("Card", "26 percentage points lower with a than with b (95% CI 5–47"),
        ("Card", "In 17 of 16 specifications"),
        ("Card", "which excludes no difference"),
        ("Answer", "It was so"),
        ("Answer", " ".join(["word"] * 41) + "."),
        ("Card", "It is so.."),
        ("Card", "nan points"),
        ("Table", "difference in the share relapsed"),
        ("Card", "the difference is −1 points (95% CI −8 to 5)"),
    ):
        assert faults(kind, text), text
    assert not faults("Card", "difference −7 points (95% CI −13 to −1 points)")
    assert not faults("Answer", "On day 21 it was 26 percentage points lower with a than with b (95% CI −47 to −5).")


def test_what_stands_on_a_slide_or_in_a_file_points_to_no_place_on_the_page():
    for text in (paper.HOW, missing_days.KINDS, *(term.means for term in glossary_terms.TERMS)):
        assert not faults("RestsOn", text)


def test_only_files_and_slides_call_a_page_the_dashboards():
    """On the page itself one is in the dashboard."""
    yes_no = _days_of_yes_and_no()
    for m in (State("sample", ()).material(), State("one arm constant", ()).material(), yes_no):
        for on_page in (True, False):
            texts = [text for _, _, text in statements(replace(m, on_page=on_page), NAMING)]
            named = [text for text in texts if "dashboard" in text]
            assert bool(named) != on_page, named


def test_a_statistic_that_gives_a_hidden_p_away_is_hidden_with_it():
    for how in PValues:
        m = replace(State("sample", ()).material(), p_values=how)
        texts = [text for _, _, text in statements(m, TESTED)]
        for question in (q for q in QUESTIONS if q.key in TESTED):
            for table in (block for block in blocks_of(question, m) if isinstance(block, Table)):
                texts += guarded(table.make(), how).to_csv(index=False).splitlines()
        seen = {where for where in STATISTIC if any(where.search(text) for text in texts)}
        assert seen == (set() if how is PValues.HIDDEN else set(STATISTIC)), seen


def _days_of_yes_and_no() -> Material:
    made = load(MADE["no effect"]().assign(drinks=lambda d: d.drinks.clip(upper=1)).to_csv(index=False).encode())
    return Material(made, resolve(made, AnalysisSpec())[0], PValues.SHOWN)


def test_no_bound_is_called_beyond_belief_where_it_may_be_the_declared_analysis():
    assert "believ" not in missing_days.KINDS


TAKEN = re.compile(
    r"[Aa] day without a report (counts|is)|[Aa] missing day counts|[Mm]issing days (are|were) [a-z]+ed\b"
)


def of_none(m: Material, made: list[tuple[str, str, str]]) -> list[str]:
    """What is said of missing days where there is none."""
    if analyse.panel_of(m.trial, m.spec).n_missing:
        return []
    return [f"{key}, {kind}: none is missing: {text}" for key, kind, text in made if TAKEN.search(text)]


def test_where_no_day_is_missing_nothing_says_what_one_counts_as():
    seen = 0
    for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING, MissingRule.IMOR):
        m = State("no missing", (("missing", rule),)).material()
        made = statements(m)
        assert not of_none(m, made)
        seen += sum("o day is missing" in text for _, _, text in made)
        other = State("sample", (("missing", rule),)).material()
        assert any(TAKEN.search(text) for _, _, text in statements(other, ("abstinence", "participants")))
    assert seen


def contradictions(m: Material, made: list[tuple[str, str, str]]) -> list[str]:
    """Where answers say another direction or another count than the results that they are of."""
    answers = {key: text for key, kind, text in reversed(made) if kind == "Answer"}
    wrong, active = [], m.arms[1][0]
    abstinence = analyse.abstinence_result(m.trial, m.spec)
    way = re.search(rf"points? (higher|lower) with {re.escape(active)} than", answers["abstinence"])
    if way and (abstinence.difference[-1].probability >= 0) != (way[1] == "higher"):
        wrong.append(answers["abstinence"])
    heavy = analyse.heavy_result(m.trial, m.spec)
    for r in heavy.odds_ratio_per_day if heavy else ():
        moved = re.search(
            rf"With {re.escape(r.arm)} one participant's odds of [^(]* (grew|fell) by", answers["heavy_drinking"]
        )
        clear = r.ci_low > 1 or r.ci_high < 1
        if "did not converge" not in answers["heavy_drinking"] and bool(moved) != clear:
            wrong.append(answers["heavy_drinking"])
        if moved and (r.estimate > 1) != (moved[1] == "grew"):
            wrong.append(answers["heavy_drinking"])
    times = analyse.time_to_event(m.trial, m.spec)["relapse"]
    if times is not None:
        table = relapse_tables.summary(times)
        counts = " and ".join(f"{e} of {n} {arm}" for arm, n, e in table[["Arm", "n", "Events"]].to_numpy()[::-1])
        if counts not in answers["relapse"]:
            wrong.append(f"{counts}: {answers['relapse']}")
    return wrong


STATES = states()
QUICK = STATES[7 :: len(STATES) // 6]


@pytest.mark.parametrize("state", others_slow(STATES, *QUICK), ids=str)
def test_every_sentence_keeps_the_laws(state: State):
    m = state.material()
    if m is None:
        pytest.skip("these choices are refused in this trial")
    made = statements(m)
    wrong = [f"{key}, {kind}: {fault}: {text}" for key, kind, text in made for fault in faults(kind, text)]
    wrong += contradictions(m, made) + of_none(m, made)
    assert not wrong, "\n\n".join(dict.fromkeys(wrong))
