"""Making a file with every toggle: what is kept once, what goes on after an interruption, what is said on the way."""

import errno
import gzip
import json
import os
import re
import signal
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import plotly
import pytest
from hypothesis import given
from hypothesis import strategies as st
from supplement_states import ORDER, PAGES, origin_of
from sweeps import others_slow

from ketadash.__main__ import main
from ketadash.core import paths
from ketadash.core.errors import KetadashError, StoppedError
from ketadash.core.spec import PValues, Uncertainty
from ketadash.export import catalogue, plotly_js
from ketadash.export.sections import Material
from ketadash.export.supplement import document, expected, state_workers
from ketadash.export.supplement.ask import kept_beside, written_whole
from ketadash.export.supplement.content import Order
from ketadash.export.supplement.made import MARK, Made
from ketadash.export.supplement.pool import Pool
from ketadash.export.supplement.states import plan
from ketadash.trial import load, resolve


@pytest.fixture(scope="module")
def small(sample):
    """Three states of two pages, which share all their fits and so are one task."""
    return plan(sample, sample.declared.published, ("dropout",))


# --- the pool --------------------------------------------------------------------------------------------------------

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inside, max_size=4)
    ),
    max_leaves=25,
)


def part(parts, n):
    """The n-th, as supplement.js finds it."""
    return parts[n % len(parts)][n // len(parts)]


def read(parts, value):
    """What supplement.js makes of it."""
    if isinstance(value, list):
        return [read(parts, inner) for inner in value]
    if isinstance(value, dict):
        if MARK in value:
            return read(parts, part(parts, value[MARK]))
        return {key: read(parts, inner) for key, inner in value.items()}
    return value


def all_parts(pool):
    return [text for parts in pool.parts for text in parts]


@given(st.lists(JSONS, max_size=6))
def test_the_pool_gives_back_what_was_put_in_and_keeps_nothing_twice(values):
    pool = Pool()
    places = [pool.add(json.dumps(value)) for value in values]
    parts = json.loads(pool.text())
    assert [read(parts, part(parts, place)) for place in places] == values
    assert len(set(all_parts(pool))) == len(all_parts(pool))


def test_parts_of_a_kind_stand_together():
    """Curves beside curves and rows of words beside rows of words: what is compressed is a fifth smaller."""
    pool = Pool()
    pool.add(json.dumps({"y": list(range(40)), "rows": [["a row", "of words", "of a table"]] * 2, "z": [[9] * 40] * 9}))
    kinds = [{type(json.loads(text)) for text in parts} for parts in pool.parts]
    assert kinds == [set(), {dict}, {list}, {list}, {list}]
    assert [all(type(x) is int for x in json.loads(text)) for text in pool.parts[4]] == [True, True]


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=9), min_size=1, max_size=6), st.integers(0, 9))
def test_a_grid_that_pages_share_is_kept_once_and_read_back_in_each(grids, n):
    """Also of a page that is handed on with what it names, and of one that names the same twice."""
    made, taken = Made(), Made()
    marks = [made.keep(json.dumps(grid)) for grid in grids]
    page = {"z": [{MARK: mark} for mark in (*marks, marks[0])], "n": n}
    place = made.keep(json.dumps(page), *marks)
    taken.take(made, "0.0", {"abstinence": place})
    assert json.loads(taken.page("0.0", "abstinence")) == {"z": [*grids, grids[0]], "n": n}
    assert set(taken.packed) == {place, *marks} and taken.holds([place])
    pool = Pool(taken.text)
    at = pool.named(place)
    parts = json.loads(pool.text())
    assert read(parts, part(parts, at)) == {"z": [*grids, grids[0]], "n": n}
    assert len(set(all_parts(pool))) == len(all_parts(pool)) and pool.named(place) == at


