"""Files made on demand: they belong to their session until fetched, in turn, and end with it."""

import gc
import logging
import threading
import weakref
from threading import Event

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from waiting import until

from ketadash.core.errors import KetadashError
from ketadash.ui.server import browser, downloads
from ketadash.ui.server.downloads import File, SessionDownloads
from ketadash.ui.server.fair_queue import FairQueue

COOKIE, SECRET = "ketadash-0123abcd", "5" * 32
HANG_S = 20  # guards against waiting for ever; decides nothing


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=[downloads.ROUTE]), cookies={COOKIE: SECRET}) as client:
        yield client


@pytest.fixture(autouse=True)
def opened_by_this_browser():
    for session in ("session-a", "b"):
        browser.bind(session, browser.Owned(frozenset({SECRET})))
    yield
    for session in ("session-a", "b"):
        browser.forget(session)


@pytest.fixture
def mine():
    session = SessionDownloads("session-a")
    session.begin()
    return session


def csv(make, name="days.csv", label="days (CSV)"):
    return File(label, name, "text/csv", make)


def until_made(client, address):
    while (answer := client.post(address)).status_code == 202:
        pass
    return answer


def until_let_go(session):
    """Nothing is on its way any more, or kept: the thread that made it lets go a moment after the answer."""
    until(lambda: gc.collect() >= 0 and not list(session.under_way))


def ended(making):
    making.ended.result(HANG_S)
    return making


def test_a_file_is_made_at_the_press_and_kept_until_the_browser_has_it(client, mine):
    made = []
    token = mine.offer("days", csv(lambda _: made.append(1) or b"a,b\r\n"))
    assert made == []
    address = f"/made/{token}/p1"
    first, again = until_made(client, address), until_made(client, address)  # the first was lost on its way
    assert first.content == again.content == b"a,b\r\n" and made == [1]
    assert first.headers["cache-control"] == "no-store" and first.headers["content-type"].startswith("text/csv")
    assert client.delete(address).status_code == 204
    until_let_go(mine)
    assert until_made(client, f"/made/{token}/p2").content == b"a,b\r\n" and made == [1, 1]


@pytest.mark.parametrize("name", ['a"b;c.csv', "Bräune\r\nX-Evil: 1.csv", "дни.csv", "../../etc/passwd"])
def test_a_files_name_is_only_a_name(client, mine, name):
    answer = until_made(client, f"/made/{mine.offer('x', csv(lambda _: b'1', name))}/p")
    said = answer.headers["content-disposition"]
    assert said.startswith('attachment; filename="') and said.count('"') == 2 and "x-evil" not in answer.headers
    assert "/" not in said.split('"')[1] and "\n" not in said


def test_nobody_gets_a_file_by_guessing_and_nothing_by_get(client, mine):
    token = mine.offer("days", csv(lambda _: b"1"))
    assert client.post("/made/" + "A" * len(token) + "/p").status_code == 410
    assert client.get(f"/made/{token}/p").status_code == 405
    assert len(token) >= 32


@pytest.mark.parametrize("cookies", [{}, {COOKIE: "6" * 32}])
def test_another_browser_that_knows_the_token_gets_nothing(mine, cookies):
    token = mine.offer("days", csv(lambda _: pytest.fail("it was made")))
    with TestClient(Starlette(routes=[downloads.ROUTE]), cookies=cookies) as stranger:
        assert stranger.post(f"/made/{token}/p").status_code == 410
        assert stranger.delete(f"/made/{token}/p").status_code == 410


def test_why_a_file_could_not_be_made_is_a_sentence_and_the_next_press_tries_again(client, mine):
    trouble = [KetadashError("arm 'low' has nobody; choose another arm"), None]

    def make(_):
        if error := trouble.pop(0):
            raise error
        return b"1"

    token = mine.offer("days", csv(make))
    answer = until_made(client, f"/made/{token}/p1")
    assert answer.status_code == 422 and answer.headers["cache-control"] == "no-store"
    assert answer.json()["trouble"] == "days (CSV) could not be made: arm 'low' has nobody; choose another arm."
    assert until_made(client, f"/made/{token}/p2").content == b"1"


def test_a_fault_is_a_sentence_without_the_datas_words_and_a_line_in_the_log(client, mine, caplog):
    def make(_):
        raise ValueError("could not convert string to float: 'Smith'")

    with caplog.at_level(logging.ERROR):
        answer = until_made(client, f"/made/{mine.offer('days', csv(make))}/p")
    assert answer.status_code == 422 and "Smith" not in answer.text and "fault in ketadash" in answer.json()["trouble"]
    assert any(r.exc_info and r.exc_info[0] is ValueError for r in caplog.records)


def test_how_far_a_long_one_is_and_that_it_can_be_stopped(client, mine, monkeypatch):
    monkeypatch.setattr(downloads, "WAIT_S", 0.05)
    told, go_on, stopped = Event(), Event(), Event()

    def make(progress):
        progress.tell(1, 3, "dropout")
        told.set()
        go_on.wait(HANG_S)
        try:
            progress.tell(2, 3, "safety")
        except KetadashError:
            stopped.set()
            raise
        return b"never"

    address = f"/made/{mine.offer('days', csv(make))}/p"
    client.post(address)
    assert told.wait(HANG_S)
    assert client.post(address).json() == {"waiting": False, "done": 1, "steps": 3, "now": "dropout"}
    client.delete(address)
    go_on.set()
    assert stopped.wait(HANG_S)


