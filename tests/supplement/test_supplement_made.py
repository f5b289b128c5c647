"""A file with every toggle says in each state what the pages say in it, and can be made, stopped and taken up again."""

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supplement_states import ORDER, PAGES, origin_of
from sweeps import others_slow

from ketadash import analyse
from ketadash.core.choices.missing_choice import STOPS
from ketadash.core.choices.ranges import CAN_CONTRADICT
from ketadash.core.errors import SpecError, StoppedError
from ketadash.core.p_values import MARK as P_MARK
from ketadash.core.p_values import note
from ketadash.core.spec import CHOICES, AnalysisSpec, DropoutRule, Estimator, MissingRule, PValues, Uncertainty, Window
from ketadash.export import catalogue
from ketadash.export.analysis_json import analysis
from ketadash.export.provenance import stamp
from ketadash.export.sections import Material
from ketadash.export.supplement import ask as asking
from ketadash.export.supplement import content
from ketadash.export.supplement.content import Order, Pages, statuses
from ketadash.export.supplement.states import ALIVE, FEW_STOPS, fields_named, plan
from ketadash.export.supplement.watched_spec import looked_at, plain, watched
from ketadash.trial import resolve
from ketadash.trial.model import Declared


@pytest.fixture(scope="module")
def undeclared(sample):
    """The sample's people in a trial that declares no analysis."""
    return replace(sample, declared=Declared())


def test_the_usual_file_holds_every_combination_and_the_dial_of_the_arm_that_has_missing_days(whole):
    n = 1
    for axis in whole.axes:
        n *= len(axis.options)
    assert len(whole.states) == n + 17  # only midazolam has missing days
    assert [axis.field for axis in whole.axes] == list(ALIVE)
    assert [axis.label for axis in whole.axes if not axis.label[0].isupper()] == []
    assert len({state.place for state in whole.states}) == len(whole.states)
    specs = [state.spec for state in whole.valid if not state.place.startswith("dial")]
    assert len(set(specs)) == len(specs)


def test_the_dial_of_a_trial_whose_stops_take_seconds_has_few_of_them_in_one_order(sample):
    """As large here by its number of imputations."""
    large = plan(sample, sample.declared.published.replace(imputations=200), ("missing",))
    (dial,) = large.dials
    assert dial.stops == FEW_STOPS and set(FEW_STOPS) <= set(STOPS) and dial.stops[dial.at_first] == "1"
    assert sorted(dial.stops, key=float) == list(dial.stops) and len(dial.names) == len(dial.stops)
    assert [state.place for state in large.states if state.place.startswith("dial.")] == [f"dial.{k}" for k in range(7)]


def test_a_combination_that_is_no_analysis_says_why(whole):
    refused = [state for state in whole.states if state.refused]
    assert refused
    assert all("dropout can be imputed only" in state.refused and "--" not in state.refused for state in refused)


def test_the_first_state_is_the_analysis_that_the_file_is_made_with(sample):
    spec = sample.declared.published.replace(missing=MissingRule.IMOR, imor_control=0.25)  # no stop, no usual rule
    axes = plan(sample, spec, ("missing", "trend"))
    at = ".".join(str(axis.at_first) for axis in axes.axes)
    first = next(state for state in axes.states if state.place == at)
    assert first.spec == resolve(sample, spec)[0]
    assert first.link == ()


def test_too_many_states_are_refused_with_what_makes_them(sample):
    with pytest.raises(SpecError, match=r"leave out some of the choices .*missing 8.*confidence 4"):
        plan(sample, sample.declared.published, (*ALIVE, "confidence", "etg"))


@pytest.mark.parametrize("word", ["imor_control", "days", "heavy_men", "nonsense"])
def test_a_choice_that_cannot_be_listed_is_refused(word):
    with pytest.raises(SpecError, match=f"'{word}' cannot be alive"):
        fields_named(f"missing,{word}")
    with pytest.raises(SpecError, match="no choice is named to be alive"):
        fields_named(" , ")


