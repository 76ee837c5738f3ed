"""Whoever comes with a provider's word: let in, and listed among the keys, where they can be
revoked."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlencode

from sigsearch.errors import NotAllowed, NotSignedIn, TenantUnknown
from sigsearch.server.oidc.settings import OidcSettings
from sigsearch.server.oidc.tokens import Tokens
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.state.state import State


class Guests:
    """Its methods may ask the provider, and take as long; safe to use from several threads."""

    def __init__(self, settings: OidcSettings, state: State) -> None:
        self._settings, self._state = settings, state
        self._tokens = Tokens(settings)

    @property
    def have_desk(self) -> bool:
        return self._settings.client_id is not None

    @property
    def over_tls(self) -> bool:
        """Whether browsers reach the service by https."""
        return (self._settings.address or "").startswith("https:")

    def bearer(self, token: str) -> KeyEntry:
        """Who asks the API. Raises NotSignedIn, NotAllowed or ProviderFault."""
        return self._listed(self._tokens.bearer(token), renewed=False)

    def at_desk(self, code: str, verifier: str, nonce: str) -> KeyEntry:
        """Who was sent back to the desk with this code. Raises so too."""
        token = self._tokens.provider.token(code, verifier)
        return self._listed(self._tokens.at_desk(token, nonce), renewed=True)

    def way(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in. Raises ProviderFault."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code", "client_id": self._settings.client_id,
            "redirect_uri": self._settings.back, "scope": self._settings.scope,
            "state": state, "nonce": nonce, "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }  # fmt: skip
        place = self._tokens.provider.endpoint("authorization_endpoint")
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def is_ours(self, issuer: str | None) -> bool:
        """Whether who sent a browser back is the provider, where it says so (RFC 9207)."""
        return issuer is None or issuer == self._settings.issuer

    def _listed(self, entry: KeyEntry, renewed: bool) -> KeyEntry:
        try:
            self._state.tenants.find(entry.tenant)
        except TenantUnknown:
            raise NotAllowed("the token names a tenant that this service does not have") from None
        if not self._state.keys.vouch(entry, renewed):
            raise NotSignedIn("this person's access was revoked")
        return entry
