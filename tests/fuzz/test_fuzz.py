"""Properties of reading that hold for whatever is given; `make fuzz` tries thousands, these a few in every run."""

from __future__ import annotations

import io
import random

import corpus
import dressed
import numpy as np
import pandas as pd
import pytest
import spoil_bytes
import worker
import written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketadash.core.errors import SpecError
from ketadash.core.families import PANEL
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import load, panel, resolve
from ketadash.trial.recipe import Recipe, from_link, from_toml

SOUND = dressed.long(3, 0, 5)
few = settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
fewer = settings(few, max_examples=9)  # of files that are read several times each: three shares, each of its own seeds
SHARES = pytest.mark.parametrize("share", range(3))


def outcome(case: corpus.Case) -> worker.Outcome:
    """What the harness of `make fuzz` says, reading as in real life."""
    found = worker.Harness(lambda where: None, real=True).outcome(case, analyse=False)
    assert found.kind != "crash", f"{case.name}: {found.said}\n{found.trace}"
    return found


@pytest.mark.sweep(1)
@SHARES
@fewer
@given(number=st.integers(0, 10**9))
def test_a_spoiled_text_is_read_or_refused(share, number):
    outcome(corpus.case(7 + share, number, written.TEXTS))


@few
@given(
    st.text(max_size=300) | st.binary(max_size=300).map(lambda b: b.decode("latin-1")), st.sampled_from(["", "\ufeff"])
)
def test_any_text_is_read_or_refused(text, mark):
    outcome(corpus.Case(0, "any", "csv", (), {"x.csv": (mark + text).encode("utf-8", "surrogatepass")}))


@few
@given(st.integers(0, 10**9), st.sampled_from(["table", "link"]))
def test_a_spoiled_recipe_is_refused_in_a_sentence(number, how):
    rng = random.Random(number)
    text = corpus._RECIPE
    for _ in range(3):
        text = spoil_bytes.toml(rng, text)[0] if text else text
    if how == "link":
        pairs = from_toml(corpus._RECIPE).to_link().split("&")
        more = ["days.x=1", "shape.x=1", "columns=1", "start_day=2", "unknown=", "=", "x", "arms.=", "unit=%ff"]
        text = "&".join(rng.sample(pairs + more, rng.randrange(1, len(pairs))))
    try:
        recipe = (from_link if how == "link" else from_toml)(text)
    except SpecError as error:
        assert 10 < len(str(error)) < 1_000
    else:
        assert from_toml(recipe.to_toml()) == recipe
        assert from_link(recipe.to_link()) == recipe


@pytest.mark.sweep(1)
@SHARES
@fewer
@given(
    shape=st.sampled_from([s for s in corpus.SHAPES if s != "folder"]),
    seed=st.integers(0, 500),
    how=st.sampled_from(["csv", "tab", "utf-16"]),
)
def test_the_recipe_that_a_reading_gives_repeats_it(share, shape, seed, how):
    rng = random.Random(1000 * share + seed)
    tables, texts = corpus.sound(rng, shape)
    files = {
        f"{name}.{how}".replace("utf-16", "csv").replace("tab", "tsv"): written.written(t, how)
        for name, t in tables.items()
    } | {name: text.encode() for name, text in texts.items()}
    assert outcome(corpus.Case(0, shape, how, (), files)).kind == "loaded"  # the harness reads it again and compares


@pytest.mark.sweep(1)
@SHARES
@fewer
@given(seed=st.integers(0, 10**9), wide=st.booleans())
def test_the_order_of_rows_and_columns_does_not_matter(share, seed, wide):
    seed += 10**9 * share
    columns = random.Random(seed).sample(range(SOUND.shape[1]), SOUND.shape[1])
    frame = dressed.wide(SOUND) if wide else SOUND
    names = (
        [*[frame.columns[i] for i in columns if i < 3], *frame.columns[3:]] if wide else frame.columns[list(columns)]
    )
    mixed = frame[names].sample(frac=1, random_state=seed % 2**32)
    first, second = (_panel(load(dressed.as_bytes(f, "csv"))) for f in (frame, mixed))
    assert first.participant_ids == second.participant_ids and first.arms == second.arms
    np.testing.assert_array_equal(first.amount, second.amount)
    np.testing.assert_array_equal(first.heavy_threshold, second.heavy_threshold)


def _panel(trial):
    return panel(trial, PANEL.seen(resolve(trial, AnalysisSpec())[0]))


@pytest.mark.parametrize("how", written.SHEETS + written.SETS[:-1])
def test_a_format_of_the_corpus_is_read(how):
    """What is spoiled in `make fuzz` was sound before: a corpus that nothing can read would prove nothing."""
    trial = load(written.written(SOUND, how), name=f"x.{how}")
    assert sorted(trial.days["drinks"].dropna()) == sorted(SOUND["drinks"].dropna())


def test_a_crash_is_seen(monkeypatch):
    """The harness can fail: an error of another kind, a message without a remedy, a recipe that reads otherwise."""
    case = corpus.Case(0, "long", "csv", (), {"x.csv": dressed.as_bytes(SOUND, "csv")})
    silent = worker.Harness(lambda where: None, real=True)
    for name, wrong in (
        ("validate", lambda *a, **k: 1 / 0),
        ("_wrong_with", lambda *a, **k: "is empty"),
        ("from_link", lambda text: Recipe(unit="us")),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(worker, name, wrong)
            assert silent.outcome(case, analyse=False).kind == "crash"
    assert silent.outcome(case, analyse=True).analysed == "done"


def test_cases_can_be_made_again():
    formats = ("csv", "parquet", "xlsx")
    one, two = (corpus.case(3, 11, formats) for _ in range(2))
    assert one.changes == two.changes and one.files.keys() == two.files.keys()
    assert pd.read_csv(io.BytesIO(corpus.sound_file("csv", 1))).shape[0] > 5
