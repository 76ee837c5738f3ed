"""Which provider is trusted, and what its claims mean here."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sigsearch.errors import ArgumentRefused
from sigsearch.server.state.keys import Role

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""With a public key only: whoever can check a token cannot make one."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_safe(address: str) -> bool:
    """Whether nobody on the way can change what comes from there."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _safe(address: str) -> str:
    if not is_safe(address):
        raise ValueError("give https://HOST (http only for this machine)")
    return address


Address = Annotated[str, AfterValidator(_safe)]


class OidcSettings(BaseModel):
    """audience: whom a token of the API must be made for. client_id: the desk's at the provider;
    without one the desk signs in by key alone. address: where browsers reach the service.

    person, roles, tenant: the claims that say who somebody is, what they may do and whose index
    they ask; dots lead into objects. The person must be one whom the provider never gives to
    another, as `sub` is. role_names: what the provider calls a role; names that are not in it are
    taken as they are. Without `tenant` all ask the default one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    issuer: Address
    audience: Annotated[str, Field(min_length=1)]
    client_id: str | None = None
    client_secret: str | None = None
    address: Address | None = None
    scope: str = "openid profile email"
    person: str = "sub"
    roles: str = "roles"
    tenant: str | None = None
    role_names: dict[str, Role] = {}
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "ES256")

    @property
    def back(self) -> str:
        """Where the provider sends people back to, as it must be registered there."""
        return f"{(self.address or '').rstrip('/')}/desk/oidc/back"


def read_settings(file: Path) -> OidcSettings:
    """From a JSON object in a file. Raises ArgumentRefused."""
    try:
        settings = OidcSettings.model_validate_json(file.read_bytes())
    except OSError as fault:
        raise ArgumentRefused(f"{file} cannot be read ({fault.strerror})") from None
    except ValidationError as fault:
        first = fault.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ArgumentRefused(f"{file}: {place + ': ' if place else ''}{first['msg']}") from None
    if settings.client_id is not None and settings.address is None:
        raise ArgumentRefused(f"{file}: the desk needs `address`: where browsers reach the service")
    if settings.client_secret and os.name != "nt" and file.stat().st_mode & stat.S_IROTH:
        raise ArgumentRefused(
            f"everybody can read {file}, which holds a secret; run `chmod 600 {file}`"
        )
    return settings
