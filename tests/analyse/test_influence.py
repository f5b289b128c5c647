"""Influence: each headline without each participant is what the analysis of the trial without them gives."""

from dataclasses import fields, replace

import numpy as np
import pytest

from ketadash import analyse
from ketadash.analyse.binary import model_abstinence, model_heavy
from ketadash.analyse.curves import difference_on
from ketadash.analyse.influence import (
    ABSTINENCE,
    HEADLINES,
    HEAVY,
    NNT,
    NOTHING,
    RELAPSE,
    LeftOut,
    influence,
    influence_problem,
)
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec, Estimator, PValues, Scale
from ketadash.questions.chance import tables, words
from ketadash.stats.exact import fisher
from ketadash.stats.fragility import fragility
from ketadash.trial import load_sample, resolve


def problem_of(**choices):
    trial = load_sample()
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    return trial, spec, influence_problem(trial, spec)


def subset(p, keep):
    """The panel of some; whatever has a value for each participant has one for each of them."""
    chosen = {}
    for f in fields(p):
        value = getattr(p, f.name)
        if f.name not in ("arms", "days") and isinstance(value, np.ndarray):
            chosen[f.name] = value[keep]
        elif f.name in ("participant_ids", "streams"):
            chosen[f.name] = tuple(value[i] for i in np.flatnonzero(keep))
    return replace(p, **chosen)


def test_everybody_is_the_pages_own_answer():
    trial, spec, problem = problem_of()
    results = {
        r.headline: r
        for r in influence(problem, [(LeftOut(h, (0,)), problem.without(LeftOut(h, (0,)))) for h in HEADLINES])
    }
    last = analyse.abstinence_result(trial, spec).difference[-1]
    assert results[ABSTINENCE].full.estimate == pytest.approx(last.probability, abs=1e-6)
    assert results[ABSTINENCE].full.ci_low == pytest.approx(last.ci_low, abs=1e-6)
    odds = next(c for c in analyse.heavy_result(trial, spec).model.coefficients if c.term == "day:arm")
    for mine, theirs in (("estimate", "estimate"), ("ci_low", "ci_low"), ("ci_high", "ci_high")):
        assert np.log(getattr(results[HEAVY].full, mine)) == pytest.approx(getattr(odds, theirs), abs=1e-5)
    assert results[RELAPSE].full == analyse.time_to_event(trial, spec)["relapse"].difference
    nnt = analyse.nnt_result(trial, spec).observed
    assert (results[NNT].full.ci_low, results[NNT].full.ci_high) == pytest.approx((nnt.ci_low, nnt.ci_high))


@pytest.mark.sweep(2)
@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"estimator": Estimator.RSPL},
        {"estimator": Estimator.SLOPE},
        {"missing": MissingRule.MISSING, "adjust": False},
        {"scale": Scale.FIXED},
    ],
)
def test_without_somebody_is_the_trial_without_them(choices):
    _, spec, problem = problem_of(**choices)
    p = problem.panel
    for place in (0, 39):
        keep = np.arange(len(p.active)) != place
        rest = subset(p, keep)
        m = model_abstinence(rest, spec)
        expected = difference_on(m.rows, m.fitted, spec.trend, spec, int(p.days[-1]))
        _, (found,) = problem.without(LeftOut(ABSTINENCE, (place,)))
        # nodes are counted to within 1e-3 of −2 log L; in two dimensions, from wherever a fit begins
        within = 1e-3 if spec.estimator is Estimator.SLOPE else 5e-5
        assert found.estimate == pytest.approx(expected.estimate, abs=within)
        assert found.ci_high == pytest.approx(expected.ci_high, abs=within)
        coefficient = next(c for c in model_heavy(rest, spec).fitted.model.coefficients if c.term == "day:arm")
        _, (heavy,) = problem.without(LeftOut(HEAVY, (place,)))
        assert np.log(heavy.estimate) == pytest.approx(coefficient.estimate, abs=1e-5)


def test_who_changes_the_conclusion_is_named():
    """At a level at which the interval just excludes no difference, somebody carries it."""
    _, _, problem = problem_of(confidence=0.97)
    done = [(task, problem.without(task)) for task in problem.tasks if task.headline == RELAPSE]
    (result,) = influence(problem, done)
    assert len(result.without) == 40 and {w.participant for w in result.without} == set(problem.panel.participant_ids)
    verdict = result.full.ci_high < 0
    for w in result.without:
        assert (w.participant in result.changes_conclusion) == ((w.estimate.ci_high < 0) != verdict)


def test_somebody_without_whom_there_is_no_interval_is_not_said_to_change_the_conclusion():
    _, _, problem = problem_of()
    task = LeftOut(ABSTINENCE, (0, 1, 2))
    full, each = problem.without(task)
    other_side = replace(each[1], ci_low=-0.2, ci_high=-0.1)
    (result,) = influence(problem, [(task, (full, (NOTHING, other_side, replace(each[2], ci_low=None, ci_high=None))))])
    ids = problem.panel.participant_ids
    assert result.changes_conclusion == (ids[1],) and result.no_interval_without == (ids[0], ids[2])
    text = words.influence_answer([result], PValues.SHOWN)
    assert f"the conclusion changes without {ids[1]}. There is no interval without {ids[0]}, {ids[2]}." in text
    column = tables.influence([result]).set_index("Without")["Conclusion"]
    assert (column[ids[1]], column[ids[2]]) == ("changes", "no interval")
    (calm,) = influence(problem, [(task, (full, (NOTHING, *each[1:])))])
    assert not calm.changes_conclusion
    assert "without any other participant the conclusion stays." in words.influence_answer([calm], PValues.SHOWN)
    (none,) = influence(problem, [(task, (NOTHING, each))])
    assert not none.changes_conclusion and not none.no_interval_without


def test_imputed_days_are_imputed_without_them():
    _, _, problem = problem_of(missing=MissingRule.IMOR, imputations=3, adjust=False)
    for headline in (ABSTINENCE, HEAVY, NNT):
        full, (one,) = problem.without(LeftOut(headline, (3,)))
        assert one.estimate is not None and one.estimate != full.estimate


def test_fragility_by_brute_force():
    rng = np.random.default_rng(1)
    for _ in range(40):
        n1, n0 = rng.integers(1, 25, 2)
        e1, e0 = rng.integers(0, n1 + 1), rng.integers(0, n0 + 1)
        first = fisher(np.array(e1), n1, np.array(e0), n0) < 0.05
        changes = [abs(k - e1) for k in range(n1 + 1) if (fisher(np.array(k), n1, np.array(e0), n0) < 0.05) != first]
        changes += [abs(k - e0) for k in range(n0 + 1) if (fisher(np.array(e1), n1, np.array(k), n0) < 0.05) != first]
        found = fragility(int(e1), int(n1), int(e0), int(n0))
        assert (found.flips if found else None) == (min(changes) if changes else None)
    assert fragility(0, 0, 1, 4) is None


def test_a_trial_of_three_people_an_arm_ends_in_answers_or_none():
    _, _, problem = problem_of()
    keep = np.isin(
        np.arange(len(problem.panel.active)),
        [*np.flatnonzero(~problem.panel.active)[:3], *np.flatnonzero(problem.panel.active)[:3]],
    )
    small = replace(problem, panel=subset(problem.panel, keep))
    results = influence(small, [(task, small.without(task)) for task in small.tasks])
    assert [r.headline for r in results] == list(HEADLINES)
    assert all(len(r.without) == 6 for r in results)
