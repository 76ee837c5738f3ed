"""Answers kept under an Idempotency-Key, so that what is sent again is not done again."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from sigsearch.errors import RepeatedDifferently, StillAtWork
from sigsearch.server.state.database import Database
from sigsearch.server.state.services import ServiceBook
from sigsearch.server.state.tables import replies

KEPT_SECONDS = 24 * 3600
_GIVEN_UP = 600  # seconds: what was begun so long ago has failed


class ReplyBook:
    def __init__(self, database: Database, services: ServiceBook) -> None:
        self._database, self._services = database, services

    def begin(self, tenant: str, key: str, digest: str, writer: str) -> tuple[int, Any] | None:
        """The answer that was given before, or None where it is to be found now.

        Raises RepeatedDifferently where `digest` is not that of the former request, StillAtWork
        where that is not answered yet.
        """
        now, ours = time.time(), (replies.c.tenant == tenant) & (replies.c.key == key)
        with self._database.begin() as connection:
            connection.execute(delete(replies).where(replies.c.at < now - KEPT_SECONDS))
            held = connection.execute(select(replies).where(ours)).mappings().first()
            if held is not None and held["digest"] != digest:
                raise RepeatedDifferently(
                    f"the Idempotency-Key {key!r} was already used with other content"
                )
            if held is not None and held["status"] is not None:
                return held["status"], held["body"]
            lost = self._services.is_dead(connection, replies.c.holder)
            dead = connection.execute(select(replies.c.key).where(ours & lost)).first()
            if held is not None and dead is None and held["at"] > now - _GIVEN_UP:
                raise StillAtWork("the same request is still being answered; ask again in a moment")
            connection.execute(delete(replies).where(ours))
            try:
                connection.execute(
                    insert(replies).values(
                        tenant=tenant,
                        key=key,
                        digest=digest,
                        writer=writer,
                        at=now,
                        holder=self._services.id,
                    )
                )
            except IntegrityError:
                raise StillAtWork("the same request is still being answered; ask again") from None
        return None

    def finish(self, tenant: str, key: str, status: int, body: Any) -> None:
        ours = (replies.c.tenant == tenant) & (replies.c.key == key)
        with self._database.begin() as connection:
            connection.execute(update(replies).where(ours).values(status=status, body=body))

    def give_up(self, tenant: str, key: str) -> None:
        """It failed, and may be tried again."""
        ours = (replies.c.tenant == tenant) & (replies.c.key == key)
        with self._database.begin() as connection:
            connection.execute(delete(replies).where(ours))

    def erase(self, tenant: str, writer: str) -> None:
        ours = (replies.c.tenant == tenant) & (replies.c.writer == writer)
        with self._database.begin() as connection:
            connection.execute(delete(replies).where(ours))
