"""Tokens checked, and their claims as a person with roles and a tenant."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

from sigsearch.errors import NotAllowed, NotSignedIn
from sigsearch.names import one_form
from sigsearch.server.oidc.provider import Provider
from sigsearch.server.oidc.settings import OidcSettings
from sigsearch.server.settings import DEFAULT_TENANT
from sigsearch.server.state.keys import ROLES, KeyEntry, Role

_LEEWAY = 30  # seconds by which clocks may differ
_MOST = 16_384  # characters of a token


def looks_like_token(text: str) -> bool:
    """Whether this may be a JWT; a key never is."""
    return text.count(".") == 2 and not text.startswith("sgs_")


class Tokens:
    """Whom the provider vouches for. Its methods may ask the provider, and take as long."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self.provider = Provider(settings)

    def bearer(self, token: str) -> KeyEntry:
        """Who asks the API. Raises NotSignedIn, NotAllowed or ProviderFault."""
        return self._person(self._claims(token, self._settings.audience))

    def at_desk(self, token: str, nonce: str) -> KeyEntry:
        """Who signs in at the desk, by an ID token made for this very sign-in. Raises so too."""
        ours = self._settings.client_id
        assert ours is not None
        claims = self._claims(token, ours)
        if isinstance(claims["aud"], list) and claims.get("azp", ours) != ours:
            raise NotSignedIn("the token was issued for another client")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise NotSignedIn("the token was issued for another sign-in")
        return self._person(claims)

    def _claims(self, token: str, audience: str) -> Mapping[str, Any]:
        import jwt

        try:
            head = jwt.get_unverified_header(token[:_MOST])
            algorithm = head.get("alg")
            if algorithm not in self._settings.algorithms:
                raise NotSignedIn("the token is signed with an algorithm that is not accepted")
            key = self.provider.key(head.get("kid"))
            if key.get("alg", algorithm) != algorithm:
                raise NotSignedIn("the token's key is for another algorithm")
            claims: Mapping[str, Any] = jwt.decode(
                token, jwt.PyJWK(dict(key), algorithm), [algorithm], audience=audience,
                issuer=self._settings.issuer, leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"],
                         "enforce_minimum_key_length": True},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError) as fault:
            raise NotSignedIn(f"the token is not accepted ({str(fault)[:200]})") from None
        return claims

    def _person(self, claims: Mapping[str, Any]) -> KeyEntry:
        ours = self._settings
        told = _claim(claims, ours.person)
        person = one_form(told).strip() if isinstance(told, str) else ""
        if not person or len(person) > 200 or not person.isprintable():
            raise NotAllowed(f"the token has no `{ours.person}` that names a person")
        roles = self._roles(_claim(claims, ours.roles))
        if not roles:
            raise NotAllowed(f"the token's `{ours.roles}` names none of {', '.join(ROLES)}")
        tenant = _claim(claims, ours.tenant) if ours.tenant else DEFAULT_TENANT
        if not isinstance(tenant, str) or not tenant:
            raise NotAllowed(f"the token has no `{ours.tenant}` that names a tenant")
        number = hashlib.sha256(
            "\0".join((ours.issuer, str(claims["sub"]), tenant)).encode("utf-8", "surrogatepass")
        )
        return KeyEntry(f"oidc-{number.hexdigest()[:24]}", tenant, person, roles, time.time())

    def _roles(self, told: Any) -> tuple[Role, ...]:
        """Those that have a meaning here, of a list or of words in one text."""
        words = told.split() if isinstance(told, str) else told if isinstance(told, list) else []
        names = {self._settings.role_names.get(str(one), str(one)) for one in words}
        return tuple(role for role in ROLES if role in names)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by the way to it: `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
