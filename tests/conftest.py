"""What holds for the whole suite: the sample trial, how Hypothesis tries, in which order processes get the tests."""

import gc
import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from known_trials import sample_trial
from sweeps import begun_elsewhere, others_of_a_sweep_are_slow
from xdist.scheduler import LoadFileScheduling

# As many processes as cores work at the tests already: read by numpy when it is first imported, below.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from ketadash.analyse import batch
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial, resolve

# The only profile: no deadline and no complaint of slowness, since a busy machine is no fault of the code; the same
# examples each time in CI.
settings.register_profile(
    "ketadash",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ketadash")


@pytest.fixture(scope="session")
def sample() -> Trial:
    """The sample trial, with what all tests of a process compute of it."""
    return sample_trial()


@pytest.fixture(scope="session")
def published(sample: Trial) -> tuple[Trial, AnalysisSpec]:
    """The sample trial and its published analysis, resolved."""
    return sample, resolve(sample, AnalysisSpec())[0]


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long work in two processes of this computer."""
    monkeypatch.setenv(batch.WORKERS, "2")
    monkeypatch.delenv(batch.DASK, raising=False)


# Files go to the processes whole (`make test`: --dist loadfile), the long ones first, so that none is left at the end
# for one process alone.  Those with a browser go to two processes: each has one Chromium and one server for all of its
# files, and waits for them while the others compute.
ROOT = ""  # of the tests in no folder
LONG_FIRST = (
    *("browser", "ui", ROOT, "server", "export", "supplement", "soak", "fuzz", "analyse", "stats", "trial"),
    *("figures", "core"),
)
HERE = Path(__file__).parent
# Those that look through all our own sources share their syntax trees (tests/source_trees.py): one process has them.
OF_SOURCES = (
    *("architecture", "clocks", "docstrings_name_what_is", "facts_not_prose", "names", "nothing_unused", "sheets"),
    *("words_guard", "written_once"),
)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes more than cores: a test that waits for a browser or a process leaves its core to the others."""
    return (os.cpu_count() or 1) + 2


class _WholeFiles(LoadFileScheduling):
    """Files whole; those on sources together; and the browser's in two halves of about the same length, which go one by
    one where the slow ones run too."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        folder, _, name = file.rpartition("/")
        if folder.endswith("tests/browser") and "not slow" in self.config.option.markexpr:
            return f"{folder} {'first' if name < 'test_o' else 'second'}"
        if name.removeprefix("test_").removesuffix(".py") in OF_SOURCES:
            return f"{folder} on sources"
        return file


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> LoadFileScheduling | None:
    return _WholeFiles(config, log) if config.option.dist == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """Each process begins a folder elsewhere: in a fresh clone it then finds compiled what the others began with."""
    report = yield
    worker, of = os.environ.get("PYTEST_XDIST_WORKER"), os.environ.get("PYTEST_XDIST_WORKER_COUNT")
    if isinstance(collector, pytest.Dir) and worker and of:
        report.result = begun_elsewhere(report.result, int(worker.removeprefix("gw")), int(of))
    return report


@pytest.hookimpl(tryfirst=True)  # before those that are slow are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    others_of_a_sweep_are_slow(items)

    @cache
    def place(path: Path) -> tuple[int, str]:
        part = path.relative_to(HERE).parent.parts[0] if HERE in path.parent.parents else ROOT
        return LONG_FIRST.index(part) if part in LONG_FIRST else len(LONG_FIRST), str(path)

    items.sort(key=lambda item: place(item.path))  # stable: within a file as they were; alike in every process


def pytest_collection_finish():
    """What stays until the end is not looked through again and again by the garbage collector."""
    gc.collect()
    gc.freeze()
