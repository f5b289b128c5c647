"""The private parts of Streamlit that the server touches: still there, and nothing opens where they are not."""

import ast
import inspect
from pathlib import Path
from types import SimpleNamespace

import pytest
from every_file import ROOT, in_every
from streamlit import net_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.web.server.starlette import starlette_app_utils, starlette_server, starlette_websocket

from ketadash.ui.server import gate, streamlit_seams
from ketadash.ui.server.streamlit_seams import messages, page_turns, runs, sessions, signing_in, starting

SEAMS = (messages, page_turns, runs, sessions, signing_in, starting)
FOLDER = Path(streamlit_seams.__file__).parent


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (starlette_server, "_bind_socket"),
        (starlette_server, "_get_uvicorn_config_kwargs"),
        (starlette_websocket, "_get_signed_cookie_with_chunks"),
        (net_util, "get_external_ip"),
        (PagesManager, "uses_pages_directory"),
        (SafeSessionState, "filtered_state"),
        (MemorySessionStorage, "save"),
        (WebsocketSessionManager, "num_active_sessions"),
        (WebsocketSessionManager, "get_session_info"),
        (AppSession, "request_rerun"),
        (AppSession, "get_pages"),
        (PagesManager, "current_page_script_hash"),
        (MemoryUploadedFileManager, "remove_session_files"),
        (ScriptRunContext, "is_history_navigation"),
        (ScriptRunContext, "session_id"),
        (ScriptRunContext, "uploaded_file_mgr"),
        (ScriptRunContext, "yield_check"),
    ],
)
def test_streamlit_still_has_what_the_server_uses(where, name):
    assert hasattr(where, name) or name in getattr(where, "__dataclass_fields__", {})


def _streamlits_parts(tree):
    """Lines of a module that import or reach for more of Streamlit than `st.…`."""
    return [node.lineno for node in ast.walk(tree) if _is_private(node)]


def _is_private(node):
    match node:
        case ast.ImportFrom(module=str(module)):
            return module.split(".")[0] == "streamlit"
        case ast.Import(names=names):
            return any(name.name.startswith("streamlit.") for name in names)
        case ast.Attribute(value=value, attr=attr):
            beyond = ast.unparse(value) == "st" and attr in ("runtime", "web", "proto", "elements", "delta_generator")
            own = ast.unparse(value) in ("self", "cls", "os")  # os._exit
            return beyond or (_hidden(attr) and not own)
        case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[_, ast.Constant(value=str(attr)), *_]):
            return _hidden(attr)
    return False


def _hidden(name):
    return name.startswith("_") and not name.startswith("__")


