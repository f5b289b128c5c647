"""The toggle of `toggle.py` in a Shiny app (peer_shiny/app.R: lme4, ggplot2), in the same browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser
from serving import PATIENCE_S

HERE = Path(__file__).resolve().parent


@contextmanager
def _shiny() -> Iterator[str | None]:
    rscript = shutil.which("Rscript")
    if rscript is None:
        yield None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [rscript, str(HERE / "peer_shiny" / "app.R"), str(port)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=HERE,
    )
    try:
        assert process.stderr is not None
        ready = any("Listening on" in line for line in process.stderr)
        yield f"http://127.0.0.1:{port}" if ready else None
    finally:
        process.terminate()
        process.wait(10)


def clicks(browser: Browser) -> list[float] | None:
    """Milliseconds from a click to the new picture loaded, for eight clicks; None where R or what it needs is missing.

    It fits anew each time, as Shiny apps do.
    """
    with _shiny() as address:
        if address is None:
            return None
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function("() => document.querySelector('#curve img')?.complete", timeout=1000 * PATIENCE_S)
        each = [
            float(
                page.evaluate(
                    """async (word) => {
          const now = () => document.querySelector('#curve img').src, before = now(), begun = performance.now();
          document.querySelector(`input[value=${word}]`).click();
          while (now() === before) await new Promise(requestAnimationFrame);
          await document.querySelector('#curve img').decode();
          await new Promise(requestAnimationFrame);
          return performance.now() - begun;
        }""",
                    ("missing", "drinking")[i % 2],
                )
            )
            for i in range(8)
        ]
        page.close()
        return each
