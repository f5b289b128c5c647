"""Endpoints, shares with the event and hazard ratios within strata and adjusted, beside the unadjusted."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import chdtrc
from stratified_trials import adjusted, model

from ketadash import analyse
from ketadash.analyse.outcomes import time_to
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule, Window
from ketadash.export.analysis_json import analysis
from ketadash.export.from_blocks import flat
from ketadash.questions.question import Material
from ketadash.questions.registry import question
from ketadash.questions.relapse import tables
from ketadash.questions.shared import adjusted as words_adjusted
from ketadash.stats import stratified
from ketadash.stats.adjusted_hazard import adjusted_cox
from ketadash.stats.standardised import standardised
from ketadash.trial import resolve


def test_endpoints_stand_within_strata_and_adjusted_beside_as_they_are(with_strata):
    assert adjusted(with_strata) is None
    result = adjusted(with_strata, strata=("site",), adjust_for=("age",))
    assert result.strata == ("site",) and result.adjusted_for[0] == "baseline_drinks" and "age" in result.adjusted_for
    spec = resolve(with_strata, AnalysisSpec(strata=("site",), adjust_for=("age",)))[0]
    plain = {e.key: e.difference for e in analyse.endpoints(with_strata, spec).each}
    assert len(result.each) >= 6
    for e in result.each:
        assert e.unadjusted == plain[e.key]
        assert (e.within is None) == (e.kind == "mean") and (e.ranks is None) == (e.kind == "count")
        assert e.standardised is not None or e.messages
        if e.standardised is not None:
            control, active = e.standardised_arms
            assert e.standardised.estimate == pytest.approx(active - control, abs=1e-12)
            assert e.standardised.estimate != e.unadjusted.estimate
    without = adjusted(with_strata, adjust_for=("age",), adjust=False)
    assert without.adjusted_for == ("age",) and all(e.within is None and e.ranks is None for e in without.each)


def test_the_endpoints_numbers_are_the_kernels(with_strata):
    spec = resolve(with_strata, AnalysisSpec(strata=("site",), confidence=0.9))[0]
    p = analyse.panel_of(with_strata, spec)
    y = ((p.amount == 0) | np.isnan(p.amount)).all(axis=1) & ~np.isnan(p.amount).any(axis=1)
    e = next(e for e in analyse.adjusted_endpoints(with_strata, spec).each if e.key == "abstinent_all_days")
    kernel = stratified.risk_difference(y.astype(float), p.active, p.strata)
    half = 1.6448536269514722 * np.sqrt(kernel.variance)
    assert (e.within.estimate, e.within.se) == pytest.approx((kernel.difference, np.sqrt(kernel.variance)), rel=1e-12)
    assert e.within.ci_high - e.within.estimate == pytest.approx(half, rel=1e-9)
    assert e.within.p == pytest.approx(chdtrc(1, kernel.test.score**2 / kernel.test.variance), rel=1e-9)


def test_what_does_not_vary_within_strata_is_said_to_have_no_interval(with_strata):
    """A difference of 0.0 stood alone in its column, as if it were known exactly."""
    nobody = replace(with_strata, days=with_strata.days.assign(drinks=1.0))  # abstained
    result = adjusted(nobody, strata=("site",))
    e = next(e for e in result.each if e.key == "abstinent_all_days")
    assert (e.within.estimate, e.within.ci_low, e.within.p) == (0, None, None)
    assert any("not estimable" in m for m in e.messages)
    cells = words_adjusted.table(result).set_index("Endpoint").loc[e.label]
    assert cells["Within strata (95% CI)"] == "0.0 (no interval)"
    assert any(e.label in d and "not estimable" in d for d in words_adjusted.doubts(result))
    ranks = next(e for e in result.each if e.key == "percent_days_abstinent")
    assert ranks.ranks.p is None and any("nothing to test" in m for m in ranks.messages)


def test_imputations_are_pooled(with_strata):
    how = {"strata": ("site",), "missing": MissingRule.IMOR}
    one, five = (adjusted(with_strata, **how, imputations=m) for m in (1, 5))
    for a, b in zip(one.each, five.each, strict=True):
        assert (a.key, a.n) == (b.key, b.n)
    gaps = [e for e in five.each if e.standardised is not None]
    assert gaps and all(e.standardised.se > 0 and e.standardised.p is not None for e in gaps)


def test_the_json_says_all_of_it_and_why_parts_are_null(with_strata):
    spec = AnalysisSpec(strata=("site",), adjust_for=("sex",))
    part = analysis(with_strata, spec, ["endpoints"])["endpoints_adjusted"]
    assert part["strata"] == ["site"] and part["adjusted_for"][-1] == "sex: M"
    for e in part["each"]:
        nulls = {k for k in ("within_strata", "rank_test", "standardised") if e[k] is None}
        assert nulls == {k for k in e["null_because"] if "." not in k}
    assert analysis(with_strata, AnalysisSpec(), ["endpoints"])["endpoints_adjusted"] is None


def shares(with_strata, **choices):
    result = analyse.adjusted_events(with_strata, resolve(with_strata, AnalysisSpec(**choices))[0])
    return {word: each.each[0] for word, each in result.items()}


def test_the_share_with_the_event_is_given_within_strata_and_adjusted(with_strata):
    how = {"strata": ("site",), "adjust_for": ("age",), "days": Window(1, 2)}
    assert not shares(with_strata)
    spec = resolve(with_strata, AnalysisSpec(**how))[0]
    p, plain = analyse.panel_of(with_strata, spec), analyse.time_to_event(with_strata, spec)["relapse"]
    one = shares(with_strata, **how)["relapse"]
    times = time_to(p, "relapse", spec.dropout, spec)  # dropout is an event: everybody's is known
    assert one.unadjusted == plain.difference and one.n == 60
    kernel = stratified.risk_difference(times.event.astype(float), p.active, p.strata)
    assert one.within.estimate == pytest.approx(kernel.difference, rel=1e-12)
    covariates = np.column_stack([p.baseline, p.covariates])
    assert one.standardised.estimate == pytest.approx(
        standardised(times.event.astype(float), p.active, covariates, yes_no=True).difference, rel=1e-9
    )
    without = shares(with_strata, **how, adjust=False)["relapse"]
    assert without.within == one.within and without.standardised != one.standardised


@pytest.mark.parametrize("dropout", list(DropoutRule))
def test_where_people_are_censored_no_share_is_made_up(with_strata, dropout):
    how = {"dropout": dropout, "strata": ("site",), "imputations": 2}
    how |= {"missing": MissingRule.IMOR} if dropout is DropoutRule.IMPUTED else {}
    one = shares(with_strata, **how)["relapse"]
    if dropout is DropoutRule.CENSORED:
        assert one.within is one.standardised is None and "are censored" in one.messages[0] and one.n < 60
    else:
        assert one.within is not None and one.n == 60


def test_the_json_of_times_has_them_too(with_strata):
    parts = analysis(with_strata, AnalysisSpec(strata=("site",)), ["time_to_event"])["time_to_event"]
    assert parts["relapse"]["adjusted"]["each"][0]["within_strata"]["estimate"] is not None
    assert parts["relapse"]["strata"] == ["site"] and parts["relapse"]["unstratified"]["cox"]["hr"] is not None
    plain = analysis(with_strata, AnalysisSpec(), ["time_to_event"])["time_to_event"]["relapse"]
    assert plain["adjusted"] is plain["unstratified"] is None and plain["strata"] == []


def test_the_modelled_difference_without_covariates_stands_beside(with_strata):
    spec = AnalysisSpec(strata=("site",), adjust_for=("age",))
    plain, both = (analysis(with_strata, s, ["abstinence", "heavy"]) for s in (AnalysisSpec(), spec))
    for part in ("abstinence", "heavy"):
        without = both[part]["without_covariates"]["difference_on_last_day"]
        assert without == plain[part]["difference"][-1] != both[part]["difference"][-1]
        assert "without_covariates" not in plain[part]
    material = Material(with_strata, resolve(with_strata, spec)[0])
    for key in ("abstinence", "heavy_drinking"):
        (table,) = [
            b for b in flat(question(key).blocks(material), material) if getattr(b, "key", "").endswith("-covariates")
        ]
        frame = table.make()
        assert frame["Model"].tolist() == ["Adjusted for baseline drinks, site and age", "Adjusted for baseline drinks"]
    published = Material(with_strata, resolve(with_strata, AnalysisSpec())[0])
    names = [getattr(b, "key", "") for b in flat(question("abstinence").blocks(published), published)]
    assert not any(name.endswith("-covariates") for name in names)


def test_a_site_that_is_a_number_is_adjusted_for_as_the_same_site_under_a_name(with_strata):
    """Site 4 is not twice site 2: whatever the sites are called, the estimate is the same."""
    named = replace(
        with_strata,
        participants=with_strata.participants.assign(site="S" + with_strata.participants["site"].astype(str)),
    )
    by_number, by_name = (model(one, adjust_for=("site",)).model for one in (with_strata, named))
    terms = [c.term for c in by_number.coefficients]
    assert {"site: 2", "site: 3", "site: 4"} <= set(terms) and "site" not in terms
    for one, other in zip(by_number.coefficients, by_name.coefficients, strict=True):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-9)


def hazard(with_strata, **choices):
    return analyse.adjusted_events(with_strata, resolve(with_strata, AnalysisSpec(**choices))[0])["relapse"].hazard


def test_a_hazard_ratio_stands_adjusted_within_strata_beside_the_unadjusted(with_strata):
    how = {"strata": ("site",), "adjust_for": ("age",), "adjust": False}
    spec = resolve(with_strata, AnalysisSpec(**how))[0]
    found, plain = hazard(with_strata, **how), analyse.time_to_event(with_strata, spec)["relapse"].cox
    assert found.adjusted_for == ("age",) and found.cox.hr != plain.hr
    p = analyse.panel_of(with_strata, spec)
    times = time_to(p, "relapse", spec.dropout, spec)
    age = p.covariates[:, [p.covariate_names.index("age")]]
    kernel = adjusted_cox(times.day - (p.days[0] - 1), times.event, p.active, age, strata=p.strata)
    assert (found.cox.hr, found.cox.p) == (kernel.hr, kernel.p)
    part = analysis(with_strata, spec, ["time_to_event"])["time_to_event"]["relapse"]
    assert part["adjusted"]["hazard_ratio"]["estimate"] == found.cox.hr and part["cox"]["hr"] == plain.hr
    table = tables.tests(analyse.time_to_event(with_strata, spec)["relapse"], found)
    assert sum("adjusted for age" in row for row in table["Comparison"]) == 1


def test_only_strata_give_no_adjusted_hazard_ratio_and_imputed_dropout_pools_it(with_strata):
    assert hazard(with_strata, strata=("site",), adjust=False) is None
    how = {"adjust_for": ("age",), "dropout": DropoutRule.IMPUTED, "missing": MissingRule.IMOR, "imputations": 4}
    found = hazard(with_strata, **how)
    assert found.cox.hr is not None and found.cox.ci_low < found.cox.hr < found.cox.ci_high
