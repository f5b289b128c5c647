"""Optional sign-in with OpenID Connect: who is let in, asked in front of the server and again before every page.

Off unless Streamlit's secrets have an [auth] section (docs/deploy.md).  Whatever is amiss keeps the gate shut: secrets
that cannot be read, settings that are missing, a list of people without a sign-in to check it by.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any, NoReturn
from urllib.parse import urlsplit

import streamlit as st

from ketadash.core.errors import KetadashError
from ketadash.ui import show
from ketadash.ui.server import signed_in
from ketadash.ui.server.streamlit_seams import signing_in

ALLOW = "KETADASH_ALLOW"  # who may enter, as ann@x.org,@y.org; unset: everyone whom the provider signs in
SHARED, OWN = ("redirect_uri", "cookie_secret"), ("client_id", "client_secret", "server_metadata_url")
CALLBACK = "/oauth2callback"  # Streamlit's own
SECRET_LENGTH = 32  # characters: who guesses the cookie secret is whom they please
LONGEST = 80  # characters of a name that are shown

ELSEWHERE = "Sign-in works only at {} and this is another address of the app: open that one."
ASK = "Sign in to see this trial."
LEAVES = "Signing out. If this stays, reload the page and sign out again."
# Streamlit brings whoever has signed in to the first page.  The tab remembers the link, and opens it afterwards.
KEEP = 'try { sessionStorage.setItem("ketadash-asked", location.href) } catch {}'
RETURN = """try {
  const asked = sessionStorage.getItem("ketadash-asked");
  sessionStorage.removeItem("ketadash-asked");
  if (asked && asked !== location.href) location.replace(asked);
} catch {}"""

LEAVING = "ketadash_leaving"  # set once *Sign out* was pressed, for what is left of the session

# An [auth] section was read once: secrets that vanish later, as in an update, must not open the gate.
was_configured = Event()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Whether somebody is let in, and if not, what they are told."""

    open: bool
    key: str | None = None  # of the sign-in that holds, as `signed_in` knows it
    reason: str | None = None  # why nobody is let in, or not this person; None: they have not signed in
    providers: tuple[str | None, ...] = ()  # with whom they can
    redirect_uri: str = ""


def entry(cookies: Mapping[str, str]) -> Entry:
    """Whether whoever sends these cookies is let in: asked for every address and socket, before anything is done."""
    names = os.environ.get(ALLOW)
    try:
        auth = _settings(names)
        if auth is None:
            return Entry(open=True)
        tables, allow = providers(auth), allowed(names)
    except KetadashError as error:
        return Entry(open=False, reason=f"Nobody is let in: {error}.")
    claims = signing_in.signed_in_claims(cookies)
    key = signed_in.key_of(claims) if claims is not None else None
    if claims is None or key is None or claims.get("is_logged_in") is not True or not signed_in.holds(key):
        return Entry(open=False, providers=tables, redirect_uri=redirect_uri(auth))
    reason = refusal(claims, allow)
    return Entry(open=reason is None, key=key, reason=reason)


def redirect_uri(auth: Mapping[str, Any]) -> str:
    """Where the provider sends people back to, with the port filled in as Streamlit does."""
    return str(auth["redirect_uri"]).replace("{port}", str(st.get_option("server.port")))


def gate() -> Mapping[str, Any] | None:
    """Who is here, where that is asked; ends the run, with a sentence on screen, for whoever may not see the trial.

    Returns
    -------
    Mapping or None
        The claims of whoever is signed in; None if sign-in is off.
    """
    setting = os.environ.get(ALLOW)
    try:
        auth = _settings(setting)
        if auth is None:
            return None
        names, allow = providers(auth), allowed(setting)
    except KetadashError as error:
        st.error(show.plain(f"Nobody is let in: {error}."), icon=":material/lock:")
        st.stop()
    if LEAVING in st.session_state:
        # In every run from now on: the message that sends the page away is lost where another run begins at once, as
        # after a picture's message, and the page would look signed out while its cookie still opens the trial.
        st.logout()
        st.text(LEAVES)
        st.stop()
    user: Mapping[str, Any] = st.user.to_dict()
    if user.get("is_logged_in") is not True:
        _ask(names, elsewhere(redirect_uri(auth), st.context.url))
    if reason := refusal(user, allow):
        st.text(reason)  # not Markdown, not even escaped: it would make a link of an address
        _sign_out()
        st.stop()
    return user


