"""Writes docs/methods/oracle.json: R's answers that the app sets beside its own, with the data they are of.

Run from the repository root: python tests/oracle/make_shipped.py.  A test fails when it is out of date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "docs" / "methods" / "oracle.json"
MIXED = "40 made-up participants, 21 days each"


def _read(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def _days(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / "datasets" / f"{name}.csv")


def _participants(name: str) -> list[list[Any]]:
    """One row a participant: arm, baseline, the days' outcomes as a string of 0 and 1."""
    rows = []
    for _, own in _days(name).groupby("id"):
        assert own["day"].tolist() == list(range(1, len(own) + 1)), "every day is there"
        rows.append([int(own["arm"].iloc[0]), float(own["base"].iloc[0]), "".join(map(str, own["y"]))])
    return rows


def _columns(name: str, *columns: str) -> dict[str, list[Any]]:
    return {c: _days(name)[c].tolist() for c in columns}


def _entry(against: str, script: str, said: str, data: Any, answers: list[list[Any]]) -> dict[str, Any]:
    """`answers` are label, R's value, and how far ours may be from it."""
    return {"against": against, "script": f"tests/oracle/{script}", "said": said, "data": data, "answers": answers}


def _mixed() -> dict[str, Any]:
    glmm, rspl = _read("glmm"), _read("rspl")["fits"][0]["nlme"]
    fit = glmm["fits"][0]["glmer"]
    near, average = glmm["penalised"][0], glmm["population_averaged"]
    trial, last = _participants("trial40"), average["day"][-1]
    (curve,) = (c for c in _read("standardised")["curves"] if (c["dataset"], c["model"]) == ("trial40", "quadratic"))
    error = curve["rows"][-1]["difference"]["model"]
    clustered = _read("robust")["likelihood"][0]
    errors = {kind: table[3][3] ** 0.5 for kind, table in clustered["robust"].items()}
    return {
        "uncertainty": _entry(
            "R 4.2.2, integrate() and numDeriv, the sandwich written out",
            "robust.R",
            MIXED,
            trial,
            [
                ["standard error of day × arm, from the model", clustered["covariance"][3][3] ** 0.5, 1e-5],
                ["clustered, no correction", errors["CR0"], 1e-5],
                ["clustered, Mancl–DeRouen", errors["Mancl-DeRouen"], 1e-5],
            ],
        ),
        "logistic-mixed-model": _entry(
            f"R 4.2.2, lme4 1.1-31, glmer with nAGQ = {fit['n_quad']}",
            "glmm.R",
            MIXED,
            trial,
            [
                ["day × arm", fit["estimates"]["day:arm"], 1e-5],
                ["its standard error", fit["se_hessian"]["day:arm"], 1e-5],
                ["σ", fit["sigma"], 5e-5],
                ["−2 log L", fit["minus2ll"], 1e-3],
            ],
        ),
        "rspl": _entry(
            "R 4.2.2, nlme 3.1-162, a loop round lme with corAR1",
            "rspl.R",
            MIXED,
            trial,
            [
                ["day × arm", rspl["estimates"]["day:arm"], 1e-6],
                ["its standard error", rspl["se"]["day:arm"], 1e-6],
                ["σ", rspl["sigma_b"], 1e-5],
                ["ρ", rspl["rho"], 1e-5],
                ["φ", rspl["phi"], 1e-6],
            ],
        ),
        "separation": _entry(
            "R 4.2.2, direct maximisation with nlminb",
            "glmm.R",
            "30 made-up participants, 21 days, 3 lapses in one arm",
            _participants("near_separated"),
            [
                ["day × arm, penalised", near["estimates"]["day:arm"], 1e-6],
                ["−2 log L, penalised", near["minus2ll"], 1e-4],
            ],
        ),
        "population-average": _entry(
            "R 4.2.2, stats::integrate and numerical gradients",
            "glmm.R",
            f"{MIXED}; quadratic, day {last}",
            trial,
            [
                ["active arm", average["active"][-1], 1e-6],
                ["control arm", average["control"][-1], 1e-6],
                ["difference", average["difference"][-1], 1e-6],
                ["its standard error, other people too", error, 1e-5],
            ],
        ),
    }


def _survival() -> dict[str, Any]:
    sets, said = _read("survival")["sets"]["forty_by_21"], "40 made-up participants, up to 21 days"
    data = _columns("surv_forty_by_21", "time", "event", "active")
    control, active = sets["arms"]["control"][0], sets["arms"]["active"][0]
    r = "R 4.2.2, survival 3.5-3, "
    competing = _read("competing")["sets"]["forty_by_21"]
    end = competing["arms"]["control"]["at"][-1]
    return {
        "kaplan-meier": _entry(
            r + 'survfit(conf.type = "log-log")',
            "survival.R",
            said,
            data,
            [
                ["without the event at the end, control arm", control["survival"][-1], 1e-12],
                ["lower limit", control["ci_low"][-1], 1e-12],
                ["upper limit", control["ci_high"][-1], 1e-12],
                ["median day, control arm", control["median"], 0.0],
            ],
        ),
        "log-rank": _entry(
            r + "survdiff",
            "survival.R",
            said,
            data,
            [["χ²", sets["logrank"]["chi2"], 1e-10], ["p", sets["logrank"]["p"], 1e-12]],
        ),
        "cox": _entry(
            r + 'coxph(ties = "efron")',
            "survival.R",
            said,
            data,
            [
                ["log hazard ratio", sets["cox"]["log_hr"], 1e-9],
                ["its standard error", sets["cox"]["se"], 1e-9],
                ["p", sets["cox"]["p"], 1e-9],
            ],
        ),
        "rmst": _entry(
            r + "survfit and summary(rmean = 21)",
            "survival.R",
            said,
            data,
            [
                ["mean days free, control arm", control["rmst"][0]["estimate"], 1e-10],
                ["its standard error", control["rmst"][0]["se"], 1e-10],
                ["mean days free, active arm", active["rmst"][0]["estimate"], 1e-10],
            ],
        ),
        "competing-risks": _entry(
            "R 4.2.2, cmprsk 2.2-11 and survival 3.5-3",
            "competing.R",
            said,
            _columns("comp_forty_by_21", "time", "cause", "active"),
            [
                ["Gray's χ²", competing["gray"]["chi2"], 1e-10],
                ["p", competing["gray"]["p"], 1e-10],
                ["relapsed by the end, control arm", end["incidence"], 1e-12],
                ["its standard error", end["se"], 1e-12],
            ],
        ),
    }


