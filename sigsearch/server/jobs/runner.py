"""The thread that does the jobs, one after another, and throws away what is past its time."""

from __future__ import annotations

import threading
import time

from sigsearch.errors import SigsearchError
from sigsearch.server.jobs.kinds import KINDS
from sigsearch.server.service import Service
from sigsearch.server.state.jobs import Job

_IDLE, _CLEANING = 0.5, 600.0  # seconds


class Runner:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._cleaned = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """After the step that is at work; the rest is done when the service is started again."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._clean()
                job = self._service.state.jobs.next()
                if job is not None:
                    self._do(job)
                    continue
            except Exception as fault:
                self._service.log.fault("jobs", fault)
            self._stop.wait(_IDLE)

    def _clean(self) -> None:
        if time.monotonic() - self._cleaned < _CLEANING and self._cleaned:
            return
        self._cleaned = time.monotonic()
        self._service.state.expire(time.time() - 86400 * self._service.settings.keep_days)

    def _do(self, job: Job) -> None:
        book, report = self._service.state.jobs, job.report or {}
        self._service.log.tell("job", id=job.id, kind=job.kind, tenant=job.tenant)
        try:
            tenant = self._service.tenants.open(job.tenant)
            for done, total, report in KINDS[job.kind](self._service, tenant, job):
                if not book.progress(job.id, done, total, report) and done != total:
                    book.end(job.id, "stopped", report)
                    return
                if self._stop.is_set() and done != total:
                    return
            book.end(job.id, "done", report)
        except SigsearchError as fault:
            problem = {"code": fault.code, "message": str(fault)}
            book.end(job.id, "failed", {**report, "error": problem})
        except Exception as fault:
            self._service.log.fault("bug", fault, job=job.id)
            problem = {"code": "internal", "message": "this is a bug in sigsearch; see the log"}
            book.end(job.id, "failed", {**report, "error": problem})
