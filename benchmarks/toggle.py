"""Milliseconds from a click to the repainted picture, in a real headless Chromium, on the sample trial.

    python benchmarks/toggle.py [--flips 100] [--port 8618] [--pages abstinent-days,what-if]

Each control is clicked on each page of which a picture depends on it (found by trying), to another word and back;
the time runs in the browser, from the click to the second frame after the picture's own count of drawings has risen.
For states never seen, the days analysed are changed before each click (what the Missing days page computes in the
background, its map and its rules side by side, is timed apart).  Then the start: from the launch of the
process to the first picture, a later browser, and from page to page.  The peer is a Shiny app with the same toggle
(peer_shiny/app.R: lme4, ggplot2), in the same run, where R has those.
Prints a table, writes benchmarks/results/toggle.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import shiny_peer
from engines import here
from playwright.sync_api import Browser, Page, sync_playwright
from serving import PATIENCE_S, server

from ketadash.analyse.provenance import versions
from ketadash.core.choices.missing_choice import on_button
from ketadash.core.terms import DRINKS

HERE = Path(__file__).resolve().parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WAIT = PATIENCE_S * 1000
PATHS = (
    "",
    "abstinent-days",
    "heavy-days",
    "time-to-relapse",
    "number-needed-to-treat",
    "what-if",
    "if-dropout-is-not-relapse",
)
# control: the word it is turned to, and the one it has at first
CONTROLS = {
    "missing": ("missing", "drinking"),
    "trend": ("linear", "quadratic"),
    "baseline": ("unadjusted", "adjusted"),
    "curve": ("typical", "population"),
    "dropout": ("censored", "event"),
    "fit": ("RSPL", "quadrature"),
}
DIAL = "dial"
PAUSE_MS = 250  # after one click has been answered; a hand takes longer
WINDOWS = ("1:20", "1:19", "1:18", "1:17", "1:16", "1:15", "1:14", "1:13")
# Click a word of a row of buttons and tell when each picture was painted again: it has been drawn, and a frame has gone
# by; ends when the script has.
FLIP = """async ([key, word, most]) => {
  const plots = [...document.querySelectorAll('.ketadash-plot')].filter((n) => n.clientWidth);
  const before = new Map(plots.map((n) => [n, n.dataset.drawn]));
  const app = document.querySelector('[data-testid=stApp]');
  const frame = () => new Promise(requestAnimationFrame);
  const nameOf = (n) => n.closest('[class*=st-key-]').className.match(/st-key-(\\S+)/)[1];
  const at = {}, row = document.querySelector(`.st-key-${key}`);
  const begun = performance.now();
  [...row.querySelectorAll('[role=radio]')].find((b) => b.textContent.trim() === word).click();
  let ran = false, ended = null;
  while (performance.now() - begun < most) {
    await frame();
    const state = app.dataset.testScriptState;
    if (state === 'running' || state === 'rerunRequested') ran = true;
    const fresh = plots.filter((n) => n.dataset.drawn !== before.get(n) && !(nameOf(n) in at));
    if (fresh.length) await frame();
    for (const n of fresh) at[nameOf(n)] = performance.now() - begun;
    if (ran && state === 'notRunning') {
      ended ??= performance.now();
      if (performance.now() - ended > 120) break;
    } else ended = null;
  }
  return at;
}"""
DRAWN = "() => [...document.querySelectorAll('.ketadash-plot')].some((n) => n.clientWidth && n.dataset.drawn)"


def main() -> None:
    """Measure, print, and write the results."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--flips", type=int, default=100)
    asked.add_argument("--port", type=int)
    asked.add_argument("--pages", default=",".join(PATHS))
    asked.add_argument("--out", default=str(HERE / "results" / "toggle.json"))
    said = asked.parse_args()
    found: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": here(),
        "versions": dict(versions()),
        "flips": said.flips,
    }
    with sync_playwright() as playwright, kept(found, Path(said.out)):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        found["start"] = _starts(browser, said.port)
        with server(said.port) as served:
            page = _visitor(browser, served.address + "/abstinent-days")
            found["page_switch"] = _summary(_switches(page))
            _told("page switch", found["page_switch"])
            found |= {"toggles": [], "new_states": []}
            for path in said.pages.split(","):
                found["toggles"].extend(_page(page, path, said.flips))
            for path in said.pages.split(","):
                found["new_states"].extend(_new(page, path))
            found["map_and_rules"] = _summary(_whole(page))
            _told("Missing days, new state: map and rules whole", found["map_and_rules"])
        for kind in ("toggles", "new_states"):
            found[f"all_{kind}"] = _summary([ms for row in found[kind] for ms in row.pop("each")])
            _told(f"all {kind}", found[f"all_{kind}"])
        found["peer"] = _peer(browser)


