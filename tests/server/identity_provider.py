"""A small OpenID provider: its own keys, its own HTTP server, and nobody to persuade."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

AUDIENCE, CLIENT, SECRET = "sigsearch-api", "sigsearch-desk", "s3cret:of the desk"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class IdentityProvider:
    """claims: of whoever signs in. asks: by a page, instead of saying yes at once. answers: what
    an address says instead of the truth."""

    def __init__(self) -> None:
        self.keys = {"first": new_key()}
        self.claims: dict[str, Any] = {"sub": "u1", "name": "Ada", "roles": ["decide"]}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asks = False
        self.asked: Counter[str] = Counter()
        self.codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, folder: Path, **more: Any) -> Path:
        file = folder / "oidc.json"
        told = {"issuer": self.address, "audience": AUDIENCE, "person": "name", **more}
        file.write_text(json.dumps(told))
        file.chmod(0o600)
        return file

    def token(self, key: str = "first", algorithm: str = "RS256", **claims: Any) -> str:
        """A token as the API takes it, but for what `claims` say; None leaves a claim out."""
        now = int(time.time())
        whole = {"iss": self.address, "aud": AUDIENCE, "iat": now, "exp": now + 300, **self.claims,
                 **claims}  # fmt: skip
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(kept, self.keys[key], algorithm, {"kid": key})

    def public_pem(self) -> bytes:
        from cryptography.hazmat.primitives import serialization

        return (
            self.keys["first"]
            .public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if path == "/.well-known/openid-configuration":
            return 200, _json({
                "issuer": self.address, "jwks_uri": f"{self.address}/keys",
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
            }), {}  # fmt: skip
        if path == "/keys":
            listed = [
                {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
                for kid, key in self.keys.items()
            ]
            return 200, _json({"keys": listed}), {}
        if path == "/authorize":
            assert query["response_type"] == "code"
            assert query["code_challenge_method"] == "S256"
            code = secrets.token_hex(8)
            self.codes[code] = query
            back = urlencode({"code": code, "state": query["state"], "iss": self.address})
            place = f"{query['redirect_uri']}?{back}"
            if self.asks:
                return 200, f'<a href="{escape(place)}">yes</a>'.encode(), {}
            return 302, b"", {"Location": place}
        return 404, b"{}", {}

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        """A token for a code, once, for the client who began it."""
        expected = base64.b64encode(f"{CLIENT}:s3cret%3Aof+the+desk".encode()).decode()
        begun = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if authorization != f"Basic {expected}" or begun is None:
            return 401, _json({"error": "invalid_client"})
        if challenge != begun["code_challenge"] or form["redirect_uri"] != begun["redirect_uri"]:
            return 400, _json({"error": "invalid_grant"})
        told = {"aud": CLIENT, "nonce": begun["nonce"], **self.claims}
        return 200, _json({"id_token": self.token(**told), "access_token": "x"})


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


def _handler(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked[parts.path] += 1
            if parts.path in provider.answers:
                self._say(*provider.answers[parts.path], {})
                return
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._say(*provider.answer(parts.path, query))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            provider.asked[self.path] += 1
            if self.path in provider.answers:
                self._say(*provider.answers[self.path], {})
                return
            self._say(*provider.exchange(form, self.headers.get("Authorization", "")), {})

        def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            if body.startswith(b"<"):
                self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
