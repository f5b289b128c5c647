"""Which large messages a page still has, so that the server may name one instead of sending it again.

With each request a page tells Streamlit what it has kept, and drops by itself what the last few runs did not use. While
a key is held down it asks while runs are under way: what it had when it asked can be dropped before the answer comes,
and a page that is sent the mere name of something dropped is dead. So a page keeps for `KEPT_RUNS`, and is believed for
`BELIEVED_RUNS`, counted by what it was really sent.
"""

from __future__ import annotations

from collections.abc import Iterable

from ketadash.ui.server.streamlit_seams import messages

KEPT_RUNS = 12  # for which a page keeps what it was sent and has not used since (Streamlit's own: 2)
BELIEVED_RUNS = 6  # the others may end between its asking and the answer


class KeptMessages:
    """What one page was sent, and in which of its runs it was last used."""

    def __init__(self) -> None:
        self._runs = 0
        self._used: dict[str, int] = {}

    def note_sent(self, message: bytes) -> None:
        """A message goes to the page: it may be one that is kept, name one, or end a run."""
        if (name := messages.name_of_message(message)) is not None:
            self._used[name] = self._runs
        elif messages.ends_run(message):
            self._runs += 1
            self._used = {name: run for name, run in self._used.items() if self._runs - run <= KEPT_RUNS}

    def believed(self, claimed: Iterable[str]) -> list[str]:
        """Of the names that a page says it has kept, those that it will still have when the answer comes."""
        return [name for name in claimed if self._runs - self._used.get(name, -KEPT_RUNS) <= BELIEVED_RUNS]
