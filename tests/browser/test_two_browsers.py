"""Two people, two browsers: what one of them uploads reaches neither the other, nor a disk, nor a log, nor a host."""

import os
import re
import time
from pathlib import Path

import pytest
from person import Person
from reading import PATHS, WAIT, open_page
from waiting import until

pytestmark = pytest.mark.browser
MARK = "QX7ZKW"  # in every text of the trial, and nowhere else
BIG = 1_500_000  # bytes: more than Starlette would keep in memory by itself
PEOPLE, DAYS = 14, range(1, 11)


def trial(size: int = 0) -> bytes:
    """A file of participant-days with the mark in its ids, an arm, a column and a reason; `size` bytes or more."""
    filler = "x" * (size // (PEOPLE * len(DAYS)))
    head = f"participant_id,arm,day,drinks,baseline_drinks,dropout_reason,note_{MARK}"
    rows = [
        f"{MARK}-{i:02d},{('placebo', f'active {MARK}')[i % 2]},{d},"
        f"{'' if d > 6 and i % 4 == 0 else (i * 7 + d * 3) % 6},{20 + i},{MARK} left,{filler}"
        for i in range(PEOPLE)
        for d in DAYS
    ]
    return "\n".join([head, *rows]).encode()


@pytest.fixture(scope="module")
def server(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("temporary")
    variables = dict.fromkeys(("TMPDIR", "TEMP", "TMP", "JOBLIB_TEMP_FOLDER"), str(folder))
    with serve(KETADASH_WORKERS="2", **variables) as one:
        one.folder, one.since = folder, time.time()
        yield one


def processes(pid: int) -> list[int]:
    """A process and all that it has started."""
    found = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        if parent in found or parent == pid:
            found.append(int(stat.parent.name))
    return found


def on_disk(server) -> list[str]:
    """Every file, deleted ones too, in which the server or its workers have left the mark."""
    files = [p for p in (*server.folder.rglob("*"), *Path("/dev/shm").glob("*")) if p.is_file()]
    files += [fd for pid in processes(server.process.pid) for fd in _open_files(pid)]
    found = []
    for path in files:
        try:
            old = path.stat().st_mtime < server.since - 60 or path.stat().st_size > 200_000_000
            if not old and MARK.encode() in path.read_bytes():
                found.append(str(path))
        except OSError:  # gone, or not ours to read
            continue
    return found


def _open_files(pid: int) -> list[Path]:
    try:
        return [fd for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_file()]
    except OSError:
        return []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc, as Linux has it")
def test_what_one_uploads_reaches_neither_the_other_nor_a_disk_nor_the_log(browser, server):
    ann, bob = Person(browser), Person(browser)
    bob.page.goto(server.address)
    bob.settle()
    ann.upload(server.address, ("mine.csv", trial(BIG)))
    assert ann.saw(f"note_{MARK}") and ann.saw(f"active {MARK}"), "the frames cannot be read"
    assert on_disk(server) == []
    open_page(ann.page, "missing_days")
    until(lambda: len(processes(server.process.pid)) >= 3, "no worker has worked")  # the tipping map goes to them
    assert on_disk(server) == []
    ann.turn("participants")
    assert ann.saw(f"{MARK}-07") and ann.saw(f"{MARK} left")
    assert on_disk(server) == []

    assert MARK not in ann.page.url
    for address in (ann.page.url, *(f"{server.address}/{PATHS[s]}" for s in ("participants", "data"))):
        bob.page.goto(address)
        bob.settle()
    assert not bob.saw(MARK) and bob.saw("ketamine")

    ann.turn("data")
    ann.page.get_by_role("button", name="Forget this trial").click()
    ann.page.get_by_role("button", name="Forget this trial").wait_for(state="detached", timeout=WAIT)
    ann.settle()
    ann.got.clear()
    for _ in range(2):  # at once, and in a new session
        ann.turn("participants")
        assert not ann.saw(MARK)
        ann.page.reload()
        ann.settle()
    bob.page.reload()
    bob.settle()
    assert not bob.saw(MARK)
    assert MARK not in "".join(server.log)
    assert on_disk(server) == []
    for person in (ann, bob):
        person.context.close()


@pytest.mark.slow
def test_masked_identifiers_are_never_sent(browser, server):
    ann = Person(browser)
    ann.upload(server.address, ("mine.csv", trial()))
    sidebar = ann.page.get_by_test_id("stSidebar")
    sidebar.get_by_text("Hide identifiers and small counts").click()
    sidebar.get_by_role("radio", name="masked").click()
    ann.page.wait_for_function("() => location.search.includes('identifiers=masked')", timeout=WAIT)
    # the address changes before the server knows: what the run before it still sends has come when this is drawn
    ann.page.get_by_test_id("stMain").get_by_text(re.compile(r"^P0\d\d$")).first.wait_for(timeout=WAIT)
    ann.settle()
    ann.saw("")  # read what was sent before
    ann.got.clear()
    for stem in ("participants", "data"):
        ann.turn(stem)
    ann.page.get_by_test_id("stMain").get_by_text(re.compile(r"^P0\d\d$")).first.wait_for(timeout=WAIT)
    assert ann.saw("P007") and ann.saw(f"active {MARK}")
    assert not [part for part in ann.got if re.search(rf"{MARK}-\d\d".encode(), part)]
    ann.context.close()


@pytest.mark.slow
def test_the_folder_that_is_searched_would_show_it(server):
    leak = server.folder / "leak"
    leak.write_text(f"{MARK}-01")
    assert on_disk(server) == [str(leak)]
    with leak.open("rb"):
        os.unlink(leak)