def _others() -> dict[str, Any]:
    e, imputation, safety = _read("effects")["rows"][0], _read("imputation"), _read("safety")
    pooled, both, exact = imputation["pooling"][30], imputation["proportions"][0], safety["exact"][0]
    ranks, age, measure = safety["ranks"][0], _read("table1")["numbers"][0], _read("measures")["fits"][0]
    people = _days("table1_people").drop_duplicates("participant_id")
    table = [e["e1"], e["n1"], e["e0"], e["n0"]]
    limits = [["lower limit of the difference", e["newcombe"][0], 1e-12], ["upper limit", e["newcombe"][1], 1e-12]]
    said = f"{table[0]} of {table[1]} against {table[2]} of {table[3]} (Newcombe's own example)"
    r = "R 4.2.2, prop.test(correct = FALSE) combined by Newcombe's formula"
    newcombe = [["Fisher's exact p", e["fisher_p"], 1e-12]]
    identity = {"id": "id", "week": "week", "arm": "arm", "base": "base_identity", "y": "y_identity"}
    return {
        "nnt": _entry(
            f"{r}; fisher.test",
            "effects.R",
            said,
            table,
            [*limits, ["odds ratio", e["odds_ratio"][0], 1e-9], *newcombe],
        ),
        "tipping": _entry(
            f"{r}; fisher.test", "effects.R", f"one cell of a strip: {said}", table, [*limits, *newcombe]
        ),
        "adverse-events": _entry(r, "effects.R", said, table, limits),
        "imputation": _entry(
            "R 4.2.2, mice 3.15.0, pool.scalar; pooled Newcombe by hand",
            "imputation.R",
            f"{pooled['m']} and {len(both['events1'])} imputations, {both['n1']} against {both['n0']} people",
            {
                "pool": {k: pooled[k] for k in ("estimates", "variances", "dfcom")},
                "shares": {k: both[k] for k in ("events1", "n1", "events0", "n0", "level")},
            },
            [
                ["pooled estimate", pooled["qbar"], 1e-12],
                ["total variance", pooled["t"], 1e-12],
                ["degrees of freedom", pooled["df"], 1e-8],
                ["difference of pooled shares", both["difference"], 1e-12],
                ["lower limit", both["low"], 1e-12],
                ["upper limit", both["high"], 1e-12],
            ],
        ),
        "cadss": _entry(
            "R 4.2.2, kruskal.test",
            "safety.R",
            f"{len(ranks['x'])} and {len(ranks['y'])} made-up scores",
            {"x": ranks["x"], "y": ranks["y"]},
            [["χ²", ranks["chi2"], 1e-10], ["p", ranks["p"], 1e-12]],
        ),
        "follow-up": _entry(
            "R 4.2.2, binom.test",
            "safety.R",
            f"{exact['events']} of {exact['n']}",
            [exact["events"], exact["n"]],
            [["lower limit", exact["ci"][0], 1e-12], ["upper limit", exact["ci"][1], 1e-12]],
        ),
        "table-1": _entry(
            "R 4.2.2, mean and sd",
            "table1.R",
            f"age of {age['total']['n']} made-up people",
            {
                "x": [None if pd.isna(v) else float(v) for v in people["age"]],
                "active": [a == "drug" for a in people["arm"]],
            },
            [["standardised difference", age["difference"], 1e-12]],
        ),
        "visit-measures": _entry(
            "R 4.2.2, nlme 3.1-162, lme with corAR1, REML",
            "measures.R",
            f"{measure['n_people']} made-up people, 4 weeks",
            {k: _days("measures")[c].tolist() for k, c in identity.items()},
            [
                ["week × arm", measure["nlme"]["beta"][3], 1e-5],
                ["its standard error", measure["nlme"]["se"][3], 1e-5],
                ["ρ", measure["nlme"]["rho"], 1e-5],
                ["φ", measure["nlme"]["phi"], 1e-3],
            ],
        ),
    }


def shipped() -> dict[str, Any]:
    """Everything, by the name of the method's page."""
    return {**_mixed(), **_survival(), **_others()}


def text() -> str:
    """The file: a method a line."""
    rows = [
        f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False, separators=(',', ':'))}" for k, v in shipped().items()
    ]
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    SHIPPED.write_text(text(), encoding="utf-8")
