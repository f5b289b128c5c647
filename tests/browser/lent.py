"""Visitors whose browser has read the app's scripts before: a context that was closed is emptied and lent again.

A new context is a new process that fetches and compiles some megabytes of scripts, four of five seconds of processor
time that a page load takes.  What a test could tell by is removed between two of them: cookies, storage, history,
listeners, routes, permissions, further pages, and what was emulated.
"""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error as PlaywrightError
from reading import WAIT

LOOK = {"viewport": {"width": 1280, "height": 720}, "color_scheme": "light", "reduced_motion": "no-preference"}


class LentContext:
    """A context with one page that outlives its `close`, unless anything about it is not as it should be."""

    def __init__(self, context, free):
        self.context, self._free, self._end = context, free, context.close
        self.page = context.new_page()
        self._origins, self._heard = set(), []
        self._open_page = context.new_page
        self._devtools = context.new_cdp_session(self.page)
        self.page.on("framenavigated", lambda frame: self._origins.add("/".join(frame.url.split("/")[:3])))
        for source in (context, self.page):
            self._keep_track(source, source.on)
        context.close, context.new_page = self.take_back, self._page

    def _keep_track(self, source, on):
        def heard(event, listener):
            self._heard.append((source, event, listener))
            on(event, listener)

        source.on = heard

    def _page(self):
        """The first page that is asked for is the one that is there."""
        self.context.new_page = self._open_page
        return self.page

    def lend(self, look):
        """The context, looking like that."""
        look = LOOK | look
        self.page.set_viewport_size(look["viewport"])
        self.page.emulate_media(media="null", color_scheme=look["color_scheme"], reduced_motion=look["reduced_motion"])
        return self.context

    def take_back(self):
        """Empty it for the next visitor; end it where that fails."""
        if self in self._free:
            return
        with suppress(PlaywrightError):
            self._empty()
            self._free.append(self)
            return
        self.end()

    def _empty(self):
        for source, event, listener in self._heard:
            source.remove_listener(event, listener)
        self._heard.clear()
        self.page.__dict__.pop("close", None)  # as `Patient.new_page` has it
        for page in self.context.pages:
            if page != self.page:
                page.close()
        self.page.unroute_all(behavior="ignoreErrors")
        self.context.unroute_all(behavior="ignoreErrors")
        if self.page.url.startswith("http"):
            self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank", timeout=WAIT)
        self.context.clear_cookies()
        self.context.clear_permissions()
        for origin in self._origins:
            if origin.startswith("http"):
                self._devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self._origins.clear()
        self._devtools.send("Page.resetNavigationHistory")
        self.context.new_page = self._page

    def end(self):
        """Close it for good."""
        with suppress(PlaywrightError):
            self._end()


class Patient:
    """Playwright's browser, whose pages wait as long as `WAIT` for anything: no deadline of its own decides.

    A context that is closed is emptied and lent again (`lent`), but for one that was asked for with ``lent=False``.
    """

    def __init__(self, browser):
        self._browser = browser
        self._free, self._own = [], []

    def __getattr__(self, name):
        return getattr(self._browser, name)

    def new_context(self, lent=True, accept_downloads=True, **look):
        if not lent or set(look) - set(LOOK):
            return self._new(accept_downloads=accept_downloads, **look)
        if not self._free:
            self._own.append(LentContext(self._new(), self._free))
            self._free.append(self._own[-1])
        return self._free.pop().lend(look)

    def _new(self, **look):
        context = self._browser.new_context(**look)
        context.set_default_timeout(WAIT)
        context.set_default_navigation_timeout(WAIT)
        return context

    def new_page(self, **look):
        """A page of a context of its own; the context ends with it."""
        page = (context := self.new_context(**look)).new_page()
        page.close = context.close
        return page

    def close_what_is_open(self):
        """End every context that nobody has closed."""
        self._own = [one for one in self._own if one in self._free]
        waiting = [one.context for one in self._free]
        for context in self._browser.contexts:
            if context not in waiting:
                type(context).close(context)