@contextmanager
def kept(found: dict[str, Any], file: Path) -> Iterator[None]:
    """Write what was found, be it cut short."""
    try:
        yield
    finally:
        found["machine"]["load_1min_at_the_end"] = round(os.getloadavg()[0], 2)
        print(f"load average {found['machine']['load_1min']} at the start, {os.getloadavg()[0]:.1f} at the end")
        file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _summary(ms: list[float]) -> dict[str, Any]:
    ordered = sorted(ms)
    if not ordered:
        return {"n": 0}
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return {"n": len(ms), "p50_ms": round(statistics.median(ms), 1), "p95_ms": round(p95, 1)}


def _told(what: str, row: dict[str, Any]) -> None:
    if row["n"]:
        print(f"{what:60}{row['n']:5}   p50 {row['p50_ms']:8.0f}   p95 {row['p95_ms']:8.0f} ms", flush=True)


def _visitor(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(url)
    page.wait_for_function(DRAWN, timeout=WAIT)
    return page


def _quiet(page: Page) -> None:
    """Until the script has ended and stays so."""
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'", timeout=WAIT
    )
    page.wait_for_timeout(150)


def _starts(browser: Browser, port: int | None) -> dict[str, Any]:
    """Seconds from the launch of the process to the first picture, and of a later browser's first picture."""
    begun = time.perf_counter()
    with server(port) as served:
        _visitor(browser, served.address).context.close()
        first = time.perf_counter() - begun
        later = []
        for _ in range(5):
            begun = time.perf_counter()
            _visitor(browser, served.address).context.close()
            later.append(time.perf_counter() - begun)
    each = {"median": round(statistics.median(later), 2), "most": round(max(later), 2)}
    found = {"ready_s": round(served.ready_s, 2), "launch_to_first_picture_s": round(first, 2), "later_browser_s": each}
    print(json.dumps(found), flush=True)
    return found


def _turn(page: Page, path: str) -> float:
    """Milliseconds from the click on a page's link to its first picture, none of the old page's left."""
    return float(
        page.evaluate(
            """async ([path, most]) => {
      const old = new Set(document.querySelectorAll('.ketadash-plot'));
      const links = '[data-testid=stTopNavDropdownLink], [data-testid=stSidebarNavLink]';
      const find = () => [...document.querySelectorAll(links)]
        .find((a) => new URL(a.href).pathname.slice(1) === path);
      for (const head of document.querySelectorAll('[data-testid=stTopNavSection]')) {
        if (find()) break;
        head.click(); // its menu opens, and that of the heading before it shuts
        for (let frames = 0; frames < 30 && !find(); frames++) await new Promise(requestAnimationFrame);
      }
      const link = find();
      const begun = performance.now();
      link.click();
      while (performance.now() - begun < most) {
        await new Promise(requestAnimationFrame);
        const plots = [...document.querySelectorAll('.ketadash-plot')].filter((n) => n.clientWidth);
        if (plots.length && plots.some((n) => !old.has(n) && n.dataset.drawn)) break;
      }
      await new Promise(requestAnimationFrame);
      return performance.now() - begun;
    }""",
            [path, WAIT],
        )
    )


def _switches(page: Page) -> list[float]:
    """From page to page, each seen before."""
    ms = []
    for turn in range(3):
        for path in PATHS:
            _quiet(page)
            took = _turn(page, path)
            if turn:
                ms.append(took)
    return ms


def _open(page: Page, path: str) -> None:
    _quiet(page)
    if not page.url.split("?")[0].endswith("/" + path):
        _turn(page, path)
    _quiet(page)
    _unfold(page)


def _unfold(page: Page) -> None:
    """The sidebar's further choices, which fold again when a page's controls are built anew."""
    expander = page.get_by_test_id("stSidebar").locator("details").filter(has_text="More choices").first
    if expander.get_attribute("open") is None:
        expander.locator("summary").click()
        page.wait_for_timeout(200)


def _page(page: Page, path: str, flips: int) -> Iterator[dict[str, Any]]:
    """Every control of which a picture of this page depends, in states seen before."""
    _open(page, path)
    for control, words in CONTROLS.items():
        for word in words:  # what is computed in the background is there before anything is timed
            _flip(page, control, word, 3000)
            page.wait_for_function("() => !document.querySelector('[data-testid=stProgress]')", timeout=WAIT)
            _quiet(page)
        first = [_flip(page, control, word, 3000) for word in words]
        pictures = sorted(set(first[0]) & set(first[1]))
        if not pictures:
            continue
        each = [_last(_flip(page, control, words[i % 2], 3000), pictures) for i in range(flips)]
        yield _row(path, control, pictures, [ms for ms in each if ms is not None], flips)
    if path == "what-if":
        yield _dial(page, flips)


