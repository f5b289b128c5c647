"""Readers who keep all that they are told, and what attacks have in common."""

from __future__ import annotations

from typing import Any

import httpx
from serving import Reader
from soak_target import LONGEST_S
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

OTHERS_S = 2.0  # the longest that another visitor may wait for a small answer
PAGE_MB = 4.0  # the most that one answer may send to a browser
STREAM = "/_stcore/stream"


class Listener(Reader):
    """A reader who keeps all that was said."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.browser.timeout = httpx.Timeout(LONGEST_S)
        self.raw: list[bytes] = []
        receive = self.socket.recv

        def kept(timeout: float | None = None, **more: Any) -> Any:
            self.raw.append(receive(timeout=LONGEST_S, **more))
            return self.raw[-1]

        self.socket.recv = kept  # type: ignore[method-assign]

    def send(self, message: BackMsg) -> None:
        """Any message at all."""
        self.socket.send(message.SerializeToString())

    def has_got(self, *texts: str) -> bool:
        """Whether any of these stood in an answer."""
        return any(text.encode() in raw for text in texts for raw in self.raw)

    def sentences(self) -> list[str]:
        """The texts of the page, in their order, since `raw` was last cleared."""
        found = []
        for raw in self.raw:
            message = ForwardMsg()
            message.ParseFromString(raw)
            if message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") == "markdown":
                found.append(message.delta.new_element.markdown.body)
        return found
