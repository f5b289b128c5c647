"""The server's loop is woken seldom and sends in few goes: nothing is lost, nothing changes places, nobody starves."""

import asyncio
import contextvars
import socket
import sys
import threading

import pytest
from waiting import HANG_S

from ketadash.ui.server import event_loop
from ketadash.ui.server.event_loop import LARGE, GatheringLoop, GatheringTransport, gathering_loop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a loop of its own kind")


@pytest.fixture
def loop():
    made = GatheringLoop(lambda: True)
    yield made
    made.close()


def test_what_threads_hand_over_is_called_once_each_thread_s_in_its_order_and_wakes_the_loop_seldom(loop, monkeypatch):
    called, ended, woken = [], asyncio.Event(), []
    wake = asyncio.SelectorEventLoop.call_soon_threadsafe
    monkeypatch.setattr(
        asyncio.SelectorEventLoop, "call_soon_threadsafe", lambda self, *args: woken.append(1) or wake(self, *args)
    )

    def hand_over(thread):
        for n in range(500):
            loop.call_soon_threadsafe(called.append, (thread, n))
        loop.call_soon_threadsafe(lambda: len(called) == 2000 and ended.set())

    async def run():
        threads = [threading.Thread(target=hand_over, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        await asyncio.wait_for(ended.wait(), HANG_S)

    loop.run_until_complete(run())
    for k in range(4):
        assert [n for thread, n in called if thread == k] == list(range(500))
    assert len(woken) < 100  # of 2,004


def test_a_thread_alone_is_heard_at_any_moment(loop):
    """Each waits for the answer to the one before: were a wake lost, this would hang."""

    async def run():
        async def answer(n):
            return n + 1

        def count():
            n = 0
            for _ in range(300):
                n = asyncio.run_coroutine_threadsafe(answer(n), loop).result(HANG_S)
            return n

        return await loop.run_in_executor(None, count)

    assert loop.run_until_complete(run()) == 300


def test_what_is_handed_over_has_its_own_context_and_can_be_taken_back(loop):
    word, seen = contextvars.ContextVar("word", default="none"), []

    async def run():
        word.set("of the loop")
        other = contextvars.Context()
        other.run(word.set, "given")
        loop.call_soon_threadsafe(lambda: seen.append(word.get()))
        loop.call_soon_threadsafe(lambda: seen.append(word.get()), context=other)
        taken_back = loop.call_soon_threadsafe(seen.append, "taken back")
        taken_back.cancel()
        await asyncio.sleep(0)
        ended = asyncio.Event()
        loop.call_soon_threadsafe(ended.set)
        await ended.wait()

    loop.run_until_complete(run())
    assert seen == ["of the loop", "given"]


def test_whoever_cannot_wait_wakes_the_loop_at_once_and_what_was_gathered_goes_first():
    gathers, called = threading.local(), []
    loop = GatheringLoop(lambda: getattr(gathers, "now", False))
    ends = asyncio.Event()
    loop._will_look = True  # as while a look is still to come: what is gathered waits for it

    def hand_over():
        gathers.now = True
        for n in range(50):
            loop.call_soon_threadsafe(called.append, n)
        gathers.now = False
        loop.call_soon_threadsafe(called.append, "now")
        loop.call_soon_threadsafe(ends.set)

    async def run():
        threading.Thread(target=hand_over).start()
        await asyncio.wait_for(ends.wait(), HANG_S)

    loop.run_until_complete(run())
    loop.close()
    assert called == [*range(50), "now"]


def test_what_an_earlier_one_takes_back_is_not_called(loop):
    called, handles = [], []

    async def run():
        loop.call_soon_threadsafe(lambda: handles[0].cancel())
        handles.append(loop.call_soon_threadsafe(called.append, "taken back"))
        ended = asyncio.Event()
        loop.call_soon_threadsafe(ended.set)
        await ended.wait()

    loop.run_until_complete(run())
    assert called == []


def test_threads_that_hand_over_without_a_pause_leave_the_loop_its_own_work(loop):
    ends = threading.Event()

    def hand_over():
        while not ends.is_set():
            loop.call_soon_threadsafe(int)

    async def run():
        threads = [threading.Thread(target=hand_over) for _ in range(3)]
        for thread in threads:
            thread.start()
        await asyncio.sleep(0.001)  # a timer comes although there is always something more
        ends.set()

    loop.run_until_complete(run())


def test_a_closed_loop_takes_nothing():
    loop = gathering_loop()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon_threadsafe(print)


def test_a_loop_with_always_something_to_do_still_hears_its_connections(loop):
    ours, theirs = socket.socketpair()
    ours.setblocking(False)

    async def run():
        heard = loop.create_task(loop.sock_recv(ours, 5))
        theirs.send(b"hello")
        while not heard.done():
            await asyncio.sleep(0)  # as Streamlit does after each message
        return await heard

    assert loop.run_until_complete(asyncio.wait_for(run(), HANG_S)) == b"hello"
    ours.close()
    theirs.close()


class Connection:
    """It notes what is done to it."""

    def __init__(self):
        self.done = []

    def write(self, data):
        self.done.append(data)

    def write_eof(self):
        self.done.append("no more")

    def close(self):
        self.done.append("closed")

    def abort(self):
        self.done.append("aborted")


class Clock:
    """Calls what is due when it is told to."""

    def __init__(self):
        self._due = []

    def call_later(self, seconds, call):
        assert seconds == event_loop.GATHER_S
        self._due.append(call)

        return object()

    def pass_on(self):
        due, self._due = self._due, []
        for call in due:
            call()
        return len(due)


def test_the_first_goes_at_once_and_what_follows_soon_together():
    connection, clock = Connection(), Clock()
    page = GatheringTransport(connection, clock)
    page.write(b"1")
    assert connection.done == [b"1"]
    page.write(b"2")
    page.write(b"3")
    assert connection.done == [b"1"]
    clock.pass_on()
    assert connection.done == [b"1", b"23"]
    page.write(b"4")
    clock.pass_on()
    assert connection.done == [b"1", b"23", b"4"]
    clock.pass_on()
    assert clock.pass_on() == 0  # nothing to wait for
    page.write(b"5")
    assert connection.done[-1] == b"5"


def test_what_is_large_waits_for_no_others_and_nothing_waits_at_the_end():
    connection, clock = Connection(), Clock()
    page = GatheringTransport(connection, clock)
    page.write(b"1")
    page.write(b"2")
    page.write(b"x" * LARGE)
    assert connection.done == [b"1", b"2" + b"x" * LARGE]
    page.write(b"3")
    page.write_eof()
    page.write(b"4")
    page.close()
    assert connection.done[2:] == [b"3", "no more", b"4", "closed"]


def test_all_but_writing_and_closing_is_the_connection_s_own():
    connection = Connection()
    GatheringTransport(connection, Clock()).abort()
    assert connection.done == ["aborted"]
