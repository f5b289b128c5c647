"""Attacks on what stands open: links, other browsers, other sites, before sign-in, sockets by the thousand."""

from __future__ import annotations

import re
import resource
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import soak_files as made
from serving import server
from soak_listener import OTHERS_S, STREAM, Listener
from soak_target import LONGEST_S, Outcome, Target, attack
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from ketadash.ui.server.logs import SORRY


@attack("3", "hostile numbers in a link", "every page is shown", cheap=True)
def links(target: Target) -> Outcome:
    names = ("seed", "imputations", "level", "days", "imor-control", "imor-active", "heavy-men", "heavy-women", "step")
    hurt = []
    for name in names:
        for value in ("inf", "-inf", "1e999", "nan", "-1", "9" * 400):
            one = Listener(target.address)
            one.open("abstinent-days", f"{name}={value}")
            if one.has_got(SORRY[:40]):
                hurt.append(f"{name}={value[:6]}")
            one.close()
    return Outcome(f"{len(hurt)} pages failed {hurt[:3]}", not hurt)


@attack("11c", "anybody's message to clear all caches", "the next click is as quick as the one before")
def clear_cache(target: Target) -> Outcome:
    one, other = Listener(target.address), Listener(target.address)
    one.open("abstinent-days")
    other.open()
    for word in ("linear", "quadratic", "linear", "quadratic"):
        before = one.choose("trend", word).seconds
    message = BackMsg()
    message.clear_cache = True
    other.send(message)
    after = max(one.choose("trend", word).seconds for word in ("linear", "quadratic"))
    for reader in (one, other):
        reader.close()
    return Outcome(f"{before:.2f} s before, {after:.2f} s after", after <= 0.5 + 5 * before)


@attack(
    "12, 16",
    "a session's number, its uploads and files, from another browser",
    "nothing of the trial is told",
    cheap=True,
)
def takeover(target: Target) -> Outcome:
    mark, got = "MarkOfAnn", []
    ann = Listener(target.address)
    ann.open()
    ann.upload("x.csv", made.days(arms=("placebo", mark)))
    ann.turn("who-they-were")
    files = {path.decode() for raw in ann.raw for path in re.findall(rb"/media/[\w.-]+", raw)}
    stranger = httpx.Client(base_url=target.address, timeout=LONGEST_S)
    stranger.get("/")
    for cookies in ({}, dict(stranger.cookies)):
        header = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())} if cookies else {}
        got += _said(target, ["streamlit", "x", ann.session], header)
    offered = {path.decode() for raw in got for path in re.findall(rb"/media/[\w.-]+", raw)}  # what every page shows
    answers = [stranger.get(path).status_code for path in sorted(files - offered)[:5]]
    answers.append(stranger.put(f"/_stcore/upload_file/{ann.session}/f", content=b"x").status_code)
    ann.close()
    told = any(mark.encode() in raw or ann.session.encode() in raw for raw in got)
    return Outcome(
        f"{'told' if told else 'nothing told'}; files and upload {sorted(set(answers))}",
        not told and all(400 <= a < 500 for a in answers),
    )


def _said(target: Target, protocols: list[str], headers: dict[str, str], origin: str | None = None) -> list[bytes]:
    """What a socket is told that asks for a page."""
    got: list[bytes] = []
    address = target.address.replace("http", "ws") + STREAM
    with (
        suppress(InvalidHandshake, ConnectionClosed, TimeoutError, OSError),
        connect(
            address,
            subprotocols=protocols,
            origin=origin or target.address,
            max_size=None,
            additional_headers=headers,
            open_timeout=LONGEST_S,
        ) as s,
    ):
        message = BackMsg()
        message.rerun_script.query_string = ""
        s.send(message.SerializeToString())
        while True:
            got.append(s.recv(timeout=3))  # type: ignore[arg-type]
    return got


@attack("13", "another origin's socket, another name's request", "refused, on every address", cheap=True)
def origins(target: Target) -> Outcome:
    taken = []
    with httpx.Client(base_url=target.address, timeout=LONGEST_S) as client:
        client.get("/")
        cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())}
        for origin in ("http://localhost:9999", "http://127.0.0.1:9999", "http://evil.example", "null"):
            if _said(target, ["streamlit"], cookie, origin):
                taken.append(origin)
        for path in ("/", "/healthz", "/_stcore/health", "/_stcore/host-config", "/media/x", "/static/x.js"):
            answer = client.get(path, headers={"Host": "evil.example"})
            if answer.status_code < 400:
                taken.append(path)
    return Outcome(f"{len(taken)} answered {taken[:3]}", not taken)


