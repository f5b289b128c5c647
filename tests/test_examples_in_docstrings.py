"""What a docstring shows as an example gives what it says."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import ketadash

ROOT = Path(ketadash.__file__).parent
SHOWING = [
    ".".join(("ketadash", *path.relative_to(ROOT).with_suffix("").parts))
    for path in sorted(ROOT.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", SHOWING)
def test_the_examples_of_a_module_come_out(name):
    found = doctest.testmod(import_module(name))
    assert found.attempted and not found.failed


def test_there_are_examples():
    assert len(SHOWING) > 5
