"""How often a key may ask, counted by all services together."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import buckets

_FULL_AGAIN = 3600.0  # seconds after which a bucket need not be kept


class BucketBook:
    """Buckets that fill at a steady rate."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, key: str, most: int, rate: float, burst: float) -> float:
        """How many requests a service may let through now, `most` at most; where there is none, how
        much there is of one, below 1."""
        ours = buckets.c.key == key
        with self._database.begin() as connection:
            asked = select(buckets.c.held, buckets.c.at).where(ours).with_for_update()
            row, now = connection.execute(asked).first(), self._database.now(connection)
            if row is not None:
                held = min(burst, row.held + max(now - row.at, 0) * rate)
                taken = min(int(held), most)
                connection.execute(update(buckets).where(ours).values(held=held - taken, at=now))
                return taken or held
        self._begin(key, burst)
        return self.take(key, most, rate, burst)

    def _begin(self, key: str, burst: float) -> None:
        # Perhaps another service does the same.
        with suppress(IntegrityError), self._database.begin() as connection:
            now = self._database.now(connection)
            connection.execute(insert(buckets).values(key=key, held=burst, at=now))

    def expire(self, now: float) -> None:
        with self._database.begin() as connection:
            connection.execute(delete(buckets).where(buckets.c.at < now - _FULL_AGAIN))
