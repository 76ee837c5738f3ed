"""Who is signed in at the desk."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from sigsearch.server.state.database import Database
from sigsearch.server.state.keys import KeyEntry, entry_of
from sigsearch.server.state.tables import keys, sessions

SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """csrf: what every form of this session sends back."""

    key: KeyEntry
    csrf: str


class SessionBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, key: KeyEntry) -> str:
        """A token for a cookie; only its hash is kept."""
        token, now = secrets.token_urlsafe(32), time.time()
        with self._database.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.until < now))
            connection.execute(
                insert(sessions).values(
                    hash=_hash(token), key=key.id, csrf=secrets.token_urlsafe(24),
                    until=now + SECONDS,
                )
            )  # fmt: skip
        return token

    def find(self, token: str) -> Session | None:
        """None where it is over, or the key was revoked."""
        ours = (sessions.c.hash == _hash(token)) & (sessions.c.until > time.time())
        joined = sessions.join(keys, sessions.c.key == keys.c.id)
        wanted = select(sessions.c.csrf, *keys.c).select_from(joined).where(ours)
        with self._database.connect() as connection:
            row = connection.execute(wanted).mappings().first()
        if row is None or row["revoked_at"] is not None:
            return None
        kept = dict(row)
        return Session(csrf=kept.pop("csrf"), key=entry_of(kept))

    def end(self, token: str) -> None:
        with self._database.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.hash == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
