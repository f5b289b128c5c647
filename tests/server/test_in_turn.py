"""Runs go one after the other in the order of their coming, and one that takes long, or waits, holds up nobody."""

from threading import Event, Thread

import pytest
from waiting import HANG_S, until

from ketadash.ui.server.in_turn import LEASE_S, Queue


class Clock:
    """It stands still until it is put forward, and counts who looks: the first of those that wait."""

    def __init__(self):
        self.now, self.looks = 0.0, 0

    def __call__(self):
        self.looks += 1
        return self.now


class Runs:
    """Runs that wait for their turn, and then until they are told to end."""

    def __init__(self):
        self.clock, self.began, self._ends, self._threads = Clock(), [], {}, {}
        self._queue = Queue(self.clock)

    def start(self, name):
        self._ends[name] = Event()
        self._threads[name] = Thread(target=self._run, args=(name,), daemon=True)
        self._threads[name].start()

    def _run(self, name):
        with self._queue.turn():
            self.began.append(name)
            self._ends[name].wait(HANG_S)

    def is_first_to_wait(self):
        looks = self.clock.looks
        until(lambda: self.clock.looks > looks)

    def end(self, name):
        self._ends[name].set()
        self._threads[name].join(HANG_S)

    def began_are(self, *names):
        until(lambda: self.began == list(names), f"{self.began}")


@pytest.fixture
def runs():
    runs = Runs()
    runs.start("a")
    runs.began_are("a")
    runs.start("b")
    runs.is_first_to_wait()
    return runs


def test_the_next_begins_when_the_one_before_has_ended(runs):
    runs.start("c")
    runs.is_first_to_wait()
    assert runs.began == ["a"]
    runs.end("a")
    runs.began_are("a", "b")
    runs.is_first_to_wait()  # c, which waits for b
    assert runs.began == ["a", "b"]
    runs.end("b")
    runs.began_are("a", "b", "c")
    runs.end("c")
    runs.start("d")
    runs.began_are("a", "b", "c", "d")
    runs.end("d")


def test_a_run_that_takes_long_holds_up_nobody_and_its_end_ends_no_turn_but_its_own(runs):
    runs.clock.now = LEASE_S
    runs.began_are("a", "b")
    runs.start("c")
    runs.is_first_to_wait()
    runs.end("a")
    runs.is_first_to_wait()
    assert runs.began == ["a", "b"]
    runs.end("b")
    runs.began_are("a", "b", "c")
    runs.end("c")


def test_a_run_that_fails_gives_its_turn_on():
    queue = Queue()
    with pytest.raises(ZeroDivisionError), queue.turn():
        1 / 0  # noqa: B018
    with queue.turn():
        pass


def test_a_run_that_waits_for_work_elsewhere_lets_the_others_go_on_and_then_waits_for_its_turn():
    queue, did, step = Queue(Clock()), [], [Event() for _ in range(3)]

    def reads():
        with queue.turn():
            with queue.aside():
                did.append("reads")
                step[0].wait(HANG_S)
            did.append("goes on")

    def draws():
        with queue.turn():
            did.append("draws")
            step[1].wait(HANG_S)

    reader, other = Thread(target=reads, daemon=True), Thread(target=draws, daemon=True)
    reader.start()
    until(lambda: did == ["reads"])
    assert not queue.is_busy()
    other.start()
    until(lambda: did == ["reads", "draws"])
    step[0].set()
    until(queue.is_busy)  # read, and waits for whoever draws
    assert did == ["reads", "draws"]
    step[1].set()
    for thread in (reader, other):
        thread.join(HANG_S)
    assert did == ["reads", "draws", "goes on"] and not queue.is_busy()


def test_a_run_that_fails_while_it_waits_elsewhere_asks_for_no_turn():
    queue = Queue()
    with pytest.raises(ZeroDivisionError), queue.turn(), queue.aside():
        1 / 0  # noqa: B018
    with queue.turn():
        assert not queue.is_busy()


def test_whoever_has_no_turn_steps_aside_for_nobody():
    queue = Queue()
    with queue.aside():
        pass
    with queue.turn(), queue.aside(), queue.aside():
        pass
    with queue.turn():
        pass
