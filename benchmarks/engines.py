"""Median time and peak memory of one fit by each engine, beside R's and Python's packages in the same run.

    python benchmarks/engines.py            prints tables, writes benchmarks/results/engines.json

Times are of the fit alone: reading, layout and everything drawn from it come on top.  One thread each.  Every fit is
timed in a process of its own, whose peak memory is what the operating system says it was.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: R's side has one thread too

import csv
import json
import platform
import resource
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

import numpy as np
import peers
import roofline

from ketadash.analyse.binary import abstinence_fit, heavy_fit, panel_of
from ketadash.analyse.design import Rows, matrix, terms
from ketadash.analyse.outcomes import time_to
from ketadash.analyse.provenance import versions
from ketadash.core.spec import AnalysisSpec, Trend, Window
from ketadash.stats import glmm, pql
from ketadash.trial import load, load_sample, resolve

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[1] / "shared" / "data" / "ctn0051_days.csv.gz"
REAL_SPEC = AnalysisSpec(amount="opioid", baseline="baseline_opioid_days", control="BUP-NX", active="XR-NTX")
SAMPLE, MONTH, HALF_YEAR = "sample, 40 × 21", "real, 570 × 28", "real, 570 × 168"
ENGINES = {"quadrature": "quadrature, quadratic", "rspl": "RSPL with AR(1), linear"}
SIMULATED = (625, 2_500, 10_000)  # participants
Found = dict[str, Any]


def timed(run: Callable[[], Any], repeats: int) -> tuple[Found, Any]:
    """Seconds of `repeats` runs, after one that does not count, and the last result.

    One thread's processor time is what the clock says on a machine that has nothing else to do, and much nearer to it
    than the clock on one that has.
    """
    result, clock, processor = run(), [], []
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        result = run()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return {
        "median_s": statistics.median(clock),
        "cpu_s": statistics.median(processor),
        "fastest_s": min(processor),
        "repeats": repeats,
    }, result


# --- rows to fit, kept in files for the processes that fit them -------------------------------------------------------


def _of_rows(r: Rows) -> Found:
    columns = {"y": r.ys[0], "group": r.group, "day": r.day}
    of = {trend: matrix(terms(trend, r.covariate_names), r.day, r.active, r.covariates) for trend in Trend}
    return {
        **columns,
        "arm": r.active,
        "covariate": r.covariates[:, 0],
        "quadrature": of[Trend.QUADRATIC],
        "rspl": of[Trend.LINEAR],
    }


def simulated(participants: int, days: int = 90, seed: int = 7) -> Found:
    """A trial of that size with a random intercept of SD 2, a tenth of the days missing; the seed decides it."""
    rng = np.random.default_rng(seed)
    group, day = np.repeat(np.arange(participants), days), np.tile(np.arange(1.0, days + 1), participants)
    arm, baseline = (group % 2).astype(float), rng.normal(20, 5, participants)[group]
    t = day / days
    eta = -1 + 0.6 * t + 0.4 * arm + 0.5 * arm * t + 0.03 * (baseline - 20) + rng.normal(0, 2, participants)[group]
    y = (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    known = rng.random(len(eta)) < 0.9
    y, group, day, arm, baseline = (v[known] for v in (y, group, day, arm, baseline))
    linear = matrix(terms(Trend.LINEAR, ("baseline",)), day, arm, baseline[:, None])
    quadratic = matrix(terms(Trend.QUADRATIC, ("baseline",)), day, arm, baseline[:, None])
    return {
        "y": y,
        "group": group,
        "day": day,
        "arm": arm,
        "covariate": baseline,
        "rspl": linear,
        "quadrature": quadratic,
    }


def _data() -> dict[str, dict[str, Found]]:
    """Per data set what each engine fits; the sample's heavy days by RSPL, elsewhere abstinence by both."""
    sample = load_sample()
    spec, _ = resolve(sample, AnalysisSpec())
    small, heavy = abstinence_fit(sample, spec).rows, heavy_fit(sample, spec)
    assert small is not None and heavy is not None and heavy.rows is not None
    found = {SAMPLE: {"quadrature": _of_rows(small), "rspl": _of_rows(heavy.rows)}}
    for name, last in ((MONTH, 28), (HALF_YEAR, 168)):
        if REAL.exists():
            real = load(REAL)
            rows = abstinence_fit(real, resolve(real, REAL_SPEC.replace(days=Window(1, last)))[0]).rows
            assert rows is not None
            found[name] = dict.fromkeys(ENGINES, _of_rows(rows))
    for n in SIMULATED:
        found[f"simulated, {n:,} × 90"] = dict.fromkeys(ENGINES, simulated(n))
    return found


