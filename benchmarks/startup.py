"""What importing and installing cost.

    python benchmarks/startup.py        prints two tables, writes benchmarks/results/startup.json

Imports are timed in a fresh process each, the median of five; sizes are those of the files that the packages of
requirements.lock have installed here.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from datetime import date
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from engines import here

HERE = Path(__file__).resolve().parent
LOCK = HERE.parent / "requirements.lock"
REPEATS = 5
STATEMENTS = {
    "python itself": "pass",
    "ketadash, reading and analysing": "from ketadash import analyse, trial",
    "ketadash.__main__": "import ketadash.__main__",
    "streamlit": "import streamlit",
    "plotly": "import plotly",
    "pandas": "import pandas",
    "statsmodels.api": "import statsmodels.api",
    "lifelines": "import lifelines",
    "what the server imports before it says ready": "from ketadash.ui.server import serve; serve.warm_up()",
}


def main() -> None:
    """Run, print, and write the results."""
    imports = {what: _imported(code) for what, code in STATEMENTS.items()}
    sizes = dict(sorted(_sizes().items(), key=lambda item: -item[1]))
    print("\n".join(f"{what:48}{seconds:8.2f} s" for what, seconds in imports.items()))
    print(f"\n{sum(sizes.values()):8.1f} MB in {len(sizes)} packages, the largest:")
    print("\n".join(f"{mb:8.1f} MB  {name}" for name, mb in list(sizes.items())[:12]))
    found: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": here(),
        "import_seconds": imports,
        "installed_megabytes": sizes,
    }
    (HERE / "results" / "startup.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _imported(code: str) -> float:
    def once() -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parent, capture_output=True)
        return time.perf_counter() - begun

    once()  # bytecode and the disk's cache
    return round(statistics.median(once() for _ in range(REPEATS)), 3)


def _sizes() -> dict[str, float]:
    """Megabytes of every package of the lock that is installed on this kind of machine."""
    names = re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for name in names:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:  # for another system
            continue
        paths = [Path(str(f.locate())) for f in files]
        found[name] = round(sum(p.stat().st_size for p in paths if p.is_file()) / 1e6, 1)
    return found


if __name__ == "__main__":
    main()