def test_it_stops_when_nobody_asks_any_more(mine, monkeypatch):
    monkeypatch.setattr(downloads, "UNWATCHED_S", -1.0)
    mine.offer("days", csv(lambda _: b"1"))
    (offer,) = mine.offers.values()
    making = ended(offer.pressed("p"))
    assert making.content is None and "stopped" in making.trouble


@pytest.mark.parametrize("how", ["its state is dropped", "it is closed"])
def test_what_a_session_has_under_way_ends_with_it_and_nothing_of_it_is_kept(client, how):
    class Data:
        """Something of a trial."""

    session, begun, go_on, data = SessionDownloads("b"), Event(), Event(), Data()
    seen = weakref.ref(data)

    def make(progress, data=data):
        begun.set()
        go_on.wait(HANG_S)
        progress.check()
        return b"never"

    token = session.offer("days", csv(make))
    (offer,) = session.offers.values()
    making = offer.pressed("p")
    assert begun.wait(HANG_S)
    del offer, data, make
    if how == "it is closed":
        session.close()
    del session
    assert making.progress.stopped
    assert client.post(f"/made/{token}/p").status_code == 410
    go_on.set()
    ended(making)
    assert making.content is None
    until(lambda: gc.collect() >= 0 and seen() is None)  # its thread lets go a moment after it has ended


def test_what_a_page_does_not_offer_again_goes_unless_it_is_on_its_way(client, mine):
    kept, gone = mine.offer("kept", csv(lambda _: b"1")), mine.offer("gone", csv(lambda _: b"2"))
    fetching = mine.offer("fetching", csv(lambda _: b"3"))
    until_made(client, f"/made/{fetching}/p")
    mine.end()
    mine.begin()
    assert mine.offer("kept", csv(lambda _: b"4")) == kept  # a click while the page is drawn anew finds it
    mine.end()
    assert client.post(f"/made/{gone}/p").status_code == 410
    assert until_made(client, f"/made/{kept}/p").content == b"4"
    assert until_made(client, f"/made/{fetching}/p").content == b"3"  # the page was turned: it arrives all the same
    assert [f.make(None) for f in mine.offered] == [b"4"]
    client.delete(f"/made/{fetching}/p")
    mine.end()
    assert client.post(f"/made/{fetching}/p2").status_code == 410


def test_what_is_never_fetched_is_dropped_some_time_later(client, mine, monkeypatch):
    token = mine.offer("days", csv(lambda _: b"1"))
    until_made(client, f"/made/{token}/p")
    (offer,) = mine.offers.values()
    downloads.drop_expired()
    assert list(offer.makings) == ["p"]
    monkeypatch.setattr(downloads, "KEPT_S", -1.0)
    downloads.drop_expired()
    assert not offer.makings
    until_let_go(mine)


def test_a_session_has_so_many_under_way_and_no_more(client, mine, monkeypatch):
    monkeypatch.setattr(downloads, "MOST", 3)
    token = mine.offer("days", csv(lambda _: b"1"))
    for k in range(3):
        until_made(client, f"/made/{token}/p{k}")
    answer = client.post(f"/made/{token}/p3")
    assert answer.status_code == 429 and "wait for one" in answer.json()["trouble"]
    client.delete(f"/made/{token}/p0")
    gc.collect()
    assert until_made(client, f"/made/{token}/p3").status_code == 200


def test_heavy_files_wait_for_heavy_ones_and_light_ones_for_none(mine, monkeypatch):
    monkeypatch.setattr(downloads, "HEAVY", FairQueue("heavy", 1))
    begun, go_on, names = Event(), Event(), []

    def slow(_):
        names.append(threading.current_thread().name)
        begun.set()
        go_on.wait(HANG_S)
        return b"1"

    for key, make, heavy in (("a", slow, True), ("b", slow, True), ("c", lambda _: b"3", False)):
        mine.offer(key, File(key, key, "text/csv", make, heavy=heavy))
    first, second, light = (offer.pressed("p") for offer in mine.offers.values())
    assert begun.wait(HANG_S)
    assert ended(light).content == b"3" and not second.ended.done() and len(names) == 1
    go_on.set()
    assert ended(first).content == ended(second).content == b"1"
    assert not any("asyncio" in name for name in names)


def test_people_take_turns_however_much_one_of_them_asks():
    queue, order, begun, go_on, done = FairQueue("test", 1), [], Event(), Event(), Event()

    def first():
        begun.set()
        go_on.wait(HANG_S)

    queue.put("a", first)
    assert begun.wait(HANG_S)
    for name in ("a1", "a2", "a3", "b1", "c1", "b2"):
        queue.put(name[0], lambda name=name: order.append(name))
    queue.put("z", done.set)
    go_on.set()
    assert done.wait(HANG_S)
    assert order[:3] == ["a1", "b1", "c1"]


def test_a_queue_uses_so_many_threads_and_none_when_idle():
    queue, now, most, lock, done = FairQueue("bounded", 2), [0], [0], threading.Lock(), threading.Semaphore(0)

    def work():
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        gc.collect()
        with lock:
            now[0] -= 1
        done.release()

    for k in range(12):
        queue.put(str(k % 3), work)
    assert all(done.acquire(timeout=HANG_S) for _ in range(12))
    assert most[0] <= 2
    for thread in [t for t in threading.enumerate() if t.name == "bounded"]:
        thread.join(HANG_S)
    assert not [t for t in threading.enumerate() if t.name == "bounded"]
