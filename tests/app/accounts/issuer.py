"""A small OpenID Connect issuer on loopback, with every lie a test may ask it for."""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "lithoscope", "between-us"


@dataclass
class Issuer:
    """
    One issuer.

    `lies` replaces claims of the next id token; `algorithm` and `key` its signature.
    """

    lies: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "ES256"
    grants: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = {
            "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
            "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
        }
        self.foreign_key = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
        self.uses_foreign_key = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Issuer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def authorize(self, query: dict[str, str]) -> str:
        """Let the person in, as its sign-in page would; returns where it sends the browser."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.grants[code] = query
        return f"{query['redirect_uri']}?code={code}&state={query['state']}&iss={self.url}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Exchange a code; the verifier must fit the challenge."""
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        grant = self.grants.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        fits = grant is not None and challenge.decode().rstrip("=") == grant["code_challenge"]
        if authorization != f"Basic {expected}" or not fits or grant is None:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != grant["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(grant["nonce"])}

    def _id_token(self, nonce: str) -> str:
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "person-1", "nonce": nonce, "name": "Marie"}
        claims |= {"preferred_username": "Marie.C", "iat": int(time.time()), "exp": int(time.time()) + 300}
        claims = {name: value for name, value in (claims | self.lies).items() if value is not None}
        if self.algorithm == "none":
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
            return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}."
        key = self.foreign_key if self.uses_foreign_key else self.keys[self.algorithm]
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key)

    def answer(self, path: str) -> dict[str, Any] | None:
        """Answer a GET."""
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
            return {"issuer": self.url} | {name: self.url + end for name, end in ends.items()}
        if path == "/jwks":
            return {"keys": [key.as_dict(private=False) for key in self.keys.values()]}
        return None


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = issuer.answer(urlsplit(self.path).path)
            self._send(404 if answer is None else 200, answer or {})

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            plain = {name: values[0] for name, values in form.items()}
            self._send(*issuer.token(plain, self.headers.get("authorization", "")))

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
