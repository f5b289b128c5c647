"""Each outcome's line on how far its result holds: true of its numbers, before and after they are there."""

import json
from dataclasses import replace
from itertools import product

import pytest

from ketadash import analyse
from ketadash.analyse import holding, long_work
from ketadash.core.spec import DropoutRule, MissingRule, Uncertainty
from ketadash.export.analysis_json import analysis, dumps
from ketadash.export.from_blocks import sections
from ketadash.questions.question import Growing, Holds, Material
from ketadash.questions.registry import question
from ketadash.questions.shared import holding as words
from ketadash.results import Estimate
from ketadash.results.robustness import Analysis, reckon, side
from ketadash.trial import load_sample

PAGES = {"abstinence": "abstinence", "heavy": "heavy_drinking", "nnt": "nnt", "relapse": "relapse"}


def held(trial, spec, outcome):
    return analyse.held(trial, spec, outcome, holding.rows_of(trial, spec, outcome) if outcome != "relapse" else {})


def test_the_finding_on_heavy_days_hangs_on_counting_missing_days_as_drinking(published):
    trial, spec = published
    assert words.holds(held(trial, spec, "heavy")) == (
        "The result depends on the missing days: the 95% CI of the ratio of the arms' trends does not include 1 where "
        "they are counted as drinking, but does where left out, carried forward or imputed like "
        "reported days."
    )
    for rule in (MissingRule.NONABSTINENT, MissingRule.MISSING):  # the same numbers as the page's
        apart = analyse.heavy_result(trial, spec.replace(missing=rule)).model.coefficient("day:arm")
        row = dict(holding.heavy_assumptions(trial, spec))[rule]
        assert (row.estimate, row.ci_low, row.ci_high) == pytest.approx((apart.estimate, apart.ci_low, apart.ci_high))


def test_relapse_hangs_on_dropout_as_the_page_on_dropout_says(published):
    trial, spec = published
    text = words.holds(held(trial, spec, "relapse"))
    assert "does not include zero where it is counted as relapse, but does where censored" in text
    ways = analyse.dropout_ways(trial, spec).ways
    assert [side(way.difference) for way in ways] == [-1, 0, 0]


def test_abstinence_on_all_days_is_the_numbers_of_its_page(published):
    trial, spec = published
    for rule, row in holding.rows_of(trial, spec, "nnt").items():
        shown = analyse.nnt_result(trial, spec.replace(missing=rule)).observed
        same = (shown.risk_difference, shown.ci_low, shown.ci_high)
        assert (row.every_day.estimate, row.every_day.ci_low, row.every_day.ci_high) == pytest.approx(same)
    assert words.holds(held(trial, spec, "nnt")).startswith(
        "However missing days are counted, the 95% CI of the difference"
    )


@pytest.mark.parametrize("outcome", PAGES)
def test_the_line_stands_on_its_page_and_in_files(published, outcome):
    m = Material(*published)
    growing = [b for b in question(PAGES[outcome]).blocks(m) if isinstance(b, Growing | Holds)]
    lines = [b.text for one in growing for b in ([one] if isinstance(one, Holds) else one.blocks(one.make()))]
    assert lines == [words.holds(held(*published, outcome))]
    assert lines[0] in next(iter(sections(question(PAGES[outcome]), m))).rests_on


def test_nothing_is_concluded_before_all_are_there(published):
    trial, spec = published
    rows = holding.rows_of(trial, spec, "heavy")
    for n in range(len(rows)):
        part = analyse.held(trial, spec, "heavy", dict(list(rows.items())[:n]))
        assert words.holds(part).startswith(f"So far, {n} of 8 ways") and "depends" not in words.holds(part)
        own = f"{n} of {part.n_planned} ways" if n else "computed when its page is opened"
        assert own in words.on_card(part)


