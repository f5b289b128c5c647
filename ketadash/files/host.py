"""A process that has imported what reading needs and holds nothing else: it forks one bounded child for each reading.

A fresh process spends a second on imports, a forked one some milliseconds.  The host is started with a clean
environment, inherits one socket and nothing more, sees no byte of any file, and ends when the other end of that socket
is closed, as by whatever death of the process that started it.

Along the socket comes one byte and one end of a pair of sockets for each reading; the child takes its request from
there and puts its answer there, and the host its exit status behind that.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass, field
from typing import NoReturn

from ketadash.files import child, transfer
from ketadash.files.formats import csv_text
from ketadash.files.formats.registry import libraries
from ketadash.files.transfer import READY, STATUS

_QUIET_MS = 1_000
_PARENT_DIED = 1  # PR_SET_PDEATHSIG


@dataclass
class Host:
    """The host at work; `control` is the socket by which it was started."""

    control: socket.socket
    _children: dict[int, socket.socket] = field(default_factory=dict)  # by their process
    # children that have ended, whose status nobody has been told yet
    _ended: list[tuple[socket.socket, bytes]] = field(default_factory=list)
    # libraries still to be imported, in a quiet moment or by the reading that needs one
    _later: list[str] = field(default_factory=libraries)

    def run(self) -> None:
        """Serve until the control socket is closed, then end every child."""
        wake, woken = socket.socketpair()
        for end in (wake, woken):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
        self.control.sendall(READY)
        while True:
            happened = self._poll(woken)
            if woken.fileno() in happened:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
            if self.control.fileno() in happened and not self._begin((wake, woken)):
                break
            self._leave(happened)
            self._reap()
            self._tell()
            if not happened:
                self._import_one()
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _poll(self, woken: socket.socket) -> set[int]:
        """The sockets on which something happened; none when there is time to import something."""
        poll = select.poll()
        for ours in (self.control, woken):
            poll.register(ours, select.POLLIN)
        for pipe in self._children.values():
            poll.register(pipe, 0)  # whether the other end was closed
        for pipe, _ in self._ended:
            poll.register(pipe, select.POLLOUT)
        return {fd for fd, _ in poll.poll(_QUIET_MS if self._later else None)}

    def _begin(self, others: tuple[socket.socket, ...]) -> bool:
        """Fork a child for the reading that is asked for; False if nobody can ask any more."""
        try:
            fds = socket.recv_fds(self.control, 1, 1)[1]
        except ConnectionError:
            fds = []
        if not fds:
            return False
        for fd in fds:
            pipe = socket.socket(fileno=fd)
            pid = os.fork()
            if pid == 0:
                for other in (self.control, *others, *self._children.values(), *(p for p, _ in self._ended)):
                    other.close()
                _read(pipe)
            self._children[pid] = pipe
        return True

    def _leave(self, happened: set[int]) -> None:
        """End the children whose answers nobody waits for."""
        for pid, pipe in self._children.items():
            if pipe.fileno() in happened:
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._ended.append((self._children.pop(pid), STATUS.pack(os.waitstatus_to_exitcode(status))))

    def _tell(self) -> None:
        """Say how children ended, behind what they answered, once there is room for it."""
        left = list[tuple[socket.socket, bytes]]()
        for pipe, status in self._ended:
            try:
                pipe.send(status, socket.MSG_DONTWAIT)
            except BlockingIOError:
                left.append((pipe, status))
                continue
            except OSError:  # whoever asked is gone
                pass
            pipe.close()
        self._ended = left

    def _import_one(self) -> None:
        if self._later:
            with contextlib.suppress(ImportError):  # a reading that needs it says so
                importlib.import_module(self._later.pop(0))
            gc.freeze()


def _read(pipe: socket.socket) -> NoReturn:
    """The child: one reading, then the end, without any of what Python does at an end."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _end_with_parent()
        with pipe.makefile("rb") as source, pipe.makefile("wb") as sink:
            child.serve(source, sink)
        status = 0
    finally:
        os._exit(status)


def _end_with_parent() -> None:
    """Ask Linux to kill this process when the host dies; elsewhere its own alarm ends it."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def main() -> None:
    """The host on the socket whose number is the only argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    # libraries load some of their parts only at the first use
    transfer.packed_tables([csv_text.table(b"a,b\n1,2\n", "")])
    silent = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silent, standard)
    os.chdir("/")
    gc.collect()
    gc.freeze()
    Host(control).run()
    os._exit(0)
