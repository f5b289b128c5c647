"""Which cases of a sweep `make test` tries: some of each, evenly spread, and never none."""

import pytest
from sweeps import begun_elsewhere, evenly, others_of_a_sweep_are_slow


@pytest.mark.parametrize("of", range(1, 30))
@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_so_many_are_tried_the_first_and_the_last_among_them(n, of):
    places = evenly(n, of)
    assert len(places) == min(n, of) and places <= set(range(of)) and 0 in places
    assert n == 1 or of - 1 in places
    gaps = [b - a for a, b in zip(sorted(places), sorted(places)[1:], strict=False)]
    assert not gaps or max(gaps) - min(gaps) <= 1


class Case:
    """A test as pytest has collected it."""

    def __init__(self, nodeid, n=None):
        self.nodeid, self.n, self.slow = nodeid, n, False

    def get_closest_marker(self, name):
        return pytest.mark.sweep(self.n).mark if name == "sweep" and self.n else None

    def add_marker(self, mark):
        self.slow = mark.name == "slow"


def test_each_test_keeps_its_own_cases_and_one_without_the_mark_keeps_all():
    cases = [Case(f"a.py::one[{i}]", 2) for i in range(5)] + [Case(f"a.py::two[{i}]", 3) for i in range(5)]
    cases += [Case(f"a.py::three[{i}]") for i in range(5)] + [Case("b.py::one[7]", 2)]
    others_of_a_sweep_are_slow(cases)
    quick = [case.nodeid for case in cases if not case.slow]
    assert quick == [
        *("a.py::one[0]", "a.py::one[4]", "a.py::two[0]", "a.py::two[2]", "a.py::two[4]"),
        *(f"a.py::three[{i}]" for i in range(5)),
        "b.py::one[7]",
    ]


@pytest.mark.parametrize("n", [0, 1, 3, 8, 30])
def test_each_process_begins_elsewhere_and_leaves_out_nothing(n):
    things = list(range(n))
    rows = [begun_elsewhere(things, worker, 4) for worker in range(4)]
    assert all(sorted(row) == things for row in rows)
    assert len({row[0] for row in rows if row}) == min(n, 4)
