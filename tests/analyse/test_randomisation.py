"""Re-randomisation: p against every allocation there is and against R; uniform where nothing differs; bad cases."""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import trials
from scipy import stats

from ketadash.analyse import randomisation as analysis
from ketadash.analyse.randomisation import Block, RandomisationProblem, randomisation, randomisation_problem
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec, Estimator, PValues, Scale, Trend, ViewSpec
from ketadash.export.analysis_json import dumps
from ketadash.questions.chance import document, figure, tables, words
from ketadash.questions.shared.tables import guarded
from ketadash.stats import randomisation as kernel
from ketadash.trial import load_sample, resolve
from ketadash.trial.panel import Panel

ORACLE = Path(__file__).parents[1] / "oracle" / "randomisation.json"


def panel_from(amount, active, **more):
    """A panel of amounts (G, T), NaN where missing."""
    amount, active = np.asarray(amount, float), np.asarray(active, bool)
    shape = amount.shape
    return Panel(
        participant_ids=tuple(f"p{i}" for i in range(shape[0])),
        arms=("control", "active"),
        active=active,
        days=np.arange(1, shape[1] + 1),
        amount=amount,
        overridden=np.zeros(shape, bool),
        unknown_amount=np.zeros(shape, bool),
        heavy_threshold=np.full(shape[0], 4.0),
        baseline=None,
        baseline_filled=False,
        baseline_heavy=None,
        can_tell_heavy=True,
        warnings=(),
        streams=tuple(f"p{i}" for i in range(shape[0])),
        earlier=np.zeros((shape[0], 0)),
        tests=np.full(shape, np.nan),
        **more,
    )


def drinks(seed, people=40, days=14, spread=1.5):
    """Amounts of people who differ, nothing else: no effect of the arm."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, spread, people)[:, None]
    drinking = rng.random((people, days)) < 1 / (1 + np.exp(-z))
    return np.where(drinking, rng.integers(1, 9, (people, days)), 0).astype(float)


def result_of(problem):
    return randomisation(problem, [(b, problem.block(b)) for b in problem.blocks])


@pytest.fixture
def without_models(monkeypatch):
    """Shuffles of what needs no fit, thousands a second: the contrasts of models have no answer."""
    monkeypatch.setattr(analysis, "abstinence_contrasts", lambda *_: {})
    monkeypatch.setattr(analysis, "heavy_contrast", lambda *_: analysis.NOTHING)


def by_name(result):
    return {c.name: c for c in result.contrasts}


def test_percent_of_days_against_every_allocation_there_is():
    amount = drinks(3, people=9, days=10)
    active = np.arange(9) < 4
    spec = AnalysisSpec(shuffles=4000, adjust=False)
    problem = RandomisationProblem(panel_from(amount, active), spec)
    share = (amount == 0).mean(axis=1)
    t = []
    for chosen in combinations(range(9), 4):
        a = np.isin(np.arange(9), chosen)
        t.append(abs(stats.ttest_ind(share[a], share[~a], equal_var=False).statistic))
    observed = abs(stats.ttest_ind(share[active], share[~active], equal_var=False).statistic)
    exact = np.mean(np.array(t) >= observed - 1e-9)
    draws = np.concatenate([problem.draws(b) for b in problem.blocks])
    tail = kernel.tail(kernel.studentised(*kernel.welch(share, draws)), observed)
    assert tail.p == pytest.approx(exact, abs=4 * tail.monte_carlo_se)
    assert abs(kernel.studentised(*kernel.welch(share, active[None]))[0]) == pytest.approx(observed)


def test_arm_sizes_are_kept_within_strata_and_any_block_draws_the_same():
    active = np.arange(20) < 7
    strata = np.arange(20) % 3
    draws = kernel.shuffled(active, strata, 0, 60, seed=4)
    for s in range(3):
        assert (draws[:, strata == s].sum(axis=1) == active[strata == s].sum()).all()
    again = np.concatenate([kernel.shuffled(active, strata, first, 20, seed=4) for first in (0, 20, 40)])
    assert (draws == again).all()
    assert (draws != kernel.shuffled(active, strata, 0, 60, seed=5)).any()
    assert len({d.tobytes() for d in draws}) > 50


def test_the_same_seed_gives_the_same_p_in_whatever_pieces():
    problem = RandomisationProblem(panel_from(drinks(1), np.arange(40) < 20), AnalysisSpec(shuffles=30, adjust=False))
    whole = randomisation(problem, [(Block(0, 30), problem.block(Block(0, 30)))])
    pieces = randomisation(problem, [(b, problem.block(b)) for b in (Block(20, 10), Block(0, 20))])
    for one, other in zip(whole.contrasts, pieces.contrasts, strict=True):
        assert one.observed == other.observed and one.n_failed == other.n_failed
    assert pieces.complete


def nothing_differs(seed, shuffles):
    """A trial of 16 people whose arms were given out at random, without an effect."""
    active = np.random.default_rng(seed).permutation(16) < 8
    panel = panel_from(drinks(1000 + seed, people=16, days=8), active)
    return RandomisationProblem(panel, AnalysisSpec(shuffles=shuffles, adjust=False, seed=seed))


@pytest.mark.slow
def test_p_is_uniform_where_nothing_differs():
    """Rejects 5% of the time at 5%, of every contrast, in trials with shuffles of their own."""
    p_values = {name: [] for name in analysis.NAMES}
    for seed in range(100):
        for c in result_of(nothing_differs(seed, 19)).contrasts:
            if c.observed.p is not None:
                p_values[c.name].append(c.observed.p)
    for name, values in p_values.items():
        assert len(values) > 60, name
        rejected = int((np.array(values) <= 0.05).sum())
        assert rejected <= stats.binom.ppf(0.999, len(values), 0.05), (name, rejected)
        if name in (analysis.PERCENT_DAYS, analysis.LAST_DAY, analysis.DAY_BY_ARM):  # hardly any ties
            # p is one of 1/20, 2/20, …: the continuous law half a step away is what it is compared with
            jittered = np.array(values) - np.random.default_rng(7).random(len(values)) / 20
            assert stats.kstest(jittered, "uniform").pvalue > 0.001, name


@pytest.mark.slow
def test_every_shuffle_against_the_others_has_a_p_that_is_uniform_but_for_ties():
    """Each allocation might have been the real one: p's own law in one pass, at every level."""
    for seed in range(4):
        result = result_of(nothing_differs(seed, 199))
        for c in result.contrasts:
            if c.statistic is None:
                continue
            every = np.append(c.draws, c.statistic)
            known = np.flatnonzero(~np.isnan(every))
            p = np.array([kernel.tail(np.delete(every, k), float(every[k])).p for k in known])
            for level in np.arange(1, 200) / 200:
                assert (p <= level + 1e-12).sum() <= round(level * 200), (seed, c.name, level)
            if c.name == analysis.PERCENT_DAYS:
                assert len(known) == 200
            if c.name == analysis.LAST_DAY:  # of 12,870 ways to give out the arms hardly any two are alike
                assert (p <= 0.05).sum() >= 8 - (200 - len(known)), seed


