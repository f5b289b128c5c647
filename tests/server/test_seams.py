"""The private parts of Streamlit that the server touches: still there, and nothing opens where they are not."""

import inspect

import pytest
from streamlit import net_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.web.server.starlette import starlette_app_utils, starlette_server, starlette_websocket

from ketadash.ui.server import gate
from ketadash.ui.server import streamlit_seams as seams


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (starlette_server, "_bind_socket"),
        (starlette_server, "_get_uvicorn_config_kwargs"),
        (starlette_websocket, "_get_signed_cookie_with_chunks"),
        (script_runner, "exec_func_with_error_handling"),
        (net_util, "get_external_ip"),
        (PagesManager, "uses_pages_directory"),
        (MemorySessionStorage, "save"),
        (WebsocketSessionManager, "num_active_sessions"),
        (WebsocketSessionManager, "get_session_info"),
    ],
)
def test_streamlit_still_has_what_the_server_uses(where, name):
    assert hasattr(where, name)


PARTS_OF_OTHERS = {"let_go", "empty_session", "drop_widgets_not_drawn"}  # what they belong to says why


def test_every_seam_says_why_it_is_there_and_when_it_can_go():
    for name, part in inspect.getmembers(seams, inspect.isfunction):
        if part.__module__ == seams.__name__ and not name.startswith("_") and name not in PARTS_OF_OTHERS:
            assert "Why:" in part.__doc__ and "Can go:" in part.__doc__, name


class Runtime:
    """As much of Streamlit's runtime as keeps files."""

    def __init__(self):
        self.media_file_mgr = MediaFileManager(MemoryMediaFileStorage("/media"))
        self.uploaded_file_mgr = MemoryUploadedFileManager("/upload")


@pytest.fixture
def runtime(monkeypatch):
    runtime = Runtime()
    monkeypatch.setattr(seams.Runtime, "instance", staticmethod(lambda: runtime))
    return runtime


def test_a_file_that_is_made_on_demand_is_its_sessions(runtime):
    mine = runtime.media_file_mgr.add_deferred(lambda: b"1", "text/csv", "1.2")
    whose = runtime.media_file_mgr._deferred_callables[mine]["session_id"]
    assert seams.makes(whose, mine)
    assert not seams.makes("somebody else", mine) and not seams.makes(whose, "no such file")


def test_what_was_sent_is_counted(runtime):
    for session_id, size in (("a", 10), ("a", 20), ("b", 5)):
        file = UploadedFileRec(file_id=str(size), name="f", type="text/csv", data=b"x" * size)
        runtime.uploaded_file_mgr.add_file(session_id, file)
    assert (seams.held_uploads("a"), seams.held_uploads("b"), seams.held_uploads("c")) == (30, 5, 0)
    assert seams.held_uploads() == 35


def test_where_streamlits_parts_are_gone_locks_stay_locked_and_the_server_works(monkeypatch):
    monkeypatch.setattr(seams.Runtime, "instance", staticmethod(object))
    assert not seams.makes("a", "b") and seams.held_uploads("a") == 0 and seams.open_sessions() is None
    seams.end_session("a")
    monkeypatch.delattr(starlette_websocket, "_get_signed_cookie_with_chunks")
    assert seams.signed_in_claims({seams.USER_COOKIE: "x"}) is None
    for part in ("_bind_socket", "_get_uvicorn_config_kwargs"):
        monkeypatch.delattr(starlette_server, part)
    monkeypatch.delattr(script_runner, "exec_func_with_error_handling")
    seams.send_small_packets_at_once()
    seams.listen_with({})
    seams.time_runs(lambda ctx, seconds: None)


def test_uvicorn_is_given_the_settings_once(monkeypatch):
    monkeypatch.setattr(starlette_server, "_get_uvicorn_config_kwargs", lambda: {"ws": "auto", "ws_max_size": 2**28})
    seams.listen_with({"ws_max_size": 7})
    seams.listen_with({"ws_max_size": 8})
    assert starlette_server._get_uvicorn_config_kwargs() == {"ws": "auto", "ws_max_size": 7}


SECRET = "0123456789abcdef" * 2


def test_a_cookie_is_believed_if_this_server_signed_it(monkeypatch):
    monkeypatch.setattr(starlette_websocket, "get_cookie_secret", lambda: SECRET)

    def signed(text, secret=SECRET):
        return starlette_app_utils.create_signed_value(secret, seams.USER_COOKIE, text).decode()

    assert seams.signed_in_claims({seams.USER_COOKIE: signed('{"name": "Ann"}')}) == {"name": "Ann"}
    forged = [
        signed('{"name": "Ann"}', "another secret, of 32 letters ..."),
        signed("[1]"),
        signed("no json"),
        "",
        "x" * 99,
    ]
    for value in forged:
        assert seams.signed_in_claims({seams.USER_COOKIE: value}) is None
    assert seams.signed_in_claims({}) is None


def test_a_sessions_number_is_read_from_the_message_that_first_tells_it_and_no_other():
    first, later = ForwardMsg(), ForwardMsg()
    first.new_session.initialize.session_id = "a"
    later.delta.new_element.markdown.body = "a"
    assert seams.session_told(first.SerializeToString()) == "a"
    assert seams.session_told(later.SerializeToString()) is None and seams.session_told(b"\xff\xff") is None


def test_messages_that_are_none_offer_nothing_and_lead_nowhere():
    for text in (b"/media/x", b"\xff/media/x", gate.LOGOUT.encode()):
        assert seams.files_told(text) == [] and not seams.sends_to(text, gate.LOGOUT)


def test_the_gate_knows_every_message_that_streamlit_has():
    """A new one is dropped until somebody has looked at it; one that went would make its name here a dead letter."""
    known = {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields}
    dropped = {
        "clear_cache",
        "set_run_on_save",
        "load_git_info",
        "debug_disconnect_websocket",
        "debug_shutdown_runtime",
    }
    assert known == dropped | gate.PAGE_MESSAGES | {"backend_operation_request"}
