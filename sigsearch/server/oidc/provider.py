"""What the provider says over HTTP: where its endpoints are, its keys, and a token for a code.

Nothing of what comes is believed before it is looked at: its size, its form and where it leads.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.error import URLError
from urllib.parse import quote_plus, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sigsearch.errors import NotSignedIn, ProviderFault
from sigsearch.server.oidc.settings import OidcSettings, is_safe

_PATIENCE, _MOST = 5.0, 2**20  # seconds, bytes of an answer
FRESH, GOOD, AGAIN, MISSED = 600.0, 3600.0, 30.0, 5.0
"""Seconds: for which keys are not asked for anew, for which they are good at all, and between two
tries, or two that failed, however many tokens with unknown keys come."""
_PUBLIC = ("RSA", "EC", "OKP")


class Provider:
    """Safe to use from several threads. Its methods take as long as the provider does."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._opener = build_opener(_NoRedirect())
        self._lock = threading.Lock()
        self._about: Mapping[str, Any] = {}
        self._keys: dict[str | None, Mapping[str, Any]] = {}
        self._fetched = self._again = self._about_again = float("-inf")

    def key(self, number: str | None) -> Mapping[str, Any]:
        """The public key of that id, as JWK. Raises NotSignedIn, or ProviderFault where the keys
        cannot be had."""
        with self._lock:
            now = time.monotonic()
            wanted = number not in self._keys or now - self._fetched > FRESH
            if wanted and now >= self._again:
                self._renew(now)
            if now - self._fetched > GOOD:
                raise ProviderFault("the provider's keys could not be fetched; try again")
            if number not in self._keys:
                raise NotSignedIn("the token is signed with a key that the provider does not list")
            return self._keys[number]

    def _renew(self, now: float) -> None:
        """Ask for the keys; where that fails, those of before are good for a while."""
        try:
            self._keys, self._fetched = self._public_keys(), now
        except ProviderFault:
            self._again = time.monotonic() + MISSED
            if now - self._fetched > GOOD:
                raise
        else:
            self._again = now + AGAIN

    def endpoint(self, name: str) -> str:
        """An address of the provider's, by its name in the discovery document."""
        with self._lock:
            return self._endpoint(name)

    def token(self, code: str, verifier: str) -> str:
        """The ID token for a code. Raises NotSignedIn where the provider refuses it."""
        ours = self._settings
        assert ours.client_id is not None
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": ours.back,
                "code_verifier": verifier}  # fmt: skip
        headers = {}
        if ours.client_secret is None:
            form["client_id"] = ours.client_id
        else:
            both = f"{quote_plus(ours.client_id)}:{quote_plus(ours.client_secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(both.encode()).decode()
        answer = self._asked(self.endpoint("token_endpoint"), urlencode(form).encode(), headers)
        found = answer.get("id_token")
        if not isinstance(found, str):
            raise ProviderFault("the provider sent no ID token")
        return found

    def _public_keys(self) -> dict[str | None, Mapping[str, Any]]:
        """Those that check signatures; no symmetric ones, which would be no secret."""
        listed = self._asked(self._endpoint("jwks_uri")).get("keys")
        if not isinstance(listed, list):
            raise ProviderFault("the provider's keys are not a list")
        ours = (
            one for one in listed
            if isinstance(one, dict) and one.get("kty") in _PUBLIC and one.get("use") != "enc"
        )  # fmt: skip
        return {one.get("kid"): one for one in ours if isinstance(one.get("kid"), str | None)}

    def _endpoint(self, name: str) -> str:
        if not self._about:
            if time.monotonic() < self._about_again:
                raise ProviderFault("the provider did not answer a moment ago; try again")
            self._about_again = time.monotonic() + _PATIENCE + MISSED
            place = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = self._asked(place)
            if found.get("issuer") != self._settings.issuer:
                raise ProviderFault("the provider's issuer differs from `issuer` in the settings")
            self._about = found
        address = self._about.get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise ProviderFault(f"the provider gives no secure address as {name}")
        return address

    def _asked(
        self, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        asked = Request(address, body, {"Accept": "application/json", **(headers or {})})
        try:
            with self._opener.open(asked, timeout=_PATIENCE) as reply:
                data = reply.read(_MOST + 1)
            found = json.loads(data) if len(data) <= _MOST else None
        except URLError as fault:
            if body is not None and getattr(fault, "code", None) in (400, 401, 403):
                raise NotSignedIn(
                    "the provider does not know this sign-in; sign in again"
                ) from None
            raise ProviderFault(f"the provider does not answer ({fault.reason})") from None
        except (OSError, ValueError, RecursionError) as fault:
            raise ProviderFault(f"the provider's answer cannot be read ({fault})") from None
        if not isinstance(found, dict):
            raise ProviderFault("the provider's answer is too large, or not a JSON object")
        return found


class _NoRedirect(HTTPRedirectHandler):
    """The settings say where the provider is; nobody leads elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None