def test_a_real_effect_is_seen_and_the_interval_agrees_with_p(without_models):
    amount = drinks(5, people=60)
    active = np.arange(60) < 30
    amount[active] *= np.random.default_rng(6).random((30, 14)) < 0.4
    problem = RandomisationProblem(panel_from(amount, active), AnalysisSpec(shuffles=400, adjust=False))
    c = by_name(result_of(problem))[analysis.PERCENT_DAYS]
    assert c.observed.p < 0.02 and c.observed.ci_low > 0
    share = (amount == 0).mean(axis=1)
    welch = stats.ttest_ind(share[active], share[~active], equal_var=False).confidence_interval(0.95)
    assert c.observed.ci_low == pytest.approx(welch.low, abs=0.02)
    assert c.observed.ci_high == pytest.approx(welch.high, abs=0.02)


@pytest.mark.sweep(3)
@pytest.mark.parametrize(
    "amount, active",
    [
        (np.zeros((6, 5)), np.arange(6) < 3),  # nobody with an event
        (np.full((6, 5), 9.0), np.arange(6) < 3),
        (np.where(np.arange(6)[:, None] < 3, 0.0, 9.0) * np.ones((6, 5)), np.arange(6) < 3),  # separates the arms
        (drinks(2, people=6, days=5), np.arange(6) < 3),  # three an arm
        (np.where(np.arange(12)[:, None] < 6, 0.0, drinks(8, people=12, days=6)), np.arange(12) < 6),  # an arm constant
        (drinks(2, people=5, days=3), np.arange(5) < 1),  # one in an arm
        (np.where(np.arange(8)[:, None] < 4, np.nan, drinks(2, people=8, days=6)), np.arange(8) < 4),  # an arm unknown
    ],
)
def test_bad_cases_end_in_a_sentence_and_a_count(amount, active):
    rule = MissingRule.MISSING if np.isnan(amount).any() else MissingRule.NONABSTINENT
    problem = RandomisationProblem(panel_from(amount, active), AnalysisSpec(shuffles=19, adjust=False, missing=rule))
    result = result_of(problem)
    assert [c.name for c in result.contrasts] == list(analysis.NAMES)
    for c in result.contrasts:
        if c.observed.p is None:
            assert c.trouble and any(c.label in m for m in result.messages)
        else:
            assert 1 / 20 <= c.observed.p <= 1 and c.monte_carlo_se is not None
        if c.n_failed and not c.trouble:
            assert any(f"{c.n_failed} of 19 shuffles" in m for m in result.messages)
    assert any("ways to give out the arms" in m for m in result.messages)


