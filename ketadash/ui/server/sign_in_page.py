"""The page before sign-in: who is let in, in plain HTML of our own, so that no session is needed to show it.

Streamlit's page would open a session, run the app's script, and tell the browser versions and paths on the way.
"""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from ketadash.ui.server import sign_in
from ketadash.ui.server.streamlit_seams import signing_in

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ketadash</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 "Source Sans", "Source Sans Pro", system-ui, sans-serif; margin: 0; }}
main {{ max-width: 40rem; margin: 0 auto; padding: 4rem 1.5rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.75rem; margin: 0 0 1rem; }}
a {{ display: inline-block; padding: .5rem 1rem; margin: .25rem .5rem .25rem 0; border-radius: .5rem;
  background: #0b5a8f; color: #fff; text-decoration: none; }}
a:hover {{ text-decoration: underline; }}
a:focus-visible {{ outline: 3px solid #e69f00; outline-offset: 2px; }}
</style>
</head>
<body>
<main>
<h1>ketadash</h1>
{body}
</main>
{script}
</body>
</html>
"""


def page(entry: sign_in.Entry, url: str) -> Response:
    """What somebody reads who is not let in, and what they can press.

    Parameters
    ----------
    entry
        Why they are not.
    url
        The address at which they ask: sign-in works only at the one that its settings name.
    """
    script = ""
    if entry.reason is not None:
        body = f"<p>{escape(entry.reason)}</p>"
        if entry.key is not None:
            body += _link("/auth/logout", "Sign out")
    elif (other := sign_in.elsewhere(entry.redirect_uri, url)) is not None:
        body = f"<p>{sign_in.ELSEWHERE.format(f'<code>{escape(other)}</code>')}</p>"
    else:
        body = f"<p>{escape(sign_in.ASK)}</p>" + "".join(map(_sign_in_button, _labels(entry)))
        script = f"<script>{sign_in.KEEP}</script>"
    return HTMLResponse(_PAGE.format(body=body, script=script), headers={"Cache-Control": "no-store"})


def _labels(entry: sign_in.Entry) -> list[tuple[str | None, str]]:
    one = len(entry.providers) == 1
    return [(name, "Sign in" if one else f"Sign in with {name or 'the default'}") for name in entry.providers]


def _sign_in_button(labelled: tuple[str | None, str]) -> str:
    name, label = labelled
    token = signing_in.provider_token(name or "default")
    return _link(f"/auth/login?{urlencode({'provider': token})}", label) if token is not None else ""


def _link(address: str, label: str) -> str:
    """A link and no form: a form may not lead to another site, by our own policy, and the provider is one."""
    return f'<a href="{escape(address)}">{escape(label)}</a>'