# --- ours ------------------------------------------------------------------------------------------------------------


def _ours(name: str, engine: str, d: Found, folder: Path) -> Found:
    n = len(d["y"])
    repeats = 41 if n < 2_000 else 7 if n < 200_000 else 2
    file = folder / "fit.npz"
    np.savez(file, **{key: d[key] for key in ("y", "group", "day", engine)})
    said = subprocess.run(
        [sys.executable, __file__, "--one", engine, file, str(repeats)], capture_output=True, text=True, check=True
    ).stdout
    size = {"participants": len(np.unique(d["group"])), "rows": n}
    return {"data": name, "engine": ENGINES[engine], **size, **json.loads(said), "load_1min": _load()}


def _one(engine: str, file: str, repeats: int) -> None:
    """In a process of its own: fit, and say what it took."""
    with np.load(file) as kept:
        y, group, day, X = (kept[key] for key in ("y", "group", "day", engine))
    before = _peak_mb()
    if engine == "quadrature":
        took, f = timed(lambda: glmm.fit(y, X, group), repeats)
        found = {"minus2ll": f.minus2ll, "nodes": f.n_quad, "sigma": f.sigma}
    else:
        took, f = timed(lambda: pql.fit(y, X, group, day), repeats)
        found = {"rho": f.rho, "phi": f.scale, "sigma": f.sigma}
    print(json.dumps({**took, "ok": f.convergence.ok, **found, "peak_mb": _peak_mb(), "fit_mb": _peak_mb() - before}))


def _peak_mb() -> float:
    """Most memory this process ever held; Linux hands getrusage's mark on to whatever a process starts, VmHWM not."""
    status = Path("/proc/self/status")
    if status.exists():
        mark = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return round(int(mark.split()[1]) / 1024, 1)
    kilobytes = 1 if sys.platform != "darwin" else 1 / 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilobytes / 1024, 1)


# --- peers -----------------------------------------------------------------------------------------------------------


def _relapse() -> tuple[Any, Any, Any]:
    sample = load_sample()
    spec, _ = resolve(sample, AnalysisSpec())
    p = panel_of(sample, spec)
    times = time_to(p, "relapse", spec.dropout, spec)
    return times.day - int(p.days[0]) + 1, times.event, np.asarray(p.active, bool)


