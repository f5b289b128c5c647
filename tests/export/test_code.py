"""The code shown under a result gives the number on screen: Python and command are run, R where it is asked for."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess

import numpy as np
import pytest
from code_running import R, at, run_r, same
from every_choice import VALUES
from known_trials import sample_trial as sample

from ketadash import __main__ as cli
from ketadash.core.choices.subgroup_choices import SubgroupEndpoint
from ketadash.core.errors import KetadashError
from ketadash.core.spec import (
    AnalysisSpec,
    DropoutRule,
    Estimand,
    Estimator,
    MissingRule,
    ReadingOfTests,
    Scale,
    Trend,
    Uncertainty,
    Window,
)
from ketadash.export import code, code_data, code_r, code_sas
from ketadash.export.code_text import parts, r_string, sas_string
from ketadash.questions.registry import question
from ketadash.questions.shared import code_numbers
from ketadash.trial import load, resolve

PAGES = (
    "overview",
    "abstinence",
    "heavy_drinking",
    "relapse",
    "nnt",
    "missing_days",
    "dropout",
    "participants",
    "safety",
)
STATES = {
    "published": {},
    "left out, linear, RSPL": {
        "missing": MissingRule.MISSING,
        "trend": Trend.LINEAR,
        "estimator": Estimator.RSPL,
        "confidence": 0.9,
        "dropout": DropoutRule.COMPETING,
        "tau": 14,
    },
    "another window, unadjusted": {
        "missing": MissingRule.LOCF,
        "adjust": False,
        "estimand": Estimand.TYPICAL,
        "days": Window(3, 18),
        "heavy_men": 5.0,
        "heavy_women": 4.5,
        "etg": False,
        "dropout": DropoutRule.CENSORED,
    },
    "robust": {"uncertainty": Uncertainty.ROBUST},
    "robust, RSPL": {
        "uncertainty": Uncertainty.ROBUST,
        "estimator": Estimator.RSPL,
        "missing": MissingRule.MISSING,
        "trend": Trend.LINEAR,
    },
    "within strata, with more covariates": {"strata": ("sex",), "adjust_for": ("age", "employment")},
    "worst case": {"missing": MissingRule.WORST, "trend": Trend.LINEAR},
    "imputed": {
        "missing": MissingRule.IMOR,
        "imor_control": 0.5,
        "imor_active": float("inf"),
        "imputations": 3,
        "dropout": DropoutRule.IMPUTED,
        "trend": Trend.LINEAR,
    },
    "random slopes, scale fixed": {"estimator": Estimator.SLOPE, "scale": Scale.FIXED},
    "penalised, arms swapped": {
        "penalised": True,
        "control": "ketamine",
        "active": "midazolam",
        "quadrature_points": 31,
        "trend": Trend.LINEAR,
    },
}


CASES = [pytest.param(choices, page, id=f"{page}, {state}") for state, choices in STATES.items() for page in PAGES]

CASES += [
    pytest.param({"subgroup": "sex"}, "subgroups", id="subgroups, sex"),
    pytest.param(
        {"subgroup": "age", "subgroup_cut": 50.0, "dropout": DropoutRule.CENSORED, "confidence": 0.9},
        "subgroups",
        id="subgroups, age, censored",
    ),
    pytest.param(
        {"subgroup": "sex", "subgroup_endpoint": SubgroupEndpoint.PERCENT_DAYS}, "subgroups", id="subgroups, days"
    ),
]


def numbers(page, choices):
    spec, _ = resolve(sample(), AnalysisSpec(**choices))
    return spec, question(page).numbers(sample(), spec)


@pytest.mark.sweep(31)
@pytest.mark.parametrize(("choices", "page"), CASES)
def test_the_python_gives_the_number_on_screen(choices, page, monkeypatch, capsys):
    monkeypatch.setattr("ketadash.trial.load_sample", sample)  # read once
    spec, found = numbers(page, choices)
    assert found
    for number in found:
        if number.dropout is DropoutRule.IMPUTED and number.outcome != "relapse":
            continue  # the same code as for relapse
        names = {}
        exec(code.python(number, AnalysisSpec(**choices), None), names)
        expected = code_numbers.value(number, sample(), spec)
        same(names["answer"], expected)
        if "peer" in names:  # lifelines, statsmodels; a hazard ratio by another optimiser
            same(names["peer"], expected, 1e-5 if number.what == "cox" else 1e-9)
    assert capsys.readouterr().out


@pytest.mark.sweep(1)
@pytest.mark.parametrize("name", ["published", "left out, linear, RSPL", "penalised, arms swapped"])
def test_the_command_gives_the_number_on_screen(name, capsys, monkeypatch):
    """Every part is computed once by the command line's own parser and writer; sensitivity without its long parts."""
    monkeypatch.setattr("ketadash.analyse.tipping_points.tasks", lambda _: ())
    monkeypatch.setattr("ketadash.questions.specifications.document.curves", lambda *_: {})
    monkeypatch.setattr("ketadash.trial.load_sample", sample)
    chosen, written = AnalysisSpec(**STATES[name]), {}
    for page in PAGES:
        spec, found = numbers(page, STATES[name])
        for number in found:
            line = code.shell(number, chosen, None, sample().declared.published)
            line = line.removeprefix(f"{code.SLOW}\n")
            words = shlex.split(line)
            bar = words.index("|")
            assert words[:2] == ["ketadash", "analyze"] and words[bar + 1] == "jq" and len(words) == bar + 3
            command = tuple(words[1:bar])
            if command not in written:
                assert cli.main(command) == 0
                written[command] = json.loads(capsys.readouterr().out)
            same(at(written[command], words[-1]), code_numbers.value(number, sample(), spec))
            if shutil.which("jq") and number is found[0]:
                run = subprocess.run(
                    ["jq", words[-1]], input=json.dumps(written[command]), text=True, capture_output=True, check=True
                )
                same(
                    [json.loads(x) for x in run.stdout.split("\n") if x],
                    code_numbers.value(number, sample(), spec),
                    1e-9,
                )


