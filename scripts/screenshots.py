"""Picture every page of the dashboard on the sample trial: each theme, each width (`make screenshots`).

All go to docs/screenshots/, as long as the page is, and stay out of git; the two that README shows (`SHOWN`) are cut
to what a reader sees first and are committed.  Needs Chromium: Debian's, or the one that CHROMIUM names, or
playwright's own.
"""

from __future__ import annotations

import argparse
import io
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from ketadash.questions.registry import QUESTIONS  # noqa: E402
from ketadash.ui import tour_stops as words_tour  # noqa: E402

OUT = ROOT / "docs" / "screenshots"
PATHS = {one.key: one.path for one in QUESTIONS}
THEMES, WIDTHS = ("light", "dark"), (390, 1024, 1400, 1920)
SHOWN = {"overview": (1400, 900), "abstinence": (1400, 1000)}  # README's: width and height
TALLEST = 8000
PATIENCE_S = 20  # for the server to end by itself
WAIT = 90_000  # ms; the first session of a server imports and fits
STILL = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const drawn = [...document.querySelectorAll('.ketadash-plot')].every(n => n.dataset.drawn || !n.clientWidth);
  return app?.dataset.testScriptState === 'notRunning' && !!document.querySelector('h1') && drawn
    && !document.querySelector('.stProgress, [data-stale="true"], [data-testid*="keleton"]');
}"""
LENGTH = "() => document.querySelector('.stMainBlockContainer').getBoundingClientRect().height"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]


@contextmanager
def served() -> Iterator[str]:
    """The app on a free port, as `ketadash app` serves it."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "ketadash", "app", "--headless", "--port", str(port)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        if not any("is ready" in line for line in process.stdout):
            raise SystemExit("the app ended before it was ready")
        # A pipe that nobody empties fills, and the server stops at its next line of log.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:  # it waits for a worker that is in the midst of its work
            process.kill()
            process.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    named = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=named if named.exists() else None, args=FLAGS)
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until the script has run, every picture in sight is drawn and nothing is computed any more."""
    page.wait_for_function(STILL, timeout=WAIT, polling=250)
    page.wait_for_timeout(600)  # the last layout, and what it starts
    page.wait_for_function(STILL, timeout=WAIT, polling=250)


def write(png: bytes, to: Path, colours: int | None = None) -> None:
    """Write a picture and say so; in so many `colours` it has a third of the bytes, and shades that are near enough."""
    if colours is None:
        to.write_bytes(png)
    else:
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        picture.quantize(colours, dither=Image.Dither.NONE).save(to, optimize=True)
    print(f"{to.relative_to(ROOT) if to.is_relative_to(ROOT) else to}  {to.stat().st_size / 1024:.0f} kB", flush=True)


def whole(page: Page, width: int) -> bytes:
    """The page at a width, as high as it is: Streamlit scrolls inside the window, which a full-page shot misses."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(400)
    for _ in range(2):  # what a taller window lays out anew may be higher again
        length = int(page.evaluate(LENGTH)) + 20
        page.set_viewport_size({"width": width, "height": min(max(length, 900), TALLEST)})
        page.wait_for_timeout(400)
    settle(page)
    return page.screenshot()


def take(browser: Browser, url: str, asked: Any) -> None:
    """Every page asked for, in every theme and width."""
    for theme in asked.themes:
        for stem in asked.pages:
            for phone in (True, False):  # a phone's sidebar is shut when the page opens, and only then
                widths = [w for w in asked.widths if (w < 700) is phone]
                if not widths:
                    continue
                context = browser.new_context(
                    viewport={"width": widths[0], "height": 900}, color_scheme=theme, reduced_motion="reduce"
                )
                page = context.new_page()
                page.goto(f"{url}/{PATHS[stem]}")
                settle(page)
                for width in widths:
                    write(whole(page, width), asked.out / f"{stem}-{theme}-{width}.png")
                context.close()


def readme(browser: Browser, url: str, out: Path) -> None:
    """The pictures that README shows: light, and as much as is seen at first."""
    for stem, (width, height) in SHOWN.items():
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
        page = context.new_page()
        page.goto(f"{url}/{PATHS[stem]}")
        settle(page)
        for decline in page.get_by_role("button", name=words_tour.DECLINE).all():
            decline.click()
            settle(page)
        write(page.screenshot(), out / f"{stem}.png", colours=256)
        context.close()


def main() -> None:
    """Parse, serve, picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", nargs="+", choices=tuple(PATHS), default=tuple(PATHS))
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=THEMES)
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--readme", action="store_true", help="only the pictures that README shows")
    parser.add_argument("--url", help="an app that is running, instead of one started for this")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with served() if asked.url is None else _there(asked.url) as url, chromium() as browser:
        if not asked.readme:
            take(browser, url, asked)
        if asked.readme or asked.out == OUT:
            readme(browser, url, asked.out)


@contextmanager
def _there(url: str) -> Iterator[str]:
    yield url


if __name__ == "__main__":
    main()
