"""API keys, each of a named person or program. Only a hash of the secret part is kept: it has 256
random bits, so a plain SHA-256 cannot be guessed back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from sigsearch.errors import ArgumentRefused, KeyUnknown
from sigsearch.schema import Jsonable
from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import about, keys

Role = Literal["enrol", "ask", "decide", "audit"]
"""enrol: change who is enrolled; ask: put questions; decide: at the desk; audit: read evidence of
others, the decision log and the metrics."""
ROLES: tuple[Role, ...] = get_args(Role)
_PREFIX = "sgs"
_NO_SECRET = ""  # is the hash of nothing


@dataclass(frozen=True, slots=True)
class KeyEntry(Jsonable):
    """A key without its secret."""

    id: str
    tenant: str
    person: str
    roles: tuple[Role, ...]
    at: float
    revoked_at: float | None = None

    def may(self, role: Role) -> bool:
        return role in self.roles


class KeyBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, tenant: str, person: str, roles: Sequence[Role]) -> tuple[KeyEntry, str]:
        """A new key, and the whole of it, which is not kept. Raises ArgumentRefused."""
        with self._database.begin() as connection:
            return _added(connection, tenant, person, roles)

    def first(self, tenant: str, person: str, roles: Sequence[Role]) -> str | None:
        """The whole of the first key; None where there is one, or another service makes it."""
        with self._database.begin() as connection:
            # Written first, so that services that start at once come one after the other.
            connection.execute(update(about).values(version=about.c.version))
            if connection.execute(select(keys.c.id).limit(1)).first() is not None:
                return None
            return _added(connection, tenant, person, roles)[1]

    def find(self, whole: str) -> KeyEntry | None:
        """Whose key this is; None for one that is unknown or revoked."""
        prefix, _, rest = whole.partition("_")
        number, _, secret = rest.partition("_")
        if prefix != _PREFIX or not secret:
            return None
        with self._database.connect() as connection:
            row = connection.execute(select(keys).where(keys.c.id == number)).mappings().first()
        if row is None or not hmac.compare_digest(row["hash"], _hash(secret)):
            return None
        return None if row["revoked_at"] is not None else entry_of(row)

    def vouch(self, entry: KeyEntry, renewed: bool) -> bool:
        """Whether somebody without a key of ours may come in: not who was revoked. They are listed
        from the first time; `renewed`: with these roles from now on."""
        ours = keys.c.id == entry.id
        told = {"person": entry.person, "roles": ",".join(entry.roles)}
        with self._database.connect() as connection:
            row = connection.execute(select(keys).where(ours)).mappings().first()
        if row is None:
            try:
                with self._database.begin() as connection:
                    connection.execute(
                        insert(keys).values(
                            id=entry.id, hash=_NO_SECRET, tenant=entry.tenant, at=entry.at, **told
                        )
                    )
            except IntegrityError:  # by another request of theirs, at the same time
                return self.vouch(entry, renewed)
            return True
        if renewed and row["revoked_at"] is None:
            with self._database.begin() as connection:
                connection.execute(update(keys).where(ours).values(**told))
        return row["revoked_at"] is None

    def all(self, tenant: str | None = None) -> list[KeyEntry]:
        """Also those that were revoked, oldest first."""
        wanted = select(keys).order_by(keys.c.at)
        if tenant is not None:
            wanted = wanted.where(keys.c.tenant == tenant)
        with self._database.connect() as connection:
            return [entry_of(row) for row in connection.execute(wanted).mappings()]

    def revoke(self, number: str) -> KeyEntry:
        """It is refused from now on. Raises KeyUnknown."""
        with self._database.begin() as connection:
            row = connection.execute(select(keys).where(keys.c.id == number)).mappings().first()
            if row is None:
                raise KeyUnknown(
                    f"there is no key {number!r}; `sigsearch serve keys list` shows all"
                )
            now = row["revoked_at"] or time.time()
            connection.execute(update(keys).where(keys.c.id == number).values(revoked_at=now))
        return entry_of({**row, "revoked_at": now})


def _added(
    connection: Connection, tenant: str, person: str, roles: Sequence[Role]
) -> tuple[KeyEntry, str]:
    if not person.strip() or len(person) > 200 or not person.isprintable():
        raise ArgumentRefused("a key is for a person or program; give their name on one line")
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ArgumentRefused(f"roles are {', '.join(ROLES)}, not {', '.join(unknown) or ''}")
    given = tuple(role for role in ROLES if role in roles)
    entry = KeyEntry(secrets.token_hex(6), tenant, person.strip(), given, time.time())
    secret = secrets.token_urlsafe(32)
    connection.execute(
        insert(keys).values(
            id=entry.id, hash=_hash(secret), tenant=tenant, person=entry.person,
            roles=",".join(given), at=entry.at,
        )
    )  # fmt: skip
    return entry, f"{_PREFIX}_{entry.id}_{secret}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def entry_of(row: object) -> KeyEntry:
    """A row of the table, without the hash."""
    kept = dict(row)  # type: ignore[call-overload]
    del kept["hash"]
    return KeyEntry(**{**kept, "roles": tuple(kept["roles"].split(","))})
