"""Which processes use the database, so that what one had begun is gone on with when it is dead."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import services

ALIVE_SECONDS = 15.0
"""Who has not been heard of for so long is dead."""
_FOR_EVER = 1e12


class ServiceBook:
    """id: of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.id = secrets.token_hex(8)

    @property
    def are_several(self) -> bool:
        return self._database.is_shared

    def begin(self) -> None:
        """A folder has one service, so whoever was there before is dead."""
        if not self.are_several:
            with self._database.begin() as connection:
                connection.execute(delete(services))
        self.renew()

    def renew(self) -> None:
        """Alive from now on, for a while."""
        with self._database.begin() as connection:
            now = self._database.now(connection)
            connection.execute(delete(services).where(services.c.until < now - ALIVE_SECONDS))
            ours = services.c.id == self.id
            until = {"until": now + ALIVE_SECONDS if self.are_several else _FOR_EVER}
            if not connection.execute(update(services).where(ours).values(**until)).rowcount:
                connection.execute(insert(services).values(id=self.id, **until))

    def end(self) -> None:
        with self._database.begin() as connection:
            connection.execute(delete(services).where(services.c.id == self.id))

    def is_dead(self, connection: Connection, holder: Any) -> ColumnElement[bool]:
        """Of a column of holders: whether nobody holds the row any more."""
        living = select(services.c.id).where(services.c.until > self._database.now(connection))
        return or_(holder.is_(None), holder.not_in(living))