def test_a_file_and_every_choice_go_into_the_code():
    """The constructor that is shown is the state itself, whatever field differs."""
    peculiar = {
        "control": "it's",
        "active": 'a "b" \\',
        "days": Window(-2, 30),
        "missing": MissingRule.IMOR,
        "imor_active": float("inf"),
        "heavy_men": 8.5,
        "dropout": DropoutRule.IMPUTED,
    }
    other = {name: value for name, value in VALUES.items() if name != "estimator"} | peculiar
    for chosen in (AnalysisSpec(**other), AnalysisSpec(estimator=Estimator.RSPL)):  # which contradicts penalised
        names = {}
        exec("\n".join([*code.imports(chosen), f"spec = {code.constructor(chosen)}"]), names)
        assert names["spec"] == chosen
    number = numbers("abstinence", {})[1][0]
    assert "load('my days.csv', recipe=from_file('recipe.toml'))" in code.python(
        number, AnalysisSpec(), "my days.csv", recipe=True
    )
    assert "--recipe recipe.toml" in code.shell(number, AnalysisSpec(), "my days.csv", AnalysisSpec(), recipe=True)
    assert "load('my days.csv')" in code.python(number, AnalysisSpec(), "my days.csv")
    assert "'my days.csv'" in code.shell(number, AnalysisSpec(), "my days.csv", AnalysisSpec())


def test_the_days_before_any_rule_are_the_trial():
    """Window, EtG, thresholds and the missing-day rule belong to the programs; the rows do not depend on them."""
    spec, _ = resolve(sample(), AnalysisSpec())
    table = code_data.long_table(sample(), spec)
    assert tuple(table.columns) == code_data.COLUMNS
    other, _ = resolve(sample(), AnalysisSpec(etg=False, missing=MissingRule.BEST, heavy_men=1.0, days=Window(2, 9)))
    assert table.equals(code_data.long_table(sample(), other))
    known = sample().days.dropna(subset=["drinks"])
    assert table["amount"].notna().sum() == len(known) and table["amount"].sum() == known["drinks"].sum()
    assert len(table) == 40 * table["day"].nunique() and not table.duplicated(["participant_id", "day"]).any()
    assert table.loc[table["etg_overrides"] == 1, "amount"].eq(0).all() and table["etg_overrides"].sum() > 0


@pytest.mark.parametrize("name", STATES)
def test_every_number_has_r_and_sas_or_a_reason(name):
    spec = resolve(sample(), AnalysisSpec(**STATES[name]))[0]
    state = code_data.state_of(sample(), spec)
    for page in PAGES:
        for number in question(page).numbers(sample(), spec):
            for language, comment in ((code_r, "#"), (code_sas, "/*")):
                text, reason = language.program(number, state), language.why_not(number, state)
                assert bool(text) != bool(reason), number.label
                if text:
                    assert "<<" not in text and text.startswith(comment)
                    assert f"{state.first}" in text and max(map(len, text.splitlines())) <= 132
                    assert text.count("(") == text.count(")") or language is code_sas


