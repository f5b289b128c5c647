"""The gate bounds what arrives: floods of messages, bodies that grow, stop or trickle, and what all hold together."""

import asyncio

import pytest
from gate_client import SESSION, message, opened, part, visited

from ketadash.ui.server import gate
from ketadash.ui.server.streamlit_seams import sessions


def test_a_flood_of_messages_waits_and_none_is_lost(behind, monkeypatch):
    monkeypatch.setattr(gate, "BURST", 3)
    monkeypatch.setattr(gate, "PER_SECOND", 1000)
    slept = []
    sleep = asyncio.sleep

    async def counted(seconds):
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(gate.asyncio, "sleep", counted)
    ann = visited(behind)
    with opened(ann) as socket:
        socket.receive_bytes()
        for _ in range(20):
            socket.send_bytes(message("rerun_script"))
        for _ in range(20):
            socket.receive_bytes()
    assert len(behind.messages) == 20 and slept and max(slept) < 0.1


def receiving(*messages):
    """A `receive` that gives these and then waits."""
    waiting = list(messages)

    async def receive():
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    return receive


async def whole(receive):
    got = b""
    while True:
        part = await receive()
        got += part["body"]
        if not part.get("more_body"):
            return got


def test_a_body_is_bounded_as_it_comes():
    async def run(largest):
        return await whole(gate.bounded_body(receiving(part(b"12345"), part(b"67890", False)), largest))

    assert asyncio.run(run(10)) == b"1234567890"
    with pytest.raises(gate.HTTPException) as refused:
        asyncio.run(run(9))
    assert refused.value.status_code == 413 and refused.value.headers == {"Connection": "close"}


def test_a_body_that_stops_coming_is_let_go(monkeypatch):
    monkeypatch.setattr(gate, "BODY_PAUSE_S", 0.01)

    async def run():
        return await whole(gate.bounded_body(receiving(part(b"1")), 10))

    with pytest.raises(gate.HTTPException) as refused:
        asyncio.run(run())
    assert refused.value.status_code == 408


def test_a_body_that_trickles_is_let_go_and_a_slow_line_is_not(monkeypatch):
    async def run(size, seconds):
        loop = asyncio.get_running_loop()
        now = loop.time()
        receive = gate.bounded_body(receiving(part(b"x" * size), part(b"", False)), 10**9)
        monkeypatch.setattr(loop, "time", lambda: now + seconds)
        return await whole(receive)

    hour = 3600
    assert asyncio.run(run(12_500 * hour, 0)) is not None
    with pytest.raises(gate.HTTPException):
        asyncio.run(run(60_000, 60))
    assert len(asyncio.run(run(60_000 * 10, 60))) == 600_000


def test_a_request_that_sends_no_file_has_a_small_body(behind):
    client = visited(behind)
    assert client.post("/", content=b"1" * gate.SMALL_BODY).status_code == 200
    with pytest.raises(gate.HTTPException):  # which Streamlit's own app, behind the gate, makes an answer
        client.post("/", content=b"1" * (gate.SMALL_BODY + 1))


def test_a_session_that_sends_and_sends_and_reads_nothing_is_refused(behind, monkeypatch):
    ann = visited(behind)
    largest, held = gate.limits().bytes, {SESSION: 0, None: 0}
    monkeypatch.setattr(sessions, "held_uploads", lambda session_id=None: held[session_id])
    with opened(ann) as socket:
        socket.receive_bytes()
        address = f"/_stcore/upload_file/{SESSION}/f"
        held[SESSION] = largest + 1
        assert ann.put(address, content=b"1").status_code == 413
        held[SESSION] = largest
        assert ann.put(address, content=b"1").status_code == 200


def test_all_together_hold_a_part_of_the_memory(behind, monkeypatch):
    ann = visited(behind)
    monkeypatch.setattr(gate, "memory", lambda: 8 * 10**9)
    monkeypatch.setattr(sessions, "held_uploads", lambda session_id=None: 10**9 if session_id is None else 0)
    with opened(ann) as socket:
        socket.receive_bytes()
        address = f"/_stcore/upload_file/{SESSION}/f"
        assert ann.put(address, content=b"1").status_code == 200
        monkeypatch.setattr(gate.Arrival, "bytes", 10**9 + 1)  # what others are sending at this moment
        answer = ann.put(address, content=b"1")
        assert answer.status_code == 413 and answer.text == gate.TOO_MANY


def test_what_arrives_is_counted_until_it_is_there(monkeypatch):
    monkeypatch.setattr(gate.Arrival, "bytes", 0)
    seen = []

    async def run():
        with gate.Arrival() as arrival:
            await whole(arrival.counting(receiving(part(b"12345"), part(b"67", False))))
            seen.append(gate.Arrival.bytes)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        asyncio.run(run())
    assert seen == [7] and gate.Arrival.bytes == 0


def test_a_file_is_taken_in_slowly_while_pages_wait_for_their_turn(monkeypatch):
    paused, busy = [], iter([True, False, True])

    async def pause(seconds):
        paused.append(seconds)

    monkeypatch.setattr(gate.in_turn, "is_busy", lambda: next(busy))
    monkeypatch.setattr(gate.asyncio, "sleep", pause)

    async def run():
        with gate.Arrival() as arrival:
            chunk = b"1" * gate.WHILE_PAGES_WAIT
            await whole(arrival.counting(receiving(part(chunk), part(chunk), part(chunk[:500_000], False))))

    asyncio.run(run())
    assert paused == [1, 0.1]