@attack("14", "a link that swaps the arms, and then a file of one's own", "the page says what it says without the link")
def swapped(target: Target) -> Outcome:
    heard = []
    for query in ("", "recipe=arms.placebo%3Dketamine%26arms.ketamine%3Dplacebo"):
        one = Listener(target.address)
        one.open("", query)
        one.upload("x.csv", made.days(arms=("placebo", "ketamine")))
        one.raw.clear()
        one.turn("abstinent-days")
        heard.append([s for s in one.sentences() if "percentage point" in s])
        one.close()
    plain, linked = heard
    same = bool(plain) and plain == linked
    return Outcome(f"the same {len(plain)} sentences" if same else f"{linked[:1]} for {plain[:1]}", same)


@contextmanager
def _with_sign_in() -> Iterator[Target]:
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / ".streamlit").mkdir()
        (Path(home) / ".streamlit" / "secrets.toml").write_text(
            '[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "'
            + "of no use outside of this, and long"
            + '"\nclient_id = "x"\nclient_secret = "x"\n'
            'server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"\n'
        )
        with server(HOME=home, USERPROFILE=home, KETADASH_ALLOW="@clinic.example") as other:
            yield Target(other)


@attack(
    "8, 16",
    "before sign-in: 190 MB by upload and by an unfinished message, and questions",
    "refused; the server grows by ≤ 100 MB; no version, path or number is told",
)
def before_sign_in(target: Target) -> Outcome:
    big, answers, told = bytes(made.MOST), [], []
    with _with_sign_in() as mine:
        before = mine.memory_mb()
        with mine.watched() as seen, httpx.Client(base_url=mine.address, timeout=LONGEST_S) as client:
            for path in (
                "/",
                "/data",
                "/_stcore/host-config",
                "/_stcore/metrics",
                "/_stcore/script-health-check",
                "/media/x",
                "/static/index.js",
            ):
                answer = client.get(path)
                told += [word for word in ("app.py", "streamlit", "installation") if word in answer.text.lower()]
            for _ in range(3):
                try:
                    answers.append(client.put("/_stcore/upload_file/x/y", content=big).status_code)
                except httpx.HTTPError:  # cut off in the middle
                    answers.append(403)
            for _ in range(3):
                _unfinished(mine, big)
            got = _said(mine, ["streamlit"], {})
            told += ["a session" for raw in got if b"app.py" in raw or b"sessionId" in raw]
        grown = seen.peak_mb - before
    kept = not told and grown <= 100 and all(a >= 400 for a in answers) and seen.longest_s <= OTHERS_S
    return Outcome(f"uploads {sorted(set(answers))}; told {sorted(set(told))}; {grown:+.0f} MB", kept)


def _unfinished(target: Target, big: bytes) -> None:
    """A message of the socket that does not end."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", target.port), timeout=20) as s:
        s.sendall(
            (
                f"GET {STREAM} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nOrigin: {target.address}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: streamlit\r\n\r\n"
            ).encode()
        )
        s.recv(4096)
        s.sendall(b"\x02\xff" + (len(big) + 10**6).to_bytes(8) + b"\0\0\0\0")  # masked by nothing
        s.sendall(big)


@attack(
    "11",
    "1,300 half-sent requests at a limit of 1,024 open files",
    f"pages still open; others wait ≤ {OTHERS_S:.0f} s; the log grows by ≤ 1 MB",
)
def half_sent(target: Target) -> Outcome:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    with ExitStack() as stack:
        try:
            mine = Target(stack.enter_context(server()))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 8192, hard))
        first = Listener(mine.address)
        first.open("abstinent-days")
        with mine.watched() as seen:
            for _ in range(1_300):
                s = stack.enter_context(socket.create_connection(("127.0.0.1", mine.port), timeout=30))
                with suppress(OSError):
                    s.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1")
            opened = 0
            for _ in range(3):
                with suppress(Exception):
                    one = Listener(mine.address)
                    one.open()
                    opened += 1
                    one.close()
            flip = first.choose("trend", "linear").seconds
            time.sleep(10)
        first.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    kept = opened == 3 and seen.longest_s <= OTHERS_S and not seen.failures and seen.log_bytes <= 1_000_000
    return Outcome(
        f"{opened} of 3 opened, flip {flip:.2f} s; others {seen.longest_s:.2f} s, {seen.failures} failed; "
        f"log {seen.log_bytes / 1000:.0f} kB",
        kept,
    )