def test_choices_are_named_as_options_and_links_name_them():
    assert fields_named("missing, errors,fit,uncertainty") == ("missing", "uncertainty", "estimator")
    assert fields_named(None) == ALIVE


def test_a_watched_analysis_is_the_same_and_notes_what_was_looked_at(sample):
    spec = resolve(sample, AnalysisSpec(uncertainty=Uncertainty.ROBUST))[0]
    seen = watched(spec)
    assert looked_at(seen) == frozenset()
    assert seen.trend is spec.trend
    assert looked_at(seen) == {"trend"}
    other = seen.replace(estimand=spec.estimand)
    assert looked_at(seen) == {"trend"}
    assert other.estimand is spec.estimand  # set anew: it no longer depends on the state
    assert looked_at(seen) == {"trend"}
    assert other.uncertainty is Uncertainty.ROBUST
    assert looked_at(seen) == {"trend", "uncertainty"}
    assert seen == spec
    assert spec == seen
    assert hash(seen) == hash(spec)
    assert looked_at(seen) == set(CHOICES)
    assert plain(seen) == spec
    with pytest.raises(SpecError):
        watched(spec).replace(penalised=True, estimator=Estimator.RSPL)


VALUES = {
    "missing": list(MissingRule),
    "imor_control": [1.0, 0.5],
    "imor_active": [1.0, 2.0],
    "estimator": list(Estimator),
    "penalised": [False, True],
    "control": [None, "a", "b"],
    "active": [None, "a", "b"],
    "dropout": list(type(AnalysisSpec().dropout)),
    "uncertainty": list(Uncertainty),
    "confidence": [0.9, 0.95],
    "imputations": [1, 5],
    "days": [None, Window(1, 7), Window(8, 30)],
    "tau": [None, 5, 20],
    "grace": [0, 10],
}
SPECS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})


def valid(values):
    try:
        return AnalysisSpec(**values)
    except SpecError:
        return None


@given(SPECS, SPECS, st.data())
def test_whether_a_change_is_refused_depends_on_nothing_but_what_can_contradict_it(one, other, data):
    changes = {
        name: data.draw(st.sampled_from(VALUES[name])) for name in data.draw(st.sets(st.sampled_from([*VALUES])))
    }
    partners = set().union(*(names for names in CAN_CONTRADICT if names & changes.keys()))
    other = other | {name: one[name] for name in partners & one.keys()}
    first, second = valid(one), valid(other)
    if first is None or second is None:
        return
    verdicts = []
    for spec in (first, second):
        try:
            spec.replace(**changes)
            verdicts.append(True)
        except SpecError:
            verdicts.append(False)
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize("n", others_slow([2, 8], 2))
def test_every_page_says_in_each_state_what_it_says_alone(sample, whole, n):
    """Also where it was made for another state: a page that looks at a choice is made again for it."""
    states = random.Random(7).sample([s for s in whole.valid if not s.spec.missing.imputed], n)
    spec = whole.valid[0].spec
    pages = Pages(sample, Order(PAGES, PValues.SHOWN, suppress=False), origin_of(sample, spec))
    for state in [whole.valid[0], *states]:
        texts = pages.of(state.spec)
        fresh = Pages(sample, Order(PAGES, PValues.SHOWN, suppress=False), origin_of(sample, spec)).of(state.spec)
        assert texts == fresh, state.link
        for page in PAGES:
            answers = [s.answer for s in catalogue.sections_of(page, Material(sample, state.spec))]
            assert [s["answer"] for s in json.loads(texts.get(page, "[]"))] == answers
    assert pages.n_made < (len(states) + 1) * (len(PAGES) + 1), pages.n_made  # something was taken over


def test_a_page_of_days_is_made_once_for_every_reading_of_dropout(sample):
    """In a trial of two arms: of several, the page has relapse in each of them."""
    spec = resolve(sample, sample.declared.published)[0]
    pages = Pages(sample, Order(("abstinence",), PValues.SHOWN, suppress=False), origin_of(sample, spec))
    every = [pages.of(spec.replace(dropout=rule)) for rule in DropoutRule if not rule.about.imputed]
    assert len({texts["abstinence"] for texts in every}) == 1 and len({texts["methods"] for texts in every}) > 1
    assert pages.n_made == 1 + len(every)


