"""A click on a page's link is not undone by what the page before still says."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from serving import Reader, server
from waiting import HANG_S

from ketadash.ui.server.streamlit_seams import page_turns

SITE = "http://localhost:8501/"
MAIN, BOX = ("trend", "pvalues"), ("box",)  # controls that every page has, and what a click on a link never says


class Pages:
    current_page_script_hash = "a"


@pytest.fixture
def session(monkeypatch):
    """A session on page a, of an app with three pages, that notes what it is asked to run."""

    class Session:
        def __init__(self):
            self.asked, self._pages_manager = [], Pages()

        def runs(self, page):
            self._pages_manager.current_page_script_hash = page

        def get_pages(self):
            return {page: {"url_pathname": page} for page in "abc"}

        def request_rerun(self, client_state):
            self.asked.append(client_state)

    monkeypatch.setattr(page_turns, "AppSession", Session)
    page_turns.keep_the_page_asked_for()
    return Session()


def said(page, shown, controls=MAIN, **more):
    """What a browser that shows page `shown` says of `page`."""
    message = ClientState(page_script_hash=page, query_string=f"of={page}", **more)
    message.context_info.url = f"{SITE}{shown}"
    for name in controls:
        message.widget_states.widgets.add(id=name, bool_value=True)
    return message


def pages(session):
    return [message.page_script_hash for message in session.asked]


def test_a_control_that_speaks_after_the_click_speaks_on_the_page_asked_for(session):
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("a", "a", MAIN + BOX, fragment_id="f"))
    late = session.asked[1]
    assert (late.page_script_hash, late.query_string, late.fragment_id) == ("b", "of=a", "")
    assert [w.id for w in late.widget_states.widgets] == [*MAIN, *BOX]


def test_so_it_does_when_the_server_has_begun_with_that_page(session):
    session.request_rerun(said("b", "a"))
    session.runs("b")
    session.request_rerun(said("a", "a", MAIN + BOX))
    session.request_rerun(said("c", "a"))  # a second link, before the first page is seen
    session.request_rerun(said("a", "a", MAIN + BOX))
    assert pages(session) == ["b", "b", "c", "c"]


def test_a_clock_of_the_page_before_is_nobodys(session):
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("a", "a", fragment_id="f", is_auto_rerun=True))
    assert pages(session) == ["b"]


def test_a_click_back_is_a_click(session):
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("a", "a"))  # on the link of the page that is still seen
    session.runs("b")
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("a", "b", (*MAIN, "more")))  # on that page's link, from the other
    session.runs("a")
    session.request_rerun(said("b", "a", ("more",)))
    session.request_rerun(said("a", "a", is_history_navigation=True))  # the browser's Back
    assert pages(session) == ["b", "a", "b", "a", "b", "a"]


def test_before_a_page_is_known_nothing_is_a_click(session):
    session.runs("")
    session.request_rerun(said("a", "a", MAIN + BOX))
    session.runs("a")
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("a", "a", MAIN + BOX))
    assert pages(session) == ["a", "b", "b"]


@pytest.mark.parametrize("begun", [False, True])
def test_who_turns_back_at_once_is_there_and_stays(session, begun):
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("b", "a"))  # twice is once
    if begun:
        session.runs("b")
    session.request_rerun(said("a", "a"))
    session.runs("a")
    for more in (BOX, ()):
        session.request_rerun(said("a", "a", (*MAIN, *more), fragment_id="f"))
        assert session.asked[-1].page_script_hash == "a" and session.asked[-1].fragment_id == "f"
    session.request_rerun(said("a", "a", is_auto_rerun=True))
    assert pages(session) == ["b", "b", "a", "a", "a", "a"]


def test_who_went_back_by_the_browser_is_there_and_stays(session):
    session.request_rerun(said("b", "a"))
    session.runs("b")
    session.request_rerun(said("a", "a", is_history_navigation=True))
    session.runs("a")
    session.request_rerun(said("a", "a", MAIN + BOX, fragment_id="f"))
    session.request_rerun(said("a", "a", is_auto_rerun=True))
    session.request_rerun(said("b", "a", BOX))
    session.request_rerun(said("a", "a", MAIN + BOX))
    assert pages(session) == ["b", "a", "a", "a", "b", "b"]
    assert session.asked[2].fragment_id == "f"


def test_a_page_that_is_seen_says_what_it_likes(session):
    session.request_rerun(said("a", "a", MAIN + BOX))
    session.request_rerun(said("a", "a", fragment_id="f", is_auto_rerun=True))
    session.request_rerun(said("b", "a"))
    session.runs("b")
    session.request_rerun(said("b", "b", MAIN + BOX))
    session.runs("a")  # by the server itself
    session.request_rerun(said("a", "a", MAIN + BOX))
    assert pages(session) == ["a", "a", "b", "b", "a"]


def test_what_is_late_for_the_servers_own_turn_makes_no_link_deaf(session):
    session.runs("b")  # by the server, and the browser shows a still
    session.request_rerun(said("a", "a", MAIN + BOX))
    session.runs("a")
    session.request_rerun(said("a", "a", MAIN + BOX))
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("a", "a", MAIN + BOX))
    assert pages(session) == ["a", "a", "b", "b"]


def test_a_page_that_is_unknown_holds_nobody(session):
    session.request_rerun(said("nowhere", "a"))
    session.request_rerun(said("a", "a", MAIN + BOX))
    session.request_rerun(said("", "a"))
    assert pages(session) == ["nowhere", "a", ""]
    session.request_rerun(None)  # a run without a browser's word
    assert session.asked[3] is None


def test_nothing_a_reader_wrote_is_kept(session):
    message = said("b", "a")
    message.widget_states.widgets.add(id="name", string_value="ZQ-01")
    session.request_rerun(message)
    kept = repr(page_turns.turns[session._pages_manager])
    assert "ZQ-01" not in kept and "of=b" not in kept


def test_a_page_that_the_server_opened_is_nobodys_late_word(session, monkeypatch):
    """A kept state of page a that was pressed just after a link to b: b's run opens a, and the browser shows it."""
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("a", "a", MAIN + BOX))
    session.runs("b")
    monkeypatch.setattr(page_turns.runs, "context", lambda: SimpleNamespace(pages_manager=session._pages_manager))
    page_turns.opened_by_the_server()
    session.runs("a")
    session.request_rerun(said("a", "a", fragment_id="f", is_auto_rerun=True))
    session.request_rerun(said("a", "a", MAIN + BOX))
    assert pages(session) == ["b", "b", "a", "a"]
    monkeypatch.setattr(page_turns.runs, "context", lambda: None)
    page_turns.opened_by_the_server()  # where no page runs


