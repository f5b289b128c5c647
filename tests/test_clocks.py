"""No deadline, sleep or clock decides what a test says, and no file has its own word on how Hypothesis tries.

A busy machine is no fault of the code: a test waits for a condition (`waiting.until`, a locator, an event), with
`HANG_S` or `WAIT` as the only limits, which nothing but a hang can meet.
"""

import ast
import re
from pathlib import Path

import pytest
from every_file import in_every
from hypothesis import HealthCheck, settings
from source_trees import nodes, tree

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))
CLOCKS = {
    "sleep",
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "process_time",
    "wait_for_timeout",
}
# Who may look at a clock, and what for.
MAY = {
    "waiting.py": "the guard against what hangs",
    "browser/watched_server.py": "a step that is as long as its reader waits looks up now and then",
    **dict.fromkeys(
        [f"soak/{name}.py" for name in ("__main__", "soak_attacks", "soak_crowd", "soak_doors", "soak_target")],
        "what `make soak` measures; test_soak.py takes only what no clock decides",
    ),
    "fuzz/runner.py": "a case's seconds of processor time are what `make fuzz` measures",
    "fuzz/worker.py": "the same",
    "trial/test_fuzz_regressions.py": "a minute of processor time, for what took many and now takes a second",
    "fuzz/__main__.py": "says how long it took",
    "browser/oidc_provider.py": "a token says until when it holds",
    "browser/keys.py": "a key that is held repeats as fast as a keyboard's",
    "test_batch.py": "a task as long as workers are left in peace before they are weighed",
    "browser/test_two_browsers.py": "passes over files that are older than the server",
}
# Where a limit in figures is given: by this name, or as the first argument of a method of this name.
LIMITS = {"timeout", "default_timeout", "deadline"}
WAITS = {"wait", "join", "acquire", "wait_procs", "result"}


def _name(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


def _number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def clocks(of: ast.AST) -> list[str]:
    """Every look at a clock, sleep, or limit of its own, with its line."""
    found = []
    pauses = {inner for node in nodes(of) if isinstance(node, ast.While) for inner in ast.walk(node.test)}
    for node in nodes(of):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [f"{node.lineno}: from time import {a.name}" for a in node.names if a.name in CLOCKS]
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if node.func.attr in CLOCKS and (owner == "time" or node.func.attr == "wait_for_timeout"):
                found.append(f"{node.lineno}: {node.func.attr}")
            if node.func.attr in WAITS and node.args and _number(node.args[-1]) and node not in pauses:
                found.append(f"{node.lineno}: {node.func.attr} with a limit in figures")
        found += [f"{node.lineno}: {k.arg} in figures" for k in node.keywords if k.arg in LIMITS and _number(k.value)]
        found += [f"{node.lineno}: deadline" for k in node.keywords if k.arg == "deadline"]
    return found


def scripts(of: ast.AST) -> list[str]:
    """Sleeps in the scripts that a browser or a child is given: a string that sets a timer or sleeps."""
    timed = re.compile(r"setTimeout\(|setInterval\(|performance\.now\(|\bsleep\(\s*[\d.]")
    return [
        f"{node.lineno}: {match[0]} in a script"
        for node in nodes(of)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for match in timed.finditer(node.value)
    ]


@in_every([f for f in FILES if _name(f) not in (*MAY, "conftest.py", "test_clocks.py")])
def test_no_clock_decides(path):
    assert clocks(tree(path)) + scripts(tree(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        "time.sleep(1)",
        "assert time.monotonic() < end",
        "from time import perf_counter",
        "page.wait_for_timeout(300)",
        "settings(deadline=None)",
        "settings(deadline=200)",
        "subprocess.run(x, timeout=5)",
        "thread.join(5)",
        "psutil.wait_procs(left, 10)",
        'page.evaluate("() => setTimeout(f, 3)")',
        'code = "import time; time.sleep(3)"',
    ],
)
def test_a_clock_would_be_seen(code):
    of = ast.parse(code)
    assert clocks(of) + scripts(of)


def test_those_who_may_are_still_there():
    assert set(MAY) <= {_name(f) for f in FILES}


def test_hypothesis_has_no_deadline_and_does_not_complain_of_slowness():
    """The profile that all files share, seen from a file that says nothing."""
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check
    assert settings(max_examples=3).deadline is None


def test_the_same_examples_each_time_in_ci(pytestconfig):
    import os

    if os.environ.get("CI"):
        assert settings().derandomize
    assert settings.get_current_profile_name() == "ketadash"