def foot(user: Mapping[str, Any] | None) -> None:
    """Who is signed in, and the way out, at the end of the sidebar; nothing where sign-in is off."""
    if user is None:
        return
    with st.sidebar:
        st.text(f"Signed in as {who(user)}")
        _sign_out()
        _script(RETURN)


def providers(auth: Mapping[str, Any]) -> tuple[str | None, ...]:
    """What `st.login` may be called with: None is [auth] itself, a string the table of that name in it.

    Raises
    ------
    KetadashError
        If a setting is missing or cannot be right, or Authlib is not installed.
    """
    tables: dict[str | None, Mapping[str, Any]] = {None: auth} if any(auth.get(key) for key in OWN) else {}
    tables |= {k: v for k, v in auth.items() if isinstance(v, Mapping) and k != "client_kwargs"}
    missing = [f"auth.{key}" for key in SHARED if not auth.get(key)]
    for name, table in (tables or {None: auth}).items():
        missing += [".".join(filter(None, ("auth", name, key))) for key in OWN if not table.get(key)]
    if missing:
        raise KetadashError(f"secrets.toml lacks {', '.join(missing)}; add it as docs/deploy.md shows")
    if len(str(auth["cookie_secret"])) < SECRET_LENGTH:
        raise KetadashError(f"auth.cookie_secret in secrets.toml is too short; give {SECRET_LENGTH} random characters")
    uri = urlsplit(str(auth["redirect_uri"]))
    if uri.scheme not in ("http", "https") or not uri.netloc or not uri.path.endswith(CALLBACK):
        raise KetadashError(f"auth.redirect_uri in secrets.toml must be this app's address followed by {CALLBACK}")
    if any("_" in (name or "") for name in tables):
        raise KetadashError("a provider's name in secrets.toml has an underscore; rename its table")
    if find_spec("authlib") is None or find_spec("httpx") is None:
        raise KetadashError("sign-in is set up but not installed; pip install 'ketadash[sso]' and start again")
    return tuple(tables)


def allowed(setting: str | None) -> frozenset[str] | None:
    """Addresses and ``@domains`` of a comma-separated list; None if there is no list.

    Raises
    ------
    KetadashError
        For a list that names nobody, and for an entry that is neither.
    """
    if setting is None:
        return None
    entries = [entry.strip() for entry in setting.split(",") if entry.strip()]
    if not entries:
        raise KetadashError(f"{ALLOW} is empty; name who may enter, as ann@example.org,@example.net, or unset it")
    for place, entry in enumerate(entries, 1):
        if _domain(entry) is None:  # not quoted: strangers read this
            raise KetadashError(
                f"entry {place} of {ALLOW} is neither an address nor a domain as @example.org; correct it"
            )
    return frozenset(map(_folded, entries))


def refusal(user: Mapping[str, Any], allow: frozenset[str] | None) -> str | None:
    """Why whoever is signed in may not see the trial; None if they may.

    An address that the provider says is not verified may be anybody's.  Providers that say nothing are believed.
    """
    name = who(user)
    verified = user.get("email_verified")
    if verified is not None and str(verified).lower() != "true":
        return (
            f"You are signed in as {name}, but your sign-in provider has not verified that address, so the trial "
            "is not shown. Have it verified there, then sign in again."
        )
    if allow is None:
        return None
    email = user.get("email")
    if not isinstance(email, str) or _domain(email) is None or email.startswith("@"):
        return (
            f"You are signed in as {name}, but your sign-in provider gives no e-mail address to look up in the "
            "list of those who may see this trial. Ask whoever runs this app."
        )
    if _folded(email) in allow or f"@{_domain(email)}" in allow:
        return None
    return (
        f"You are signed in as {name}, who is not on the list of those who may see this trial. Ask whoever runs "
        "this app, or sign in with another address."
    )


