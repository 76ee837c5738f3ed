"""What each kind of job does, step by step; each step may be the last one for today."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sigsearch.engine.enrolment import Specimen
from sigsearch.errors import ArgumentRefused, ErasureIncomplete, WriterNamed, WriterUnknown
from sigsearch.index.records import Reference
from sigsearch.server.jobs.archive import Archive
from sigsearch.server.service import Service
from sigsearch.server.state.jobs import Job
from sigsearch.server.tenants import Tenant
from sigsearch.server.uploads import UPLOADED, Upload

Step = tuple[int, int | None, dict[str, Any]]
"""How much is done, of how much, and what came of it so far."""
_BATCH = 32
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_AGE = re.compile(r"(\d{1,5})([dwmy])")


def upload_of(service: Service, number: str) -> Path:
    """Where the upload of a job lies as a file until it is done."""
    return service.settings.state_folder / "uploads" / f"{number}.zip"


def age_of(text: str) -> timedelta:
    """`90d`, `12w`, `6m`, `2y`. Raises ArgumentRefused."""
    found = _AGE.fullmatch(text.strip().lower())
    if found is None:
        raise ArgumentRefused(f"{text!r} is not an age; give a number and d, w, m or y, such as 2y")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def enrol(service: Service, tenant: Tenant, job: Job) -> Iterator[Step]:
    """The images of an archive; those that are known already are passed over."""
    file = upload_of(service, job.id)
    service.state.archives.fetch(job.id, file)
    archive = Archive(file)
    report: dict[str, Any] = {"enrolled": 0, "known": 0, "refused": []}
    pending: list[tuple[str, str, Upload]] = []
    try:
        for at, (writer, place, image) in enumerate(archive.images(), start=1):
            if isinstance(image, str):
                report["refused"].append(_refused(writer, place, "archive", image))
            else:
                pending.append((writer, place, image))
            if len(pending) == _BATCH:
                batch, pending = pending, []
                _enrolled(tenant, job, batch, report)
                yield at, len(archive), report
        if pending:
            _enrolled(tenant, job, pending, report)
        yield len(archive), len(archive), report
    finally:
        archive.close()
        service.state.archives.put_away(file)
    service.state.archives.drop(job.id, file)


def _enrolled(
    tenant: Tenant, job: Job, batch: list[tuple[str, str, Upload]], report: dict[str, Any]
) -> None:
    metadata, keep = dict(job.asked["metadata"]), bool(job.asked["keep_images"])
    specimens = [Specimen(who, one.data, metadata, UPLOADED + one.name) for who, _, one in batch]
    done, _ = tenant.enrol(job.person, specimens, keep)
    report["enrolled"] += done.enrolled
    report["known"] += done.known
    named = {UPLOADED + one.name: (who, place) for who, place, one in batch}
    for one in done.refused:
        writer, place = named.get(one.source, ("", one.source))
        report["refused"].append(_refused(writer, place, one.code, one.reason))


def _refused(writer: str, place: str, code: str, reason: str) -> dict[str, str]:
    return {"writer": writer, "source": place, "code": code, "reason": reason}


def erase(service: Service, tenant: Tenant, job: Job) -> Iterator[Step]:
    """One writer, with proof."""
    receipt = erased(service, tenant, job.person, job.asked["writer"], job.id)
    yield 1, 1, {"receipt": receipt}


def retain(service: Service, tenant: Tenant, job: Job) -> Iterator[Step]:
    """Erase every writer whose latest reference is older than `keep`, with the metadata `where`."""
    before = datetime.now(timezone.utc) - age_of(job.asked["keep"])
    where, proof = dict(job.asked["where"]), bool(job.asked["proof"])
    past = [
        one.name
        for one in tenant.index.writers()
        if _is_past(tenant.index.references(one.name), before, where)
    ]
    report: dict[str, Any] = {"erased": 0, "kept_for_an_account": 0, "incomplete": 0}
    for at, name in enumerate(past, start=1):
        try:
            if proof:
                receipt = erased(service, tenant, job.person, name, f"{job.id}-{at}")
                report["incomplete"] += receipt.get("incomplete") is not None
            else:
                forgotten(service, tenant, job.person, name)
            report["erased"] += 1
        except WriterNamed:
            report["kept_for_an_account"] += 1
        yield at, len(past), report
    yield len(past), len(past), report


def _is_past(held: list[Reference], before: datetime, where: dict[str, str]) -> bool:
    if any(one.metadata.get(key) != value for one in held for key, value in where.items()):
        return False
    dates = [_date(one.enrolled_at) for one in held]
    return all(date is not None and date < before for date in dates)


def _date(text: str) -> datetime | None:
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
    return None


def forgotten(service: Service, tenant: Tenant, person: str, writer: str) -> int:
    """A writer and all evidence that names them; how many references there were. Evidence of who is
    not enrolled goes too: a service may have been killed before it came to that."""
    held = tenant.held_name(writer)
    try:
        with tenant.changing():
            return tenant.asked_by(person).forget(held)
    finally:
        _evidence_goes(service, tenant, held)


def _evidence_goes(service: Service, tenant: Tenant, writer: str) -> None:
    if tenant.index.numbers([writer])[0] is None:
        service.state.erase(tenant.name, writer)


def erased(
    service: Service, tenant: Tenant, person: str, writer: str, number: str
) -> dict[str, Any]:
    """The same, with proof: the receipt, which a kill cannot take away."""
    held = tenant.held_name(writer)
    place = service.settings.state_folder / "receipts" / f"{number}.json"
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if tenant.index.numbers([held])[0] is None and not place.is_file():
        _evidence_goes(service, tenant, held)
        raise WriterUnknown.of(held)
    try:
        if tenant.index.numbers([held])[0] is not None:
            receipt = tenant.erase(person, held, place).to_dict()
        else:  # gone already, before the service was killed
            receipt = json.loads(place.read_bytes())
    except ErasureIncomplete as fault:
        receipt = fault.receipt
    service.state.erase(tenant.name, held)
    place.unlink(missing_ok=True)
    return receipt


KINDS: dict[str, Callable[[Service, Tenant, Job], Iterator[Step]]] = {
    "enrol": enrol, "erase": erase, "retain": retain,
}  # fmt: skip
