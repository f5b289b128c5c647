"""A law of every file fails with the name of each file in which it does not hold."""

from pathlib import Path

import pytest
from every_file import in_every

HERE = Path(__file__)


def test_each_file_that_breaks_it_is_named_with_the_reason():
    @in_every([HERE, HERE.with_name("every_file.py"), HERE.with_name("conftest.py")])
    def test_no_file_is_here(path):
        """A law."""
        assert path.name != "test_every_file.py", "this one"
        if path.name == "conftest.py":
            raise ValueError("that one")

    assert test_no_file_is_here.__doc__ == "A law."
    with pytest.raises(AssertionError) as failure:
        test_no_file_is_here()
    assert "tests/test_every_file.py: AssertionError: this one" in str(failure.value)
    assert "tests/conftest.py: ValueError: that one" in str(failure.value)
    assert "/every_file.py" not in str(failure.value)


def test_a_law_of_no_file_is_no_law():
    with pytest.raises(AssertionError):
        in_every([])(lambda path: None)()