def test_the_choices_stand_in_the_r_and_the_sas():
    def both(page, what, **choices):
        spec, found = numbers(page, choices)
        number = next(n for n in found if n.what == what)
        state = code_data.state_of(sample(), spec)
        return code_r.program(number, state), code_sas.program(number, state)

    r, sas = both("abstinence", "coefficient")
    assert "y[d$missing] <- 0" in r and "if missing then y = 0" in sas
    assert "day^2" in r and "day*day" in sas and "baseline" in r and "active baseline" in sas
    assert "nAGQ" in r and "method=quad" in sas and "alpha=0.05" in sas and "NOT RUN BY US" in sas
    r, sas = both(
        "abstinence",
        "coefficient",
        trend=Trend.LINEAR,
        adjust=False,
        estimator=Estimator.RSPL,
        missing=MissingRule.MISSING,
        confidence=0.9,
        etg=False,
        days=Window(2, 20),
    )
    assert "day^2" not in r and "day*day active" not in sas and "people$baseline" not in r
    assert "glmer" not in r and "method=rspl" in sas and "type=ar(1)" not in sas and "alpha=0.1" in sas
    assert "y[d$missing] <- NA" in r and "y = .;" in sas and "etg_overrides == 1" not in r
    assert "first <- 2; last <- 20" in r and "2 <= day <= 20" in sas and "etg_overrides = 1" not in sas
    r, sas = both("heavy_drinking", "coefficient", heavy_men=5.0, heavy_women=2.5)
    assert '"F", 2.5, 5)' in r and "corAR1" in r and "type=ar(1) residual" in sas and "limit = 2.5" in sas
    r, sas = both("abstinence", "coefficient", uncertainty=Uncertainty.ROBUST)
    assert "sandwich(parts, V)" in r and "Welch's for the arms' sizes" in r
    assert "empirical=mbn" in sas and "ddf=34,34,34,34,34" in sas and "ddfm" not in sas
    r, sas = both("heavy_drinking", "difference", uncertainty=Uncertainty.ROBUST)
    assert "sandwich(parts, C)" in r and "empirical=firores" in sas and 'quantile("t", 1 - 0.05 / 2, 34)' in sas
    r, sas = both("relapse", "logrank", dropout=DropoutRule.COMPETING)
    assert "cmprsk" in r and "eventcode=1" in sas and "status = 2" in sas
    r, sas = both("relapse", "logrank", strata=("sex",))
    assert "arm + strata(people$stratum)" in r and "strata stratum / group=active test=logrank" in sas
    assert "baseline_heavy stratum x1;" in sas and "active, stratum,\n" in sas
    r, sas = both("relapse", "cox", strata=("sex",))
    assert "arm + strata(people$stratum)" in r and "  strata stratum;\nrun" in sas
    r, sas = both("relapse", "logrank", strata=("sex",), dropout=DropoutRule.COMPETING)
    assert "cuminc(time, status, arm, people$stratum)" in r and "eventcode=1; strata stratum / group=active" in sas
    r, sas = both("abstinence", "difference", strata=("sex",), adjust_for=("age",), estimand=Estimand.TYPICAL)
    assert '"baseline", "x1", "x2"' in r and "# x1: sex: M" in r and "day*active baseline x1 x2 /" in sas
    assert "{baseline x1 x2} into x" in sas and "|| x;" in sas
    r, sas = both("nnt", "count")
    assert "riskdiff(column=2 cl=newcombe)" in sas and "Newcombe 1998" in r


def test_no_arm_can_end_a_string():
    """An arm's name is data: it must not become code."""
    hostile = 'x"; system("ls"); y <- "\\'
    assert r_string(hostile) == '"x\\"; system(\\"ls\\"); y <- \\"\\\\"'
    assert sas_string("it's %let a=1; &b") == "'it''s %let a=1; &b'"
    rows = ["participant_id,arm,day,drinks"]
    for i in range(4):
        for arm in ('a\n"b', "*/ 'c' <<first>>"):
            rows += ['{}{},"{}",{},{}'.format(arm[0], i, arm.replace('"', '""'), d, (i + d) % 3) for d in range(1, 6)]
    trial = load("\n".join(rows).encode(), name="x.csv")
    try:
        spec, _ = resolve(trial, AnalysisSpec(control="*/ 'c' <<first>>", active='a\n"b'))
    except KetadashError as error:  # pragma: no cover
        pytest.fail(str(error))
    state = code_data.state_of(trial, spec, fitted=False)
    for number in question("relapse").numbers(trial, spec):
        r, sas = code_r.program(number, state), code_sas.program(number, state) or code_sas.why_not(number, state)
        head = r.split("first <- ")[0]
        assert head.count("\n") == 3  # the newline in the name did not make a line of its own
        assert sas.count("/*") == sas.count("*/")


