"""The gate gives a session's files to its own browser alone."""

from types import SimpleNamespace

import pytest
from gate_client import SESSION, again, message, offer, opened, visited
from streamlit.proto.BackMsg_pb2 import BackMsg

from ketadash.ui.server import browser
from ketadash.ui.server.streamlit_seams import sessions


def test_an_upload_is_taken_from_the_sessions_own_browser_alone(behind):
    ann, mallory = visited(behind), visited(behind)
    address = f"/_stcore/upload_file/{SESSION}/f"
    assert ann.put(address, content=b"1").status_code == 403  # of no session yet
    with opened(ann) as socket:
        socket.receive_bytes()
        for method in ("PUT", "DELETE", "GET", "POST"):
            assert mallory.request(method, address).status_code == 403
        assert [path for _, path, _ in behind.requests if path == address] == []
        assert ann.put(address, content=b"1").status_code == 200
        assert ann.delete(address).status_code == 200


OFFERS = ("made on demand", "button", "image", "icon")


@pytest.mark.parametrize("kind", OFFERS)
def test_a_file_is_given_to_the_browser_that_was_offered_it_and_never_kept(behind, kind):
    ann, mallory = visited(behind), visited(behind)
    behind.also = [offer(kind, "mine.csv")]
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.receive_bytes()
        answer = ann.get("/media/mine.csv")
        behind.also = []
        with opened(mallory) as hers:
            hers.receive_bytes()
            assert mallory.get("/media/mine.csv").status_code == 403
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"


def test_a_text_that_looks_like_a_files_address_opens_nothing(behind):
    ann = visited(behind)
    behind.also = [offer("arm", "others.csv")]
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.receive_bytes()
        assert ann.get("/media/others.csv").status_code == 403


def test_what_was_offered_is_still_there_when_the_connection_comes_back(behind):
    ann = visited(behind)
    behind.also = [offer("button", "mine.csv")]
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.receive_bytes()
    behind.also = []
    with again(ann) as socket:
        socket.receive_bytes()
        assert ann.get("/media/mine.csv").status_code == 200


def test_a_session_is_not_offered_files_without_end():
    owned = browser.Owned(frozenset())
    for number in range(3 * browser.MOST_FILES):
        owned.offer(str(number))
    assert len(owned.files) == browser.MOST_FILES and str(number) in owned.files


@pytest.fixture
def deferred(monkeypatch):
    manager = SimpleNamespace(_deferred_callables={"mine": {"session_id": SESSION}, "others": {"session_id": "x"}})
    monkeypatch.setattr(sessions.Runtime, "instance", staticmethod(lambda: SimpleNamespace(media_file_mgr=manager)))
    return manager


def test_a_deferred_download_of_another_session_is_not_made(behind, deferred):
    ann = visited(behind)
    said = BackMsg()
    with opened(ann) as socket:
        socket.receive_bytes()
        for file_id in ("others", "unknown", "mine"):
            said.backend_operation_request.deferred_file.file_id = file_id
            socket.send_bytes(said.SerializeToString())
        socket.receive_bytes()
        socket.send_bytes(message("app_heartbeat"))
        socket.receive_bytes()
    assert behind.messages == ["backend_operation_request", "app_heartbeat"]