def test_a_strip_of_a_large_trial_is_in_the_file_once_not_once_on_every_page(sample, monkeypatch):
    """The pages of missing days under other choices show the same strips, wide and narrow."""
    monkeypatch.setattr(content, "A_GRID", 3)  # the cells of a strip of the sample
    spec = resolve(sample, sample.declared.published)[0]
    specs = [spec, *(spec.replace(missing=rule) for rule in (MissingRule.MISSING, MissingRule.LOCF))]
    order = Order(("missing_days",), PValues.SHOWN, suppress=False)
    pages = Pages(sample, order, origin_of(sample, spec))
    texts = [pages.of(one)["missing_days"] for one in specs]
    assert texts == [Pages(sample, order, origin_of(sample, spec)).of(one)["missing_days"] for one in specs]
    marks = [pages.marks(one)["missing_days"] for one in specs]
    held = pages.made.named
    grids = [{grid for figure in held[mark] for grid in held.get(figure, ())} for mark in marks]
    assert len(set(marks)) == 3
    shared = [json.loads(pages.made.text(mark)) for mark in set.intersection(*grids)]
    strips = [strip.verdict.T.tolist() for strip in analyse.strips(sample, spec)]
    assert strips and all(strip in shared for strip in strips)
    for mark, text in zip(marks, texts, strict=True):
        assert len(pages.made.text(mark)) < len(text)


KEYS = ("probability", "ci_low", "ci_high")


def test_a_page_that_the_file_has_not_is_named_as_one_of_the_dashboard(sample):
    """Each page is made as if it were alone in its file."""
    spec = resolve(sample, sample.declared.published)[0]
    every = tuple(chapter.page for chapter in catalogue.CHAPTERS)
    texts = Pages(sample, Order(every, PValues.SHOWN, suppress=False), origin_of(sample, spec)).of(spec)
    names = "|".join(chapter.title for chapter in catalogue.CHAPTERS)
    assert re.search("the dashboard's page Chance|The dashboard's page Chance", texts["overview"])
    for page, text in texts.items():
        assert not re.search(rf"(?<!dashboard's )\bpage ({names})", text), page


def test_a_page_with_a_choice_of_its_own_says_that_it_is_exploratory(sample):
    """And its p-values are hidden there, and nowhere else."""
    spec = resolve(sample, sample.declared.published.replace(subgroup="sex"))[0]
    told = statuses(sample, spec, ("relapse", "subgroups"))
    assert told == {"relapse": "Published analysis", "subgroups": "Exploratory: differs in subgroups by 'sex'"}
    order = Order(("relapse", "subgroups"), PValues.HIDDEN, suppress=False)
    texts = Pages(sample, order, origin_of(sample, spec)).of(spec)
    assert re.search(r"p\u00a0?[<.]", texts["relapse"])
    assert "hidden" in texts["subgroups"]
    assert not re.search(r"\bp\u00a0[<>]?\u00a0?\.\d", texts["subgroups"])


def test_a_report_marks_the_p_values_of_the_page_with_a_choice_of_its_own_and_says_what_the_mark_means(sample):
    spec = resolve(sample, sample.declared.published.replace(subgroup="sex"))[0]
    m = Material(sample, spec, p_values_outside=PValues.LABELLED)
    (subgroups,), (relapse, *_) = (catalogue.sections_of(page, m) for page in ("subgroups", "relapse"))
    assert P_MARK in subgroups.answer + "".join(map(str, subgroups.tables[0].shown.to_numpy().ravel()))
    marked = note(PValues.LABELLED, "the published analysis")
    assert subgroups.rests_on.endswith(marked)
    assert P_MARK not in relapse.answer and marked not in relapse.rests_on


