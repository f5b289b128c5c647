"""Files made on demand: each belongs to the session that asked for it until its browser has it.

Streamlit keeps a file made on demand in a store that belongs to no session and is swept at the end of anybody's run, so
that on a shared server many were gone before a reader some way off had fetched them.  Here a page *offers* files
(`SessionDownloads`, kept in the session's state alone), and its script asks for one at ``/made/<token>/<press>``:

    POST     begin it at the first asking; 200 with the file once it is made, 202 with how far it is until then
    DELETE   it has arrived, or is not wanted any more: it is dropped

The token cannot be guessed, is told only to the session's own page, and is good in the browser that opened the session
alone.  What the session's state drops, be it by
*Forget this trial* or because the session ended, is stopped and gone.
"""

from __future__ import annotations

import logging
import math
import os
import secrets
import weakref
from asyncio import wait, wrap_future
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ketadash.core.errors import KetadashError, StoppedError
from ketadash.ui.server import browser, stopping
from ketadash.ui.server.fair_queue import FairQueue

PATH = "/made"
WAIT_S = 1.0  # how long an answer waits for the file before it says how far it is
UNWATCHED_S = 30.0  # the page asks every second; without it, work stops
KEPT_S = 120.0  # how long a file that was made waits for its browser
MOST = 12  # files under way in a session
PART = 2**18  # bytes sent at once
HEADERS = {"Cache-Control": "no-store"}
GONE = "This page has changed since; press the button again."
TOO_MANY = f"{MOST} files are being made already; wait for one of them, or stop it."
FAILED = (
    "could not be made because of a fault in ketadash; nothing else is lost, and the server's log says where it was"
)
LIGHT = FairQueue("ketadash download", 2)
HEAVY = FairQueue("ketadash heavy download", max(1, (os.cpu_count() or 2) // 2))  # the other cores answer pages
_log = logging.getLogger(__name__)


class Progress:
    """How far a file is; whoever makes it says so here, and stops when told."""

    def __init__(self) -> None:
        self.done, self.steps, self.now = 0, 0, ""
        self._stop, self._looked_at = False, monotonic()

    def tell(self, done: int, steps: int, now: str) -> None:
        """Say how many of how many steps are done, and what is being done now.

        Raises
        ------
        StoppedError
            If nobody wants the file any more.
        """
        self.done, self.steps, self.now = done, steps, now
        self.check()

    def check(self) -> None:
        """Raise StoppedError if nobody wants the file any more."""
        if self.stopped:
            raise StoppedError("stopped")

    @property
    def stopped(self) -> bool:
        """Whether it was stopped, or nobody has looked for a while."""
        return self._stop or monotonic() - self._looked_at > UNWATCHED_S

    def look(self) -> None:
        """Somebody is waiting for it."""
        self._looked_at = monotonic()

    def stop(self) -> None:
        """Nobody is waiting for it any more."""
        self._stop = True


Make = Callable[[Progress], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file that a page can make: what its button says, its name and media type, and how it is made.

    `heavy` ones, which take more than a second or two, wait for one another.
    """

    label: str
    name: str
    mime: str
    make: Make
    help: str | None = None
    heavy: bool = False


class FileMaking:
    """One press of a button: the file on its way."""

    def __init__(self, file: File) -> None:
        self.label, self.name, self.mime = file.label, file.name, file.mime
        self.progress = Progress()
        self.begun = False
        self.content: bytes | None = None
        self.trouble: str | None = None
        self.ended: Future[None] = Future()
        self.ended_at = math.inf
        self._make: Make | None = file.make

    def work(self) -> None:
        """Make it, in a thread of a `FairQueue`; whatever goes wrong is a sentence."""
        self.begun = True
        make, self._make = self._make, None  # what it is made from is not kept longer than that takes
        try:
            self.progress.check()
            assert make is not None
            with stopping.working_for(self.progress):
                content = make(self.progress)
            self.progress.check()
            self.content = content
        except KetadashError as error:
            self.trouble = f"{self.label} could not be made: {error}."
        except Exception:  # whatever it is: a thread has nobody to raise it to, and the page waits for a word
            _log.exception("a file could not be made")
            self.trouble = f"{self.label} {FAILED}."
        finally:
            del make
            self.ended_at = monotonic()
            self.ended.set_result(None)

    @property
    def wanted(self) -> bool:
        """Whether it is being made, or waits for its browser."""
        return not self.ended.done() or self.content is not None

    @property
    def expired(self) -> bool:
        """Whether it was made and nobody has come for it."""
        return monotonic() - self.ended_at > KEPT_S


class FileOffer:
    """A file that a page offers at this moment, under a token that only the session's own page knows."""

    def __init__(self, session: str, going: weakref.WeakSet[FileMaking]) -> None:
        self.token, self.session = secrets.token_urlsafe(24), session
        self.file: File | None = None
        self.run = 0
        self.makings: dict[str, FileMaking] = {}
        self.under_way = going  # all of the session

    def pressed(self, press: str) -> FileMaking | None:
        """The file that a press asks for, begun if it is the first asking; None if its session has too many."""
        file_making = self.makings.get(press)
        if file_making is None:
            if self.file is None or sum(m.wanted for m in tuple(self.under_way)) >= MOST:
                return None
            file_making = self.makings[press] = FileMaking(self.file)
            self.under_way.add(file_making)
            (HEAVY if self.file.heavy else LIGHT).put(self.session, file_making.work)
        file_making.progress.look()
        return file_making

    def drop_expired(self) -> None:
        """Drop what was made and not fetched."""
        for press, file_making in list(self.makings.items()):
            if file_making.expired:
                del self.makings[press]


_offers: weakref.WeakValueDictionary[str, FileOffer] = weakref.WeakValueDictionary()


class SessionDownloads:
    """What a session's pages offer, by key; to be kept in the session's state and nowhere else."""

    def __init__(self, session: str) -> None:
        self._session = session
        self.offers: dict[str, FileOffer] = {}
        self._run = 0
        self._lock = Lock()
        self.under_way: weakref.WeakSet[FileMaking] = weakref.WeakSet()
        self._beside: weakref.WeakSet[Progress] = weakref.WeakSet()
        weakref.finalize(self, _stop, self.under_way, self._beside)

    def begin(self) -> None:
        """A run of the page begins: what it does not offer again goes at its `end`."""
        self._run += 1

    def end(self) -> None:
        """The run has come to its end: drop what it did not offer, unless a press of it is under way."""
        with self._lock:
            for key, offer in list(self.offers.items()):
                offer.drop_expired()
                if offer.run < self._run and not offer.makings:
                    del self.offers[key]

    def offer(self, key: str, file: File) -> str:
        """Offer a file, in place of what was offered under `key` before; the token to ask for it by."""
        with self._lock:
            offer = self.offers.get(key)
            if offer is None:
                offer = self.offers[key] = FileOffer(self._session, self.under_way)
                _offers[offer.token] = offer
            offer.file, offer.run = file, self._run
            return offer.token

    @property
    def offered(self) -> list[File]:
        """What the last run offers, in order."""
        return [o.file for o in list(self.offers.values()) if o.file is not None and o.run == self._run]

    def stop_with(self, progress: Progress) -> None:
        """Stop some other work of the session when it ends."""
        self._beside.add(progress)

    def close(self) -> None:
        """Stop what is being made."""
        _stop(self.under_way, self._beside)


def _stop(going: weakref.WeakSet[FileMaking], beside: weakref.WeakSet[Progress]) -> None:
    for progress in (*(file_making.progress for file_making in tuple(going)), *tuple(beside)):
        progress.stop()


def drop_expired() -> None:
    """Drop every file that was made and not fetched; called now and then."""
    for offer in tuple(_offers.values()):
        offer.drop_expired()


def under_way() -> int:
    """How many files are being made."""
    return sum(not m.ended.done() for offer in tuple(_offers.values()) for m in tuple(offer.makings.values()))


async def answer(request: Request) -> Response:
    """Give a file that a page offers to the browser that asks for it, or say how far it is."""
    offer = _offers.get(request.path_params["token"])
    press = request.path_params["press"]
    if offer is None or not browser.is_owner(request.scope, offer.session):
        return _trouble(410, GONE)
    if request.method == "DELETE":
        file_making = offer.makings.pop(press, None)
        if file_making is not None:
            file_making.progress.stop()
            file_making.content = None
        return Response(status_code=204, headers=HEADERS)
    file_making = offer.pressed(press)
    if file_making is None:
        return _trouble(429, TOO_MANY)
    await wait([wrap_future(file_making.ended)], timeout=WAIT_S)
    if not file_making.ended.done():
        far = file_making.progress
        progress = {"waiting": not file_making.begun, "done": far.done, "steps": far.steps, "now": far.now}
        return JSONResponse(progress, 202, HEADERS)
    if file_making.content is None:
        offer.makings.pop(press, None)
        return _trouble(422, file_making.trouble or GONE)
    parts = _parts(file_making.content)
    return StreamingResponse(
        parts, media_type=file_making.mime, headers=_as_file(file_making.name, len(file_making.content))
    )


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    """A file in pieces, each of which has its time to reach a slow browser."""
    for start in range(0, max(len(content), 1), PART):
        yield content[start : start + PART]


def _trouble(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"trouble": sentence}, status, HEADERS)


def _as_file(name: str, size: int) -> dict[str, str]:
    ascii_name = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name)
    # identity: Streamlit would compress a large file on the thread that answers everybody
    return HEADERS | {
        "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Encoding": "identity",
        "Content-Length": str(size),
    }


ROUTE = Route(f"{PATH}/{{token}}/{{press}}", answer, methods=["POST", "DELETE"])
