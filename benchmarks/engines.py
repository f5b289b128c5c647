"""Median time of one fit by each engine, beside lme4 and nlme where R is there.

    python benchmarks/engines.py            prints a table, writes benchmarks/results/engines.json

Times are of the fit alone: reading, layout and everything drawn from it come on top.  One thread each.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: R's side has one thread too

import csv
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from ketadash.analyse.binary import abstinence_fit, heavy_fit
from ketadash.analyse.design import Rows, matrix, terms
from ketadash.analyse.provenance import versions
from ketadash.spec import AnalysisSpec, Trend, Window
from ketadash.stats import glmm, pql
from ketadash.trial import load, load_sample, resolve

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[1] / "shared" / "data" / "ctn0051_days.csv.gz"
REAL_SPEC = AnalysisSpec(amount="opioid", baseline="baseline_opioid_days", control="BUP-NX", active="XR-NTX")


def _median(run: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """Median and fastest of `repeats` runs in seconds, after one that does not count, and the last result."""
    fit, seconds = run(), []
    for _ in range(repeats):
        start = time.perf_counter()
        fit = run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), min(seconds), fit


def _quadrature(name: str, r: Rows, repeats: int) -> dict[str, Any]:
    X = matrix(terms(Trend.QUADRATIC, r.covariate_name), r.day, r.active, r.covariate)
    median, fastest, f = _median(lambda: glmm.fit(r.ys[0], X, r.group), repeats)
    return _row(name, "quadrature, quadratic", r, median, fastest, nodes=f.n_quad, sigma=f.sigma, minus2ll=f.minus2ll)


def _rspl(name: str, what: str, r: Rows, repeats: int) -> dict[str, Any]:
    X = matrix(terms(Trend.LINEAR, r.covariate_name), r.day, r.active, r.covariate)
    median, fastest, f = _median(lambda: pql.fit(r.ys[0], X, r.group, r.day), repeats)
    return _row(name, f"RSPL with AR(1), {what}", r, median, fastest, rho=f.rho, phi=f.scale, ok=f.convergence.ok)


def _row(name: str, engine: str, r: Rows, median: float, fastest: float, **more: Any) -> dict[str, Any]:
    size = {"participants": r.n_participants, "rows": r.n_rows}
    return {"data": name, "engine": engine, **size, "median_s": median, "fastest_s": fastest, **more}


def _beside_r(abstinence: Rows, heavy: Rows, repeats: int) -> dict[str, Any] | None:
    """engines.R on the same rows, in the same run; None where R or a package is missing."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for name, r in (("abstinence", abstinence), ("heavy", heavy)):
            with (Path(folder) / f"{name}.csv").open("w", newline="") as file:
                out = csv.writer(file)
                out.writerow(["y", "id", "day", "arm", "covariate"])
                assert r.covariate is not None
                out.writerows(zip(r.ys[0], r.group, r.day, r.active, r.covariate, strict=True))
        run = subprocess.run([rscript, HERE / "engines.R", folder, str(repeats)], capture_output=True, text=True)
    if run.returncode:
        print(f"R could not run: {run.stderr.strip()}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def main() -> None:
    """Time everything, print it, write it."""
    sample = load_sample()
    spec, _ = resolve(sample, AnalysisSpec())
    heavy, small = heavy_fit(sample, spec), abstinence_fit(sample, spec).rows
    assert heavy is not None and heavy.rows is not None and small is not None
    rows = [_quadrature("sample, 40 × 21", small, 21), _rspl("sample, 40 × 21", "heavy days", heavy.rows, 21)]
    r = _beside_r(small, heavy.rows, 5)
    if REAL.exists():
        real = load(REAL)
        for last, repeats in ((28, 5), (168, 3)):
            spec, _ = resolve(real, REAL_SPEC.replace(days=Window(1, last)))
            large = abstinence_fit(real, spec).rows
            assert large is not None
            name = f"real, 570 people, days 1–{last}"
            rows += [_quadrature(name, large, repeats), _rspl(name, "abstinence", large, repeats)]
    _report(rows, r)
    _write(rows, r)


def _report(rows: list[dict[str, Any]], r: dict[str, Any] | None) -> None:
    for row in rows:
        extra = f"{row['nodes']} nodes, −2LL {row['minus2ll']:.3f}" if "nodes" in row else f"ρ {row['rho']:.4f}"
        print(f"{row['data']:28} {row['engine']:30} {1000 * row['median_s']:9.1f} ms   {extra}")
    if r is None:
        print("R: not here, or without lme4 and nlme")
        return
    for engine, ours, found in (
        ("lme4::glmer, nAGQ = 25", rows[0], r["glmer"]),
        ("nlme::lme loop", rows[1], r["nlme"]),
    ):
        if "error" in found:
            print(f"{engine}: {found['error']}")
            continue
        median = statistics.median(found["seconds"])
        extra = f"−2LL {found['minus2ll']:.3f}" if "minus2ll" in found else f"ρ {found['rho']:.4f}"
        print(
            f"{ours['data']:28} {engine:30} {1000 * median:9.1f} ms   {extra}   {median / ours['median_s']:.0f} × ours"
        )
        found.update(median_s=median, times_ours=median / ours["median_s"])


def _write(rows: list[dict[str, Any]], r: dict[str, Any] | None) -> None:
    document = {"date": date.today().isoformat(), "machine": here(), "versions": dict(versions()), "fits": rows, "R": r}
    target = HERE / "results" / "engines.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def here() -> dict[str, Any]:
    """The machine, and how busy it is."""
    load = round(os.getloadavg()[0], 2)
    return {"cpu": _cpu(), "cores": os.cpu_count(), "system": platform.system(), "load_1min": load}


def _cpu() -> str:
    """The processor's name: Linux says it in /proc/cpuinfo, others to platform."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.processor()


if __name__ == "__main__":
    main()