def who(user: Mapping[str, Any]) -> str:
    """A person as a line of text, from claims that may hold anything."""
    name, email = (_line(user.get(key)) for key in ("name", "email"))
    if name and email and name != email:
        return f"{name} ({email})"
    return name or email or _line(user.get("preferred_username")) or _line(user.get("sub")) or "somebody without a name"


def elsewhere(redirect_uri: str, url: str | None) -> str | None:
    """The address at which sign-in works, if the app was opened at another: the cookie would not be believed here."""
    expected, open_url = urlsplit(redirect_uri), urlsplit(url or redirect_uri)
    same = (expected.scheme, expected.netloc) == (open_url.scheme, open_url.netloc)
    return None if same else redirect_uri.removesuffix(CALLBACK) + "/"


def _settings(names: str | None) -> Mapping[str, Any] | None:
    """The sign-in's settings, None if everybody is let in; KetadashError for a list of people and no sign-in."""
    auth = auth_section()
    if auth is None and (names or "").strip():
        raise KetadashError(f"{ALLOW} is set but no sign-in is; add [auth] to secrets.toml or unset {ALLOW}")
    return auth


def auth_section() -> Mapping[str, Any] | None:
    """The secrets' [auth] section; None where there is no sign-in.  In doubt a KetadashError keeps the gate shut."""
    try:
        auth = st.secrets.get("auth")
    except (OSError, ValueError) as error:  # no secrets, the usual case, or some that cannot be read
        if any(Path(file).exists() for file in st.get_option("secrets.files")):
            raise KetadashError("secrets.toml cannot be read; the server's log says why") from error
        auth = None
    if auth is not None:
        was_configured.set()
    elif was_configured.is_set():
        raise KetadashError("the [auth] section of secrets.toml is gone; put it back, or start again without it")
    if auth is not None and not isinstance(auth, Mapping):
        raise KetadashError("auth in secrets.toml is no section; write [auth] as docs/deploy.md shows")
    return auth


def _ask(names: tuple[str | None, ...], other: str | None) -> NoReturn:
    if other:
        # as code, to be copied: `show.plain` would put a mark into it that no reader sees and no browser takes
        at = f"`{other.replace('`', '')}`"
        st.markdown(ELSEWHERE.format(at))
        st.stop()
    st.markdown(ASK)
    for name in names:
        label = "Sign in" if len(names) == 1 else f"Sign in with {show.plain(name or 'the default')}"
        st.button(label, key=f"ketadash_sign_in_{name}", on_click=st.login, args=(name,), type="primary")
    _script(KEEP)
    st.stop()


def _sign_out() -> None:
    st.button("Sign out", key="ketadash_sign_out", on_click=_leave, type="tertiary", icon=":material/logout:")


def _leave() -> None:
    st.session_state[LEAVING] = True


def _script(code: str) -> None:
    st.html(f"<script>{code}</script>", unsafe_allow_javascript=True)


def _domain(entry: str) -> str | None:
    """What follows the only @ of an address, folded; None if that is not what it is."""
    _, at, domain = entry.partition("@")
    whole = at and domain and "@" not in domain and not any(c.isspace() for c in entry)
    return _folded(domain) if whole else None


def _folded(text: str) -> str:
    # ASCII alone: lower() and casefold() make letters of other scripts equal to Latin ones (the Kelvin sign to k)
    return text.lower() if text.isascii() else text


def _line(value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    text = "".join(c for c in text if c.isprintable())  # no marks that turn the direction of writing
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
