"""Somebody with a browser of their own, everything that was sent to it, and every address it asked."""

import re

import pytest
from reading import PATHS, WAIT, open_page, still

PlaywrightError = pytest.importorskip("playwright.sync_api").Error


class Person:
    """A visitor; `got` and `asked` are what was heard and said since they were last cleared."""

    def __init__(self, browser, **look):
        self.context = browser.new_context(accept_downloads=True, **look)
        self.got, self.asked, self.answers, self.page = [], [], [], self.context.new_page()
        self.page.on("websocket", self._talks)
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("response", lambda answer: self.answers.append(answer))

    def _talks(self, socket):
        self.asked.append(socket.url)
        socket.on("framereceived", lambda f: self.got.append(f if isinstance(f, bytes) else f.encode()))

    def _hear(self):
        """Read what the answers held: not in the event, which may not wait."""
        for response in self.answers:
            self.got.append(response.url.encode() + str(response.headers).encode())
            if "/static/" in response.url:
                continue
            try:
                self.got.append(response.body())
            except PlaywrightError:  # a redirect, or a page that was left: it has no body any more
                continue
        self.answers.clear()

    def saw(self, text: str) -> bool:
        self._hear()
        return text in self.page.content() or any(text.encode() in part for part in self.got)

    def settle(self):
        self.page.locator("h1").first.wait_for(timeout=WAIT)
        still(self.page, computed=False)

    def turn(self, stem: str):
        open_page(self.page, stem)
        self.settle()

    def upload(self, site: str, *files: tuple[str, bytes]):
        self.page.goto(f"{site}/{PATHS['data']}")
        self.upload_here(*files)

    def upload_here(self, *files: tuple[str, bytes]):
        box = self.page.locator("input[type=file]").first
        box.wait_for(state="attached", timeout=WAIT)
        box.set_input_files([{"name": n, "mimeType": "text/csv", "buffer": raw} for n, raw in files])
        self.page.get_by_role("button", name="Forget this trial").wait_for(timeout=WAIT)
        self.settle()

    def hosts(self) -> set[str]:
        return {re.match(r"(?:blob:)?([a-z]+:(?://[^/]+)?)", url)[1] for url in self.asked}
