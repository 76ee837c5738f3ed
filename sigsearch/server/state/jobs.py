"""Work that takes longer than an answer may, kept so that a killed service goes on with it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Engine, delete, insert, select, update

from sigsearch.errors import JobAtWork, JobUnknown
from sigsearch.schema import Jsonable
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
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self, tenant: str, person: str, kind: Kind, asked: Mapping[str, Any], number: str = ""
    ) -> Job:
        """A job that waits; `number`: its id, where that is chosen already."""
        job = Job(
            number or secrets.token_urlsafe(9), tenant, person, kind, dict(asked), "waiting", 0,
            None, None, time.time(),
        )  # fmt: skip
        values = {name: getattr(job, name) for name in Job.__slots__}
        with self._engine.begin() as connection:
            connection.execute(insert(jobs).values(**values))
        return job

    def find(self, tenant: str, number: str) -> Job:
        """Raises JobUnknown, also where it is another tenant's."""
        ours = (jobs.c.id == number) & (jobs.c.tenant == tenant)
        with self._engine.connect() as connection:
            row = connection.execute(select(jobs).where(ours)).mappings().first()
        if row is None:
            raise JobUnknown(f"there is no job {number!r}")
        return Job(**row)

    def all(self, tenant: str) -> list[Job]:
        """The latest hundred first."""
        wanted = select(jobs).where(jobs.c.tenant == tenant).order_by(jobs.c.at.desc()).limit(100)
        with self._engine.connect() as connection:
            return [Job(**row) for row in connection.execute(wanted).mappings()]

    def next(self) -> Job | None:
        """The oldest that waits, which from now on is running."""
        wanted = select(jobs).where(jobs.c.state == "waiting").order_by(jobs.c.at).limit(1)
        with self._engine.begin() as connection:
            row = connection.execute(wanted).mappings().first()
            if row is None:
                return None
            ours = (jobs.c.id == row["id"]) & (jobs.c.state == "waiting")
            taken = connection.execute(update(jobs).where(ours).values(state="running"))
            return Job(**{**row, "state": "running"}) if taken.rowcount else None

    def take_up_again(self) -> None:
        """Those that ran when the service was killed."""
        with self._engine.begin() as connection:
            for before, after in (("running", "waiting"), ("stopping", "stopped")):
                connection.execute(update(jobs).where(jobs.c.state == before).values(state=after))

    def progress(self, number: str, done: int, total: int | None, report: object) -> bool:
        """How far it is; whether it is to go on."""
        with self._engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == number)
                .values(done=done, total=total, report=report)
            )
            state = connection.execute(select(jobs.c.state).where(jobs.c.id == number)).scalar()
        return state == "running"

    def end(self, number: str, state: JobState, report: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == number)
                .values(state=state, report=report, ended_at=time.time())
            )

    def drop(self, tenant: str, number: str) -> None:
        """Take out one that waits or has ended. One that runs stops at its next step, and JobAtWork
        is raised."""
        job = self.find(tenant, number)
        with self._engine.begin() as connection:
            ours = (jobs.c.id == number) & (jobs.c.state.in_((*_ENDED, "waiting")))
            if connection.execute(delete(jobs).where(ours)).rowcount:
                return
            connection.execute(update(jobs).where(jobs.c.id == number).values(state="stopping"))
        raise JobAtWork(f"the job {job.id} is at work and stops at its next step; ask again")

    def erase(self, tenant: str, writer: str) -> None:
        """What reports of enrolments say of a writer."""
        ours = (jobs.c.tenant == tenant) & (jobs.c.kind == "enrol")
        with self._engine.begin() as connection:
            rows = connection.execute(select(jobs.c.id, jobs.c.report).where(ours)).all()
            for number, report in rows:
                refused = (report or {}).get("refused", [])
                left = [one for one in refused if one.get("writer") != writer]
                if len(left) < len(refused):
                    changed = update(jobs).where(jobs.c.id == number)
                    connection.execute(changed.values(report={**report, "refused": left}))
