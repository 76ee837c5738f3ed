"""Errors as answers: problem details for HTTP APIs (RFC 9457), with the error's own code."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from sigsearch import errors

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
STATUS: tuple[tuple[type[errors.SigsearchError], int], ...] = (
    (errors.NotSignedIn, 401),
    (errors.NotAllowed, 403),
    (errors.FormRefused, 403),
    (errors.TenantUnknown, 404),
    (errors.KeyUnknown, 404),
    (errors.EvidenceUnknown, 404),
    (errors.JobUnknown, 404),
    (errors.WriterUnknown, 404),
    (errors.ReferenceUnknown, 404),
    (errors.AccountUnknown, 404),
    (errors.BodyTooSlow, 408),
    (errors.EvidenceChanged, 409),
    (errors.StillAtWork, 409),
    (errors.JobAtWork, 409),
    (errors.CaseRefused, 409),
    (errors.EncoderMismatch, 409),
    (errors.WriterNamed, 409),
    (errors.ErasureRefused, 409),
    (errors.ErasureIncomplete, 409),
    (errors.VerifyOnly, 409),
    (errors.EvidenceGone, 410),
    (errors.BodyTooLarge, 413),
    (errors.ImageTooLarge, 413),
    (errors.MediaRefused, 415),
    (errors.NotAnImage, 415),
    (errors.RepeatedDifferently, 422),
    (errors.ImageError, 422),
    (errors.ReferenceRefused, 422),
    (errors.CalibrationError, 422),
    (errors.ArgumentRefused, 422),
    (errors.DatasetError, 422),
    (errors.TooManyRequests, 429),
    (errors.ServiceBusy, 503),
    (errors.ProviderFault, 503),
    (errors.IndexFault, 503),
    (errors.StateFault, 503),
    (errors.ExtraMissing, 503),
    (errors.ServiceFault, 400),
)
"""The first that fits says the status; what is none of these is a bug: 500."""
_RETRIED = (429, 503)


class Problem(dict[str, Any]):
    """An answer for what went wrong; `code` is that of docs/errors.md."""

    @classmethod
    def of(cls, fault: errors.SigsearchError) -> Problem:
        status = next((code for kind, code in STATUS if isinstance(fault, kind)), 500)
        told = cls.made(status, fault.code, str(fault))
        if isinstance(fault, errors.ErasureIncomplete):
            told["receipt"] = fault.receipt
        return told

    @classmethod
    def made(cls, status: int, code: str, detail: str) -> Problem:
        title = code.replace("_", " ")
        return cls(type="about:blank", title=title, status=status, detail=detail, code=code)

    def response(self, **headers: str) -> Response:
        status = int(self["status"])
        if status in _RETRIED:
            headers.setdefault("Retry-After", str(RETRY_SECONDS))
        if status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="sigsearch"'
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return JSONResponse(dict(self), status, named, media_type=MEDIA_TYPE)


def tell_problems(app: FastAPI) -> None:
    """Let `app` answer every error as a problem."""

    async def ours(_: Request, fault: Exception) -> Response:
        assert isinstance(fault, errors.SigsearchError)
        return Problem.of(fault).response()

    async def invalid(_: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestValidationError)
        told = "; ".join(_told(error) for error in fault.errors()[:5])
        return Problem.made(422, "request", told).response()

    async def refused(_: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        if isinstance(fault.__cause__, errors.SigsearchError):  # met while the body was read
            return Problem.of(fault.__cause__).response()
        code = {404: "no_such_address", 405: "no_such_method"}.get(fault.status_code, "request")
        return Problem.made(fault.status_code, code, str(fault.detail)).response(
            **dict(fault.headers or {})
        )

    async def unforeseen(_: Request, fault: Exception) -> Response:
        return Problem.made(
            500, "internal", "this is a bug in sigsearch; see the log of the service"
        ).response()

    app.add_exception_handler(errors.SigsearchError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, unforeseen)


def _told(error: Any) -> str:
    """Where and what, without the value, which may be a name or an image."""
    place = ".".join(map(str, error.get("loc", ())[1:]))
    return f"{place}: {error.get('msg', '')}".encode("ascii", "backslashreplace").decode()[:200]
