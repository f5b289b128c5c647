"""The attacks of `make soak` that take a few seconds, against a server of their own."""

import sys
from pathlib import Path

import pytest
from sweeps import others_slow

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import serving
import soak_attacks
import soak_doors
import soak_target

CHEAP = [a for a in soak_target.ATTACKS if a.cheap and a.what and soak_attacks and soak_doors]


@pytest.fixture(scope="module")
def target():
    with serving.server() as served:
        yield soak_target.Target(served)


@pytest.mark.parametrize("one", others_slow(CHEAP, CHEAP[0]), ids=lambda a: f"{a.item} {a.run.__name__}")
def test_an_attack_stays_within_its_bound(target, one, monkeypatch):
    monkeypatch.setattr(serving, "PATIENCE_S", soak_target.LONGEST_S)
    outcome = one.run(target)
    assert outcome.kept, f"{one.bound}: {outcome.measured}"


def test_no_other_address_is_attacked():
    for address in ("http://192.0.2.1:8501", "http://localhost:8501", "https://ketadash.example"):
        with pytest.raises(SystemExit):
            soak_target.Target(serving.Server(address, None, 0.0, []))
