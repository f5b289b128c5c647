"""Small trials whose right answers were worked out elsewhere, in R or by hand: each was once given out wrongly."""

import json
from pathlib import Path

import pytest
from scipy import stats

from ketadash import analyse
from ketadash.__main__ import main
from ketadash.analyse.binary import abstinence_fit, abstinence_result
from ketadash.analyse.curves import difference_on
from ketadash.analyse.specifications import relapse_specifications, specification_curve
from ketadash.core.choices.missing import MissingRule
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.nnt import words as nnt_words
from ketadash.questions.overview import words as overview_words
from ketadash.questions.specifications.words import kinds
from ketadash.stats.pooling import barnard_rubin
from ketadash.trial import load, resolve

CASES = Path(__file__).parent / "cases"


@pytest.fixture
def analyzed(capsys):
    def run(name, *options):
        arms = ("--control", "control", "--active", "active")
        assert main(["analyze", str(CASES / f"{name}.csv"), *arms, *options, "--json", "-"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.sweep(2)
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


def test_every_specification_has_newcombes_interval_too():
    """Over the whole window: 18 of the 27 do not include zero, where all 27 did not by Wald."""
    trial = load(CASES / "cox_none_in_arm.csv")
    spec, _ = resolve(trial, AnalysisSpec(control="control", active="active"))
    problem = relapse_specifications(trial, spec)
    each = [row.difference for task in problem.tasks for row in task.rows()]
    assert len(each) == 27
    curve = specification_curve(problem, [row for task in problem.tasks for row in task.rows()])
    assert "whoever relapsed before it counts as free until the next relapse" in kinds(curve)
    assert sum(e.ci_low > 0 or e.ci_high < 0 for e in each) == 18
    assert {(round(e.ci_low, 3), round(e.ci_high, 3)) for e in each} == {
        (-0.763, -0.101),
        (-0.687, -0.022),
        (-0.603, 0.056),
    }


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
    plain = analyzed("nnt_unknown_left_out", "--only", "nnt")
    assert not any("leaves out" in w for w in plain["warnings"])
    # what is read first says it too, not only the warning
    assert d["nnt"]["observed"]["risk_difference_bounds"] == pytest.approx([-0.5, 0.0])
    assert "risk_difference_bounds" not in plain["nnt"]["observed"]
    trial = load(CASES / "nnt_unknown_left_out.csv")
    spec, _ = resolve(trial, AnalysisSpec(control="control", active="active", missing=MissingRule.MISSING))
    result = analyse.nnt_result(trial, spec)
    with_them = "with those left out taken as failed or not, the difference is between \u221250 and 0 points"
    answer = nnt_words.answer(result)
    assert "of those known; NNTH 2.0" in answer and with_them.replace("with", "With", 1) in answer
    _, _, card = overview_words.card_nnt(result)
    assert with_them in card and card.endswith("no effect is not excluded.")


def test_a_hazard_ratio_of_a_few_imputations_is_none(analyzed):
    options = ("--missing", "imor", "--imor-active", "0.2", "--dropout", "imputed", "--only", "time_to_event")
    relapse = analyzed("mi_hr_few", *options)["time_to_event"]["relapse"]
    assert relapse["cox"]["hr"] is None
    assert any("18 of 20 imputations have no hazard ratio, so none is given" in m for m in relapse["cox"]["messages"])
    (said,) = [m for m in relapse["rmst"]["messages"] if "standard error 0" in m]
    assert said.startswith("in 18 of 20 imputations everybody in the") and relapse["rmst"]["difference"]["se"] > 0


def test_a_restricted_mean_that_does_not_vary_is_said_to_make_the_interval_too_narrow(analyzed):
    options = ("--dropout", "competing", "--only", "time_to_event")
    relapse = analyzed("cmp_no_relapse_active", *options)["time_to_event"]["relapse"]
    assert any("active arm was alike (standard error 0)" in m for m in relapse["rmst"]["messages"])


@pytest.mark.sweep(3)
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


@pytest.mark.parametrize("options", [(), ("--dropout", "competing"), ("--missing", "imor", "--dropout", "imputed")])
def test_people_who_relapsed_before_a_late_window_are_said_to_count_as_free(options, capsys, tmp_path):
    rows = (CASES / "rmst_late_window.csv").read_text().splitlines()
    people = [row.split(",")[0] for row in rows if ",active," in row]
    early = {f"P001,control,{day},0," for day in (1, 2)} | {f"{who},active,3,0," for who in sorted(set(people))[:2]}
    changed = [f"{row[: len(e) - 2]}9,{row[len(e) :]}" for row in rows for e in early if row.startswith(e)]
    kept = [row for row in rows if not any(row.startswith(e) for e in early)]
    assert len(changed) == 4
    file = tmp_path / "days.csv"
    file.write_text("\n".join([*kept, *changed]))
    arms = ("--control", "control", "--active", "active", "--trend", "linear")

    def warnings(*days):
        assert main(["analyze", str(file), *arms, *days, *options, "--only", "time_to_event", "--json", "-"]) == 0
        return json.loads(capsys.readouterr().out)["warnings"]

    (warning,) = (w for w in warnings("--days", "4:14") if w.startswith("relapse: ") and "before day 4" in w)
    assert warning.startswith("relapse: 1 control and 2 active participants had relapsed before day 4")
    assert not any("before day" in w for w in warnings())


def test_horizons_are_days_of_the_data(analyzed):
    d = analyzed("rmst_late_window", "--days", "4:14", "--only", "time_to_event")["time_to_event"]
    assert "the largest horizon that both arms allow is day 9" in d["first_heavy_day"]["rmst"]["messages"]


def test_a_typical_participants_number_needed_to_treat_stands_beside_the_populations(analyzed):
    options = ("--trend", "linear", "--no-adjust", "--only", "nnt")
    d = analyzed("glmm_large_sd", "--estimand", "typical", *options)
    population = analyzed("glmm_large_sd", *options)["nnt"]["modelled"]
    assert d["nnt"]["modelled"]["nnt"] == pytest.approx(1.1, abs=0.05)
    assert population["nnt"] == pytest.approx(2.6, abs=0.05)
    (warning,) = (w for w in d["warnings"] if "typical participant" in w)
    assert f"for the population it is {population['text']}" in warning


@pytest.mark.parametrize(
    ("options", "held"), [((), []), (("--estimand", "typical"), ["baseline_drinks"]), (("--no-adjust",), [])]
)
def test_what_an_interval_holds_fixed_is_said(options, held, analyzed):
    d = analyzed("glmm_prognostic", *options, "--only", "abstinence")
    assert d["abstinence"]["intervals_hold_fixed"] == held


def test_pooled_curves_and_coefficients_have_degrees_of_freedom_of_one_kind():
    """Barnard & Rubin's, never more than the complete data's: a difference's interval is its estimate ± t × SE."""
    trial = load(CASES / "mi_some.csv")
    chosen = AnalysisSpec(control="control", active="active", missing=MissingRule.IMOR, imputations=5)
    spec, _ = resolve(trial, chosen)
    fitted = abstinence_fit(trial, spec).fitted
    gap = abstinence_result(trial, spec).difference[-1]
    # beyond a difference on its own: the pooled variance and the part between imputations say how many there are
    between = gap.monte_carlo_se**2 * 5
    expected = barnard_rubin(gap.se**2, between, 5, fitted.model.df)
    assert (gap.ci_high - gap.probability) / gap.se == pytest.approx(stats.t.ppf(0.975, expected), rel=1e-9)
    assert all(c.df < fitted.model.df for c in fitted.model.coefficients)
    alone = difference_on(abstinence_fit(trial, spec).rows, fitted, spec.trend, spec, gap.day)
    assert alone.ci_high == pytest.approx(gap.ci_high, rel=1e-9)


def test_a_level_of_confidence_beyond_0_999_is_refused(capsys):
    arms = ("--control", "control", "--active", "active")
    assert main(["analyze", str(CASES / "mi_some.csv"), *arms, "--confidence", "0.999999", "--json", "-"]) == 2
    out = capsys.readouterr()
    assert out.out == "" and "choose one from 0.5 to 0.999" in out.err


@pytest.mark.parametrize("days", [("--days=-4:7",), ("--days", "-4:7")])
def test_a_window_of_negative_days_is_understood(days, analyzed):
    relapse = analyzed("km_negative_days", *days, "--only", "time_to_event")["time_to_event"]["relapse"]
    assert [p["day"] for p in relapse["curve"] if p["at_risk"] in (9, 10)][:1] == [-5]
    assert {arm: n["n"] for arm, n in relapse["arms"].items()} == {"control": 10, "active": 9}


def test_a_file_in_which_nobody_has_two_days_is_refused_with_the_reason(capsys):
    file = str(CASES / "glmm_one_row_each_many_days.csv")
    assert main(["analyze", file, "--control", "control", "--active", "active", "--json", "-"]) == 2
    assert "nobody has two days" in capsys.readouterr().err


def test_where_hardly_anybody_has_two_days_missing_p_values_have_their_reason(capsys, tmp_path):
    """The same with one participant's second day: 40 rows of 39 people leave no degrees of freedom."""
    rows = (CASES / "glmm_one_row_each_many_days.csv").read_text().splitlines()
    second = rows[2].split(",")
    rows[4] = ",".join([*second[:2], "3", *second[3:]])
    file = tmp_path / "days.csv"
    file.write_text("\n".join(rows))
    options = ["--control", "control", "--active", "active", "--missing", "missing", "--only", "abstinence"]
    assert main(["analyze", str(file), *options, "--json", "-"]) == 0
    models = json.loads(capsys.readouterr().out)["abstinence"]["models"]
    for name in ("linear", "quadratic"):
        assert all(c["p"] is None and c["df"] <= 0 for c in models[name]["coefficients"])
        assert any("no degrees of freedom are left" in m for m in models[name]["messages"])
