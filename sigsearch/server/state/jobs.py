"""Work that takes longer than an answer may, kept so that a killed service goes on with it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, delete, insert, select, update

from sigsearch.errors import JobAtWork, JobUnknown
from sigsearch.schema import Jsonable
from sigsearch.server.state.database import Database
from sigsearch.server.state.services import ServiceBook
from sigsearch.server.state.tables import jobs

Kind = Literal["enrol", "erase", "retain"]
JobState = Literal["waiting", "running", "stopping", "done", "failed", "stopped"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_ENDED = ("done", "failed", "stopped")


@dataclass(frozen=True, slots=True)
class Job(Jsonable):
    """asked: its parameters; done of total: how far it is, total None where nobody knows; report:
    what came of it; at, ended_at: in seconds since 1970."""

    id: str
    tenant: str
    person: str
    kind: Kind
    asked: dict[str, Any]
    state: JobState
    done: int
    total: int | None
    report: dict[str, Any] | None
    at: float
    ended_at: float | None = None


class JobBook:
    def __init__(self, database: Database, services: ServiceBook) -> None:
        self._database, self._services = database, services

    def add(
        self, tenant: str, person: str, kind: Kind, asked: Mapping[str, Any], number: str = ""
    ) -> Job:
        """A job that waits; `number`: its id, where that is chosen already."""
        job = Job(
            number or secrets.token_urlsafe(9), tenant, person, kind, dict(asked), "waiting", 0,
            None, None, time.time(),
        )  # fmt: skip
        values = {name: getattr(job, name) for name in Job.__slots__}
        with self._database.begin() as connection:
            connection.execute(insert(jobs).values(**values))
        return job

    def find(self, tenant: str, number: str) -> Job:
        """Raises JobUnknown, also where it is another tenant's."""
        ours = (jobs.c.id == number) & (jobs.c.tenant == tenant)
        with self._database.connect() as connection:
            row = connection.execute(select(jobs).where(ours)).mappings().first()
        if row is None:
            raise JobUnknown(f"there is no job {number!r}")
        return _job(row)

    def all(self, tenant: str) -> list[Job]:
        """The latest hundred first."""
        wanted = select(jobs).where(jobs.c.tenant == tenant).order_by(jobs.c.at.desc()).limit(100)
        with self._database.connect() as connection:
            return [_job(row) for row in connection.execute(wanted).mappings()]

    def next(self) -> Job | None:
        """The oldest that waits, or that a killed service had begun; now it is this one's."""
        with self._database.begin() as connection:
            lost = self._services.is_dead(connection, jobs.c.holder)
            begun = jobs.c.state.in_(("running", "stopping"))
            wanted = select(jobs).where((jobs.c.state == "waiting") | (begun & lost))
            wanted = wanted.order_by(jobs.c.at).limit(1).with_for_update(skip_locked=True)
            row = connection.execute(wanted).mappings().first()
            if row is None:
                return None
            same = (jobs.c.id == row["id"]) & (jobs.c.state == row["state"])
            same &= jobs.c.holder.is_not_distinct_from(row["holder"])
            ended = row["state"] == "stopping"
            change = {"state": "stopped", "ended_at": time.time()} if ended else {
                "state": "running", "holder": self._services.id}  # fmt: skip
            taken = connection.execute(update(jobs).where(same).values(**change)).rowcount
            return _job({**row, **change}) if taken and not ended else None

    def progress(self, number: str, done: int, total: int | None, report: object) -> bool:
        """How far it is; whether it is to go on: nobody has stopped it, or taken it up since."""
        ours = self._ours(number)
        with self._database.begin() as connection:
            told = {"done": done, "total": total, "report": report}
            connection.execute(update(jobs).where(ours).values(**told))
            state = connection.execute(select(jobs.c.state).where(ours)).scalar()
        return state == "running"

    def end(self, number: str, state: JobState, report: object) -> None:
        """Of one that is still this service's."""
        with self._database.begin() as connection:
            told = {"state": state, "report": report, "ended_at": time.time()}
            connection.execute(update(jobs).where(self._ours(number)).values(**told))

    def _ours(self, number: str) -> ColumnElement[bool]:
        return (jobs.c.id == number) & (jobs.c.holder == self._services.id)

    def drop(self, tenant: str, number: str) -> None:
        """Take out one that waits or has ended. One that runs stops at its next step, and JobAtWork
        is raised."""
        job = self.find(tenant, number)
        with self._database.begin() as connection:
            ours = (jobs.c.id == number) & (jobs.c.state.in_((*_ENDED, "waiting")))
            if connection.execute(delete(jobs).where(ours)).rowcount:
                return
            connection.execute(update(jobs).where(jobs.c.id == number).values(state="stopping"))
        raise JobAtWork(f"the job {job.id} is running and will stop at its next step; ask again")

    def erase(self, tenant: str, writer: str) -> None:
        """What reports of enrolments say of a writer."""
        ours = (jobs.c.tenant == tenant) & (jobs.c.kind == "enrol")
        with self._database.begin() as connection:
            held = select(jobs.c.id, jobs.c.report).where(ours).with_for_update()
            rows = connection.execute(held).all()
            for number, report in rows:
                refused = (report or {}).get("refused", [])
                left = [one for one in refused if one.get("writer") != writer]
                if len(left) < len(refused):
                    changed = update(jobs).where(jobs.c.id == number)
                    connection.execute(changed.values(report={**report, "refused": left}))


def _job(row: Any) -> Job:
    return Job(**{name: row[name] for name in Job.__slots__})
