"""The real trial that comes with the program, opened: every page says that its people are real."""

import pytest
from opened import opened, status, turned
from test_pages import STEMS

from ketadash.core import paths

REAL = "Real, public data of real people"


def test_every_page_of_a_real_trial_says_whose_data_it_shows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KETADASH_DATA", str(paths.example_folder("xbot")))
    at = opened("overview")
    for page in STEMS:
        assert REAL in status(turned(at, page)), page
        assert "Synthetic" not in status(at) and not at.exception and not at.error, page