def _beside_r(data: dict[str, dict[str, Found]], relapse: tuple[Any, Any, Any]) -> Found | None:
    """engines.R on the same rows, in the same run; None where R or a package is missing."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    asked = {"sample": (SAMPLE, 5), "month": (MONTH, 1)}
    with tempfile.TemporaryDirectory() as folder:
        for short, (name, _) in asked.items():
            for engine, what in (("quadrature", "binary"), ("rspl", "rspl")):
                if name in data and (name == SAMPLE or engine == "quadrature"):  # nlme takes minutes for a month
                    d = data[name][engine]
                    _csv(
                        Path(folder) / f"{short}_{what}.csv",
                        ["y", "id", "day", "arm", "covariate"],
                        [d[k] for k in ("y", "group", "day", "arm", "covariate")],
                    )
        _csv(
            Path(folder) / "sample_relapse.csv",
            ["time", "event", "arm"],
            [relapse[0], relapse[1].astype(int), relapse[2].astype(int)],
        )
        words = [f"{short}={repeats}" for short, (name, repeats) in asked.items() if name in data]
        run = subprocess.run([rscript, HERE / "engines.R", folder, *words], capture_output=True, text=True)
    if run.returncode:
        print(f"R could not run: {run.stderr.strip()}", file=sys.stderr)
        return None
    found: Found = json.loads(run.stdout)
    for row in found["rows"]:
        row["data"] = asked[row["data"]][0]
        if "seconds" in row:
            row.update(
                median_s=statistics.median(row.pop("seconds")),
                fastest_s=min(row["cpu"]),
                repeats=len(row["cpu"]),
                cpu_s=statistics.median(row.pop("cpu")),
            )
    return found


def _csv(file: Path, names: list[str], columns: list[Any]) -> None:
    with file.open("w", newline="") as target:
        out = csv.writer(target)
        out.writerow(names)
        out.writerows(zip(*columns, strict=True))


def _peers(data: dict[str, dict[str, Found]], fits: list[Found]) -> tuple[list[Found], Found | None]:
    """Every peer's time beside ours for the same rows, and R's versions."""
    relapse = _relapse()
    took, _ = timed(lambda: peers.ours_relapse(*relapse), 51)
    fits.append(
        {
            "data": SAMPLE,
            "engine": "relapse: curves, log-rank, Cox",
            "participants": len(relapse[0]),
            "rows": len(relapse[0]),
            **took,
        }
    )
    found = [{"data": SAMPLE, **peers.lifelines_relapse(*relapse, timed, 11)}]
    for name, repeats in ((SAMPLE, 5), (MONTH, 1)):
        if name in data:
            d = data[name]["quadrature"]
            rows = peers.quietly(lambda d=d, n=repeats: peers.mixed(d["y"], d["quadrature"], d["group"], timed, n))
            found += [{"data": name, **row} for row in rows]
    r = _beside_r(data, relapse)
    found += r["rows"] if r else []
    for row in found:
        engine, row["computes"] = peers.PEERS[row["peer"]]
        ours = next(f for f in fits if f["data"] == row["data"] and f["engine"].startswith(engine))
        if "cpu_s" in row:
            row["times_ours"] = row["cpu_s"] / ours["cpu_s"]
    return found, r["versions"] if r else None


# --- the run ---------------------------------------------------------------------------------------------------------


def main() -> None:
    """Time everything, print it, write it."""
    data = _data()
    machine = here()
    with tempfile.TemporaryDirectory() as folder:
        fits = [_ours(name, engine, d, Path(folder)) for name, of in data.items() for engine, d in of.items()]
    growth = {label: _growth(fits, label) for label in ENGINES.values()}
    beside, versions_of_r = _peers(data, fits)
    peak = roofline.peaks()
    roof = [_roof(name, data[name]["quadrature"], fits, peak) for name in (SAMPLE, MONTH, HALF_YEAR) if name in data]
    document = {
        "date": date.today().isoformat(),
        "machine": machine,
        "versions": dict(versions()),
        "versions_of_R": versions_of_r,
        "fits": fits,
        "growth": growth,
        "peers": beside,
        "peaks": peak,
        "roofline": roof,
    }
    _report(document)
    target = HERE / "results" / "engines.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _growth(fits: list[Found], engine: str) -> float:
    """The power of the rows that time grows with, from the smallest simulated trial to the largest."""
    first, *_, last = (f for f in fits if f["engine"] == engine and f["data"].startswith("simulated"))
    return float(np.log(last["fastest_s"] / first["fastest_s"]) / np.log(last["rows"] / first["rows"]))


def _roof(name: str, d: Found, fits: list[Found], peak: dict[str, float]) -> Found:
    count = roofline.cells(d["y"], d["quadrature"], d["group"])
    measured = next(f["fastest_s"] for f in fits if f["data"] == name and f["engine"].startswith("quadrature"))
    return {"data": name, **count, "fastest_s": measured, **roofline.limits(count, d["quadrature"].shape[1] + 1, peak)}


def _report(d: Found) -> None:
    for f in d["fits"]:
        extra = f"{f['nodes']} nodes, −2LL {f['minus2ll']:.3f}" if "nodes" in f else ""
        extra = f"ρ {f['rho']:.4f}" if "rho" in f else extra
        memory = f"{f['peak_mb']:6.0f} MB" if "peak_mb" in f else ""
        print(f"{f['data']:24} {f['engine']:32} {_times(f)} {memory:10}  {extra}")
    print("".join(f"\ntime grows with rows^{power:.2f}: {engine}" for engine, power in d["growth"].items()), "\n")
    for row in d["peers"]:
        took = f"{_times(row)} {row['times_ours']:7.1f} × ours" if "cpu_s" in row else row["error"]
        print(f"{row['data']:18} {row['peer']:56} {took}")
    print("\npeaks: " + ", ".join(f"{name} {value:.2f}" for name, value in d["peaks"].items()))
    for r in d["roofline"]:
        share = r["with_derivatives"] / r["cells"]
        print(
            f"{r['data']:18} {r['cells'] / 1e6:8.2f} M cells ({share:.0%} with derivatives) "
            f"{1000 * r['fastest_s']:7.1f} ms; as sweeps at their peaks {1000 * r['sweeps_s']:7.1f}; "
            f"arithmetic alone {1000 * r['arithmetic_s']:7.1f}"
        )


def _times(row: Found) -> str:
    return f"{1000 * row['cpu_s']:9.1f} ms of processor, {1000 * row['median_s']:9.1f} by the clock"


def here() -> Found:
    """The machine, and how busy it is."""
    return {"cpu": _cpu(), "cores": os.cpu_count(), "system": platform.system(), "load_1min": _load()}


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def _cpu() -> str:
    """The processor's name: Linux says it in /proc/cpuinfo, others to platform."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.processor()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