@pytest.mark.slow
def test_an_interrupted_run_is_taken_up_and_gives_the_same_file(sample, small, two_workers, tmp_path, monkeypatch):
    monkeypatch.setattr(state_workers, "AT_ONCE", 1)
    monkeypatch.setattr(state_workers, "HANDED_OVER_S", 0)  # each state by itself, however fast the machine is
    spec = resolve(sample, sample.declared.published)[0]
    kept, origin = tmp_path / "trial.html.part", origin_of(sample, spec)

    def make(told):
        return state_workers.make(sample, spec, small, ORDER, origin, kept=kept, progress=told)

    def stop(done, of):
        if done >= 2:
            raise StoppedError("stopped")

    with pytest.raises(StoppedError):
        make(stop)
    kept.write_bytes(kept.read_bytes()[:-9])  # and the last line was cut short
    told = []
    made = make(lambda done, of: told.append(done))
    assert told[0] >= 1
    assert told[-1] == made.n_states == 3
    kept.unlink()
    assert make(lambda done, of: None).content == made.content
    assert (
        b"http://" not in made.content.replace(b"http://www.w3.org", b"").split(b'<script type="application/gzip"')[0]
    )


def test_what_needs_the_same_fits_stays_with_one_worker(sample, whole):
    """With the baseline and without: each kind has its worker, and each state is made once, whatever is done."""
    done = {state.place for state in whole.valid[::7]}
    left = [state.place for state in whole.valid if state.place not in done]
    for n in (1, 2, 3, 5):
        lanes = state_workers.lanes_of(whole, done, n)
        assert sorted(s.place for lane in lanes for s in lane) == sorted(left)
        kinds = [{s.spec.adjust for s in lane} for lane in lanes]
        assert len(lanes) == n and (n == 1 or all(len(kind) == 1 for kind in kinds))
        assert max(map(state_workers.work_of, lanes)) < 2.2 * min(map(state_workers.work_of, lanes))
    assert state_workers.lanes_of(whole, {state.place for state in whole.valid}, 2) == []


def test_a_fit_with_robust_errors_is_made_before_that_with_the_models_own_which_it_has_in_it(sample, whole):
    for lane in state_workers.lanes_of(whole, set(), 2):
        place = {s.spec: k for k, s in enumerate(lane) if not s.place.startswith("dial.")}
        own = [spec for spec in place if spec.uncertainty is Uncertainty.MODEL]
        assert own and all(place[spec.replace(uncertainty=Uncertainty.ROBUST)] < place[spec] for spec in own)


