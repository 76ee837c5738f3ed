"""Jobs: bulk enrolment from an archive, erasure with proof, retention."""

from __future__ import annotations

import secrets
import shutil
from typing import Annotated, Any

from fastapi import File, Form, UploadFile
from starlette.responses import Response

from sigsearch.errors import RequestRefused, WriterUnknown
from sigsearch.server.access import Caller, needs
from sigsearch.server.answers import ListedJob
from sigsearch.server.api.documented import Segment, problems, router, told
from sigsearch.server.api.forms import texts
from sigsearch.server.jobs.archive import Archive
from sigsearch.server.jobs.kinds import age_of, upload_of
from sigsearch.server.service import Ours, Served, Service
from sigsearch.server.state.jobs import Job, Kind
from sigsearch.server.state.keys import KeyEntry

tasks = router()
_NO_JOB = "No such job."


@tasks.post("/jobs", status_code=202, response_model=ListedJob,
            responses=problems(not_found="No such writer."))  # fmt: skip
@needs("enrol")
async def add_job(
    service: Served,
    tenant: Ours,
    caller: Caller,
    kind: Annotated[Kind, Form(description="enrol, erase or retain.")],
    archive: Annotated[
        UploadFile | None, File(description="enrol: a ZIP with a folder for each writer.")
    ] = None,
    metadata: Annotated[str | None, Form(description="enrol: a JSON object of strings.")] = None,
    keep_images: Annotated[bool, Form(description="enrol: keep a scan of each image.")] = True,
    writer: Annotated[str | None, Form(description="erase: the writer's name.")] = None,
    keep: Annotated[
        str | None,
        Form(description="retain: erase writers whose latest reference is older, for example 2y."),
    ] = None,
    where: Annotated[
        str | None, Form(description="retain: only writers with this metadata, a JSON object.")
    ] = None,
    proof: Annotated[bool, Form(description="retain: erase with proof.")] = True,
) -> Response:
    """Start a job. It continues if the service is restarted."""
    about: dict[str, Any]
    run = service.work.run
    if kind == "enrol":
        if archive is None:
            raise RequestRefused("enrol needs an archive")
        about = {"metadata": texts(metadata, "metadata"), "keep_images": keep_images}
        number = secrets.token_urlsafe(9)
        await run(_stored, service, archive, number)
        return await run(_begun, service, caller, kind, about, number)
    if kind == "erase":
        if writer is None or tenant.index.numbers([tenant.held_name(writer)])[0] is None:
            raise WriterUnknown.of(writer or "")
        return await run(_begun, service, caller, kind, {"writer": tenant.held_name(writer)})
    if keep is None:
        raise RequestRefused("retain needs keep, such as 2y")
    age_of(keep)
    return await run(
        _begun,
        service,
        caller,
        kind,
        {"keep": keep, "where": texts(where, "where"), "proof": proof},
    )


def _stored(service: Service, archive: UploadFile, number: str) -> None:
    """Raises MediaRefused for what is no archive."""
    place = upload_of(service, number)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with place.open("wb") as file:
            shutil.copyfileobj(archive.file, file)
        Archive(place).close()
        service.state.archives.keep(number, place)
    except BaseException:
        place.unlink(missing_ok=True)
        raise


def _begun(
    service: Service, caller: KeyEntry, kind: Kind, about: dict[str, Any], number: str = ""
) -> Response:
    job = service.state.jobs.add(caller.tenant, caller.person, kind, about, number)
    reply = told(listed(job), 202)
    reply.headers["Location"] = f"/v1/jobs/{job.id}"
    return reply


def listed(job: Job) -> ListedJob:
    return ListedJob(
        job.id, job.kind, job.person, job.state, job.done, job.total, job.report, job.at,
        job.ended_at,
    )  # fmt: skip


@tasks.get("/jobs", response_model=list[ListedJob], responses=problems())
@needs("enrol", "audit")
def list_jobs(service: Served, caller: Caller) -> Response:
    """The latest hundred jobs."""
    return told([listed(one).to_dict() for one in service.state.jobs.all(caller.tenant)])


@tasks.get("/jobs/{id}", response_model=ListedJob, responses=problems(not_found=_NO_JOB))
@needs("enrol", "audit")
def get_job(id: Segment, service: Served, caller: Caller) -> Response:
    """The progress and the result of a job."""
    return told(listed(service.state.jobs.find(caller.tenant, id)))


@tasks.delete("/jobs/{id}", status_code=204, responses=problems(
    not_found=_NO_JOB, conflict="It is running, and will stop at its next step."))  # fmt: skip
@needs("enrol")
def delete_job(id: Segment, service: Served, tenant: Ours, caller: Caller) -> Response:
    """Stop a job, or delete one that has ended."""
    service.state.jobs.drop(tenant.name, id)
    service.state.archives.drop(id, upload_of(service, id))
    return Response(status_code=204)
