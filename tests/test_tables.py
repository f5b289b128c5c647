"""Tables hold the results' own numbers, rounded for reading and in full for downloads."""

from dataclasses import replace

from ketadash.analyse import abstinence_models, abstinence_result, heavy_result, nnt_result, sensitivity, time_to_event
from ketadash.core.view import PValues
from ketadash.questions.nnt import tables as nnt_tables
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.relapse import tables as relapse_tables
from ketadash.questions.shared import tables
from ketadash.questions.shared.tables import guarded
from ketadash.results import Estimate


def test_by_day_has_every_arm_and_day_observed_and_modelled(published):
    result = abstinence_result(*published)
    frame = tables.by_day(result)
    assert list(zip(frame["Arm"], frame["Day"], strict=True)) == [(o.arm, o.day) for o in result.observed]
    last = frame.iloc[-1]
    point = next(c for c in result.modelled if c.arm == last["Arm"] and c.day == last["Day"])
    assert last["Modelled"] == f"{100 * point.probability:.1f}%"
    bare = tables.by_day(replace(result, modelled=()))
    assert set(bare["Modelled"]) == {"–"} and len(bare) == len(frame)


def test_fit_statistics_leave_out_what_no_model_has(published):
    both = tables.fit_statistics(abstinence_models(*published))
    assert list(both.columns) == list(overview_tables.CHOICE_LABELS.values())
    assert both.loc["−2 log likelihood", "linear, RSPL"] == "–"  # a pseudo-likelihood has none
    assert both.loc["−2 log likelihood", "linear, ML"] != "–"
    heavy = tables.fit_statistics({"heavy": heavy_result(*published).model})
    assert "−2 log likelihood" not in heavy.index and "AR(1) correlation ρ" in heavy.index


def test_coefficients_and_tests_are_the_fits_own(published):
    result = abstinence_result(*published)
    frame = tables.coefficients(result.model, result.confidence)
    assert frame["Estimate"].tolist() == [f"{c.estimate:.4f}".replace("-", "−") for c in result.model.coefficients]
    assert set(frame["DF"]) == {str(result.model.df)}
    effects = tables.type_iii({k: m for k, m in abstinence_models(*published).items() if k.startswith("quadratic")})
    assert {
        "Effect",
        "Num DF",
        "Den DF",
        *(f"{fit}: {what}" for fit in ("ML", "RSPL", "ML, random slopes") for what in "Fp"),
    } == set(effects.columns)


def test_nnt_has_a_definition_a_column(published):
    result = nnt_result(*published)
    frame = nnt_tables.table(result).set_index("")
    assert [c.lower() for c in frame.columns] == [
        n.definition.lower() for n in (result.observed, result.observed_last_day, result.modelled)
    ]
    events = {r.arm: f"({r.events}/{r.n})" for r in result.observed.counts}
    assert all(frame.loc[arm].iloc[0].endswith(said) for arm, said in events.items())
    assert frame.loc["NNT with interval"].tolist()[0] == result.observed.text
    unknown = replace(
        result.modelled, risk_active=None, risk_control=None, risk_difference=None, ci_low=None, ci_high=None, nnt=None
    )
    column = nnt_tables.table(replace(result, modelled=unknown)).iloc[:, -1].tolist()
    assert column[:5] == ["–", "–", "–", "not estimable", "–"]


def test_sensitivity_has_a_row_a_specification_and_marks_the_published_one(published):
    result = sensitivity(*published)
    frame = overview_tables.specifications(result)
    assert list(frame.columns[:4]) == list(overview_tables.CHOICES)
    assert len(frame) == len(result.rows) == 16
    assert [c.startswith("◆ ") for c in frame["Missing days"]] == [r.published for r in result.rows]
    assert frame["Days used (filled in)"].tolist() == [f"{r.n_rows} ({r.n_imputed})" for r in result.rows]
    lost = replace(result.rows[0], difference=Estimate(None, None, None), interaction=Estimate(None, None, None))
    near = replace(result.rows[0], interaction=Estimate(1.0056, 1.0011, 1.0101, p=0.014))
    assert "1.006 (1.001–1.010)" in overview_tables.specifications(replace(result, rows=(near,))).iloc[0].tolist()
    row = guarded(overview_tables.specifications(replace(result, rows=(lost,))), PValues.SHOWN).iloc[0].tolist()
    assert row[4:8] == ["–"] * 4
    full = overview_tables.specifications_full(result)
    assert full["difference_estimate"].tolist() == [r.difference.estimate for r in result.rows]


def test_survival_tables_say_what_was_not_reached(published):
    every = time_to_event(*published)
    result = every["relapse"]
    frame = relapse_tables.summary(result)
    assert frame["Events"].tolist() == [str(a.events) for a in result.arms]
    never = replace(result.arms[0], median=None, median_ci=(None, None))
    assert relapse_tables.summary(replace(result, arms=(never, result.arms[1]))).iloc[0, 4] == "not reached"
    monotone = replace(result, cox=replace(result.cox, hr=None, ci_low=None, ci_high=None, p=None))
    row = guarded(relapse_tables.tests(monotone), PValues.SHOWN).iloc[1]
    assert (row["Estimate"], row["95% CI"], row["p"]) == ("–", "not estimable", "–")
    assert relapse_tables.endpoints(every | {"relapse": None})["Endpoint"].tolist() == ["first use", "first heavy day"]
    assert tables.full(result.curve)["survival"].tolist() == [p.survival for p in result.curve]
