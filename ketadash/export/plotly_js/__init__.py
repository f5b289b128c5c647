"""plotly.js's cartesian bundle: a third of the whole one, with every kind of trace that our figures have.

The page, HTML reports and files with toggles draw with it.  It is the plotly.js of the plotly package that is locked (a
test holds it so), MIT licensed; `scripts/fetch_plotly.py` fetches it anew, as `plotly.lock` says.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
BUNDLE = "bundle"  # the folder in it that may be served to browsers
NAME = "plotly-cartesian.min.js"
SCRIPT = FOLDER / BUNDLE / NAME
LICENCE = FOLDER / BUNDLE / "LICENSE"
LOCK = FOLDER / "plotly.lock"
VERSION = LOCK.read_text(encoding="utf-8").split()[1]