def test_a_browser_that_begins_anew_is_where_it_says(session):
    session.request_rerun(said("b", "a"))
    session.request_rerun(said("", "a"))
    session.request_rerun(said("a", "a", MAIN + BOX))
    assert pages(session) == ["b", "", "a"]


def test_where_streamlit_is_another_all_is_handed_on(monkeypatch):
    class Session:
        def __init__(self):
            self.asked = []

        def request_rerun(self, client_state):
            self.asked.append(client_state)

    monkeypatch.setattr(page_turns, "AppSession", Session)
    page_turns.keep_the_page_asked_for()
    page_turns.keep_the_page_asked_for()  # once is enough
    one = Session()
    one.request_rerun(said("b", "a"))
    assert pages(one) == ["b"]
    monkeypatch.setattr(page_turns, "AppSession", None)
    page_turns.keep_the_page_asked_for()


def test_a_running_server_opens_the_page_that_was_clicked():
    """The later of two messages turned it back before the first had been answered."""
    with server(KETADASH_WORKERS="1") as running:
        reader = Reader(running.address)
        reader.open("abstinent-days")
        left, box = reader.page, reader.ids["missing"]
        for page, more in ((reader.pages["heavy-days"], False), (left, True)):
            message = BackMsg()
            rerun = message.rerun_script
            rerun.page_script_hash, rerun.context_info.url = page, f"{running.address}/abstinent-days"
            if more:
                rerun.widget_states.widgets.add(id=box).string_array_value.data.append("left out")
            reader.socket.send(message.SerializeToString())
        ran, ended = "", None
        while ran != reader.pages["heavy-days"] or ended != ForwardMsg.FINISHED_SUCCESSFULLY:
            answer = ForwardMsg()
            answer.ParseFromString(reader.socket.recv(timeout=HANG_S))
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                ran = answer.new_session.page_script_hash
                assert ran != left, "turned back"
            ended = answer.script_finished if kind == "script_finished" else None
        reader.close()
