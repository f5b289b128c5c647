"""Files with every toggle, of the sample trial, each prepared once."""

import pytest

from ketadash.export.supplement.states import plan


@pytest.fixture(scope="session")
def whole(sample):
    """The states of the sample's usual file."""
    return plan(sample, sample.declared.published)