def _dial(page: Page, flips: int) -> dict[str, Any]:
    """The control arm's dial moved a stop up and down by the keyboard."""
    _flip(page, "missing", "dial", WAIT)
    _quiet(page)
    thumb = page.locator(".st-key-dial_control input[type=range]").first
    each = []
    for i in range(flips + 2):
        thumb.focus()
        page.evaluate(
            "() => { window.turned = null; const d = document.querySelector('.st-key-missing_curve "
            ".ketadash-plot'), n = d.dataset.drawn; addEventListener('keydown', () => { const t = "
            "performance.now(); const look = () => d.dataset.drawn !== n ? requestAnimationFrame(() => "
            "{ window.turned = performance.now() - t; }) : requestAnimationFrame(look); look(); }, "
            "{once: true, capture: true}); }"
        )
        page.keyboard.press("ArrowRight" if i % 2 else "ArrowLeft")
        page.wait_for_function("() => window.turned !== null", timeout=WAIT)
        if i > 1:
            each.append(float(page.evaluate("() => window.turned")))
        _quiet(page)
    _flip(page, "missing", "drinking", WAIT)
    return _row("what-if", DIAL, ["missing_curve"], each, flips)


def _new(page: Page, path: str) -> Iterator[dict[str, Any]]:
    """The same clicks to states that nobody has seen: other days are analysed before each."""
    each: dict[str, list[float]] = {}
    _open(page, path)
    for window in WINDOWS:
        _days(page, window if path != "what-if" else window.replace("1:", "2:"))
        for control, (word, back) in CONTROLS.items():
            took = _flip(page, control, word, 6000)
            _quiet(page)
            _flip(page, control, back, 6000)
            if took:
                each.setdefault(control, []).append(max(took.values()))
    _days(page, "")
    for control, ms in each.items():
        yield _row(path, control, ["the last"], ms, len(WINDOWS), "new")


def _whole(page: Page) -> list[float]:
    """From other days to analyse until the Missing days page's map and its rules side by side are computed."""
    _open(page, "what-if")
    each = []
    for window in WINDOWS:
        _unfold(page)
        box = page.get_by_test_id("stSidebar").locator(".st-key-days input")
        box.fill(window.replace("1:", "3:"))
        begun = time.perf_counter()
        box.press("Enter")
        page.wait_for_function("() => document.querySelector('[data-testid=stProgress]')", timeout=WAIT)
        page.wait_for_function("() => !document.querySelector('[data-testid=stProgress]')", timeout=WAIT)
        _quiet(page)
        each.append(1000 * (time.perf_counter() - begun))
    _days(page, "")
    return each


def _days(page: Page, window: str) -> None:
    _unfold(page)
    box = page.get_by_test_id("stSidebar").locator(".st-key-days input")
    box.fill(window)
    box.press("Enter")
    page.wait_for_timeout(300)
    _quiet(page)


def _flip(page: Page, control: str, word: str, most: int) -> dict[str, float]:
    page.wait_for_timeout(PAUSE_MS)
    found: dict[str, float] = page.evaluate(FLIP, [control, on_button(word, DRINKS), most])
    return found


def _last(at: dict[str, float], pictures: list[str]) -> float | None:
    """When the last of the pictures that depend on the control was painted."""
    seen = [at[name] for name in pictures if name in at]
    return max(seen) if len(seen) == len(pictures) else None


def _row(path: str, control: str, pictures: list[str], each: list[float], asked: int, kind: str = "") -> dict[str, Any]:
    row = {
        "page": path or "overview",
        "control": control,
        "pictures": pictures,
        **_summary(each),
        "missed": asked - len(each),
        "each": each,
    }
    _told(f"{kind} {path or 'overview'}: {control} ({len(pictures) or ''})".strip(), row)
    return row


def _peer(browser: Browser) -> dict[str, Any] | None:
    each = shiny_peer.clicks(browser)
    if each is None:
        print("Shiny: not here; the issue's own measure was 3,000 ms (p50), not measured here")
        return None
    row = _summary(each)
    _told("Shiny + lme4 + ggplot2: missing", row)
    return row


if __name__ == "__main__":
    main()
