"""Attacks with files, downloads and work that would go on: what they take from others, and what is left of them."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import threading
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import soak_files as made
from serving import server
from soak_listener import OTHERS_S, PAGE_MB, Listener
from soak_target import LONGEST_S, Outcome, Target, attack, wait_until

from ketadash.core.paths import sample_folder
from ketadash.files import machine
from ketadash.ui.server.logs import SORRY


def _of_memory() -> float:
    """MB that all readings together may take: half of the machine's, and what the server itself needs."""
    return machine.memory() / 2e6 + 1_500


def _upload(target: Target, name: str, raw: bytes, times: int = 1) -> Outcome:
    """Bring a file, `times` people at once, while somebody else wants a small answer."""

    def bring() -> None:
        one = Listener(target.address)
        one.open()
        runs.append(one.upload(name, raw))
        one.close()

    runs: list[Any] = []
    threads = [threading.Thread(target=bring) for _ in range(times)]
    with target.watched() as seen:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONGEST_S)
    ended = len(runs) == times
    kept = ended and not seen.failures and seen.longest_s <= OTHERS_S and seen.peak_mb <= _of_memory()
    most = max((run.seconds for run in runs), default=LONGEST_S)
    return Outcome(f"answered after {most:.0f} s; others {seen.longest_s:.2f} s; {seen.peak_mb:,.0f} MB", kept)


READ = f"answered; others wait ≤ {OTHERS_S:.0f} s; readings take ≤ half of the machine's memory"


@attack("5", "190 MB of commas", READ)
def commas(target: Target) -> Outcome:
    return _upload(target, "x.csv", made.commas())


@attack("5", "190 MB of quotation marks", READ)
def quotes(target: Target) -> Outcome:
    return _upload(target, "x.csv", made.quotes())


@attack("5", "a gzip of 1.2 MB, padded with zeros", READ)
def padded(target: Target) -> Outcome:
    return _upload(target, "x.csv.gz", made.padded())


@attack("5", "a column of 19 million different numbers", READ)
def different(target: Target) -> Outcome:
    return _upload(target, "x.csv", made.different())


@attack("6", "three workbooks of half a megabyte that unpack to 16 million cells, at once", READ)
def workbooks(target: Target) -> Outcome:
    return _upload(target, "x.xlsx", made.workbook(), times=3)


@attack("9", "an archive with 3,000,000 entries behind a zip64 record", READ)
def directory(target: Target) -> Outcome:
    return _upload(target, "x.zip", made.directory())


@attack("7", "100,000 codes for unknown over 40,000 amounts; the page is closed", "nothing works on after 10 s")
def codes(target: Target) -> Outcome:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("days.csv", made.days(people=1_000, amounts=40))
        unknown = ", ".join(f'"n{i}"' for i in range(100_000))
        z.writestr("recipe.toml", f"unknown = [{unknown}]\n")
    one = Listener(target.address)
    one.open()
    threading.Thread(target=_quietly, args=(one.upload, "x.zip", out.getvalue()), daemon=True).start()
    wait_until(lambda: target.cpu_s() > 0, 5.0)
    one.socket.close()
    idle = wait_until(lambda: _busy(target) < 0.3)
    said = "never" if idle is None else f"idle {idle:.0f} s after it was closed"
    return Outcome(said, idle is not None and idle <= 15)


def _busy(target: Target, over_s: float = 2.0) -> float:
    """Processors that the server and its children keep busy."""
    before = target.cpu_s()
    threading.Event().wait(over_s)
    return (target.cpu_s() - before) / over_s


def _quietly(f: Any, *args: Any) -> None:
    with suppress(Exception):
        f(*args)


@attack(
    "10",
    "arms named by a megabyte, identifiers of 3 kB, 4,900 headers of 5 kB",
    f"no answer above {PAGE_MB:.0f} MB",
)
def long_names(target: Target) -> Outcome:
    most = 0.0
    for raw in (made.long_arms(), made.days(people=2_000, amounts=2, pad=3_000), made.long_headers()):
        one = Listener(target.address)
        one.open()
        most = max(most, one.upload("x.csv", raw).megabytes)
        for path in ("", "who-they-were", "abstinent-days", "your-trial"):
            most = max(most, one.turn(path).megabytes)
        one.close()
    return Outcome(f"at most {most:.1f} MB", most <= PAGE_MB)


