"""Fetch plotly.js's cartesian bundle from npm's registry, as the lock beside it says: `python scripts/fetch_plotly.py`.

It is a third of plotly's own bundle and has all that our figures draw.  To take another version, write that and its
integrity (`npm view plotly.js-cartesian-dist-min dist.integrity`) into the lock first; it must be the plotly.js of the
wheel in requirements.lock, which `tests/test_supplement_made.py` checks.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from ketadash.export import plotly_js

FILES = {f"package/{plotly_js.NAME}": plotly_js.SCRIPT, "package/LICENSE": plotly_js.LICENCE}


def main() -> int:
    """Fetch, compare with the lock, unpack; 1 if the package is not the one that was locked."""
    package, integrity = plotly_js.LOCK.read_text(encoding="utf-8").split("\n")[:2]
    name, version = package.split()
    with TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"{name}@{version}", "--silent"], cwd=folder, check=True)
        packed = next(Path(folder).glob("*.tgz"))
        digest = b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if integrity != f"sha512-{digest}":
            print(f"{package} is sha512-{digest}, not what the lock says; nothing was changed", file=sys.stderr)
            return 1
        with tarfile.open(packed) as files:
            for inside, here in FILES.items():
                member = files.extractfile(inside)
                assert member is not None
                here.write_bytes(member.read())
    return 0


if __name__ == "__main__":
    sys.exit(main())