def test_a_worker_without_work_is_given_half_of_what_is_left_of_anothers(sample, whole):
    states = tuple(whole.valid)
    task = state_workers.Task("run", sample, ORDER, origin_of(sample, whole.valid[0].spec), states, 4.0)
    done = Made({state.place: {} for state in states[: len(states) // 3]})
    left = [state.place for state in states[len(states) // 3 :]]
    for n in (1, 2):
        shares = [[state.place for state in more.states] for more in state_workers.rest(task, done, n)]
        assert len(shares) == n and [place for share in shares for place in share] == left
        works = [state_workers.work_of(more.states) for more in state_workers.rest(task, done, n)]
        assert max(works) - min(works) <= state_workers.A_STOP
    # less is left than a worker has just done: it is not worth a share
    most = Made({state.place: {} for state in states[:-3]})
    assert [len(more.states) for more in state_workers.rest(task, most, 2)] == [3]
    assert state_workers.rest(task, Made({state.place: {} for state in states}), 2) == []


def test_what_is_done_is_handed_over_before_a_task_is(sample, small, two_workers, tmp_path, monkeypatch):
    """All states are one task: whoever stops it early keeps those that are done."""
    monkeypatch.setattr(state_workers, "HANDED_OVER_S", 0)
    spec = resolve(sample, sample.declared.published)[0]
    kept, origin, told = tmp_path / "trial.html.part", origin_of(sample, spec), []

    def far(done, of):
        told.append(done)
        if done == 2:
            raise StoppedError("stopped")

    with pytest.raises(StoppedError):
        state_workers.make(sample, spec, small, ORDER, origin, kept=kept, progress=far)
    made = state_workers.make(
        sample, spec, small, ORDER, origin, kept=kept, progress=lambda done, of: told.append(done)
    )
    assert told == [0, 1, 2, 2, 3]
    assert made.content == state_workers.make(sample, spec, small, ORDER, origin).content


def test_an_interrupted_command_says_that_it_goes_on_where_it_stopped(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("ketadash.export.supplement.ask.ask", interrupted)
    out = tmp_path / "trial.html"
    assert main(["supplement", "-o", str(out), "--quiet"]) == 130
    assert "interrupted before a state was done; the same command begins anew" in capsys.readouterr().err
    kept_beside(out).write_text("key\n", encoding="utf-8")
    assert main(["supplement", "-o", str(out), "--quiet"]) == 130
    assert "interrupted; the same command goes on where it stopped (what is done is in trial.html.part)" in (
        capsys.readouterr().err
    )


COMMAND = ["supplement", "--alive", "dropout", "--questions", "relapse,participants", "-o"]
STOPPED_AFTER_TWO = """
import os, sys
from ketadash.__main__ import main
from ketadash.export.supplement import state_workers
state_workers.HANDED_OVER_S = 0  # each state by itself
add, kept = state_workers._Store.add, []
def keep(self, made):
    add(self, made)
    kept.append(made)
    if len(kept) == 2:
        os.kill(os.getpid(), int(sys.argv[1]))
state_workers._Store.add = keep
sys.exit(main(sys.argv[2:]))
"""


def undated(content):
    """What a file holds, but for the minute in which it was made."""
    packed = re.search(rb'id="data">([^<]*)<', content)[1]
    return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?", "", gzip.decompress(b64decode(packed)).decode())


@pytest.mark.parametrize("how", others_slow([signal.SIGKILL, signal.SIGINT], signal.SIGKILL), ids=lambda how: how.name)
def test_a_command_that_was_ended_goes_on_where_it_stopped_says_so_and_makes_the_same_file(
    tmp_path, two_workers, capsys, how
):
    """Ended as a process of its own; that it goes on is the same in this one, whose workers have begun already."""
    out, whole = tmp_path / "trial.html", tmp_path / "whole.html"
    command = [sys.executable, "-c", STOPPED_AFTER_TWO, str(int(how)), *COMMAND, str(out)]
    env = os.environ | {"KETADASH_WORKERS": "1"}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == (130 if how is signal.SIGINT else -how), ended.stderr
    assert not out.exists() and kept_beside(out).is_file()
    assert ("the same command goes on where it stopped" in ended.stderr) is (how is signal.SIGINT)
    assert main([*COMMAND, str(out)]) == 0
    assert "goes on where it stopped: 2 of 3 states are done" in capsys.readouterr().err
    assert main([*COMMAND, str(whole)]) == 0
    assert "goes on" not in capsys.readouterr().err
    assert undated(out.read_bytes()) == undated(whole.read_bytes())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trial.html", "whole.html"]


def test_a_full_disk_is_told_with_what_to_do(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(KetadashError, match=r"no room to write .*: make room, and the same command goes on where"):
        written_whole(tmp_path / "trial.html", b"content")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "seconds", "size"),
    [(None, 60, 2_020_460), pytest.param("xbot", 260, 7_730_115, marks=pytest.mark.slow)],
)
def test_how_long_it_takes_is_said_as_it_was_measured(sample, whole, two_workers, name, seconds, size):
    """Within a third: 115 s of a processor the sample, 2.0 MB; 520 s X:BOT, 7.7 MB (docs/supplement.md)."""
    trial = load(paths.example_folder(name)) if name else sample
    told, bytes_ = expected.expected(trial, plan(trial, trial.declared.published) if name else whole)
    assert abs(told / seconds - 1) < 1 / 3 and abs(bytes_ / size - 1) < 0.1


def test_how_long_it_takes_is_said_in_words(sample, whole, two_workers):
    assert expected.in_words(sample, whole) == "1,313 states, about 1 minute, some 2.0 MB"


def test_what_is_left_of_another_file_is_not_taken_up(sample, small, tmp_path):
    kept = tmp_path / "trial.html.part"
    kept.write_text('another\n{"0.0": {"abstinence": "[]"}}\n', encoding="utf-8")
    spec, told = resolve(sample, sample.declared.published)[0], []

    def stop(done, of):
        told.append(done)
        raise StoppedError("stopped")

    with pytest.raises(StoppedError):
        state_workers.make(sample, spec, small, ORDER, origin_of(sample, spec), kept=kept, progress=stop)
    assert told == [0]


def test_the_command_says_how_many_states_seconds_and_bytes(tmp_path, capsys, two_workers):
    out = tmp_path / "trial.html"
    assert main(["supplement", "-o", str(out), "--alive", "trend", "--questions", "relapse", "--quiet"]) == 0
    said = capsys.readouterr()
    assert re.fullmatch(rf"{re.escape(str(out))}: 2 states, \d+ s, {out.stat().st_size:,} bytes\n", said.out)
    assert said.err == ""
    assert [path.name for path in tmp_path.iterdir()] == ["trial.html"]


@pytest.mark.parametrize(
    ("where", "options", "message"),
    [
        ("no/such/trial.html", [], "there is no folder"),
        ("", [], "is a folder"),
        (f"{'x' * 300}.html", ["--alive", "trend", "--questions", "relapse"], "cannot write"),
        ("a.html", ["--questions", "nonsense"], "is no part of a report"),
        ("a.html", ["--questions", ","], "no question is named"),
        ("a.html", ["--alive", "days"], "cannot be alive"),
        (
            "a.html",
            ["--alive", "trend", "--questions", "relapse,subgroups"],
            "subgroups has nothing to show in this file",
        ),
        (
            "a.html",
            ["--alive", "trend", "--questions", "participants", "--suppress"],
            "file: small counts are left out",
        ),
    ],
)
def test_what_cannot_be_made_is_said_and_leaves_nothing(tmp_path, capsys, two_workers, where, options, message):
    assert main(["supplement", "-o", str(tmp_path / where), "--quiet", *options]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_dark_colours_are_one_for_one(sample):
    spec = resolve(sample, sample.declared.published)[0]
    colours = document.dark_colours(sample, spec, Order(PAGES, PValues.SHOWN, suppress=False))
    assert colours
    assert not set(colours) & set(colours.values())


def test_the_bundle_is_the_plotly_of_the_wheel_and_its_licence_is_kept():
    version = re.search(r"plotly.js v([\d.]+)", _beginning(Path(plotly.__file__).parent / "package_data/plotly.min.js"))
    ours = re.search(r"plotly.js \(cartesian - minified\) v([\d.]+)", _beginning(plotly_js.SCRIPT))
    locked = plotly_js.VERSION
    assert version[1] == ours[1] == locked
    assert "MIT License" in plotly_js.LICENCE.read_text(encoding="utf-8")


def _beginning(path):
    with path.open(encoding="utf-8") as text:
        return text.read(400)


def test_every_kind_of_trace_is_in_the_bundle(sample):
    spec = resolve(sample, sample.declared.published)[0]
    kinds = {
        trace.get("type", "scatter")
        for page in (chapter.page for chapter in catalogue.CHAPTERS)
        for section in catalogue.sections_of(page, Material(sample, spec))
        for picture in section.pictures
        for trace in picture.figure["data"]
    }
    text = plotly_js.SCRIPT.read_text(encoding="utf-8")
    assert kinds <= {"scatter", "bar", "heatmap", "contour"}
    assert all(f'name:"{kind}"' in text for kind in kinds)
