"""What cannot be believed: a fit that did not converge gives no verdict; 0 of 17 has a bar, and how wide it is."""

import dataclasses

from known_trials import sample_trial

from ketadash import analyse
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.abstinence import words as abstinence
from ketadash.questions.heavy_drinking import words as heavy
from ketadash.questions.overview import words as overview
from ketadash.questions.shared import curve
from ketadash.stats.effects import wilson
from ketadash.trial import resolve


def results(**choices):
    trial = sample_trial()
    spec, _ = resolve(trial, AnalysisSpec(**choices))
    return trial, spec, analyse.abstinence_result(trial, spec), analyse.heavy_result(trial, spec)


def unconverged(result):
    convergence = dataclasses.replace(result.model.convergence, ok=False)
    return dataclasses.replace(result, model=dataclasses.replace(result.model, convergence=convergence))


def test_a_fit_that_did_not_converge_gives_no_verdict():
    trial, spec, days, heavies = results()
    for text in (
        abstinence.answer(unconverged(days)),
        heavy.answer(unconverged(heavies)),
        overview.overview(unconverged(days), analyse.percent_days_abstinent(trial, spec)),
    ):
        assert "did not converge" in text and "On day 21 the model" not in text and "odds of a" not in text
    assert overview.card_abstinence(unconverged(days))[1] == "–"
    assert overview.card_heavy(unconverged(heavies), heavies.terms)[1] == "–"
    assert "On day 21 the model" in abstinence.answer(days)


def test_observed_shares_have_wilsons_interval_also_where_nobody_has_the_outcome():
    _, _, days, heavies = results(missing=MissingRule.MISSING)
    none = [p for r in (days, heavies) for p in r.observed if p.proportion in (0.0, 1.0)]
    assert none, "the sample has such days"
    for result in (days, heavies):
        for p in result.observed:
            ends = wilson(round(p.proportion * p.n), p.n)
            assert abs(p.ci_low - ends.ci_low) < 1e-9 and abs(p.ci_high - ends.ci_high) < 1e-9
        figure = curve.plot(result, ViewSpec())
        bars = [t["error_y"] for t in figure["data"] if "error_y" in t]
        assert all(max(a, b) > 0.05 for e in bars for a, b in zip(e["array"], e["arrayminus"], strict=True))


def test_imputed_shares_have_wider_intervals_than_if_the_days_were_known():
    _, _, imputed, _ = results(missing=MissingRule.IMOR, imputations=10)
    _, _, filled, _ = results()
    last = [[p for p in r.observed if p.day == 21] for r in (imputed, filled)]
    assert all(p.ci_low < p.proportion < p.ci_high for p in last[0])
    wider = [a.ci_high - a.ci_low for a in last[0]], [b.ci_high - b.ci_low for b in last[1]]
    assert sum(wider[0]) > sum(wider[1])