APART = np.where(np.arange(12)[:, None] < 6, 0.0, 9.0) * np.ones((12, 5))


@pytest.mark.parametrize(
    "amount, sign",
    [
        (APART[3:9, :3], 1),  # the arms as far apart as can be
        pytest.param(APART, 1, marks=pytest.mark.slow),
        pytest.param(9 - APART, -1, marks=pytest.mark.slow),
        (APART * 0, 0),
        (np.tile([9.0, 0, 0, 9, 0], (12, 1)), 0),  # everybody alike, days not: the model's difference is rounding
    ],
)
def test_where_all_are_alike_there_is_no_interval_and_the_reason(amount, sign):
    active = np.arange(len(amount)) < len(amount) // 2
    problem = RandomisationProblem(panel_from(amount, active), AnalysisSpec(shuffles=19, adjust=False))
    result = result_of(problem)
    page = " ".join([words.answer(result, PValues.SHOWN), *map(str, result.messages)])
    seen = guarded(tables.shuffles(result), PValues.SHOWN)
    table = seen.to_string() + tables.shuffles_full(result).to_string()
    for text in (page, table):
        assert "inf" not in text and "nan" not in text and "0 to 0" not in text and "+0 " not in text
    made = json.loads(dumps(document.randomisation_document(result)))
    for c, one in zip(result.contrasts, made["contrasts"], strict=True):
        nulls = {name for name, value in one.items() if value is None}
        assert nulls == set(one["null_because"]) and all(one["null_because"].values()), (c.name, nulls)
        assert c.observed.ci_low is None and c.observed.ci_high is None
        assert c.trouble or sign or c.observed.p == 1
    of_people = by_name(result)["percent_days_abstinent"]
    assert of_people.interval == analysis.ALIKE and of_people.unvarying is bool(sign)
    assert seen["In standard errors"][2] == {1: "∞", -1: "−∞", 0: "0.00"}[sign]
    assert any(c.unvarying for c in result.contrasts) is (analysis.ALIKE in page)
    assert figure.shuffles(result, ViewSpec())["data"]


def test_the_statistics_and_p_are_those_of_brute_force_in_r():
    """The same shuffles of a small trial, each fitted from scratch in R: likelihood, numerical scores, sandwich."""
    oracle = json.loads(ORACLE.read_text())
    amount, active = np.array(oracle["amount"], float), np.array(oracle["active"], bool)
    spec = AnalysisSpec(shuffles=len(oracle["draws"]), adjust=False, seed=oracle["seed"], trend=Trend.LINEAR)
    problem = RandomisationProblem(panel_from(amount, active), spec)
    drawn = np.concatenate([problem.draws(b) for b in problem.blocks])
    assert (drawn == np.array(oracle["draws"], bool)).all()
    found = by_name(result_of(problem))
    for name, expected in oracle["contrasts"].items():
        one = found[name]
        assert one.statistic == pytest.approx(expected["statistic"], rel=2e-3), name
        assert one.draws == pytest.approx(np.array(expected["draws"], float), rel=5e-3, abs=2e-3), name
        assert one.observed.p == pytest.approx(expected["p"], abs=1e-12), name


def test_a_shuffle_without_an_answer_counts_as_large():
    tail = kernel.tail(np.array([np.nan, 0.1, 3.0, -0.2]), 2.0)
    assert (tail.n_failed, tail.n_as_large, tail.p) == (1, 2, 3 / 5)