def test_a_card_starts_nothing_and_says_the_result_once_it_is_there(published):
    trial, spec = load_sample(), published[1]
    m = Material(trial, spec)
    assert words.of_card(m, "heavy") == "How far it holds: computed when its page is opened."
    assert not long_work.rules_so_far(trial, spec, "heavy")
    work = long_work.heavy_assumptions(trial, spec, holding.heavy_assumptions_problem(trial, spec))
    for place, row in enumerate(dict(holding.rows_of(trial, spec, "heavy")).values()):
        work.keep(place, row)
    assert words.of_card(m, "heavy") == (
        "Depends on the missing days: clear where counted as drinking, not where left out, carried forward or imputed "
        "like reported days."
    )


def test_a_choice_of_the_rule_or_of_dropout_computes_nothing_anew(published):
    trial, spec = published
    for rule, dropout in product((MissingRule.MISSING, MissingRule.WORST), DropoutRule):
        if dropout.about.imputed:
            continue
        other = spec.replace(missing=rule, dropout=dropout)
        assert holding.heavy_assumptions(trial, other) is holding.heavy_assumptions(trial, spec)
        assert analyse.held(trial, other, "relapse", {}) == analyse.held(trial, spec, "relapse", {})


# --- laws over made-up numbers ---------------------------------------------------------------------------------------

ENDS = {1: (0.1, 0.5), 0: (-0.1, 0.5), -1: (-0.5, -0.1)}
OPTIONS = ("drinking", "missing", "last carried forward")


def made(whole, sides, bound=None):
    """The sample's with other numbers, all of them distinct."""
    ends = [ENDS[s] for s in sides]
    rows = [
        Analysis((option,), Estimate((low + high) / 2 + k / 100, low + k / 100, high + k / 100))
        for k, (option, (low, high)) in enumerate(zip(OPTIONS, ends, strict=True))
    ]
    if bound is not None:
        low, high = ENDS[bound]
        rows.append(
            Analysis(("worst case",), Estimate((low + high) / 2 + 0.005, low + 0.005, high + 0.005), bound=True)
        )
    return replace(whole, n_planned=len(rows), reckoned=reckon(rows))


@pytest.mark.parametrize("sides", list(product((1, 0, -1), repeat=3)))
def test_what_is_said_agrees_with_every_interval(published, sides):
    h = made(held(*published, "abstinence"), sides)
    text, card = words.holds(h), words.on_card(h)
    names = {
        s: [f for f, x in zip(("drinking", "left out", "carried forward"), sides, strict=True) if x == s] for s in ENDS
    }
    if len(set(sides)) == 1:
        assert text.startswith("However missing days are counted") and "depends" not in text
        assert ("does not include zero" in text) == (sides[0] != 0)
        assert card == ("Clear" if sides[0] else "Not clear") + " however missing days are counted."
        return
    assert text.startswith("The result depends on the missing days:")
    if {1, -1} <= set(sides):
        above, rest = text.split(" lies above zero where ")[1].split(", below zero where ")
        below, *open_ones = rest.split(", and includes zero where ")
        assert all(n in above for n in names[1]) and all(n in below for n in names[-1])
        assert all(n in open_ones[0] for n in names[0]) if names[0] else not open_ones
        assert "Its direction depends on how" in card
    else:
        clear, unclear = text.split("does not include zero where ")[1].split(", but does where ")
        assert all(n in clear and n not in unclear for n in names[1] + names[-1])
        assert all(n in unclear and n not in clear for n in names[0])


@pytest.mark.parametrize(("side_of_all", "bound"), list(product((1, 0, -1), repeat=2)))
def test_an_extreme_is_named_where_it_would_change_the_verdict(published, side_of_all, bound):
    text = words.holds(made(held(*published, "abstinence"), (side_of_all,) * 3, bound))
    assert ("worst case" in text) == (side_of_all != bound)
    if side_of_all and bound == -side_of_all:
        assert "in the worst case, it would lie on the other side of zero" in text and "include zero." not in text[-30:]
    if bound == 0 and side_of_all:
        assert "it would include zero" in text
    if side_of_all == 0 and bound:
        assert "it would not include zero" in text


