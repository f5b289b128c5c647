"""A sign-in provider for the tests, on this computer: it asks nothing and signs in whoever `claims` says.

What Streamlit's OpenID Connect client needs and no more: discovery, keys, authorize, token (RS256, nonce, PKCE).
"""

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "ketadash-test", "not-a-secret"


class Provider:
    """What the pages of the provider share: its key, who signs in next, the codes that wait for their token."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "test", "alg": "RS256", "use": "sig"})
        self.claims: dict = {}
        self.waiting: dict[str, dict] = {}
        self.address = ""

    @property
    def metadata_url(self) -> str:
        return f"{self.address}/.well-known/openid-configuration"

    def metadata(self) -> dict:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next: straight back."""
        assert asked["client_id"] == CLIENT and "openid" in asked["scope"].split()
        code = f"code-{len(self.waiting)}"
        self.waiting[code] = asked | {"claims": self.claims}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str]) -> dict:
        first = self.waiting.pop(asked["code"])
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == first["code_challenge"]
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 3600,
            "nonce": first["nonce"],
        }
        id_token = jwt.encode({"alg": "RS256", "kid": "test"}, claims | first["claims"], self.key)
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": 60, "id_token": id_token}


@contextmanager
def provider():
    """A provider that answers until the end of the block."""
    it = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            where = urlsplit(self.path)
            if where.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", it.authorize(_one(where.query)))
                self.end_headers()
            elif where.path == "/jwks":
                self.say({"keys": [it.key.as_dict(private=False)]})
            else:
                self.say(it.metadata())

        def do_POST(self):
            self.say(it.token(_one(self.rfile.read(int(self.headers["Content-Length"])).decode())))

        def say(self, what: dict):
            body = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *what):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    it.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()


def _one(query: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query).items()}
