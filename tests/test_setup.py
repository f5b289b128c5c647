"""What makes the program start anywhere: locks, settings, ports, the wheel."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from waiting import HANG_S, until

from ketadash.core import threads
from ketadash.core.errors import DataError, KetadashError
from ketadash.ui.server.launch import DATA_VARIABLE, existing, free_port, has_user_at_screen, run_app

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock")
OUTPUT = {"capture_output": True, "text": True, "timeout": HANG_S}
# What is installed must not find the checkout by the path of whoever runs the tests.
AWAY = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def pins(name: str) -> dict[str, str]:
    """The packages of a lock with their versions."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE))


def names(requirements: list) -> set[str]:
    return {re.split(r"[<>=!\[; ]", r)[0].lower().replace("_", "-") for r in requirements if isinstance(r, str)}


# --- locks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"--(index-url|extra-index-url|find-links|trusted-host)", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_pins_with_hashes_alone(lock):
    lines = (ROOT / lock).read_text().splitlines()
    heads = [line for line in lines if not line.startswith("    --hash=sha256:")]
    assert heads
    for line in heads:
        assert re.fullmatch(r"[\w.-]+==[\w.!+-]+( ; [^\\]+)? \\", line), line
    for head, following in zip(lines, [*lines[1:], ""], strict=True):
        if not head.startswith(" "):
            assert following.startswith("    --hash=sha256:"), f"{head} has no hash"


def test_the_locks_pin_everything_pyproject_asks_for():
    run = names(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["build"])
    assert run <= set(pins("requirements.lock"))
    assert names(PROJECT["dependency-groups"]["dev"]) | run <= set(pins("requirements-dev.lock"))


def test_the_two_locks_agree():
    dev = pins("requirements-dev.lock")
    assert {name: dev.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_streamlit_is_held_to_the_minor_version_whose_private_parts_were_looked_at():
    (wanted,) = [r for r in PROJECT["project"]["dependencies"] if names([r]) == {"streamlit"}]
    major, minor = re.fullmatch(r"streamlit>=(\d+)\.(\d+),<\d+\.\d+", wanted).groups()
    assert wanted.endswith(f",<{major}.{int(minor) + 1}")
    assert all(pins(lock)["streamlit"].startswith(f"{major}.{minor}.") for lock in LOCKS)


def test_what_runs_needs_no_test_tools():
    assert not {"playwright", "pytest", "mypy", "ruff"} & set(pins("requirements.lock"))


# --- settings ------------------------------------------------------------------------------------------------------


def test_nothing_is_sent_and_nobody_else_is_served():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["address"] == "localhost"
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["runner"]["magicEnabled"] is False


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["textColor", "linkColor", "primaryColor"])
@pytest.mark.parametrize("paper", ["backgroundColor", "secondaryBackgroundColor"])
def test_the_theme_can_be_read(theme, ink, paper):
    a, b = sorted(luminance(CONFIG["theme"][theme][key]) for key in (ink, paper))
    assert (b + 0.05) / (a + 0.05) >= 4.5  # WCAG 2.2, 1.4.3: contrast of text


# --- launcher ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def taken_port(host: str = "127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.bind((host, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
def test_a_taken_port_is_passed_over(host):
    try:
        with taken_port(host) as port:
            assert port < free_port(port) < port + 50
    except OSError:
        pytest.skip(f"this computer has no {host}")


def test_a_free_port_is_kept():
    with taken_port() as port:
        pass
    assert free_port(port) == port


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(KetadashError, match=f"{port} is not a port; choose one from"):
        free_port(port)


def test_data_that_is_not_there_is_said_before_anything_starts(monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, "left over")
    with pytest.raises(DataError, match=r"no file or folder 'no/such\.csv'"):
        run_app("no/such.csv")
    assert DATA_VARIABLE not in os.environ


def test_the_app_takes_one_thread_a_sum():
    """Where a stop of a large trial's dial needed three times the processor time, since BLAS's threads spin."""
    code = (
        "import os, sys, types; from ketadash.ui.server import launch; serve = types.ModuleType('serve'); "
        "serve.serve = lambda *_, **__: print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules); "
        "sys.modules['ketadash.ui.server.serve'] = serve; launch.run_app(open_browser=False)"
    )
    kept = {name: value for name, value in os.environ.items() if name not in threads.SETTINGS}
    run = subprocess.run([sys.executable, "-c", code], check=True, env=kept, cwd=ROOT, **OUTPUT)
    assert "1 False" in run.stdout.splitlines()


def test_data_is_found_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "days.csv").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert existing("days.csv") == (tmp_path / "days.csv").resolve()


