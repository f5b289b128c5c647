"""The server under measurement, and readers that speak the browser's protocol without painting anything."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from ketadash.core.choices.missing_choice import on_button
from ketadash.core.terms import DRINKS

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 90


@dataclass
class Server:
    """`ketadash app` on 127.0.0.1: where it answers, its process, and when it was ready."""

    address: str
    process: subprocess.Popen[str]
    ready_s: float
    log: list[str]

    def memory_mb(self) -> float:
        """Resident megabytes of the server itself, without its workers."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 1e6)


@contextmanager
def server(
    port: int | None = None,
    data: str | None = None,
    *,
    program: Sequence[str] = ("-m", "ketadash"),
    **settings: str,
) -> Iterator[Server]:
    """A server of its own on `port`, or on any free one; ended at the end."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [sys.executable, *program, "app", *([data] if data else []), "--headless", "--port", str(port)]
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | settings,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        ready = next((line for line in process.stdout if "is ready" in line), None)
        if ready is None:
            raise SystemExit("the server ended before it was ready")
        log: list[str] = []
        threading.Thread(target=lambda: log.extend(process.stdout or ()), daemon=True).start()  # its pipe never fills
        address = ready.split()[-1].replace("localhost", "127.0.0.1")
        yield Server(address, process, time.perf_counter() - begun, log)
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Run:
    """One answer of the server: how long it took, how large it was, and what stood in it."""

    seconds: float = 0.0
    begun: float = 0.0
    first_picture_s: float | None = None
    messages: int = 0
    megabytes: float = 0.0
    pictures: int = 0
    trouble: list[str] = field(default_factory=list)


class Reader:
    """A session: it opens a page, chooses, turns pages, and reads every message, as a browser does."""

    def __init__(self, address: str) -> None:
        self.address, self.pages, self.widgets, self.query = address, {}, {}, ""  # type: ignore[var-annotated]
        self.ids: dict[str, str] = {}
        self._stops: dict[str, list[str]] = {}  # of each slider, as it says them
        self.at_first_picture: Callable[[], None] = lambda: None  # called in each run that has one
        self.page = self.session = ""
        self._urls: Any = None
        self._files: tuple[str, Any] | None = None  # an uploader and what was dropped there
        stream = address.replace("http", "ws") + "/_stcore/stream"
        self.browser = httpx.Client(base_url=address, timeout=PATIENCE_S)
        self.browser.get("/")  # gives the cookie that socket and upload have to show
        cookies = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        self.socket: ClientConnection = connect(
            stream,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
            origin=address,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookies},
        )

    def close(self) -> None:
        """Leave, as by closing the page."""
        self.socket.close()
        self.browser.close()

    def open(self, path: str = "", query: str = "") -> Run:
        """The first page of the session."""
        self.query = query
        return self._ask(path)

    def turn(self, path: str) -> Run:
        """Another page, by a click on its link."""
        self.page, self._files = self.pages[path], None
        return self._ask(path)

    def choose(self, key: str, word: str) -> Run:
        """A word of one of the rows of buttons, as links have it."""
        self.widgets[self.ids[key]] = on_button(word, DRINKS)
        return self._ask("")

    def slide(self, key: str, place: int) -> Run:
        """A stop of a slider, by its place among them."""
        self.widgets[self.ids[key]] = self._stops[key][place]
        return self._ask("")

    def again(self) -> Run:
        """The page as it is now, as a browser asks for while something goes on."""
        return self._ask("")

    def upload(self, name: str, body: bytes) -> Run:
        """A trial of one's own, dropped on the Data page."""
        self.turn("your-trial")
        message = BackMsg()
        asked = message.file_urls_request
        asked.request_id, asked.session_id = "1", self.session
        asked.file_names.append(name)
        self.socket.send(message.SerializeToString())
        while self._urls is None:
            self._message(Run())
        self.browser.get("/_stcore/health")  # gives the token that an upload has to show
        token = self.browser.cookies["_streamlit_xsrf"]
        answer = self.browser.put(self._urls.upload_url, files={name: (name, body)}, headers={"X-Xsrftoken": token})
        answer.raise_for_status()
        state = FileUploaderState()
        state.uploaded_file_info.add(name=name, size=len(body), file_id=self._urls.file_id, file_urls=self._urls)
        self._files = (self.ids["file_uploader"], state)
        return self._ask("")

    def _ask(self, path: str) -> Run:
        self.ids.clear()  # of what is drawn now
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self.query
        if self.page:
            rerun.page_script_hash = self.page
        else:
            rerun.page_name = path
        rerun.context_info.url = f"{self.address}/{path}"
        for name, word in self.widgets.items():
            state = rerun.widget_states.widgets.add()
            state.id = name
            state.string_array_value.data.append(word)
        if self._files is not None:
            state = rerun.widget_states.widgets.add()
            state.id = self._files[0]
            state.file_uploader_state_value.CopyFrom(self._files[1])
        run = Run(begun=time.perf_counter())
        self.socket.send(message.SerializeToString())
        self._read(run)
        run.seconds = time.perf_counter() - run.begun
        return run

    def _read(self, run: Run) -> Run:
        """Everything until the script has ended; a fragment's end, from a page that looks at a job, is not it."""
        while (ended := self._message(run)) != ForwardMsg.FINISHED_SUCCESSFULLY:
            if ended == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise SystemExit("the app does not compile")
        return run

    def _message(self, run: Run) -> Any:
        """Read one; how the script ended, if it says so."""
        raw = self.socket.recv(timeout=PATIENCE_S)
        assert isinstance(raw, bytes)
        run.messages += 1
        run.megabytes += len(raw) / 1e6
        said = ForwardMsg()
        said.ParseFromString(raw)
        kind = said.WhichOneof("type")
        if kind == "navigation":
            self.pages = {page.url_pathname: page.page_script_hash for page in said.navigation.app_pages}
            self.page = said.navigation.page_script_hash
        elif kind == "new_session":
            self.session = said.new_session.initialize.session_id or self.session
        elif kind == "file_urls_response":
            (self._urls,) = said.file_urls_response.file_urls
        elif kind == "page_info_changed":
            self.query = said.page_info_changed.query_string
        elif kind == "delta":
            self._element(said.delta, run)
        return said.script_finished if kind == "script_finished" else None

    def _element(self, delta: Any, run: Run) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "button_group":
            self.ids[element.button_group.id.rsplit("-", 1)[-1]] = element.button_group.id
        elif kind == "slider":
            key = element.slider.id.rsplit("-", 1)[-1]
            self.ids[key], self._stops[key] = element.slider.id, list(element.slider.options)
        elif kind == "file_uploader":
            self.ids[kind] = element.file_uploader.id
        elif kind == "bidi_component":
            if element.bidi_component.component_name == "ketadash_plot":
                run.pictures += 1
                if run.first_picture_s is None:
                    run.first_picture_s = time.perf_counter() - run.begun
                    self.at_first_picture()
        elif kind == "exception" or (kind == "alert" and element.alert.format == 1):
            run.trouble.append(kind)
