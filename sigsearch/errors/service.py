"""The service, its keys, cases and jobs."""

from __future__ import annotations

from sigsearch.errors.base import SigsearchError


class ServiceFault(SigsearchError):
    """The service refuses a request."""

    code = "service"


class NotSignedIn(ServiceFault):
    """No key was given, or one that is unknown or revoked."""

    code = "not_signed_in"


class ProviderFault(ServiceFault):
    """The provider that vouches for people (OpenID Connect) does not answer as it should."""

    code = "provider"


class NotAllowed(ServiceFault):
    """The key does not have the role for this."""

    code = "not_allowed"


class RequestRefused(ServiceFault):
    """The request does not fit this address: its form, its type or a part of it is wrong."""

    code = "request"


class BodyTooLarge(ServiceFault):
    """The request is larger than the service accepts. Send fewer files at once."""

    code = "body_too_large"


class BodyTooSlow(ServiceFault):
    """The request took too long to arrive."""

    code = "body_too_slow"


class MediaRefused(ServiceFault):
    """The service does not accept content of this type, or packed in this way."""

    code = "media_refused"


class TooManyRequests(ServiceFault):
    """This key sends more requests than it may. Wait as long as Retry-After says."""

    code = "too_many_requests"


class ServiceBusy(ServiceFault):
    """Too many requests are waiting. Try again after Retry-After."""

    code = "service_busy"


class TenantUnknown(ServiceFault):
    """There is no tenant with this name."""

    code = "tenant_unknown"


class KeyUnknown(ServiceFault):
    """There is no key with this id."""

    code = "key_unknown"


class EvidenceUnknown(ServiceFault):
    """There is no evidence with this id."""

    code = "evidence_unknown"


class EvidenceGone(ServiceFault):
    """The evidence was erased with its writer, or has expired."""

    code = "evidence_gone"


class EvidenceChanged(ServiceFault):
    """A sheet can no longer be drawn: no image was kept, or the references have changed. The answer
    itself is still there as JSON."""

    code = "evidence_changed"


class JobUnknown(ServiceFault):
    """There is no job with this id."""

    code = "job_unknown"


class JobAtWork(ServiceFault):
    """The job is running. It will stop at its next step; ask again."""

    code = "job_at_work"


class CaseRefused(ServiceFault):
    """The case cannot be judged: it is decided, somebody else holds it, or you have judged it."""

    code = "case_refused"


class FormRefused(ServiceFault):
    """A form of the desk was not sent from the desk, or has expired. Load the page again."""

    code = "form_refused"


class RepeatedDifferently(ServiceFault):
    """An Idempotency-Key was already used with other content."""

    code = "repeated_differently"


class StillAtWork(ServiceFault):
    """The same request was sent before and is not answered yet."""

    code = "still_at_work"


class StateFault(SigsearchError):
    """The database in which the service keeps its keys and evidence cannot be used."""

    code = "service_state"


class NotServed(SigsearchError):
    """The service cannot listen on this address: it is in use, or not of this machine."""

    code = "not_served"
