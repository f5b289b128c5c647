"""Files made in a process of their own: the same bytes, stopped at once, and gone with their server."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest
from waiting import HANG_S, until

from ketadash import analyse
from ketadash.analyse import memo
from ketadash.core.errors import KetadashError, StoppedError
from ketadash.core.spec import AnalysisSpec
from ketadash.export import file_makers
from ketadash.export.analysis_json import section_names
from ketadash.trial import load, load_sample, resolve
from ketadash.ui.server import child_process
from ketadash.ui.server.downloads import Progress

HERE = Path(__file__).parent
DAYS = ((i, d, (i * 7 + d * 3) % 4 if (i + d) % 7 else "") for i in range(12) for d in range(1, 7))
ROWS = (f"P{i},{('placebo', 'active')[i % 2]},{d},{drinks}" for i, d, drinks in DAYS)
SMALL = "\n".join(["participant_id,arm,day,drinks", *ROWS]).encode()
EVERY_BYTE = bytes(range(256)) * 5000  # more than a pipe holds


class Watched(Progress):
    """As with a page that looks all the time, however slow the machine is."""

    @property
    def stopped(self):
        self.look()
        return super().stopped


def endless(trial, step):
    step(1, 2, str(os.getpid()))
    Event().wait()


def refuses(trial, step):
    raise KetadashError("arm 'ä' has nobody; choose another")


def dies(trial, step):
    os._exit(3)


def chatty(trial, step):
    """Every byte, and what is remembered of the trial."""
    print("a library that prints")
    return EVERY_BYTE + ",".join(sorted({name.rsplit(".", 1)[-1] for name, _ in memo.results_of(trial)})).encode()


def test_every_result_is_the_same_to_the_last_byte_and_says_how_far_it_is():
    trial, progress = load(SMALL), Watched()
    chosen = AnalysisSpec(imputations=1)
    made = child_process.made(file_makers.every_result, trial, chosen, False, False, progress=progress)
    names = section_names()
    assert (progress.done, progress.steps, progress.now) == (len(names) - 1, len(names), names[-1].replace("_", " "))
    assert made == file_makers.every_result(trial, chosen, False, False, lambda *_: None)


def test_what_is_printed_is_not_in_the_file_and_what_is_computed_is_handed_over():
    trial = load(SMALL)
    analyse.abstinence_result(trial, resolve(trial, AnalysisSpec())[0])
    made = child_process.made(chatty, trial, progress=Watched())
    assert made.startswith(EVERY_BYTE) and b"abstinence_result" in made.removeprefix(EVERY_BYTE).split(b",")


@pytest.mark.sweep(1)
@pytest.mark.parametrize(("f", "said"), [(refuses, "arm 'ä' has nobody"), (dies, "came to an end")])
def test_why_there_is_no_file_is_said(f, said):
    with pytest.raises(KetadashError, match=said):
        child_process.made(f, load_sample(), progress=Watched())


def test_stopped_its_process_is_gone():
    progress, ended = Watched(), []

    def ask():
        try:
            child_process.made(endless, load_sample(), progress=progress)
        except StoppedError as error:
            ended.append(error)

    asking = Thread(target=ask)
    asking.start()
    until(lambda: progress.now)
    process = psutil.Process(int(progress.now))
    assert process.nice() == min(psutil.Process().nice() + child_process.NICE, 19)
    progress.stop()
    asking.join(HANG_S)
    assert ended and not process.is_running()


@pytest.mark.skipif(not hasattr(os, "kill") or sys.platform == "win32", reason="no such signal")
@pytest.mark.slow
def test_killed_its_server_takes_it_along():
    code = (
        "from ketadash.trial import load_sample; from ketadash.ui.server import child_process; import test_apart;"
        "p = test_apart.Watched(); p.tell = lambda *far: print(far[2], flush=True);"
        "child_process.made(test_apart.endless, load_sample(), progress=p)"
    )
    path = os.pathsep.join([str(HERE), *(p for p in sys.path if p)])
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    ) as server:
        process = psutil.Process(int(server.stdout.readline()))
        server.kill()
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