@attack("6", "every result of 400 people in 60 days, asked for six times at once", f"others' clicks ≤ {OTHERS_S:.0f} s")
def downloads(target: Target) -> Outcome:
    with server(program=[str(Path(__file__).parents[1] / "every_tab.py")]) as other:
        mine = Target(other)
        greedy, honest = Listener(mine.address), Listener(mine.address)
        greedy.open()
        greedy.upload("x.csv", made.days(people=400, amounts=60))
        greedy.raw.clear()
        greedy.turn("abstinent-days")
        honest.open("abstinent-days")
        offered = rb'"token":\s*"([\w-]+)",\s*"label":\s*"Every result'
        tokens = [found[1].decode() for raw in greedy.raw for found in re.finditer(offered, raw)]
        if not tokens:
            return Outcome("no download was offered", False)
        pressing = [threading.Thread(target=_quietly, args=(_fetch, greedy, tokens[0], k)) for k in range(6)]
        with mine.watched() as seen:
            for thread in pressing:
                thread.start()
            clicks = [honest.choose("trend", ("linear", "quadratic")[k % 2]).seconds for k in range(20)]
            for thread in pressing:
                thread.join(LONGEST_S)
        greedy.close()
        honest.close()
    slowest = max(max(clicks), seen.longest_s)
    return Outcome(f"the slowest {slowest:.2f} s", slowest <= OTHERS_S)


def _fetch(reader: Listener, token: str, k: int) -> None:
    while reader.browser.post(f"/made/{token}/p{k}").status_code == 202:
        pass


@attack(
    "15",
    "the reading processes seen by another user, core files, shared memory",
    "no file's name in a command line, no core file, nothing left in /dev/shm",
    cheap=True,
)
def traces(target: Target) -> Outcome:
    mark, over, named = "AnnaMuster1970", threading.Event(), []

    def look() -> None:
        while not over.wait(0.02):
            for process in target.processes():
                with suppress(psutil.Error):
                    named.extend(word for word in process.cmdline() if mark in word)

    before = set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    looking = threading.Thread(target=look)
    looking.start()
    one = Listener(target.address)
    one.open()
    one.upload(f"{mark}.xlsx", made.dressed.as_bytes(made.dressed.long(n=3), "xlsx"))
    one.close()
    over.set()
    looking.join(LONGEST_S)
    cores = [p.pid for p in target.processes() if _core_limit(p.pid) not in (0, None)]
    left = [n for n in (set(os.listdir("/dev/shm")) - before if before else ()) if "joblib" in n and _ours(n, target)]
    return Outcome(
        f"named {len(named)}, may leave cores {len(cores)}, left in /dev/shm {len(left)}", not (named or cores or left)
    )


def _ours(name: str, target: Target) -> bool:
    return any(str(process.pid) in name for process in target.processes())


def _core_limit(pid: int) -> int | None:
    try:
        for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
            if line.startswith("Max core file size"):
                soft = line.split()[4]
                return -1 if soft == "unlimited" else int(soft)
    except OSError:
        return None
    return None


@attack("15", "the server is killed", "its processes are gone within 10 s")
def killed(target: Target) -> Outcome:
    with server() as other:
        mine = Target(other)
        one = Listener(mine.address)
        one.open()
        one.turn("what-if")
        wait_until(lambda: len(mine.processes()) > 2, 30.0)
        left = mine.processes()[1:]
        other.process.kill()
        took = wait_until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in left), 60.0)
    return Outcome("never" if took is None else f"{len(left)} gone after {took:.1f} s", took is not None and took <= 10)


@attack("15c", "published.toml with values of every wrong type", "every page is shown")
def published(target: Target) -> Outcome:
    hurt = []
    with tempfile.TemporaryDirectory() as folder:
        for i, (good, wrong) in enumerate(
            (
                ("digits = 0", "digits = -100000"),
                ("value = 95.0", 'value = "95"'),
                ('key = "screened"', "key = [1]"),
                ('page = "participants"', "page = {}"),
            )
        ):
            data = Path(folder) / str(i)
            shutil.copytree(sample_folder(), data)
            text = (data / "published.toml").read_text(encoding="utf-8")
            (data / "published.toml").write_text(text.replace(good, wrong, 1), encoding="utf-8")
            with server(data=str(data)) as other:
                one = Listener(other.address)
                one.open()
                for path in list(one.pages):
                    one.turn(path)
                    if one.has_got(SORRY[:40]):
                        hurt.append(f"{wrong} on {path}")
                        one.raw.clear()
                one.close()
    return Outcome(f"{len(hurt)} pages failed {hurt[:2]}", not hurt)
