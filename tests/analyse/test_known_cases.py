"""Small trials whose right answers were worked out elsewhere, in R or by hand: each was once given out wrongly."""

import json
from pathlib import Path

import pytest

from ketadash.__main__ import main

CASES = Path(__file__).parent / "cases"


@pytest.fixture
def analyzed(capsys):
    def run(name, *options):
        arms = ("--control", "control", "--active", "active")
        assert main(["analyze", str(CASES / f"{name}.csv"), *arms, *options, "--json", "-"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("rule", ["imor", "jump_to_reference", "copy_reference"])
def test_days_as_known_never_stand_under_the_name_of_an_imputation_that_failed(rule, analyzed):
    d = analyzed("mi_two_visits", "--missing", rule, "--only", "abstinence,nnt")
    why = "the known days are days 7 and 14 only, and a quadratic trend needs three; choose a linear trend"
    assert any("could not be imputed" in w and why in w for w in d["warnings"])
    assert all(point["proportion"] is None for point in d["abstinence"]["observed"])
    for name in ("observed", "observed_last_day"):
        assert d["nnt"][name]["risk_active"] is None and why in d["nnt"][name]["text"]
    assert d["abstinence"]["models"]["quadratic"]["messages"] == [why]


def test_what_can_be_imputed_beside_it_is(analyzed):
    d = analyzed("mi_two_visits", "--missing", "imor", "--trend", "linear", "--only", "abstinence,nnt")
    last = d["nnt"]["observed_last_day"]
    assert last["risk_active"] == pytest.approx(7.25 / 12) and last["risk_control"] == pytest.approx(6.6 / 12)


def test_a_model_names_what_it_cannot_tell_apart_and_why(analyzed):
    d = analyzed("glmm_one_day_each", "--only", "abstinence")
    messages = [m for model in d["abstinence"]["models"].values() for m in model["messages"]]
    assert set(messages) == {"all known days are day 1, so there is no trend to model; choose a longer window"}
    d = analyzed("mi_arm_unknown", "--missing", "missing", "--only", "abstinence")
    messages = [m for model in d["abstinence"]["models"].values() for m in model["messages"]]
    assert set(messages) == {"nobody in the active arm has a known day, so the arms cannot be compared"}


def test_everybody_one_way_is_no_answer_of_pseudo_likelihood(analyzed):
    d = analyzed("glmm_all_or_none", "--estimator", "rspl", "--only", "abstinence,nnt")
    model = d["abstinence"]["models"]["linear_rspl"]
    assert not model["converged"] and "every participant is the same way" in model["messages"][0]
    assert d["nnt"]["modelled"]["nnt"] is None


@pytest.mark.parametrize(
    ("name", "options", "interval", "p"),
    [
        ("km_diff_bounds", (), (-0.9638, -0.1926), 0.0067),  # 0/5 v 4/5
        ("cox_none_in_arm", ("--days", "4:10"), (-0.6032, 0.0556), 0.0896),  # 0/9 v 3/10
        ("cmp_no_relapse_active", ("--dropout", "competing"), (-0.6448, 0.0005), 0.0503),
        ("mi_none_missing", (), (-0.6071, 0.0406), 0.0825),
        ("mi_none_missing", ("--missing", "imor", "--dropout", "imputed"), (-0.6071, 0.0406), None),
    ],
)
def test_a_difference_of_shares_has_newcombes_interval_wherever_it_stands(name, options, interval, p, analyzed):
    d = analyzed(name, *options, "--only", "time_to_event")
    difference = d["time_to_event"]["relapse"]["difference_on_last_day"]
    assert (difference["ci_low"], difference["ci_high"]) == pytest.approx(interval, abs=5e-5)
    assert difference["p"] == (p if p is None else pytest.approx(p, abs=5e-5))


def test_an_arm_without_relapses_is_said_to_have_no_standard_error(analyzed):
    d = analyzed("cmp_no_relapse_active", "--dropout", "competing", "--only", "time_to_event")
    assert any("is 0 with standard error 0" in w for w in d["warnings"])


def test_minus_two_log_l_is_right_where_people_differ_very_much(analyzed):
    d = analyzed("glmm_quad_15_5", "--no-adjust", "--only", "abstinence")
    assert d["abstinence"]["models"]["linear"]["minus2ll"] == pytest.approx(239.21948, abs=1e-4)


def test_leaving_out_unknown_successes_is_said_with_the_bounds_it_hides(analyzed):
    """Arms alike; the active arm's abstainers miss one day and are left out, those who drank are kept."""
    d = analyzed("nnt_unknown_left_out", "--missing", "missing", "--only", "nnt")
    warning = next(w for w in d["warnings"] if "leaves out" in w)
    assert d["nnt"]["observed"]["risk_active"] == 0 and d["nnt"]["observed"]["risk_control"] == 0.5
    assert "10 active participants" in warning and "from \u221250 to 0 percentage points" in warning
    assert not any("leaves out" in w for w in analyzed("nnt_unknown_left_out", "--only", "nnt")["warnings"])


def test_a_hazard_ratio_of_a_few_imputations_is_none(analyzed):
    options = ("--missing", "imor", "--imor-active", "0.2", "--dropout", "imputed", "--only", "time_to_event")
    relapse = analyzed("mi_hr_few", *options)["time_to_event"]["relapse"]
    assert relapse["cox"]["hr"] is None
    assert any("18 of 20 imputations have no hazard ratio, so none is given" in m for m in relapse["cox"]["messages"])
    assert any("standard error 0" in m for m in relapse["rmst"]["messages"])


def test_a_restricted_mean_that_does_not_vary_is_said_to_make_the_interval_too_narrow(analyzed):
    options = ("--dropout", "competing", "--only", "time_to_event")
    relapse = analyzed("cmp_no_relapse_active", *options)["time_to_event"]["relapse"]
    assert any("active arm was alike (standard error 0)" in m for m in relapse["rmst"]["messages"])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("km_no_events", ()),
        ("km_all_same_day", ()),
        ("km_all_same_day", ("--dropout", "competing")),
        ("km_no_events", ("--missing", "imor", "--dropout", "imputed", "--trend", "linear")),
        ("glmm_all_or_none", ()),
        ("rmst_late_window", ("--days", "4:14")),
        ("rmst_late_window", ("--days", "4:14", "--dropout", "competing")),
        ("mi_arm_unknown", ("--missing", "missing")),
    ],
)
def test_every_null_of_a_curve_has_its_reason(name, options, analyzed):
    d = analyzed(name, *options, "--only", "time_to_event")
    for endpoint, result in d["time_to_event"].items():
        for part in ("logrank", "cox", "rmst"):
            if has_null({k: v for k, v in result[part].items() if k != "messages"}):
                assert result[part]["messages"], (endpoint, part)
        if has_null(result["difference_on_last_day"]):
            reasons = [*result["messages"], *d["warnings"]]
            assert any(m.startswith((f"{endpoint}: ", "the difference on the last day has no p")) for m in reasons)
        for arm, summary in result["arms"].items():
            if summary["median"] is None:
                assert any(m.startswith(f"{arm}: no median") for m in result["messages"])
            if None in summary["median_ci"]:
                assert any(m.startswith(f"{arm}: the median's interval has no") for m in result["messages"])


def has_null(part):
    if isinstance(part, dict):
        return any(map(has_null, part.values()))
    return part is None


def test_a_test_without_an_answer_says_which_of_the_causes_it_is(analyzed):
    d = analyzed("km_no_events", "--only", "time_to_event")["time_to_event"]
    assert d["first_use"]["logrank"]["messages"] == ["no events, so the curves cannot be compared"]
    d = analyzed("km_all_same_day", "--only", "time_to_event")["time_to_event"]
    why = "whoever was still at risk had the event on the same day, so the curves cannot be compared"
    assert d["relapse"]["logrank"]["messages"] == [why]