@in_every(
    [p for p in (ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("ketadash/**/*.py")) if p.parent != FOLDER]
)
def test_no_other_file_touches_streamlits_private_parts(path):
    if "ui" in path.relative_to(ROOT).parts or ROOT / "ketadash" not in path.parents:  # the others have no Streamlit
        assert _streamlits_parts(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_what_touches_private_parts_is_seen():
    for line in ("from streamlit.runtime import Runtime", "import streamlit.web.cli", "st.runtime.exists()", "x._y()"):
        assert _streamlits_parts(ast.parse(line)) == [1]
    assert _streamlits_parts(ast.parse('getattr(manager, "_sessions", None)')) == [1]
    assert _streamlits_parts(ast.parse("import streamlit as st\nst.write(self._x)")) == []


# What they belong to says why.
PARTS_OF_OTHERS = {"let_go", "empty_session", "drop_widgets_not_drawn", "widgets_of"}


@pytest.mark.parametrize("module", SEAMS)
def test_every_seam_says_why_it_is_there_and_when_it_can_go(module):
    functions = [f for _, f in inspect.getmembers(module, inspect.isroutine) if f.__module__ == module.__name__]
    assert functions
    for function in functions:
        if not function.__name__.startswith("_") and function.__name__ not in PARTS_OF_OTHERS:
            assert "Why:" in function.__doc__ and "Can go:" in function.__doc__, function.__name__


def test_every_seam_is_looked_at():
    assert {module.__name__.rpartition(".")[2] for module in SEAMS} | {"__init__"} == {
        path.stem for path in FOLDER.glob("*.py")
    }


class Runtime:
    """As much of Streamlit's runtime as keeps files."""

    def __init__(self):
        self.media_file_mgr = MediaFileManager(MemoryMediaFileStorage("/media"))
        self.uploaded_file_mgr = MemoryUploadedFileManager("/upload")


@pytest.fixture
def runtime(monkeypatch):
    runtime = Runtime()
    monkeypatch.setattr(sessions.Runtime, "instance", staticmethod(lambda: runtime))
    return runtime


def test_a_file_that_is_made_on_demand_is_its_sessions(runtime):
    mine = runtime.media_file_mgr.add_deferred(lambda: b"1", "text/csv", "1.2")
    whose = runtime.media_file_mgr._deferred_callables[mine]["session_id"]
    assert sessions.makes(whose, mine)
    assert not sessions.makes("somebody else", mine) and not sessions.makes(whose, "no such file")


def test_what_was_sent_is_counted(runtime):
    for session_id, size in (("a", 10), ("a", 20), ("b", 5)):
        file = UploadedFileRec(file_id=str(size), name="f", type="text/csv", data=b"x" * size)
        runtime.uploaded_file_mgr.add_file(session_id, file)
    assert (sessions.held_uploads("a"), sessions.held_uploads("b"), sessions.held_uploads("c")) == (30, 5, 0)
    assert sessions.held_uploads() == 35


def test_a_part_that_is_gone_is_none():
    assert streamlit_seams.part("streamlit.no_such_module") is None
    assert streamlit_seams.part("streamlit.net_util", "no_such_function") is None
    assert streamlit_seams.part("streamlit.no_such_module", "x") is None


def test_where_streamlits_parts_are_gone_locks_stay_locked_and_the_server_works(monkeypatch):
    monkeypatch.setattr(sessions.Runtime, "instance", staticmethod(object))
    assert not sessions.makes("a", "b") and sessions.held_uploads("a") == 0 and sessions.open_sessions() is None
    sessions.end_session("a")
    monkeypatch.delattr(starlette_websocket, "_get_signed_cookie_with_chunks")
    assert signing_in.signed_in_claims({signing_in.USER_COOKIE: "x"}) is None
    for part in ("_bind_socket", "_get_uvicorn_config_kwargs"):
        monkeypatch.delattr(starlette_server, part)
    starting.send_small_packets_at_once()
    starting.listen_with({})


def test_where_streamlits_modules_are_gone_locks_stay_locked_and_the_server_works(monkeypatch):
    monkeypatch.setattr(streamlit_seams.importlib, "import_module", _no_module)
    for module, name in (
        (sessions, "Runtime"),
        (sessions, "MemorySessionStorage"),
        (starting, "starlette_server"),
        (starting, "net_util"),
        (starting, "PagesManager"),
        (messages, "ForwardMsg"),
        (messages, "BackMsg"),
        (runs, "get_context"),
    ):
        monkeypatch.setattr(module, name, None)
    starting.send_small_packets_at_once()
    starting.listen_with({})
    starting.ask_nobody()
    starting.pages_are_ours()
    assert not starting.serve_folder("a.b", ROOT, "c")
    assert not sessions.makes("a", "b") and sessions.held_uploads() == 0 and sessions.open_sessions() is None
    sessions.end_session("a")
    sessions.end_closed_sessions(1)
    assert sessions.widgets_of(object()) == {}
    assert runs.session_id() == "" and not runs.went_back() and runs.widgets_known() == {}
    runs.forget_uploads()
    runs.end_run_if_left()
    assert signing_in.signed_in_claims({signing_in.USER_COOKIE: "x"}) is None
    assert signing_in.provider_token("x") is None


def _no_module(name):
    raise ModuleNotFoundError(name)


def test_where_messages_are_gone_none_passes_and_nothing_is_offered(monkeypatch):
    opened, asked = ForwardMsg(), BackMsg()
    opened.new_session.initialize.session_id = "a"
    asked.rerun_script.query_string = "x"
    assert gate.is_of_page(messages.from_page(asked.SerializeToString()), "a")
    monkeypatch.setattr(messages, "ForwardMsg", None)
    monkeypatch.setattr(messages, "BackMsg", None)
    assert not gate.is_of_page(messages.from_page(asked.SerializeToString()), "a")
    assert messages.session_opened(opened.SerializeToString()) is None
    assert messages.files_offered(b"/media/x") == [] and not messages.sends_to(b"x", "x")
    assert messages.name_of_message(b"x") is None and not messages.ends_run(b"x")


def test_the_files_of_the_session_at_hand_are_dropped(runtime, monkeypatch):
    store = runtime.uploaded_file_mgr
    for session_id in ("a", "b"):
        store.add_file(session_id, UploadedFileRec(file_id="1", name="f", type="text/csv", data=b"x"))
    run = SimpleNamespace(uploaded_file_mgr=store, session_id="a", is_history_navigation=True)
    monkeypatch.setattr(runs, "get_context", lambda **_: run)
    assert runs.session_id() == "a" and runs.went_back()
    runs.forget_uploads()
    assert (sessions.held_uploads("a"), sessions.held_uploads("b")) == (0, 1)


def test_a_page_is_told_to_keep_only_what_it_will_still_have():
    asked = BackMsg()
    asked.rerun_script.cached_message_hashes[:] = ["a", "b"]
    read = messages.from_page(asked.SerializeToString())
    assert read.has_kept == ("a", "b") and read.kind == "rerun_script" and read.pressed
    again = messages.from_page(messages.with_kept(asked.SerializeToString(), ["b"]))
    assert again.has_kept == ("b",)
    asked.rerun_script.is_auto_rerun = True
    assert not messages.from_page(asked.SerializeToString()).pressed


def test_uvicorn_is_given_the_settings_once(monkeypatch):
    monkeypatch.setattr(starlette_server, "_get_uvicorn_config_kwargs", lambda: {"ws": "auto", "ws_max_size": 2**28})
    starting.listen_with({"ws_max_size": 7})
    starting.listen_with({"ws_max_size": 8})
    assert starlette_server._get_uvicorn_config_kwargs() == {"ws": "auto", "ws_max_size": 7}


SECRET = "0123456789abcdef" * 2


def test_a_cookie_is_believed_if_this_server_signed_it(monkeypatch):
    monkeypatch.setattr(starlette_websocket, "get_cookie_secret", lambda: SECRET)

    def signed(text, secret=SECRET):
        return starlette_app_utils.create_signed_value(secret, signing_in.USER_COOKIE, text).decode()

    assert signing_in.signed_in_claims({signing_in.USER_COOKIE: signed('{"name": "Ann"}')}) == {"name": "Ann"}
    forged = [
        signed('{"name": "Ann"}', "another secret, of 32 letters ..."),
        signed("[1]"),
        signed("no json"),
        "",
        "x" * 99,
    ]
    for value in forged:
        assert signing_in.signed_in_claims({signing_in.USER_COOKIE: value}) is None
    assert signing_in.signed_in_claims({}) is None


def test_a_sessions_number_is_read_from_the_message_that_first_tells_it_and_no_other():
    first, later = ForwardMsg(), ForwardMsg()
    first.new_session.initialize.session_id = "a"
    later.delta.new_element.markdown.body = "a"
    assert messages.session_opened(first.SerializeToString()) == "a"
    assert messages.session_opened(later.SerializeToString()) is None and messages.session_opened(b"\xff\xff") is None


def test_messages_that_are_none_offer_nothing_and_lead_nowhere():
    for text in (b"/media/x", b"\xff/media/x", gate.LOGOUT.encode()):
        assert messages.files_offered(text) == [] and not messages.sends_to(text, gate.LOGOUT)


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


def test_a_box_looks_up_its_own_word_and_nobody_elses(monkeypatch):
    state = SessionState()
    state["chosen"], state["emptied"] = "linear", None
    safe = SafeSessionState(state, lambda: None)
    whole, looked_up = dict(safe.filtered_state), []
    monkeypatch.setattr(SafeSessionState, "filtered_state", SafeSessionState.filtered_state)
    starting.look_up_one_word()
    monkeypatch.setattr(SessionState, "filtered_state", property(lambda _: looked_up.append("all") or whole))
    words = safe.filtered_state
    assert "chosen" in words and "emptied" in words and "nobody's" not in words
    assert words["chosen"] == "linear" and words["emptied"] is None
    assert not looked_up
    assert dict(words) == whole and len(words) == 2 and looked_up


class OtherState:
    """A session's state that keeps its words otherwise."""

    filtered_state = property(lambda _: {"chosen": "linear"})


@pytest.mark.parametrize("other", [None, SimpleNamespace, OtherState])
def test_boxes_work_where_streamlit_keeps_its_state_otherwise(monkeypatch, other):
    monkeypatch.setattr(OtherState, "filtered_state", OtherState.filtered_state)
    monkeypatch.setattr(starting, "SafeSessionState", other)
    starting.look_up_one_word()
    assert OtherState().filtered_state == {"chosen": "linear"}