def test_every_part_of_the_programs_is_used_and_marked():
    for file in ("analysis.R", "analysis.sas", "people.R", "people.sas"):
        assert len(parts(file)) > 15 and all(text.strip() for text in parts(file).values())


# --- R itself: `KETADASH_R=1 pytest tests/export/test_code.py`, some minutes -----------------------------------------

# How far R may be from ours: lme4's optimiser and its fixed nodes; nlme's inner optimiser; otherwise rounding.
TOLERANCE = {"daily": 2e-4, "heavy": 1e-5, "other": 1e-8}


@R
@pytest.mark.parametrize(("choices", "page"), [c for c in CASES if "imputed" not in c.id])
def test_r_gives_the_number_on_screen(choices, page, tmp_path):
    spec, found = numbers(page, choices)
    state = code_data.state_of(sample(), spec)
    (tmp_path / code_data.FILE).write_bytes(code_data.csv(sample(), spec))
    for number in found:
        text = code_r.program(number, state)
        if text is None or page == "overview" or (page == "missing_days" and not number.what.startswith("strip")):
            continue
        daily = number.what in code_r.MODELS
        tolerance = TOLERANCE["heavy" if number.outcome == "heavy" else "daily" if daily else "other"]
        # a p-value of 1e-13 moves by more than its estimate: compared on its own absolute scale
        for a, b in zip(run_r(tmp_path, text), code_numbers.value(number, sample(), spec), strict=True):
            assert (a is None) == (b is None), number.label
            assert a is None or a == pytest.approx(b, rel=tolerance, abs=tolerance), number.label


RULES = ("use:3in7", "heavy:2in5+first-use", "weeks:2", "weeks:3+use:7in7")


@R
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "missing", [MissingRule.NONABSTINENT, MissingRule.LOCF, MissingRule.WORST, MissingRule.MISSING]
)
@pytest.mark.parametrize("dropout", [DropoutRule.EVENT, DropoutRule.CENSORED, DropoutRule.COMPETING])
def test_r_finds_relapse_by_every_kind_of_rule(rule, missing, dropout, tmp_path):
    """The log-rank test and the hazard ratio, which rest on every day of relapse and of censoring."""
    tested = list(ReadingOfTests)[RULES.index(rule) % 3]
    chosen = {"relapse": rule, "relapse_from": 2 if rule == "use:3in7" else None, "tested": tested}
    spec, found = numbers("relapse", {**chosen, "missing": missing, "dropout": dropout})
    state = code_data.state_of(sample(), spec, fitted=False)
    (tmp_path / code_data.FILE).write_bytes(code_data.csv(sample(), spec))
    for number in found:
        if number.outcome == "relapse" and number.what in ("cox", *([] if dropout.about.competes else ["logrank"])):
            r, ours = run_r(tmp_path, code_r.program(number, state)), code_numbers.value(number, sample(), spec)
            assert r == pytest.approx(list(ours), rel=1e-8, abs=1e-8), number.label


def test_every_kind_of_rule_is_in_r_and_sas():
    for rule in RULES:
        spec, found = numbers("relapse", {"relapse": rule, "relapse_from": 2 if rule == "use:3in7" else None})
        state = code_data.state_of(sample(), spec, fitted=False)
        number = next(n for n in found if n.outcome == "relapse" and n.what == "logrank")
        r, sas = code_r.program(number, state), code_sas.program(number, state)
        assert "<<" not in r + sas and r.count("{") == r.count("}")
        assert ("weeks_of_use <- function" in r) is ("weeks" in rule) is ("create table weeks" in sas)
        assert ("days_in <- function" in r) is ("in" in rule)
        assert ("day >= 2" in r) is ("day >= 2" in sas) is (rule == "use:3in7")


@R
@pytest.mark.parametrize("rule", [MissingRule.IMOR, MissingRule.JUMP_TO_REFERENCE, MissingRule.COPY_REFERENCE])
def test_r_imputes_as_we_do(rule, tmp_path):
    """Two sets of random numbers: the shares agree within five Monte Carlo errors of 200 imputations each."""
    spec, found = numbers("abstinence", {"missing": rule, "imputations": 200, "trend": Trend.LINEAR})
    state = code_data.state_of(sample(), spec)
    (tmp_path / code_data.FILE).write_bytes(code_data.csv(sample(), spec))
    share = next(n for n in found if n.what == "share" and n.arm == 0)
    (r,), (ours,) = run_r(tmp_path, code_r.program(share, state)), code_numbers.value(share, sample(), spec)
    assert abs(r - ours) < 5 * np.sqrt(2 / 200) * 0.02  # an imputed arm's share has an SD of some 0.02 between draws
    assert r != ours
