"""Laws of reference-based imputation: jump to reference, copy reference."""

import pytest
from imputed_trials import IMOR, REFERENCE_RULES, abstinence, completed_days, last_difference, leaving, resolved
from trials import trial

from ketadash import analyse
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, DropoutRule, MissingRule


@pytest.mark.parametrize("rule", REFERENCE_RULES)
def test_reference_rules_are_missing_at_random_where_nobody_left_the_active_arm(sample, rule):
    one, other = ({"missing": missing, "imputations": 3} for missing in (rule, IMOR))
    a, b = (abstinence(sample, **changes) for changes in (one, other))
    assert a.modelled == b.modelled and a.difference == b.difference and a.observed == b.observed
    assert a.model.coefficients == b.model.coefficients and a.model.n_imputations == 3
    heavy, other_heavy = (analyse.heavy_result(sample, resolved(sample, **changes)) for changes in (one, other))
    assert heavy.model.coefficients == other_heavy.model.coefficients
    times, other_times = (
        analyse.time_to_event(sample, resolved(sample, dropout=DropoutRule.IMPUTED, **changes))
        for changes in (one, other)
    )
    assert times == other_times


def test_reference_rules_pull_those_who_left_towards_control(dropouts):
    at_random, jump, copy = (abstinence(dropouts, missing=rule, imputations=100) for rule in (IMOR, *REFERENCE_RULES))
    placebo, drug = at_random.arms
    assert last_difference(at_random) > 0.1  # the drug does good here
    for r in (jump, copy):
        assert 0 < last_difference(r) < last_difference(at_random) - 5 * at_random.difference[-1].monte_carlo_se
        assert r.percent_days[drug] < at_random.percent_days[drug]
        assert r.percent_days[placebo] == at_random.percent_days[placebo]
    assert last_difference(jump) != last_difference(copy)
    # copy takes a good record in the drug arm for that of a good participant, so that it draws better days than jump
    assert jump.percent_days[drug] < copy.percent_days[drug]


def test_reference_rules_touch_only_those_who_left_the_active_arm():
    d = leaving(2)
    # the first drug participant has a single gap, and stays
    own = d.participant_id == d.participant_id[d.arm == "drug"].iloc[0]
    d["drinks"] = d.drinks.mask(own, (d.day % 3).astype("Int64")).mask(own & (d.day == 4))
    t = trial(d)
    arm = dict(d[["participant_id", "arm"]].itertuples(index=False))
    stayed = d.participant_id[own].iloc[0]
    last_known = d[d.drinks.notna()].groupby("participant_id").day.max()
    base = completed_days(t, missing=IMOR, imputations=40)
    for rule in REFERENCE_RULES:
        days = completed_days(t, missing=rule, imputations=40)
        changed = {i for i in base if (days[i] != base[i]).any()}
        assert changed and {arm[i] for i in changed} == {"drug"} and stayed not in changed
        for i in changed:
            assert days[i][:, last_known[i] :].mean() < base[i][:, last_known[i] :].mean()
            if rule is MissingRule.JUMP_TO_REFERENCE:  # which leaves earlier gaps alone
                assert (days[i][:, : last_known[i]] == base[i][:, : last_known[i]]).all()


@pytest.mark.parametrize("rule", REFERENCE_RULES)
def test_reference_rules_have_no_dial(rule):
    with pytest.raises(SpecError, match="imor only"):
        AnalysisSpec(missing=rule, imor_control=0.5)
