"""What tests of the Code tabs share: how a program is run, and how its numbers are compared with those on screen."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

R = pytest.mark.skipif(
    not os.environ.get("KETADASH_R") or shutil.which("Rscript") is None,
    reason="set KETADASH_R=1, with R and lme4, numDeriv, nlme, survival, cmprsk installed",
)


def same(found, expected, tolerance=1e-12):
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None), (found, expected)
        assert a is None or a == pytest.approx(b, rel=tolerance, abs=tolerance), (found, expected)


def at(document, path):
    """What jq prints for the filters that `code.jq` writes: keys, places, `select` on a key, several values."""
    found = document
    *steps, last = path.split(" | ") if " | ." in path else [path, ""]
    for step in steps:
        if step.startswith("select"):
            key, value = re.fullmatch(r'select\(\.(\w+) == "(.*)"\)', step).groups()
            (found,) = [row for row in found if row[key] == value]
            continue
        for key, place, name in re.findall(r'\.(\w+)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]', step.removesuffix("[]")):
            found = found[key] if key else found[int(place)] if place else found[json.loads(f'"{name}"')]
    return tuple(found[name.strip().removeprefix(".")] for name in last.split(",")) if last else (found,)


def run_r(folder, text):
    (folder / "number.R").write_text(text + '\ncat("\\nANSWER", sprintf("%.15g", answer), "\\n")\n', encoding="utf-8")
    run = subprocess.run(["Rscript", "--vanilla", "number.R"], cwd=folder, text=True, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    (line,) = [x for x in run.stdout.splitlines() if x.startswith("ANSWER")]
    return [None if x in ("NA", "NaN") else float(x) for x in line.split()[1:]]