def test_it_follows_the_analysis(sample):
    trial = sample
    base, _ = resolve(trial, trial.declared.published.replace(shuffles=19))

    def statistics_of(spec):
        problem = analysis.randomisation_problem(trial, spec)
        few = Block(0, 1)  # what is observed does not depend on how many shuffles stand beside it
        return by_name(randomisation(problem, [(few, problem.block(few))]))

    first = statistics_of(base)
    changed = {
        "missing": (MissingRule.MISSING, {analysis.DAY_BY_ARM, analysis.PERCENT_DAYS, analysis.HEAVY_DAY_BY_ARM}),
        "estimator": (Estimator.RSPL, {analysis.DAY_BY_ARM, analysis.LAST_DAY}),
        "estimator too": (Estimator.SLOPE, {analysis.DAY_BY_ARM, analysis.LAST_DAY}),
        "scale": (Scale.FIXED, {analysis.HEAVY_DAY_BY_ARM}),
        "adjust": (False, {analysis.LAST_DAY, analysis.HEAVY_DAY_BY_ARM}),
    }
    for name, (value, differ) in changed.items():
        choice = {name.removesuffix(" too"): value}
        now = statistics_of(base.replace(**choice))
        for contrast in differ:
            assert now[contrast].statistic != pytest.approx(first[contrast].statistic, rel=1e-6), (name, contrast)
    shorter, _ = resolve(trial, base.replace(dropout=DropoutRule.CENSORED))
    now = statistics_of(shorter)
    assert now[analysis.RELAPSE].statistic != pytest.approx(first[analysis.RELAPSE].statistic)
    assert now[analysis.DAY_BY_ARM].statistic == pytest.approx(first[analysis.DAY_BY_ARM].statistic)


def test_missing_days_are_imputed_anew_for_every_shuffle(sample):
    trial = sample
    spec, _ = resolve(trial, AnalysisSpec(missing=MissingRule.IMOR, imputations=3, shuffles=19, adjust=False))
    problem = analysis.randomisation_problem(trial, spec)
    few = randomisation(problem, [(Block(0, 3), problem.block(Block(0, 3)))])
    assert any("imputed anew" in m for m in few.messages)
    for c in few.contrasts:
        assert c.statistic is not None and np.isfinite(c.draws).all(), c.name


def test_a_warm_fit_ends_where_a_cold_one_does():
    trial = load_sample()
    spec, _ = resolve(trial, trial.declared.published)
    problem = analysis.randomisation_problem(trial, spec)

    class Nowhere:
        def of(self, *_, heavy):
            return None

    for active in problem.draws(Block(0, 4)):
        p = replace(problem.panel, active=active)
        warm = analysis.contrasts_of(p, spec, analysis.Starts(spec), problem.names)
        cold = analysis.contrasts_of(p, spec, Nowhere(), problem.names)
        for name in problem.names:
            assert warm[name] == pytest.approx(cold[name], rel=1e-4, abs=1e-6), name


def test_a_test_whose_shuffles_tie_says_what_level_it_has(without_models):
    amount = drinks(3, people=24, days=5, spread=3)
    problem = RandomisationProblem(panel_from(amount, np.arange(24) < 10), AnalysisSpec(shuffles=400, adjust=False))
    users, n = int((amount > 0).any(axis=1).sum()), 10
    counts = np.arange(max(0, users + n - 24), min(users, n) + 1)
    chance = stats.hypergeom.pmf(counts, 24, users, n)
    t = [abs(welch_of_counts(k, n, users - k, 24 - n)) for k in counts]
    p = np.array([chance[np.array(t) >= one - 1e-9].sum() for one in t])
    exact = chance[p <= 0.05].sum()
    value = (amount > 0).any(axis=1).astype(float)
    many = kernel.shuffled(np.arange(24) < 10, None, 0, 20_000, seed=1)
    level = kernel.attainable(kernel.studentised(*kernel.welch(value, many)), 0.05)
    assert exact < 0.04 and level == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))
    said = [m for m in result_of(problem).messages if "many shuffles tie" in m]
    assert len(said) == 1 and said[0].startswith("any drinking")


def welch_of_counts(e1, n1, e0, n0):
    """Welch's t of two counts."""
    a, b = (np.arange(n) < e for e, n in ((e1, n1), (e0, n0)))
    difference, se = a.mean() - b.mean(), np.sqrt(a.var(ddof=1) / n1 + b.var(ddof=1) / n0)
    return 0.0 if difference == se == 0 else difference / se if se else np.inf


@pytest.mark.parametrize(
    "column, says",
    [("site", "rather too seldom than too often"), ("cluster_id", "an effect too often"), ("weight", "")],
)
def test_shuffles_that_cross_what_looks_like_strata_say_so(column, says):
    d = trials.frame()
    d[column] = d.participant_id.str[1:].astype(int) % 3
    trial = trials.trial(d)
    spec, _ = resolve(trial, AnalysisSpec(shuffles=19))
    (notes,) = [[m for m in randomisation(randomisation_problem(trial, spec), []).messages if "cross" in m]]
    assert [says in m and column in m for m in notes] == ([True] if says else [])
    read = [c.message for c in trial.checks if c.name == "design"]
    assert [m.endswith("shuffles of who got what cross them") for m in read] == ([True] if says else [])