def test_a_strict_trial_hides_p_values_in_its_file_whatever_is_asked_for(sample, tmp_path, monkeypatch):
    """As the dashboard and the JSON do."""
    strict = replace(sample, declared=replace(sample.declared, strict=True))
    orders = []

    def make(trial, spec, states, order, origin, **more):
        orders.append(order)
        raise StoppedError("enough")

    monkeypatch.setattr(asking, "make", make)
    request = asking.Request(AnalysisSpec(), "trend", "relapse", PValues.SHOWN, False, None)
    for trial in (sample, strict):
        with pytest.raises(StoppedError):
            asking.ask(trial, request, tmp_path / "trial.html", lambda *a: None, lambda said: None)
    assert [order.p_values for order in orders] == [PValues.SHOWN, PValues.HIDDEN]


def test_random_slopes_of_a_large_trial_are_in_a_file_that_opens_with_them_or_is_asked_for_them(sample, monkeypatch):
    spec = sample.declared.published

    def with_slopes(**how):
        made = plan(sample, how.pop("spec", spec), ("trend", "estimator"), **how)
        return [s for s in made.states if s.spec.estimator is Estimator.SLOPE], made

    (linear, quadratic), _ = with_slopes()
    assert not linear.refused
    monkeypatch.setattr("ketadash.analyse.binary.MOST_DAYS_UNASKED", 839)  # the sample has 840
    left_out, made = with_slopes()
    assert {s.place for s in left_out if s.refused} == {linear.place, quadratic.place}
    assert all("made without them" in s.refused for s in left_out)
    assert len(made.valid) == len(made.states) - 2
    for how in ({"slopes": True}, {"spec": spec.replace(estimator=Estimator.SLOPE)}):
        assert not any(s.refused for s in with_slopes(**how)[0] if s.spec.trend is linear.spec.trend)


def test_where_nothing_is_declared_the_default_analysis_counts_as_declared(undeclared):
    """As it does in the dashboard and in the JSON."""
    spec = resolve(undeclared, AnalysisSpec())[0]
    order = Order(("relapse",), PValues.HIDDEN, suppress=False)
    pages = Pages(undeclared, order, stamp(undeclared, AnalysisSpec(), spec, when=datetime(2026, 1, 2, tzinfo=UTC)))
    assert statuses(undeclared, spec, ["relapse"]) == {"relapse": "Default analysis (this trial declares none)"}
    assert re.search(r"p\u00a0?[<.]", pages.of(spec)["relapse"])
    other = resolve(undeclared, AnalysisSpec(missing=MissingRule.MISSING, dropout=DropoutRule.CENSORED))[0]
    assert "hidden" in pages.of(other)["relapse"]


def test_a_state_has_the_numbers_of_the_json(sample, whole):
    """To the last printed digit."""
    for state in (s for s in whole.valid if dict(s.link).get("trend") == "linear" and len(s.link) == 1):
        numbers = analysis(sample, state.spec, ("abstinence",))["abstinence"]
        last = numbers["difference"][-1]
        pages = Pages(sample, ORDER, origin_of(sample, state.spec)).of(state.spec)
        answer = json.loads(pages["abstinence"])[0]["answer"]
        points, low, high = (round(100 * last[key]) for key in KEYS)
        assert f"{points} percentage points higher" in answer
        assert re.search(rf"95% CI {low}(–| to ){high} points", answer)


def test_hidden_p_values_are_hidden_where_the_analysis_is_exploratory(sample):
    order = Order(("abstinence", "relapse"), PValues.HIDDEN, suppress=False)
    spec = resolve(sample, sample.declared.published)[0]
    pages = Pages(sample, order, origin_of(sample, spec))
    assert re.search(r"p\u00a0?[<.]", pages.of(spec)["relapse"])
    other = resolve(sample, spec.replace(missing=MissingRule.MISSING))[0]
    texts = "".join(pages.of(other).values())
    assert "hidden" in texts
    assert not re.search(r"\bp\u00a0[<>]?\u00a0?\.\d", texts)