def test_no_browser_is_opened_where_nobody_looks(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for variable in ("CI", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    assert not has_user_at_screen()
    monkeypatch.setenv("DISPLAY", ":0")
    assert has_user_at_screen()
    monkeypatch.setenv("CI", "true")
    assert not has_user_at_screen()


# --- make ----------------------------------------------------------------------------------------------------------


def make(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=cwd, env=clean | environment, capture_output=True, text=True, timeout=HANG_S
    )


def test_make_alone_says_what_it_can_do():
    said = make().stdout
    for target in ("run", "test", "lint", "oracle", "bench"):
        assert f"make {target} " in said


def test_make_elsewhere_says_how(tmp_path):
    done = make("-f", str(ROOT / "Makefile"), "run", cwd=tmp_path)
    assert done.returncode != 0
    assert "make -C path/to/ketadash run" in done.stderr


def test_an_old_python_is_refused_in_words(tmp_path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    script = ROOT / ".ci/venv.sh"
    done = subprocess.run(["sh", str(script)], cwd=tmp_path, env=os.environ | {"PYTHON": str(old)}, **OUTPUT)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()


# --- wheel ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """A wheel built from the checkout, without a network."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, env=os.environ | {"PIP_NO_INDEX": "1"}, **OUTPUT)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("ketadash-*.whl"))


def test_the_wheel_carries_the_app(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = ["app.py", ".streamlit/config.toml"]
    wanted += [f"pages/{page.name}" for page in (ROOT / "pages").glob("*.py")]
    wanted += [f"docs/methods/{page.name}" for page in (ROOT / "docs/methods").glob("*.md")]
    wanted += [f"sample_data/{name}" for name in ("days.csv", "participants.csv", "visits.csv", "trial.toml")]
    assert any(path.startswith("pages/") for path in wanted)
    assert any(path.startswith("docs/methods/") for path in wanted)
    assert {f"ketadash/_app/{path}" for path in wanted} <= inside
    assert {"ketadash/core/spec.py", "ketadash/py.typed"} <= inside
    assert [name for name in inside if name.endswith(".dist-info/licenses/LICENSE")]
    assert not [name for name in inside if "__pycache__" in name or name.startswith("tests/")]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The folder of programs of a new environment that has the wheel and sees this one's libraries, no checkout."""
    folder = tmp_path_factory.mktemp("installed") / "an environment"  # with a space in its name
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, **OUTPUT)
    scripts = Path(sysconfig.get_path("scripts", "venv", {"base": str(folder)}))
    libraries = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    python = scripts / Path(sys.executable).name
    install = [str(python), "-m", "pip", "install", "--no-index", "--no-deps", "--quiet", str(wheel)]
    subprocess.run(install, check=True, **OUTPUT)
    # The path alone: .pth files in there, such as the editable install of the checkout, are not followed.
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scripts


@pytest.mark.slow
def test_the_installed_wheel_uses_its_own_files(installed, tmp_path):
    code = "import ketadash.core.paths as p; print(p.home()); print(p.sample_folder().is_dir())"
    python = str(installed / Path(sys.executable).name)
    done = subprocess.run([python, "-c", code], cwd=tmp_path, env=AWAY, check=True, **OUTPUT)
    home, sample = done.stdout.split("\n")[:2]
    assert Path(home).is_relative_to(installed.parent)
    assert sample == "True"


@pytest.mark.slow
def test_the_installed_wheel_opens_the_app(installed, tmp_path):
    with taken_port() as wanted:
        log = tmp_path / "log"
        command = [str(installed / "ketadash"), "app", "--headless", "--port", str(wanted)]
        with log.open("w") as out:
            server = subprocess.Popen(command, cwd=tmp_path, env=AWAY, stdout=out, stderr=subprocess.STDOUT)
        try:
            url = wait_until_ready(server, log)
            assert f"port {wanted} is taken" in log.read_text()
            with urllib.request.urlopen(url + "/_stcore/health", timeout=HANG_S) as answer:
                assert answer.read() == b"ok"
            with urllib.request.urlopen(url, timeout=HANG_S) as answer:
                assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
                assert b"<title>" in answer.read()
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=HANG_S) == 0
        finally:
            server.kill()
            server.wait()
    assert "Traceback" not in log.read_text()
    assert log.read_text().strip().endswith("ketadash has ended")


def wait_until_ready(server: subprocess.Popen, log: Path) -> str:
    """The address, once the server prints it."""
    until(lambda: "is ready: " in log.read_text() or server.poll() is not None)
    ready = re.search(r"is ready: (\S+)", log.read_text())
    assert ready, log.read_text()
    return ready[1]


def test_every_dependency_is_justified_in_a_line():
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    extras = [d for ds in PROJECT["project"]["optional-dependencies"].values() for d in ds]
    groups = [d for ds in PROJECT["dependency-groups"].values() for d in ds if isinstance(d, str)]
    asked = names([*PROJECT["project"]["dependencies"], *extras, *groups])
    assert [name for name in sorted(asked) if not re.search(rf"\b{re.escape(name)}\b", page, re.IGNORECASE)] == []
