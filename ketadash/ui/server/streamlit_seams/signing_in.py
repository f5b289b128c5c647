"""Streamlit's sign-in, as the gate must know it before there is a session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ketadash.ui.server.streamlit_seams import part

USER_COOKIE = "_streamlit_user"


def signed_in_claims(cookies: Mapping[str, str]) -> dict[str, Any] | None:
    """What Streamlit's sign-in cookie says, if this server signed it; None for none, a forged and a broken one.

    Why: Streamlit reads it when a socket is opened, and nowhere else; everything else answers the anonymous.
    Can go: when Streamlit has one gate for all its addresses.
    Where the reader has vanished, nobody is signed in.
    """
    read = part("streamlit.web.server.starlette.starlette_websocket", "_get_signed_cookie_with_chunks")
    try:
        payload = read(dict(cookies), USER_COOKIE)
        claims = json.loads(payload) if payload else None
    except Exception:  # whatever a stranger's cookie sets off in there
        return None
    return claims if isinstance(claims, dict) else None


def provider_token(provider: str) -> str | None:
    """The signed name of a sign-in provider, as `/auth/login` wants it; None where Streamlit no longer makes one.

    Why: `st.login` makes it inside a session, and before sign-in there is to be none.
    Can go: when `/auth/login` takes a plain name.
    """
    try:
        token: str = part("streamlit.auth_util", "encode_provider_token")(provider)
    except Exception:  # Authlib is absent, or another Streamlit
        return None
    return token
