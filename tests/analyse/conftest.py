"""Made-up trials, each made once."""

import pytest
from imputed_trials import (
    leaving,
)
from stratified_trials import made
from trials import frame, trial


@pytest.fixture(scope="session")
def gaps():
    """Single days missing, in both arms."""
    return trial(frame(3))


@pytest.fixture(scope="session")
def dropouts():
    return trial(leaving(1))


@pytest.fixture(scope="session")
def with_strata():
    return made()
