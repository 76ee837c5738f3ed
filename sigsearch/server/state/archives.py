"""The uploads of jobs in the database, where any of several services may do the job."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import delete, insert, select

from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import archives, jobs

_PART = 4 << 20  # bytes


class ArchiveBook:
    """A service with a folder of its own keeps them there, as files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, job: str, file: Path) -> None:
        """Move an upload into the database, if several services share it."""
        if not self._database.is_shared:
            return
        with file.open("rb") as source, self._database.begin() as connection:
            for number, part in enumerate(iter(lambda: source.read(_PART), b"")):
                connection.execute(
                    insert(archives).values(job=job, number=number, at=time.time(), data=part)
                )
        file.unlink()

    def fetch(self, job: str, file: Path) -> None:
        """Have it as a file."""
        if not self._database.is_shared:
            return
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = archives.c.job == job
        with file.open("wb") as target, self._database.connect() as connection:
            numbers = select(archives.c.number).where(ours).order_by(archives.c.number)
            for number in connection.execute(numbers).scalars().all():
                part = select(archives.c.data).where(ours & (archives.c.number == number))
                target.write(connection.execute(part).scalar_one())

    def drop(self, job: str, file: Path) -> None:
        file.unlink(missing_ok=True)
        if self._database.is_shared:
            with self._database.begin() as connection:
                connection.execute(delete(archives).where(archives.c.job == job))

    def put_away(self, file: Path) -> None:
        """What is kept in the database need not stay here as well."""
        if self._database.is_shared:
            file.unlink(missing_ok=True)

    def expire(self, before: float) -> None:
        """What belongs to no job, since a service was killed before it began one."""
        with self._database.begin() as connection:
            lost = archives.c.job.not_in(select(jobs.c.id)) & (archives.c.at < before)
            connection.execute(delete(archives).where(lost))
