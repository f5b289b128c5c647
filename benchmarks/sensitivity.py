"""What the sensitivity pages cost: a dial move, the exact strip, the tipping map, the specification curve.

    python benchmarks/sensitivity.py        prints a table, writes benchmarks/results/sensitivity.json

The dial and the strip are timed in this process, one thread, each state new; the map and the curve in worker processes
(`ketadash.analyse.batch`), whose start-up, a few seconds once for a server, is timed on its own.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from engines import here

from ketadash import analyse
from ketadash.analyse import batch
from ketadash.analyse.provenance import versions
from ketadash.analyse.specification_tasks import rows_of
from ketadash.analyse.specifications import PROBLEMS
from ketadash.analyse.tipping_map import cells
from ketadash.core.spec import AnalysisSpec, MissingRule, Window
from ketadash.trial import Trial, load, load_sample, resolve

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[1] / "shared" / "data" / "ctn0051_days.csv.gz"
REAL_SPEC = AnalysisSpec(
    amount="opioid", baseline="baseline_opioid_days", control="BUP-NX", active="XR-NTX", days=Window(1, 28)
)
STOPS = (0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)


def _seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _dial(trial: Trial, spec: AnalysisSpec, stops: tuple[float, ...]) -> list[float]:
    """Seconds of each move to a stop never seen: impute, refit, pool; curve, difference and NNT."""

    def move(imor: float) -> None:
        at = spec.replace(missing=MissingRule.IMOR, imor_control=imor)
        analyse.abstinence_result(trial, at)
        analyse.nnt_result(trial, at)

    move(0.9)  # the draws behind all of them are made once
    return [_seconds(lambda s=stop: move(s)) for stop in stops]  # type: ignore[misc]


def _row(what: str, data: str, seconds: list[float], **more: Any) -> dict[str, Any]:
    return {
        "what": what,
        "data": data,
        "median_s": statistics.median(seconds),
        "slowest_s": max(seconds),
        "n": len(seconds),
        **more,
    }


def main() -> None:
    """Time everything, print it, write it."""
    sample = load_sample()
    spec, _ = resolve(sample, AnalysisSpec())
    rows = [_row("dial move, 20 imputations", "sample, 40 × 21", _dial(sample, spec, STOPS))]
    strips = [_seconds(lambda: analyse.strips(replace(sample), spec)) for _ in range(9)]
    rows.append(_row("exact strips, three endpoints", "sample, 40 × 21", strips))
    rows.append(_row("worker processes started", "–", [_seconds(lambda: list(batch.run(abs, list(range(8)))))]))
    rows += _long(sample, spec, "sample, 40 × 21")
    both = _thinned(sample)
    rows.append(_row("11 × 11 map", "both arms missing", *_map(both, spec)))
    if REAL.exists():
        real = load(REAL)
        large, _ = resolve(real, REAL_SPEC)
        name = "real, 570 × 28"
        rows.append(_row("dial move, 20 imputations", name, _dial(real, large, STOPS[4:8])))
        rows.append(_row("exact strips, two endpoints", name, [_seconds(lambda: analyse.strips(real, large))]))
        rows.append(_row("11 × 11 map", name, *_map(real, large)))
    for row in rows:
        print(
            f"{row['data']:18} {row['what']:34} {1000 * row['median_s']:10.1f} ms   slowest "
            f"{1000 * row['slowest_s']:10.1f} ms   {row.get('size', '')}"
        )
    document = {
        "date": date.today().isoformat(),
        "machine": here(),
        "workers": batch.workers(),
        "versions": dict(versions()),
        "rows": rows,
    }
    target = HERE / "results" / "sensitivity.json"
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _thinned(trial: Trial) -> Trial:
    """The sample with the last days of every third participant of either arm taken away."""
    days = trial.days.copy()
    gone = days["participant_id"].isin(list(trial.participants["participant_id"])[::3]) & (days["day"] > 14)
    days.loc[gone, str(trial.declared.amount)] = float("nan")
    return replace(trial, days=days)


def _long(trial: Trial, spec: AnalysisSpec, name: str) -> list[dict[str, Any]]:
    rows = [_row("tipping map", name, *_map(trial, spec))]
    problem = PROBLEMS["abstinence"](trial, spec)
    assert problem is not None
    seconds = _seconds(lambda: list(batch.run(rows_of, problem.tasks)))
    rows.append(_row("specification curve, abstinence", name, [seconds], size=f"{len(problem.combinations)} rows"))
    return rows


def _map(trial: Trial, spec: AnalysisSpec) -> tuple[list[float]]:
    problem = analyse.tipping_problem(trial, spec)
    return ([_seconds(lambda: list(batch.run(problem.cell, cells(problem))))],)


if __name__ == "__main__":
    main()
