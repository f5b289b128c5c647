"""By which names this server is reached, and which pages may speak to it: its own, and no other."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from ketadash.core.errors import KetadashError

HOSTS = "KETADASH_HOSTS"
LOCAL = ("localhost", "127.0.0.1", "::1")
_NAME = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def own_names() -> tuple[str, ...]:
    """Host names that are answered: this computer's own, and those of `HOSTS`; ``*.example.org`` is any below it.

    Raises
    ------
    KetadashError
        If an entry of `HOSTS` is not a host name.
    """
    return _names(os.environ.get(HOSTS, ""))


@lru_cache(maxsize=8)
def _names(setting: str) -> tuple[str, ...]:
    names = [name.lower().rstrip(".") for name in setting.replace(",", " ").split()]
    for name in names:
        if not _NAME.fullmatch(name):
            raise KetadashError(
                f"{HOSTS}: {name} is not a host name; give names as trial.example.org, without scheme, port or path"
            )
    return (*LOCAL, *names)


def is_own_host(host: str | None) -> bool:
    """Whether a request's Host header is a name of this server, at whatever port."""
    parts = _split(f"//{host}") if host else None
    if parts is None or not parts.hostname or parts.netloc != host:
        return False
    return _is_own_name(parts.hostname.rstrip("."))


def is_own_origin(origin: str, host: str, scheme: str) -> bool:
    """Whether a page of `origin` is one that this server itself gave under the name `host`.

    Parameters
    ----------
    origin
        The Origin header: who speaks.
    host
        The Host header: to whom; a name of this server already.
    scheme
        How the request came, as far as the server knows. A proxy that ends TLS and does not say so leaves ``http``;
        where it is known to be ``https``, a page that came without TLS is a stranger.
    """
    from_page, to_server = _split(origin), _split(f"//{host}")
    if from_page is None or to_server is None or from_page.scheme not in ("http", "https"):
        return False
    if (from_page.path, from_page.query, from_page.fragment) != ("", "", ""):
        return False
    if scheme in ("https", "wss") and from_page.scheme != "https":
        return False
    standard = _PORTS[from_page.scheme]
    return (from_page.hostname, from_page.port or standard) == (to_server.hostname, to_server.port or standard)


def _is_own_name(name: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    for own in own_names():
        if name == own or (own.startswith("*.") and name.endswith(own[1:]) and len(name) > len(own) - 1):
            return True
    return False


def _split(address: str) -> SplitResult | None:
    """An address in its parts, None where it is none or names a user."""
    if any(c.isspace() or not c.isprintable() for c in address):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port  # which checks that it is a number in range
    except ValueError:
        return None
    return None if "@" in parts.netloc or not parts.hostname else parts