def test_without_missing_days_or_dropouts_nothing_depends_on_them(published):
    for outcome, what in (
        ("abstinence", "No day is missing"),
        ("heavy", "No day is missing"),
        ("relapse", "Nobody left"),
    ):
        assert words.holds(replace(held(*published, outcome), n_open=0)).startswith(what)


def test_robust_intervals_are_called_so(published):
    trial, spec = published
    robust = spec.replace(uncertainty=Uncertainty.ROBUST)
    assert "robust" not in words.holds(held(trial, robust, "nnt"))  # shares as counted have no model
    assert "robust 95% CI" in words.holds(held(trial, robust, "heavy"))


def test_the_json_has_every_outcome(published):
    deep = json.loads(dumps(analysis(*published, ("sensitivity",))))["robustness"]
    assert deep["heavy"] is None and deep["nnt"]["n"] == 4 and deep["relapse"]["n_clear"] == 1


def test_the_card_of_relapse_says_of_what_it_is_clear(published):
    """It leads with a ratio of hazards, and what holds is the difference in the share relapsed."""
    text = words.on_card(held(*published, "relapse"))
    assert text.startswith("Difference in the share relapsed: depends on dropout: clear where counted as relapse")
    assert not words.on_card(held(*published, "nnt")).startswith("Difference")


def test_a_number_that_no_rule_changes_is_named(published):
    """Of the two on the page, only the difference on all days was looked at."""
    whole = held(*published, "nnt")
    one = Analysis(("drinking",), Estimate(0.2, -0.1, 0.5))
    text = words.holds(replace(whole, n_planned=2, reckoned=reckon([one, replace(one, options=("missing",))])))
    assert text.startswith("However missing days are counted, the difference in abstinence on all days is the same.")


def test_what_depends_on_many_ways_is_one_sentence_that_can_be_read_at_once():
    taken = (*words.TAKEN.values(), "counted as use")
    for interval in ("the 95% CI of the modelled difference on day 12", "the robust 95% CI of the ratio of the trends"):
        for sides in product((1, 0, -1), repeat=len(taken)):
            text = words.depends(list(zip(taken, sides, strict=True)), words.MISSING_DAYS, interval)
            if {1, -1} <= set(sides):
                continue  # each of the three sides is named in full
            assert len(text.split()) <= words.MOST_WORDS and text.count(". ") == 0, text
    cases = [*((how, 1) for how in taken[:3]), *((how, 0) for how in taken[3:])]
    assert words.depends(cases, words.MISSING_DAYS, "the 95% CI of the modelled difference on day 12") == (
        "The result depends on the missing days: the 95% CI of the modelled difference on day 12 does not include zero "
        "where they are left out, carried forward or imputed like reported days, but does in the other 3 ways."
    )


def test_what_could_not_be_estimated_is_not_among_all_the_ways(published):
    """'However missing days are counted' would speak of those too."""
    whole, lost = held(*published, "abstinence"), Analysis(("missing",), Estimate(None, None, None))
    for estimates in ([(-0.1, 0.5), (-0.2, 0.4)], [(-0.1, 0.5)] * 2, [(-0.1, 0.5)]):
        known = [Analysis((OPTIONS[k * 2],), Estimate((a + b) / 2, a, b)) for k, (a, b) in enumerate(estimates)]
        h = replace(whole, n_planned=len(known) + 1, reckoned=reckon([*known, lost]))
        text = words.holds(h)
        assert text.startswith("In every way to count the missing days that could be estimated, ")
        assert "owever" not in text and text.endswith("1 could not be estimated.")
        assert words.on_card(h) == "Not clear in every way that could be estimated."
        assert ("is the same" in text) == (len(set(estimates)) < len(estimates))
